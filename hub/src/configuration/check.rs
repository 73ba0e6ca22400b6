//! Whether a file can be meant: the rules that the API has for each field, nothing twice, and nothing that names what would
//! not be there. Everything that is wrong is told at once, each with its place; nothing is mended but what the API mends.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use openpam_policy::{Label, OFFLINE_SECONDS, Role, Schedule};

use super::compare::{Part, name};
use super::file::{File, Grant, Group, Lines, Target, TargetName, Text, User, Zone};
use super::read::Present;
use crate::api::input;
use crate::api::problem::Problem;
use crate::desktop::DesktopSettings;

/// More than this many faults are only counted.
const MAX_TOLD: usize = 20;

/// A file that was checked.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) file: File,
    lines: Lines,
}

impl Wanted {
    /// Checks a file against the books.
    ///
    /// # Errors
    /// Everything that is wrong, a line each.
    pub(super) fn check(text: Text, present: &Present, prune: bool) -> anyhow::Result<Self> {
        let mut wrongs = Wrongs { lines: &text.lines, found: Vec::new() };
        let mut file = text.file;
        each(file.zones.as_mut(), "zones", &mut wrongs, zone);
        each(file.targets.as_mut(), "targets", &mut wrongs, target);
        each(file.users.as_mut(), "users", &mut wrongs, user);
        each(file.groups.as_mut(), "groups", &mut wrongs, group);
        each(file.grants.as_mut(), "grants", &mut wrongs, grant);
        once(file.zones.as_deref(), "zones", "name", &mut wrongs);
        once(file.targets.as_deref(), "targets", "name", &mut wrongs);
        once(file.users.as_deref(), "users", "username", &mut wrongs);
        once(file.groups.as_deref(), "groups", "name", &mut wrongs);
        once(file.grants.as_deref(), "grants", "", &mut wrongs);
        addresses_once(&file, &mut wrongs);
        fits(&file, present, prune, &mut wrongs);
        wrongs.finish()?;
        Ok(Self { file, lines: text.lines })
    }

    /// Checks it once more against books that may have changed.
    ///
    /// # Errors
    /// If it does not fit any more.
    pub(super) fn again(&self, present: &Present, prune: bool) -> anyhow::Result<File> {
        let mut wrongs = Wrongs { lines: &self.lines, found: Vec::new() };
        fits(&self.file, present, prune, &mut wrongs);
        wrongs.finish()?;
        Ok(self.file.clone())
    }
}

/// Takes what is wrong with one part: the field, and why.
type Tell<'a> = dyn FnMut(&str, &str) + 'a;

struct Wrongs<'a> {
    lines: &'a Lines,
    found: Vec<String>,
}

impl Wrongs<'_> {
    fn add(&mut self, section: &str, index: usize, field: &str, why: &str) {
        let line = self.lines.get(section).and_then(|lines| lines.get(index));
        let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        let dot = if field.is_empty() { "" } else { "." };
        self.found.push(format!("{line}{section}[{index}]{dot}{field}: {why}"));
    }

    fn of_section(&mut self, section: &str, why: &str) {
        self.found.push(format!("{section}: {why}"));
    }

    fn finish(self) -> anyhow::Result<()> {
        let more = self.found.len().saturating_sub(MAX_TOLD);
        let told: Vec<_> = self.found.into_iter().take(MAX_TOLD).collect();
        match (told.is_empty(), more) {
            (true, _) => Ok(()),
            (_, 0) => bail!("{}", told.join("\n")),
            _ => bail!("{}\nand {more} more", told.join("\n")),
        }
    }
}

