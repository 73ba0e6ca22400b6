//! What the terminal model does not know of a terminal: modes of mouse, paste, focus and keypad, the cursor's
//! shape, the title; and whether line feeds scroll the whole screen.
//!
//! It watches sequences with the parser crate `vte` and draws nothing.

use std::collections::BTreeSet;
use std::fmt::Write;

use vte::{Params, Parser, Perform};

/// Private modes (DECSET) that are kept here; all are off in a reset terminal.
const MODES: &[u16] = &[9, 12, 45, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 2004, 2026, 2031];
/// A longer title is cut.
const MAX_TITLE: usize = 1024;

/// What is kept.
#[derive(Default)]
pub(super) struct Modes {
    parser: Parser,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    on: BTreeSet<u16>,
    keypad: bool,
    cursor_shape: u16,
    title: String,
    rows: usize,
    alternate: bool,
    /// Whether the scroll region is smaller than the screen: main, alternate.
    narrowed: [bool; 2],
}

impl Modes {
    /// Follows bytes on their way to the model.
    pub(super) fn watch(&mut self, bytes: &[u8], rows: usize) {
        self.state.rows = rows;
        self.parser.advance(&mut self.state, bytes);
    }

    /// Whether a line feed at the bottom scrolls the whole screen.
    pub(super) const fn scrolls_whole_screen(&self) -> bool {
        let [main, alternate] = self.state.narrowed;
        if self.state.alternate { !alternate } else { !main }
    }

    /// Escape codes that bring a reset terminal to this state.
    pub(super) fn dump(&self) -> Vec<u8> {
        let state = &self.state;
        let mut out = String::new();
        // Writing to a String cannot fail.
        for mode in &state.on {
            let _ = write!(out, "\x1b[?{mode}h");
        }
        if state.keypad {
            out.push_str("\x1b=");
        }
        if state.cursor_shape != 0 {
            let _ = write!(out, "\x1b[{} q", state.cursor_shape);
        }
        if !state.title.is_empty() {
            let _ = write!(out, "\x1b]0;{}\x07", state.title);
        }
        out.into_bytes()
    }
}

impl State {
    fn set(&mut self, mode: u16, on: bool) {
        match mode {
            47 | 1047 | 1049 => self.alternate = on,
            66 => self.keypad = on,
            // One mouse protocol at a time.
            9 | 1000 | 1002 | 1003 if on => {
                self.on.retain(|other| ![9, 1000, 1002, 1003].contains(other));
                self.on.insert(mode);
            }
            mode if MODES.contains(&mode) => {
                if on {
                    self.on.insert(mode);
                } else {
                    self.on.remove(&mode);
                }
            }
            _ => {}
        }
    }

    fn margins(&mut self, params: &Params) {
        let mut values = params.iter().map(|param| usize::from(param.first().copied().unwrap_or(0)));
        let top = values.next().unwrap_or(0).max(1);
        let bottom = values.next().filter(|bottom| *bottom > 0).unwrap_or(self.rows).min(self.rows);
        if top >= bottom && self.rows > 1 {
            // No region: ignored by terminals.
            return;
        }
        let narrowed = top > 1 || bottom < self.rows;
        let [main, alternate] = &mut self.narrowed;
        *(if self.alternate { alternate } else { main }) = narrowed;
    }

    fn soft_reset(&mut self) {
        self.keypad = false;
        self.narrowed = [false; 2];
    }
}

impl Perform for State {
    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _ignore: bool, action: char) {
        match (intermediates, action) {
            (b"?", 'h' | 'l') => {
                for param in params {
                    self.set(param.first().copied().unwrap_or(0), action == 'h');
                }
            }
            (b"", 'r') => self.margins(params),
            (b" ", 'q') => self.cursor_shape = params.iter().next().and_then(|param| param.first().copied()).unwrap_or(0),
            (b"!", 'p') => self.soft_reset(),
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _ignore: bool, byte: u8) {
        match (intermediates, byte) {
            (b"", b'=') => self.keypad = true,
            (b"", b'>') => self.keypad = false,
            (b"", b'c') => *self = Self { rows: self.rows, ..Self::default() },
            _ => {}
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _bell_terminated: bool) {
        if let [b"0" | b"2", title @ ..] = params {
            let title = String::from_utf8_lossy(&title.join(&b';')).into_owned();
            self.title = title.chars().filter(|char| !char.is_control()).take(MAX_TITLE).collect();
        }
    }
}
