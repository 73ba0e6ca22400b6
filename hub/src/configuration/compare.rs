//! The difference between what is in the books and what a file says, and how it is shown. Pure: names in, words out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use openpam_policy::Label;
use serde::Serialize;
use serde_json::{Map, Value};

use super::file::{File, Grant, Group, Target, TargetName, User, Zone};

/// A part of the configuration: what it is called by, and how it is spoken of.
pub(super) trait Part: Clone + PartialEq + Serialize {
    /// By what it is known again.
    type Key: Ord;

    /// Fields that the title says already.
    const NAMED_BY: &'static [&'static str];

    /// What goes with it when it is removed.
    const WITH: &'static str = "";

    fn key(&self) -> Self::Key;

    fn title(&self) -> String;
}

impl Part for Zone {
    type Key = String;
    const NAMED_BY: &'static [&'static str] = &["name"];
    const WITH: &'static str = ", with its grants and join tokens";

    fn key(&self) -> String {
        self.name.clone()
    }

    fn title(&self) -> String {
        format!("zone {}", name(&self.name))
    }
}

impl Part for Target {
    type Key = TargetName;
    const NAMED_BY: &'static [&'static str] = &["zone", "name"];
    const WITH: &'static str = ", with its credentials, grants and schedules";

    fn key(&self) -> TargetName {
        TargetName { zone: self.zone.clone(), name: self.name.clone() }
    }

    fn title(&self) -> String {
        format!("target {} in zone {}", name(&self.name), name(&self.zone))
    }
}

impl Part for User {
    type Key = String;
    const NAMED_BY: &'static [&'static str] = &["username"];
    const WITH: &'static str = ", with their grants, schedules and memberships";

    fn key(&self) -> String {
        self.username.clone()
    }

    fn title(&self) -> String {
        format!("user {}", name(&self.username))
    }
}

impl Part for Group {
    type Key = String;
    const NAMED_BY: &'static [&'static str] = &["name", "members"];
    const WITH: &'static str = ", with its grants";

    fn key(&self) -> String {
        self.name.clone()
    }

    fn title(&self) -> String {
        format!("group {}", name(&self.name))
    }
}

/// That a user is in a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Member {
    pub(super) group: String,
    pub(super) user: String,
}

impl Part for Member {
    type Key = Self;
    const NAMED_BY: &'static [&'static str] = &["group", "user"];

    fn key(&self) -> Self {
        self.clone()
    }

    fn title(&self) -> String {
        format!("member {} of group {}", name(&self.user), name(&self.group))
    }
}

/// To whom and on what: there is one grant of each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GrantKey {
    user: Option<String>,
    group: Option<String>,
    zone: Option<String>,
    target: Option<TargetName>,
    label: Option<Label>,
}

impl Part for Grant {
    type Key = GrantKey;
    const NAMED_BY: &'static [&'static str] = &["user", "group", "zone", "target", "label"];

    fn key(&self) -> GrantKey {
        GrantKey {
            user: self.user.clone(),
            group: self.group.clone(),
            zone: self.zone.clone(),
            target: self.target.clone(),
            label: self.label.clone(),
        }
    }

    fn title(&self) -> String {
        let whose = match (&self.user, &self.group) {
            (Some(user), _) => format!("user {}", name(user)),
            (None, group) => format!("group {}", name(group.as_deref().unwrap_or_default())),
        };
        let what = match (&self.target, &self.zone, &self.label) {
            (Some(target), ..) => format!("target {} in zone {}", name(&target.name), name(&target.zone)),
            (None, Some(zone), _) => format!("all targets in zone {}", name(zone)),
            (None, None, label) => {
                format!("all targets with label {}", label.as_ref().map_or("", Label::as_str))
            }
        };
        format!("grant to {whose} on {what}")
    }
}

/// What is to be done about one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Edit<T> {
    /// The books do not have it.
    Add(T),
    /// The books have it otherwise.
    Change {
        /// As it is.
        from: T,
        /// As it is to be.
        to: T,
    },
    /// The file does not have it.
    Remove(T),
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) zones: Vec<Edit<Zone>>,
    pub(super) targets: Vec<Edit<Target>>,
    pub(super) users: Vec<Edit<User>>,
    pub(super) groups: Vec<Edit<Group>>,
    pub(super) members: Vec<Edit<Member>>,
    pub(super) grants: Vec<Edit<Grant>>,
}

/// How much it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) added: usize,
    pub(super) changed: usize,
    pub(super) removed: usize,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to add, {} to change, {} to remove", self.added, self.changed, self.removed)
    }
}

