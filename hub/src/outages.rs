//! Reports on what sites decided alone: every session that ran there meanwhile is held against the policy of the moment of
//! their return, with the code that decides at hub and site.
//!
//! A report is made once, soon after the site's own events of that time are in the books; one that was cut off is made later.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use openpam_ids::{SessionId, TargetId, UserId};
use openpam_policy::{Authorization, Denial, Moment};
use openpam_proto::end::EndCode;
use serde::Serialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::app::{AppState, Hub};
use crate::store::access::{self, Facts};
use crate::store::outages::{self, Outage};
use crate::store::sessions::{self, Filter, Session};
use crate::store::{Page, StoreError};
use crate::time::Time;

/// Without a nudge it looks this often.
const EVERY: Duration = Duration::from_secs(60);
/// A site's clock and timers may be off by this.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(1);
/// So many differences are kept of one outage.
const MAX_KEPT: usize = 1000;
/// Sessions that are read at once.
const PAGE: u16 = 500;

/// What a site did that the policy of the moment of its return would not have let it do, or would have let go on.
#[derive(Debug, Serialize)]
struct Difference {
    session_id: SessionId,
    user_id: UserId,
    user: String,
    target_id: TargetId,
    target: String,
    /// `went_on` or `ended`.
    kind: &'static str,
    /// When that policy would have ended it, or when the site ended it.
    at: Time,
    /// When it really ended, or the site was back.
    until: Option<Time>,
    /// Why that policy would have ended it; of one that the site ended, how it ended.
    code: &'static str,
}

/// Reports until the hub stops.
pub async fn run(hub: AppState, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = hub.leader.until_leading() => {}
        }
        let more = report_each(&hub).await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = std::future::ready(()), if more => {}
            () = hub.outages.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// One outage of each site that has some; whether there may be more.
async fn report_each(hub: &Hub) -> bool {
    let pending = match outages::pending(&hub.pool).await {
        Ok(pending) => pending,
        Err(error) => {
            tracing::warn!(%error, "outages could not be read");
            return false;
        }
    };
    let mut more = false;
    for outage in pending {
        match report(hub, &outage).await {
            Ok(()) => more = true,
            Err(error) => {
                tracing::warn!(zone = outage.zone, %error, "the report on an outage was not made; it is tried again");
            }
        }
    }
    more
}

async fn report(hub: &Hub, outage: &Outage) -> Result<(), StoreError> {
    let (mut count, mut sessions, mut differences, mut after) = (0, 0, Vec::new(), None);
    loop {
        let page = Page { limit: PAGE, after };
        let during = Some((outage.satellite_id, outage.since, outage.until));
        let mut rows = sessions::list(&hub.pool, Filter { during, ..Filter::default() }, page).await?;
        let more = rows.len() > PAGE.into();
        rows.truncate(PAGE.into());
        after = rows.last().map(|row| row.id.uuid());
        for session in &rows {
            sessions += 1;
            if let Some(difference) = differs(hub, outage, session).await? {
                count += 1;
                if differences.len() < MAX_KEPT {
                    differences.push(difference);
                }
            }
        }
        if !more {
            break;
        }
    }
    tracing::info!(zone = outage.zone, sessions, differences = count, "the report on an outage is made");
    outages::reported(&hub.pool, outage.id, sessions, count, &json!(differences)).await
}

async fn differs(hub: &Hub, outage: &Outage, session: &Session) -> Result<Option<Difference>, StoreError> {
    let (since, until) = (outage.since.timestamp(), outage.until.timestamp());
    let (begun, ended) = (session.start_time.timestamp(), session.end_time.map(Time::timestamp));
    let (from, to) = (begun.max(since), ended.map_or(until, |ended| ended.min(until)));
    let facts = access::facts(&hub.pool, session.user_id, session.target_id, from).await?;
    let found = match judge(facts.as_ref(), Moment { now: from, away_since: Some(since) }, begun) {
        Some((at, code)) if after(at, TOLERANCE) < to => Some(("went_on", at, code)),
        ends => {
            let ended_here = ended.filter(|ended| *ended <= until);
            let by_policy = session.end_code.as_deref().and_then(|code| code.parse().ok()).filter(|code| {
                matches!(code, EndCode::WindowEnded | EndCode::PolicyStale | EndCode::LongestSession)
            });
            match (ended_here, by_policy) {
                (Some(ended), Some(code)) if ends.is_none_or(|(at, _)| at > after(ended, TOLERANCE)) => {
                    Some(("ended", ended, code))
                }
                _ => None,
            }
        }
    };
    Ok(found.map(|(kind, at, code)| Difference {
        session_id: session.id,
        user_id: session.user_id,
        user: session.user.clone(),
        target_id: session.target_id,
        target: session.target.clone(),
        kind,
        at: at.into(),
        until: (kind == "went_on").then(|| to.into()),
        code: code.as_str(),
    }))
}

/// When a session that began then ends by these facts, and why; `None`: never.
fn judge(facts: Option<&Facts>, moment: Moment, begun: Timestamp) -> Option<(Timestamp, EndCode)> {
    let Some(facts) = facts else { return Some((moment.now, EndCode::NotGranted)) };
    match facts.decide(moment) {
        Err(denial) => Some((moment.now, code(denial))),
        Ok(authorization) => end(&authorization, begun),
    }
}

fn end(authorization: &Authorization, begun: Timestamp) -> Option<(Timestamp, EndCode)> {
    let longest = authorization.terms().max_session_seconds;
    let longest = longest.map(|seconds| after(begun, SignedDuration::from_secs(seconds.into())));
    let ends = [
        (authorization.ends(), EndCode::WindowEnded),
        (authorization.away_ends(), EndCode::PolicyStale),
        (longest, EndCode::LongestSession),
    ];
    ends.into_iter().filter_map(|(at, code)| Some((at?, code))).min_by_key(|(at, _)| *at)
}

const fn code(denial: Denial) -> EndCode {
    match denial {
        Denial::UserDisabled => EndCode::UserDisabled,
        Denial::OutsideWindow { .. } => EndCode::WindowEnded,
        Denial::HubAway => EndCode::PolicyStale,
        Denial::NotGranted | Denial::TargetDisabled | Denial::ZoneDisabled => EndCode::NotGranted,
    }
}

fn after(moment: Timestamp, time: SignedDuration) -> Timestamp {
    moment.checked_add(time).unwrap_or(Timestamp::MAX)
}
