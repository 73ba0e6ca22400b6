//! Erasing, inserting and deleting, and the margins within which it happens.

use super::cell::{Cell, Flags, Pen};
use super::terminal::Terminal;

impl Terminal {
    /// ED, selectively DECSED.
    pub(super) fn erase_in_display(&mut self, what: i32, selective: bool) {
        self.restrict(self.columns + 1);
        let (columns, last) = (self.columns, self.rows - 1);
        let (on_alternate, pen) = (self.on_alternate, self.pen.erasing());
        let buffer = self.buffer_mut();
        let (column, row) = (buffer.column, buffer.row);
        match what {
            0 => {
                if let Some(line) = buffer.line_mut(row) {
                    line.erase(column, columns, &pen, selective);
                    line.wrapped &= column != 0;
                }
                buffer.lines_mut(row + 1, last).for_each(|line| line.erase_all(&pen, selective));
            }
            1 => {
                if let Some(line) = buffer.line_mut(row) {
                    line.erase(0, column + 1, &pen, selective);
                    line.wrapped = false;
                }
                // xterm.js means the next row, but on the main screen takes one of its scrollback.
                if column + 1 >= columns
                    && on_alternate
                    && let Some(line) = buffer.line_mut(row + 1)
                {
                    line.wrapped = false;
                }
                if let Some(above) = row.checked_sub(1) {
                    buffer.lines_mut(0, above).for_each(|line| line.erase_all(&pen, selective));
                }
            }
            2 => buffer.lines_mut(0, last).for_each(|line| line.erase_all(&pen, selective)),
            _ => {}
        }
    }

    /// EL, selectively DECSEL.
    pub(super) fn erase_in_line(&mut self, what: i32, selective: bool) {
        self.restrict(self.columns + 1);
        let (columns, pen) = (self.columns, self.pen.erasing());
        let buffer = self.buffer_mut();
        let (column, row) = (buffer.column, buffer.row);
        let Some(line) = buffer.line_mut(row) else { return };
        match what {
            0 => {
                line.erase(column, columns, &pen, selective);
                line.wrapped &= column != 0;
            }
            1 => line.erase(0, column + 1, &pen, selective),
            2 => {
                line.erase(0, columns, &pen, selective);
                line.wrapped = false;
            }
            _ => {}
        }
    }

    /// ECH.
    pub(super) fn erase_characters(&mut self, count: usize) {
        self.edit_line(|line, column, pen| line.erase(column, column.saturating_add(count), pen, false));
    }

    /// ICH.
    pub(super) fn insert_characters(&mut self, count: usize) {
        self.edit_line(|line, column, pen| line.insert(column, count, pen));
    }

    /// DCH.
    pub(super) fn delete_characters(&mut self, count: usize) {
        self.edit_line(|line, column, pen| line.delete(column, count, pen));
    }

    fn edit_line(&mut self, edit: impl FnOnce(&mut super::line::Line, usize, &Pen)) {
        self.restrict(self.columns);
        let pen = self.pen.erasing();
        let buffer = self.buffer_mut();
        let (column, row) = (buffer.column, buffer.row);
        if let Some(line) = buffer.line_mut(row) {
            edit(line, column, &pen);
        }
    }

    fn is_within_margins(&self) -> bool {
        let buffer = self.buffer();
        (buffer.top..=buffer.bottom).contains(&buffer.row)
    }

    /// IL.
    pub(super) fn insert_lines(&mut self, count: usize) {
        self.restrict(self.columns);
        if self.is_within_margins() {
            let pen = self.pen.erasing();
            let buffer = self.buffer_mut();
            buffer.move_down(buffer.row, buffer.bottom, count, &pen);
            buffer.column = 0;
        }
    }

    /// DL.
    pub(super) fn delete_lines(&mut self, count: usize) {
        self.restrict(self.columns);
        if self.is_within_margins() {
            let pen = self.pen.erasing();
            let buffer = self.buffer_mut();
            buffer.move_up(buffer.row, buffer.bottom, count, &pen);
            buffer.column = 0;
        }
    }

    /// SU.
    pub(super) fn scroll_up(&mut self, count: usize) {
        let pen = self.pen.erasing();
        let buffer = self.buffer_mut();
        buffer.move_up(buffer.top, buffer.bottom, count, &pen);
    }

    /// SD. The rows that come in have no background.
    pub(super) fn scroll_down(&mut self, count: usize) {
        let buffer = self.buffer_mut();
        buffer.move_down(buffer.top, buffer.bottom, count, &Pen::default());
    }

    /// Inserts columns at `column` in all rows within the margins (SR, DECIC).
    pub(super) fn insert_columns(&mut self, column: usize, count: usize) {
        self.edit_columns(|line, pen| line.insert(column, count, pen));
    }

    /// Deletes columns at `column` in all rows within the margins (SL, DECDC).
    pub(super) fn delete_columns(&mut self, column: usize, count: usize) {
        self.edit_columns(|line, pen| line.delete(column, count, pen));
    }

    fn edit_columns(&mut self, edit: impl Fn(&mut super::line::Line, &Pen)) {
        if self.is_within_margins() {
            let pen = self.pen.erasing();
            let buffer = self.buffer_mut();
            for line in buffer.lines_mut(buffer.top, buffer.bottom) {
                edit(line, &pen);
                line.wrapped = false;
            }
        }
    }

    /// DECALN: the screen full of E.
    pub(super) fn fill_with_e(&mut self) {
        self.move_to(0, 0);
        let mut flags = self.pen.flags;
        // It takes the underline for one of no kind.
        flags.set(Flags::UNDERLINE, flags.has(Flags::UNDERLINE) && !flags.has(Flags::EXTENDED));
        flags.set(Flags::EXTENDED, false);
        let pen = Pen { flags, foreground: self.pen.foreground, ..self.pen.erasing() };
        let last = self.rows - 1;
        let buffer = self.buffer_mut();
        let first = buffer.row;
        let cell = Cell { char: Some('E'), joined: None, width: 1, pen };
        for line in buffer.lines_mut(first, last) {
            line.fill(0..line.len(), &cell, false);
            line.wrapped = false;
        }
        self.move_to(0, 0);
    }

    /// DECSTBM.
    pub(super) fn set_margins(&mut self, top: usize, bottom: Option<usize>) {
        let rows = self.rows;
        let bottom = bottom.filter(|bottom| *bottom > 0 && *bottom <= rows).unwrap_or(rows);
        if bottom > top {
            let buffer = self.buffer_mut();
            (buffer.top, buffer.bottom) = (top - 1, bottom - 1);
            self.move_to(0, 0);
        }
    }
}
