//! The terminal's state as escape codes: what brings a reset terminal of the same size to it.
//!
//! Order matters. What leaves marks on a screen (tab stops, saved cursor, soft wraps) comes before its text; what
//! changes how text is read (charsets, modes) after all text. The character that was printed last is printed last
//! again, so that a joining character or REP that follows finds it.

use super::buffer::{Buffer, Saved, default_tabs};
use super::cell::{Cell, Flags, Pen};
use super::charset::Charset;
use super::line::Line;
use super::sgr;
use super::terminal::Terminal;

/// How much of what is on the screens is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    Full,
    /// Only the characters of the screen that is shown: at most four bytes a place.
    Text,
    Nothing,
}

/// Escape codes for the whole state; `None` if they take more than `limit` bytes.
pub(super) fn dump(terminal: &Terminal, detail: Detail, limit: usize) -> Option<String> {
    let Terminal { columns, .. } = *terminal;
    // A reset leaves these as they are.
    let mut writer = Writer { out: "\x1b[20l".to_owned(), pen: Pen::default(), columns, detail, limit };
    let below = &terminal.alternate.saved;
    if !terminal.on_alternate && *below != Saved::default() {
        writer.out.push_str("\x1b[?47h");
        writer.saved(below, terminal.rows);
        writer.out.push_str("\x1b[?47l");
    }
    writer.buffer(&terminal.main, terminal.rows, !terminal.on_alternate);
    if terminal.on_alternate {
        writer.pen(&Pen::default());
        writer.out.push_str("\x1b[?47h");
        writer.buffer(&terminal.alternate, terminal.rows, true);
    }
    writer.rest(terminal);
    (!writer.is_full()).then_some(writer.out)
}

/// Whether this is the character that a joining one would join: it stands left of the cursor, drawn with the pen.
fn printed_last(terminal: &Terminal) -> Option<&Cell> {
    let buffer = terminal.buffer();
    let at = buffer.column.checked_sub(usize::from(terminal.printed))?;
    let cell = buffer.line(buffer.row)?.cell(at)?;
    let is_it = terminal.printed > 0 && cell.char.is_some() && cell.width == terminal.printed;
    (is_it && cell.pen == terminal.pen.drawn()).then_some(cell)
}

struct Writer {
    out: String,
    /// The pen that the codes so far leave.
    pen: Pen,
    columns: usize,
    detail: Detail,
    /// Where writing stops making sense, in bytes.
    limit: usize,
}

impl Writer {
    const fn is_full(&self) -> bool {
        self.out.len() > self.limit
    }

    fn go_to(&mut self, column: usize, row: usize) {
        self.out.push_str(&format!("\x1b[{};{}H", row + 1, column + 1));
    }

    fn pen(&mut self, pen: &Pen) {
        if self.pen != *pen {
            sgr::write(&mut self.out, pen, Some(&self.pen));
            self.pen = pen.clone();
        }
    }

    fn designate(&mut self, level: usize, charset: Option<Charset>) {
        let mark = ["(", ")", "*", "+"].get(level).copied().unwrap_or_default();
        self.out.push_str(&format!("\x1b{mark}{}", char::from(charset.map_or(b'B', Charset::byte))));
    }

    fn saved(&mut self, saved: &Saved, rows: usize) {
        if *saved == Saved::default() {
            return;
        }
        let row = usize::try_from(saved.row).unwrap_or(0).min(rows - 1);
        self.go_to(saved.column.min(self.columns - 1), row);
        // The kind of underline is not saved, only that there is one.
        let underline = u8::from(saved.flags.has(Flags::UNDERLINE));
        let Saved { foreground, background, flags, .. } = *saved;
        self.pen(&Pen { foreground, background, flags, underline, ..Pen::default() });
        if saved.charset.is_some() {
            self.designate(0, saved.charset);
        }
        self.out.push_str("\x1b7");
        if saved.charset.is_some() {
            self.designate(0, None);
        }
        self.pen(&Pen::default());
    }

    fn buffer(&mut self, buffer: &Buffer, rows: usize, is_shown: bool) {
        self.saved(&buffer.saved, rows);
        if buffer.tabs != default_tabs(self.columns) {
            self.out.push_str("\x1b[3g");
            for tab in &buffer.tabs {
                self.go_to(*tab, 0);
                self.out.push_str("\x1bH");
            }
        }
        match self.detail {
            Detail::Full => self.lines(buffer),
            Detail::Text if is_shown => self.texts(buffer),
            Detail::Text | Detail::Nothing => {}
        }
        if (buffer.top, buffer.bottom) != (0, rows - 1) {
            self.out.push_str(&format!("\x1b[{};{}r", buffer.top + 1, buffer.bottom + 1));
        }
    }

    fn lines(&mut self, buffer: &Buffer) {
        for (row, _) in buffer.lines().enumerate().filter(|(_, line)| line.wrapped) {
            self.wrap_into(row);
        }
        // Whether the row below is a continuation: then the end of this one is marked.
        let mut wraps_below = false;
        for (row, line) in buffer.lines().enumerate().rev() {
            self.line(line, row, wraps_below);
            wraps_below = line.wrapped;
        }
    }

    fn texts(&mut self, buffer: &Buffer) {
        for (row, line) in buffer.lines().enumerate() {
            let text: String = line
                .cells()
                .filter(|cell| !cell.is_right_half())
                .map(|cell| cell.char.unwrap_or(' '))
                .collect();
            self.go_to(0, row);
            self.out.push_str(text.trim_end_matches(' '));
        }
    }

