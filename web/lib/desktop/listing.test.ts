import { expect, it } from "vitest";
import { FOLDER_TYPE, readListing, trail, within } from "./listing";

it("a folder's listing has folders first, each kind by name", () => {
  const text = JSON.stringify({ "/b.txt": "application/octet-stream", "/Download": FOLDER_TYPE, "/a b.txt": "text/plain", "/.": FOLDER_TYPE, "/..": FOLDER_TYPE });
  expect(readListing(text)).toEqual([
    { name: "Download", path: "/Download", isFolder: true },
    { name: "a b.txt", path: "/a b.txt", isFolder: false },
    { name: "b.txt", path: "/b.txt", isFolder: false },
  ]);
  for (const bad of ["", "[]", "7", "{"]) expect(readListing(bad)).toBeNull();
});

it("a folder's way from the top is known, and a name never leads out of its folder", () => {
  expect(trail("/")).toEqual([{ name: "", path: "/" }]);
  expect(trail("/a/b").map(({ path }) => path)).toEqual(["/", "/a", "/a/b"]);
  expect(within("/", "x.txt")).toBe("/x.txt");
  expect(within("/a", "../../etc/pass\\wd")).toBe("/a/.._.._etc_pass_wd");
});
