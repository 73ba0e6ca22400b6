/** A shell on its page. */
export const shell = {
  steps: "Steps",
};
