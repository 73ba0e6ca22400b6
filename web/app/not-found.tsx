import Link from "next/link";
import { Compass } from "lucide-react";
import { routes } from "@/lib/routes";
import { frame } from "@/texts/frame";
import { buttonClass } from "@/ui/button";
import { Empty } from "@/ui/states";

export default function NotFound() {
  return (
    <main className="mx-auto max-w-lg px-4 py-24">
      <Empty icon={<Compass />} title={frame.missing} action={<Link href={routes.targets()} className={buttonClass("primary")}>{frame.toTargets}</Link>}>
        {frame.missingAbout}
      </Empty>
    </main>
  );
}
