//! Targets: the machines, as the admin keeps them and as a user sees them.

use openpam_ids::{CredentialId, TargetId, UserId, ZoneId};
use openpam_policy::{Authorization, Label};
use serde::Serialize;
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor, PgPool};

use super::change::{Deleted, Held, Named, must_stand};
use super::kinds::{CredentialKind, Protocol};
use super::{Page, StoreError, host_keys};
use crate::desktop::DesktopSettings;
use crate::time::Time;

/// A target, as the admin sees it.
#[derive(Clone, Debug)]
pub struct Target {
    /// Which.
    pub id: TargetId,
    /// Where it stands.
    pub zone_id: ZoneId,
    /// Its zone's name.
    pub zone: String,
    /// Its name, unique in its zone.
    pub name: String,
    /// Name or address at the site.
    pub hostname: String,
    /// How it is opened.
    pub protocol: Protocol,
    /// TCP port.
    pub port: u16,
    /// For people.
    pub description: Option<String>,
    /// Whether it may be opened.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Its labels, by key.
    pub labels: Vec<Label>,
    /// Whether algorithms that are not safe any more may be used with it.
    pub old_algorithms: bool,
    /// How the desktop is opened; `None`: it is a shell.
    pub desktop: Option<DesktopSettings>,
    /// Its changes so far.
    pub version: i64,
    /// When it was deleted, if it was.
    pub retired_at: Option<Time>,
}

/// What of a target can be changed.
#[derive(Clone, Debug, Serialize)]
pub struct Fields {
    /// Its name.
    pub name: String,
    /// Name or address at the site.
    pub hostname: String,
    /// TCP port.
    pub port: u16,
    /// For people.
    pub description: Option<String>,
    /// Its labels, by key.
    pub labels: Vec<Label>,
    /// Whether algorithms that are not safe any more may be used with it.
    pub old_algorithms: bool,
    /// How the desktop is opened; `None`: it is a shell.
    pub desktop: Option<DesktopSettings>,
    /// Whether it may be opened.
    pub enabled: bool,
}

/// What is needed to make a target.
#[derive(Clone, Debug)]
pub struct NewTarget {
    /// Where it stands.
    pub zone_id: ZoneId,
    /// Its name.
    pub name: String,
    /// Name or address at the site.
    pub hostname: String,
    /// How it is opened.
    pub protocol: Protocol,
    /// TCP port.
    pub port: u16,
    /// For people.
    pub description: Option<String>,
    /// Its labels, by key.
    pub labels: Vec<Label>,
    /// Whether algorithms that are not safe any more may be used with it.
    pub old_algorithms: bool,
    /// How the desktop is opened; `None`: it is a shell.
    pub desktop: Option<DesktopSettings>,
}

/// A target, as somebody to whom it was granted sees it.
#[derive(Clone, Debug)]
pub struct GrantedTarget {
    /// Which.
    pub id: TargetId,
    /// Its name.
    pub name: String,
    /// How it is opened.
    pub protocol: Protocol,
    /// Where it stands.
    pub zone_id: ZoneId,
    /// Its zone's name.
    pub zone: String,
    /// For people.
    pub description: Option<String>,
}

/// Everything a dial needs but the secret itself.
#[derive(Clone, Debug)]
pub struct Dial {
    /// How.
    pub protocol: Protocol,
    /// The target's name.
    pub name: String,
    /// Its zone's name.
    pub zone: String,
    /// Name or address at the site.
    pub hostname: String,
    /// TCP port.
    pub port: u16,
    /// Whether algorithms that are not safe any more may be used.
    pub old_algorithms: bool,
    /// How the desktop is opened; `None`: it is a shell.
    pub desktop: Option<DesktopSettings>,
    /// With which credential.
    pub credential_id: CredentialId,
    /// The account on the target.
    pub username: String,
    /// What kind of secret it has.
    pub credential_kind: CredentialKind,
    /// Where the secret is.
    pub vault_secret_path: String,
    /// The host keys pinned so far.
    pub host_keys: Vec<host_keys::HostKey>,
}

/// One target.
///
/// # Errors
/// [`StoreError`].
pub async fn find(db: impl PgExecutor<'_>, id: TargetId) -> Result<Option<Target>, StoreError> {
    Ok(select(db, Some(id), Page { limit: 1, after: None }).await?.pop())
}

/// All targets that are not retired, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(db: impl PgExecutor<'_>, page: Page) -> Result<Vec<Target>, StoreError> {
    select(db, None, page).await
}

