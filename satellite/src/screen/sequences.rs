//! What each sequence does to the terminal (ECMA-48, DEC and xterm, as far as xterm.js goes by them).

use super::cell::Flags;
use super::charset::Charset;
use super::parameters::Parameters;
use super::parser::Perform;
use super::sgr;
use super::terminal::Terminal;

impl Perform for Terminal {
    fn print(&mut self, char: char) {
        self.put(char);
    }

    fn execute(&mut self, control: char) {
        let columns = self.columns;
        match control {
            '\x08' => self.backspace(),
            '\t' => self.tab(1),
            '\n' | '\x0b' | '\x0c' => self.line_feed(),
            '\r' => self.buffer_mut().column = 0,
            '\x0e' => self.shift(1),
            '\x0f' => self.shift(0),
            '\u{84}' => self.index(),
            '\u{85}' => self.next_line(),
            '\u{88}' => self.set_tab(columns),
            _ => {}
        }
    }

    fn csi(&mut self, marks: &[u8], parameters: &Parameters, last: u8) {
        match marks {
            b"" => self.plain_csi(parameters, last),
            b"?" => self.private_csi(parameters, last),
            _ => self.marked_csi(marks, parameters, last),
        }
    }

    fn escape(&mut self, marks: &[u8], last: u8) {
        let columns = self.columns;
        match (marks, last) {
            (b"", b'7') => self.save(),
            (b"", b'8') => self.restore(),
            (b"", b'D') => self.index(),
            (b"", b'E') => self.next_line(),
            (b"", b'H') => self.set_tab(columns),
            (b"", b'M') => self.reverse_index(),
            (b"", b'=') => self.modes.set_keypad(true),
            (b"", b'>') => self.modes.set_keypad(false),
            (b"", b'c') => self.reset(),
            (b"", b'n' | b'}') => self.shift(2),
            (b"", b'o' | b'|') => self.shift(3),
            (b"", b'~') => self.shift(1),
            (b"%", b'@' | b'G') => {
                self.shift(0);
                self.designate(0, None);
            }
            (b"#", b'8') => self.fill_with_e(),
            ([mark @ (b'(' | b')' | b'*' | b'+' | b'-' | b'.')], _) => {
                let level = match mark {
                    b'(' => 0,
                    b')' | b'-' => 1,
                    b'*' | b'.' => 2,
                    _ => 3,
                };
                if let Some(charset) = Charset::designated(last) {
                    self.designate(level, charset);
                }
            }
            _ => {}
        }
    }

    fn osc(&mut self, text: &str) {
        match text.split_once(';') {
            Some(("0" | "2", title)) => self.modes.set_title(title),
            Some(("8", link)) => self.set_link(link),
            _ => {}
        }
    }

    fn ended(&mut self) {
        self.printed = 0;
    }
}

impl Terminal {
    fn plain_csi(&mut self, parameters: &Parameters, last: u8) {
        let count = parameters.count(0);
        let place = |at: usize| isize::try_from(parameters.count(at) - 1).unwrap_or(isize::MAX);
        let distance = isize::try_from(count).unwrap_or(isize::MAX);
        let here = |place: usize| isize::try_from(place).unwrap_or(isize::MAX);
        let (column, row) = (self.buffer().column, self.buffer().row);
        match last {
            b'@' => self.insert_characters(count),
            b'A' => self.up(count),
            b'B' => self.down(count),
            b'C' | b'a' => self.move_by(distance, 0),
            b'D' => self.move_by(-distance, 0),
            b'E' => {
                self.down(count);
                self.buffer_mut().column = 0;
            }
            b'F' => {
                self.up(count);
                self.buffer_mut().column = 0;
            }
            b'G' | b'`' => self.move_to(place(0), here(row)),
            b'H' | b'f' => self.move_to(place(1), place(0)),
            b'I' => self.tab(count),
            b'J' => self.erase_in_display(parameters.value(0), false),
            b'K' => self.erase_in_line(parameters.value(0), false),
            b'L' => self.insert_lines(count),
            b'M' => self.delete_lines(count),
            b'P' => self.delete_characters(count),
            b'S' => self.scroll_up(count),
            b'T' => self.scroll_down(count),
            b'X' => self.erase_characters(count),
            b'Z' => self.back_tab(count),
            b'b' => self.repeat(count),
            b'd' => self.move_to(here(column), place(0)),
            b'e' => self.move_by(0, distance),
            b'g' => self.clear_tab(parameters.value(0)),
            b'h' => self.set_modes(parameters, true),
            b'l' => self.set_modes(parameters, false),
            b'm' => sgr::apply(&mut self.pen, parameters),
            b'r' => {
                let bottom =
                    (parameters.len() > 1).then(|| usize::try_from(parameters.value(1)).unwrap_or(0));
                self.set_margins(count, bottom);
            }
            b's' => self.save(),
            b'u' => self.restore(),
            _ => {}
        }
    }

