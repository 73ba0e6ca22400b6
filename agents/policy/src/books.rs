//! All that a hub knows, and what of it each zone needs: the people, targets and grants that decide there, and nothing more.

use std::collections::{BTreeMap, HashMap, HashSet};

use openpam_ids::{GroupId, UserId, ZoneId};

use crate::record::{Machine, Person, Record};
use crate::records::Records;
use crate::{Grant, Label, Object, Subject};

/// Everything that decides, in all zones.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// The zones, and whether they are enabled.
    pub zones: Vec<(ZoneId, bool)>,
    /// Everybody.
    pub people: Vec<Person>,
    /// Every target.
    pub machines: Vec<Machine>,
    /// Every grant.
    pub grants: Vec<Grant>,
}

/// What was collected for one zone.
#[derive(Default)]
struct Needed<'a> {
    grants: Vec<&'a Grant>,
    groups: HashSet<GroupId>,
    users: HashSet<UserId>,
    labels: HashSet<&'a Label>,
}

impl Books {
    /// The facts of each zone.
    #[must_use]
    pub fn by_zone(&self) -> BTreeMap<ZoneId, Records> {
        let mut zones = BTreeMap::new();
        self.each_zone(|zone, records| zones.insert(zone, records));
        zones
    }

    /// Gives the facts of one zone after the other: there may be many, and each may be large.
    pub fn each_zone<T>(&self, mut each: impl FnMut(ZoneId, Records) -> T) {
        let mut machines: HashMap<ZoneId, Vec<&Machine>> = HashMap::new();
        let mut labelled: HashMap<&Label, HashSet<ZoneId>> = HashMap::new();
        let mut places = HashMap::new();
        for machine in &self.machines {
            let zone = machine.target.zone_id;
            machines.entry(zone).or_default().push(machine);
            places.insert(machine.target.id, zone);
            for label in &machine.target.labels {
                labelled.entry(label).or_default().insert(zone);
            }
        }
        let mut members: HashMap<GroupId, Vec<&Person>> = HashMap::new();
        let mut people = HashMap::new();
        for person in &self.people {
            people.insert(person.user.id, person);
            for group in &person.user.groups {
                members.entry(*group).or_default().push(person);
            }
        }
        let mut needed: HashMap<ZoneId, Needed<'_>> = HashMap::new();
        for grant in &self.grants {
            let zones: Vec<ZoneId> = match &grant.object {
                Object::Target(target) => places.get(target).copied().into_iter().collect(),
                Object::Zone(zone) => {
                    Some(*zone).filter(|zone| machines.contains_key(zone)).into_iter().collect()
                }
                Object::Label(label) => labelled.get(label).into_iter().flatten().copied().collect(),
            };
            for zone in zones {
                needed.entry(zone).or_default().add(grant, &people, &members);
            }
        }
        let nothing = Needed::default();
        for (zone, enabled) in &self.zones {
            let mut records = Records::default();
            records.put(&Record::Zone(*zone, *enabled));
            let needed = needed.get(zone).unwrap_or(&nothing);
            for grant in &needed.grants {
                records.put(&Record::Grant((*grant).clone()));
            }
            for person in needed.users.iter().filter_map(|user| people.get(user)) {
                records.put(&Record::Person(needed.person(person)));
            }
            for machine in machines.get(zone).into_iter().flatten() {
                records.put(&Record::Machine(needed.machine(machine)));
            }
            each(*zone, records);
        }
    }
}

impl<'a> Needed<'a> {
    fn add(
        &mut self,
        grant: &'a Grant,
        people: &HashMap<UserId, &Person>,
        members: &HashMap<GroupId, Vec<&Person>>,
    ) {
        // A grant to somebody who is gone, or to a group that is empty, lets nobody in.
        match grant.subject {
            Subject::User(user) if people.contains_key(&user) => {
                self.users.insert(user);
            }
            Subject::User(_) => return,
            Subject::Group(group) => {
                let Some(members) = members.get(&group) else { return };
                if self.groups.insert(group) {
                    self.users.extend(members.iter().map(|person| person.user.id));
                }
            }
        }
        if let Object::Label(label) = &grant.object {
            self.labels.insert(label);
        }
        self.grants.push(grant);
    }

    /// With the groups alone that decide here, in one order.
    fn person(&self, person: &Person) -> Person {
        let mut person = person.clone();
        person.user.groups.retain(|group| self.groups.contains(group));
        person.user.groups.sort_unstable();
        person
    }

    /// With the labels alone that decide here, in one order.
    fn machine(&self, machine: &Machine) -> Machine {
        let mut machine = machine.clone();
        machine.target.labels.retain(|label| self.labels.contains(label));
        machine.target.labels.sort_unstable();
        machine
    }
}
