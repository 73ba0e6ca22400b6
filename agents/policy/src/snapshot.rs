//! A policy snapshot: everything that one zone needs to decide alone, stated and signed by the hub.
//!
//! The signature is Ed25519 (RFC 8032) over `"openpam-policy-v1" ‖ statement`. It is judged where the snapshot arrives, whole
//! or as a delta, and again where it is read from a disk.

use std::cmp::Ordering;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};
use openpam_ids::ZoneId;

use crate::records::{Delta, MAX_SNAPSHOT_BYTES, Malformed, Records};

/// An Ed25519 public key that signs snapshots.
pub type PolicyKey = [u8; 32];

/// What the hub says of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Statement {
    #[n(0)]
    zone: ByteArray<16>,
    /// Raised when a hub is restored from a backup.
    #[n(1)]
    pub epoch: u64,
    /// Counts the snapshots of a zone.
    #[n(2)]
    pub version: u64,
    /// When it was issued: milliseconds since 1970 UTC.
    #[n(3)]
    pub issued_ms: i64,
    /// No session opens at a site that has been without its hub for longer than so many seconds.
    #[n(4)]
    pub longest_offline_s: u32,
    #[n(5)]
    sha256: ByteArray<32>,
}

impl Statement {
    /// Of these records.
    #[must_use]
    pub fn new(zone: ZoneId, (epoch, version): (u64, u64), issued_ms: i64, records: &Records) -> Self {
        let longest_offline_s = crate::policy::longest_offline_s(records, zone);
        let sha256 = records.sha256().into();
        Self { zone: (*zone.as_bytes()).into(), epoch, version, issued_ms, longest_offline_s, sha256 }
    }

    /// Of which zone.
    #[must_use]
    pub fn zone(&self) -> ZoneId {
        ZoneId::from_bytes(*self.zone)
    }

    /// The hash of its records.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        *self.sha256
    }

    /// Which of two of a zone is newer.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        (self.epoch, self.version).cmp(&(other.epoch, other.version))
    }
}

/// A statement and its signature, as it travels and is kept.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Signed {
    /// As it was signed.
    #[n(0)]
    statement: ByteVec,
    /// By which key.
    #[n(1)]
    key: ByteArray<32>,
    /// 64 bytes.
    #[n(2)]
    signature: ByteVec,
}

impl Signed {
    /// Signs a statement; `sign` is given the bytes to sign.
    #[must_use]
    pub fn new(statement: &Statement, key: PolicyKey, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Self {
        let statement = minicbor::to_vec(statement).unwrap_or_default();
        let signature = sign(&signed_bytes(&statement)).into();
        Self { statement: statement.into(), key: key.into(), signature }
    }

    /// As it is kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// Absent: it is none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok()
    }

    /// What it states, if one of `keys` signed it.
    ///
    /// # Errors
    /// [`Refusal::UnknownKey`], [`Refusal::BadSignature`], [`Refusal::Malformed`].
    pub fn statement(&self, keys: &[PolicyKey]) -> Result<Statement, Refusal> {
        if !keys.contains(&self.key) {
            return Err(Refusal::UnknownKey);
        }
        let key = UnparsedPublicKey::new(&ED25519, &self.key[..]);
        key.verify(&signed_bytes(&self.statement), &self.signature).map_err(|_| Refusal::BadSignature)?;
        minicbor::decode(&self.statement).map_err(|_| Refusal::Malformed(Malformed))
    }
}

fn signed_bytes(statement: &[u8]) -> Vec<u8> {
    [b"openpam-policy-v1".as_slice(), statement].concat()
}

/// A snapshot on its way to a site: whole, or what changes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Update {
    /// Of the snapshot that comes of it.
    #[n(0)]
    pub signed: Signed,
    /// The hash of the records that the delta changes; absent: it is whole.
    #[n(1)]
    base: Option<ByteArray<32>>,
    /// [`Records::to_bytes`] or [`Delta::to_bytes`].
    #[n(2)]
    payload: ByteVec,
}

impl Update {
    /// All of it.
    #[must_use]
    pub fn whole(signed: Signed, records: &Records) -> Self {
        Self { signed, base: None, payload: records.to_bytes().into() }
    }

