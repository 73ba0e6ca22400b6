//! Moving the cursor, and the scrolling that a line feed at a margin brings.

use super::terminal::Terminal;

impl Terminal {
    /// Keeps the cursor on the screen, within the margins in origin mode; `columns` counts those it may be in.
    pub(super) fn restrict(&mut self, columns: usize) {
        let (origin, rows) = (self.modes.origin, self.rows);
        let buffer = self.buffer_mut();
        let (top, bottom) = if origin { (buffer.top, buffer.bottom) } else { (0, rows - 1) };
        buffer.column = buffer.column.min(columns - 1);
        buffer.row = buffer.row.clamp(top, bottom);
    }

    /// A place on the screen; in origin mode rows count from the top margin.
    pub(super) fn move_to(&mut self, column: isize, row: isize) {
        let origin = self.modes.origin;
        let buffer = self.buffer_mut();
        let top = if origin { isize::try_from(buffer.top).unwrap_or(0) } else { 0 };
        buffer.column = usize::try_from(column).unwrap_or(0);
        buffer.row = usize::try_from(row.saturating_add(top)).unwrap_or(0);
        self.restrict(self.columns);
    }

    /// So many columns and rows from here. In origin mode xterm.js counts the top margin twice.
    pub(super) fn move_by(&mut self, columns: isize, rows: isize) {
        self.restrict(self.columns);
        let at = |place: usize, by: isize| isize::try_from(place).unwrap_or(isize::MAX).saturating_add(by);
        let buffer = self.buffer();
        self.move_to(at(buffer.column, columns), at(buffer.row, rows));
    }

    /// Up to the top margin, if the cursor is below it.
    pub(super) fn up(&mut self, count: usize) {
        let buffer = self.buffer();
        let count = buffer.row.checked_sub(buffer.top).map_or(count, |room| room.min(count));
        self.move_by(0, -isize::try_from(count).unwrap_or(isize::MAX));
    }

    /// Down to the bottom margin, if the cursor is above it.
    pub(super) fn down(&mut self, count: usize) {
        let buffer = self.buffer();
        let count = buffer.bottom.checked_sub(buffer.row).map_or(count, |room| room.min(count));
        self.move_by(0, isize::try_from(count).unwrap_or(isize::MAX));
    }

    pub(super) fn line_feed(&mut self) {
        let new_line = self.modes.new_line;
        let (columns, rows) = (self.columns, self.rows);
        let erasing = self.pen.erasing();
        let buffer = self.buffer_mut();
        if new_line {
            buffer.column = 0;
        }
        if buffer.row == buffer.bottom {
            buffer.scroll(&erasing, false);
        } else if buffer.row + 1 < rows {
            buffer.row += 1;
            let row = buffer.row;
            if let Some(line) = buffer.line_mut(row) {
                line.wrapped = false;
            }
        }
        buffer.column = buffer.column.min(columns - 1);
    }

    /// IND.
    pub(super) fn index(&mut self) {
        self.restrict(self.columns);
        let rows = self.rows;
        let erasing = self.pen.erasing();
        let buffer = self.buffer_mut();
        if buffer.row == buffer.bottom {
            buffer.scroll(&erasing, false);
        } else {
            buffer.row = (buffer.row + 1).min(rows - 1);
        }
        self.restrict(self.columns);
    }

    /// RI.
    pub(super) fn reverse_index(&mut self) {
        self.restrict(self.columns);
        let erasing = self.pen.erasing();
        let buffer = self.buffer_mut();
        if buffer.row == buffer.top {
            buffer.move_down(buffer.top, buffer.bottom, 1, &erasing);
        } else {
            buffer.row = buffer.row.saturating_sub(1);
            self.restrict(self.columns);
        }
    }

    pub(super) fn backspace(&mut self) {
        if !self.modes.reverse_wrap {
            self.restrict(self.columns);
            let buffer = self.buffer_mut();
            buffer.column = buffer.column.saturating_sub(1);
            return;
        }
        self.restrict(self.columns + 1);
        let columns = self.columns;
        let buffer = self.buffer_mut();
        let row = buffer.row;
        if buffer.column > 0 {
            buffer.column -= 1;
        } else if row > buffer.top
            && row <= buffer.bottom
            && let Some(line) = buffer.line_mut(row)
            && line.wrapped
        {
            line.wrapped = false;
            buffer.row -= 1;
            buffer.column = columns - 1;
            // A wide character that did not fit left the last column empty.
            let last = buffer.line(row - 1).and_then(|line| line.cell(columns - 1));
            if last.is_some_and(|cell| cell.char.is_none() && cell.width > 0) {
                buffer.column = buffer.column.saturating_sub(1);
            }
        }
        self.restrict(self.columns);
    }
}
