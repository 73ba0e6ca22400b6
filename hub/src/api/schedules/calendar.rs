//! The windows of schedules in a stretch of time, as a calendar shows them.

use axum::Json;
use axum::extract::State;
use openpam_ids::{ScheduleId, TargetId, UserId};
use openpam_scheduling::{self as scheduling, Calendar, Filter, MAX_SPAN};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use utoipa::{IntoParams, ToSchema};

use crate::api::input::{self, Params};
use crate::api::problem::Problem;
use crate::app::AppState;
use crate::auth::Caller;
use crate::time::Time;

/// Which windows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WindowsQuery {
    /// From here on, windows that are open then among them.
    from: Time,
    /// Until here: at most 62 days later.
    to: Time,
    /// Of this user.
    #[param(value_type = Option<Uuid>)]
    user_id: Option<UserId>,
    /// On this target.
    #[param(value_type = Option<Uuid>)]
    target_id: Option<TargetId>,
}

/// Windows by their beginnings, at most a thousand.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduledWindows {
    windows: Vec<ScheduledWindow>,
    /// Whether there are more than these: ask for a shorter time, or for one user or target.
    more: bool,
}

/// A window of a schedule.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduledWindow {
    #[schema(value_type = Uuid)]
    schedule_id: ScheduleId,
    #[schema(value_type = Uuid)]
    user_id: UserId,
    user: String,
    #[schema(value_type = Uuid)]
    target_id: TargetId,
    target: String,
    /// The zone of the target.
    zone: String,
    start_time: Time,
    end_time: Time,
}

impl From<Calendar> for ScheduledWindows {
    fn from(calendar: Calendar) -> Self {
        let Calendar { schedules, entries, more } = calendar;
        let windows = entries.into_iter().filter_map(|entry| {
            let of = schedules.get(entry.of)?;
            Some(ScheduledWindow {
                schedule_id: of.id,
                user_id: of.user_id,
                user: of.user.clone(),
                target_id: of.target_id,
                target: of.target.clone(),
                zone: of.zone.clone(),
                start_time: entry.window.start.into(),
                end_time: entry.window.end.into(),
            })
        });
        Self { windows: windows.collect(), more }
    }
}

/// The windows of schedules that were not cancelled: of one's own, or of everybody's for admins and auditors.
#[utoipa::path(get, path = "/api/v1/schedules/windows", operation_id = "list_schedule_windows", tag = "schedules", params(WindowsQuery),
    responses((status = OK, body = ScheduledWindows)))]
pub async fn windows(
    State(hub): State<AppState>,
    caller: Caller,
    Params(query): Params<WindowsQuery>,
) -> Result<Json<ScheduledWindows>, Problem> {
    let (from, to) = (input::time("from", query.from)?, input::time("to", query.to)?);
    if to <= from || to.duration_since(from) > MAX_SPAN {
        return Err(Problem::invalid_field("to", "to is after from, by 62 days at most"));
    }
    let user_id = match (caller.sees_only(), query.user_id) {
        (Some(own), Some(other)) if own != other => {
            return Ok(Json(ScheduledWindows { windows: Vec::new(), more: false }));
        }
        (own, asked) => own.or(asked),
    };
    let filter = Filter { user_id, target_id: query.target_id, ..Filter::default() };
    let schedules = scheduling::within(&hub.pool, filter, from, to).await?;
    let calendar = spawn_blocking(move || scheduling::expand(schedules, from, to));
    Ok(Json(calendar.await.map_err(|_| Problem::internal())?.into()))
}