    /// What makes it of `base`.
    #[must_use]
    pub fn delta(signed: Signed, base: &Records, records: &Records) -> Self {
        let payload = base.delta_to(records).to_bytes().into();
        Self { signed, base: Some(base.sha256().into()), payload }
    }

    /// The records of one that is whole.
    ///
    /// # Errors
    /// [`Malformed`], also of a delta.
    pub fn records(&self) -> Result<Records, Malformed> {
        if self.base.is_some() {
            return Err(Malformed);
        }
        Records::from_bytes(&self.payload)
    }

    /// As it travels, before it is compressed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// Absent: it is none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok()
    }
}

/// Why a snapshot is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is none.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It is signed by a key that is none of this installation's.
    #[error("it is signed by an unknown key")]
    UnknownKey,
    /// It was not signed by the key that it names.
    #[error("its signature is wrong")]
    BadSignature,
    /// It is another zone's.
    #[error("it is that of another zone")]
    OtherZone,
    /// It is behind the one that is held.
    #[error(
        "it is version {offered} of epoch {offered_epoch}, behind version {held} of epoch {held_epoch} that is held"
    )]
    Older {
        /// Its epoch.
        offered_epoch: u64,
        /// Its version.
        offered: u64,
        /// The epoch of the one that is held.
        held_epoch: u64,
        /// The version of the one that is held.
        held: u64,
    },
    /// It says the same version and something else.
    #[error("it says something else than the one that is held, which has the same version")]
    Contradicts,
    /// It is a delta to records that are not held.
    #[error("it changes a snapshot that is not held")]
    OtherBase,
    /// Its records are not those that were signed.
    #[error("its records are not those that were signed")]
    OtherRecords,
    /// It is too large.
    #[error("it is larger than {} MiB", MAX_SNAPSHOT_BYTES / 1024 / 1024)]
    TooLarge,
}

/// A snapshot whose signature and records were judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    signed: Signed,
    statement: Statement,
    records: Records,
}

impl Snapshot {
    /// Judges a snapshot of `zone`.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn judge(
        signed: Signed,
        records: Records,
        zone: ZoneId,
        keys: &[PolicyKey],
    ) -> Result<Self, Refusal> {
        let statement = signed.statement(keys)?;
        if statement.zone() != zone {
            return Err(Refusal::OtherZone);
        }
        if records.bytes() > MAX_SNAPSHOT_BYTES {
            return Err(Refusal::TooLarge);
        }
        if records.sha256() != statement.sha256() {
            return Err(Refusal::OtherRecords);
        }
        Ok(Self { signed, statement, records })
    }

    /// Judges what arrived at a site that holds `held`. What is there already is no error: it comes back as it is.
    ///
    /// # Errors
    /// [`Refusal`]; then what is held stays.
    pub fn follow(
        held: Option<&Self>,
        update: Update,
        zone: ZoneId,
        keys: &[PolicyKey],
    ) -> Result<Self, Refusal> {
        if update.payload.len() > MAX_SNAPSHOT_BYTES {
            return Err(Refusal::TooLarge);
        }
        // Before anything is made of its content.
        let statement = update.signed.statement(keys)?;
        if statement.zone() != zone {
            return Err(Refusal::OtherZone);
        }
        if let Some(held) = held {
            match statement.order(&held.statement) {
                Ordering::Less => {
                    return Err(Refusal::Older {
                        offered_epoch: statement.epoch,
                        offered: statement.version,
                        held_epoch: held.statement.epoch,
                        held: held.statement.version,
                    });
                }
                Ordering::Equal if statement.sha256() != held.statement.sha256() => {
                    return Err(Refusal::Contradicts);
                }
                Ordering::Equal => return Ok(held.clone()),
                Ordering::Greater => {}
            }
        }
        let records = match update.base {
            None => Records::from_bytes(&update.payload)?,
            Some(base) => {
                let held = held.filter(|held| *base == held.statement.sha256()).ok_or(Refusal::OtherBase)?;
                let mut records = held.records.clone();
                records.apply(&Delta::from_bytes(&update.payload)?)?;
                records
            }
        };
        Self::judge(update.signed, records, zone, keys)
    }

    /// As it is kept.
    #[must_use]
    pub const fn signed(&self) -> &Signed {
        &self.signed
    }

    /// What was signed.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Its facts.
    #[must_use]
    pub const fn records(&self) -> &Records {
        &self.records
    }
}
