//! Doing a difference, in one transaction that alone may change the configuration: with the words of the store, and told to
//! the chain of events as the API tells it, by the command line.

use anyhow::{Context, anyhow};
use openpam_ids::{GroupId, HubId, TargetId, UserId, ZoneId};
use openpam_policy::{OFFLINE_SECONDS, Object, Subject, Terms, Transfer};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::compare::{Count, Difference, Edit, Member, Part};
use super::file::{Grant, Group, Target, TargetName, User, Zone};
use super::read::Ids;
use crate::api::admin::change::{deletion, difference};
use crate::api::admin::grants::Grant as ToldGrant;
use crate::api::problem::Problem;
use crate::config::Config;
use crate::desktop::DesktopSettings;
use crate::instance::{self, Instance};
use crate::secrets::SecretStore;
use crate::store::change::{Deleted, Held};
use crate::store::events::{self, Fact};
use crate::store::{StoreError, grants, groups, sign_ins, targets, users, zones};

/// More new accounts than this are only counted.
const MAX_NAMED: usize = 20;

/// What was done.
#[derive(Debug)]
pub(super) struct Done {
    count: Count,
    /// New accounts; without a password.
    new_users: Vec<String>,
    /// Secrets that no credential has any more.
    secrets: Vec<String>,
}

struct Work<'a> {
    db: &'a mut PgConnection,
    ids: Ids,
    facts: Vec<(&'static str, Value)>,
    new_users: Vec<String>,
    secrets: Vec<String>,
}

/// Does it. The transaction is the caller's to commit.
///
/// # Errors
/// With what it was that could not be done.
pub(super) async fn carry_out(
    config: &Config,
    db: &mut PgConnection,
    ids: Ids,
    what: Difference,
) -> anyhow::Result<Done> {
    let hub = instance::hub_id(&config.data_dir)?;
    let count = what.count();
    let mut work = Work { db, ids, facts: Vec::new(), new_users: Vec::new(), secrets: Vec::new() };
    work.remove(&what).await?;
    work.make(&what).await?;
    work.record(hub).await?;
    Ok(Done { count, new_users: work.new_users, secrets: work.secrets })
}

