//! The `attach` channel: one browser on one session, between hub and satellite.
//!
//! The hub opens it with [`AttachHeader`]; the satellite answers with steps (new sessions) and [`Opened`], then
//! data frames flow both ways as on the browser's WebSocket. [`Closed`] always comes after the last output byte.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use openpam_ids::{AttachmentId, CredentialId, SessionId, TargetId, UserId};
use zeroize::Zeroizing;

use crate::codec;
use crate::desktop::{DesktopOpened, OpenDesktop, View};
use crate::end::{EndCode, Hop, NoticeCode, StepName};
use crate::message::messages;
use crate::snapshot::PolicyVersion;

/// Who attaches to which session, and from where in its output.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct AttachHeader {
    /// The session; new if `open` is there.
    #[cbor(n(0), with = "codec::id")]
    pub session_id: SessionId,
    /// This attachment, for the audit.
    #[cbor(n(1), with = "codec::id")]
    pub attachment_id: AttachmentId,
    /// The caller; must be the session's own user.
    #[cbor(n(2), with = "codec::id")]
    pub user_id: UserId,
    /// The target; must be the session's.
    #[cbor(n(3), with = "codec::id")]
    pub target_id: TargetId,
    /// Terminal columns.
    #[n(4)]
    pub cols: u16,
    /// Terminal rows.
    #[n(5)]
    pub rows: u16,
    /// The first output byte the client wants; `None` gets a screen and the whole ring.
    #[n(6)]
    pub from: Option<u64>,
    /// What to open, for a new session.
    #[n(7)]
    pub open: Option<OpenShell>,
    /// The browser's address, for the audit.
    #[n(8)]
    pub client_ip: Option<String>,
    /// The hub goes on with an attachment whose tunnel was lost.
    #[n(9)]
    pub resumes: Option<Resumes>,
    /// Only watches another user's session; `user_id` is the watcher then. A site that does not know this refuses it.
    #[n(10)]
    pub watch: Option<Watch>,
    /// The trace that this belongs to, as W3C's Trace Context writes it. It decides nothing.
    #[n(11)]
    pub traceparent: Option<String>,
    /// The browser's window, where the session is a desktop; columns and rows mean nothing then.
    #[n(12)]
    pub view: Option<View>,
}

/// Who watches; the hub has checked that they may.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Watch {
    /// Their name, for the session's user.
    #[n(0)]
    pub name: String,
}

/// An attachment that goes on: same browser, same WebSocket, another tunnel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Resumes {
    /// The first attachment of this browser, however often a tunnel was lost since: whether the site's answer to a later
    /// one arrived, nobody knows. If the session had another browser since, that one stays.
    #[cbor(n(0), with = "codec::id")]
    pub attachment_id: AttachmentId,
    /// Output before this was consumed; what the hub gave the browser beyond it may not have arrived there.
    #[n(1)]
    pub output_acknowledged: u64,
}

/// Everything the satellite needs to open a shell, but the secret.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct OpenShell {
    /// Host name or address, as the site resolves it.
    #[n(0)]
    pub hostname: String,
    /// TCP port.
    #[n(1)]
    pub port: u16,
    /// The account on the target.
    #[n(2)]
    pub username: String,
    /// Which credential, for the audit.
    #[cbor(n(3), with = "codec::id")]
    pub credential_id: CredentialId,
    /// `TERM` of the shell.
    #[n(4)]
    pub term: String,
    /// Known host keys in OpenSSH's one-line form; empty: the first one is pinned.
    #[n(5)]
    pub host_keys: Vec<String>,
    /// How long the session lives detached, in seconds.
    #[n(6)]
    pub grace_s: u32,
    /// Deadline for reaching the target and signing in there, in seconds.
    #[n(7)]
    pub dial_timeout_s: u32,
    /// The user's name, for recording and audit.
    #[n(8)]
    pub user: String,
    /// The target's name, for recording and audit.
    #[n(9)]
    pub target: String,
    /// The session lasts at most so many seconds. Known from minor version 1 on.
    #[n(10)]
    pub longest_s: Option<u32>,
    /// It ends when nothing was typed for so many seconds. Known from minor version 1 on.
    #[n(11)]
    pub idle_s: Option<u32>,
    /// Whether algorithms that are not safe any more may be used with this target.
    #[cbor(n(12), default)]
    pub old_algorithms: bool,
    /// Only tries: the account is let in, no shell is opened, and there is no session. Known from minor version 1 on.
    #[cbor(n(13), default)]
    pub test: bool,
    /// The grant's window ends then: milliseconds since 1970 UTC. Known from minor version 2 on.
    #[n(14)]
    pub ends_ms: Option<i64>,
    /// The policy by which the hub decided: the satellite decides by that one or a newer one. Known from minor version 3 on.
    #[n(15)]
    pub policy: Option<PolicyVersion>,
    /// It is a desktop, and no shell. Known from minor version 5 on.
    #[n(16)]
    pub desktop: Option<OpenDesktop>,
}

