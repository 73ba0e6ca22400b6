//! Commands to sites: an admin orders one and sees how far it is; one to a site that is away waits until its time is over.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use openpam_ids::{CommandId, SatelliteId, SessionId, UserId, ZoneId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::spawn_blocking;
use utoipa::{IntoParams, ToSchema};

use crate::api::input::{Body, Id, Params};
use crate::api::page::{List, page};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::{Admin, Reader};
use crate::commands::output::unpack;
use crate::commands::{DEFAULT_LIFETIME, MAX_LIFETIME, MAX_UNFINISHED};
use crate::store::commands::{self, Filter};
use crate::store::kinds::{CommandKind, CommandState};
use crate::store::{satellites, sessions};
use crate::time::Time;

/// A command to a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteCommand {
    #[schema(value_type = Uuid)]
    id: CommandId,
    #[schema(value_type = Uuid)]
    satellite_id: SatelliteId,
    /// The satellite's name.
    satellite: String,
    #[schema(value_type = Uuid)]
    zone_id: ZoneId,
    /// The zone's name.
    zone: String,
    kind: CommandKind,
    /// The session that it is about.
    #[schema(value_type = Option<Uuid>)]
    session_id: Option<SessionId>,
    #[schema(value_type = Uuid)]
    ordered_by: UserId,
    /// Their user name.
    user: String,
    ordered_at: Time,
    /// Past this nobody does it.
    expires_at: Time,
    state: CommandState,
    /// How much of it is done, in percent.
    percent: i16,
    /// At what it is, in the satellite's words.
    step: Option<String>,
    finished_at: Option<Time>,
    /// Why it failed.
    failed_code: Option<String>,
    /// What came of it, in the satellite's words.
    message: Option<String>,
    /// What a diagnosis found.
    findings: Vec<CommandFinding>,
    /// Whether it collected something: `GET …/output`.
    has_output: bool,
}

/// One thing that a diagnosis looked at.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CommandFinding {
    check: String,
    level: FindingLevel,
    /// What was found.
    found: String,
    /// What to do about it; empty: nothing.
    advice: String,
}

/// How it went.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingLevel {
    /// As it should be.
    Ok,
    /// It works, but somebody should know.
    Warning,
    /// It does not work.
    Failed,
}

impl From<commands::Command> for SiteCommand {
    fn from(row: commands::Command) -> Self {
        Self {
            id: row.id,
            satellite_id: row.satellite_id,
            satellite: row.satellite,
            zone_id: row.zone_id,
            zone: row.zone,
            kind: row.kind,
            session_id: row.session_id.map(Into::into),
            ordered_by: row.ordered_by,
            user: row.user,
            ordered_at: row.ordered_at,
            expires_at: row.expires_at,
            state: row.state,
            percent: row.percent,
            step: row.step,
            finished_at: row.finished_at,
            failed_code: row.failed_code,
            message: row.message,
            findings: serde_json::from_value(row.findings).unwrap_or_default(),
            has_output: row.output_bytes.is_some(),
        }
    }
}

/// A command to order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSiteCommand {
    kind: CommandKind,
    /// The session that `end` and `watch` are about; no other kind has one.
    #[schema(value_type = Option<Uuid>)]
    session_id: Option<SessionId>,
    /// How long it waits for its site, at most: an hour by default, at most a week.
    #[schema(minimum = 1, maximum = 604_800, default = 3600)]
    expires_in_seconds: Option<u32>,
}

/// Which commands.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CommandsQuery {
    /// Only of this satellite.
    #[param(value_type = Option<Uuid>)]
    satellite_id: Option<SatelliteId>,
    /// Only unfinished ones, or only those that are over.
    unfinished: Option<bool>,
    /// How many rows: 1 to 500, 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u16>,
    /// The `next` of the part before.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// Commands to sites, newest first. Those that are over are kept for 30 days. Auditors may look, too.
