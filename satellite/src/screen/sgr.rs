//! How characters are to be drawn (SGR): read into a pen, and written from one.

use std::fmt::Write;

use super::cell::{Colour, Flags, Pen};
use super::parameters::Parameters;

/// Reads an SGR sequence.
pub(super) fn apply(pen: &mut Pen, parameters: &Parameters) {
    let mut at = 0;
    while at < parameters.len() {
        let value = parameters.value(at);
        match value {
            0 => reset(pen),
            1..=3 | 5 | 7..=9 | 53 => pen.flags.set(switch(value), true),
            4 => underline(pen, parameters.subs(at).first().copied().unwrap_or(1)),
            21 => underline(pen, 2),
            22 => {
                pen.flags.set(Flags::BOLD, false);
                pen.flags.set(Flags::DIM, false);
            }
            24 => underline(pen, 0),
            23 | 25 | 27..=29 => pen.flags.set(switch(value - 20), false),
            55 => pen.flags.set(Flags::OVERLINE, false),
            30..=37 => pen.foreground = basic(value - 30),
            90..=97 => pen.foreground = basic(value - 90 + 8),
            39 => pen.foreground = Colour::Default,
            40..=47 => pen.background = basic(value - 40),
            100..=107 => pen.background = basic(value - 100 + 8),
            49 => pen.background = Colour::Default,
            38 | 48 | 58 => at += colour(pen, parameters, at),
            // xterm.js makes the underline white instead of giving it the text's colour.
            59 => {
                pen.underline_colour = Colour::Rgb(255, 255, 255);
                pen.update_extended();
            }
            _ => {}
        }
        at += 1;
    }
}

const fn switch(value: i32) -> Flags {
    match value {
        1 => Flags::BOLD,
        2 => Flags::DIM,
        3 => Flags::ITALIC,
        5 => Flags::BLINK,
        7 => Flags::INVERSE,
        8 => Flags::INVISIBLE,
        9 => Flags::STRIKETHROUGH,
        _ => Flags::OVERLINE,
    }
}

/// A reset leaves the link.
fn reset(pen: &mut Pen) {
    *pen = Pen { link: pen.link.take(), ..Pen::default() };
    pen.update_extended();
}

fn underline(pen: &mut Pen, kind: i32) {
    let kind = u8::try_from(kind).ok().filter(|kind| *kind <= 5).unwrap_or(1);
    pen.underline = kind;
    pen.flags.set(Flags::UNDERLINE, kind != 0);
    pen.update_extended();
}

fn basic(number: i32) -> Colour {
    Colour::Basic(low_byte(number))
}

fn low_byte(value: i32) -> u8 {
    value.to_le_bytes()[0]
}

/// Reads an extended colour, written with semicolons, colons or both; how many further parameters it took.
fn colour(pen: &mut Pen, parameters: &Parameters, at: usize) -> usize {
    // Target, kind, colour space, then the values.
    let mut read = [0, 0, -1, 0, 0, 0];
    let mut space = 0;
    let mut taken = 0;
    loop {
        put(&mut read, taken + space, parameters.value(at + taken));
        let subs = parameters.subs(at + taken);
        if !subs.is_empty() {
            for (index, sub) in subs.iter().enumerate() {
                if read[1] == 5 {
                    space = 1;
                }
                put(&mut read, taken + index + 1 + space, *sub);
            }
            break;
        }
        if read[1] == 5 && taken + space >= 2 || read[1] == 2 && taken + space >= 5 {
            break;
        }
        if read[1] != 0 {
            space = 1;
        }
        taken += 1;
        if taken + at >= parameters.len() || taken + space >= read.len() {
            break;
        }
    }
    let value =
        |index: usize| read.get(index).map_or(0, |value| if *value == -1 { 0 } else { low_byte(*value) });
    let chosen = match read[1] {
        2 => Colour::Rgb(value(3), value(4), value(5)),
        5 => Colour::Indexed(value(3)),
        _ => return taken,
    };
    match read[0] {
        38 => pen.foreground = chosen,
        48 => pen.background = chosen,
        _ => pen.underline_colour = chosen,
    }
    taken
}

