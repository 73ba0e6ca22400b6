//! The terminal that the browser's terminal is: its two screens, its pen, its modes, and what printing does.
//!
//! It follows xterm.js, quirks included, since that is what reads what it says. Moving is in [`super::moving`],
//! erasing and inserting in [`super::editing`], the sequences that lead here in [`super::sequences`].

use std::sync::Arc;

use super::buffer::{Buffer, Saved};
use super::cell::{Cell, Pen};
use super::charset::Charset;
use super::link::Links;
use super::modes::Modes;
use super::width;

/// A character with more joining characters than this (in bytes) keeps only the first ones.
const MAX_JOINED_BYTES: usize = 64;

/// A terminal without scrollback.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) main: Buffer,
    pub(super) alternate: Buffer,
    pub(super) on_alternate: bool,
    pub(super) pen: Pen,
    /// G0 to G3, which of them is used, and what it stands for (DECRC may set another).
    pub(super) charsets: [Option<Charset>; 4],
    pub(super) level: usize,
    pub(super) charset: Option<Charset>,
    pub(super) modes: Modes,
    pub(super) links: Links,
    /// Columns of the character that was just printed, which a joining one joins and REP repeats; 0 if something else
    /// came after it.
    pub(super) printed: u8,
}

impl Terminal {
    pub(super) fn new(columns: usize, rows: usize) -> Self {
        Self {
            columns,
            rows,
            main: Buffer::new(columns, rows, true),
            alternate: Buffer::new(columns, rows, false),
            on_alternate: false,
            pen: Pen::default(),
            charsets: [None; 4],
            level: 0,
            charset: None,
            modes: Modes::default(),
            links: Links::default(),
            printed: 0,
        }
    }

    pub(super) const fn buffer(&self) -> &Buffer {
        if self.on_alternate { &self.alternate } else { &self.main }
    }

    pub(super) const fn buffer_mut(&mut self) -> &mut Buffer {
        if self.on_alternate { &mut self.alternate } else { &mut self.main }
    }

    pub(super) fn resize(&mut self, columns: usize, rows: usize) {
        (self.columns, self.rows) = (columns, rows);
        self.main.resize(columns, rows);
        self.alternate.resize(columns, rows);
        self.printed = 0;
    }

    /// RIS.
    pub(super) fn reset(&mut self) {
        let mut modes = std::mem::take(&mut self.modes);
        modes.reset();
        *self = Self { modes, ..Self::new(self.columns, self.rows) };
    }

    /// DECSTR.
    pub(super) fn soft_reset(&mut self) {
        let bottom = self.rows - 1;
        let buffer = self.buffer_mut();
        (buffer.top, buffer.bottom) = (0, bottom);
        buffer.saved = Saved::default();
        self.pen = Pen::default();
        self.modes.soft_reset();
        self.reset_charsets();
    }

    fn reset_charsets(&mut self) {
        self.charsets = [None; 4];
        (self.level, self.charset) = (0, None);
    }

    /// Whether all rows scroll, and nothing remembers how far.
    pub(super) const fn scrolls_whole_screen(&self) -> bool {
        let buffer = self.buffer();
        buffer.top == 0 && buffer.bottom + 1 == self.rows && (self.on_alternate || buffer.saved.row <= 0)
    }

    // Screens.

    pub(super) fn enter_alternate(&mut self) {
        if !self.on_alternate {
            self.alternate.clear(self.columns, self.rows, &self.pen.erasing());
            (self.alternate.column, self.alternate.row) = (self.main.column, self.main.row);
            self.on_alternate = true;
        }
    }

    pub(super) fn leave_alternate(&mut self) {
        if self.on_alternate {
            (self.main.column, self.main.row) = (self.alternate.column, self.alternate.row);
            // Nobody sees it again: entering it clears it.
            self.alternate.clear(self.columns, self.rows, &Pen::default());
            self.on_alternate = false;
        }
    }

    // Charsets.

    pub(super) const fn shift(&mut self, level: usize) {
        self.level = level;
        self.charset = match (level, self.charsets) {
            (0, [charset, ..]) | (1, [_, charset, ..]) | (2, [.., charset, _]) | (_, [.., charset]) => {
                charset
            }
        };
    }

    pub(super) fn designate(&mut self, level: usize, charset: Option<Charset>) {
        if let Some(place) = self.charsets.get_mut(level) {
            *place = charset;
        }
        if self.level == level {
            self.charset = charset;
        }
    }

    // Printing.

