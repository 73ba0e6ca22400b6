//! What is in the books, as a file would say it, and which row each name stands for.

use std::collections::{BTreeMap, BTreeSet};

use openpam_ids::{GrantId, GroupId, TargetId, UserId, Uuid, ZoneId};
use openpam_policy::OFFLINE_SECONDS;
use sqlx::PgConnection;

use super::compare::{GrantKey, Part};
use super::file::{File, Grant, Group, Target, TargetName, User, Zone};
use crate::desktop::DesktopSettings;
use crate::store::{Page, StoreError, grants, groups, targets, users, zones};

/// Rows read at once.
const PART: u16 = 1000;

/// What is there now.
#[derive(Debug)]
pub(super) struct Present {
    /// Every section in the order of names.
    pub(super) file: File,
    pub(super) ids: Ids,
    /// Zones that a satellite serves.
    pub(super) served: BTreeSet<String>,
    /// Users with a password.
    pub(super) can_sign_in: BTreeSet<String>,
}

/// The rows behind the names.
#[derive(Debug, Default)]
pub(super) struct Ids {
    pub(super) zones: BTreeMap<String, ZoneId>,
    pub(super) targets: BTreeMap<TargetName, TargetId>,
    pub(super) users: BTreeMap<String, UserId>,
    pub(super) groups: BTreeMap<String, GroupId>,
    pub(super) grants: BTreeMap<GrantKey, GrantId>,
}

impl Present {
    /// Reads it all, at the moment that the transaction sees.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn read(db: &mut PgConnection) -> Result<Self, StoreError> {
        let mut present = Self {
            file: File::new(),
            ids: Ids::default(),
            served: BTreeSet::new(),
            can_sign_in: BTreeSet::new(),
        };
        let zones = all(async |page| zones::list(&mut *db, page).await, |row| row.id.uuid()).await?;
        present.file.zones = Some(present.zones(zones));
        let targets = all(async |page| targets::list(&mut *db, page).await, |row| row.id.uuid()).await?;
        present.file.targets = Some(present.targets(targets));
        let users = all(async |page| users::list(&mut *db, page).await, |row| row.id.uuid()).await?;
        present.file.users = Some(present.users(users));
        let groups = all(async |page| groups::list(&mut *db, page).await, |row| row.id.uuid()).await?;
        present.file.groups = Some(present.groups(groups));
        let grants = all(async |page| grants::list(&mut *db, page).await, |row| row.id.uuid()).await?;
        present.file.grants = Some(present.grants(grants));
        Ok(present)
    }

    fn zones(&mut self, rows: Vec<zones::Zone>) -> Vec<Zone> {
        sorted(rows.into_iter().map(|row| {
            self.ids.zones.insert(row.name.clone(), row.id);
            if row.satellite_id.is_some() {
                self.served.insert(row.name.clone());
            }
            Zone {
                name: row.name,
                zone_type: row.zone_type,
                description: row.description,
                retention_days: row.retention_days,
                legal_hold: row.legal_hold,
                timezone: row.timezone,
                enabled: row.enabled,
            }
        }))
    }

    fn targets(&mut self, rows: Vec<targets::Target>) -> Vec<Target> {
        sorted(rows.into_iter().map(|row| {
            let target = Target {
                zone: row.zone,
                name: row.name,
                hostname: row.hostname,
                protocol: row.protocol,
                port: row.port,
                description: row.description,
                labels: row.labels,
                old_algorithms: row.old_algorithms,
                desktop: row.desktop.filter(|settings| *settings != DesktopSettings::default()),
                enabled: row.enabled,
            };
            self.ids.targets.insert(target.key(), row.id);
            target
        }))
    }

    fn users(&mut self, rows: Vec<users::User>) -> Vec<User> {
        sorted(rows.into_iter().map(|row| {
            self.ids.users.insert(row.username.clone(), row.id);
            if row.has_password {
                self.can_sign_in.insert(row.username.clone());
            }
            User {
                username: row.username,
                role: row.role,
                email: row.email,
                display_name: row.display_name,
                enabled: row.enabled,
            }
        }))
    }

    fn groups(&mut self, rows: Vec<groups::Group>) -> Vec<Group> {
        let users: BTreeMap<_, _> = self.ids.users.iter().map(|(name, id)| (id, name)).collect();
        let groups = rows.into_iter().map(|row| {
            let mut members: Vec<String> =
                row.members.iter().filter_map(|id| users.get(id)).map(|name| (*name).clone()).collect();
            members.sort();
            self.ids.groups.insert(row.name.clone(), row.id);
            Group { name: row.name, description: row.description, members: Some(members) }
        });
        sorted(groups)
    }

    fn grants(&mut self, rows: Vec<grants::Grant>) -> Vec<Grant> {
        let targets: BTreeMap<_, _> = self.ids.targets.iter().map(|(name, id)| (id, name)).collect();
        let grants = rows.into_iter().map(|row| {
            let target = row.target_id.and_then(|id| targets.get(&id)).map(|name| (*name).clone());
            let grant = Grant {
                user: row.user,
                group: row.group,
                target,
                zone: row.zone,
                label: row.label,
                max_session_seconds: row.fields.terms.max_session_seconds,
                idle_seconds: row.fields.terms.idle_seconds,
                consent: row.fields.terms.consent,
                offline_seconds: Some(row.fields.terms.offline_seconds)
                    .filter(|seconds| *seconds != OFFLINE_SECONDS),
                clipboard_copy: row.fields.terms.transfer.copy,
                clipboard_paste: row.fields.terms.transfer.paste,
                file_download: row.fields.terms.transfer.download,
                file_upload: row.fields.terms.transfer.upload,
                schedule: row.fields.schedule,
            };
            self.ids.grants.insert(grant.key(), row.id);
            grant
        });
        sorted(grants)
    }
}

fn sorted<T: Part>(parts: impl Iterator<Item = T>) -> Vec<T> {
    let mut parts: Vec<T> = parts.collect();
    parts.sort_by_cached_key(Part::key);
    parts
}

/// Every row of a list, page by page.
async fn all<T>(
    mut read: impl AsyncFnMut(Page) -> Result<Vec<T>, StoreError>,
    id: impl Fn(&T) -> Uuid,
) -> Result<Vec<T>, StoreError> {
    let mut all = Vec::new();
    loop {
        let page = Page { limit: PART, after: all.last().map(&id) };
        let mut rows = read(page).await?;
        let goes_on = rows.len() > usize::from(PART);
        rows.truncate(usize::from(PART));
        all.append(&mut rows);
        if !goes_on {
            return Ok(all);
        }
    }
}
