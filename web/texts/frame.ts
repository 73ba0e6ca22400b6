/** What surrounds every page of the console, and what stands there instead of one. */
export const frame = {
  about: "Shells and desktops on machines behind any link, from a browser, recorded.",
  skip: "Skip to content",
  menu: "Menu",
  closeMenu: "Close menu",

  account: "Account",
  accountOf: (name: string) => `Account: ${name}`,
  accountBefore: "Account: ",
  light: "Light",
  dark: "Dark",
  asSystem: "As the system",

  forbidden: "This page is not for your role",
  forbiddenAbout: (username: string, role: string) => `You are signed in as ${username} (${role}). Ask an administrator if you need it.`,

  missing: "There is no such page",
  missingAbout: "The address may be mistyped, or the page may have moved.",
  toTargets: "Go to my targets",
};
