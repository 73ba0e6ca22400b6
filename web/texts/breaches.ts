/** What the hub sent that a page does not understand. */
export const breaches = {
  frameSize: (bytes: number) => `a frame of ${bytes} bytes`,
  offset: (offset: bigint) => `offset ${offset}`,
  field: (name: string, message: string) => `${name} in ${message}`,
  noJson: "a text that is no JSON",
  noObject: "a text that is no object",
  early: "output before opened",
  gap: (from: number, to: number) => `a gap in the output: ${from} to ${to}`,
  garbled: "something that is no instruction",
  unsent: "an acknowledgement of unsent input",
};
