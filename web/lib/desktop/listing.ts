/** What a drive's folder holds, as guacd lists it: names of streams, each with its media type. Pure. */

/** guacd's own media type for a folder. */
export const FOLDER_TYPE = "application/vnd.glyptodon.guacamole.stream-index+json";
export const ROOT = "/";

export interface Entry {
  name: string;
  /** Of the stream that holds it. */
  path: string;
  isFolder: boolean;
}

const lastName = (path: string): string => path.replace(/\/+$/, "").split("/").at(-1) ?? "";

/** `null` for what is no listing. Folders first, each kind by name. */
export function readListing(text: string): Entry[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return null;
  return Object.entries(json)
    .map(([path, type]) => ({ name: lastName(path), path, isFolder: type === FOLDER_TYPE }))
    .filter(({ name }) => name !== "" && name !== "." && name !== "..")
    .sort((one, other) => Number(other.isFolder) - Number(one.isFolder) || one.name.localeCompare(other.name));
}

/** The folder and those around it, from the root on. */
export function trail(folder: string): { name: string; path: string }[] {
  const names = folder.split("/").filter(Boolean);
  return [{ name: "", path: ROOT }, ...names.map((name, at) => ({ name, path: `/${names.slice(0, at + 1).join("/")}` }))];
}

/** A name in a folder; what would lead out of it is no part of a name. */
export const within = (folder: string, name: string): string => `${folder.replace(/\/+$/, "")}/${name.replace(/[\\/]/g, "_")}`;
