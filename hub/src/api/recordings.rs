//! Recordings: the list; of a shell what was printed, and the asciicast; of a desktop its instructions. Reading one is written
//! into the events.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use futures::{StreamExt, stream};
use openpam_ids::{SessionId, TargetId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::input::{Id, Params};
use super::page::{self, List};
use super::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::Caller;
use crate::recordings::{RecordingError, words};
use crate::store::kinds::Protocol;
use crate::store::{Page, recordings};
use crate::time::Time;

/// A recording.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recording {
    #[schema(value_type = Uuid)]
    session_id: SessionId,
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// Their user name.
    user: String,
    #[schema(value_type = Uuid)]
    target_id: TargetId,
    /// The target's name.
    target: String,
    /// How that is opened. A shell has `text` and `cast`, a desktop `guac`.
    protocol: Protocol,
    /// The zone's name.
    zone: String,
    start_time: Time,
    end_time: Option<Time>,
    duration_ms: i64,
    /// As stored.
    size_bytes: i64,
    /// Whether it is here to its end.
    complete: bool,
    /// When it was deleted: its zone kept it no longer. It cannot be read any more.
    deleted_at: Option<Time>,
    /// When it will be deleted; `null`: not, as things stand.
    kept_until: Option<Time>,
    /// The first lines with what was looked for; `null` where nothing was. None where the words stand in lines apart.
    lines: Option<Vec<String>>,
}

/// Which recordings.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordingQuery {
    /// Only those that printed all these words, whole ones, in any case and order. A recording is found within seconds of
    /// its end, and not before. At most 20 rows a part; that it was looked for is an event.
    #[param(min_length = 1, max_length = 200)]
    text: Option<String>,
    /// How many rows: 1 to 500, 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u16>,
    /// The `next` of the part before.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// With what is looked for, each row is looked into.
const MAX_FOUND: u16 = 20;
/// Recordings that are looked into at the same time.
const LOOKS: usize = 4;
const MAX_TEXT_CHARS: usize = 200;

impl From<recordings::Recording> for Recording {
    fn from(row: recordings::Recording) -> Self {
        Self {
            session_id: row.session_id,
            user_id: row.user_id,
            user: row.user,
            target_id: row.target_id,
            target: row.target,
            protocol: row.protocol,
            zone: row.zone,
            start_time: row.start_time,
            end_time: row.end_time,
            duration_ms: row.duration_ms,
            size_bytes: row.size_bytes,
            complete: row.complete,
            deleted_at: row.deleted_at,
            kept_until: row.kept_until,
            lines: None,
        }
    }
}

impl From<RecordingError> for Problem {
    fn from(error: RecordingError) -> Self {
        match error {
            RecordingError::NotFound => Self::not_found("recording"),
            RecordingError::Deleted => Self::deleted_recording(),
            RecordingError::Store(error) => error.into(),
            other => Self::hidden(&other),
        }
    }
}

/// Recordings, newest first: one's own, or everybody's for admins and auditors.
#[utoipa::path(get, path = "/api/v1/recordings", tag = "recordings", params(RecordingQuery),
    responses((status = OK, body = List<Recording>), (status = BAD_REQUEST, body = Problem), (status = UNAUTHORIZED, body = Problem)))]
pub async fn list(
    State(hub): State<AppState>,
    caller: Caller,
    Params(query): Params<RecordingQuery>,
) -> Result<Json<List<Recording>>, Problem> {
    let page = page::page(query.limit, query.cursor.as_deref())?;
    let Some(text) = query.text else {
        let rows = recordings::list(&hub.pool, caller.sees_only(), &[], page).await?;
        return Ok(Json(List::cut(rows, page, |row| row.session_id.uuid()).map(Recording::from)));
    };
    let wanted = words::wanted(&text);
    if wanted.is_empty() || text.chars().count() > MAX_TEXT_CHARS {
        return Err(Problem::invalid_field("text", "text has 1 to 200 characters, a word among them"));
    }
    let page = Page { limit: page.limit.min(MAX_FOUND), ..page };
    let hashes = hub.recordings.hashes(&text);
    let rows = recordings::list(&hub.pool, caller.sees_only(), &hashes, page).await?;
    let mut found = List::cut(rows, page, |row| row.session_id.uuid()).map(Recording::from);
    let sessions: Vec<_> = found.items.iter().map(|row| row.session_id).collect();
    let looks = sessions.clone().into_iter().map(|session| {
        let (recordings, wanted) = (hub.recordings.clone(), wanted.clone());
        async move { recordings.lines(session, &wanted).await }
    });
    let lines: Vec<_> = stream::iter(looks).buffered(LOOKS).collect().await;
    for (row, lines) in found.items.iter_mut().zip(lines) {
        row.lines = Some(lines);
    }
    let mut tx = hub.pool.begin().await?;
    caller.record(&hub, &mut tx, "recording.searched", json!({ "text": text, "found": sessions })).await?;
    tx.commit().await?;
    Ok(Json(found))
}

