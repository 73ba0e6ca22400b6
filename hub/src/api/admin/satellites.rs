//! Satellites: they make themselves known by joining; an admin sees and revokes them.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use openpam_ids::{SatelliteId, ZoneId};
use openpam_proto::close::CloseCode;
use openpam_proto::control;
use openpam_proto::snapshot::PolicyVersion;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::input::{Id, Params};
use crate::api::page::{List, PageQuery};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::Admin;
use crate::changes::Change;
use crate::sites::Transport;
use crate::store::{satellites, sessions};
use crate::text::plain;
use crate::time::Time;

/// More of what a satellite says of its guacd is not shown.
const MAX_WORDS: usize = 300;

/// Where a satellite stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SatelliteState {
    /// Its tunnel stands.
    Online,
    /// It has no tunnel to this hub.
    Offline,
    /// Revoked for good.
    Revoked,
    /// Set aside because its identity was used twice: release or revoke it.
    Quarantined,
}

impl SatelliteState {
    pub(super) const fn of(revoked: bool, quarantined: bool, online: bool) -> Self {
        match (revoked, quarantined, online) {
            (true, _, _) => Self::Revoked,
            (_, true, _) => Self::Quarantined,
            (_, _, true) => Self::Online,
            _ => Self::Offline,
        }
    }
}

/// A satellite.
#[derive(Debug, Serialize, ToSchema)]
pub struct Satellite {
    #[schema(value_type = Uuid)]
    id: SatelliteId,
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    /// The zone's name.
    zone: String,
    /// The machine's name.
    name: String,
    state: SatelliteState,
    /// What carries its tunnel; `null` while offline.
    transport: Option<Transport>,
    last_seen: Option<Time>,
    version: Option<String>,
    /// Round trip, once measured.
    rtt_ms: Option<f64>,
    joined_at: Time,
    certificate_expires_at: Option<Time>,
    /// Living sessions there.
    sessions: usize,
    /// Since when its tunnel stands.
    online_since: Option<Time>,
    /// Why its tunnel does not use QUIC, in its own words.
    transport_note: Option<String>,
    /// Whether it says events and heartbeats on the bus; else the tunnel's control channel carries them.
    on_bus: bool,
    /// Packets of a thousand that get lost to it and from it; `null` where nobody counts (TCP).
    loss_permille: Option<Loss>,
    /// How far its clock is ahead of the hub's, in milliseconds.
    clock_skew_ms: Option<i64>,
    /// Free space of its disk, in bytes.
    disk_free_bytes: Option<u64>,
    /// Size of its disk, in bytes.
    disk_bytes: Option<u64>,
    /// Recorded bytes that wait there for the hub; while offline as it said last, `null` if it never did.
    spool_bytes: Option<u64>,
    /// Audit events that wait there for the hub; while offline as it said last.
    events_waiting: Option<u64>,
    /// What draws its desktops; `null` while that is not known, and where its own configuration lets none be opened.
    guacd: Option<Guacd>,
    /// Whether targets of its zone are desktops.
    has_desktops: bool,
    /// It takes no new sessions: its program is about to be restarted.
    draining: bool,
    /// What its own configuration lets sessions reach; `null`: no limit.
    reach: Option<Reach>,
    /// It was away for too long, came back, and waits for an admin since then.
    readmission_asked_at: Option<Time>,
    /// An admin let it back in: its next renewal until then succeeds.
    readmission_until: Option<Time>,
    /// Since when it has no tunnel to this hub; `null` while it has, and if it never had.
    offline_since: Option<Time>,
    /// The version of the policy by which it decides, as it said last.
    policy_version: Option<i64>,
    /// Since when it has that.
    policy_taken_at: Option<Time>,
    /// The newest version of its zone's policy.
    newest_policy_version: Option<i64>,
    /// When that was issued.
    newest_policy_at: Option<Time>,
    /// Why it refused the newest policy, in its own words.
    policy_refused: Option<String>,
    /// Offline: until when the policy that it holds lets anything go on there; `null` if it holds none.
    offline_until: Option<Time>,
}

