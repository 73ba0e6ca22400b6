/**
 * The state of an xterm.js terminal: what it shows, and what it will go by. Read from its inside: the public API
 * tells neither margins nor tab stops nor the saved cursor, and is too slow for a check per byte.
 *
 * Two states count as equal where they cannot be told apart:
 * - colour bits that the colour's kind does not use; underline bits of a cell that is not underlined;
 * - a cell without a character and one with a space, if the cell has attributes beyond a background colour (a space
 *   is how such a cell can be written), and in the column beside a cursor that waits to wrap;
 * - a saved cursor above the screen and one in its first row.
 */

const DEFAULT = 0;
const RGB = 0x3000000;
const COLOUR_KIND = 0x3000000;
const FLAGS = 0xfc000000;
const UNDERLINE = 0x10000000;
const EXTENDED = 0x10000000;
const COMBINED = 0x200000;
const CODEPOINT = 0x1fffff;

function colour(value) {
  const kind = value & COLOUR_KIND;
  if (kind === DEFAULT) return 0;
  return kind === RGB ? value & 0x3ffffff : value & 0x30000ff;
}

function mix(hash, value) {
  const mixed = Math.imul(hash ^ value, 0x01000193);
  return mixed ^ (mixed >>> 15);
}

function mixText(hash, text) {
  let mixed = mix(hash, text.length);
  for (let at = 0; at < text.length; at++) mixed = mix(mixed, text.charCodeAt(at));
  return mixed;
}

const core = (terminal) => terminal._core;

/** The address and id of the link of extended attributes. */
function link(terminal, extended) {
  const data = core(terminal)._oscLinkService.getLinkData(extended?.urlId ?? 0);
  return data === undefined ? "" : `${data.id ?? ""};${data.uri}`;
}

/** Attributes as a list of numbers and texts. */
function attributes(terminal, fg, bg, extended) {
  const isExtended = (bg & EXTENDED) !== 0;
  let style = 0;
  if (fg & UNDERLINE) style = isExtended ? (extended?._ext >> 26) & 7 : 1;
  const underlineColour = style === 0 ? 0 : colour(extended?.underlineColor ?? 0);
  return [
    colour(fg),
    colour(bg),
    (fg & FLAGS & ~UNDERLINE) >>> 0,
    (bg & FLAGS & ~EXTENDED) >>> 0,
    style,
    underlineColour,
    isExtended ? link(terminal, extended) : "",
  ];
}

/** A cell as text. */
function cellText(terminal, line, column, waits) {
  const content = line._data[column * 3];
  const [fg, bg] = [line._data[column * 3 + 1], line._data[column * 3 + 2]];
  const look = attributes(terminal, fg, bg, line._extendedAttrs[column]);
  let text = content & COMBINED ? line._combined[column] : String.fromCodePoint(content & CODEPOINT);
  if (text === "\0") {
    const [foreground, , ...others] = look;
    const isErased = foreground === 0 && others.every((value) => value === 0 || value === "");
    text = content >>> 22 === 1 && (waits || !isErased) ? " " : "";
  }
  return JSON.stringify([text, content >>> 22, ...look]);
}

/** Whether extended attributes say nothing. */
function isPlain(fg, extended) {
  const isUnderlined = (fg & UNDERLINE) !== 0 && ((extended?._ext >> 26) & 7) !== 0;
  return !isUnderlined && !extended?.urlId;
}

function mixLine(begin, terminal, line, waits) {
  let hash = mix(begin, line.isWrapped ? 1 : 0);
  const data = line._data;
  const last = line.length * 3 - 3;
  for (let at = 0; at <= last; at += 3) {
    const content = data[at];
    let fg = data[at + 1];
    let bg = data[at + 2];
    if ((bg & EXTENDED) !== 0 && isPlain(fg, line._extendedAttrs[at / 3])) {
      fg &= ~UNDERLINE;
      bg &= ~EXTENDED;
    }
    if ((content & COMBINED) !== 0 || (bg & EXTENDED) !== 0 || (fg & UNDERLINE) !== 0) {
      hash = mixText(hash, cellText(terminal, line, at / 3, waits && at === last));
      continue;
    }
    const drawn = fg === 0 ? 0 : colour(fg) | (fg & FLAGS);
    const ground = bg === 0 ? 0 : colour(bg) | (bg & FLAGS);
    const isBlank = (content & CODEPOINT) === 0 && content >>> 22 === 1;
    const isSpace = isBlank && (drawn !== 0 || (ground & FLAGS) !== 0 || (waits && at === last));
    hash = mix(hash, isSpace ? content | 32 : content);
    if (drawn !== 0) hash = mix(hash, drawn);
    if (ground !== 0) hash = mix(~hash, ground);
  }
  return hash;
}

