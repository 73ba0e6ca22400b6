/** Trying a target without opening it. */
export const targetTest = {
  testOf: (target: string) => `Test of ${target}`,
  testAbout: (zone: string) => `Site ${zone} reaches it, compares its host key and signs in. No session is opened.`,
  trying: "Trying. This takes up to 20 seconds where nothing answers.",
  letIn: (account: string) => `The target let ${account} in. Whoever has a grant can open it.`,
  failedAt: (hop: string) => `It failed at the ${hop.toLowerCase()}`,
  testAgain: "Test again",
};
