//! Renewal on ALPN `openpam-renew/1`: one request, one answer. It takes an expired certificate of a known key, and can
//! do nothing but renew it and say the time.
//!
//! Every renewal has a generation, one more than the last, and a nonce that was on the satellite's disk before it was
//! sent. A lost answer is asked for again with the same pair. A generation that was used with another nonce is a
//! second machine with the same identity.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::join::Refused;
use crate::message::messages;

/// Bytes of a renewal's nonce.
pub const NONCE_BYTES: usize = 16;

/// A satellite wants its next certificate.
#[derive(Clone, Debug, Encode, Decode, PartialEq)]
#[cbor(map)]
pub struct RenewRequest {
    /// PKCS #10 request (DER) for the key of the certificate that the connection showed.
    #[n(0)]
    pub csr: ByteVec,
    /// One more than that of the last certificate; a joined satellite begins with 1.
    #[n(1)]
    pub generation: u64,
    /// [`NONCE_BYTES`] of randomness, the same for every repetition.
    #[n(2)]
    pub nonce: ByteVec,
    /// The program's version, for people.
    #[n(3)]
    pub version: String,
}

/// What time is it? Answered to everybody: also without a certificate.
#[derive(Clone, Debug, Default, Encode, Decode, PartialEq)]
#[cbor(map)]
pub struct TimeRequest {}

/// The next certificate.
#[derive(Clone, Debug, Encode, Decode, PartialEq)]
#[cbor(map)]
pub struct Renewed {
    /// Node certificate, then intermediates (DER).
    #[n(0)]
    pub chain: Vec<ByteVec>,
    /// As asked.
    #[n(1)]
    pub generation: u64,
    /// The hub's clock: milliseconds since 1970 UTC.
    #[n(2)]
    pub time_ms: i64,
    /// Where the hub's tunnels are now: `host:port`.
    #[n(3)]
    pub addresses: Vec<String>,
}

/// The hub's clock. Authentic by the handshake of the connection that it comes on.
#[derive(Clone, Debug, Encode, Decode, PartialEq)]
#[cbor(map)]
pub struct Time {
    /// Milliseconds since 1970 UTC.
    #[n(0)]
    pub time_ms: i64,
}

messages! {
    /// From the satellite.
    pub enum ToHub {
        /// A certificate, please.
        1 => RenewRequest(RenewRequest),
        /// The time, please.
        2 => TimeRequest(TimeRequest),
    }
}

messages! {
    /// From the hub. Codes of a refusal: `satellite_revoked`, `satellite_unknown`, `quarantined`, `readmit_needed`,
    /// `bad_csr`, `internal`.
    pub enum ToSite {
        /// Here it is.
        1 => Renewed(Renewed),
        /// No.
        2 => Refused(Refused),
        /// The time.
        3 => Time(Time),
    }
}
