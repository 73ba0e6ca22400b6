/** Groups and their members. */
import { changesOf } from "./changes";

export const groups = {
  about: "Users who get the same grants.",
  search: "Search groups",
  none: "No groups yet",
  noneAbout: "Put users together who open the same targets, and grant to the group.",

  members: "Members",
  membersOf: (group: string) => `Members of ${group}`,
  nobody: "Nobody yet",

  changes: changesOf("Group"),
  deleting: "Its members lose its grants at once; sessions that stood on these alone end. The users stay.",

  create: "Create group",
  createAbout: "Its members are chosen next.",
  isCreated: (group: string) => `Group ${group} is created.`,
  edit: (group: string) => `Edit group ${group}`,
  isChanged: (group: string) => `Group ${group} is changed.`,
  nameExample: "Maintenance",

  person: (username: string, name: string) => `${username} (${name})`,
  userToAdd: "User to add",
  chooseUser: "Choose a user to add",
  everyUser: "Every user is in this group.",
  everyUserWhy: "Every user is in this group",
  chooseFirst: "Choose a user first",
  theUser: "The user",
  add: "Add",
  isAdded: (user: string, group: string) => `${user} is in group ${group}.`,
  noMembers: "Nobody is in this group yet.",
  remove: "Remove",
  removeFrom: (user: string, group: string) => `Remove ${user} from ${group}`,
  removeAsked: (user: string, group: string) => `Remove ${user} from ${group}?`,
  removing: "They lose the group’s grants at once; sessions that stood on these alone end.",
  isRemoved: (user: string, group: string) => `${user} is no longer in group ${group}.`,
};
