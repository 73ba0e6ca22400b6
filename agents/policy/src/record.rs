//! One fact of a snapshot: its key, and its bytes as a hub writes them (CBOR maps with integer keys).
//!
//! A reader skips fields that it does not know. What would open more than was meant if it were skipped raises
//! [`GRANT_LEVEL`]: a grant of a higher level holds never for those who do not know it.

use jiff::Timestamp;
use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};
use openpam_ids::{GrantId, GroupId, TargetId, UserId, ZoneId};

use crate::{Grant, Label, Object, Subject, Target, Terms, Transfer, User, When, Window};

/// What a reader must know to honour the grants that this program writes.
const GRANT_LEVEL: u8 = 0;

/// Which fact: its kind and the id of what it is about. Their order is that of the canonical bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; Self::BYTES]);

impl Key {
    /// Bytes of a key: one for the kind, 16 for the id.
    pub const BYTES: usize = 17;

    const ZONE: u8 = 1;
    const USER: u8 = 2;
    const TARGET: u8 = 3;
    const GRANT: u8 = 4;

    fn new(kind: u8, id: [u8; 16]) -> Self {
        let mut key = [kind; Self::BYTES];
        key[1..].copy_from_slice(&id);
        Self(key)
    }

    /// As it came on the wire or from a disk.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// As it travels.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    fn id(&self) -> [u8; 16] {
        let mut id = [0; 16];
        id.copy_from_slice(&self.0[1..]);
        id
    }
}

/// A person, with the name that people know them by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What decides.
    pub user: User,
    /// The user name.
    pub name: String,
}

