/** Schedules: the calendar, the list and their dialogs. */
import type { ScheduledAccess } from "@/lib/api/schema";

export const schedulePages = {
  aboutAll: "Who may open what in windows alone. Grants stand beside them.",
  aboutOwn: "When you may open what. What is granted to you always is not among it.",
  view: "View",
  views: { calendar: "Calendar", list: "List" },

  none: "No schedules yet",
  noneAbout: "Let a user open a target for a shift, a maintenance window, or every Monday.",
  noneOwn: "No windows are planned for you",
  noneOwnAbout: "An administrator plans them. They show up here and among your targets.",
  noneSo: "No schedule stands so",
  anyStatus: "Any state",
  status: { pending: "To come", active: "Open now", expired: "Over", cancelled: "Cancelled" } satisfies Record<ScheduledAccess["status"], string>,
  when: "When",
  next: "Next",
  opens: (time: string) => `Opens ${time}`,
  closes: (time: string) => `Closes ${time}`,

  today: "Today",
  monthBefore: "Month before",
  monthBehind: "Next month",
  ownTimes: (zone: string) => `Times are yours (${zone}).`,
  noWindows: "No windows in this month.",
  more: (count: number) => `${count} more`,
  fewer: "Fewer",
  earlier: "Earlier days",
  tooMany: "There are more windows than these. The list has every schedule.",
  /** On one day of several. */
  until: (time: string) => `– ${time}`,
  lasts: "All day",
  window: (what: string, from: string, to: string) => `${what}, ${from} to ${to}`,
  /** Where there is little room. */
  inShort: (user: string, target: string) => `${user} · ${target}`,
  userOn: (user: string, target: string) => `${user} on ${target}`,

  create: "Create schedule",
  createAbout: "One user may open one target, in windows alone.",
  isCreated: (schedule: string) => `The schedule of ${schedule} is created.`,
  edit: "Edit",
  editTitle: (schedule: string) => `Edit the schedule of ${schedule}`,
  editAbout: "Sessions end as soon as no window is open any more. Limits hold for those that open from now on.",
  isChanged: (schedule: string) => `The schedule of ${schedule} is changed.`,
  cancel: "Cancel schedule",
  cancelAsking: "Cancel schedule…",
  cancelAsked: (schedule: string) => `Cancel the schedule of ${schedule}?`,
  cancelling: "Sessions that stood on it alone end at once. It stays in the list, and cannot be taken up again.",
  isCancelled: (schedule: string) => `The schedule of ${schedule} is cancelled.`,

  missing: "There is no such schedule any more.",
  nextWindows: "Next windows",
  noneLeft: "None is left.",
  terms: "Terms",
  noLimits: "No limits",
  metadata: "Metadata",
};
