//! Audit events and their hash chain: one chain per node, each link over the one before.
//!
//! `hash = SHA-256("openpam-event-v1" ‖ seq (8 bytes, big-endian) ‖ previous hash ‖ body)`; the first link's
//! previous hash is all zero. The body is hashed as it was written, so a newer node's fields are covered too.

use aws_lc_rs::digest;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use openpam_ids::{AttachmentId, CredentialId, EventId, GrantId, SessionId, TargetId, UserId};

use crate::codec;
use crate::end::EndCode;
use crate::message::messages;
use crate::snapshot::PolicyVersion;

/// An event in its chain, as stored and sent.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct ChainedEvent {
    /// 1 for the chain's first event, then without a hole.
    #[n(0)]
    pub seq: u64,
    /// The hash of the event before; zeros for the first.
    #[cbor(n(1), with = "codec::hash")]
    pub previous: [u8; 32],
    /// This event's hash.
    #[cbor(n(2), with = "codec::hash")]
    pub hash: [u8; 32],
    /// The encoded [`Event`].
    #[n(3)]
    pub body: ByteVec,
}

impl ChainedEvent {
    /// Links `body` behind the event with `previous` hash.
    #[must_use]
    pub fn link(seq: u64, previous: [u8; 32], body: Vec<u8>) -> Self {
        let hash = link_hash(seq, &previous, &body);
        Self { seq, previous, hash, body: body.into() }
    }

    /// Whether the hash is that of the content.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.hash == link_hash(self.seq, &self.previous, &self.body)
    }
}

fn link_hash(seq: u64, previous: &[u8; 32], body: &[u8]) -> [u8; 32] {
    let mut hasher = digest::Context::new(&digest::SHA256);
    hasher.update(b"openpam-event-v1");
    hasher.update(&seq.to_be_bytes());
    hasher.update(previous);
    hasher.update(body);
    let mut hash = [0; 32];
    hash.copy_from_slice(hasher.finish().as_ref());
    hash
}

/// Which session, and who: the part every session event carries.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct About {
    /// This event.
    #[cbor(n(0), with = "codec::id")]
    pub event_id: EventId,
    /// When, by the satellite's clock: milliseconds since 1970 UTC.
    #[n(1)]
    pub at_ms: i64,
    /// The session.
    #[cbor(n(2), with = "codec::id")]
    pub session_id: SessionId,
    /// The session's user.
    #[cbor(n(3), with = "codec::id")]
    pub user_id: UserId,
    /// The session's target.
    #[cbor(n(4), with = "codec::id")]
    pub target_id: TargetId,
}

/// By what a site decided.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Basis {
    /// The policy.
    #[n(0)]
    pub policy: PolicyVersion,
    /// The grant that let it; absent: none did.
    #[cbor(n(1), with = "codec::opt_id")]
    pub grant_id: Option<GrantId>,
    /// Since when the site had been without its hub: milliseconds since 1970 UTC; absent: it had it.
    #[n(2)]
    pub away_since_ms: Option<i64>,
}

/// The site was without its hub, and decided alone.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct SiteAway {
    /// This event.
    #[cbor(n(0), with = "codec::id")]
    pub event_id: EventId,
    /// When a hub was there again, by the satellite's clock as the hub has set it: milliseconds since 1970 UTC.
    #[n(1)]
    pub at_ms: i64,
    /// Since when there had been none, by the satellite's clock.
    #[n(2)]
    pub since_ms: i64,
    /// The policy that it held; absent: none.
    #[n(3)]
    pub policy: Option<PolicyVersion>,
}

/// The site's database was damaged, and another one begun.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct SiteRecovered {
    /// This event.
    #[cbor(n(0), with = "codec::id")]
    pub event_id: EventId,
    /// When, by the satellite's clock: milliseconds since 1970 UTC.
    #[n(1)]
    pub at_ms: i64,
    /// What was wrong, for people.
    #[n(2)]
    pub reason: String,
    /// How many events could still be read; others, that the hub does not have, are lost.
    #[n(3)]
    pub events: u64,
}

/// A session was opened on its target.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct SessionOpened {
    /// Which and who.
    #[n(0)]
    pub about: About,
    /// With which credential.
    #[cbor(n(1), with = "codec::opt_id")]
    pub credential_id: Option<CredentialId>,
    /// From where.
    #[n(2)]
    pub client_ip: Option<String>,
    /// By what the site let it; absent: the hub decided alone.
    #[n(3)]
    pub basis: Option<Basis>,
}

/// A browser attached to, or detached from, a session.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Attachment {
    /// Which and who.
    #[n(0)]
    pub about: About,
    /// The attachment.
    #[cbor(n(1), with = "codec::id")]
    pub attachment_id: AttachmentId,
    /// From where.
    #[n(2)]
    pub client_ip: Option<String>,
}