impl Difference {
    /// What has to be done to make `present` what `wanted` says. Removes something only to `prune`, and nothing of a
    /// section, or of a group's members, that `wanted` leaves out.
    pub(super) fn between(present: &File, wanted: &File, prune: bool) -> Self {
        Self {
            zones: compare(present.zones.as_deref(), wanted.zones.as_deref(), prune),
            targets: compare(present.targets.as_deref(), wanted.targets.as_deref(), prune),
            users: compare(present.users.as_deref(), wanted.users.as_deref(), prune),
            groups: compare(
                present.groups.as_deref().map(without_members).as_deref(),
                wanted.groups.as_deref().map(without_members).as_deref(),
                prune,
            ),
            members: members(present, wanted, prune),
            grants: compare(present.grants.as_deref(), wanted.grants.as_deref(), prune),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count() == Count::default()
    }

    pub(super) fn count(&self) -> Count {
        let mut count = Count::default();
        tally(&self.zones, &mut count);
        tally(&self.targets, &mut count);
        tally(&self.users, &mut count);
        tally(&self.groups, &mut count);
        tally(&self.members, &mut count);
        tally(&self.grants, &mut count);
        count
    }
}

fn tally<T>(edits: &[Edit<T>], count: &mut Count) {
    for edit in edits {
        match edit {
            Edit::Add(_) => count.added += 1,
            Edit::Change { .. } => count.changed += 1,
            Edit::Remove(_) => count.removed += 1,
        }
    }
}

/// By key; what `wanted` leaves out altogether is not compared.
fn compare<T: Part>(present: Option<&[T]>, wanted: Option<&[T]>, prune: bool) -> Vec<Edit<T>> {
    let Some(wanted) = wanted else { return Vec::new() };
    let wanted: BTreeMap<_, _> = wanted.iter().map(|part| (part.key(), part)).collect();
    let mut present: BTreeMap<_, _> =
        present.unwrap_or_default().iter().map(|part| (part.key(), part)).collect();
    let mut edits = Vec::new();
    for (key, to) in wanted {
        match present.remove(&key) {
            None => edits.push(Edit::Add(to.clone())),
            Some(from) if from != to => edits.push(Edit::Change { from: from.clone(), to: to.clone() }),
            Some(_) => {}
        }
    }
    if prune {
        edits.extend(present.into_values().cloned().map(Edit::Remove));
    }
    edits
}

fn without_members(groups: &[Group]) -> Vec<Group> {
    groups.iter().map(|group| Group { members: None, ..group.clone() }).collect()
}

/// Of the groups that `wanted` names together with their members.
fn members(present: &File, wanted: &File, prune: bool) -> Vec<Edit<Member>> {
    let Some(groups) = &wanted.groups else { return Vec::new() };
    let named: BTreeSet<&str> =
        groups.iter().filter(|group| group.members.is_some()).map(|group| group.name.as_str()).collect();
    let of = |groups: &[Group]| -> Vec<Member> {
        let groups = groups.iter().filter(|group| named.contains(group.name.as_str()));
        let members = groups.flat_map(|group| {
            let member = |user: &String| Member { group: group.name.clone(), user: user.clone() };
            group.members.iter().flatten().map(member)
        });
        members.collect()
    };
    let present = of(present.groups.as_deref().unwrap_or_default());
    compare(Some(&present), Some(&of(groups)), prune)
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, &self.zones)?;
        show(f, &self.targets)?;
        show(f, &self.users)?;
        show(f, &self.groups)?;
        show(f, &self.members)?;
        show(f, &self.grants)
    }
}

fn show<T: Part>(f: &mut fmt::Formatter<'_>, edits: &[Edit<T>]) -> fmt::Result {
    for edit in edits {
        match edit {
            Edit::Add(part) => {
                let fields = fields::<T>(part);
                let fields: Vec<_> =
                    fields.iter().map(|(field, to)| format!("{field} {}", value(to))).collect();
                let more = if fields.is_empty() { String::new() } else { format!(": {}", fields.join(", ")) };
                writeln!(f, "+ {}{more}", part.title())?;
            }
            Edit::Change { from, to } => {
                writeln!(f, "~ {}: {}", to.title(), changes::<T>(from, to).join(", "))?;
            }
            Edit::Remove(part) => writeln!(f, "- {}{}", part.title(), T::WITH)?,
        }
    }
    Ok(())
}

/// Each field that differs, with both its values.
fn changes<T: Part>(from: &T, to: &T) -> Vec<String> {
    let (from, to) = (fields::<T>(from), fields::<T>(to));
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let of = |fields: &Map<String, Value>, name: &String| {
        fields.get(name).cloned().unwrap_or_else(|| left_out(name))
    };
    let both = names.into_iter().map(|name| (name, of(&from, name), of(&to, name)));
    let differ = both.filter(|(_, from, to)| from != to);
    differ.map(|(name, from, to)| format!("{name} {} -> {}", value(&from), value(&to))).collect()
}

