//! A row of the screen. A change never leaves half a wide character beside it: what remains of one becomes blank.

use super::cell::{Cell, Flags, Pen};

/// A row.
#[derive(Clone, Debug)]
pub(super) struct Line {
    cells: Vec<Cell>,
    /// It continues the row above it (soft wrap).
    pub(super) wrapped: bool,
}

impl Line {
    pub(super) fn blank(columns: usize, pen: &Pen, wrapped: bool) -> Self {
        Self { cells: vec![Cell::blank(pen.clone()); columns], wrapped }
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub(super) fn cell(&self, at: usize) -> Option<&Cell> {
        self.cells.get(at)
    }

    pub(super) fn cell_mut(&mut self, at: usize) -> Option<&mut Cell> {
        self.cells.get_mut(at)
    }

    /// Columns of the character at `at`; 1 beyond the row.
    pub(super) fn width(&self, at: usize) -> u8 {
        self.cells.get(at).map_or(1, |cell| cell.width)
    }

    /// Puts a cell; beyond the row nothing happens.
    pub(super) fn set(&mut self, at: usize, cell: Cell) {
        if let Some(place) = self.cells.get_mut(at) {
            *place = cell;
        }
    }

    pub(super) fn clear(&mut self, at: usize, pen: &Pen) {
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
        let columns = self.len();
        let at = at % columns.max(1);
        self.clear_left_half_before(at, pen);
        let count = count.min(columns - at);
        if let Some(moved) = self.cells.get_mut(at..) {
            moved.rotate_right(count);
        }
        self.fill(at..at + count, pen, false);
        if self.width(columns - 1) == 2 {
            self.clear(columns - 1, pen);
        }
    }

    /// Takes `count` places at `at` out and moves what is right of them left.
    pub(super) fn delete(&mut self, at: usize, count: usize, pen: &Pen) {
        let columns = self.len();
        let at = at % columns.max(1);
        let count = count.min(columns - at);
        if let Some(moved) = self.cells.get_mut(at..) {
            moved.rotate_left(count);
        }
        self.fill(columns - count..columns, pen, false);
        self.clear_left_half_before(at, pen);
        self.clear_right_half(at, pen);
    }

    /// Erases `from..to`; a selective erase keeps what is protected.
    pub(super) fn erase(&mut self, from: usize, to: usize, pen: &Pen, selective: bool) {
        let kept = |line: &Self, at: usize| {
            selective && line.cells.get(at).is_some_and(|cell| cell.pen.flags.has(Flags::PROTECTED))
        };
        if from > 0 && !kept(self, from - 1) {
            self.clear_left_half_before(from, pen);
        }
        if to < self.len() && to > 0 && self.width(to - 1) == 2 && !kept(self, to) {
            self.clear(to, pen);
        }
        self.fill(from..to, pen, selective);
    }

    /// Erases the whole row.
    pub(super) fn erase_all(&mut self, pen: &Pen, selective: bool) {
        self.fill(0..self.len(), pen, selective);
        self.wrapped = false;
    }

    fn fill(&mut self, range: std::ops::Range<usize>, pen: &Pen, selective: bool) {
        let range = range.start.min(self.len())..range.end.min(self.len());
        for cell in self.cells.get_mut(range).unwrap_or_default() {
            if !(selective && cell.pen.flags.has(Flags::PROTECTED)) {
                *cell = Cell::blank(pen.clone());
            }
        }
    }

    /// Another length: cut, or filled with blanks.
    pub(super) fn resize(&mut self, columns: usize) {
        self.cells.resize(columns, Cell::blank(Pen::default()));
        if columns > 0 && self.width(columns - 1) == 2 {
            self.clear(columns - 1, &Pen::default());
        }
    }
}
