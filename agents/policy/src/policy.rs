//! The facts of one zone, ready to decide by: what a site asks, and a hub that answers for a site.

use std::collections::HashMap;

use openpam_ids::{TargetId, UserId, ZoneId};

use crate::record::{Machine, Person, Record};
use crate::records::{Malformed, Records};
use crate::{Authorization, Denial, Explanation, Grant, Moment, Subject, decide, explain};

/// Who may open what, and until when.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// Who.
    pub person: &'a Person,
    /// What.
    pub machine: &'a Machine,
    /// By what right.
    pub authorization: Authorization,
}

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
        decide(&person.user, &machine.target, self.grants_of(person), moment)
    }

    /// Decides as [`Self::decide`], and says what of.
    #[must_use]
    pub fn explain(&self, user: UserId, target: TargetId, moment: impl Into<Moment>) -> Explanation {
        match self.people.get(&user).zip(self.machines.get(&target)) {
            Some((person, machine)) => explain(&person.user, &machine.target, self.grants_of(person), moment),
            None => Explanation { decision: Err(Denial::NotGranted), grants: Vec::new() },
        }
    }

    /// Everybody who may open something at that moment, by user name, then by the target's; only what comes `after` that pair.
    pub fn openings<'a>(
        &'a self,
        moment: impl Into<Moment>,
        after: Option<(&'a Person, &'a Machine)>,
    ) -> impl Iterator<Item = Opening<'a>> {
        let moment = moment.into();
        let (first, last) = after.unzip();
        let mut people: Vec<_> = self
            .people
            .values()
            .filter(|person| first.is_none_or(|first| place(person) >= place(first)))
            .collect();
        people.sort_unstable_by_key(|person| place(person));
        let mut machines: Vec<_> = self.machines.values().collect();
        machines.sort_unstable_by_key(|machine| place_of(machine));
        // Whose grants are all shut or spent gets in nowhere: no target has to be asked about.
        let may = move |grant: &Grant| {
            let spent = |since| moment.now >= grant.terms.allow_away_until(since);
            grant.when.holds(moment.now) && !moment.away_since.is_some_and(spent)
        };
        people.retain(|person| self.grants_of(person).any(may));
        people.into_iter().flat_map(move |person| {
            let begun = last.filter(|_| first.is_some_and(|first| first.user.id == person.user.id));
            let machines = machines
                .iter()
                .filter(move |machine| begun.is_none_or(|last| place_of(machine) > place_of(last)));
            let openings = machines.filter_map(|machine| {
                let authorization =
                    decide(&person.user, &machine.target, self.grants_of(person), moment).ok()?;
                Some(Opening { person, machine, authorization })
            });
            openings.collect::<Vec<_>>()
        })
    }

    /// The longest that any grant allows the site to be without its hub, in seconds.
    #[must_use]
    pub fn longest_offline_s(&self) -> u32 {
        let grants = self.grants.values().flatten();
        grants.map(|grant| grant.terms.offline_seconds).max().unwrap_or_default()
    }

    fn grants_of<'a>(&'a self, person: &'a Person) -> impl Iterator<Item = &'a Grant> {
        let groups = person.user.groups.iter().map(|group| Subject::Group(*group));
        let subjects = std::iter::once(Subject::User(person.user.id)).chain(groups);
        subjects.filter_map(|subject| self.grants.get(&subject)).flatten()
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

fn place(person: &Person) -> (&str, UserId) {
    (&person.name, person.user.id)
}

fn place_of(machine: &Machine) -> (&str, TargetId) {
    (&machine.name, machine.target.id)
}

/// The longest that any grant allows the site to be without its hub.
pub(crate) fn longest_offline_s(records: &Records, zone: ZoneId) -> u32 {
    let grants = records.iter().filter_map(|(key, bytes)| match Record::read(key, bytes, zone) {
        Some(Record::Grant(grant)) => Some(grant.terms.offline_seconds),
        _ => None,
    });
    grants.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use openpam_ids::{GrantId, GroupId};

    use super::*;
    use crate::{Object, Target, Terms, User, When};

    const NOON: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn person(id: u8, name: &str, groups: &[u8]) -> Record {
        let groups = groups.iter().map(|group| GroupId::from_bytes([*group; 16])).collect();
        let user = User { id: UserId::from_bytes([id; 16]), enabled: true, groups };
        Record::Person(Person { user, name: name.to_owned() })
    }

    fn machine(id: u8, name: &str, zone: ZoneId) -> Record {
        let target = Target {
            id: TargetId::from_bytes([id; 16]),
            zone_id: zone,
            enabled: true,
            zone_enabled: true,
            labels: Vec::new(),
        };
        Record::Machine(Machine { target, name: name.to_owned() })
    }

    fn grant(id: u8, subject: Subject, object: Object, offline_seconds: u32) -> Record {
        let terms = Terms { offline_seconds, ..Terms::default() };
        Record::Grant(Grant { id: GrantId::from_bytes([id; 16]), subject, object, terms, when: When::Always })
    }

    #[test]
    fn who_can_get_in_is_everybody_by_name_with_the_end_of_their_right() {
        let zone = ZoneId::from_bytes([9; 16]);
        let target = |id| Object::Target(TargetId::from_bytes([id; 16]));
        let user = |id| Subject::User(UserId::from_bytes([id; 16]));
        let mut records = Records::default();
        for record in [
            Record::Zone(zone, true),
            person(1, "zoe", &[5]),
            person(2, "bob", &[]),
            person(3, "nil", &[]),
            machine(1, "press", zone),
            machine(2, "lathe", zone),
            grant(1, Subject::Group(GroupId::from_bytes([5; 16])), Object::Zone(zone), 60),
            grant(2, user(1), target(2), 3600),
            grant(3, user(2), target(1), 600),
            grant(4, user(3), target(1), 0),
        ] {
            records.put(&record);
        }
        let policy = Policy::read(&records, zone).expect("records");
        assert_eq!(policy.longest_offline_s(), 3600);
        let moment = Moment { now: NOON, away_since: Some(NOON) };
        let told = |Opening { person, machine, authorization }: Opening<'_>| {
            let end = authorization.away_ends().or(authorization.ends()).expect("an end");
            (person.name.clone(), machine.name.clone(), end.duration_since(NOON))
        };
        let found: Vec<_> = policy.openings(moment, None).map(told).collect();
        let minutes = SignedDuration::from_mins;
        let expected = [("bob", "press", 10), ("zoe", "lathe", 60), ("zoe", "press", 1)];
        let expected = expected.map(|(user, target, end)| (user.to_owned(), target.to_owned(), minutes(end)));
        assert_eq!(found, expected, "who has no time without the hub does not get in");
        let all: Vec<_> = policy.openings(moment, None).collect();
        for (cut, last) in all.iter().enumerate() {
            let rest = policy.openings(moment, Some((last.person, last.machine))).map(told);
            assert_eq!(rest.collect::<Vec<_>>(), found.get(cut + 1..).expect("a rest"));
        }
        let nobody = policy.explain(UserId::from_bytes([8; 16]), TargetId::from_bytes([1; 16]), NOON);
        assert_eq!((nobody.decision, nobody.grants), (Err(Denial::NotGranted), Vec::new()));
    }
}