/// Lost packets of a thousand, in the last minute.
#[derive(Debug, Serialize, ToSchema)]
pub struct Loss {
    /// On the way to the satellite.
    to: Option<u32>,
    /// On the way from it.
    from: Option<u32>,
}

/// What draws a site's desktops.
#[derive(Debug, Serialize, ToSchema)]
pub struct Guacd {
    /// Where it is: host and port, as seen from the site.
    address: String,
    /// Whether it is reached over TLS.
    tls: bool,
    /// Whether it answers.
    here: bool,
    /// It is of this version, or of a newer one that says no more.
    version: Option<String>,
    /// Of `rdp` and `vnc` those that it has.
    protocols: Vec<String>,
    /// Since when it answers, or does not.
    since: Time,
    /// Why it does not, in the satellite's words.
    error: Option<String>,
}

impl From<&control::Guacd> for Guacd {
    fn from(said: &control::Guacd) -> Self {
        let words = |text: &String| plain(text, MAX_WORDS);
        let known = said.protocols.iter().filter(|protocol| ["rdp", "vnc"].contains(&protocol.as_str()));
        Self {
            address: words(&said.address),
            tls: said.tls,
            here: said.here,
            version: said.version.as_ref().map(words),
            protocols: known.take(2).cloned().collect(),
            since: Time::from_ms(said.since_ms),
            error: said.error.as_ref().map(words),
        }
    }
}

/// The site's last word: what sessions may reach. An empty list: anything.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reach {
    networks: Vec<String>,
    ports: Vec<String>,
    protocols: Vec<String>,
}

/// Satellites, newest first.
#[utoipa::path(get, path = "/api/v1/admin/satellites", operation_id = "list_satellites", tag = "satellites", params(PageQuery),
    responses((status = OK, body = List<Satellite>), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Admin,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Satellite>>, Problem> {
    let page = query.page()?;
    let rows = satellites::list(&hub.pool, page).await?;
    Ok(Json(List::cut(rows, page, |row| row.id.uuid()).map(|row| show(&hub, row))))
}

/// One satellite.
#[utoipa::path(get, path = "/api/v1/admin/satellites/{id}", operation_id = "read_satellite", tag = "satellites",
    params(("id" = Uuid, Path)), responses((status = OK, body = Satellite), (status = NOT_FOUND, body = Problem)))]
pub async fn read(
    State(hub): State<AppState>,
    _: Admin,
    Id(id): Id<SatelliteId>,
) -> Result<Json<Satellite>, Problem> {
    let row = satellites::find(&hub.pool, id).await?.ok_or_else(|| Problem::not_found("satellite"))?;
    Ok(Json(show(&hub, row)))
}

/// Revoke a satellite for good: its tunnel drops at once, its zone can be joined by another.
#[utoipa::path(post, path = "/api/v1/admin/satellites/{id}/revoke", operation_id = "revoke_satellite", tag = "satellites",
    params(("id" = Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem)))]
pub async fn revoke(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<SatelliteId>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    if !satellites::revoke(&mut tx, id).await? {
        return Err(Problem::not_found("satellite"));
    }
    // Whatever it says of its sessions from now on is not believed.
    sessions::close_all_at(&mut tx, id, "the satellite of this site was revoked").await?;
    admin.record(&hub, &mut tx, "satellite.revoked", json!({ "id": id })).await?;
    tx.commit().await?;
    // Browsers first: with the tunnel gone they would hear of a site that is offline.
    hub.changes.tell(Change::SatelliteRevoked(id));
    hub.sites.drop_satellite(id, CloseCode::Revoked);
    Ok(StatusCode::NO_CONTENT)
}