    pub(super) fn put(&mut self, char: char) {
        let char = match self.charset {
            Some(charset) if char < '\x7f' => charset.translate(char),
            _ => char,
        };
        let columns = self.columns;
        let own = width::columns(char);
        let joins = own == 0 && self.printed > 0;
        let width = if joins { self.printed } else { own };
        self.printed = width;
        let pen = self.pen.drawn();
        let (column, row) = (self.buffer().column, self.buffer().row);
        if let Some(line) = self.buffer_mut().line_mut(row) {
            line.clear_left_half_before(column, &pen);
        }
        if !joins && column + usize::from(width) > columns {
            if self.modes.no_wrap {
                self.buffer_mut().column = columns - 1;
                if width == 2 {
                    return;
                }
            } else {
                self.wrap(&pen);
            }
        }
        if joins && self.join(char) {
            return;
        }
        self.place(char, width, &pen);
    }

    /// The next row is reached by wrapping.
    fn wrap(&mut self, pen: &Pen) {
        let rows = self.rows;
        let erasing = pen.erasing();
        let buffer = self.buffer_mut();
        let (column, row) = (buffer.column, buffer.row);
        if let Some(line) = buffer.line_mut(row) {
            line.fill(column..line.len(), &Cell::blank(pen.clone()), false);
        }
        buffer.column = 0;
        if row == buffer.bottom {
            buffer.scroll(&erasing, true);
            return;
        }
        buffer.row = (row + 1).min(rows - 1);
        let row = buffer.row;
        if let Some(line) = buffer.line_mut(row) {
            line.wrapped = true;
        }
    }

    /// Adds to the character left of the cursor; `false` if there is none.
    fn join(&mut self, char: char) -> bool {
        let buffer = self.buffer_mut();
        let (column, row) = (buffer.column, buffer.row);
        let Some(line) = buffer.line_mut(row) else { return true };
        let Some(before) = column.checked_sub(1) else { return false };
        let at = if line.width(before) == 0 { before.saturating_sub(1) } else { before };
        let Some(cell) = line.cell_mut(at) else { return true };
        if cell.char.is_none() {
            cell.char = Some(char);
            return true;
        }
        let joined = Arc::make_mut(cell.joined.get_or_insert_default());
        if joined.len() + char.len_utf8() <= MAX_JOINED_BYTES {
            joined.push(char);
        }
        true
    }

    /// Puts a character at the cursor, where there is room for it.
    fn place(&mut self, char: char, width: u8, pen: &Pen) {
        let insert = self.modes.insert;
        let columns = self.columns;
        let buffer = self.buffer_mut();
        let (column, row) = (buffer.column, buffer.row);
        let Some(line) = buffer.line_mut(row) else { return };
        if insert {
            line.insert(column, usize::from(width), pen);
        }
        line.set(column, Cell { char: Some(char), joined: None, width, pen: pen.clone() });
        let mut next = column + 1;
        if width == 2 {
            line.set(next, Cell { char: None, joined: None, width: 0, pen: pen.clone() });
            next += 1;
        }
        let next = next.min(columns);
        line.clear_right_half(next, pen);
        buffer.column = next;
    }

    /// REP.
    pub(super) fn repeat(&mut self, count: usize) {
        let width = usize::from(self.printed);
        if width == 0 {
            return;
        }
        let buffer = self.buffer();
        let cell = buffer.column.checked_sub(width).and_then(|at| buffer.line(buffer.row)?.cell(at));
        let Some(Cell { char: Some(char), joined, .. }) = cell.cloned() else { return };
        // More than fills the screen twice looks the same as as many less as fill it once.
        let screen = self.columns * self.rows;
        let count = if count > 2 * screen { screen + count % screen } else { count };
        for _ in 0..count {
            self.put(char);
            for joined in joined.iter().flat_map(|joined| joined.chars()) {
                self.put(joined);
            }
        }
    }

    // The saved cursor.

    pub(super) fn save(&mut self) {
        let (foreground, background, flags) = (self.pen.foreground, self.pen.background, self.pen.flags);
        let charset = self.charset;
        let buffer = self.buffer_mut();
        let row = isize::try_from(buffer.row).unwrap_or(0);
        buffer.saved = Saved { column: buffer.column, row, foreground, background, flags, charset };
    }

    pub(super) fn restore(&mut self) {
        let buffer = self.buffer_mut();
        let saved = buffer.saved;
        buffer.column = saved.column;
        buffer.row = usize::try_from(saved.row).unwrap_or(0);
        (self.pen.foreground, self.pen.background) = (saved.foreground, saved.background);
        self.pen.flags = saved.flags;
        self.charset = saved.charset;
        self.restrict(self.columns);
    }
}
