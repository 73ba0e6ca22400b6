//! Hub and site decide alike; a delta makes the whole; a zone's snapshot is that of one zone.

use std::collections::HashSet;

use openpam_policy::{Denial, Moment, Object, Policy, Record, Records, Snapshot, Update, decide};
use proptest::prelude::*;

use crate::world::{Hub, books, everybody, everything, minutes};

fn moment() -> impl Strategy<Value = Moment> {
    (-700..900_i64, prop::option::of(0..900_i64)).prop_map(|(now, away)| Moment {
        now: minutes(now),
        away_since: away.map(|away| minutes(now - away)),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_site_decides_as_its_hub_does(books in books(), moments in prop::collection::vec(moment(), 1..6)) {
        for (zone, records) in books.by_zone() {
            let carried = Records::from_bytes(&records.to_bytes()).expect("canonical");
            prop_assert_eq!(&carried, &records);
            let policy = Policy::read(&carried, zone).expect("records");
            for moment in &moments {
                for user in everybody() {
                    for target in everything() {
                        let at_site = policy.decide(user, target, *moment);
                        let person = books.people.iter().find(|person| person.user.id == user).expect("a person");
                        let machine = books.machines.iter().find(|machine| machine.target.id == target);
                        let machine = machine.expect("a machine");
                        let at_hub = decide(&person.user, &machine.target, &books.grants, *moment);
                        let stranger = policy.people().all(|person| person.user.id != user);
                        if machine.target.zone_id == zone && !(stranger && at_hub == Err(Denial::UserDisabled)) {
                            prop_assert_eq!(at_site, at_hub);
                        } else {
                            prop_assert_eq!(at_site, Err(Denial::NotGranted));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_delta_makes_the_whole(before in books(), after in books()) {
        let hub = Hub::new();
        let (before, after) = (before.by_zone(), after.by_zone());
        for (zone, old) in &before {
            let new = &after[zone];
            let held = hub.issue(*zone, (1, 1), old);
            let signed = hub.sign(*zone, (1, 2), new);
            let delta = Update::from_bytes(&Update::delta(signed.clone(), old, new).to_bytes()).expect("an update");
            let whole = Update::from_bytes(&Update::whole(signed, new).to_bytes()).expect("an update");
            let by_delta = Snapshot::follow(Some(&held), delta, *zone, &[hub.key()]).expect("taken");
            let by_whole = Snapshot::follow(None, whole, *zone, &[hub.key()]).expect("taken");
            prop_assert_eq!(by_delta.records(), new);
            prop_assert_eq!(by_delta.records().bytes(), new.to_bytes().len());
            prop_assert_eq!(by_delta, by_whole);
        }
    }

    #[test]
    fn a_zone_gets_what_is_needed_to_decide_there_and_nothing_more(books in books()) {
        for (zone, records) in books.by_zone() {
            let records: Vec<_> =
                records.iter().map(|(key, bytes)| Record::read(key, bytes, zone).expect("a record")).collect();
            let in_zone = |object: &Object| {
                books.machines.iter().filter(|machine| machine.target.zone_id == zone).any(|machine| match object {
                    Object::Target(id) => *id == machine.target.id,
                    Object::Zone(id) => *id == zone,
                    Object::Label(label) => machine.target.labels.contains(label),
                })
            };
            let mut groups = HashSet::new();
            let mut users = HashSet::new();
            for record in &records {
                match record {
                    Record::Zone(id, _) => prop_assert_eq!(*id, zone),
                    Record::Machine(machine) => {
                        let known = books.machines.iter().find(|known| known.target.id == machine.target.id);
                        prop_assert_eq!(known.expect("a machine").target.zone_id, zone);
                    }
                    Record::Grant(grant) => {
                        prop_assert!(in_zone(&grant.object), "a grant of another zone");
                        match grant.subject {
                            openpam_policy::Subject::User(id) => drop(users.insert(id)),
                            openpam_policy::Subject::Group(id) => drop(groups.insert(id)),
                        }
                    }
                    Record::Person(_) | Record::Unknown => {}
                }
            }
            for record in &records {
                if let Record::Person(person) = record {
                    let by_group = person.user.groups.iter().any(|group| groups.contains(group));
                    prop_assert!(by_group || users.contains(&person.user.id), "a person who is not let in here");
                    prop_assert!(person.user.groups.iter().all(|group| groups.contains(group)));
                }
            }
        }
    }
}
