//! What pages measured themselves: how long a person waited for a shell, as the first span of its trace.

use std::time::{Duration, SystemTime};

use axum::extract::State;
use axum::http::StatusCode;
use openpam_link::traces::Parent;
use openpam_link::traces::page::PageSpan;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::input::Body;
use super::problem::Problem;
use crate::app::AppState;
use crate::auth::Caller;

const LONGEST_MS: u32 = 86_400_000;

/// From a person's wish for a shell to its first sight, or to the word that there will be none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// What the page sent along with its request (W3C Trace Context).
    #[schema(min_length = 55, max_length = 55, pattern = "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")]
    traceparent: String,
    /// It ended just now. At most a day: whoever waited longer has no shell.
    #[schema(maximum = 86_400_000)]
    duration_ms: u32,
    /// Whether there is a shell.
    opened: bool,
    /// The session, where there is one.
    session_id: Option<Uuid>,
}

/// Tell the hub how long a shell took to open. Where the hub tells no collector (`traces` of `/api/v1/auth/me`), nothing
/// comes of it.
#[utoipa::path(post, path = "/api/v1/traces", operation_id = "tell_opening", tag = "traces", request_body = Opening,
    responses((status = NO_CONTENT), (status = BAD_REQUEST, body = Problem), (status = UNAUTHORIZED, body = Problem)))]
pub async fn tell(
    State(hub): State<AppState>,
    _: Caller,
    Body(opening): Body<Opening>,
) -> Result<StatusCode, Problem> {
    let itself = Parent::parse(&opening.traceparent);
    let itself =
        itself.ok_or_else(|| Problem::invalid_field("traceparent", "this is no W3C trace context"))?;
    if opening.duration_ms > LONGEST_MS {
        return Err(Problem::invalid_field("duration_ms", "duration_ms is 0 to 86400000 (a day)"));
    }
    let Some(page) = &hub.page_traces else { return Ok(StatusCode::NO_CONTENT) };
    let session = opening.session_id.map(|id| ("session.id", id.to_string()));
    page.tell(PageSpan {
        itself,
        name: "shell",
        ended: SystemTime::now(),
        took: Duration::from_millis(opening.duration_ms.into()),
        ok: opening.opened,
        attributes: session.into_iter().collect(),
    });
    Ok(StatusCode::NO_CONTENT)
}
