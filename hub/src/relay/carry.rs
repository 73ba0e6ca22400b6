//! Carrying an attached session: frames from the site to the browser, frames and messages back, for as long as the
//! browser is there: over one tunnel, and after its loss over the next.
//!
//! Both directions run beside each other in one task, so a browser that reads slowly can still type. Session bytes
//! are queued here no further than the windows allow, and 64 KiB of input until the site acknowledged it.

mod ends;
mod input;
mod output;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket};
use futures::stream::{SplitSink, SplitStream};
use openpam_ids::{AttachmentId, SatelliteId, SessionId, ZoneId};
use openpam_link::channel::ChannelWriter;
use openpam_proto::attach::{Closed, OutputAck, Resumes, ToSite};
use openpam_proto::end::{EndCode, Hop, NoticeCode};
use tokio::sync::{broadcast, mpsc, watch};

pub use self::ends::refuse;
use self::ends::say_closed;
use super::connect::{self, Connected, Resuming};
use super::said::Said;
use super::wire::{self, Language, ServerText};
use super::{Request, closed};
use crate::app::Hub;
use crate::changes::Change;
use crate::time::Time;

/// Answers to pings that wait for the browser; further ones are dropped.
const ANSWERS: usize = 16;
/// A site that does not take the session back is asked again after this.
const ASK_AGAIN: Duration = Duration::from_millis(250);
/// A site that is asked for a session answers within this, or is asked again.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);
/// The site counts the grace time from when it noticed the loss itself, which may be so much later.
const NOTICED_LATER: Duration = Duration::from_secs(30);

type Sink = SplitSink<WebSocket, Message>;
type Stream = SplitStream<WebSocket>;

/// How an attachment went on, seen from here.
enum Outcome {
    /// The site closed it.
    Site(Closed),
    /// The hub closes it.
    Hub(Closed),
    /// The browser is gone.
    Browser,
    /// The tunnel is lost, or another one took its place.
    Lost,
}

/// The attachment: what both directions share.
struct Carried<'a> {
    hub: &'a Hub,
    request: &'a Request,
    session_id: SessionId,
    /// Whether the browser only watches.
    watches: bool,
    /// The first one of this browser: it keeps that over all tunnels.
    attachment_id: AttachmentId,
    zone_id: ZoneId,
    zone: String,
    /// What the browser said that the site may not know.
    said: Mutex<Said>,
    /// Input before this offset was given to the target.
    taken: watch::Sender<u64>,
    /// The end of the output given to the browser.
    given: AtomicU64,
    /// The end of the output that a desktop's browser was given and its line took: it acknowledges none itself.
    passed_on: watch::Sender<u64>,
    begun: Instant,
    /// When the browser was last heard, in milliseconds since `begun`.
    heard_ms: AtomicU64,
}

