//! Guacamole's instructions, from a browser or from guacd, and what becomes of them at the site. Cut in two anywhere, a
//! stream is the same instructions; whatever a browser writes, no piece of a forbidden file or clipboard passes, and where
//! files may, guacd hears of nothing else.

use std::time::Instant;

use openpam_proto::desktop::Transfer;
use openpam_proto::guacamole::{self, Instruction, MAX_INSTRUCTION_BYTES};
use openpam_satellite::desktop::failure::Said;
use openpam_satellite::desktop::files::{Files, Spoken};
use openpam_satellite::desktop::filter::{FromBrowser, FromDesktop, Verdict};

use crate::input::Input;

/// Where it is cut comes first, then the stream.
pub fn feed(data: &[u8]) {
    let mut input = Input::new(data);
    let cut = usize::from(input.short());
    let stream = input.rest();
    let whole = split(stream);
    let (begin, end) = stream.split_at(cut.min(stream.len()));
    let mut first = Vec::new();
    if let Ok(count) = guacamole::whole(begin, usize::MAX, |next| first.push(next.text().to_owned())) {
        let rest = [begin.get(count..).unwrap_or_default(), end].concat();
        first.extend(split(&rest));
        assert_eq!(first, whole, "cut at {cut}");
    }
    judge(&whole);
}

fn split(stream: &[u8]) -> Vec<String> {
    let mut seen = Vec::new();
    let mut at = 0;
    while let Ok(Some(next)) = Instruction::first(stream.get(at..).unwrap_or_default()) {
        let text = next.text();
        assert!(text.len() <= MAX_INSTRUCTION_BYTES);
        let elements = std::iter::once(next.opcode()).chain(next.arguments()).collect::<Vec<_>>();
        let again = guacamole::instruction(&elements);
        assert_eq!(split_elements(&again), elements, "it survives being written again");
        at += text.len();
        seen.push(text.to_owned());
    }
    seen
}

fn split_elements(text: &str) -> Vec<&str> {
    let read = Instruction::first(text.as_bytes()).ok().flatten();
    read.map(|read| std::iter::once(read.opcode()).chain(read.arguments()).collect()).unwrap_or_default()
}

fn judge(instructions: &[String]) {
    let (mut browser, mut desktop, mut said) =
        (FromBrowser::default(), FromDesktop::new(false), Said::default());
    let mut files = Moved::default();
    for text in instructions {
        let Ok(Some(next)) = Instruction::first(text.as_bytes()) else { continue };
        said.hears(next);
        files.hears(next);
        let verdict = browser.judge(next, Transfer::default());
        let forbidden = ["clipboard", "file", "put", "get", "pipe", "argv", "", "select", "connect"];
        assert!(!forbidden.contains(&next.opcode()) || verdict != Verdict::Pass, "{text}");
        assert_ne!(verdict, Verdict::File, "{text}");
        match (next.opcode(), desktop.judge(next)) {
            ("clipboard" | "file" | "pipe" | "body" | "argv", verdict) => {
                assert_ne!(verdict, Verdict::Pass, "{text}");
            }
            ("", verdict) => assert_eq!(verdict, Verdict::Drop, "{text}"),
            _ => {}
        }
    }
    let _ = said.ends();
}

/// A session in which files may pass, that hears the same from both sides.
struct Moved {
    browser: FromBrowser,
    desktop: FromDesktop,
    files: Files,
}

const MAY: Transfer = Transfer { copy: false, paste: false, download: true, upload: true };

impl Default for Moved {
    fn default() -> Self {
        let mut files = Files::new(MAY);
        files.has_room(u64::MAX);
        Self { browser: FromBrowser::default(), desktop: FromDesktop::new(false).with_files(), files }
    }
}

impl Moved {
    fn hears(&mut self, next: Instruction<'_>) {
        let mut spoken = Spoken::default();
        if self.desktop.judge(next) == Verdict::File {
            self.files.of_guacd(next, &mut spoken);
        }
        if self.browser.judge(next, MAY) == Verdict::File {
            self.files.of_browser(next, Instant::now(), &mut spoken);
        }
        for said in split(spoken.guacd.as_bytes()) {
            let opcode = split_elements(&said).first().copied().unwrap_or_default().to_owned();
            assert!(["ack", "put", "file", "get", "blob", "end"].contains(&opcode.as_str()), "{said}");
        }
        assert!(spoken.browser.iter().all(|said| split(said.as_bytes()).len() == 1));
    }
}
