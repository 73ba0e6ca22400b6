//! The typed identifiers of OpenPAM, and nothing else.
//!
//! One type per entity, so that a target's id can never be passed where a user's is wanted.
//! All of them are UUIDs (RFC 9562), written in the hyphenated lower-case form everywhere.
//! This crate knows no database and no wire: it converts to and from [`Uuid`] and text only.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
pub use uuid::Uuid;

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id: time-ordered (UUID version 7), so that rows made together lie together.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id behind an existing UUID.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself, for storage.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// The 16 bytes, for the wire.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id from its 16 bytes on the wire.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

typed_id! {
    /// A person who signs in.
    UserId,
    /// A set of users.
    GroupId,
    /// A site, or the hub's own network.
    ZoneId,
    /// A machine that can be opened.
    TargetId,
    /// An account on a target, with its secret elsewhere.
    CredentialId,
    /// Who may open what.
    GrantId,
    /// The right of a user to open a target in windows alone.
    ScheduleId,
    /// One user on one target; also the id of its row in `audit_logs`.
    SessionId,
    /// A browser on a session.
    AttachmentId,
    /// The node of a site. Certificates carry it.
    SatelliteId,
    /// One hub process and its data folder.
    HubId,
    /// A join token.
    TokenId,
    /// One established tunnel between a satellite and a hub instance.
    TunnelId,
    /// One audit event.
    EventId,
    /// Something that a site is asked to do.
    CommandId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_text_and_bytes() {
        let id = SessionId::generate();
        assert_eq!(id, id.to_string().parse().expect("own text parses"));
        assert_eq!(id, SessionId::from_bytes(*id.as_bytes()));
    }

    #[test]
    fn text_that_is_no_uuid_is_refused() {
        assert!("plant-7".parse::<ZoneId>().is_err());
    }
}
