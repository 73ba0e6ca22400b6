//! The browser's messages as types: JSON with a `type` on a shell's WebSocket (`openpam.ssh.v1`), the same as internal
//! instructions on a desktop's (`guacamole`). A shell's binary frames are `openpam_proto::frame::Data`.
//!
//! Unknown types and fields of a client are ignored, so that newer pages work with older hubs.

use openpam_ids::SessionId;
use openpam_proto::attach;
use openpam_proto::desktop::Transfer;
use openpam_proto::end::NoticeCode;
use openpam_proto::guacamole::{self, Instruction};
use serde::{Deserialize, Serialize};

use crate::time::Time;

/// What a browser's WebSocket speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A shell's.
    Shell,
    /// A desktop's: Guacamole's instructions.
    Desktop,
}

impl Language {
    /// The WebSocket's subprotocol.
    #[must_use]
    pub const fn subprotocol(self) -> &'static str {
        match self {
            Self::Shell => "openpam.ssh.v1",
            Self::Desktop => "guacamole",
        }
    }

    /// As it is said.
    #[must_use]
    pub fn write(self, text: &ServerText<'_>) -> String {
        match self {
            Self::Shell => text.to_json(),
            Self::Desktop => text.to_instruction(),
        }
    }

    /// What a client says beside its input; `None`: that is not in this language.
    #[must_use]
    pub fn read(self, text: &str) -> Option<ClientText> {
        match self {
            Self::Shell => serde_json::from_str(text).ok(),
            Self::Desktop => {
                let said = Instruction::first(text.as_bytes()).ok().flatten()?;
                Some(if said.opcode().is_empty() { ClientText::of(said) } else { ClientText::Other })
            }
        }
    }
}

/// What the hub says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerText<'a> {
    /// A step of opening is done.
    Step {
        /// `policy`, `credential`, `site` or `target`.
        name: &'a str,
        /// Since the WebSocket opened.
        elapsed_ms: u64,
    },
    /// A desktop's attachment stands.
    #[serde(rename = "opened")]
    DesktopOpened {
        /// The session.
        session_id: SessionId,
        /// `own` or `watch`.
        mode: &'a str,
        /// The newest window of the session's own user, in pixels.
        width: u16,
        /// And its height.
        height: u16,
        /// What may pass.
        transfer: TransferText,
    },
    /// A shell's attachment stands.
    Opened {
        /// The session.
        session_id: SessionId,
        /// `own` or `watch`.
        mode: &'a str,
        /// The offset of the next output byte.
        output_offset: u64,
        /// The newest output offset at this moment.
        output_end: u64,
        /// Input before it was given to the target.
        input_offset: u64,
        /// Terminal columns.
        cols: u16,
        /// Terminal rows.
        rows: u16,
    },
    /// Reset the terminal and write `data`.
    Screen {
        /// Terminal columns.
        cols: u16,
        /// Terminal rows.
        rows: u16,
        /// Escape codes.
        data: &'a str,
    },
    /// Input before the offset was given to the target.
    Ack {
        /// The offset.
        input_offset: u64,
    },
    /// Something to know while the session goes on.
    Notice {
        /// What.
        code: &'a str,
        /// For people.
        message: &'a str,
        /// First missing byte, with `output_gap`.
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<u64>,
        /// First byte after the gap, with `output_gap`.
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<u64>,
        /// Until when the session is kept, with `link_lost`.
        #[serde(skip_serializing_if = "Option::is_none")]
        held_until: Option<Time>,
        /// Who came or went, with `watched` and `unwatched`.
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<&'a str>,
        /// Everybody who watches now, with `watched` and `unwatched`.
        #[serde(skip_serializing_if = "Option::is_none")]
        watchers: Option<&'a [String]>,
        /// The code of the end that comes, with `ends_soon` where it is a limit of the session.
        #[serde(skip_serializing_if = "Option::is_none")]
        end_code: Option<&'a str>,
        /// In how many seconds it comes.
        #[serde(skip_serializing_if = "Option::is_none")]
        left_s: Option<u32>,
        /// What was stopped, with `blocked`.
        #[serde(skip_serializing_if = "Option::is_none")]
        what: Option<&'a str>,
    },
    /// The session's terminal has another size: told to who watches.
    Resized {
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// The answer to a ping.
    Pong {
        /// As it came.
        t: &'a serde_json::Value,
        /// The hub's own time for it, in milliseconds.
        hub_ms: f64,
        /// Round trip hub to site, in milliseconds; `null` if not measured yet.
        site_ms: Option<f64>,
    },
    /// The last message.
    Closed {
        /// Why.
        code: &'a str,
        /// For people.
        message: &'a str,
        /// `hub`, `site` or `target`.
        hop: &'a str,
        /// Whether the session is over.
        ended: bool,
        /// The program's exit status.
        exit_status: Option<u32>,
        /// The signal that ended it.
        exit_signal: Option<&'a str>,
    },
}

