//! What may pass between a desktop and a browser, instruction by instruction, by the policy of its session.
//!
//! Pure. What is not known to be harmless does not pass: neither what a browser makes up, nor what guacd does. Streams
//! that do not pass are remembered by their index until they end.

use std::collections::{HashMap, HashSet};

use openpam_proto::desktop::{PIXELS, Transfer};
use openpam_proto::guacamole::Instruction;

use super::files::OWN_STREAMS;

/// What the policy keeps from passing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blocked {
    /// The clipboard, from the desktop.
    Copy,
    /// The clipboard, to the desktop.
    Paste,
    /// Files, from the desktop.
    Download,
    /// Files, to the desktop.
    Upload,
}

impl Blocked {
    /// As notices say it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Paste => "paste",
            Self::Download => "download",
            Self::Upload => "upload",
        }
    }

    /// For the user.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Copy => "your grant does not let the clipboard out of this desktop",
            Self::Paste => "your grant does not let the clipboard into this desktop",
            Self::Download => "your grant does not let files out of this desktop",
            Self::Upload => "your grant does not let files into this desktop",
        }
    }
}

/// What draws, plays or keeps time, and nothing else, of all versions up to 1.6; `disconnect` and `error` are the site's to say.
const SHOWS: [&str; 38] = [
    "ack",
    "arc",
    "blob",
    "cfill",
    "clip",
    "close",
    "copy",
    "cstroke",
    "cursor",
    "curve",
    "dispose",
    "distort",
    "end",
    "identity",
    "jpeg",
    "lfill",
    "line",
    "log",
    "lstroke",
    "mouse",
    "move",
    "name",
    "nest",
    "nop",
    "png",
    "pop",
    "push",
    "rect",
    "reset",
    "set",
    "shade",
    "size",
    "start",
    "sync",
    "transfer",
    "transform",
    "touch",
    "keyboard",
];

/// What becomes of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Pass,
    /// It does not, and nobody needs to know.
    Drop,
    /// It does not, and its user is told.
    Block(Blocked),
    /// It is about files, which go by the session's own member.
    File,
}

/// Streams that a browser may have open at a time, as in guacd.
const MAX_STREAMS: usize = 128;
/// An index beyond is none: guacd's own are below 128, and what is told to browsers beside.
const MAX_INDEX: u32 = 2048;

/// The streams, by index, whose pieces do not pass.
#[derive(Debug, Default)]
struct Stopped(HashSet<u32>);

impl Stopped {
    fn open(&mut self, index: &str, passes: bool) -> bool {
        let Some(index) = number(index) else { return false };
        if passes {
            self.0.remove(&index);
        } else {
            self.0.insert(index);
        }
        passes
    }

    fn is(&self, index: &str) -> bool {
        number(index).is_none_or(|index| self.0.contains(&index))
    }

    fn close(&mut self, index: &str) -> bool {
        number(index).is_none_or(|index| self.0.remove(&index))
    }
}

/// The index of a stream, if it can be one.
pub(super) fn number(index: &str) -> Option<u32> {
    index.parse().ok().filter(|index| *index < MAX_INDEX)
}

/// Judges what guacd says to one member.
#[derive(Debug)]
pub struct FromDesktop {
    copy: bool,
    files: bool,
    silent: bool,
    stopped: Stopped,
    /// The streams that carry files.
    carry: HashSet<u32>,
}

impl FromDesktop {
    /// For a member that is given the clipboard, or is not.
    #[must_use]
    pub fn new(copy: bool) -> Self {
        Self { copy, files: false, silent: false, stopped: Stopped::default(), carry: HashSet::new() }
    }

    /// The same, for the member that files go by.
    #[must_use]
    pub fn with_files(self) -> Self {
        Self { files: true, ..self }
    }

    /// The same, for a member that is to hear nothing if `silent`.
    #[must_use]
    pub fn without_sound(self, silent: bool) -> Self {
        Self { silent, ..self }
    }

