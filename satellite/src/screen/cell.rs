//! A place on the screen and how it is drawn.

use std::sync::Arc;

use super::link::Link;

/// A colour as a program chose it; themes give the first two kinds their look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Colour {
    /// The terminal's own.
    #[default]
    Default,
    /// One of 16 (SGR 30 to 37, 90 to 97 and the like).
    Basic(u8),
    /// One of 256 (`38;5`).
    Indexed(u8),
    /// Red, green, blue (`38;2`).
    Rgb(u8, u8, u8),
}

/// Attributes that are on or off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags(u16);

impl Flags {
    pub(super) const BOLD: Self = Self(1);
    pub(super) const DIM: Self = Self(1 << 1);
    pub(super) const ITALIC: Self = Self(1 << 2);
    pub(super) const UNDERLINE: Self = Self(1 << 3);
    pub(super) const BLINK: Self = Self(1 << 4);
    pub(super) const INVERSE: Self = Self(1 << 5);
    pub(super) const INVISIBLE: Self = Self(1 << 6);
    pub(super) const STRIKETHROUGH: Self = Self(1 << 7);
    pub(super) const OVERLINE: Self = Self(1 << 8);
    /// Kept by a selective erase (DECSCA).
    pub(super) const PROTECTED: Self = Self(1 << 9);
    /// The kind of underline and the link count.
    pub(super) const EXTENDED: Self = Self(1 << 10);

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn set(&mut self, other: Self, on: bool) {
        if on {
            self.0 |= other.0;
        } else {
            self.0 &= !other.0;
        }
    }
}

/// How characters are drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pen {
    pub(super) foreground: Colour,
    pub(super) background: Colour,
    pub(super) flags: Flags,
    /// The kind of underline, 0 to 5 (SGR `4:n`).
    pub(super) underline: u8,
    pub(super) underline_colour: Colour,
    pub(super) link: Option<Arc<Link>>,
}

impl Pen {
    /// What erased places look like: the background alone (BCE).
    pub(super) fn erasing(&self) -> Self {
        Self { background: self.background, ..Self::default() }
    }

    /// Whether an erased place can look like this.
    pub(super) fn is_erasing(&self) -> bool {
        *self == self.erasing()
    }

    /// The kind of underline that is drawn, 0 for none.
    pub(super) const fn drawn_underline(&self) -> u8 {
        match (self.flags.has(Flags::UNDERLINE), self.flags.has(Flags::EXTENDED)) {
            (true, true) => self.underline,
            (true, false) => 1,
            (false, _) => 0,
        }
    }

    /// The link that is drawn.
    pub(super) fn drawn_link(&self) -> Option<&Arc<Link>> {
        self.link.as_ref().filter(|_| self.flags.has(Flags::EXTENDED))
    }

    /// The pen without what it does not show: what a cell keeps of it.
    pub(super) fn drawn(&self) -> Self {
        let underline = self.drawn_underline();
        let underline_colour = if underline == 0 { Colour::Default } else { self.underline_colour };
        let mut drawn = Self { underline, underline_colour, link: self.drawn_link().cloned(), ..*self };
        drawn.flags.set(Flags::UNDERLINE, underline != 0);
        drawn.update_extended();
        drawn
    }

    /// After a change of underline or link.
    pub(super) fn update_extended(&mut self) {
        self.flags.set(Flags::EXTENDED, self.underline != 0 || self.link.is_some());
    }
}

/// A place on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// `None` where nothing was written.
    pub(super) char: Option<char>,
    /// Characters that joined it.
    pub(super) joined: Option<Arc<String>>,
    /// Columns: 2 for a wide character, 0 for the place right of it (and for a joining character that stands alone).
    pub(super) width: u8,
    pub(super) pen: Pen,
}

impl Cell {
    /// A place where nothing is.
    pub(super) const fn blank(pen: Pen) -> Self {
        Self { char: None, joined: None, width: 1, pen }
    }

    /// Whether a selective erase keeps it.
    pub(super) const fn is_protected(&self) -> bool {
        self.pen.flags.has(Flags::PROTECTED)
    }

    /// The right half of a wide character.
    pub(super) const fn is_right_half(&self) -> bool {
        self.char.is_none() && self.width == 0
    }
}
