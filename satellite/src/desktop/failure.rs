//! Why a desktop did not come about, or ended: guacd's words in ours.
//!
//! guacd says an `error` with a status (Guacamole protocol reference, "Status codes") or a `disconnect`, and lets go.
//! Its texts are in English, and differ between versions: where several causes share a status, they are told apart by them.

use openpam_proto::end::{EndCode, Hop};
use openpam_proto::guacamole::Instruction;

use crate::session::life::Why;

/// More of what guacd says is not shown.
const MAX_SHOWN_CHARS: usize = 200;

/// What guacd said before it let go of a member.
#[derive(Debug, Default)]
pub struct Said {
    error: Option<(u16, String)>,
    disconnect: bool,
    asks: Option<String>,
    broken: Option<String>,
}

impl Said {
    /// Looks at an instruction for it.
    pub fn hears(&mut self, said: Instruction<'_>) {
        match said.opcode() {
            "error" => {
                let shown = said.argument(0).chars().filter(|character| !character.is_control());
                let text = shown.take(MAX_SHOWN_CHARS).collect();
                self.error = Some((said.argument(1).parse().unwrap_or_default(), text));
            }
            "disconnect" => self.disconnect = true,
            "required" => self.asks = Some(said.argument(0).to_owned()),
            _ => {}
        }
    }

    /// What it said was no protocol.
    pub fn broken(&mut self, why: &str) {
        self.broken = Some(why.to_owned());
    }

    /// Whether it can't go on any more, before it lets go.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.error.is_some() || self.disconnect || self.asks.is_some()
    }

    /// Why a desktop that stood ends.
    #[must_use]
    pub fn ends(self) -> Why {
        let why = |code, hop, message: String| Why { code, message, hop, drain: true };
        match self {
            Self { broken: Some(broken), .. } => why(
                EndCode::Internal,
                Hop::Site,
                format!("the site's desktop gateway (guacd) made no sense: {broken}"),
            ),
            Self { error: Some((SESSION_CLOSED, _)), .. } => {
                let message = "the desktop was closed at the target, or somebody signed in there";
                why(EndCode::Exited, Hop::Target, message.to_owned())
            }
            Self { error: Some((SESSION_CONFLICT, _)), .. } => {
                let message = "somebody else signed in to this desktop, with the same account";
                why(EndCode::Exited, Hop::Target, message.to_owned())
            }
            Self { error: Some((SESSION_TIMEOUT, _)), .. } => why(
                EndCode::Exited,
                Hop::Target,
                "the target ended the desktop, which nobody used".to_owned(),
            ),
            Self { error: Some((_, text)), .. } => why(
                EndCode::TargetUnreachable,
                Hop::Target,
                format!("the connection to the desktop was lost: {text}"),
            ),
            Self { disconnect: true, .. } => {
                why(EndCode::Exited, Hop::Target, "the user signed out of the desktop".to_owned())
            }
            Self { .. } => {
                let message = "the site's desktop gateway (guacd) ended; open the desktop again";
                why(EndCode::Internal, Hop::Site, message.to_owned())
            }
        }
    }

    /// Why there is no desktop: the code, where, and what to do.
    #[must_use]
    pub fn refused(self, address: &str, username: &str) -> (EndCode, Hop, String) {
        let account = |what: &str| {
            let message = format!(
                "the target refused the account {username}: {what}. An administrator must check the credential"
            );
            (EndCode::CredentialRejected, Hop::Target, message)
        };
        let reach = |what: String| (EndCode::TargetUnreachable, Hop::Target, format!("{address} {what}"));
        match self {
            Self { broken: Some(broken), .. } => {
                let message = format!("the site's desktop gateway (guacd) made no sense: {broken}");
                (EndCode::Internal, Hop::Site, message)
            }
            Self { asks: Some(_), .. } => account("it asks for more than a name and a password"),
            Self { error: Some((status, text)), .. } => {
                let low = text.to_lowercase();
                let says = |words: &[&str]| words.iter().any(|word| low.contains(word));
                match status {
                    _ if says(&["lock"]) => account("it is locked out there"),
                    _ if says(&["expired"]) => account("its password has expired there"),
                    _ if says(&["disabled"]) => account("it is disabled there"),
                    CLIENT_UNAUTHORIZED if says(&["negotiation"]) => reach(
                        "does not take the security mode that is set for it; an administrator must set another".to_owned(),
                    ),
                    CLIENT_UNAUTHORIZED | CLIENT_FORBIDDEN => account("wrong password, or it may not sign in"),
                    // It was reached, and said its certificate, just before.
                    UPSTREAM_NOT_FOUND => account("wrong password, or it may not sign in (the target ended the sign-in)"),
                    _ => reach(format!("did not let the desktop open: {text}")),
                }
            }
            Self { disconnect: true, .. } => account("it ended the desktop at once"),
            Self { .. } => {
                let message =
                    "the site's desktop gateway (guacd) ended while the desktop was opened; try again";
                (EndCode::Internal, Hop::Site, message.to_owned())
            }
        }
    }
}

const UPSTREAM_NOT_FOUND: u16 = 0x0207;
const SESSION_CONFLICT: u16 = 0x0209;
const SESSION_TIMEOUT: u16 = 0x020A;
const SESSION_CLOSED: u16 = 0x020B;
const CLIENT_UNAUTHORIZED: u16 = 0x0301;
const CLIENT_FORBIDDEN: u16 = 0x0303;
