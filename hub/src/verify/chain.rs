//! The chains of events, and the book of sessions against them.

use openpam_proto::event::{ChainedEvent, Event, SessionEnded};
use openpam_proto::message::Message;
use serde::Deserialize;
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Chain, Code, Hole, Lost, Report};
use crate::store::evidence::{self, BookedSession, StoredEvent};
use crate::store::installation::Restored;
use crate::store::{StoreError, subjects};
use crate::time::Time;
use crate::witness::{LOST_BY_RESTORE, SET_BACK};

const PART: i64 = 500;

/// What a hub's event says of the columns beside it.
#[derive(Deserialize)]
struct Said {
    at: Time,
    kind: String,
    user_id: Option<Uuid>,
    session_id: Option<Uuid>,
    #[serde(default)]
    detail: Value,
}

/// Where a chain goes on.
#[derive(Default)]
struct Head {
    node: Uuid,
    seq: u64,
    hash: [u8; 32],
}

pub(super) async fn verify(
    pool: &PgPool,
    restored: Option<Restored>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut head = Head::default();
    loop {
        let part = evidence::events_after(pool, head.node, head.seq, PART).await?;
        if part.is_empty() {
            return Ok(());
        }
        let mut told = Vec::new();
        for event in part {
            if event.node_id != head.node {
                head = Head { node: event.node_id, ..Head::default() };
            }
            link(&head, &event, report);
            columns(&event, report);
            count(&event, report);
            told_of_set_back(&event, report);
            head = Head { node: event.node_id, seq: event.seq, hash: event.hash };
            if event.satellite.is_some()
                && let Ok(said) = Event::from_bytes(&event.body)
            {
                told.push((event.node_id, said));
            }
        }
        sessions(pool, restored, &told, report).await?;
    }
}

fn place(event: &StoredEvent) -> String {
    let node = event
        .satellite
        .as_ref()
        .map_or_else(|| format!("hub {}", event.node_id), |name| format!("satellite {name}"));
    format!("{node}, event {}", event.seq)
}

/// The event against the one before, and its bytes against its hash.
fn link(head: &Head, event: &StoredEvent, report: &mut Report) {
    if event.seq != head.seq + 1 {
        let lost = Lost { node: event.node_id, from: head.seq + 1, until: event.seq.saturating_sub(1) };
        report.holes.push(Hole { place: place(event), lost });
    } else if event.previous != head.hash {
        report.add(Code::EventOutOfPlace, place(event), "it does not continue the event before it");
    }
    let link = ChainedEvent {
        seq: event.seq,
        previous: event.previous,
        hash: event.hash,
        body: event.body.clone().into(),
    };
    if !link.is_sound() {
        report.add(Code::EventChanged, place(event), "its content or its place is not what was hashed");
    }
}

/// What lists and filters use against the hashed bytes.
fn columns(event: &StoredEvent, report: &mut Report) {
    let said = if event.satellite.is_some() { of_satellite(event) } else { of_hub(event) };
    let Some((said, subjects)) = said else { return };
    let wrong = [
        ("kind", said.kind != event.kind),
        ("occurred_at", said.at.as_ms() != event.occurred_at.as_ms()),
        ("user_id", said.user_id != event.user_id),
        ("session_id", said.session_id != event.session_id),
        ("what it is listed under", subjects != event.subjects),
    ];
    for (column, _) in wrong.iter().filter(|(_, wrong)| *wrong) {
        report.add(Code::EventChanged, place(event), format!("{column} is not what the event says"));
    }
}

fn of_hub(event: &StoredEvent) -> Option<(Said, Vec<Uuid>)> {
    let said: Said = serde_json::from_slice(&event.body).ok()?;
    let subjects = subjects::of_hub(said.user_id, &said.detail);
    Some((said, subjects))
}