    /// Judges one instruction.
    pub fn judge(&mut self, said: Instruction<'_>) -> Verdict {
        if self.files && self.is_of_files(said) {
            return Verdict::File;
        }
        match said.opcode() {
            "blob" if self.stopped.is(said.argument(0)) => Verdict::Drop,
            "end" if self.stopped.close(said.argument(0)) => Verdict::Drop,
            "clipboard" if self.stopped.open(said.argument(0), self.copy) => Verdict::Pass,
            "clipboard" if self.copy => Verdict::Drop,
            "clipboard" => Verdict::Block(Blocked::Copy),
            // Pipes are nobody's; for credentials the session's own member is asked, by `required`.
            "file" | "pipe" | "body" | "argv" => {
                self.stopped.open(said.argument(0), false);
                Verdict::Drop
            }
            "audio" if self.silent => {
                self.stopped.open(said.argument(0), false);
                Verdict::Drop
            }
            "img" | "audio" | "video" => {
                self.stopped.open(said.argument(0), true);
                Verdict::Pass
            }
            opcode if SHOWS.contains(&opcode) => Verdict::Pass,
            // Among them the tunnel's own, with an empty opcode: guacd has nothing to say there.
            _ => Verdict::Drop,
        }
    }

    fn is_of_files(&mut self, said: Instruction<'_>) -> bool {
        let stream = number(said.argument(0));
        match said.opcode() {
            // What this member sends are files alone.
            "filesystem" | "undefine" | "ack" => true,
            "file" => stream.is_some_and(|stream| self.begins(stream)),
            "body" => number(said.argument(1)).is_some_and(|stream| self.begins(stream)),
            "blob" => stream.is_some_and(|stream| self.carry.contains(&stream)),
            "end" => stream.is_some_and(|stream| self.carry.remove(&stream)),
            "img" | "audio" | "video" | "clipboard" | "pipe" | "argv" => {
                // The index is that stream's now.
                stream.map(|stream| self.carry.remove(&stream));
                false
            }
            _ => false,
        }
    }

    fn begins(&mut self, stream: u32) -> bool {
        self.stopped.0.remove(&stream);
        self.carry.insert(stream);
        true
    }
}

/// Judges what the browser of a session's own user says. Of its streams only those pass that were let through by name.
#[derive(Debug, Default)]
pub struct FromBrowser {
    /// And where they go: to its own member, or with the files.
    open: HashMap<u32, Verdict>,
}

impl FromBrowser {
    /// Judges one instruction.
    pub fn judge(&mut self, said: Instruction<'_>, transfer: Transfer) -> Verdict {
        let stream = number(said.argument(0));
        let passes = |passes| if passes { Verdict::Pass } else { Verdict::Drop };
        let goes = |verdict: Option<Verdict>| verdict.unwrap_or(Verdict::Drop);
        match said.opcode() {
            "mouse" | "key" | "touch" | "sync" | "nop" => Verdict::Pass,
            "ack" if stream.is_some_and(|stream| stream >= OWN_STREAMS) => Verdict::File,
            "ack" => Verdict::Pass,
            "size" => passes(pixels(said.argument(0)) && pixels(said.argument(1))),
            "blob" => goes(stream.and_then(|stream| self.open.get(&stream).copied())),
            "end" => goes(stream.and_then(|stream| self.open.remove(&stream))),
            "clipboard" if transfer.paste => self.opens(stream, Verdict::Pass),
            "file" if transfer.upload => self.opens(stream, Verdict::File),
            "put" if transfer.upload => self.opens(number(said.argument(1)), Verdict::File),
            // A folder's list is for both; a file in it is judged as guacd answers.
            "get" if transfer.download || transfer.upload => Verdict::File,
            opcode => {
                // Whatever it opens, the index is that stream's now.
                let opened = if opcode == "put" { number(said.argument(1)) } else { stream };
                opened.map(|stream| self.open.remove(&stream));
                match opcode {
                    "clipboard" => Verdict::Block(Blocked::Paste),
                    "file" | "put" => Verdict::Block(Blocked::Upload),
                    "get" => Verdict::Block(Blocked::Download),
                    _ => Verdict::Drop,
                }
            }
        }
    }

    fn opens(&mut self, stream: Option<u32>, goes: Verdict) -> Verdict {
        match stream {
            Some(stream) if self.open.len() < MAX_STREAMS || self.open.contains_key(&stream) => {
                self.open.insert(stream, goes);
                goes
            }
            _ => Verdict::Drop,
        }
    }

    /// The same browser goes on with another member: of its streams those of files are left.
    pub fn keep_files(&mut self) {
        self.open.retain(|_, goes| *goes == Verdict::File);
    }

