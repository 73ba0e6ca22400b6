//! Enrolment on ALPN `openpam-join/1`: one request, one answer, on one stream.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use openpam_ids::{HubId, SatelliteId, TokenId, ZoneId};
use zeroize::Zeroizing;

use crate::codec;
use crate::message::messages;

/// A satellite wants its first certificate.
#[derive(Clone, Encode, Decode, PartialEq)]
#[cbor(map)]
pub struct JoinRequest {
    /// Which token.
    #[cbor(n(0), with = "codec::id")]
    pub token_id: TokenId,
    /// Its secret.
    #[n(1)]
    pub secret: ByteVec,
    /// PKCS #10 request (DER) for the satellite's own key.
    #[n(2)]
    pub csr: ByteVec,
    /// The program's version, for people.
    #[n(3)]
    pub version: String,
    /// The machine's name, for people.
    #[n(4)]
    pub host: String,
}

impl std::fmt::Debug for JoinRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinRequest").field("token_id", &self.token_id).finish_non_exhaustive()
    }
}

impl JoinRequest {
    /// The token's secret, in a form that wipes itself.
    #[must_use]
    pub fn secret(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.secret.to_vec())
    }
}

/// The satellite is enrolled.
#[derive(Clone, Debug, Encode, Decode, PartialEq)]
#[cbor(map)]
pub struct Joined {
    /// Its id, also in the certificate.
    #[cbor(n(0), with = "codec::id")]
    pub satellite_id: SatelliteId,
    /// Its zone.
    #[cbor(n(1), with = "codec::id")]
    pub zone_id: ZoneId,
    /// The zone's name, for people.
    #[n(2)]
    pub zone: String,
    /// Node certificate, then intermediates (DER).
    #[n(3)]
    pub chain: Vec<ByteVec>,
    /// The root certificate (DER), whose fingerprint the token pinned.
    #[n(4)]
    pub root: ByteVec,
    /// Which hub instance answered.
    #[cbor(n(5), with = "codec::id")]
    pub hub_id: HubId,
    /// Where the hub's tunnels are: `host:port`.
    #[n(6)]
    pub addresses: Vec<String>,
}

/// The join is refused.
#[derive(Clone, Debug, Encode, Decode, PartialEq)]
#[cbor(map)]
pub struct Refused {
    /// Stable code: `token_unknown`, `token_expired`, `token_revoked`, `token_used`, `zone_taken`, `bad_csr`,
    /// `busy`, `internal`.
    #[n(0)]
    pub code: String,
    /// For people: what happened and what to do.
    #[n(1)]
    pub message: String,
}

messages! {
    /// From the satellite.
    pub enum ToHub {
        /// The request.
        1 => JoinRequest(JoinRequest),
    }
}

messages! {
    /// From the hub.
    pub enum ToSite {
        /// Enrolled.
        1 => Joined(Joined),
        /// Refused.
        2 => Refused(Refused),
    }
}