fn put(read: &mut [i32; 6], at: usize, value: i32) {
    if let Some(place) = read.get_mut(at) {
        *place = value;
    }
}

/// Writes codes that bring any pen to this one.
pub(super) fn write(out: &mut String, pen: &Pen, before: Option<&Pen>) {
    let link = pen.drawn_link();
    if before.is_none_or(|before| before.drawn_link() != link) {
        match link {
            Some(link) => {
                let id = link.id.as_ref().map(|id| format!("id={id}")).unwrap_or_default();
                out.push_str(&format!("\x1b]8;{id};{}\x07", link.address));
            }
            None if before.is_some() => out.push_str("\x1b]8;;\x07"),
            None => {}
        }
    }
    out.push_str("\x1b[");
    let switches = [
        (Flags::BOLD, ";1"),
        (Flags::DIM, ";2"),
        (Flags::ITALIC, ";3"),
        (Flags::BLINK, ";5"),
        (Flags::INVERSE, ";7"),
        (Flags::INVISIBLE, ";8"),
        (Flags::STRIKETHROUGH, ";9"),
        (Flags::OVERLINE, ";53"),
    ];
    for (_, code) in switches.iter().filter(|(flag, _)| pen.flags.has(*flag)) {
        out.push_str(code);
    }
    // Writing to a String cannot fail.
    let _ = match pen.drawn_underline() {
        0 => Ok(()),
        1 => out.write_str(";4"),
        kind => write!(out, ";4:{kind}"),
    };
    write_colour(out, 30, pen.foreground);
    write_colour(out, 40, pen.background);
    write_colour(out, 50, pen.underline_colour);
    out.push('m');
    if pen.flags.has(Flags::PROTECTED) {
        out.push_str("\x1b[1\"q");
    }
}

/// `base` is 30 for the foreground, 40 for the background, 50 for the underline.
fn write_colour(out: &mut String, base: u8, colour: Colour) {
    let extended = base + 8;
    let _ = match colour {
        Colour::Default => Ok(()),
        Colour::Basic(number @ 0..8) => write!(out, ";{}", base + number),
        Colour::Basic(number) => write!(out, ";{}", base + 60 + number - 8),
        Colour::Indexed(number) => write!(out, ";{extended};5;{number}"),
        Colour::Rgb(red, green, blue) => write!(out, ";{extended};2;{red};{green};{blue}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pen(codes: &str) -> Pen {
        let mut pen = Pen::default();
        for code in codes.split('m').filter(|code| !code.is_empty()) {
            let mut parameters = Parameters::default();
            code.trim_start_matches("\x1b[").bytes().for_each(|byte| parameters.read(byte));
            apply(&mut pen, &parameters);
        }
        pen
    }

    #[test]
    fn what_is_written_is_read_as_the_same_pen() {
        let all = [
            "1;3;31;44",
            "2;5;7;8;9;53;91;102",
            "4:3;58:2::1:2:3",
            "4;58;5;9",
            "38;5;200;48;2;1;2;3",
            "21",
            "0",
        ];
        for codes in all {
            let pen = pen(codes);
            let mut out = String::new();
            write(&mut out, &pen, None);
            assert_eq!(self::pen(&out), pen, "{codes}: {out:?}");
        }
    }

    #[test]
    fn colours_are_read_with_semicolons_and_colons() {
        for codes in ["38;2;1;2;3", "38:2::1:2:3", "38;2:0:1:2:3"] {
            assert_eq!(pen(codes).foreground, Colour::Rgb(1, 2, 3), "{codes}");
        }
        for codes in ["38;5;7;1", "38:5:7;1"] {
            assert_eq!(pen(codes).foreground, Colour::Indexed(7), "{codes}");
            assert!(pen(codes).flags.has(Flags::BOLD), "{codes}");
        }
    }
}
