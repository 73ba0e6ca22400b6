//! What a terminal goes by besides its screens: modes, mouse, cursor, title.

/// A longer title is cut.
const MAX_TITLE_CHARS: usize = 1024;

/// What a mouse reports; one at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mouse {
    #[default]
    Off,
    /// By private mode: 9, 1000, 1002 or 1003.
    On(u16),
}

/// Modes, as a fresh terminal has them by default.
#[derive(Debug, Default)]
pub(super) struct Modes {
    pub(super) insert: bool,
    /// A line feed returns the carriage too. Survives a reset.
    pub(super) new_line: bool,
    pub(super) origin: bool,
    pub(super) no_wrap: bool,
    pub(super) reverse_wrap: bool,
    application_cursor: bool,
    application_keypad: bool,
    bracketed_paste: bool,
    focus: bool,
    synchronized: bool,
    mouse: Mouse,
    /// How the mouse is told: private mode 1006 or 1016, 0 for the old way.
    mouse_encoding: u16,
    /// Survives a reset.
    cursor_hidden: bool,
    /// DECSCUSR, 0 for the browser's own.
    cursor_shape: i32,
    /// Private mode 12, if it was ever used. Survives a reset.
    cursor_blinks: Option<bool>,
    /// Survives a reset.
    title: String,
}

impl Modes {
    /// DECSET or DECRST; `false` for a mode that is not kept here.
    pub(super) fn set_private(&mut self, mode: i32, on: bool) {
        match mode {
            1 => self.application_cursor = on,
            7 => self.no_wrap = !on,
            12 => self.cursor_blinks = Some(on),
            25 => self.cursor_hidden = !on,
            45 => self.reverse_wrap = on,
            66 => self.application_keypad = on,
            9 | 1000 | 1002 | 1003 => {
                let mode = u16::try_from(mode).unwrap_or_default();
                self.mouse = if on { Mouse::On(mode) } else { Mouse::Off };
            }
            1004 => self.focus = on,
            1006 | 1016 => self.mouse_encoding = if on { u16::try_from(mode).unwrap_or_default() } else { 0 },
            2004 => self.bracketed_paste = on,
            2026 => self.synchronized = on,
            _ => {}
        }
    }

    pub(super) const fn set_keypad(&mut self, application: bool) {
        self.application_keypad = application;
    }

    pub(super) const fn set_cursor_shape(&mut self, shape: i32) {
        self.cursor_shape = shape;
    }

    pub(super) fn set_title(&mut self, title: &str) {
        self.title = title.chars().take(MAX_TITLE_CHARS).collect();
    }

    /// DECSTR: mouse and title stay.
    pub(super) fn soft_reset(&mut self) {
        let old = std::mem::take(self);
        *self = Self {
            new_line: old.new_line,
            mouse: old.mouse,
            mouse_encoding: old.mouse_encoding,
            cursor_blinks: old.cursor_blinks,
            title: old.title,
            ..Self::default()
        };
    }

    /// RIS.
    pub(super) fn reset(&mut self) {
        let old = std::mem::take(self);
        *self = Self {
            new_line: old.new_line,
            cursor_hidden: old.cursor_hidden,
            cursor_blinks: old.cursor_blinks,
            title: old.title,
            ..Self::default()
        };
    }

    /// Escape codes that set what moves no cursor and changes no text by itself.
    pub(super) fn dump(&self, out: &mut String) {
        let switches = [
            (self.insert, "\x1b[4h"),
            (self.new_line, "\x1b[20h"),
            (self.no_wrap, "\x1b[?7l"),
            (self.reverse_wrap, "\x1b[?45h"),
            (self.application_cursor, "\x1b[?1h"),
            (self.application_keypad, "\x1b="),
            (self.bracketed_paste, "\x1b[?2004h"),
            (self.focus, "\x1b[?1004h"),
            (self.synchronized, "\x1b[?2026h"),
            (self.cursor_hidden, "\x1b[?25l"),
            (!self.cursor_hidden, "\x1b[?25h"),
            (self.cursor_blinks == Some(true), "\x1b[?12h"),
            (self.cursor_blinks == Some(false), "\x1b[?12l"),
        ];
        for (_, code) in switches.iter().filter(|(on, _)| *on) {
            out.push_str(code);
        }
        if let Mouse::On(mode) = self.mouse {
            out.push_str(&format!("\x1b[?{mode}h"));
        }
        if self.mouse_encoding != 0 {
            out.push_str(&format!("\x1b[?{}h", self.mouse_encoding));
        }
        if self.cursor_shape != 0 {
            out.push_str(&format!("\x1b[{} q", self.cursor_shape));
        }
        out.push_str(&format!("\x1b]2;{}\x07", self.title));
    }
}