impl Work<'_> {
    /// What others name goes last.
    async fn remove(&mut self, what: &Difference) -> anyhow::Result<()> {
        for grant in what.grants.iter().filter_map(removed) {
            self.remove_grant(grant).await.with_context(|| grant.title())?;
        }
        for member in what.members.iter().filter_map(removed) {
            self.remove_member(member).await.with_context(|| member.title())?;
        }
        for target in what.targets.iter().filter_map(removed) {
            self.remove_target(target).await.with_context(|| target.title())?;
        }
        for zone in what.zones.iter().filter_map(removed) {
            self.remove_zone(zone).await.with_context(|| zone.title())?;
        }
        for group in what.groups.iter().filter_map(removed) {
            self.remove_group(group).await.with_context(|| group.title())?;
        }
        for user in what.users.iter().filter_map(removed) {
            self.remove_user(user).await.with_context(|| user.title())?;
        }
        Ok(())
    }

    /// What others name comes first.
    async fn make(&mut self, what: &Difference) -> anyhow::Result<()> {
        for zone in &what.zones {
            match zone {
                Edit::Add(zone) => self.add_zone(zone).await.with_context(|| zone.title())?,
                Edit::Change { to, .. } => self.change_zone(to).await.with_context(|| to.title())?,
                Edit::Remove(_) => {}
            }
        }
        for target in &what.targets {
            match target {
                Edit::Add(target) => self.add_target(target).await.with_context(|| target.title())?,
                Edit::Change { to, .. } => self.change_target(to).await.with_context(|| to.title())?,
                Edit::Remove(_) => {}
            }
        }
        for user in &what.users {
            match user {
                Edit::Add(user) => self.add_user(user).await.with_context(|| user.title())?,
                Edit::Change { to, .. } => self.change_user(to).await.with_context(|| to.title())?,
                Edit::Remove(_) => {}
            }
        }
        for group in &what.groups {
            match group {
                Edit::Add(group) => self.add_group(group).await.with_context(|| group.title())?,
                Edit::Change { to, .. } => self.change_group(to).await.with_context(|| to.title())?,
                Edit::Remove(_) => {}
            }
        }
        for member in &what.members {
            if let Edit::Add(member) = member {
                self.add_member(member).await.with_context(|| member.title())?;
            }
        }
        for grant in &what.grants {
            match grant {
                Edit::Add(grant) => self.add_grant(grant).await.with_context(|| grant.title())?,
                Edit::Change { to, .. } => self.change_grant(to).await.with_context(|| to.title())?,
                Edit::Remove(_) => {}
            }
        }
        Ok(())
    }

    /// At the end: the chain is locked from its first event on, and who else writes in it waits.
    async fn record(&mut self, hub: HubId) -> anyhow::Result<()> {
        for (kind, mut detail) in std::mem::take(&mut self.facts) {
            if let Value::Object(fields) = &mut detail {
                fields.insert("by".to_owned(), "command line".into());
            }
            let fact = Fact { kind, user_id: None, session_id: None, client_ip: None, detail };
            events::record(self.db, hub, fact).await?;
        }
        Ok(())
    }

    fn tell(&mut self, kind: &'static str, detail: Value) {
        self.facts.push((kind, detail));
    }

    async fn add_zone(&mut self, zone: &Zone) -> anyhow::Result<()> {
        let Zone { name, zone_type, description, timezone, .. } = zone;
        let made = zones::create(self.db, name, *zone_type, description.as_deref(), timezone).await;
        let id = made.map_err(said)?;
        self.ids.zones.insert(zone.key(), id);
        self.tell("zone.created", json!({ "id": id, "name": name, "timezone": timezone }));
        let as_made = zone.enabled && zone.retention_days.is_none() && !zone.legal_hold;
        if as_made { Ok(()) } else { self.change_zone(zone).await }
    }

    async fn change_zone(&mut self, zone: &Zone) -> anyhow::Result<()> {
        let id = self.zone(&zone.name)?;
        let before = held(zones::hold(self.db, id).await?)?;
        let after = zones::Fields {
            name: before.name.clone(),
            description: zone.description.clone(),
            enabled: zone.enabled,
            retention_days: zone.retention_days,
            legal_hold: zone.legal_hold,
            timezone: zone.timezone.clone(),
        };
        zones::change(self.db, id, &after).await.map_err(said)?;
        self.tell("zone.changed", changed(&id, &before.name, &before, &after));
        Ok(())
    }

    async fn remove_zone(&mut self, zone: &Zone) -> anyhow::Result<()> {
        let id = self.zone(&zone.name)?;
        held(zones::hold(self.db, id).await?)?;
        let used = zones::in_use(self.db, id).await?;
        anyhow::ensure!(!used.satellite, "a satellite serves this zone: revoke it first");
        anyhow::ensure!(used.targets == 0, "this zone has targets");
        let how = zones::delete(self.db, id).await?;
        self.tell("zone.deleted", deletion(&id, &zone.name, how));
        Ok(())
    }

    async fn add_target(&mut self, target: &Target) -> anyhow::Result<()> {
        let new = targets::NewTarget {
            zone_id: self.zone(&target.zone)?,
            name: target.name.clone(),
            hostname: target.hostname.clone(),
            protocol: target.protocol,
            port: target.port,
            description: target.description.clone(),
            labels: target.labels.clone(),
            old_algorithms: target.old_algorithms,
            desktop: desktop(target),
        };
        let id = targets::create(self.db, &new).await.map_err(said)?;
        self.ids.targets.insert(target.key(), id);
        let detail = json!({ "id": id, "zone_id": new.zone_id, "name": new.name, "protocol": new.protocol, "hostname": new.hostname, "port": new.port, "labels": new.labels, "old_algorithms": new.old_algorithms, "desktop": new.desktop });
        self.tell("target.created", detail);
        if target.enabled { Ok(()) } else { self.change_target(target).await }
    }

    async fn change_target(&mut self, target: &Target) -> anyhow::Result<()> {
        let id = self.target(&target.key())?;
        let before = held(targets::hold(self.db, id).await?.map(|(_, held)| held))?;
        let after = targets::Fields {
            name: before.name.clone(),
            hostname: target.hostname.clone(),
            port: target.port,
            description: target.description.clone(),
            labels: target.labels.clone(),
            old_algorithms: target.old_algorithms,
            desktop: desktop(target),
            enabled: target.enabled,
        };
        targets::change(self.db, id, &after).await.map_err(said)?;
        self.tell("target.changed", changed(&id, &before.name, &before, &after));
        Ok(())
    }

    async fn remove_target(&mut self, target: &Target) -> anyhow::Result<()> {
        let id = self.target(&target.key())?;
        held(targets::hold(self.db, id).await?.map(|(_, held)| held))?;
        let (how, secrets) = targets::delete(self.db, id).await?;
        self.secrets.extend(secrets);
        self.tell("target.deleted", deletion(&id, &target.name, how));
        Ok(())
    }

    async fn add_user(&mut self, user: &User) -> anyhow::Result<()> {
        let new = users::NewUser {
            username: user.username.clone(),
            email: user.email.clone(),
            display_name: user.display_name.clone(),
            role: user.role,
            password_hash: None,
        };
        let id = users::create(self.db, &new).await.map_err(said)?;
        self.ids.users.insert(user.key(), id);
        self.new_users.push(user.username.clone());
        self.tell("user.created", json!({ "id": id, "username": new.username, "role": new.role }));
        if user.enabled { Ok(()) } else { self.change_user(user).await }
    }

    async fn change_user(&mut self, user: &User) -> anyhow::Result<()> {
        let id = self.user(&user.username)?;
        let before = held(users::hold(self.db, id).await?)?;
        let after = users::Fields {
            username: before.username.clone(),
            email: user.email.clone(),
            display_name: user.display_name.clone(),
            role: user.role,
            enabled: user.enabled,
        };
        users::change(self.db, id, &after).await.map_err(said)?;
        if !after.enabled {
            sign_ins::revoke_all_of(self.db, id).await?;
        }
        self.tell("user.changed", changed(&id, &before.username, &before, &after));
        Ok(())
    }

    async fn remove_user(&mut self, user: &User) -> anyhow::Result<()> {
        let id = self.user(&user.username)?;
        held(users::hold(self.db, id).await?)?;
        sign_ins::revoke_all_of(self.db, id).await?;
        let how = users::delete(self.db, id).await?;
        self.tell("user.deleted", deletion(&id, &user.username, how));
        Ok(())
    }

    async fn add_group(&mut self, group: &Group) -> anyhow::Result<()> {
        let id = groups::create(self.db, &group.name, group.description.as_deref()).await.map_err(said)?;
        self.ids.groups.insert(group.key(), id);
        self.tell("group.created", json!({ "id": id, "name": group.name }));
        Ok(())
    }

    async fn change_group(&mut self, group: &Group) -> anyhow::Result<()> {
        let id = self.group(&group.name)?;
        let before = held(groups::hold(self.db, id).await?)?;
        let after = groups::Fields { name: before.name.clone(), description: group.description.clone() };
        groups::change(self.db, id, &after).await.map_err(said)?;
        self.tell("group.changed", changed(&id, &before.name, &before, &after));
        Ok(())
    }

    async fn remove_group(&mut self, group: &Group) -> anyhow::Result<()> {
        let id = self.group(&group.name)?;
        held(groups::hold(self.db, id).await?)?;
        groups::delete(self.db, id).await?;
        self.tell("group.deleted", deletion(&id, &group.name, Deleted::Removed));
        Ok(())
    }

    async fn add_member(&mut self, member: &Member) -> anyhow::Result<()> {
        let (group, user) = (self.group(&member.group)?, self.user(&member.user)?);
        groups::add_member(self.db, group, user).await.map_err(said)?;
        self.tell("group.member_added", json!({ "id": group, "user_id": user }));
        Ok(())
    }

    async fn remove_member(&mut self, member: &Member) -> anyhow::Result<()> {
        let (group, user) = (self.group(&member.group)?, self.user(&member.user)?);
        anyhow::ensure!(groups::remove_member(self.db, group, user).await?, GONE);
        self.tell("group.member_removed", json!({ "id": group, "user_id": user }));
        Ok(())
    }

    async fn add_grant(&mut self, grant: &Grant) -> anyhow::Result<()> {
        let user = grant.user.as_deref().map(|user| self.user(user)).transpose()?;
        let group = grant.group.as_deref().map(|group| self.group(group)).transpose()?;
        let target = grant.target.as_ref().map(|target| self.target(target)).transpose()?;
        let zone = grant.zone.as_deref().map(|zone| self.zone(zone)).transpose()?;
        let subject = user.map(Subject::User).or(group.map(Subject::Group)).context(GONE)?;
        let label = grant.label.clone().map(Object::Label);
        let object = target.map(Object::Target).or(zone.map(Object::Zone)).or(label).context(GONE)?;
        let id = grants::create(self.db, subject, &object, &fields(grant), None).await.map_err(said)?;
        self.ids.grants.insert(grant.key(), id);
        // As the API's request for it.
        let told = json!({
            "user_id": user, "group_id": group, "target_id": target, "zone_id": zone, "label": grant.label,
            "max_session_seconds": grant.max_session_seconds, "idle_seconds": grant.idle_seconds, "consent": grant.consent,
            "offline_seconds": grant.offline_seconds, "clipboard_copy": grant.clipboard_copy,
            "clipboard_paste": grant.clipboard_paste, "file_download": grant.file_download, "file_upload": grant.file_upload,
            "schedule": grant.schedule,
        });
        self.tell("grant.created", json!({ "id": id, "grant": told }));
        Ok(())
    }

    async fn change_grant(&mut self, grant: &Grant) -> anyhow::Result<()> {
        let id = *self.ids.grants.get(&grant.key()).context(GONE)?;
        let before = held(grants::hold(self.db, id).await?)?;
        let after = fields(grant);
        grants::change(self.db, id, &after).await.map_err(said)?;
        self.tell("grant.changed", json!({ "id": id, "changes": difference(&before, &after) }));
        Ok(())
    }

    async fn remove_grant(&mut self, grant: &Grant) -> anyhow::Result<()> {
        let id = *self.ids.grants.get(&grant.key()).context(GONE)?;
        let gone = ToldGrant::from(grants::find(&mut *self.db, id).await?.context(GONE)?);
        grants::delete(self.db, id).await?;
        self.tell("grant.deleted", json!({ "grant": gone }));
        Ok(())
    }

    fn zone(&self, name: &str) -> anyhow::Result<ZoneId> {
        self.ids.zones.get(name).copied().context(GONE)
    }

    fn target(&self, name: &TargetName) -> anyhow::Result<TargetId> {
        self.ids.targets.get(name).copied().context(GONE)
    }

    fn user(&self, name: &str) -> anyhow::Result<UserId> {
        self.ids.users.get(name).copied().context(GONE)
    }

    fn group(&self, name: &str) -> anyhow::Result<GroupId> {
        self.ids.groups.get(name).copied().context(GONE)
    }
}

