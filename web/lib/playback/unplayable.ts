/** What was read cannot be played; the message says why, within a sentence. */
export class Unplayable extends Error {}