/// A target, with the name that people know it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// What decides.
    pub target: Target,
    /// Its name.
    pub name: String,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Whether the zone is enabled.
    Zone(ZoneId, bool),
    /// A person.
    Person(Person),
    /// A target of the zone. Whether the zone is enabled stands in the zone's own record.
    Machine(Machine),
    /// A grant.
    Grant(Grant),
    /// Of a kind that a newer hub knows.
    Unknown,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct ZoneFields {
    #[n(0)]
    enabled: bool,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct UserFields {
    #[n(0)]
    name: String,
    #[n(1)]
    enabled: bool,
    #[n(2)]
    groups: Vec<ByteArray<16>>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct TargetFields {
    #[n(0)]
    name: String,
    #[n(1)]
    enabled: bool,
    #[n(2)]
    labels: Vec<String>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct GrantFields {
    #[n(0)]
    user: Option<ByteArray<16>>,
    #[n(1)]
    group: Option<ByteArray<16>>,
    #[n(2)]
    target: Option<ByteArray<16>>,
    #[n(3)]
    zone: Option<ByteArray<16>>,
    #[n(4)]
    label: Option<String>,
    #[n(5)]
    max_session_seconds: Option<u32>,
    #[n(6)]
    idle_seconds: Option<u32>,
    #[n(7)]
    consent: Option<String>,
    #[n(8)]
    offline_seconds: u32,
    /// Milliseconds: the first start since 1970 UTC and how long that window lasts, then for each further window the time
    /// since the end of the one before and how long it lasts. Absent: always.
    #[n(9)]
    windows: Option<Vec<i64>>,
    #[n(10)]
    #[cbor(default)]
    level: u8,
    /// From here on: absent where it is as usual. A program that knows none of these opens no desktop.
    #[n(11)]
    copy: Option<bool>,
    #[n(12)]
    paste: Option<bool>,
    #[n(13)]
    download: Option<bool>,
    #[n(14)]
    upload: Option<bool>,
}

impl Record {
    /// Its key; absent for [`Record::Unknown`].
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(match self {
            Self::Zone(id, _) => Key::new(Key::ZONE, *id.as_bytes()),
            Self::Person(person) => Key::new(Key::USER, *person.user.id.as_bytes()),
            Self::Machine(machine) => Key::new(Key::TARGET, *machine.target.id.as_bytes()),
            Self::Grant(grant) => Key::new(Key::GRANT, *grant.id.as_bytes()),
            Self::Unknown => return None,
        })
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = match self {
            Self::Zone(_, enabled) => minicbor::to_vec(ZoneFields { enabled: *enabled }),
            Self::Person(Person { user, name }) => minicbor::to_vec(UserFields {
                name: name.clone(),
                enabled: user.enabled,
                groups: user.groups.iter().map(|group| (*group.as_bytes()).into()).collect(),
            }),
            Self::Machine(Machine { target, name }) => minicbor::to_vec(TargetFields {
                name: name.clone(),
                enabled: target.enabled,
                labels: target.labels.iter().map(|label| label.as_str().to_owned()).collect(),
            }),
            Self::Grant(grant) => minicbor::to_vec(grant_fields(grant)),
            Self::Unknown => return Vec::new(),
        };
        // Writing to memory does not fail.
        bytes.unwrap_or_default()
    }

    /// Reads a fact of the snapshot of `zone`; absent if these bytes are none.
    #[must_use]
    pub fn read(key: &Key, bytes: &[u8], zone: ZoneId) -> Option<Self> {
        let [kind, ..] = key.0;
        Some(match kind {
            Key::ZONE => {
                let fields: ZoneFields = minicbor::decode(bytes).ok()?;
                Self::Zone(ZoneId::from_bytes(key.id()), fields.enabled)
            }
            Key::USER => {
                let fields: UserFields = minicbor::decode(bytes).ok()?;
                let groups = fields.groups.into_iter().map(|id| GroupId::from_bytes(id.into())).collect();
                let user = User { id: UserId::from_bytes(key.id()), enabled: fields.enabled, groups };
                Self::Person(Person { user, name: fields.name })
            }
            Key::TARGET => {
                let fields: TargetFields = minicbor::decode(bytes).ok()?;
                let labels = fields.labels.iter().map(|label| label.parse().ok()).collect::<Option<_>>()?;
                let target = Target {
                    id: TargetId::from_bytes(key.id()),
                    zone_id: zone,
                    enabled: fields.enabled,
                    zone_enabled: true,
                    labels,
                };
                Self::Machine(Machine { target, name: fields.name })
            }
            Key::GRANT => {
                Self::Grant(read_grant(GrantId::from_bytes(key.id()), minicbor::decode(bytes).ok()?)?)
            }
            _ => Self::Unknown,
        })
    }
}

fn grant_fields(grant: &Grant) -> GrantFields {
    let (user, group) = match grant.subject {
        Subject::User(id) => (Some((*id.as_bytes()).into()), None),
        Subject::Group(id) => (None, Some((*id.as_bytes()).into())),
    };
    let (target, zone, label) = match &grant.object {
        Object::Target(id) => (Some((*id.as_bytes()).into()), None, None),
        Object::Zone(id) => (None, Some((*id.as_bytes()).into()), None),
        Object::Label(label) => (None, None, Some(label.as_str().to_owned())),
    };
    let Terms { max_session_seconds, idle_seconds, consent, offline_seconds, transfer } = grant.terms.clone();
    let unusual = |way: bool, usual: bool| Some(way).filter(|way| *way != usual);
    let windows = match &grant.when {
        When::Always => None,
        When::Within(windows) => Some(write_windows(windows)),
    };
    GrantFields {
        user,
        group,
        target,
        zone,
        label,
        max_session_seconds,
        idle_seconds,
        consent,
        offline_seconds,
        windows,
        level: GRANT_LEVEL,
        copy: unusual(transfer.copy, Transfer::USUAL.copy),
        paste: unusual(transfer.paste, Transfer::USUAL.paste),
        download: unusual(transfer.download, Transfer::USUAL.download),
        upload: unusual(transfer.upload, Transfer::USUAL.upload),
    }
}

fn read_grant(id: GrantId, fields: GrantFields) -> Option<Grant> {
    let user = fields.user.map(|id| Subject::User(UserId::from_bytes(id.into())));
    let group = fields.group.map(|id| Subject::Group(GroupId::from_bytes(id.into())));
    let target = fields.target.map(|id| Object::Target(TargetId::from_bytes(id.into())));
    let zone = fields.zone.map(|id| Object::Zone(ZoneId::from_bytes(id.into())));
    let label = fields.label.and_then(|label| label.parse::<Label>().ok()).map(Object::Label);
    let when = match fields.windows {
        _ if fields.level > GRANT_LEVEL => When::Within(Vec::new()),
        None => When::Always,
        Some(windows) => When::Within(read_windows(&windows)?),
    };
    Some(Grant {
        id,
        subject: user.or(group)?,
        object: target.or(zone).or(label)?,
        terms: Terms {
            max_session_seconds: fields.max_session_seconds,
            idle_seconds: fields.idle_seconds,
            consent: fields.consent,
            offline_seconds: fields.offline_seconds,
            transfer: Transfer {
                copy: fields.copy.unwrap_or(Transfer::USUAL.copy),
                paste: fields.paste.unwrap_or(Transfer::USUAL.paste),
                download: fields.download.unwrap_or(Transfer::USUAL.download),
                upload: fields.upload.unwrap_or(Transfer::USUAL.upload),
            },
        },
        when,
    })
}

fn write_windows(windows: &[Window]) -> Vec<i64> {
    let mut at_ms = 0;
    let mut written = Vec::with_capacity(windows.len() * 2);
    for window in windows {
        let (start_ms, end_ms) = (window.start.as_millisecond(), window.end.as_millisecond());
        written.extend([start_ms - at_ms, end_ms - start_ms]);
        at_ms = end_ms;
    }
    written
}

/// Only windows in order and apart from each other are any.
fn read_windows(written: &[i64]) -> Option<Vec<Window>> {
    let (pairs, rest) = written.as_chunks::<2>();
    let mut at_ms: i64 = 0;
    let mut windows = Vec::with_capacity(pairs.len());
    for (place, [gap_ms, lasts_ms]) in pairs.iter().enumerate() {
        let start_ms = at_ms.checked_add(*gap_ms)?;
        at_ms = start_ms.checked_add(*lasts_ms)?;
        if *lasts_ms <= 0 || place > 0 && *gap_ms <= 0 {
            return None;
        }
        let start = Timestamp::from_millisecond(start_ms).ok()?;
        windows.push(Window { start, end: Timestamp::from_millisecond(at_ms).ok()? });
    }
    rest.is_empty().then_some(windows)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: ZoneId = ZoneId::from_bytes([1; 16]);

    fn grant(transfer: Transfer) -> Record {
        Record::Grant(Grant {
            id: GrantId::from_bytes([2; 16]),
            subject: Subject::User(UserId::from_bytes([3; 16])),
            object: Object::Zone(ZONE),
            terms: Terms { transfer, ..Terms::default() },
            when: When::Always,
        })
    }

    /// As it was written before there were desktops.
    #[derive(Encode)]
    #[cbor(map)]
    struct Former {
        #[n(0)]
        user: ByteArray<16>,
        #[n(3)]
        zone: ByteArray<16>,
        #[n(8)]
        offline_seconds: u32,
        #[n(10)]
        level: u8,
    }

    #[test]
    fn a_grant_from_before_desktops_lets_pass_what_is_usual_and_one_that_is_usual_is_as_before() {
        let former = Former {
            user: [3; 16].into(),
            zone: (*ZONE.as_bytes()).into(),
            offline_seconds: Terms::default().offline_seconds,
            level: GRANT_LEVEL,
        };
        let former = minicbor::to_vec(former).expect("bytes");
        let usual = grant(Transfer::USUAL);
        let key = usual.key().expect("a key");
        assert_eq!(Record::read(&key, &former, ZONE), Some(usual.clone()));
        assert_eq!(usual.to_bytes(), former);
        for bits in 0..16_u8 {
            let on = |bit: u8| (bits >> bit) & 1 == 1;
            let record = grant(Transfer { copy: on(0), paste: on(1), download: on(2), upload: on(3) });
            assert_eq!(Record::read(&key, &record.to_bytes(), ZONE), Some(record));
        }
    }
}