impl ServerText<'_> {
    fn to_json(&self) -> String {
        // Plain data always serializes.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The type stands before the JSON, and not in it.
    fn to_instruction(&self) -> String {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        let kind = json.as_object_mut().and_then(|fields| fields.remove("type"));
        let kind = kind.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        guacamole::instruction(&["", kind, &json.to_string()])
    }
}

/// What may pass between a desktop and its browser.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct TransferText {
    copy: bool,
    paste: bool,
    download: bool,
    upload: bool,
}

impl From<Transfer> for TransferText {
    fn from(transfer: Transfer) -> Self {
        let Transfer { copy, paste, download, upload } = transfer;
        Self { copy, paste, download, upload }
    }
}

/// A notice of the hub's own; `held_until` comes with `link_lost`.
#[must_use]
pub const fn notice(code: NoticeCode, message: &str, held_until: Option<Time>) -> ServerText<'_> {
    ServerText::Notice {
        code: code.as_str(),
        message,
        from: None,
        to: None,
        held_until,
        by: None,
        watchers: None,
        end_code: None,
        left_s: None,
        what: None,
    }
}

/// A close.
#[must_use]
pub fn closed(closed: &attach::Closed) -> ServerText<'_> {
    ServerText::Closed {
        code: closed.code.as_str(),
        message: &closed.message,
        hop: closed.hop.as_str(),
        ended: closed.ended,
        exit_status: closed.exit_status,
        exit_signal: closed.exit_signal.as_deref(),
    }
}

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientText {
    /// Output before the offset was consumed.
    Ack {
        /// The offset.
        output_offset: u64,
    },
    /// Another terminal size.
    Resize {
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// Measure.
    Ping {
        /// Given back unread.
        t: serde_json::Value,
    },
    /// The user agrees to what was asked with the notice `consent`.
    Agree,
    /// End the session.
    Close,
    /// Something newer.
    #[serde(other)]
    Other,
}

impl ClientText {
    /// Of a desktop's internal instruction.
    #[must_use]
    pub fn of(said: Instruction<'_>) -> Self {
        match said.argument(0) {
            "close" => Self::Close,
            "agree" => Self::Agree,
            "measure" => {
                let json = serde_json::from_str::<serde_json::Value>(said.argument(1)).ok();
                let t = json.and_then(|mut json| json.get_mut("t").map(serde_json::Value::take));
                Self::Ping { t: t.unwrap_or_default() }
            }
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desktops_messages_are_internal_instructions_with_the_type_before_the_json() {
        let pong = ServerText::Pong { t: &serde_json::json!(7), hub_ms: 0.5, site_ms: None };
        assert_eq!(Language::Desktop.write(&pong), r#"0.,4.pong,35.{"hub_ms":0.5,"site_ms":null,"t":7};"#);
        assert!(matches!(Language::Desktop.read("0.,5.close;"), Some(ClientText::Close)));
        assert!(matches!(Language::Desktop.read("5.close;"), Some(ClientText::Other)), "a word of guacd's");
        assert!(Language::Desktop.read("close").is_none());
        let Some(ClientText::Ping { t }) = Language::Desktop.read(r#"0.,7.measure,9.{"t":1.5};"#) else {
            panic!("a ping")
        };
        assert_eq!(t, serde_json::json!(1.5));
    }

    #[test]
    fn a_ping_of_any_shape_is_given_back_as_it_came() {
        let ClientText::Ping { t } = serde_json::from_str(r#"{"type":"ping","t":1.25}"#).expect("parses")
        else {
            panic!("a ping");
        };
        let json = ServerText::Pong { t: &t, hub_ms: 0.5, site_ms: None }.to_json();
        assert_eq!(json, r#"{"type":"pong","t":1.25,"hub_ms":0.5,"site_ms":null}"#);
    }

    #[test]
    fn a_number_with_a_long_fraction_does_not_become_its_neighbour() {
        for number in ["4.5e300", "12345.600000023842", "1700000000000.1235"] {
            let json = format!(r#"{{"type":"ping","t":{number}}}"#);
            let Ok(ClientText::Ping { t }) = serde_json::from_str(&json) else { panic!("a ping") };
            assert_eq!(t.as_f64(), number.parse().ok());
        }
    }

    #[test]
    fn an_unknown_type_is_no_error() {
        assert!(matches!(serde_json::from_str(r#"{"type":"wave","x":1}"#), Ok(ClientText::Other)));
    }
}