/// What an event of a newer satellite says was not known when it came: nothing to compare.
fn of_satellite(event: &StoredEvent) -> Option<(Said, Vec<Uuid>)> {
    let said = Event::from_bytes(&event.body).ok().filter(|_| event.kind != "unknown")?;
    let about = said.about()?;
    let columns = Said {
        at: Time::from_ms(about.at_ms),
        kind: said.name().to_owned(),
        user_id: Some(about.user_id.uuid()),
        session_id: Some(about.session_id.uuid()),
        detail: Value::Null,
    };
    Some((columns, subjects::of_satellite(Some(&said))))
}

fn count(event: &StoredEvent, report: &mut Report) {
    match report.chains.last_mut().filter(|chain| chain.node_id == event.node_id) {
        Some(chain) => {
            chain.events += 1;
            chain.until = event.occurred_at;
        }
        None => report.chains.push(Chain {
            node_id: event.node_id,
            satellite: event.satellite.clone(),
            events: 1,
            until: event.occurred_at,
            witnessed: None,
        }),
    }
}

/// The hub itself has met somebody who holds more than the books had.
fn told_of_set_back(event: &StoredEvent, report: &mut Report) {
    let kind = event.kind.as_str();
    if event.satellite.is_some() || ![SET_BACK, LOST_BY_RESTORE].contains(&kind) {
        return;
    }
    let body: Value = serde_json::from_slice(&event.body).unwrap_or_default();
    let detail = body.get("detail").unwrap_or(&body);
    let number = |name: &str| detail.get(name).and_then(Value::as_u64).unwrap_or_default();
    if let Some(node) = detail.get("satellite").and_then(Value::as_str).and_then(|id| id.parse().ok()) {
        return report.lost.push(Lost { node, from: number("from"), until: number("until") });
    }
    let text =
        |name: &str| detail.get(name).map_or_else(String::new, |value| value.to_string().replace('"', ""));
    let found = format!(
        "{} held statement {} of hub {}, stated {}, which the books did not have any more",
        text("held_by"),
        text("statement"),
        text("hub_id"),
        text("stated_at")
    );
    if kind == SET_BACK {
        report.add(Code::HeadSetBack, place(event), found);
    } else {
        report.note(format!("{}: after a restore {found}", event.occurred_at));
    }
}

/// The book of sessions against what these satellites tell.
async fn sessions(
    pool: &PgPool,
    restored: Option<Restored>,
    told: &[(Uuid, Event)],
    report: &mut Report,
) -> Result<(), StoreError> {
    let ids: Vec<_> =
        told.iter().filter_map(|(_, said)| said.about()).map(|about| about.session_id.uuid()).collect();
    let booked = evidence::sessions(pool, &ids).await?;
    for (node, said) in told {
        let Some(about) = said.about() else { continue };
        let row =
            booked.iter().find(|row| row.id == about.session_id.uuid() && row.satellite_id == Some(*node));
        let place = format!("session {}", about.session_id);
        let Some(row) = row else {
            if restored.is_some_and(|restored| restored.lost(Time::from_ms(about.at_ms))) {
                report.note(format!(
                    "{place}: the book of sessions lost it by a restore, its user or target too"
                ));
                continue;
            }
            report.add(
                Code::SessionMissing,
                place,
                "its satellite tells of it, the book of sessions does not have it there",
            );
            continue;
        };
        if row.user_id != about.user_id.uuid() || row.target_id != about.target_id.uuid() {
            report.add(Code::SessionChanged, &place, "its satellite names another user or target");
        }
        if let Event::SessionEnded(ended) = said
            && !agrees(row, ended)
        {
            report.add(
                Code::SessionChanged,
                &place,
                "the book says something else of its end than its satellite",
            );
        }
    }
    Ok(())
}

/// The hub closes a session itself where its satellite cannot, and counts no bytes then; the satellite's word may come later.
fn agrees(row: &BookedSession, ended: &SessionEnded) -> bool {
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let as_told = row.end_code.as_deref() == Some(ended.code.as_str())
        && row.bytes_sent == number(ended.input_bytes)
        && row.bytes_received == number(ended.output_bytes);
    row.end_time.is_some() && (as_told || (row.bytes_sent == 0 && row.bytes_received == 0))
}