impl Carried<'_> {
    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The site gave the input before `offset` to the target.
    fn took(&self, offset: u64) {
        self.said().taken(offset);
        self.taken.send_replace(offset);
    }

    /// The browser was heard just now.
    fn hear(&self) {
        self.heard_ms.store(self.begun.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// In the words of its WebSocket.
    fn write(&self, text: &ServerText<'_>) -> String {
        self.request.language.write(text)
    }

    /// How long the browser has not been heard.
    fn silence(&self) -> Duration {
        self.begun.elapsed().saturating_sub(Duration::from_millis(self.heard_ms.load(Ordering::Relaxed)))
    }

    /// Hub to site, if the site is connected and it was measured.
    fn round_trip_ms(&self) -> Option<f64> {
        let satellite = self.hub.links.to(self.zone_id)?.satellite_id();
        self.hub.sites.state(satellite)?.rtt_ms
    }
}

/// The browser's end.
struct Browser {
    sink: Sink,
    stream: Stream,
    answers: (mpsc::Sender<String>, mpsc::Receiver<String>),
    /// What changes, heard from the attachment's begin on, so that nothing is missed when a tunnel is lost.
    changes: broadcast::Receiver<Change>,
}

/// Carries frames until the attachment is at its end, and says the last word.
pub async fn carry(hub: &Hub, request: &Request, sink: Sink, stream: Stream, mut connected: Connected) {
    let opened = &connected.opened;
    let carried = Carried {
        hub,
        request,
        session_id: connected.session_id,
        watches: connected.watches,
        attachment_id: connected.attachment_id,
        zone_id: connected.zone_id,
        zone: connected.zone.clone(),
        said: Mutex::new(Said::new(opened.input_offset, opened.output_offset, (request.cols, request.rows))),
        taken: watch::Sender::new(opened.input_offset),
        given: AtomicU64::new(opened.output_offset),
        passed_on: watch::Sender::new(opened.output_offset),
        begun: Instant::now(),
        heard_ms: AtomicU64::new(0),
    };
    let mut browser =
        Browser { sink, stream, answers: mpsc::channel(ANSWERS), changes: hub.changes.listen() };
    let mut words = vec![output::opened(&carried, opened)];
    let mut resumed = false;
    loop {
        let satellite = connected.link.satellite_id();
        let (outcome, writer) = over_tunnel(&carried, &mut browser, connected, words, resumed).await;
        let outcome = match outcome {
            Outcome::Lost => match without_tunnel(&carried, &mut browser, satellite).await {
                Ok(back) => {
                    words = restored(&carried, &back);
                    (connected, resumed) = (back, true);
                    continue;
                }
                Err(outcome) => outcome,
            },
            other => other,
        };
        return last_word(&carried, browser, outcome, writer).await;
    }
}

/// Carries until the tunnel is lost or replaced, or the attachment at its end.
async fn over_tunnel(
    carried: &Carried<'_>,
    browser: &mut Browser,
    connected: Connected,
    words: Vec<String>,
    resumed: bool,
) -> (Outcome, ChannelWriter) {
    let satellite = connected.link.satellite_id();
    let way = carried.hub.links.watch(carried.zone_id);
    let replaced = connected.link.replaced(way);
    let (mut reader, mut writer) = (connected.channel.reader, connected.channel.writer);
    let Browser { sink, stream, answers: (answers, answer_queue), changes } = browser;
    if !carried.watches {
        carried.hub.sites.attached_to(satellite, carried.session_id);
    }
    let outcome = tokio::select! {
        end = output::to_browser(carried, Some(&mut reader), replaced, sink, answer_queue, words) => end,
        end = input::to_site(carried, stream, &mut writer, answers, resumed) => end,
        end = ends::outside(carried, changes, satellite) => end,
    };
    if !carried.watches {
        carried.hub.sites.detached_from(satellite, carried.session_id);
    }
    (outcome, writer)
}

/// Keeps the browser until its session's site is back.
async fn without_tunnel(
    carried: &Carried<'_>,
    browser: &mut Browser,
    satellite: SatelliteId,
) -> Result<Connected, Outcome> {
    let grace = carried.hub.config.session_grace;
    let message = format!("the line to site {} is lost; the session is still running there", carried.zone);
    let lost = wire::notice(NoticeCode::LinkLost, &message, Some(Time::now().after(grace)));
    let words = vec![carried.write(&lost)];
    let Browser { sink, stream, answers: (answers, answer_queue), changes } = browser;
    tokio::select! {
        back = tokio::time::timeout(grace + NOTICED_LATER, site_back(carried)) => {
            back.map_err(|_| Outcome::Hub(grace_over(&carried.zone)))?
        }
        end = output::to_browser(carried, None, std::future::pending(), sink, answer_queue, words) => Err(end),
        end = input::keep(carried, stream, answers) => Err(end),
        end = ends::outside(carried, changes, satellite) => Err(end),
    }
}

/// Waits for the site, and for the session there.
async fn site_back(carried: &Carried<'_>) -> Result<Connected, Outcome> {
    let mut way = carried.hub.links.watch(carried.zone_id);
    loop {
        // A hub that stops keeps no browser waiting.
        way.wait_for(Option::is_some).await.map_err(|_| Outcome::Browser)?;
        way.mark_unchanged();
        let resuming = {
            let said = carried.said();
            let resumes = Resumes {
                attachment_id: carried.attachment_id,
                output_acknowledged: said.output_acknowledged(),
            };
            Resuming { from: carried.given.load(Ordering::Relaxed), size: said.size(), resumes }
        };
        let asked = connect::resume(carried.hub, carried.request, carried.session_id, resuming);
        match tokio::time::timeout(ANSWER_PATIENCE, asked).await {
            Ok(Ok(back)) if back.opened.output_offset == carried.given.load(Ordering::Relaxed) => {
                return Ok(back);
            }
            // Output is missing: the browser attaches itself and is told which.
            Ok(Ok(_)) => return Err(Outcome::Browser),
            Ok(Err(closed)) if closed.ended || !may_pass(closed.code) => return Err(Outcome::Site(closed)),
            Ok(Err(_)) | Err(_) => {}
        }
        let _ = tokio::time::timeout(ASK_AGAIN, way.changed()).await;
    }
}

/// Whether a site that refuses with this may take the session back a moment later.
const fn may_pass(code: EndCode) -> bool {
    matches!(code, EndCode::ZoneOffline | EndCode::SessionLimit | EndCode::Internal)
}

/// What the browser is told when its session's site is back.
fn restored(carried: &Carried<'_>, back: &Connected) -> Vec<String> {
    let input_offset = back.opened.input_offset;
    carried.took(input_offset);
    let message = format!("the line to site {} is back", carried.zone);
    let notice = carried.write(&wire::notice(NoticeCode::LinkRestored, &message, None));
    match carried.request.language {
        Language::Shell => vec![notice, carried.write(&ServerText::Ack { input_offset })],
        Language::Desktop => vec![notice],
    }
}

fn grace_over(zone: &str) -> Closed {
    let message = format!("site {zone} did not come back within the session's grace time");
    closed(EndCode::GraceExpired, &message, Hop::Site, true)
}

async fn last_word(carried: &Carried<'_>, mut browser: Browser, outcome: Outcome, mut writer: ChannelWriter) {
    if let Outcome::Site(closed) | Outcome::Hub(closed) = outcome
        && say_closed(carried.request.language, &mut browser.sink, &mut browser.stream, &closed, &mut writer)
            .await
    {
        // The browser confirmed the close, so it has everything before it.
        let output_offset = carried.given.load(Ordering::Relaxed);
        let _ = writer.send(&ToSite::OutputAck(OutputAck { output_offset })).await;
    }
    writer.finish().await;
}

fn text(json: String) -> Message {
    Message::Text(json.into())
}
