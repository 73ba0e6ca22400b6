//! The end of the picture that a member is given when it joins. guacd says none before its next frame, which is up to a second
//! later where nothing moves; and a browser shows nothing before.
//!
//! Pure but for the time of the newest frame, which the session's own member keeps for the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use openpam_proto::guacamole::{self, Instruction};

/// The newest frame that guacd has drawn, in guacd's time. Clones are one and the same.
#[derive(Clone, Debug, Default)]
pub struct Newest(Arc<AtomicU64>);

/// What a member's reader knows of its first picture.
#[derive(Debug)]
pub struct Picture {
    newest: Newest,
    state: State,
}

#[derive(Debug, PartialEq)]
enum State {
    /// The session's own member: it has a whole frame.
    Own,
    /// Nothing was drawn yet.
    Awaited,
    /// The screen comes in this stream.
    Drawn(String),
    Ended,
}

impl Picture {
    /// Of the session's own member.
    #[must_use]
    pub const fn of_own(newest: Newest) -> Self {
        Self { newest, state: State::Own }
    }

    /// Of a member that joins.
    #[must_use]
    pub const fn of_joined(newest: Newest) -> Self {
        Self { newest, state: State::Awaited }
    }

    /// Hears what guacd says; whether the picture is whole now, and nobody has said so.
    pub fn hears(&mut self, said: Instruction<'_>) -> bool {
        match (&self.state, said.opcode()) {
            (State::Own, "sync") => {
                if let Ok(time) = said.argument(0).parse() {
                    self.newest.0.store(time, Ordering::Relaxed);
                }
            }
            (State::Own | State::Ended, _) => {}
            (_, "sync") => self.state = State::Ended,
            // Layer 0 is the screen.
            (State::Awaited, "img") if said.argument(2) == "0" => {
                self.state = State::Drawn(said.argument(0).to_owned());
            }
            (State::Drawn(stream), "end") if said.argument(0) == stream => {
                self.state = State::Ended;
                return true;
            }
            _ => {}
        }
        false
    }

    /// Its end, as guacd would say it: guacd takes the answer as one to that frame.
    #[must_use]
    pub fn end(&self) -> String {
        guacamole::instruction(&["sync", &self.newest.0.load(Ordering::Relaxed).to_string()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hears(picture: &mut Picture, said: &[&str]) -> bool {
        let text = guacamole::instruction(said);
        picture.hears(Instruction::first(text.as_bytes()).expect("well-formed").expect("whole"))
    }

    #[test]
    fn a_joined_picture_ends_with_the_stream_of_the_screen_and_once() {
        let newest = Newest::default();
        let (mut own, mut joined) = (Picture::of_own(newest.clone()), Picture::of_joined(newest));
        assert!(!hears(&mut own, &["sync", "17"]));
        assert!(!hears(&mut joined, &["img", "3", "14", "-1", "image/png", "0", "0"]), "a cursor");
        assert!(!hears(&mut joined, &["end", "3"]));
        assert!(!hears(&mut joined, &["img", "4", "14", "0", "image/png", "0", "0"]));
        assert!(!hears(&mut joined, &["end", "3"]));
        assert!(hears(&mut joined, &["end", "4"]));
        assert_eq!(joined.end(), "4.sync,2.17;");
        assert!(!hears(&mut joined, &["img", "4", "14", "0", "image/png", "0", "0"]));
        assert!(!hears(&mut joined, &["end", "4"]));
    }

    #[test]
    fn a_frame_of_guacds_own_needs_no_other_end() {
        let mut joined = Picture::of_joined(Newest::default());
        for said in [&["img", "4", "14", "0", "image/png", "0", "0"][..], &["sync", "18"], &["end", "4"]] {
            assert!(!hears(&mut joined, said), "{said:?}");
        }
    }
}
