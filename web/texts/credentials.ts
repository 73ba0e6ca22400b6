/** Accounts on targets, and their secrets. */
import { changesOf } from "./changes";

export const credentials = {
  about: "Accounts on targets. A secret goes in here and is never shown again.",
  search: "Search credentials",
  none: "No credentials yet",
  noneAbout: "A target can be opened once it has an account to sign in with.",

  kinds: { password: "Password", private_key: "Private key" },
  keptAt: "Secret kept at",

  changes: changesOf("Credential"),
  one: (account: string, target: string) => `${account} on ${target}`,
  disabling: "Sessions that use it end, and nobody can open the target with it until it is enabled again. The secret stays.",
  deleting: "Sessions that use it end, and its secret is deleted. The account on the target stays as it is.",

  create: "Create credential",
  createAbout: "An account on a target.",
  isCreated: (account: string, target: string) => `The credential of ${account} on ${target} is created.`,
  edit: (account: string) => `Edit credential of ${account}`,
  editAbout: (target: string) => `On target ${target}. What is changed counts from the next session on.`,
  isChanged: (account: string, target: string) => `The credential of ${account} on ${target} is changed.`,

  noTarget: "There is no target yet. Create one first.",
  targetFirst: "Create a target first",
  accountExample: "root",
  accountHint: "The user name on the target.",
  secret: "Secret",
  keep: "Keep",
  newKinds: { password: "New password", private_key: "New private key" },
  key: "Private key",
  keyExample: "-----BEGIN OPENSSH PRIVATE KEY-----",
  keyHint: "Ed25519, ECDSA or RSA, in OpenSSH, PEM or PuTTY form. Its public key belongs in the account’s authorized_keys.",
  passphrase: "Passphrase (if the key has one)",
  passphraseHint: "Opens the key once, and is not kept.",
};