/// The public key made for this one dial; the secret is sealed to it (HPKE, RFC 9180).
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct DialKey {
    /// X25519 public key.
    #[n(0)]
    pub public_key: ByteVec,
}

/// The secret of a dial, sealed to its [`DialKey`]; the additional data is the session's id.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct SealedSecret {
    /// HPKE encapsulated key.
    #[n(0)]
    pub enc: ByteVec,
    /// HPKE ciphertext of an encoded [`Secret`].
    #[n(1)]
    pub ciphertext: ByteVec,
}

/// What opens an account on a target. Never printed, wiped when dropped.
#[derive(Clone, Encode, Decode)]
pub enum Secret {
    /// A password.
    #[n(0)]
    Password(#[cbor(n(0), with = "secret_text")] Zeroizing<String>),
    /// A private key in OpenSSH's PEM form, unencrypted.
    #[n(1)]
    PrivateKey(#[cbor(n(0), with = "secret_text")] Zeroizing<String>),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// The encoding that is sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(8 * 1024));
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(self, &mut *out);
        out
    }

    /// The secret that was sealed.
    ///
    /// # Errors
    /// [`crate::message::Malformed`] if it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, crate::message::Malformed> {
        minicbor::decode(bytes).map_err(Into::into)
    }
}

mod secret_text {
    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decoder, Encoder};
    use zeroize::Zeroizing;

    pub(super) fn encode<C, W: Write>(
        text: &Zeroizing<String>,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        e.str(text)?;
        Ok(())
    }

    pub(super) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Zeroizing<String>, DecodeError> {
        d.str().map(|text| Zeroizing::new(text.to_owned()))
    }
}

/// A step of opening is done.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Step {
    /// Which.
    #[cbor(n(0), with = "codec::name")]
    pub name: StepName,
    /// Since the attach arrived.
    #[n(1)]
    pub elapsed_ms: u64,
}

/// The host key a target showed when none was known; the hub pins it.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct HostKeySeen {
    /// The key in OpenSSH's one-line form, without a comment.
    #[n(0)]
    pub line: String,
}

/// The attachment stands. Output starts at `output_offset`.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Opened {
    /// Whether this attachment only watches.
    #[n(0)]
    pub watch: bool,
    /// The offset of the next output byte this attachment gets.
    #[n(1)]
    pub output_offset: u64,
    /// The newest output offset at this moment.
    #[n(2)]
    pub output_end: u64,
    /// Input before this offset was given to the target.
    #[n(3)]
    pub input_offset: u64,
    /// Terminal columns.
    #[n(4)]
    pub cols: u16,
    /// Terminal rows.
    #[n(5)]
    pub rows: u16,
    /// It is a desktop.
    #[n(6)]
    pub desktop: Option<DesktopOpened>,
}

/// A piece of the screen at the ring's tail, as escape codes for a reset terminal of this size.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Screen {
    /// Terminal columns.
    #[n(0)]
    pub cols: u16,
    /// Terminal rows.
    #[n(1)]
    pub rows: u16,
    /// What to write, behind the pieces before; at most [`crate::limits::SCREEN_PIECE_BYTES`].
    #[n(2)]
    pub data: ByteVec,
    /// Whether another piece follows.
    #[cbor(n(3), default)]
    pub more: bool,
}