/// Somebody began to watch a session, or watches it no more.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Watching {
    /// Which session, and whose.
    #[n(0)]
    pub about: About,
    /// The watcher's attachment.
    #[cbor(n(1), with = "codec::id")]
    pub attachment_id: AttachmentId,
    /// From where.
    #[n(2)]
    pub client_ip: Option<String>,
    /// Who watches.
    #[cbor(n(3), with = "codec::id")]
    pub watcher_id: UserId,
}

/// A file went to a desktop, or came from it.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct FileMoved {
    /// Which session, and whose.
    #[n(0)]
    pub about: About,
    /// Its name and folder on the desktop's drive; of what was sent or printed there, its name alone.
    #[n(1)]
    pub name: String,
    /// Its media type (RFC 6838), as whoever sent it said.
    #[n(2)]
    pub media_type: String,
    /// How many bytes went.
    #[n(3)]
    pub bytes: u64,
    /// SHA-256 of these.
    #[cbor(n(4), with = "codec::hash")]
    pub sha256: [u8; 32],
    /// Whether these are all of it: neither side gave it up, and nobody left before its end.
    #[n(5)]
    pub whole: bool,
}

/// A session is over, or was never opened.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct SessionEnded {
    /// Which and who.
    #[n(0)]
    pub about: About,
    /// Why.
    #[cbor(n(1), with = "codec::name")]
    pub code: EndCode,
    /// For people.
    #[n(2)]
    pub message: String,
    /// The program's exit status.
    #[n(3)]
    pub exit_status: Option<u32>,
    /// The signal that ended the program.
    #[n(4)]
    pub exit_signal: Option<String>,
    /// Bytes typed to the target.
    #[n(5)]
    pub input_bytes: u64,
    /// Bytes printed by the target.
    #[n(6)]
    pub output_bytes: u64,
    /// Whether the session had been opened on its target.
    #[n(7)]
    pub was_open: bool,
    /// By what the site decided last; absent: the hub decided alone.
    #[n(8)]
    pub basis: Option<Basis>,
}

messages! {
    /// One immutable fact.
    pub enum Event {
        /// A session was opened.
        1 => SessionOpened(SessionOpened),
        /// A browser came.
        2 => Attached(Attachment),
        /// A browser went.
        3 => Detached(Attachment),
        /// A session is over.
        4 => SessionEnded(SessionEnded),
        /// Somebody began to watch.
        5 => Watched(Watching),
        /// Somebody watches no more.
        6 => Unwatched(Watching),
        /// A site was without its hub.
        7 => SiteAway(SiteAway),
        /// A site's database was damaged.
        8 => SiteRecovered(SiteRecovered),
        /// A file went to a desktop.
        9 => Uploaded(FileMoved),
        /// A file came from a desktop.
        10 => Downloaded(FileMoved),
    }
}

impl Event {
    /// The name in the books.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SessionOpened(_) => "session.opened",
            Self::Attached(_) => "session.attached",
            Self::Detached(_) => "session.detached",
            Self::SessionEnded(_) => "session.ended",
            Self::Watched(_) => "session.watched",
            Self::Unwatched(_) => "session.unwatched",
            Self::SiteAway(_) => "site.away",
            Self::SiteRecovered(_) => "site.recovered",
            Self::Uploaded(_) => "session.uploaded",
            Self::Downloaded(_) => "session.downloaded",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The part every session event carries.
    #[must_use]
    pub const fn about(&self) -> Option<&About> {
        match self {
            Self::SessionOpened(event) => Some(&event.about),
            Self::Attached(event) | Self::Detached(event) => Some(&event.about),
            Self::SessionEnded(event) => Some(&event.about),
            Self::Watched(event) | Self::Unwatched(event) => Some(&event.about),
            Self::Uploaded(event) | Self::Downloaded(event) => Some(&event.about),
            Self::SiteAway(_) | Self::SiteRecovered(_) | Self::Unknown(_) => None,
        }
    }

    /// When it happened, by the satellite's clock: milliseconds since 1970 UTC.
    #[must_use]
    pub fn at_ms(&self) -> Option<i64> {
        match self {
            Self::SiteAway(event) => Some(event.at_ms),
            Self::SiteRecovered(event) => Some(event.at_ms),
            session => session.about().map(|about| about.at_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_body_or_place_in_the_chain_breaks_the_link() {
        let event = ChainedEvent::link(1, [0; 32], b"body".to_vec());
        assert!(event.is_sound());
        assert!(!ChainedEvent { body: b"bodY".to_vec().into(), ..event.clone() }.is_sound());
        assert!(!ChainedEvent { seq: 2, ..event.clone() }.is_sound());
        assert!(!ChainedEvent { previous: [1; 32], ..event }.is_sound());
    }
}
