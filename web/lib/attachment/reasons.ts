/** Why a session is over, in two or three words; a code that is newer than this page as it is. */
import { endings } from "@/texts/endings";

export const reasonWords = (code: string): string => endings.reasons[code] ?? code.replaceAll("_", " ");
