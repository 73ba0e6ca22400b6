"use client";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { routes } from "@/lib/routes";
import { anywhere } from "@/texts/anywhere";

export default function Home() {
  const router = useRouter();
  useEffect(() => router.replace(routes.targets()), [router]);
  return <p className="sr-only" role="status">{anywhere.loading}</p>;
}