    fn private_csi(&mut self, parameters: &Parameters, last: u8) {
        match last {
            b'J' => self.erase_in_display(parameters.value(0), true),
            b'K' => self.erase_in_line(parameters.value(0), true),
            b'h' => parameters.values().iter().for_each(|mode| self.set_private_mode(*mode, true)),
            b'l' => parameters.values().iter().for_each(|mode| self.set_private_mode(*mode, false)),
            _ => {}
        }
    }

    fn marked_csi(&mut self, marks: &[u8], parameters: &Parameters, last: u8) {
        let count = parameters.count(0);
        let column = self.buffer().column;
        match (marks, last) {
            (b" ", b'@') => self.delete_columns(0, count),
            (b" ", b'A') => self.insert_columns(0, count),
            (b"'", b'}') => self.insert_columns(column, count),
            (b"'", b'~') => self.delete_columns(column, count),
            (b" ", b'q') => self.modes.set_cursor_shape(parameters.value(0)),
            (b"!", b'p') => self.soft_reset(),
            (b"\"", b'q') => match parameters.value(0) {
                1 => self.pen.flags.set(Flags::PROTECTED, true),
                0 | 2 => self.pen.flags.set(Flags::PROTECTED, false),
                _ => {}
            },
            _ => {}
        }
    }

    fn set_modes(&mut self, parameters: &Parameters, on: bool) {
        for mode in parameters.values() {
            match mode {
                4 => self.modes.insert = on,
                20 => self.modes.new_line = on,
                _ => {}
            }
        }
    }

    fn set_private_mode(&mut self, mode: i32, on: bool) {
        match mode {
            2 if on => (0..4).for_each(|level| self.designate(level, None)),
            6 => {
                self.modes.origin = on;
                self.move_to(0, 0);
            }
            47 | 1047 if on => self.enter_alternate(),
            47 | 1047 => self.leave_alternate(),
            1048 if on => self.save(),
            1048 => self.restore(),
            1049 if on => {
                self.save();
                self.enter_alternate();
            }
            1049 => {
                self.leave_alternate();
                self.restore();
            }
            _ => self.modes.set_private(mode, on),
        }
    }

    fn next_line(&mut self) {
        self.buffer_mut().column = 0;
        self.index();
    }

    // Tab stops.

    fn tab(&mut self, count: usize) {
        let columns = self.columns;
        let buffer = self.buffer_mut();
        if buffer.column < columns {
            for _ in 0..count.min(columns) {
                buffer.column = buffer.next_tab(columns);
            }
        }
    }

    fn back_tab(&mut self, count: usize) {
        let columns = self.columns;
        let buffer = self.buffer_mut();
        if buffer.column < columns {
            for _ in 0..count.min(columns) {
                buffer.column = buffer.previous_tab(columns);
            }
        }
    }

    fn set_tab(&mut self, columns: usize) {
        let buffer = self.buffer_mut();
        if buffer.column < columns {
            buffer.tabs.insert(buffer.column);
        }
    }

    fn clear_tab(&mut self, what: i32) {
        let buffer = self.buffer_mut();
        match what {
            0 => {
                buffer.tabs.remove(&buffer.column);
            }
            3 => buffer.tabs.clear(),
            _ => {}
        }
    }

    /// OSC 8: `key=value:…;address`.
    fn set_link(&mut self, text: &str) {
        let Some((keys, address)) = text.split_once(';') else { return };
        let keys = keys.trim();
        if !address.is_empty() {
            let id = keys.split(':').find_map(|key| key.strip_prefix("id=")).filter(|id| !id.is_empty());
            self.pen.link = self.links.link(id, address);
        } else if keys.is_empty() {
            self.pen.link = None;
        } else {
            return;
        }
        self.pen.update_extended();
    }
}
