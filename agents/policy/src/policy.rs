//! The facts of one zone, ready to decide by: what a site asks, and a hub that answers for a site.

use std::collections::HashMap;

use openpam_ids::{TargetId, UserId, ZoneId};

use crate::record::{Machine, Person, Record};
use crate::records::{Malformed, Records};
use crate::{Authorization, Denial, Grant, Moment, Subject, decide};

/// Who may open what in one zone.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    people: HashMap<UserId, Person>,
    machines: HashMap<TargetId, Machine>,
    grants: HashMap<Subject, Vec<Grant>>,
}

impl Policy {
    /// Reads the facts of `zone`.
    ///
    /// # Errors
    /// [`Malformed`] if a record is none: then nothing is known for sure.
    pub fn read(records: &Records, zone: ZoneId) -> Result<Self, Malformed> {
        let mut policy = Self::default();
        let mut enabled = false;
        for (key, bytes) in records.iter() {
            match Record::read(key, bytes, zone).ok_or(Malformed)? {
                Record::Zone(id, is_enabled) => enabled |= id == zone && is_enabled,
                Record::Person(person) => {
                    policy.people.insert(person.user.id, person);
                }
                Record::Machine(machine) => {
                    policy.machines.insert(machine.target.id, machine);
                }
                Record::Grant(grant) => policy.grants.entry(grant.subject).or_default().push(grant),
                Record::Unknown => {}
            }
        }
        for machine in policy.machines.values_mut() {
            machine.target.zone_enabled = enabled;
        }
        Ok(policy)
    }

    /// Decides whether this person may open this target at that moment.
    ///
    /// # Errors
    /// The [`Denial`]; who or what is not known here was not granted.
    pub fn decide(
        &self,
        user: UserId,
        target: TargetId,
        moment: impl Into<Moment>,
    ) -> Result<Authorization, Denial> {
        let person = self.people.get(&user).ok_or(Denial::NotGranted)?;
        let machine = self.machines.get(&target).ok_or(Denial::NotGranted)?;
        let subjects = std::iter::once(Subject::User(user))
            .chain(person.user.groups.iter().map(|group| Subject::Group(*group)));
        let grants = subjects.filter_map(|subject| self.grants.get(&subject)).flatten();
        decide(&person.user, &machine.target, grants, moment)
    }

    /// The people it knows.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// The targets it knows.
    pub fn machines(&self) -> impl Iterator<Item = &Machine> {
        self.machines.values()
    }
}

/// The longest that any grant allows the site to be without its hub.
pub(crate) fn longest_offline_s(records: &Records, zone: ZoneId) -> u32 {
    let grants = records.iter().filter_map(|(key, bytes)| match Record::read(key, bytes, zone) {
        Some(Record::Grant(grant)) => Some(grant.terms.offline_seconds),
        _ => None,
    });
    grants.max().unwrap_or_default()
}
