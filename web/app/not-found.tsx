import Link from "next/link";
import { Compass } from "lucide-react";
import { routes } from "@/lib/routes";
import { buttonClass } from "@/ui/button";
import { Empty } from "@/ui/states";

export default function NotFound() {
  return (
    <main className="mx-auto max-w-lg px-4 py-24">
      <Empty icon={<Compass />} title="There is no such page" action={<Link href={routes.targets()} className={buttonClass("primary")}>Go to my targets</Link>}>
        The address may be mistyped, or the page may have moved.
      </Empty>
    </main>
  );
}