/// It was checked before, and nobody else may change it meanwhile.
const GONE: &str = "it is not there any more";

fn removed<T>(edit: &Edit<T>) -> Option<&T> {
    match edit {
        Edit::Remove(part) => Some(part),
        _ => None,
    }
}

fn fields(grant: &Grant) -> grants::Fields {
    let terms = Terms {
        max_session_seconds: grant.max_session_seconds,
        idle_seconds: grant.idle_seconds,
        consent: grant.consent.clone(),
        offline_seconds: grant.offline_seconds.unwrap_or(OFFLINE_SECONDS),
        transfer: Transfer {
            copy: grant.clipboard_copy,
            paste: grant.clipboard_paste,
            download: grant.file_download,
            upload: grant.file_upload,
        },
    };
    grants::Fields { terms, schedule: grant.schedule.clone() }
}

/// What is kept of a target: of a desktop that says nothing, what is usual.
fn desktop(target: &Target) -> Option<DesktopSettings> {
    target.protocol.is_desktop().then(|| target.desktop.clone().unwrap_or_default())
}

fn held<T>(row: Option<Held<T>>) -> anyhow::Result<T> {
    row.map(|row| row.fields).context(GONE)
}

fn changed<T: Serialize>(id: &impl Serialize, name: &str, before: &T, after: &T) -> Value {
    json!({ "id": id, "name": name, "changes": difference(before, after) })
}

