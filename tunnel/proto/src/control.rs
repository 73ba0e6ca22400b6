//! The `control` channel: what hub and satellite tell each other beside sessions.
//!
//! It is the first carrier of these messages and the fallback of the second, NATS: there [`Events`], [`EventReceipt`],
//! [`Health`], [`Activity`], [`PolicyHeld`], [`NewPolicy`], [`EndSession`], [`Answer`] and commands travel with the same bytes.
//! The satellite opens it with [`Hello`], the hub answers [`Welcome`]; nothing else is sent before both.

use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};
use openpam_ids::{HubId, SessionId, TargetId, TunnelId, UserId};

use crate::codec;
use crate::command::{Order, Outcome, Progress, Withdraw};
use crate::end::EndCode;
use crate::event::ChainedEvent;
use crate::message::messages;
use crate::snapshot::PolicyVersion;
use crate::witness::Countersigned;

/// The satellite introduces itself and says what it holds.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Hello {
    /// Minor version of `openpam/1`.
    #[n(0)]
    pub minor: u16,
    /// The program's version, for people.
    #[n(1)]
    pub version: String,
    /// The satellite's clock: milliseconds since 1970 UTC.
    #[n(2)]
    pub time_ms: i64,
    /// Every living session.
    #[n(3)]
    pub sessions: Vec<LiveSession>,
    /// Why the tunnel does not use QUIC, for people; absent where it does.
    #[n(4)]
    pub transport_note: Option<String>,
    /// What the site's own configuration lets sessions reach; absent: no limit.
    #[n(5)]
    pub reach: Option<SiteReach>,
    /// The newest countersignature of each hub that it has heard, at most [`crate::witness::MAX_HELD`].
    #[n(6)]
    #[cbor(default)]
    pub countersigned: Vec<Countersigned>,
    /// The policy that it holds.
    #[n(7)]
    pub policy: Option<PolicyVersion>,
    /// The public key (NATS's writing, `U…`) that it would sign in to the bus with; absent: it does without.
    #[n(8)]
    pub bus_key: Option<String>,
}

/// The site's last word, for people to see. The satellite enforces it.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct SiteReach {
    /// Networks in CIDR notation; empty: any.
    #[n(0)]
    pub networks: Vec<String>,
    /// Ports and ranges (`22`, `3389-3399`); empty: any.
    #[n(1)]
    pub ports: Vec<String>,
    /// Protocols (`ssh`, `rdp`, `vnc`); empty: any.
    #[n(2)]
    pub protocols: Vec<String>,
}

/// How the satellite is doing. Sent after the welcome and every ten seconds.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Health {
    /// The satellite's clock: milliseconds since 1970 UTC.
    #[n(0)]
    pub time_ms: i64,
    /// Free bytes of the disk that holds its state; absent: not known.
    #[n(1)]
    pub disk_free_bytes: Option<u64>,
    /// Size of that disk.
    #[n(2)]
    pub disk_bytes: Option<u64>,
    /// Recorded bytes that wait for the hub.
    #[n(3)]
    pub spool_bytes: u64,
    /// Audit events that wait for the hub.
    #[n(4)]
    pub events_waiting: u64,
    /// Packets of a thousand that got lost on the way to the hub in the last minute; absent: not known (TCP).
    #[n(5)]
    pub loss_permille: Option<u32>,
    /// It takes no new sessions: its program is about to be restarted.
    #[n(6)]
    #[cbor(default)]
    pub draining: bool,
    /// How its guacd is; absent: not known, or it opens no desktops.
    #[n(7)]
    pub guacd: Option<Guacd>,
}

/// What draws a site's desktops.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Guacd {
    /// Where: host and port.
    #[n(0)]
    pub address: String,
    /// Whether it is reached over TLS.
    #[n(1)]
    #[cbor(default)]
    pub tls: bool,
    /// Whether it answers.
    #[n(2)]
    pub here: bool,
    /// It is of this version, or of a newer one that says no more.
    #[n(3)]
    pub version: Option<String>,
    /// Of `rdp` and `vnc` those that it has.
    #[n(4)]
    #[cbor(default)]
    pub protocols: Vec<String>,
    /// Since when it answers, or does not, on the satellite's clock: milliseconds since 1970 UTC.
    #[n(5)]
    pub since_ms: i64,
    /// Why it does not, for people.
    #[n(6)]
    pub error: Option<String>,
}

