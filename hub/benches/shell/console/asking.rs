//! Requests, one after the other and as fast as they are answered.

use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::task::JoinSet;

use super::books::{COMMON, RARE, Some as SomeRows};
use crate::figures::{Spread, ms};
use crate::system::api::Api;

/// At the same time.
const CALLERS: usize = 16;

/// How long a request took, many times.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) what: String,
    pub(crate) spread: Spread,
}

/// The lists of the audit and the recordings, as people look at them.
pub(super) async fn lists(api: &Api, some: &SomeRows, times_each: usize) -> anyhow::Result<Vec<Asked>> {
    let SomeRows { user, zone, target, session, event, day } = some;
    let asked = [
        ("sessions", "/api/v1/audit".to_owned()),
        ("sessions, in the middle", format!("/api/v1/audit?cursor={session}")),
        ("sessions of a user", format!("/api/v1/audit?user_id={user}")),
        ("sessions in a zone", format!("/api/v1/audit?zone_id={zone}")),
        ("sessions on a target", format!("/api/v1/audit?target_id={target}")),
        (
            "sessions of a user on a target, a day",
            format!(
                "/api/v1/audit?user_id={user}&target_id={target}&from={day}T00:00:00Z&to={day}T23:59:59Z"
            ),
        ),
        ("failed sessions", "/api/v1/audit?status=failed".to_owned()),
        ("events", "/api/v1/audit/events".to_owned()),
        ("events, in the middle", format!("/api/v1/audit/events?cursor={event}")),
        ("events of a user", format!("/api/v1/audit/events?user_id={user}")),
        ("events that name a user", format!("/api/v1/audit/events?about={user}")),
        ("events of a kind", "/api/v1/audit/events?kind=grant.".to_owned()),
        (
            "events of a kind, a day",
            format!("/api/v1/audit/events?kind=zone.&from={day}T00:00:00Z&to={day}T23:59:59Z"),
        ),
        ("events of a session", format!("/api/v1/audit/events?session_id={session}")),
        ("recordings", "/api/v1/recordings".to_owned()),
        ("recordings with a rare word", format!("/api/v1/recordings?text={RARE}")),
        ("recordings with a word that all have", format!("/api/v1/recordings?text={COMMON}")),
        ("recordings with both", format!("/api/v1/recordings?text={COMMON}%20{RARE}")),
        ("recordings with a word that none has", "/api/v1/recordings?text=nonesuch".to_owned()),
        ("the page of a user", format!("/api/v1/audit/users/{user}")),
        ("the page of a target", format!("/api/v1/audit/targets/{target}")),
        ("running sessions", "/api/v1/sessions?active=true".to_owned()),
    ];
    let mut all = Vec::new();
    for (what, path) in asked {
        all.push(times(api, what, &path, times_each).await?);
    }
    Ok(all)
}

/// The same request again and again; the first one warms up.
pub(super) async fn times(api: &Api, what: &str, path: &str, times: usize) -> anyhow::Result<Asked> {
    let mut samples = Vec::new();
    for time in 0..=times {
        let begun = Instant::now();
        let answer = api.request("GET", path, None).await;
        let status = answer.status();
        answer.bytes().await?;
        ensure!(status.is_success(), "{path}: {status}");
        if time > 0 {
            samples.push(ms(begun.elapsed()));
        }
    }
    let spread = Spread::of(&samples).ok_or_else(|| anyhow::anyhow!("no sample"))?;
    Ok(Asked { what: what.to_owned(), spread })
}

/// Who am I, by many at once: requests a second.
pub(super) async fn requests(api: &Api, how_long: Duration) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let api = api.clone();
        callers.spawn(async move {
            let mut count = 0_u32;
            while begun.elapsed() < how_long {
                let answer = api.request("GET", "/api/v1/auth/me", None).await;
                count += u32::from(answer.status().is_success());
            }
            count
        });
    }
    let answered: u32 = callers.join_all().await.into_iter().sum();
    Ok(f64::from(answered) / begun.elapsed().as_secs_f64())
}
