import { expect, it } from "vitest";
import { isWebAddress, opensLink } from "./links";

it.each(["https://example.org/a?b#c", "http://10.0.0.1:8080", "HTTPS://EXAMPLE.ORG"])("%s is opened", (address) => {
  expect(isWebAddress(address)).toBe(true);
});

it.each(["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ssh://host", "https://", "example.org", "https://bank.example@evil.example/"])("%s is not", (address) => {
  expect(isWebAddress(address)).toBe(false);
});

it("only with Ctrl or Cmd", () => {
  expect(opensLink({ ctrlKey: false, metaKey: false })).toBe(false);
  expect(opensLink({ ctrlKey: true, metaKey: false })).toBe(true);
  expect(opensLink({ ctrlKey: false, metaKey: true })).toBe(true);
});
