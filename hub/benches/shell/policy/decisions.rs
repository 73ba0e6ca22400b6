//! Decisions by a large policy, as a site keeps and reads it.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use openpam_ids::{GrantId, GroupId, TargetId, UserId, ZoneId};
use openpam_policy::{
    Books, Grant, Machine, Object, Person, Policy, Records, Subject, Target, Terms, User, When, Window,
};

use super::PolicyAmounts;
use crate::figures::{Spread, ms};

/// Windows of each grant: five weeks of days.
const WINDOWS: i64 = 35;
const GROUPS: u32 = 100;

pub(super) fn measure(amounts: &PolicyAmounts) -> anyhow::Result<(Spread, (usize, usize))> {
    let (people, targets, schedules) = amounts.holds;
    let now = Timestamp::now();
    let zone = ZoneId::generate();
    let groups: Vec<_> = (0..GROUPS).map(|_| GroupId::generate()).collect();
    let users: Vec<_> = (0..people).map(|_| UserId::generate()).collect();
    let machines: Vec<_> = (0..targets).map(|_| TargetId::generate()).collect();
    let one = |of: u32, number: u32| usize::try_from(number % of).unwrap_or_default();
    let at = |hours: i64| now.checked_add(SignedDuration::from_hours(hours)).context("a time");
    let mut grants = Vec::new();
    for number in 0..schedules {
        let windows = (0..WINDOWS).map(|day| Ok(Window { start: at(day * 24 - 4)?, end: at(day * 24 + 4)? }));
        let subject = match number % 2 {
            0 => users.get(one(people, number.wrapping_mul(7919))).copied().map(Subject::User),
            _ => groups.get(one(GROUPS, number)).copied().map(Subject::Group),
        };
        let object = machines.get(one(targets, number.wrapping_mul(31))).copied().map(Object::Target);
        grants.push(Grant {
            id: GrantId::generate(),
            subject: subject.context("a subject")?,
            object: object.context("an object")?,
            terms: Terms::default(),
            when: When::Within(windows.collect::<anyhow::Result<_>>()?),
        });
    }
    let person = |(number, id): (u32, &UserId)| Person {
        user: User {
            id: *id,
            enabled: true,
            groups: groups.get(one(GROUPS, number)).copied().into_iter().collect(),
        },
        name: format!("person.{number}"),
    };
    let machine = |(number, id): (u32, &TargetId)| Machine {
        target: Target { id: *id, zone_id: zone, enabled: true, zone_enabled: true, labels: Vec::new() },
        name: format!("machine-{number}"),
    };
    let books = Books {
        zones: vec![(zone, true)],
        people: (0..).zip(&users).map(person).collect(),
        machines: (0..).zip(&machines).map(machine).collect(),
        grants,
    };
    let records = books.by_zone().remove(&zone).context("the zone")?;
    let bytes = records.to_bytes();
    let compressed = zstd::bulk::compress(&bytes, zstd::DEFAULT_COMPRESSION_LEVEL)?.len();
    let policy = Policy::read(&Records::from_bytes(&bytes)?, zone)?;
    let mut samples = Vec::with_capacity(amounts.decisions);
    let mut allowed = 0_u32;
    for number in (0..u32::MAX).take(amounts.decisions) {
        let user = users.get(one(people, number.wrapping_mul(7919))).context("a user")?;
        let target = machines.get(one(targets, number.wrapping_mul(31))).context("a target")?;
        let begun = Instant::now();
        let decided = black_box(policy.decide(*user, *target, now));
        samples.push(ms(begun.elapsed()));
        allowed += u32::from(decided.is_ok());
    }
    anyhow::ensure!(allowed > 0, "nobody may open anything");
    Ok((Spread::of(&samples).context("decisions")?, (bytes.len(), compressed)))
}