/// What a shell printed, escape codes removed.
#[utoipa::path(get, path = "/api/v1/recordings/{session_id}/text", tag = "recordings", params(("session_id" = Uuid, Path)),
    responses((status = OK, body = String, content_type = "text/plain"), (status = NOT_FOUND, body = Problem),
              (status = CONFLICT, body = Problem, description = "it is a desktop's"), (status = GONE, body = Problem)))]
pub async fn text(
    State(hub): State<AppState>,
    caller: Caller,
    Id(id): Id<SessionId>,
) -> Result<impl IntoResponse, Problem> {
    admit(&hub, &caller, id, Form::Text).await?;
    let stream = hub.recordings.text(id).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], Body::from_stream(stream)))
}

/// The recording of a shell as asciicast v2.
#[utoipa::path(get, path = "/api/v1/recordings/{session_id}/cast", tag = "recordings", params(("session_id" = Uuid, Path)),
    responses((status = OK, body = String, content_type = "application/x-asciicast"), (status = NOT_FOUND, body = Problem),
              (status = CONFLICT, body = Problem, description = "it is a desktop's"), (status = GONE, body = Problem)))]
pub async fn cast(
    State(hub): State<AppState>,
    caller: Caller,
    Id(id): Id<SessionId>,
) -> Result<impl IntoResponse, Problem> {
    admit(&hub, &caller, id, Form::Cast).await?;
    let stream = hub.recordings.cast(id).await?;
    Ok(([(header::CONTENT_TYPE, "application/x-asciicast")], Body::from_stream(stream)))
}

/// The recording of a desktop as Guacamole records: what guacd said, instruction by instruction, each `sync` with the time in
/// milliseconds. It holds no clipboard, no files and no keys.
#[utoipa::path(get, path = "/api/v1/recordings/{session_id}/guac", tag = "recordings", params(("session_id" = Uuid, Path)),
    responses((status = OK, body = String, content_type = "application/octet-stream"), (status = NOT_FOUND, body = Problem),
              (status = CONFLICT, body = Problem, description = "it is a shell's"), (status = GONE, body = Problem)))]
pub async fn guac(
    State(hub): State<AppState>,
    caller: Caller,
    Id(id): Id<SessionId>,
) -> Result<impl IntoResponse, Problem> {
    admit(&hub, &caller, id, Form::Guac).await?;
    let stream = hub.recordings.instructions(id).await?;
    // What Guacamole itself serves its recordings as.
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], Body::from_stream(stream)))
}

/// As what a recording is read.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Cast,
    Guac,
}

impl Form {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Cast => "cast",
            Self::Guac => "guac",
        }
    }

    /// What is recorded of this protocol can be read so.
    fn fits(self, protocol: Protocol) -> Result<(), Problem> {
        match (self, protocol.is_desktop()) {
            (Self::Text | Self::Cast, true) => Err(Problem::wrong_state(
                "this is the recording of a desktop, which has neither text nor asciicast; read its /guac",
            )),
            (Self::Guac, false) => Err(Problem::wrong_state(
                "this is the recording of a shell, which has no pictures; read its /cast or /text",
            )),
            _ => Ok(()),
        }
    }
}

/// The recording is there, the caller may see it, and it has this form; that they read it is written down.
async fn admit(hub: &Hub, caller: &Caller, id: SessionId, form: Form) -> Result<(), Problem> {
    let found = recordings::find(&hub.pool, id).await?;
    let visible = found.filter(|found| caller.sees_only().is_none_or(|user| user == found.user_id));
    let found = visible.ok_or_else(|| Problem::not_found("recording"))?;
    form.fits(found.protocol)?;
    if found.deleted_at.is_some() {
        return Err(Problem::deleted_recording());
    }
    let mut tx = hub.pool.begin().await?;
    caller.record_of(hub, &mut tx, id, "recording.read", json!({ "form": form.as_str() })).await?;
    Ok(tx.commit().await?)
}