    /// Makes a row the continuation of the one above it; leaves an `x` at the end of that and at its own begin.
    fn wrap_into(&mut self, row: usize) {
        self.go_to(self.columns - 1, row.saturating_sub(1));
        self.out.push_str("xx");
        if row == 0 {
            // The row above is gone: it is made, and goes.
            self.out.push_str("\x1b[H\x1b[M");
        }
    }

    /// The row's text. `ends_marked` tells that the last place is not fresh.
    fn line(&mut self, line: &Line, row: usize, ends_marked: bool) {
        let is_marked =
            |column: usize| column == 0 && line.wrapped || column + 1 == line.len() && ends_marked;
        // Where the cursor is, once it is in this row.
        let mut here = None;
        let mut column = 0;
        while let Some(cell) = line.cell(column).filter(|_| !self.is_full()) {
            let blanks = run_of_blanks(line, column);
            if blanks > 0 {
                let marked = (column..column + blanks).any(is_marked);
                if cell.pen != Pen::default() || marked {
                    self.reach(&mut here, column, row);
                    self.pen(&cell.pen);
                    self.out.push_str(&format!("\x1b[{blanks}X"));
                }
                column += blanks;
                continue;
            }
            if cell.width == 0 {
                // A joining character that stands alone would join what is printed right before it.
                here = None;
            }
            self.reach(&mut here, column, row);
            self.pen(&cell.pen);
            self.cell(cell);
            column += usize::from(cell.width.max(1));
            // Behind the last column the cursor waits.
            here = (column < line.len()).then_some(column);
        }
    }

    fn reach(&mut self, here: &mut Option<usize>, column: usize, row: usize) {
        if *here != Some(column) {
            self.go_to(column, row);
            *here = Some(column);
        }
    }

    fn cell(&mut self, cell: &Cell) {
        self.out.push(cell.char.unwrap_or(' '));
        self.out.push_str(cell.joined.as_ref().map_or("", |joined| joined));
    }

    /// Everything that is not on a screen.
    fn rest(&mut self, terminal: &Terminal) {
        let buffer = terminal.buffer();
        let printed = printed_last(terminal);
        let row = if terminal.modes.origin { buffer.row.saturating_sub(buffer.top) } else { buffer.row };
        if terminal.modes.origin {
            self.out.push_str("\x1b[?6h");
        }
        let is_restored =
            has_restored_charset(terminal) && (printed.is_some() || buffer.column < self.columns);
        if is_restored {
            self.charsets(terminal, None);
            self.pen(&Pen::default());
            self.out.push_str("\x1b8\x1b[m");
        }
        if printed.is_none() {
            self.cursor(buffer, row);
        }
        self.pen(&terminal.pen);
        if !is_restored {
            self.charsets(terminal, Some(terminal.charset));
        }
        if let Some(cell) = printed {
            self.go_to(buffer.column - usize::from(cell.width), row);
            if terminal.modes.insert {
                // Room that the character takes again.
                self.out.push_str(&format!("\x1b[{}P", cell.width));
            }
        }
        terminal.modes.dump(&mut self.out);
        if let Some(cell) = printed {
            self.cell(cell);
        } else if terminal.printed == 2 && terminal.modes.no_wrap && buffer.column + 1 == self.columns {
            // A wide character that found no room: it is not drawn this time either.
            self.out.push('漢');
        }
    }

    /// Where the cursor is. If it waits behind the last column, the character there is printed again.
    fn cursor(&mut self, buffer: &Buffer, row: usize) {
        if buffer.column < self.columns {
            self.go_to(buffer.column, row);
            return;
        }
        let Some(line) = buffer.line(buffer.row) else { return };
        let last = self.columns - 1;
        let at = if line.cell(last).is_some_and(Cell::is_right_half) { last.saturating_sub(1) } else { last };
        let Some(cell) = line.cell(at) else { return };
        self.go_to(at, row);
        self.pen(&cell.pen);
        self.cell(cell);
        if run_of_blanks(line, 0) == line.len() {
            // The row was erased behind the waiting cursor's back.
            self.out.push_str("\x1b[1K");
        }
    }

    /// G0 to G3 and which of them is used; `used` is what that one stands for, if not what was designated.
    fn charsets(&mut self, terminal: &Terminal, used: Option<Option<Charset>>) {
        for (level, charset) in terminal.charsets.iter().enumerate() {
            let charset = used.filter(|_| level == terminal.level).unwrap_or(*charset);
            if charset.is_some() {
                self.designate(level, charset);
            }
        }
        self.out.push_str(match terminal.level {
            1 => "\x0e",
            2 => "\x1bn",
            3 => "\x1bo",
            _ => "",
        });
    }
}

/// Whether DECRC brought a charset that is not the designated one, and would bring it again.
fn has_restored_charset(terminal: &Terminal) -> bool {
    let designated = terminal.charsets.get(terminal.level).copied().flatten();
    terminal.charset != designated && terminal.charset == terminal.buffer().saved.charset
}

/// How many places from `column` on are blank in the same way.
fn run_of_blanks(line: &Line, column: usize) -> usize {
    let Some(first) = line.cell(column).filter(|cell| cell.char.is_none() && cell.pen.is_erasing()) else {
        return 0;
    };
    line.cells().skip(column).take_while(|cell| cell.char.is_none() && cell.pen == first.pen).count()
}