async fn select(
    db: impl PgExecutor<'_>,
    only: Option<TargetId>,
    page: Page,
) -> Result<Vec<Target>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT t.id, t.zone_id, z.name AS zone, t.name, t.hostname, t.protocol, t.port, t.description,
                  t.enabled AS "enabled!", t.created_at AS "created_at!: Time", t.updated_at AS "updated_at!: Time",
                  t.labels, t.old_algorithms, t.desktop, t.version, t.retired_at AS "retired_at: Time"
             FROM targets t JOIN zones z ON z.id = t.zone_id
            WHERE (($1::uuid IS NULL AND t.retired_at IS NULL) OR t.id = $1) AND ($2::uuid IS NULL OR t.id < $2)
            ORDER BY t.id DESC LIMIT $3"#,
        only.map(TargetId::uuid),
        page.after,
        page.rows(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Target {
            id: row.id.into(),
            zone_id: row.zone_id.into(),
            zone: row.zone,
            name: row.name,
            hostname: row.hostname,
            desktop: shown(row.protocol.clone().into(), row.desktop),
            protocol: row.protocol.into(),
            port: port(row.port),
            description: row.description,
            enabled: row.enabled,
            created_at: row.created_at,
            updated_at: row.updated_at,
            labels: labels(row.labels),
            old_algorithms: row.old_algorithms,
            version: row.version,
            retired_at: row.retired_at,
        })
        .collect())
}

/// What was granted to a user and is enabled, by name. `search` looks in name, zone and description. What only schedules
/// gave that are over is left out: they are kept for ever.
///
/// The same question as [`openpam_policy::decide`], asked of a whole list; a test holds them together.
///
/// # Errors
/// [`StoreError`].
pub async fn granted(
    pool: &PgPool,
    user_id: UserId,
    only: Option<TargetId>,
    search: &str,
    page: Page,
) -> Result<Vec<GrantedTarget>, StoreError> {
    let rows = sqlx::query_as!(
        GrantedTarget,
        r#"SELECT t.id, t.name, t.protocol, t.zone_id, z.name AS zone, t.description
             FROM targets t JOIN zones z ON z.id = t.zone_id JOIN users u ON u.id = $1
            WHERE u.enabled AND t.enabled AND z.enabled
              AND t.id IN (SELECT m.id FROM targets m
                            WHERE ($2::uuid IS NULL OR m.id = $2)
                              AND EXISTS (SELECT 1 FROM grants g
                                           WHERE (g.target_id = m.id OR g.zone_id = m.zone_id OR g.label = ANY(m.labels))
                                             AND (g.user_id = $1 OR g.group_id IN
                                                  (SELECT b.group_id FROM group_members b WHERE b.user_id = $1)))
                            UNION ALL
                           SELECT s.target_id FROM schedules s
                            WHERE s.user_id = $1 AND s.status IN ('pending', 'active'))
              AND ($2::uuid IS NULL OR t.id = $2)
              AND ($3 = '' OR position(lower($3) IN lower(concat_ws(' ', t.name, z.name, t.description))) > 0)
              AND ($4::uuid IS NULL OR (lower(t.name), t.id) > (SELECT lower(a.name), a.id FROM targets a WHERE a.id = $4))
            ORDER BY lower(t.name), t.id LIMIT $5"#,
        user_id.uuid(),
        only.map(TargetId::uuid),
        search,
        page.after,
        page.rows(),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// What a dial of an authorized target needs: with the named credential, or with its oldest enabled one.
///
/// # Errors
/// [`StoreError`].
pub async fn dial(
    pool: &PgPool,
    authorization: &Authorization,
    credential: Option<CredentialId>,
) -> Result<Option<Dial>, StoreError> {
    Ok(dial_of(pool, authorization.target_id(), credential).await?.map(|(_, dial)| dial))
}

/// What an administrator's test of a target needs, and its zone: no session comes of it.
///
/// # Errors
/// [`StoreError`].
pub async fn dial_for_test(
    pool: &PgPool,
    target_id: TargetId,
    credential: Option<CredentialId>,
) -> Result<Option<(ZoneId, Dial)>, StoreError> {
    dial_of(pool, target_id, credential).await
}

async fn dial_of(
    pool: &PgPool,
    target_id: TargetId,
    credential: Option<CredentialId>,
) -> Result<Option<(ZoneId, Dial)>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT t.protocol, t.name, t.zone_id, z.name AS zone, t.hostname, t.port, t.old_algorithms,
                  t.desktop AS "desktop: Json<DesktopSettings>", c.id AS credential_id, c.username, c.kind, c.vault_secret_path
             FROM targets t JOIN zones z ON z.id = t.zone_id JOIN credentials c ON c.target_id = t.id
            WHERE t.id = $1 AND c.enabled AND ($2::uuid IS NULL OR c.id = $2)
            ORDER BY c.id LIMIT 1"#,
        target_id.uuid(),
        credential.map(CredentialId::uuid),
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let protocol = row.protocol.into();
    let dial = Dial {
        protocol,
        name: row.name,
        zone: row.zone,
        hostname: row.hostname,
        port: port(row.port),
        old_algorithms: row.old_algorithms,
        desktop: settings(protocol, row.desktop),
        credential_id: row.credential_id.into(),
        username: row.username,
        credential_kind: row.kind.into(),
        vault_secret_path: row.vault_secret_path,
        host_keys: host_keys::of_targets(pool, &[target_id]).await?,
    };
    Ok(Some((row.zone_id.into(), dial)))
}

/// Makes a target.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the zone has one of that name, [`StoreError::Dangling`] without the zone.
pub async fn create(db: &mut PgConnection, new: &NewTarget) -> Result<TargetId, StoreError> {
    must_stand(db, Named::Zone(new.zone_id)).await?;
    let id = TargetId::generate();
    sqlx::query!(
        "INSERT INTO targets (id, zone_id, name, hostname, protocol, port, description, labels, old_algorithms, desktop)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id.uuid(),
        new.zone_id.uuid(),
        new.name,
        new.hostname,
        new.protocol.as_str(),
        i32::from(new.port),
        new.description,
        &texts(&new.labels),
        new.old_algorithms,
        new.desktop.as_ref().map(Json) as Option<Json<&DesktopSettings>>,
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// Holds a target for a change, and how it is opened, which stays; `None`: there is none, or it is retired.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(
    db: &mut PgConnection,
    id: TargetId,
) -> Result<Option<(Protocol, Held<Fields>)>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT version, protocol, name, hostname, port, description, labels, old_algorithms,
                  desktop AS "desktop: Json<DesktopSettings>", enabled AS "enabled!"
             FROM targets WHERE id = $1 AND retired_at IS NULL FOR UPDATE"#,
        id.uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| {
        let protocol = row.protocol.into();
        let fields = Fields {
            name: row.name,
            hostname: row.hostname,
            port: port(row.port),
            description: row.description,
            labels: labels(row.labels),
            old_algorithms: row.old_algorithms,
            desktop: settings(protocol, row.desktop),
            enabled: row.enabled,
        };
        (protocol, Held { version: row.version, fields })
    }))
}