/// Release a satellite from quarantine: whichever machine renews its certificate next is it. If the other one still
/// runs, it is quarantined again.
#[utoipa::path(post, path = "/api/v1/admin/satellites/{id}/release", operation_id = "release_satellite", tag = "satellites",
    params(("id" = Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
pub async fn release(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<SatelliteId>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    if !satellites::release(&mut tx, id).await? {
        return Err(missing_or(&hub, id, "this satellite is not quarantined").await);
    }
    admin.record(&hub, &mut tx, "satellite.released", json!({ "id": id })).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let a satellite back in that was away for longer than `readmit_days`: its next renewal within a day succeeds.
#[utoipa::path(post, path = "/api/v1/admin/satellites/{id}/readmit", operation_id = "readmit_satellite", tag = "satellites",
    params(("id" = Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
pub async fn readmit(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<SatelliteId>,
) -> Result<StatusCode, Problem> {
    let mut tx = hub.pool.begin().await?;
    if !satellites::readmit(&mut tx, id).await? {
        return Err(missing_or(&hub, id, "this satellite does not ask to be let back in").await);
    }
    admin.record(&hub, &mut tx, "satellite.readmitted", json!({ "id": id })).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn missing_or(hub: &Hub, id: SatelliteId, otherwise: &str) -> Problem {
    match satellites::find(&hub.pool, id).await {
        Ok(Some(_)) => Problem::wrong_state(otherwise),
        Ok(None) => Problem::not_found("satellite"),
        Err(error) => error.into(),
    }
}

fn show(hub: &Hub, row: satellites::Satellite) -> Satellite {
    let live = hub.sites.state(row.id).filter(|_| !row.revoked);
    let health = live.as_ref().and_then(|live| live.health.as_ref());
    // What waits there is worth saying also while nobody can ask.
    let waiting = |said: Option<u64>, before: Option<i64>| said.or(before.map(i64::unsigned_abs));
    let loss = live
        .as_ref()
        .map(|live| Loss { to: live.loss_permille, from: health.and_then(|health| health.loss_permille) });
    let offline_since = row.last_seen.filter(|_| live.is_none() && !row.revoked);
    let offline_until = offline_since
        .zip(row.longest_offline_seconds)
        .map(|(since, seconds)| since.after(Duration::from_secs(seconds.unsigned_abs())));
    let newest = hub.policies.head(row.zone_id);
    let version = |policy: PolicyVersion| i64::try_from(policy.version).unwrap_or(i64::MAX);
    Satellite {
        id: row.id,
        zone_id: row.zone_id,
        state: SatelliteState::of(row.revoked, row.quarantined, live.is_some()),
        transport: live.as_ref().map(|live| live.transport),
        last_seen: if live.is_some() { Some(Time::now()) } else { row.last_seen },
        version: live.as_ref().map(|live| live.version.clone()).or(row.version),
        rtt_ms: live.as_ref().and_then(|live| live.rtt_ms),
        joined_at: row.joined_at,
        certificate_expires_at: row.certificate_expires_at,
        sessions: live.as_ref().map_or(0, |live| live.sessions),
        online_since: live.as_ref().map(|live| live.since),
        transport_note: live.as_ref().and_then(|live| live.transport_note.clone()),
        loss_permille: loss.filter(|loss| loss.to.is_some() || loss.from.is_some()),
        on_bus: live.as_ref().is_some_and(|live| live.on_bus),
        clock_skew_ms: live.as_ref().and_then(|live| live.clock_skew_ms),
        disk_free_bytes: health.and_then(|health| health.disk_free_bytes),
        disk_bytes: health.and_then(|health| health.disk_bytes),
        spool_bytes: waiting(health.map(|health| health.spool_bytes), row.spool_bytes),
        guacd: health.and_then(|health| health.guacd.as_ref()).map(Guacd::from),
        has_desktops: row.has_desktops,
        draining: health.is_some_and(|health| health.draining),
        events_waiting: waiting(health.map(|health| health.events_waiting), row.events_waiting),
        reach: live.as_ref().and_then(|live| live.reach.clone()).map(|reach| Reach {
            networks: reach.networks,
            ports: reach.ports,
            protocols: reach.protocols,
        }),
        readmission_asked_at: row.readmission_asked_at,
        readmission_until: row.readmission_until,
        offline_since,
        policy_version: row.policy_version,
        policy_taken_at: row.policy_taken_at.filter(|_| row.policy_version.is_some()),
        newest_policy_version: newest.map(|head| version(head.policy)),
        newest_policy_at: newest.map(|head| head.issued_at),
        policy_refused: row.policy_refused,
        offline_until,
        zone: row.zone,
        name: row.name,
    }
}
