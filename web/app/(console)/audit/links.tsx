import Link from "next/link";
import { routes } from "@/lib/routes";

const LOOK = "text-accent underline";

/** To all that is known of a person. */
export function PersonLink({ id, name }: { id: string; name: string }) {
  return <Link href={routes.person(id)} className={LOOK}>{name}</Link>;
}

/** To all that is known of a target. */
export function TargetLink({ id, name }: { id: string; name: string }) {
  return <Link href={routes.targetStory(id)} className={LOOK}>{name}</Link>;
}
