//! The facts of a snapshot in their canonical order, and what changes between two of them.
//!
//! Canonical bytes: for each record, in the order of the keys, the key, the length of its bytes (4 bytes, big-endian), and the
//! bytes. They are kept as a hub wrote them, so that a reader that does not know all of it still has the same hash.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use aws_lc_rs::digest;

use crate::record::{Key, Record};

/// A snapshot is no larger than this, uncompressed. A larger one is neither issued nor taken.
pub const MAX_SNAPSHOT_BYTES: usize = 32 * 1024 * 1024;

/// Bytes before a record's own: its key and its length.
const HEAD: usize = Key::BYTES + 4;

/// These bytes are no records, or no delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the records are malformed")]
pub struct Malformed;

/// The facts of one zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    records: BTreeMap<Key, Box<[u8]>>,
    bytes: usize,
}

/// What makes one snapshot of another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// Records that are gone.
    pub gone: Vec<Key>,
    /// Records that are new or other.
    pub put: Records,
}

impl Records {
    /// Adds a fact, in the place of the one with its key.
    pub fn put(&mut self, record: &Record) {
        if let Some(key) = record.key() {
            self.insert(key, record.to_bytes().into());
        }
    }

    /// Adds a record as it was read, in the place of the one with its key.
    pub fn insert(&mut self, key: Key, bytes: Box<[u8]>) {
        self.bytes += HEAD + bytes.len();
        if let Some(former) = self.records.insert(key, bytes) {
            self.bytes -= HEAD + former.len();
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(former) = self.records.remove(key) {
            self.bytes -= HEAD + former.len();
        }
    }

    /// The records in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &[u8])> {
        self.records.iter().map(|(key, bytes)| (key, bytes.as_ref()))
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The length of [`Self::to_bytes`].
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The canonical bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut written = Vec::with_capacity(self.bytes);
        for (key, bytes) in self.iter() {
            written.extend_from_slice(key.as_bytes());
            written.extend_from_slice(&length(bytes));
            written.extend_from_slice(bytes);
        }
        written
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`Malformed`], also if they are in another order.
    pub fn from_bytes(mut written: &[u8]) -> Result<Self, Malformed> {
        let mut records = Self::default();
        let mut last = None;
        while !written.is_empty() {
            let (key, rest) = written.split_first_chunk().ok_or(Malformed)?;
            let (length, rest) = rest.split_first_chunk().ok_or(Malformed)?;
            let (bytes, rest) =
                rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or(Malformed)?;
            let key = Key::from_bytes(*key);
            if last.is_some_and(|last| key <= last) {
                return Err(Malformed);
            }
            last = Some(key);
            records.insert(key, bytes.into());
            written = rest;
        }
        Ok(records)
    }

    /// SHA-256 of the canonical bytes.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        let mut hasher = digest::Context::new(&digest::SHA256);
        for (key, bytes) in self.iter() {
            hasher.update(key.as_bytes());
            hasher.update(&length(bytes));
            hasher.update(bytes);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(hasher.finish().as_ref());
        hash
    }

    /// What makes `newer` of these.
    #[must_use]
    pub fn delta_to(&self, newer: &Self) -> Delta {
        let gone = self.records.keys().filter(|key| !newer.records.contains_key(*key)).copied().collect();
        let mut put = Self::default();
        for (key, bytes) in &newer.records {
            if self.records.get(key) != Some(bytes) {
                put.insert(*key, bytes.clone());
            }
        }
        Delta { gone, put }
    }

    /// Makes the newer ones of these.
    ///
    /// # Errors
    /// [`Malformed`] if a record should go that is not here: the delta is that of another snapshot.
    pub fn apply(&mut self, delta: &Delta) -> Result<(), Malformed> {
        for key in &delta.gone {
            match self.records.entry(*key) {
                Entry::Occupied(_) => self.remove(key),
                Entry::Vacant(_) => return Err(Malformed),
            }
        }
        for (key, bytes) in &delta.put.records {
            self.insert(*key, bytes.clone());
        }
        Ok(())
    }
}

impl Delta {
    /// How many records go (4 bytes, big-endian), their keys, and the canonical bytes of the others.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut written = length(&self.gone).to_vec();
        for key in &self.gone {
            written.extend_from_slice(key.as_bytes());
        }
        written.extend(self.put.to_bytes());
        written
    }

    /// Reads a delta.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn from_bytes(written: &[u8]) -> Result<Self, Malformed> {
        let (count, rest) = written.split_first_chunk().ok_or(Malformed)?;
        let length = (u32::from_be_bytes(*count) as usize).checked_mul(Key::BYTES).ok_or(Malformed)?;
        let (gone, put) = rest.split_at_checked(length).ok_or(Malformed)?;
        let (keys, _) = gone.as_chunks();
        let gone = keys.iter().map(|key| Key::from_bytes(*key)).collect();
        Ok(Self { gone, put: Records::from_bytes(put)? })
    }
}

fn length<T>(items: &[T]) -> [u8; 4] {
    // What does not fit is larger than a snapshot may be.
    u32::try_from(items.len()).unwrap_or(u32::MAX).to_be_bytes()
}
