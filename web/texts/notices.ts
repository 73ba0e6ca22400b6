/** What is said of a session while it runs. */
export const notices = {
  endsIdle: "This session ends soon, since nothing was done in it for a while. Type something to keep it.",
  endsWindow: "This session ends soon: then your access window is over. Save your work.",
  endsLongest: "This session ends soon: it will have lasted as long as your grant allows. Save your work.",
  /** For a notice that comes without words of its own. */
  said: {
    ends_soon: "This session ends soon. Finish what you are at.",
    output_gap: "Some output before this is no longer kept at the site.",
  } as Record<string, string>,
  other: (code: string) => `Notice from the hub: ${code}`,
};
