/** Who is told that the sign-in has ended while a page is open: the page itself, if it can ask for another one in place. */
let told: (() => void) | null = null;

/** From now on the page is told; the answer ends that. */
export function whenSignedOut(tell: () => void): () => void {
  told = tell;
  return () => {
    if (told === tell) told = null;
  };
}

/** The hub answered as to a nobody; `false` if the page cannot do anything about it. */
export function tellSignedOut(): boolean {
  told?.();
  return told !== null;
}
