/** Messages of the hub are fragments: as a sentence for people. */
export function asSentence(fragment: string): string {
  const upper = fragment.charAt(0).toUpperCase() + fragment.slice(1);
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
}