/// Input before this offset was given to the target.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct InputAck {
    /// The offset.
    #[n(0)]
    pub input_offset: u64,
}

/// Something the user should know while the session goes on.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Notice {
    /// What.
    #[cbor(n(0), with = "codec::name")]
    pub code: NoticeCode,
    /// For people.
    #[n(1)]
    pub message: String,
    /// First missing output byte, with `output_gap`.
    #[n(2)]
    pub from: Option<u64>,
    /// First output byte after the gap, with `output_gap`.
    #[n(3)]
    pub to: Option<u64>,
    /// Who came or went, with `watched` and `unwatched`.
    #[n(4)]
    pub by: Option<String>,
    /// Everybody who watches now, with `watched` and `unwatched`.
    #[cbor(n(5), default)]
    pub watchers: Vec<String>,
    /// Which end comes, with `ends_soon`, where it is a limit of the session.
    #[n(6)]
    pub ending: Option<Ending>,
    /// What was stopped, with `blocked`: `copy`, `paste`, `download` or `upload`.
    #[n(7)]
    pub what: Option<String>,
}

/// The end that a session comes to by itself.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Ending {
    /// What it will be called.
    #[cbor(n(0), with = "codec::name")]
    pub code: EndCode,
    /// In how many seconds.
    #[n(1)]
    pub left_s: u32,
}

impl Notice {
    /// A notice that says nothing but this.
    #[must_use]
    pub const fn new(code: NoticeCode, message: String) -> Self {
        Self { code, message, from: None, to: None, by: None, watchers: Vec::new(), ending: None, what: None }
    }
}

/// The attachment is over; the last message of the channel.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Closed {
    /// Why.
    #[cbor(n(0), with = "codec::name")]
    pub code: EndCode,
    /// For people: what happened and what to do.
    #[n(1)]
    pub message: String,
    /// Where it happened.
    #[cbor(n(2), with = "codec::name")]
    pub hop: Hop,
    /// Whether the session is over, or never came about.
    #[n(3)]
    pub ended: bool,
    /// The program's exit status.
    #[n(4)]
    pub exit_status: Option<u32>,
    /// The signal that ended the program, without `SIG`.
    #[n(5)]
    pub exit_signal: Option<String>,
}

/// The client consumed the output before this offset.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct OutputAck {
    /// The offset.
    #[n(0)]
    pub output_offset: u64,
}

/// The browser's terminal has another size.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Resize {
    /// Columns.
    #[n(0)]
    pub cols: u16,
    /// Rows.
    #[n(1)]
    pub rows: u16,
}

/// End the session.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct End {
    /// Why.
    #[cbor(n(0), with = "codec::name")]
    pub code: EndCode,
    /// For people.
    #[n(1)]
    pub message: String,
}

messages! {
    /// From the satellite to the hub on an `attach` channel.
    pub enum ToHub {
        /// The key to seal the secret to.
        1 => DialKey(DialKey),
        /// A step is done.
        2 => Step(Step),
        /// A host key to pin.
        3 => HostKeySeen(HostKeySeen),
        /// The attachment stands.
        4 => Opened(Opened),
        /// The screen before the ring.
        5 => Screen(Screen),
        /// Input given to the target.
        6 => InputAck(InputAck),
        /// Something to know.
        7 => Notice(Notice),
        /// Over.
        8 => Closed(Closed),
        /// The session's terminal has another size now: told to watchers.
        9 => Resized(Resize),
        /// Another host key than the known ones, before `Closed` says so.
        10 => HostKeyOther(HostKeySeen),
    }
}

messages! {
    /// From the hub to the satellite on an `attach` channel.
    pub enum ToSite {
        /// The secret for the dial.
        1 => SealedSecret(SealedSecret),
        /// Output consumed by the client.
        2 => OutputAck(OutputAck),
        /// Another terminal size.
        3 => Resize(Resize),
        /// End the session.
        4 => End(End),
    }
}
