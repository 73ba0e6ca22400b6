/** What can be done with one thing that is kept, whatever it is. */
export const changes = {
  change: "Change",
  changeOne: (name: string) => `Change ${name}`,
  edit: "Edit…",
  disableAsking: "Disable…",
  disable: "Disable",
  enable: "Enable",
  deleteAsking: "Delete…",
  delete: "Delete",
  enabled: "Enabled",
  disabled: "Disabled",
  disabledOne: (name: string) => `${name} (disabled)`,
};

/** The same in sentences that name what it is: "Zone", "Target", … */
export const changesOf = (what: string) => ({
  isEnabled: (name: string) => `${what} ${name} is enabled.`,
  disableAsked: (name: string) => `Disable ${what.toLowerCase()} ${name}?`,
  isDisabled: (name: string) => `${what} ${name} is disabled.`,
  deleteAsked: (name: string) => `Delete ${what.toLowerCase()} ${name}?`,
  isDeleted: (name: string) => `${what} ${name} is deleted.`,
});

export type Changes = ReturnType<typeof changesOf>;
