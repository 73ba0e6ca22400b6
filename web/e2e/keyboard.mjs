// A page used by keyboard alone, as somebody does who has no mouse: with Tab to a thing, then a key.

/** More than any page has to tab through. */
const MAX_TABS = 80;
const MAX_ITEMS = 20;
const MOVES_MS = 500;

const hasFocus = (what) => what.evaluateAll((found) => found.includes(document.activeElement));

/** Goes on with the Tab key until the focus is on it. */
export async function tabTo(what, key = "Tab") {
  await what.first().waitFor({ state: "attached" });
  for (let tab = 0; tab < MAX_TABS; tab += 1) {
    if (await hasFocus(what)) return;
    await what.page().keyboard.press(key);
  }
  throw new Error(`the Tab key does not reach ${what}`);
}

/** The same, and presses it. */
export async function press(what, key = "Enter") {
  await tabTo(what);
  await what.page().keyboard.press(key);
}

/** Types into a field, instead of what is there. */
export async function write(field, text) {
  const { keyboard } = field.page();
  await tabTo(field);
  await keyboard.press("Control+A");
  if (text === "") return keyboard.press("Delete");
  for (const [index, line] of text.split("\n").entries()) {
    if (index > 0) await keyboard.press("Enter");
    await keyboard.type(line);
  }
}

/** Chooses in a list by the letters that it begins with. */
export async function select(list, label) {
  // What there is to choose may have to be loaded first.
  await list.and(list.page().locator(":not([aria-busy=true])")).waitFor();
  await tabTo(list);
  await list.page().keyboard.type(label);
  const chosen = await list.evaluate((element) => element.selectedOptions[0]?.label);
  if (chosen !== label) throw new Error(`${label} cannot be chosen by its letters, only ${chosen}`);
}

/** Switches a choice of a few with the arrow keys. */
export async function pick(radio) {
  const name = await radio.getAttribute("name");
  await tabTo(radio.page().locator(`input[type="radio"][name="${name}"]`));
  for (let item = 0; item < MAX_ITEMS; item += 1) {
    if (await radio.isChecked()) return;
    await radio.page().keyboard.press("ArrowRight");
  }
  throw new Error(`the arrow keys do not reach ${radio}`);
}

/** Opens a menu and chooses in it with the arrow keys. */
export async function chooseIn(button, name) {
  const page = button.page();
  await press(button);
  const item = page.getByRole("menuitem", { name });
  await item.waitFor();
  for (let at = 0; at < MAX_ITEMS; at += 1) {
    if (await hasFocus(item)) return page.keyboard.press("Enter");
    // The menu moves its focus a moment after the key.
    const before = await page.evaluateHandle(() => document.activeElement);
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction((element) => document.activeElement !== element, before, { timeout: MOVES_MS }).catch(() => undefined);
  }
  throw new Error(`the arrow keys do not reach ${item}`);
}