/// A living session, as its satellite knows it.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct LiveSession {
    /// The session.
    #[cbor(n(0), with = "codec::id")]
    pub session_id: SessionId,
    /// Whose.
    #[cbor(n(1), with = "codec::id")]
    pub user_id: UserId,
    /// Where.
    #[cbor(n(2), with = "codec::id")]
    pub target_id: TargetId,
}

/// What happens in sessions: those in which something did since it was last told on this channel. Sent every five seconds,
/// if there are any.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Activity {
    /// At most [`crate::limits::MAX_SESSIONS_PER_MESSAGE`].
    #[n(0)]
    pub sessions: Vec<SessionActivity>,
}

/// What happened in one session so far.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct SessionActivity {
    /// Which.
    #[cbor(n(0), with = "codec::id")]
    pub session_id: SessionId,
    /// Bytes that were typed to the target.
    #[n(1)]
    pub input_bytes: u64,
    /// Bytes that the target printed.
    #[n(2)]
    pub output_bytes: u64,
    /// For how long nothing has been typed, in seconds.
    #[n(3)]
    pub idle_s: u32,
}

/// The hub's answer to [`Hello`].
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Welcome {
    /// Minor version of `openpam/1`.
    #[n(0)]
    pub minor: u16,
    /// The program's version, for people.
    #[n(1)]
    pub version: String,
    /// Which hub instance.
    #[cbor(n(2), with = "codec::id")]
    pub hub_id: HubId,
    /// This tunnel.
    #[cbor(n(3), with = "codec::id")]
    pub tunnel_id: TunnelId,
    /// The hub's clock: milliseconds since 1970 UTC.
    #[n(4)]
    pub time_ms: i64,
    /// X25519 public key that recording chunks are sealed to.
    #[n(5)]
    pub recording_key: ByteVec,
    /// Raised when a hub is restored from a backup.
    #[n(6)]
    pub epoch: u64,
    /// The first event of this satellite's chain that the hub does not have.
    #[n(7)]
    pub next_event: u64,
    /// The Ed25519 public keys that policies may be signed by, at most [`MAX_POLICY_KEYS`].
    #[n(8)]
    #[cbor(default)]
    pub policy_keys: Vec<ByteVec>,
    /// The newest policy of the zone.
    #[n(9)]
    pub policy: Option<PolicyVersion>,
    /// The hash of the event before `next_event`, for a satellite that lost its own; absent: the hub has none.
    #[n(10)]
    pub last_event: Option<ByteArray<32>>,
    /// How it signs in to the bus; absent: it does without.
    #[n(11)]
    pub bus: Option<BusPass>,
    /// Every hub of the installation that takes tunnels, this one among them; none: an older hub, which is alone.
    #[n(12)]
    #[cbor(default)]
    pub instances: Vec<HubInstance>,
}

/// One hub of several that share their books.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HubInstance {
    /// Which.
    #[cbor(n(0), with = "codec::id")]
    pub hub_id: HubId,
    /// Where its tunnel port is, `host:port` each, at most [`MAX_ADDRESSES`]. A satellite dials there and takes no other hub.
    #[n(1)]
    pub addresses: Vec<String>,
}

/// Most hubs that a satellite holds tunnels to.
pub const MAX_INSTANCES: usize = 8;
/// Most addresses of one hub.
pub const MAX_ADDRESSES: usize = 8;

/// The hubs of the installation changed.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Instances {
    /// As in [`Welcome`], at most [`MAX_INSTANCES`].
    #[n(0)]
    pub instances: Vec<HubInstance>,
}

