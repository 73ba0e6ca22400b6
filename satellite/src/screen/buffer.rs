//! One of the two screens: its rows, its cursor, and what else belongs to it (as in xterm.js: margins, tab stops, the
//! saved cursor).

use std::collections::{BTreeSet, VecDeque};

use super::cell::{Colour, Flags, Pen};
use super::charset::Charset;
use super::line::Line;

/// Tab stops are this far apart.
const TAB_COLUMNS: usize = 8;

/// What DECSC keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) column: usize,
    /// It moves with the text: above the screen it is negative.
    pub(super) row: isize,
    pub(super) foreground: Colour,
    pub(super) background: Colour,
    pub(super) flags: Flags,
    pub(super) charset: Option<Charset>,
}

/// A screen.
#[derive(Debug)]
pub(super) struct Buffer {
    lines: VecDeque<Line>,
    /// The cursor; a column beyond the last means that the next character wraps.
    pub(super) column: usize,
    pub(super) row: usize,
    /// The first and the last row that scroll.
    pub(super) top: usize,
    pub(super) bottom: usize,
    pub(super) tabs: BTreeSet<usize>,
    pub(super) saved: Saved,
    /// What scrolls off the top is kept by the browser: then a saved cursor moves with it.
    has_scrollback: bool,
}

impl Buffer {
    pub(super) fn new(columns: usize, rows: usize, has_scrollback: bool) -> Self {
        let mut buffer = Self {
            lines: VecDeque::new(),
            column: 0,
            row: 0,
            top: 0,
            bottom: 0,
            tabs: BTreeSet::new(),
            saved: Saved::default(),
            has_scrollback,
        };
        buffer.clear(columns, rows, &Pen::default());
        buffer
    }

    /// Everything but the saved cursor as at the beginning.
    pub(super) fn clear(&mut self, columns: usize, rows: usize, pen: &Pen) {
        self.lines = (0..rows).map(|_| Line::blank(columns, pen.clone())).collect();
        (self.column, self.row) = (0, 0);
        (self.top, self.bottom) = (0, rows.saturating_sub(1));
        self.tabs = default_tabs(columns);
    }

    pub(super) fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> + ExactSizeIterator {
        self.lines.iter()
    }

    pub(super) fn line(&self, row: usize) -> Option<&Line> {
        self.lines.get(row)
    }

    pub(super) fn line_mut(&mut self, row: usize) -> Option<&mut Line> {
        self.lines.get_mut(row)
    }

    /// The rows from `first` to `last`.
    pub(super) fn lines_mut(&mut self, first: usize, last: usize) -> impl Iterator<Item = &mut Line> {
        self.lines.range_mut(first.min(self.lines.len())..(last + 1).min(self.lines.len()))
    }

    /// A line feed at the bottom margin: the text goes up by a row.
    pub(super) fn scroll(&mut self, pen: &Pen, wrapped: bool) {
        if self.top == 0 && self.has_scrollback {
            self.saved.row -= 1;
        }
        self.move_up(self.top, self.bottom, 1, pen);
        if let Some(line) = self.lines.get_mut(self.bottom) {
            line.wrapped = wrapped;
        }
    }

    /// Rows `first` to `last` go up; blank ones follow.
    pub(super) fn move_up(&mut self, first: usize, last: usize, count: usize, pen: &Pen) {
        let height = (last + 1).saturating_sub(first);
        let count = count.min(height);
        if first == 0 && last + 1 == self.lines.len() {
            self.lines.rotate_left(count);
        } else if let Some(moved) = self.lines.make_contiguous().get_mut(first..=last) {
            moved.rotate_left(count);
        }
        self.blank(last + 1 - count, last, pen);
    }

    /// Rows `first` to `last` go down; blank ones come before them.
    pub(super) fn move_down(&mut self, first: usize, last: usize, count: usize, pen: &Pen) {
        let height = (last + 1).saturating_sub(first);
        let count = count.min(height);
        if let Some(moved) = self.lines.make_contiguous().get_mut(first..=last) {
            moved.rotate_right(count);
        }
        if count > 0 {
            self.blank(first, first + count - 1, pen);
        }
    }

    fn blank(&mut self, first: usize, last: usize, pen: &Pen) {
        for line in self.lines_mut(first, last) {
            line.erase_all(pen, false);
        }
    }

    /// The tab stop right of `column`, or the last column.
    pub(super) fn next_tab(&self, columns: usize) -> usize {
        self.tabs.range(self.column + 1..).next().copied().unwrap_or(columns).min(columns - 1)
    }

    /// The tab stop left of `column`, or the first column.
    pub(super) fn previous_tab(&self, columns: usize) -> usize {
        self.tabs.range(..self.column).next_back().copied().unwrap_or(0).min(columns - 1)
    }

    /// Another size. Rows are taken from below the cursor, then from the top; lines are cut, not folded anew.
    pub(super) fn resize(&mut self, columns: usize, rows: usize) {
        while self.lines.len() > rows {
            if self.lines.len() > self.row + 1 {
                self.lines.pop_back();
            } else {
                self.lines.pop_front();
                self.row -= 1;
                self.saved.row -= 1;
            }
        }
        let old_columns = self.lines.front().map_or(columns, Line::len);
        for line in &mut self.lines {
            line.resize(columns);
        }
        self.lines.resize_with(rows, || Line::blank(columns, Pen::default()));
        self.tabs.retain(|tab| *tab < columns);
        self.tabs.extend(default_tabs(columns).into_iter().filter(|tab| *tab >= old_columns));
        self.column = self.column.min(columns - 1);
        self.row = self.row.min(rows - 1);
        self.saved.column = self.saved.column.min(columns - 1);
        (self.top, self.bottom) = (0, rows - 1);
    }
}

/// The tab stops of a fresh screen.
pub(super) fn default_tabs(columns: usize) -> BTreeSet<usize> {
    (0..columns).step_by(TAB_COLUMNS).collect()
}
