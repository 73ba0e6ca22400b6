/**
 * What is about files among a desktop's instructions. They belong to the session and not to a picture, so that a file goes on
 * while pictures come and go; a client of their own reads them. The site numbers its streams of files from 1024 on; ours are
 * told it so too, and nobody takes them for a picture's. Pure.
 */

export const FIRST = 1024;

const OPENINGS = new Set(["filesystem", "undefine", "body", "file"]);
const PIECES = new Set(["blob", "end", "ack"]);
/** Where an instruction has the number of a stream that is ours. */
const OURS: Record<string, number> = { put: 2, file: 1, blob: 1, end: 1 };
const SAID = new Set(["put", "get", "file", "blob", "end", "ack"]);

const moved = (instruction: readonly string[], at: number, by: number): string[] => instruction.map((element, index) => (index === at ? String(Number(element) + by) : element));

/** As the client of files reads it; `null`: it is the picture's. */
export function heardOfFiles(instruction: readonly string[]): string[] | null {
  const [opcode = "", stream] = instruction;
  if (OPENINGS.has(opcode)) return [...instruction];
  if (!PIECES.has(opcode) || Number(stream) < FIRST) return null;
  return opcode === "ack" ? moved(instruction, 1, -FIRST) : [...instruction];
}

/** As the site is told it; `null`: that client has nothing else to say. */
export function saidOfFiles(instruction: readonly string[]): string[] | null {
  const [opcode = ""] = instruction;
  if (!SAID.has(opcode)) return null;
  const at = OURS[opcode];
  return at === undefined ? [...instruction] : moved(instruction, at, FIRST);
}
