import { expect, it } from "vitest";
import { heardOfFiles, saidOfFiles } from "./file-streams";

it("tells streams of files from a picture's by their numbers", () => {
  expect(heardOfFiles(["filesystem", "0", "OpenPAM"])).toEqual(["filesystem", "0", "OpenPAM"]);
  expect(heardOfFiles(["body", "0", "1026", "text/plain", "/a"])).toEqual(["body", "0", "1026", "text/plain", "/a"]);
  expect(heardOfFiles(["blob", "1026", "AAAA"])).toEqual(["blob", "1026", "AAAA"]);
  expect(heardOfFiles(["ack", "1024", "", "0"])).toEqual(["ack", "0", "", "0"]);
  expect(heardOfFiles(["blob", "2", "AAAA"])).toBeNull();
  expect(heardOfFiles(["ack", "0", "", "0"])).toBeNull();
  expect(heardOfFiles(["img", "1026", "14", "0", "image/png", "0", "0"])).toBeNull();
});

it("gives ours such numbers too, and says nothing else", () => {
  expect(saidOfFiles(["put", "0", "3", "text/plain", "/a"])).toEqual(["put", "0", "1027", "text/plain", "/a"]);
  expect(saidOfFiles(["blob", "3", "AAAA"])).toEqual(["blob", "1027", "AAAA"]);
  expect(saidOfFiles(["ack", "1026", "", "0"])).toEqual(["ack", "1026", "", "0"]);
  expect(saidOfFiles(["get", "0", "/"])).toEqual(["get", "0", "/"]);
  for (const other of [["sync", "1"], ["nop"], ["size", "1", "2"]]) expect(saidOfFiles(other)).toBeNull();
});
