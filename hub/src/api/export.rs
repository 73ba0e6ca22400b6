//! Audit lists as files, read and sent part by part: CSV (RFC 4180) for spreadsheets, JSON lines for programs.

use std::borrow::Cow;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt, TryStreamExt};
use openpam_ids::{SessionId, TargetId, UserId, ZoneId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::audit::AuditLog;
use super::events::AuditEvent;
use super::input::Params;
use super::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::{Caller, Reader};
use crate::store::kinds::SessionStatus;
use crate::store::{Page, StoreError, audit, event_log};
use crate::time::Time;

/// Rows read at once.
const PART: u16 = 500;

const SESSION_COLUMNS: &[&str] = &[
    "session_id",
    "start_time",
    "end_time",
    "user",
    "user_id",
    "target",
    "target_id",
    "zone",
    "zone_id",
    "credential_id",
    "client_ip",
    "session_status",
    "end_code",
    "error_message",
    "bytes_sent",
    "bytes_received",
    "recording_path",
];
const EVENT_COLUMNS: &[&str] = &[
    "id",
    "occurred_at",
    "received_at",
    "kind",
    "user",
    "user_id",
    "client_ip",
    "session_id",
    "satellite",
    "zone",
    "node_id",
    "seq",
    "detail",
];

/// What kind of file.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated, with a head line. Text that a spreadsheet would run as a formula gets a `'` before it.
    Csv,
    /// One JSON object a line, with the fields of the list.
    Jsonl,
}

/// Which sessions, in which form.
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SessionExport {
    #[param(inline)]
    format: Format,
    /// Only this user's.
    #[param(value_type = Option<Uuid>)]
    user_id: Option<UserId>,
    /// Only on this target.
    #[param(value_type = Option<Uuid>)]
    target_id: Option<TargetId>,
    /// Only in this zone.
    #[param(value_type = Option<Uuid>)]
    zone_id: Option<ZoneId>,
    /// Only in this state.
    status: Option<SessionStatus>,
    /// Started at or after.
    from: Option<Time>,
    /// Started before.
    to: Option<Time>,
}

/// Which events, in which form.
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventExport {
    #[param(inline)]
    format: Format,
    /// Only what this user did, or what is about their sessions.
    #[param(value_type = Option<Uuid>)]
    user_id: Option<UserId>,
    /// Only what names this user, group, target, zone, credential, grant, satellite or join token, by id: done by them or to them.
    about: Option<Uuid>,
    /// Only about this session.
    #[param(value_type = Option<Uuid>)]
    session_id: Option<SessionId>,
    /// Only of this kind; with a dot at the end every kind that begins so.
    kind: Option<String>,
    /// Occurred at or after.
    from: Option<Time>,
    /// Occurred before.
    to: Option<Time>,
}

/// The book of sessions as a file, newest first.
#[utoipa::path(get, path = "/api/v1/audit/export", operation_id = "export_sessions", tag = "audit", params(SessionExport),
    responses((status = OK, content((String = "text/csv"), (String = "application/jsonl"))), (status = BAD_REQUEST, body = Problem), (status = FORBIDDEN, body = Problem)))]
pub async fn sessions(
    State(hub): State<AppState>,
    Reader(caller): Reader,
    Params(query): Params<SessionExport>,
) -> Result<Response, Problem> {
    record(&hub, &caller, "sessions", &query).await?;
    let filter = audit::Filter {
        user_id: query.user_id,
        target_id: query.target_id,
        zone_id: query.zone_id,
        status: query.status,
        from: query.from,
        to: query.to,
    };
    let parts = stream::try_unfold((hub, Some(None)), move |(hub, after)| async move {
        let Some(after) = after else { return Ok(None) };
        let mut rows = audit::list(&hub.pool, filter, Page { limit: PART, after }).await?;
        let goes_on = rows.len() > usize::from(PART);
        rows.truncate(usize::from(PART));
        let next = rows.last().filter(|_| goes_on).map(|row| Some(row.id.uuid()));
        Ok(Some((rows.into_iter().map(AuditLog::from).collect(), (hub, next))))
    });
    Ok(file("sessions", query.format, SESSION_COLUMNS, parts))
}