/// Changes a target that is held.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the zone has one of that name.
pub async fn change(db: &mut PgConnection, id: TargetId, fields: &Fields) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE targets SET name = $2, hostname = $3, port = $4, description = $5, enabled = $6, labels = $7, old_algorithms = $8,
                desktop = $9, version = version + 1, updated_at = NOW() WHERE id = $1",
        id.uuid(),
        fields.name,
        fields.hostname,
        i32::from(fields.port),
        fields.description,
        fields.enabled,
        &texts(&fields.labels),
        fields.old_algorithms,
        fields.desktop.as_ref().map(Json) as Option<Json<&DesktopSettings>>,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes a target that is held, with its grants and credentials; schedules on it are cancelled. Their secrets are the caller's to forget, by the
/// paths that are given back.
///
/// # Errors
/// [`StoreError`].
pub async fn delete(db: &mut PgConnection, id: TargetId) -> Result<(Deleted, Vec<String>), StoreError> {
    let secrets = sqlx::query_scalar!(
        "SELECT vault_secret_path FROM credentials WHERE target_id = $1 AND retired_at IS NULL FOR UPDATE",
        id.uuid(),
    )
    .fetch_all(&mut *db)
    .await?;
    let removed = sqlx::query!(
        "DELETE FROM targets t WHERE t.id = $1 AND NOT EXISTS (SELECT 1 FROM audit_logs a WHERE a.target_id = t.id)",
        id.uuid(),
    )
    .execute(&mut *db)
    .await?;
    if removed.rows_affected() > 0 {
        return Ok((Deleted::Removed, secrets));
    }
    sqlx::query!("DELETE FROM grants WHERE target_id = $1", id.uuid()).execute(&mut *db).await?;
    openpam_scheduling::cancel_all_on(&mut *db, id).await?;
    sqlx::query!(
        "UPDATE credentials SET enabled = false, retired_at = NOW(), version = version + 1, updated_at = NOW()
          WHERE target_id = $1 AND retired_at IS NULL",
        id.uuid(),
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "UPDATE targets SET enabled = false, retired_at = NOW(), version = version + 1, updated_at = NOW()
          WHERE id = $1",
        id.uuid(),
    )
    .execute(db)
    .await?;
    Ok((Deleted::Retired, secrets))
}

/// How a target of this protocol is opened, by its column.
fn settings(protocol: Protocol, column: Option<Json<DesktopSettings>>) -> Option<DesktopSettings> {
    protocol.is_desktop().then(|| column.map(|Json(settings)| settings).unwrap_or_default())
}

/// As [`settings`], for a list: what a newer hub wrote and this one cannot read shows as usual, and hides no other target.
fn shown(protocol: Protocol, column: Option<Value>) -> Option<DesktopSettings> {
    let read = |column| serde_json::from_value(column).map(Json);
    let column = column.map(read).transpose().unwrap_or_else(|error| {
        tracing::error!(%error, "how a target's desktop is opened cannot be read");
        None
    });
    settings(protocol, column)
}

/// The column holds only what was a label when it was written.
pub(super) fn labels(column: Vec<String>) -> Vec<Label> {
    column.into_iter().filter_map(|text| text.parse().ok()).collect()
}

fn texts(labels: &[Label]) -> Vec<String> {
    labels.iter().map(Label::to_string).collect()
}

/// The column's CHECK constraint keeps it in range.
pub(super) fn port(column: i32) -> u16 {
    u16::try_from(column).unwrap_or_default()
}