/// In the API's words, where the books refuse it.
fn said(error: StoreError) -> anyhow::Error {
    match error {
        StoreError::AlreadyExists { .. } | StoreError::Dangling { .. } => {
            anyhow!("{}", Problem::from(error).detail())
        }
        _ => error.into(),
    }
}

impl Done {
    /// What the operator is to know, after the secrets that no credential has any more were forgotten.
    pub(super) async fn say(self, config: &Config) -> String {
        let Count { added, changed, removed } = self.count;
        let mut said = format!("done: {added} added, {changed} changed, {removed} removed\n");
        if !self.new_users.is_empty() {
            let more = self.new_users.len().saturating_sub(MAX_NAMED);
            let named: Vec<_> = self.new_users.iter().take(MAX_NAMED).map(String::as_str).collect();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            said += &format!(
                "without a password until an administrator sets one in the pages: {}{more}\n",
                named.join(", ")
            );
        }
        // Whose lock is free: the sealed store has one writer.
        let forgotten = match Instance::claim(&config.data_dir) {
            Ok(_instance) => {
                said += "no hub runs on this data folder; elsewhere a running one ends sessions whose right is gone within 15 s\n";
                forget(config, &self.secrets).await
            }
            Err(_) => {
                said += "the running hub decides by this from now on; sessions whose right is gone end within 15 s\n";
                self.secrets.is_empty()
            }
        };
        if !forgotten {
            said += &format!(
                "{} sealed secrets of removed credentials stay in the sealed store, where nothing names them any more\n",
                self.secrets.len()
            );
        }
        said
    }
}

/// Whether all of them are gone.
async fn forget(config: &Config, paths: &[String]) -> bool {
    if paths.is_empty() {
        return true;
    }
    let Ok(store) = SecretStore::open_sealed(&config.secrets_dir) else { return false };
    for path in paths {
        if store.delete(path).await.is_err() {
            return false;
        }
    }
    true
}