/// The events as a file, newest first.
#[utoipa::path(get, path = "/api/v1/audit/events/export", operation_id = "export_events", tag = "audit", params(EventExport),
    responses((status = OK, content((String = "text/csv"), (String = "application/jsonl"))), (status = BAD_REQUEST, body = Problem), (status = FORBIDDEN, body = Problem)))]
pub async fn events(
    State(hub): State<AppState>,
    Reader(caller): Reader,
    Params(query): Params<EventExport>,
) -> Result<Response, Problem> {
    record(&hub, &caller, "events", &query).await?;
    let format = query.format;
    let filter = event_log::Filter {
        user_id: query.user_id,
        about: query.about,
        session_id: query.session_id,
        kind: query.kind,
        from: query.from,
        to: query.to,
        only: None,
    };
    let parts = stream::try_unfold((hub, filter, Some(None)), |(hub, filter, before)| async move {
        let Some(before) = before else { return Ok(None) };
        let rows = event_log::list(&hub.pool, &filter, before, PART.into()).await?;
        let next = rows.last().map(|row| Some(row.id));
        Ok(Some((rows.into_iter().map(AuditEvent::from).collect(), (hub, filter, next))))
    });
    Ok(file("events", format, EVENT_COLUMNS, parts))
}

async fn record(hub: &Hub, caller: &Caller, what: &str, query: &impl Serialize) -> Result<(), Problem> {
    let mut tx = hub.pool.begin().await?;
    caller.record(hub, &mut tx, "audit.exported", json!({ "what": what, "query": query })).await?;
    Ok(tx.commit().await?)
}

/// A file of these rows. An error in the midst of it breaks the transfer, so that nobody takes it for whole.
fn file<R: Serialize + Send + 'static>(
    name: &str,
    format: Format,
    columns: &'static [&'static str],
    parts: impl Stream<Item = Result<Vec<R>, StoreError>> + Send + 'static,
) -> Response {
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        Format::Jsonl => ("application/jsonl; charset=utf-8", "jsonl"),
    };
    let head = match format {
        Format::Csv => csv_line(columns.iter().map(|name| Cow::Borrowed(*name))),
        Format::Jsonl => Vec::new(),
    };
    let lines = parts.map_err(std::io::Error::other).map(move |part| {
        let mut bytes = Vec::new();
        for row in part? {
            let row = serde_json::to_value(row)?;
            match format {
                Format::Csv => bytes.extend(csv_line(columns.iter().map(|name| cell(row.get(name))))),
                Format::Jsonl => bytes.extend(format!("{row}\n").into_bytes()),
            }
        }
        Ok::<_, std::io::Error>(Bytes::from(bytes))
    });
    let body = stream::once(async { Ok(Bytes::from(head)) }).chain(lines);
    let now = Time::now().to_string().replace([':', '-'], "");
    let disposition = format!("attachment; filename=\"openpam-{name}-{now}.{ending}\"");
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (AppendHeaders(headers), Body::from_stream(body)).into_response()
}

/// A value in a cell. A spreadsheet takes a text that begins so for a formula: as people may choose names and messages,
/// it is made plain text (OWASP, "CSV injection").
fn cell(value: Option<&Value>) -> Cow<'_, str> {
    match value.unwrap_or(&Value::Null) {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => {
            Cow::Owned(format!("'{text}"))
        }
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

fn csv_line<'a>(cells: impl Iterator<Item = Cow<'a, str>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Into memory: it cannot fail.
    let _ = writer.write_record(cells.map(|cell| cell.into_owned().into_bytes()));
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_is_a_formula_or_breaks_the_line() {
        let row = json!({
            "a": "=HYPERLINK(\"http://x\")", "b": "+1", "c": -5, "d": null, "e": "one\r\ntwo, \"three\"",
            "f": { "name": "=1+1" }, "g": "\t=1",
        });
        let line = csv_line(["a", "b", "c", "d", "e", "f", "g"].iter().map(|name| cell(row.get(name))));
        let expected = "\"'=HYPERLINK(\"\"http://x\"\")\",'+1,-5,,\"one\r\ntwo, \"\"three\"\"\",\"{\"\"name\"\":\"\"=1+1\"\"}\",'\t=1\r\n";
        assert_eq!(String::from_utf8(line).expect("text"), expected);
    }
}