/** What is not in cells, by name. */
function rest(terminal) {
  const { _bufferService, coreService, _charsetService, coreMouseService, optionsService, _inputHandler } =
    core(terminal);
  const { active, normal, alt } = _bufferService.buffers;
  const { rows, cols } = _bufferService;
  const pen = _inputHandler._curAttrData;
  const saved = (buffer) => [
    Math.min(buffer.savedX, cols - 1),
    Math.min(Math.max(buffer.savedY - buffer.ybase, 0), rows - 1),
    ...attributes(terminal, buffer.savedCurAttrData.fg, buffer.savedCurAttrData.bg, undefined).slice(0, 4),
    buffer.savedCharset?.["|"] ?? "",
    buffer.savedCharset?.["#"] ?? "",
  ];
  const charset = (set) => (set === undefined ? "" : JSON.stringify(set));
  const { cursorBlink, cursorStyle, ...modes } = coreService.decPrivateModes;
  return {
    "active screen": active === normal ? "main" : "alternate",
    column: active.x,
    row: active.y,
    pen: attributes(terminal, pen.fg, pen.bg, pen.extended),
    margins: [normal.scrollTop, normal.scrollBottom, ...(active === alt ? [alt.scrollTop, alt.scrollBottom] : [])],
    tabs: [Object.keys(normal.tabs).join(), active === alt ? Object.keys(alt.tabs).join() : ""],
    "saved cursor": [saved(normal), saved(alt)],
    charset: charset(_charsetService.charset),
    charsets: [_charsetService.glevel, ...[0, 1, 2, 3].map((set) => charset(_charsetService._charsets[set]))],
    modes: [...Object.values(modes), coreService.modes.insertMode, optionsService.rawOptions.convertEol],
    "public modes": Object.values(terminal.modes),
    cursor: [coreService.isCursorHidden, cursorStyle ?? "", cursorBlink ?? ""],
    mouse: [coreMouseService.activeProtocol, coreMouseService.activeEncoding],
    title: _inputHandler._windowTitle,
    "last character": (_inputHandler._parser.precedingJoinState >> 1) & 3,
    "parser state": _inputHandler._parser.currentState,
  };
}

/** The rows of the active screen and, under the alternate one, of the main screen. */
function screens(terminal) {
  const { active, normal } = core(terminal)._bufferService.buffers;
  return active === normal ? [["main", normal]] : [["alternate", active], ["main", normal]];
}

/** A number for the whole state. */
export function fingerprint(terminal) {
  const { rows, cols, buffers } = core(terminal)._bufferService;
  let hash = mixText(0x811c9dc5, JSON.stringify(rest(terminal)));
  for (const [, buffer] of screens(terminal)) {
    for (let row = 0; row < rows; row++) {
      const waits = row === buffer.y && buffer.x === cols;
      hash = mixLine(hash, terminal, buffer.lines.get(buffer.ybase + row), waits);
    }
  }
  return hash >>> 0;
}

/** How `actual` differs from `expected`, in words. */
export function differences(expected, actual) {
  const found = [];
  const [left, right] = [rest(expected), rest(actual)];
  for (const key of Object.keys(left)) {
    const [wanted, got] = [JSON.stringify(left[key]), JSON.stringify(right[key])];
    if (wanted !== got) found.push(`${key} ${got}, not ${wanted}`);
  }
  if (left["active screen"] !== right["active screen"]) return found;
  const { rows, cols } = core(expected)._bufferService;
  const [wanted, got] = [screens(expected), screens(actual)];
  for (const [index, [name, buffer]] of wanted.entries()) {
    const other = got[index][1];
    for (let row = 0; row < rows; row++) {
      const [line, otherLine] = [buffer.lines.get(buffer.ybase + row), other.lines.get(other.ybase + row)];
      if (line.isWrapped !== otherLine.isWrapped) found.push(`${name} row ${row} wrapped ${otherLine.isWrapped}`);
      for (let column = 0; column < cols; column++) {
        const waits = buffer.x === cols && row === buffer.y && column === cols - 1;
        const [want, have] = [cellText(expected, line, column, waits), cellText(actual, otherLine, column, waits)];
        if (want !== have) found.push(`${name} row ${row} column ${column} ${have}, not ${want}`);
      }
    }
  }
  return found;
}

/** The text of all rows that went above the main screen since the terminal was reset. */
export function scrolledOff(terminal) {
  const { normal } = core(terminal)._bufferService.buffers;
  return Array.from({ length: normal.ybase }, (_, row) => normal.lines.get(row).translateToString(true));
}