fn each<T>(
    parts: Option<&mut Vec<T>>,
    section: &str,
    wrongs: &mut Wrongs<'_>,
    check: impl Fn(&mut T, &mut Tell<'_>),
) {
    for (index, part) in parts.into_iter().flatten().enumerate() {
        check(part, &mut |field, why| wrongs.add(section, index, field, why));
    }
}

fn put<T>(checked: Result<T, Problem>, into: &mut T, field: &str, tell: &mut Tell<'_>) {
    match checked {
        Ok(value) => *into = value,
        Err(problem) => tell(field, problem.detail()),
    }
}

fn zone(zone: &mut Zone, tell: &mut Tell<'_>) {
    put(input::name("name", &zone.name), &mut zone.name, "name", tell);
    put(input::description(zone.description.as_deref()), &mut zone.description, "description", tell);
    put(input::retention(zone.retention_days), &mut zone.retention_days, "retention_days", tell);
    put(input::timezone("timezone", &zone.timezone), &mut zone.timezone, "timezone", tell);
}

fn target(target: &mut Target, tell: &mut Tell<'_>) {
    put(input::name("zone", &target.zone), &mut target.zone, "zone", tell);
    put(input::name("name", &target.name), &mut target.name, "name", tell);
    put(input::hostname(&target.hostname), &mut target.hostname, "hostname", tell);
    put(input::port(target.port), &mut target.port, "port", tell);
    put(input::description(target.description.as_deref()), &mut target.description, "description", tell);
    let labels: Vec<String> = target.labels.iter().map(Label::to_string).collect();
    put(input::labels(&labels), &mut target.labels, "labels", tell);
    let desktop = input::desktop(target.protocol, target.desktop.clone());
    let desktop = desktop.map(|said| said.filter(|settings| *settings != DesktopSettings::default()));
    put(desktop, &mut target.desktop, "desktop", tell);
}

fn user(user: &mut User, tell: &mut Tell<'_>) {
    put(input::username(&user.username), &mut user.username, "username", tell);
    put(input::email(user.email.as_deref()), &mut user.email, "email", tell);
    put(input::display_name(user.display_name.as_deref()), &mut user.display_name, "display_name", tell);
}

fn group(group: &mut Group, tell: &mut Tell<'_>) {
    put(input::name("name", &group.name), &mut group.name, "name", tell);
    put(input::description(group.description.as_deref()), &mut group.description, "description", tell);
    let mut seen = BTreeSet::new();
    for (index, member) in group.members.iter_mut().flatten().enumerate() {
        let field = format!("members[{index}]");
        put(input::username(member), member, &field, tell);
        if !seen.insert(member.clone()) {
            tell(&field, &format!("{} is a member already", name(member)));
        }
    }
}

fn grant(grant: &mut Grant, tell: &mut Tell<'_>) {
    if let Some(user) = &mut grant.user {
        put(input::username(user), user, "user", tell);
    }
    if let Some(group) = &mut grant.group {
        put(input::name("group", group), group, "group", tell);
    }
    if let Some(zone) = &mut grant.zone {
        put(input::name("zone", zone), zone, "zone", tell);
    }
    if let Some(TargetName { zone, name }) = &mut grant.target {
        put(input::name("zone", zone), zone, "target.zone", tell);
        put(input::name("name", name), name, "target.name", tell);
    }
    if grant.user.is_some() == grant.group.is_some() {
        tell("", "give either user or group");
    }
    let objects = [grant.target.is_some(), grant.zone.is_some(), grant.label.is_some()];
    if objects.into_iter().filter(|given| *given).count() != 1 {
        tell("", "give one of target, zone and label");
    }
    let longest = grant.max_session_seconds;
    put(
        input::limit("max_session_seconds", longest),
        &mut grant.max_session_seconds,
        "max_session_seconds",
        tell,
    );
    put(input::limit("idle_seconds", grant.idle_seconds), &mut grant.idle_seconds, "idle_seconds", tell);
    put(input::consent(grant.consent.as_deref()), &mut grant.consent, "consent", tell);
    let offline = input::offline(grant.offline_seconds);
    let offline = offline.map(|seconds| seconds.filter(|seconds| *seconds != OFFLINE_SECONDS));
    put(offline, &mut grant.offline_seconds, "offline_seconds", tell);
    if let Some(said) = &grant.schedule
        && let Err(error) = Schedule::new(said.clone())
    {
        tell("schedule", &error.to_string());
    }
}

/// What is known by the same is there once.
fn once<T: Part>(parts: Option<&[T]>, section: &str, field: &str, wrongs: &mut Wrongs<'_>) {
    let mut seen = BTreeMap::new();
    for (index, part) in parts.into_iter().flatten().enumerate() {
        let first = *seen.entry(part.key()).or_insert(index);
        if first != index {
            wrongs.add(section, index, field, &format!("{} is {section}[{first}] already", part.title()));
        }
    }
}

fn addresses_once(file: &File, wrongs: &mut Wrongs<'_>) {
    let mut seen = BTreeMap::new();
    for (index, user) in file.users.iter().flatten().enumerate() {
        let Some(email) = &user.email else { continue };
        let first = *seen.entry(email).or_insert(index);
        if first != index {
            wrongs.add("users", index, "email", &format!("{} is the address of users[{first}]", name(email)));
        }
    }
}

/// What will be there afterwards, of one section.
fn afterwards<'a, T: Part>(wanted: Option<&'a [T]>, present: Option<&'a [T]>, prune: bool) -> Vec<&'a T> {
    let stay = if wanted.is_some() && prune { None } else { present };
    let known: BTreeSet<_> = wanted.into_iter().flatten().map(Part::key).collect();
    let stay = stay.into_iter().flatten().filter(|part| !known.contains(&part.key()));
    wanted.into_iter().flatten().chain(stay).collect()
}

/// Whether everything that is named will be there, and nothing stays that has to go.
fn fits(file: &File, present: &Present, prune: bool, wrongs: &mut Wrongs<'_>) {
    let books = &present.file;
    let zones = afterwards(file.zones.as_deref(), books.zones.as_deref(), prune);
    let targets = afterwards(file.targets.as_deref(), books.targets.as_deref(), prune);
    let users = afterwards(file.users.as_deref(), books.users.as_deref(), prune);
    let groups = afterwards(file.groups.as_deref(), books.groups.as_deref(), prune);
    let zone_names: BTreeSet<_> = zones.iter().map(|zone| zone.name.as_str()).collect();
    let user_names: BTreeSet<_> = users.iter().map(|user| user.username.as_str()).collect();
    let group_names: BTreeSet<_> = groups.iter().map(|group| group.name.as_str()).collect();
    let target_names: BTreeSet<_> = targets.iter().map(|target| target.key()).collect();
    let no = |what: &str, named: &str| format!("there is no {what} {}", name(named));

    for (index, target) in file.targets.iter().flatten().enumerate() {
        if !zone_names.contains(target.zone.as_str()) {
            wrongs.add("targets", index, "zone", &no("zone", &target.zone));
        }
    }
    for (index, group) in file.groups.iter().flatten().enumerate() {
        for (place, member) in group.members.iter().flatten().enumerate() {
            if !user_names.contains(member.as_str()) {
                wrongs.add("groups", index, &format!("members[{place}]"), &no("user", member));
            }
        }
    }
    for (index, grant) in file.grants.iter().flatten().enumerate() {
        if let Some(user) = grant.user.as_deref().filter(|user| !user_names.contains(user)) {
            wrongs.add("grants", index, "user", &no("user", user));
        }
        if let Some(group) = grant.group.as_deref().filter(|group| !group_names.contains(group)) {
            wrongs.add("grants", index, "group", &no("group", group));
        }
        if let Some(zone) = grant.zone.as_deref().filter(|zone| !zone_names.contains(zone)) {
            wrongs.add("grants", index, "zone", &no("zone", zone));
        }
        if let Some(target) = grant.target.as_ref().filter(|target| !target_names.contains(target)) {
            let why = format!("{} in zone {}", no("target", &target.name), name(&target.zone));
            wrongs.add("grants", index, "target", &why);
        }
    }
    stays_as_made(file, books, wrongs);
    for zone in books.zones.iter().flatten().filter(|zone| !zone_names.contains(zone.name.as_str())) {
        if present.served.contains(&zone.name) {
            let why =
                format!("a satellite serves {}, which the file does not name: revoke it first", zone.title());
            wrongs.of_section("zones", &why);
        }
        if let Some(target) = targets.iter().find(|target| target.zone == zone.name && file.targets.is_none())
        {
            let why = format!("{} stays, and its zone is not in the file", target.title());
            wrongs.of_section("zones", &why);
        }
    }
    let admins = |users: &[&User]| -> BTreeSet<String> {
        let admins = users.iter().filter(|user| user.enabled && user.role == Role::Admin);
        admins.map(|user| user.username.clone()).collect()
    };
    let mut before = admins(&books.users.iter().flatten().collect::<Vec<_>>());
    // Who is made by a file has no password yet.
    before.retain(|user| present.can_sign_in.contains(user));
    if !before.is_empty() && admins(&users).is_disjoint(&before) {
        wrongs.of_section("users", "no admin who can sign in would be left");
    }
}

/// What cannot be changed once it is made.
fn stays_as_made(file: &File, books: &File, wrongs: &mut Wrongs<'_>) {
    let zones: BTreeMap<_, _> = books.zones.iter().flatten().map(|zone| (zone.key(), zone)).collect();
    for (index, zone) in file.zones.iter().flatten().enumerate() {
        if let Some(made) = zones.get(&zone.key()).filter(|made| made.zone_type != zone.zone_type) {
            let why = format!("{} was made as {}, and that stays", zone.title(), made.zone_type.as_str());
            wrongs.add("zones", index, "type", &why);
        }
    }
    let targets: BTreeMap<_, _> =
        books.targets.iter().flatten().map(|target| (target.key(), target)).collect();
    for (index, target) in file.targets.iter().flatten().enumerate() {
        if let Some(made) = targets.get(&target.key()).filter(|made| made.protocol != target.protocol) {
            let why = format!("{} was made as {}, and that stays", target.title(), made.protocol.as_str());
            wrongs.add("targets", index, "protocol", &why);
        }
    }
}