/// A satellite's way in to the bus: through `bus` channels of this tunnel, to this hub.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct BusPass {
    /// What the key may: NATS's user claims, a JSON Web Token.
    #[n(0)]
    pub token: String,
    /// The subject on which this hub hears it.
    #[n(1)]
    pub up: String,
    /// The subject on which it hears this hub.
    #[n(2)]
    pub down: String,
    /// Whether the hub takes leaf nodes, too.
    #[n(3)]
    #[cbor(default)]
    pub leaf: bool,
    /// The subject on which it hears which policy of its zone is the newest (see PROTOCOL.md 17); absent: nowhere.
    #[n(4)]
    pub policy: Option<String>,
}

/// The present one and those that are being rotated out.
pub const MAX_POLICY_KEYS: usize = 4;

/// A newer policy of the zone is there to be fetched.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct NewPolicy {
    /// Which.
    #[n(0)]
    pub policy: PolicyVersion,
    /// As in [`Welcome`], as it is now; none: unchanged.
    #[n(1)]
    #[cbor(default)]
    pub policy_keys: Vec<ByteVec>,
}

/// By which policy the satellite decides from now on, or why it does not take one.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct PolicyHeld {
    /// The one that it holds; absent: none.
    #[n(0)]
    pub policy: Option<PolicyVersion>,
    /// Why the newest one was refused, for people.
    #[n(1)]
    pub refused: Option<String>,
}

/// Are you there? Sent by either side.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Ping {
    /// The sender's own monotonic time, given back unread.
    #[n(0)]
    pub t: u64,
}

/// The answer to a [`Ping`].
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Pong {
    /// As it came.
    #[n(0)]
    pub t: u64,
}

/// Audit events from the outbox, oldest first, without a hole.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Events {
    /// At most [`crate::limits::MAX_EVENTS_PER_MESSAGE`].
    #[n(0)]
    pub events: Vec<ChainedEvent>,
}

/// The hub committed every event up to and including this one; the satellite deletes them.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct EventReceipt {
    /// Sequence number in the satellite's chain.
    #[n(0)]
    pub seq: u64,
}

/// End a session, whoever is on it.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct EndSession {
    /// Given back in [`Answer`].
    #[n(0)]
    pub request: u64,
    /// Which.
    #[cbor(n(1), with = "codec::id")]
    pub session_id: SessionId,
    /// Why.
    #[cbor(n(2), with = "codec::name")]
    pub code: EndCode,
    /// For people.
    #[n(3)]
    pub message: String,
}

/// This satellite was revoked.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Revoked {}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Answer {
    /// Which request.
    #[n(0)]
    pub request: u64,
    /// Whether what was named is (now) as wanted; `false`: not known here.
    #[n(1)]
    pub found: bool,
}

messages! {
    /// From the satellite to the hub on the `control` channel.
    pub enum ToHub {
        /// First.
        1 => Hello(Hello),
        /// Liveness and round trip.
        2 => Ping(Ping),
        /// Answer to a ping.
        3 => Pong(Pong),
        /// Outbox.
        4 => Events(Events),
        /// Answer to a request.
        5 => Answer(Answer),
        /// Disk, spool and clock.
        6 => Health(Health),
        /// What happens in sessions.
        7 => Activity(Activity),
        /// By which policy it decides.
        8 => PolicyHeld(PolicyHeld),
        /// How far a command is.
        9 => Progress(Progress),
        /// A command is over.
        10 => Outcome(Outcome),
    }
}

messages! {
    /// From the hub to the satellite on the `control` channel.
    pub enum ToSite {
        /// First.
        1 => Welcome(Welcome),
        /// Liveness and round trip.
        2 => Ping(Ping),
        /// Answer to a ping.
        3 => Pong(Pong),
        /// Events are durable at the hub.
        4 => EventReceipt(EventReceipt),
        /// End a session.
        5 => EndSession(EndSession),
        /// The satellite was revoked: sessions end, the tunnel closes.
        6 => Revoked(Revoked),
        /// How far the hub's books are, for the satellite to hold.
        7 => Countersigned(Countersigned),
        /// There is a newer policy.
        8 => NewPolicy(NewPolicy),
        /// The hubs that there are.
        9 => Instances(Instances),
        /// A command.
        10 => Order(Order),
        /// A command is not wanted any more.
        11 => Withdraw(Withdraw),
        /// The way in to the bus is another one.
        12 => BusPass(BusPass),
    }
}