#[utoipa::path(get, path = "/api/v1/admin/commands", operation_id = "list_commands", tag = "commands", params(CommandsQuery),
    responses((status = OK, body = List<SiteCommand>), (status = FORBIDDEN, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    _: Reader,
    Params(query): Params<CommandsQuery>,
) -> Result<Json<List<SiteCommand>>, Problem> {
    let page = page(query.limit, query.cursor.as_deref())?;
    let filter = Filter { id: None, satellite_id: query.satellite_id, unfinished: query.unfinished };
    let rows = commands::list(&hub.pool, filter, page).await?;
    Ok(Json(List::cut(rows, page, |row| row.id.uuid()).map(SiteCommand::from)))
}

/// Order something of a satellite. While that is away it waits; past its time it expires.
#[utoipa::path(post, path = "/api/v1/admin/satellites/{id}/commands", operation_id = "create_command", tag = "commands",
    params(("id" = Uuid, Path)), request_body = NewSiteCommand,
    responses((status = CREATED, body = SiteCommand), (status = BAD_REQUEST, body = Problem), (status = NOT_FOUND, body = Problem),
              (status = CONFLICT, body = Problem), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
pub async fn create(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(satellite_id): Id<SatelliteId>,
    Body(new): Body<NewSiteCommand>,
) -> Result<(StatusCode, Json<SiteCommand>), Problem> {
    let lifetime =
        new.expires_in_seconds.map_or(DEFAULT_LIFETIME, |seconds| Duration::from_secs(seconds.into()));
    if lifetime.is_zero() || lifetime > MAX_LIFETIME {
        let detail = format!("expires_in_seconds is 1 to {}", MAX_LIFETIME.as_secs());
        return Err(Problem::invalid_field("expires_in_seconds", detail));
    }
    let row = satellites::find(&hub.pool, satellite_id).await?;
    let satellite = row.ok_or_else(|| Problem::not_found("satellite"))?;
    if satellite.revoked {
        return Err(Problem::wrong_state("this satellite was revoked"));
    }
    let link = hub.links.to(satellite.zone_id).filter(|link| link.satellite_id() == satellite_id);
    if link.is_some_and(|link| !link.does_commands()) {
        return Err(Problem::wrong_state("this satellite's version knows no commands; update it"));
    }
    check_session(&hub, satellite_id, &new).await?;
    let command = commands::New {
        id: CommandId::generate(),
        satellite_id,
        kind: new.kind,
        session_id: new.session_id,
        ordered_by: admin.user_id,
        expires_at: Time::now().after(lifetime),
    };
    let mut tx = hub.pool.begin().await?;
    if !commands::create(&mut tx, &command, MAX_UNFINISHED).await? {
        return Err(Problem::wrong_state(
            "64 commands of this satellite are unfinished; withdraw one, or wait",
        ));
    }
    let detail = json!({
        "id": command.id, "satellite_id": satellite_id, "kind": command.kind, "expires_at": command.expires_at,
    });
    match command.session_id {
        Some(session) => admin.record_of(&hub, &mut tx, session, "command.ordered", detail).await?,
        None => admin.record(&hub, &mut tx, "command.ordered", detail).await?,
    }
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(one(&hub, command.id).await?)))
}

/// One command.
#[utoipa::path(get, path = "/api/v1/admin/commands/{id}", operation_id = "read_command", tag = "commands", params(("id" = Uuid, Path)),
    responses((status = OK, body = SiteCommand), (status = NOT_FOUND, body = Problem)))]
pub async fn read(
    State(hub): State<AppState>,
    _: Reader,
    Id(id): Id<CommandId>,
) -> Result<Json<SiteCommand>, Problem> {
    Ok(Json(one(&hub, id).await?))
}

/// Take a command back. What its site has done stays done.
#[utoipa::path(delete, path = "/api/v1/admin/commands/{id}", operation_id = "withdraw_command", tag = "commands",
    params(("id" = Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
pub async fn withdraw(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<CommandId>,
) -> Result<StatusCode, Problem> {
    one(&hub, id).await?;
    let mut tx = hub.pool.begin().await?;
    if !commands::withdraw(&mut tx, id).await? {
        return Err(Problem::wrong_state("this command is over"));
    }
    admin.record(&hub, &mut tx, "command.withdrawn", json!({ "id": id })).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a command collected: lines of the satellite's own log.
#[utoipa::path(get, path = "/api/v1/admin/commands/{id}/output", operation_id = "read_command_output", tag = "commands",
    params(("id" = Uuid, Path)),
    responses((status = OK, body = String, content_type = "text/plain"), (status = NOT_FOUND, body = Problem)))]
pub async fn output(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<CommandId>,
) -> Result<impl IntoResponse, Problem> {
    let packed = commands::output(&hub.pool, id).await?.ok_or_else(|| Problem::not_found("output"))?;
    let mut tx = hub.pool.begin().await?;
    admin.record(&hub, &mut tx, "command.output_read", json!({ "id": id })).await?;
    tx.commit().await?;
    let text = spawn_blocking(move || unpack(&packed)).await.ok().flatten();
    let text = text.ok_or_else(Problem::internal)?;
    let name = format!("attachment; filename=\"satellite-{id}.log\"");
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, String::from_utf8_lossy(&text).into_owned()))
}

/// A command about a session names one that runs at that satellite; another one names none.
async fn check_session(hub: &Hub, satellite: SatelliteId, new: &NewSiteCommand) -> Result<(), Problem> {
    let wanted = matches!(new.kind, CommandKind::End | CommandKind::Watch);
    let session = match (wanted, new.session_id) {
        (false, None) => return Ok(()),
        (true, Some(session)) => session,
        (true, None) => {
            return Err(Problem::invalid_field("session_id", "session_id says which session it is about"));
        }
        (false, Some(_)) => {
            return Err(Problem::invalid_field("session_id", "this kind is about no session"));
        }
    };
    let found = sessions::find(&hub.pool, session).await?;
    let found = found.filter(|found| found.satellite_id == Some(satellite));
    match found.ok_or_else(|| Problem::unknown("unknown_session", "session at this satellite"))?.end_time {
        Some(_) => Err(Problem::wrong_state("this session is over")),
        None => Ok(()),
    }
}

async fn one(hub: &Hub, id: CommandId) -> Result<SiteCommand, Problem> {
    let row = commands::find(&hub.pool, id).await?;
    row.map(Into::into).ok_or_else(|| Problem::not_found("command"))
}
