import { expect, it } from "vitest";
import { KeyRelay } from "./key-relay";

function rig() {
  const sent: [boolean, number][] = [];
  const line = { up: true };
  const relay = new KeyRelay((pressed, keysym) => {
    if (line.up) sent.push([pressed, keysym]);
    return line.up;
  });
  return { relay, line, sent };
}

it("keys go as they are pressed and released", () => {
  const { relay, sent } = rig();
  relay.press(97);
  relay.release(97);
  relay.release(97);
  expect(sent).toEqual([[true, 97], [false, 97]]);
});

it("a key that is let go while the line is lost is released when it is back", () => {
  const { relay, line, sent } = rig();
  relay.press(0xffe3);
  line.up = false;
  relay.release(0xffe3);
  relay.press(98);
  relay.release(98);
  relay.settle();
  line.up = true;
  relay.settle();
  relay.settle();
  expect(sent).toEqual([[true, 0xffe3], [false, 0xffe3]]);
});

it("a key that is pressed again meanwhile is not let go", () => {
  const { relay, line, sent } = rig();
  relay.press(97);
  line.up = false;
  relay.release(97);
  line.up = true;
  relay.press(97);
  relay.settle();
  expect(sent).toEqual([[true, 97], [true, 97]]);
});
