//! Commands to a site: what the hub orders, how far the satellite is, and what came of it.
//!
//! [`Order`] and [`Withdraw`] go down and [`Progress`] and [`Outcome`] up, on the control channel and the bus. What a command
//! collects goes up on an `output` channel: the satellite opens it with [`OutputHeader`], then come data frames from 0 on, and
//! the hub answers [`OutputReceipt`] once they are durable.

use minicbor::{Decode, Encode};
use openpam_ids::{CommandId, SessionId};

use crate::codec;
use crate::message::messages;

/// The bytes of one `output` channel, compressed (Zstandard) as they travel.
pub const MAX_OUTPUT_BYTES: u64 = 512 * 1024;
/// The same, unpacked.
pub const MAX_UNPACKED_BYTES: usize = 4 * 1024 * 1024;
/// Most findings in an [`Outcome`].
pub const MAX_FINDINGS: usize = 64;

/// Do something. Said again it is done once: the satellite knows it by its id.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Order {
    /// Which command.
    #[cbor(n(0), with = "codec::id")]
    pub command_id: CommandId,
    /// What: `end`, `watch`, `diagnose` or `collect_logs`. What a satellite does not know it refuses with `unknown_command`.
    #[n(1)]
    pub kind: String,
    /// How long there is for it, in milliseconds, when this is sent. Past it nothing is begun and nobody waits.
    #[n(2)]
    pub left_ms: u64,
    /// The session that it is about.
    #[cbor(n(3), with = "codec::opt_id")]
    pub session_id: Option<SessionId>,
    /// For people on that session: who ordered it.
    #[n(4)]
    pub message: Option<String>,
}

/// Stop, if it is not done.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Withdraw {
    /// Which command.
    #[cbor(n(0), with = "codec::id")]
    pub command_id: CommandId,
}

/// The satellite works on it.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Progress {
    /// Which command.
    #[cbor(n(0), with = "codec::id")]
    pub command_id: CommandId,
    /// How much of it is done, in percent.
    #[n(1)]
    pub percent: u8,
    /// At what it is, for people.
    #[n(2)]
    pub step: String,
}

/// It is over.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Outcome {
    /// Which command.
    #[cbor(n(0), with = "codec::id")]
    pub command_id: CommandId,
    /// Why it failed, a stable code; absent: it did not.
    #[n(1)]
    pub failed: Option<String>,
    /// For people.
    #[n(2)]
    pub message: String,
    /// What a diagnosis found, at most [`MAX_FINDINGS`].
    #[n(3)]
    #[cbor(default)]
    pub findings: Vec<Finding>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Finding {
    /// What was looked at.
    #[n(0)]
    pub check: String,
    /// `ok`, `warning` or `failed`.
    #[n(1)]
    pub level: String,
    /// What was found, for people.
    #[n(2)]
    pub found: String,
    /// What to do about it; empty: nothing.
    #[n(3)]
    pub advice: String,
}

/// What a command collected goes up.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct OutputHeader {
    /// Which command.
    #[cbor(n(0), with = "codec::id")]
    pub command_id: CommandId,
    /// How many bytes come, at most [`MAX_OUTPUT_BYTES`].
    #[n(1)]
    pub bytes: u64,
}

/// All of it is durable at the hub.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct OutputReceipt {}

messages! {
    /// From the hub to the satellite on an `output` channel.
    pub enum OutputToSite {
        /// Durable.
        1 => OutputReceipt(OutputReceipt),
    }
}
