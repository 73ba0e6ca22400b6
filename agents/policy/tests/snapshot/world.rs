//! Small worlds, of which everything meets everything: three zones, four people, three groups, five targets.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jiff::{SignedDuration, Timestamp};
use openpam_ids::{GrantId, GroupId, TargetId, UserId, ZoneId};
use openpam_policy::{
    Books, Grant, Label, Machine, Object, Person, PolicyKey, Records, Signed, Snapshot, Statement, Subject,
    Target, Terms, Transfer, User, When, Window, merged,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

pub(crate) const NOON: Timestamp = Timestamp::constant(1_800_000_000, 0);

pub(crate) fn minutes(count: i64) -> Timestamp {
    NOON.checked_add(SignedDuration::from_mins(count)).expect("a time")
}

pub(crate) fn zone(number: u8) -> ZoneId {
    ZoneId::from_bytes([0x10 + number; 16])
}

fn user(number: u8) -> UserId {
    UserId::from_bytes([0x20 + number; 16])
}

fn group(number: u8) -> GroupId {
    GroupId::from_bytes([0x30 + number; 16])
}

fn target(number: u8) -> TargetId {
    TargetId::from_bytes([0x40 + number; 16])
}

fn label(number: u8) -> Label {
    format!("line={number}").parse().expect("a label")
}

pub(crate) fn everybody() -> impl Iterator<Item = UserId> {
    (0..4).map(user)
}

pub(crate) fn everything() -> impl Iterator<Item = TargetId> {
    (0..5).map(target)
}

fn person() -> impl Strategy<Value = (bool, Vec<u8>)> {
    (prop::bool::weighted(0.8), subsequence(vec![0, 1, 2], 0..=3))
}

fn machine() -> impl Strategy<Value = (u8, bool, Vec<u8>)> {
    (0..3_u8, prop::bool::weighted(0.8), subsequence(vec![0, 1], 0..=2))
}

fn when() -> impl Strategy<Value = When> {
    let windows = vec((-600..600_i64, 1..300_i64), 0..5);
    prop_oneof![
        Just(When::Always),
        windows.prop_map(|windows| {
            let window = |(start, lasts)| Window { start: minutes(start), end: minutes(start + lasts) };
            When::Within(merged(windows.into_iter().map(window).collect()))
        })
    ]
}

fn terms() -> impl Strategy<Value = Terms> {
    let offline = prop_oneof![Just(0), 1..36_000_u32];
    let transfer = prop_oneof![
        Just(Transfer::USUAL),
        any::<[bool; 4]>().prop_map(|[copy, paste, download, upload]| Transfer {
            copy,
            paste,
            download,
            upload
        })
    ];
    (prop::option::of(60..600_u32), prop::option::of(60..600_u32), any::<bool>(), offline, transfer).prop_map(
        |(max_session_seconds, idle_seconds, consent, offline_seconds, transfer)| Terms {
            max_session_seconds,
            idle_seconds,
            consent: consent.then(|| "I agree".to_owned()),
            offline_seconds,
            transfer,
        },
    )
}

fn grant() -> impl Strategy<Value = (u8, Subject, Object, Terms, When)> {
    let subject = prop_oneof![
        (0..5_u8).prop_map(|number| Subject::User(user(number))),
        (0..4_u8).prop_map(|number| Subject::Group(group(number)))
    ];
    let object = prop_oneof![
        (0..6_u8).prop_map(|number| Object::Target(target(number))),
        (0..4_u8).prop_map(|number| Object::Zone(zone(number))),
        (0..3_u8).prop_map(|number| Object::Label(label(number)))
    ];
    (0..12_u8, subject, object, terms(), when())
}

pub(crate) fn books() -> impl Strategy<Value = Books> {
    let zones = vec(prop::bool::weighted(0.8), 3);
    (zones, vec(person(), 4), vec(machine(), 5), vec(grant(), 0..10)).prop_map(
        |(zones, people, machines, mut grants)| {
            let zone_enabled = zones.clone();
            let people = people.into_iter().zip(0..).map(|((enabled, groups), number)| Person {
                user: User { id: user(number), enabled, groups: groups.into_iter().map(group).collect() },
                name: format!("person {number}"),
            });
            let machines = machines.into_iter().zip(0..).map(|((at, enabled, labels), number)| Machine {
                target: Target {
                    id: target(number),
                    zone_id: zone(at),
                    enabled,
                    zone_enabled: zone_enabled.get(usize::from(at)).copied().unwrap_or_default(),
                    labels: labels.into_iter().map(label).collect(),
                },
                name: format!("machine {number}"),
            });
            grants.sort_by_key(|(number, ..)| *number);
            grants.dedup_by_key(|(number, ..)| *number);
            let grants = grants.into_iter().map(|(number, subject, object, terms, when)| Grant {
                id: GrantId::from_bytes([0x50 + number; 16]),
                subject,
                object,
                terms,
                when,
            });
            Books {
                zones: zones.into_iter().zip(0..).map(|(enabled, number)| (zone(number), enabled)).collect(),
                people: people.collect(),
                machines: machines.collect(),
                grants: grants.collect(),
            }
        },
    )
}

/// A hub's key.
pub(crate) struct Hub(Ed25519KeyPair);

impl Hub {
    pub(crate) fn new() -> Self {
        Self(Ed25519KeyPair::generate().expect("a key"))
    }

    pub(crate) fn key(&self) -> PolicyKey {
        self.0.public_key().as_ref().try_into().expect("32 bytes")
    }

    pub(crate) fn sign(&self, zone: ZoneId, number: (u64, u64), records: &Records) -> Signed {
        let statement = Statement::new(zone, number, NOON.as_millisecond(), records);
        Signed::new(&statement, self.key(), |bytes| self.0.sign(bytes).as_ref().to_vec())
    }

    pub(crate) fn issue(&self, zone: ZoneId, number: (u64, u64), records: &Records) -> Snapshot {
        let signed = self.sign(zone, number, records);
        Snapshot::judge(signed, records.clone(), zone, &[self.key()]).expect("its own")
    }
}
