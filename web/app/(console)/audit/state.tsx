import { anywhere } from "@/texts/anywhere";
import { story } from "@/texts/story";
import { Badge } from "@/ui/badge";
import { EnabledBadge } from "../_components/row-actions";

/** Enabled, disabled, or deleted and kept for the books. */
export function StateBadge({ enabled, retired_at: retired }: { enabled: boolean; retired_at?: string | null }) {
  return retired ? <Badge tone="bad" dot title={story.deletedAbout}>{anywhere.deleted}</Badge> : <EnabledBadge enabled={enabled} />;
}