/// What the file writes of a part besides its name.
fn fields<T: Part>(part: &T) -> Map<String, Value> {
    match serde_json::to_value(part) {
        Ok(Value::Object(mut fields)) => {
            fields.retain(|name, _| !T::NAMED_BY.contains(&name.as_str()));
            fields
        }
        _ => Map::new(),
    }
}

/// What a field is that the file leaves out.
fn left_out(field: &str) -> Value {
    match field {
        "enabled" | "clipboard_copy" | "clipboard_paste" => Value::Bool(true),
        "labels" => Value::Array(Vec::new()),
        "old_algorithms" | "file_download" | "file_upload" => Value::Bool(false),
        _ => Value::Null,
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if text == "none" => "\"none\"".to_owned(),
        Value::String(text) => name(text),
        Value::Array(values) => {
            format!("[{}]", values.iter().map(self::value).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// As it is where nobody can mistake it, else in quotes and with everything invisible made visible.
pub(super) fn name(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '/' | '=' | ':' | '%');
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("{text:?}") }
}

#[cfg(test)]
mod tests {
    use super::super::file::Text;
    use super::*;

    fn file(body: &str) -> File {
        Text::parse(&format!("version: 1\n{body}")).expect("a file").file
    }

    const BOOKS: &str = "
zones: [{name: plant-7}]
targets:
- {zone: plant-7, name: press-4, hostname: 10.0.0.4, protocol: ssh, port: 22, labels: [env=test]}
- {zone: plant-7, name: saw, hostname: 10.0.0.5, protocol: ssh, port: 22}
users: [{username: ann, role: user}, {username: bob, role: user}]
groups: [{name: fitters, members: [ann, bob]}, {name: welders, members: [ann]}]
grants: [{group: fitters, zone: plant-7}, {user: ann, target: {zone: plant-7, name: saw}, consent: be careful}]
";

    fn shown(wanted: &str, prune: bool) -> String {
        let difference = Difference::between(&file(BOOKS), &file(wanted), prune);
        format!("{difference}{}", difference.count())
    }

    #[test]
    fn what_is_the_same_is_no_difference() {
        for prune in [false, true] {
            assert!(Difference::between(&file(BOOKS), &file(BOOKS), prune).is_empty());
            assert!(Difference::between(&file(BOOKS), &file(""), prune).is_empty(), "nothing is said of it");
        }
    }

    #[test]
    fn each_change_is_shown_with_both_values_and_what_is_added_with_its_own() {
        let wanted = "
zones: [{name: plant 8, type: hub}]
targets:
- {zone: plant-7, name: press-4, hostname: 10.0.0.4, protocol: ssh, port: 2222, description: \"a\\u202eb\", enabled: false}
- {zone: plant-7, name: press-9, hostname: h, protocol: rdp, port: 3389, labels: [a=b, c=d]}
- {zone: plant-7, name: panel, hostname: h, protocol: vnc, port: 5900, desktop: {color_depth: 16}}
users: [{username: ann, role: admin, email: ann@x.example}]
groups: [{name: fitters, description: none, members: [ann]}, {name: new, members: [ann]}]
grants:
- {group: fitters, zone: plant-7, max_session_seconds: 3600, clipboard_copy: false, file_upload: true}
- {user: ann, label: env=test}
";
        let expected = r#"+ zone "plant 8": type hub
+ target panel in zone plant-7: desktop {"color_depth":16}, hostname h, port 5900, protocol vnc
~ target press-4 in zone plant-7: description none -> "a\u{202e}b", enabled true -> false, labels [env=test] -> [], port 22 -> 2222
+ target press-9 in zone plant-7: hostname h, labels [a=b, c=d], port 3389, protocol rdp
~ user ann: email none -> ann@x.example, role user -> admin
~ group fitters: description none -> "none"
+ group new
+ member ann of group new
~ grant to group fitters on all targets in zone plant-7: clipboard_copy true -> false, file_upload false -> true, max_session_seconds none -> 3600
+ grant to user ann on all targets with label env=test
6 to add, 4 to change, 0 to remove"#;
        assert_eq!(shown(wanted, false), expected);
    }

    #[test]
    fn only_pruning_removes_and_only_from_what_is_listed() {
        let wanted = "
targets: []
groups: [{name: fitters, members: [ann]}, {name: welders}]
grants: [{group: fitters, zone: plant-7}]
";
        assert_eq!(shown(wanted, false), "0 to add, 0 to change, 0 to remove");
        let expected = "\
- target press-4 in zone plant-7, with its credentials, grants and schedules
- target saw in zone plant-7, with its credentials, grants and schedules
- member bob of group fitters
- grant to user ann on target saw in zone plant-7
0 to add, 0 to change, 4 to remove";
        assert_eq!(shown(wanted, true), expected);
        let expected = "\
- group fitters, with its grants
- group welders, with its grants
0 to add, 0 to change, 2 to remove";
        assert_eq!(shown("groups: []", true), expected, "their members go with them");
    }
}