    /// Whether somebody did something by it.
    #[must_use]
    pub fn is_typed(said: Instruction<'_>) -> bool {
        matches!(said.opcode(), "mouse" | "key" | "touch" | "clipboard")
    }
}

fn pixels(text: &str) -> bool {
    text.parse().is_ok_and(|count| PIXELS.contains(&count))
}

#[cfg(test)]
mod tests {
    use openpam_proto::guacamole;

    use super::*;

    fn judged(elements: &[&str], judge: impl FnOnce(Instruction<'_>) -> Verdict) -> Verdict {
        let text = guacamole::instruction(elements);
        judge(Instruction::first(text.as_bytes()).expect("well-formed").expect("whole"))
    }

    #[test]
    fn the_clipboard_leaves_only_where_it_may_and_its_pieces_with_it() {
        let mut shut = FromDesktop::new(false);
        let mut said = |elements: &[&str]| judged(elements, |said| shut.judge(said));
        assert_eq!(said(&["clipboard", "1", "text/plain"]), Verdict::Block(Blocked::Copy));
        assert_eq!(said(&["blob", "1", "c2VjcmV0"]), Verdict::Drop);
        assert_eq!(said(&["img", "3", "14", "0", "image/png", "0", "0"]), Verdict::Pass);
        assert_eq!(said(&["blob", "3", "AAAA"]), Verdict::Pass, "a picture in between");
        assert_eq!(said(&["end", "1"]), Verdict::Drop);
        assert_eq!(said(&["img", "1", "14", "0", "image/png", "0", "0"]), Verdict::Pass);
        assert_eq!(said(&["blob", "1", "AAAA"]), Verdict::Pass, "the index is another stream's now");
        let mut open = FromDesktop::new(true);
        assert_eq!(judged(&["clipboard", "1", "text/plain"], |said| open.judge(said)), Verdict::Pass);
        assert_eq!(judged(&["blob", "1", "AAAA"], |said| open.judge(said)), Verdict::Pass);
    }

    #[test]
    fn guacd_speaks_neither_for_the_hub_nor_for_the_site() {
        let mut all = FromDesktop::new(true);
        for said in [&["", "closed", "{}"][..], &["required", "password"], &["argv", "1", "text/plain", "x"]]
        {
            assert_eq!(judged(said, |said| all.judge(said)), Verdict::Drop, "{said:?}");
        }
    }

    #[test]
    fn who_is_to_hear_nothing_gets_no_sound_and_all_else() {
        let mut silent = FromDesktop::new(true).without_sound(true);
        let mut said = |elements: &[&str]| judged(elements, |said| silent.judge(said));
        assert_eq!(said(&["audio", "2", "audio/L16;rate=44100,channels=2"]), Verdict::Drop);
        assert_eq!(said(&["blob", "2", "AAAA"]), Verdict::Drop);
        assert_eq!(said(&["img", "3", "12", "0", "image/png", "0", "0"]), Verdict::Pass);
        assert_eq!(said(&["blob", "3", "AAAA"]), Verdict::Pass);
        assert_eq!(said(&["end", "2"]), Verdict::Drop);
        assert_eq!(said(&["blob", "2", "AAAA"]), Verdict::Pass, "another stream's");
    }

    #[test]
    fn a_browser_gets_around_the_policy_by_no_instruction() {
        let mut from = FromBrowser::default();
        let none = Transfer::default();
        let mut said = |elements: &[&str]| judged(elements, |said| from.judge(said, none));
        assert_eq!(said(&["clipboard", "7", "text/plain"]), Verdict::Block(Blocked::Paste));
        assert_eq!(said(&["blob", "7", "c2VjcmV0"]), Verdict::Drop);
        assert_eq!(said(&["blob", "007", "c2VjcmV0"]), Verdict::Drop, "however it is written");
        assert_eq!(said(&["blob", "+7", "c2VjcmV0"]), Verdict::Drop);
        assert_eq!(said(&["file", "8", "text/plain", "a"]), Verdict::Block(Blocked::Upload));
        assert_eq!(said(&["put", "0", "9", "text/plain", "/a"]), Verdict::Block(Blocked::Upload));
        assert_eq!(said(&["blob", "9", "AAAA"]), Verdict::Drop);
        assert_eq!(said(&["get", "0", "/"]), Verdict::Block(Blocked::Download));
        for made_up in [
            &["select", "ssh"][..],
            &["connect", "x"],
            &["disconnect"],
            &["argv", "1", "text/plain", "password"],
            &["pipe", "1", "text/plain", "x"],
            &["audio", "2", "audio/L16"],
            &["", "closed", "{}"],
            &["size", "0", "9"],
            &["size", "99999", "9"],
            &["mouse2"],
        ] {
            assert_eq!(said(made_up), Verdict::Drop, "{made_up:?}");
        }
        for known in
            [&["key", "65", "1"][..], &["mouse", "1", "2", "0"], &["sync", "17"], &["size", "800", "600"]]
        {
            assert_eq!(said(known), Verdict::Pass, "{known:?}");
        }
    }

    #[test]
    fn what_may_be_pasted_passes_and_nothing_behind_its_end() {
        let mut from = FromBrowser::default();
        let may = Transfer { paste: true, ..Transfer::default() };
        let mut said = |elements: &[&str]| judged(elements, |said| from.judge(said, may));
        assert_eq!(said(&["blob", "3", "AAAA"]), Verdict::Drop, "of no stream");
        for piece in [&["clipboard", "3", "text/plain"][..], &["blob", "3", "AAAA"], &["end", "3"]] {
            assert_eq!(said(piece), Verdict::Pass, "{piece:?}");
        }
        assert_eq!(said(&["blob", "3", "AAAA"]), Verdict::Drop);
        assert_eq!(said(&["clipboard", "4", "text/plain"]), Verdict::Pass);
        assert_eq!(said(&["file", "4", "text/plain", "a"]), Verdict::Block(Blocked::Upload));
        assert_eq!(said(&["blob", "4", "AAAA"]), Verdict::Drop, "the index is the file's now");
    }

    #[test]
    fn files_go_aside_with_their_pieces_and_nothing_else_does() {
        let mut own = FromDesktop::new(false).with_files();
        let mut said = |elements: &[&str]| judged(elements, |said| own.judge(said));
        assert_eq!(said(&["filesystem", "0", "Files"]), Verdict::File);
        assert_eq!(said(&["body", "0", "2", "text/plain", "/a"]), Verdict::File);
        assert_eq!(said(&["img", "4", "14", "0", "image/png", "0", "0"]), Verdict::Pass);
        assert_eq!(said(&["blob", "2", "AAAA"]), Verdict::File);
        assert_eq!(said(&["blob", "4", "AAAA"]), Verdict::Pass);
        assert_eq!(said(&["end", "2"]), Verdict::File);
        assert_eq!(said(&["img", "2", "14", "0", "image/png", "0", "0"]), Verdict::Pass);
        assert_eq!(said(&["blob", "2", "AAAA"]), Verdict::Pass, "the index is the picture's now");
        assert_eq!(said(&["pipe", "6", "text/plain", "x"]), Verdict::Drop);
        assert_eq!(said(&["blob", "6", "AAAA"]), Verdict::Drop);
        let may = Transfer { upload: true, ..Transfer::default() };
        let mut from = FromBrowser::default();
        let mut said = |elements: &[&str]| judged(elements, |said| from.judge(said, may));
        assert_eq!(said(&["put", "0", "7", "text/plain", "/a"]), Verdict::File);
        assert_eq!(said(&["blob", "7", "AAAA"]), Verdict::File);
        assert_eq!(said(&["clipboard", "7", "text/plain"]), Verdict::Block(Blocked::Paste));
        assert_eq!(said(&["blob", "7", "AAAA"]), Verdict::Drop, "no clipboard goes as a file");
        assert_eq!(said(&["file", "8", "text/plain", "a"]), Verdict::File);
        assert_eq!(said(&["ack", "1026", "", "0"]), Verdict::File);
        assert_eq!(said(&["ack", "2", "", "0"]), Verdict::Pass);
        from.keep_files();
        assert_eq!(judged(&["blob", "8", "AAAA"], |said| from.judge(said, may)), Verdict::File);
    }

    #[test]
    fn more_streams_than_may_be_do_not_open_the_way() {
        let mut from = FromBrowser::default();
        for index in 0..1000 {
            let index = index.to_string();
            judged(&["clipboard", &index, "text/plain"], |said| from.judge(said, Transfer::default()));
            assert_eq!(
                judged(&["blob", &index, "AAAA"], |said| from.judge(said, Transfer::default())),
                Verdict::Drop
            );
        }
    }
}
