//! A row of the screen. A change never leaves half a wide character beside it: what remains of one becomes blank.

use std::ops::Range;

use super::cell::{Cell, Pen};

/// A row. Only as much of it is held as something was written to: the places right of that are all the same.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The first places.
    cells: Vec<Cell>,
    /// What each of the other places is: one column wide.
    rest: Cell,
    columns: usize,
    /// It continues the row above it (soft wrap).
    pub(super) wrapped: bool,
}

impl Line {
    pub(super) const fn blank(columns: usize, pen: Pen) -> Self {
        Self { cells: Vec::new(), rest: Cell::blank(pen), columns, wrapped: false }
    }

    pub(super) const fn len(&self) -> usize {
        self.columns
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().chain(std::iter::repeat_n(&self.rest, self.columns - self.cells.len()))
    }

    pub(super) fn cell(&self, at: usize) -> Option<&Cell> {
        (at < self.columns).then(|| self.cells.get(at).unwrap_or(&self.rest))
    }

    pub(super) fn cell_mut(&mut self, at: usize) -> Option<&mut Cell> {
        if at < self.columns {
            self.hold(at + 1);
        }
        self.cells.get_mut(at)
    }

    /// Holds at least the first `count` places.
    fn hold(&mut self, count: usize) {
        let held = self.cells.len();
        if count <= held {
            return;
        }
        if count > self.cells.capacity() {
            let capacity = (2 * self.cells.capacity()).max(count).min(self.columns);
            self.cells.reserve_exact(capacity - held);
        }
        self.cells.resize(count, self.rest.clone());
    }

    /// Columns of the character at `at`; 1 beyond the row.
    pub(super) fn width(&self, at: usize) -> u8 {
        self.cells.get(at).map_or(1, |cell| cell.width)
    }

    /// Puts a cell; beyond the row nothing happens.
    pub(super) fn set(&mut self, at: usize, cell: Cell) {
        if let Some(place) = self.cell_mut(at) {
            *place = cell;
        }
    }

    fn clear(&mut self, at: usize, pen: &Pen) {
        self.set(at, Cell::blank(pen.clone()));
    }

    fn is_right_half(&self, at: usize) -> bool {
        self.cells.get(at).is_some_and(Cell::is_right_half)
    }

    /// Blanks the wide character whose right half is at `at`.
    pub(super) fn clear_left_half_before(&mut self, at: usize, pen: &Pen) {
        if let Some(left) = at.checked_sub(1)
            && self.width(left) == 2
        {
            self.clear(left, pen);
        }
    }

    /// Blanks a right half at `at`.
    pub(super) fn clear_right_half(&mut self, at: usize, pen: &Pen) {
        if self.is_right_half(at) {
            self.clear(at, pen);
        }
    }

    /// Moves what is at `at` and right of it `count` to the right.
    pub(super) fn insert(&mut self, at: usize, count: usize, pen: &Pen) {
        let columns = self.columns;
        let at = at % columns.max(1);
        self.clear_left_half_before(at, pen);
        let count = count.min(columns - at);
        self.hold((self.cells.len().max(at) + count).min(columns));
        if let Some(moved) = self.cells.get_mut(at..) {
            moved.rotate_right(count);
        }
        self.fill(at..at + count, &Cell::blank(pen.clone()), false);
        if self.width(columns - 1) == 2 {
            self.clear(columns - 1, pen);
        }
    }

    /// Takes `count` places at `at` out and moves what is right of them left.
    pub(super) fn delete(&mut self, at: usize, count: usize, pen: &Pen) {
        let columns = self.columns;
        let at = at % columns.max(1);
        let count = count.min(columns - at);
        let held = self.cells.len();
        self.cells.drain(at.min(held)..(at + count).min(held));
        self.fill(columns - count..columns, &Cell::blank(pen.clone()), false);
        self.clear_left_half_before(at, pen);
        self.clear_right_half(at, pen);
    }

    /// Erases `from..to`; a selective erase keeps what is protected.
    pub(super) fn erase(&mut self, from: usize, to: usize, pen: &Pen, selective: bool) {
        let kept = |line: &Self, at: usize| selective && line.cell(at).is_some_and(Cell::is_protected);
        if from > 0 && !kept(self, from - 1) {
            self.clear_left_half_before(from, pen);
        }
        if to < self.columns && to > 0 && self.width(to - 1) == 2 && !kept(self, to) {
            self.clear(to, pen);
        }
        self.fill(from..to, &Cell::blank(pen.clone()), selective);
    }

    /// Erases the whole row.
    pub(super) fn erase_all(&mut self, pen: &Pen, selective: bool) {
        self.fill(0..self.columns, &Cell::blank(pen.clone()), selective);
        self.wrapped = false;
    }

    /// Makes all places of `range` like `cell`, which is one column wide; selectively, all that are not protected.
    pub(super) fn fill(&mut self, range: Range<usize>, cell: &Cell, selective: bool) {
        let range = range.start.min(self.columns)..range.end.min(self.columns);
        let is_rest = range.end == self.columns && !(selective && self.rest.is_protected());
        if range.is_empty() || range.start >= self.cells.len() && self.rest == *cell {
            return;
        }
        self.hold(if is_rest { range.start } else { range.end });
        if is_rest {
            self.rest = cell.clone();
            if !selective {
                self.cells.truncate(range.start);
                return;
            }
        }
        let held = self.cells.len();
        for place in self.cells.get_mut(range.start..range.end.min(held)).unwrap_or_default() {
            if !(selective && place.is_protected()) {
                *place = cell.clone();
            }
        }
    }

    /// Another length: cut, or filled with blanks.
    pub(super) fn resize(&mut self, columns: usize) {
        let blank = Cell::blank(Pen::default());
        if columns > self.columns && self.rest != blank {
            self.hold(self.columns);
            self.rest = blank;
        }
        self.columns = columns;
        self.cells.truncate(columns);
        self.cells.shrink_to(columns);
        if columns > 0 && self.width(columns - 1) == 2 {
            self.clear(columns - 1, &Pen::default());
        }
    }
}
