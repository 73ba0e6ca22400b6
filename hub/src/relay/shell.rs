//! Carrying an attached shell: frames from the site to the browser, frames and messages back.
//!
//! Both directions run beside each other in one task, so a browser that reads slowly can still type. Session
//! bytes pass unread and uncopied; nothing is queued here but what the window allows.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use openpam_link::channel::{ChannelReader, ChannelWriter, Incoming};
use openpam_proto::attach::{Closed, End, Opened, OutputAck, Resize, ToHub, ToSite};
use openpam_proto::end::{EndCode, Hop};
use openpam_proto::frame::Data;
use openpam_proto::limits::{MAX_DATA_BYTES, MAX_SCREEN_BYTES, TERMINAL_CELLS};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};

use super::connect::{Connected, offline};
use super::wire::{self, ClientText, ServerText};
use super::{Request, closed};
use crate::app::Hub;
use crate::changes::Change;
use crate::store::sign_ins;

/// How often a browser is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(15);
/// Silence after which a browser counts as gone.
const SILENCE: Duration = Duration::from_secs(30);
/// Input the site has not acknowledged; past it the browser is not read. A frame of the largest size fits.
const INPUT_IN_FLIGHT: u64 = MAX_DATA_BYTES as u64;
/// Answers to pings that wait for the browser; further ones are dropped.
const ANSWERS: usize = 16;
/// A browser has this long to take the last word.
const LAST_WORD: Duration = Duration::from_secs(5);

type Sink = SplitSink<WebSocket, Message>;
type Stream = SplitStream<WebSocket>;

/// How an attachment ended, seen from here.
enum Outcome {
    /// The site closed it.
    Site(Closed),
    /// The hub closes it.
    Hub(Closed),
    /// The browser is gone.
    Browser,
}

/// What both directions share.
struct Shared<'a> {
    hub: &'a Hub,
    connected: Shell<'a>,
    /// Input before this offset is acknowledged.
    input_acked: watch::Sender<u64>,
    begun: Instant,
    /// When the browser was last heard, in milliseconds since `begun`.
    heard_ms: AtomicU64,
    /// The end of the output given to the browser.
    output_end: AtomicU64,
}

/// The parts of the attachment that both directions read.
struct Shell<'a> {
    request: &'a Request,
    satellite: openpam_ids::SatelliteId,
    zone: &'a str,
}

impl Shared<'_> {
    /// The browser was heard just now.
    fn hear(&self) {
        self.heard_ms.store(self.begun.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// How long the browser has not been heard.
    fn silence(&self) -> Duration {
        self.begun.elapsed().saturating_sub(Duration::from_millis(self.heard_ms.load(Ordering::Relaxed)))
    }
}

/// Carries frames until the attachment is at its end, and says the last word.
pub async fn carry(hub: &Hub, request: &Request, mut sink: Sink, mut stream: Stream, connected: Connected) {
    let Connected { session_id, zone, link, channel, opened } = connected;
    let satellite = link.satellite_id();
    hub.sites.attached_to(satellite, session_id);
    let (mut reader, mut writer) = (channel.reader, channel.writer);
    let shared = Shared {
        hub,
        connected: Shell { request, satellite, zone: &zone },
        input_acked: watch::Sender::new(opened.input_offset),
        begun: Instant::now(),
        heard_ms: AtomicU64::new(0),
        output_end: AtomicU64::new(opened.output_offset),
    };
    let (answers, mut answer_queue) = mpsc::channel(ANSWERS);
    let told = sink.send(text(opened_json(session_id, &opened))).await;
    let end = if told.is_err() {
        Outcome::Browser
    } else {
        tokio::select! {
            end = to_browser(&shared, &mut reader, &mut sink, &mut answer_queue) => end,
            end = to_site(&shared, &mut stream, &mut writer, &answers) => end,
            end = watch_changes(&shared) => end,
            end = watch_sign_in(&shared) => end,
            () = silent(&shared) => Outcome::Browser,
        }
    };
    hub.sites.detached_from(satellite, session_id);
    match end {
        Outcome::Site(closed) | Outcome::Hub(closed) => {
            if say_closed(&mut sink, &mut stream, &closed, &mut writer).await {
                // The browser confirmed the close, so it has everything before it.
                let output_offset = shared.output_end.load(Ordering::Relaxed);
                let _ = writer.send(&ToSite::OutputAck(OutputAck { output_offset })).await;
            }
        }
        Outcome::Browser => {}
    }
    writer.finish().await;
}

/// Says the last word to a browser that never got an attachment.
pub async fn refuse(mut sink: Sink, mut stream: Stream, closed: &Closed) {
    if sink.send(text(wire::closed(closed))).await.is_ok() && sink.send(Message::Close(None)).await.is_ok() {
        let drain = async { while let Some(Ok(_)) = stream.next().await {} };
        let _ = tokio::time::timeout(LAST_WORD, drain).await;
    }
}

async fn to_browser(
    shared: &Shared<'_>,
    reader: &mut ChannelReader,
    sink: &mut Sink,
    answers: &mut mpsc::Receiver<String>,
) -> Outcome {
    let mut ping = tokio::time::interval_at((Instant::now() + PING_EVERY).into(), PING_EVERY);
    let mut screen = Vec::new();
    loop {
        let sent = tokio::select! {
            incoming = reader.next::<ToHub>() => match incoming {
                Ok(Some(incoming)) => match give(shared, reader, sink, &mut screen, incoming).await {
                    Ok(None) => Ok(()),
                    Ok(Some(closed)) => return Outcome::Site(closed),
                    Err(error) => Err(error),
                },
                Ok(None) | Err(_) => return Outcome::Hub(offline(shared.connected.zone, false)),
            },
            Some(answer) = answers.recv() => sink.send(text(answer)).await,
            _ = ping.tick() => sink.send(Message::Ping(Vec::new().into())).await,
        };
        if sent.is_err() {
            return Outcome::Browser;
        }
    }
}

/// Gives the browser what arrived, and everything that arrived with it, then flushes once.
async fn give(
    shared: &Shared<'_>,
    reader: &mut ChannelReader,
    sink: &mut Sink,
    screen: &mut Vec<u8>,
    first: Incoming<ToHub>,
) -> Result<Option<Closed>, axum::Error> {
    let mut next = Some(first);
    while let Some(incoming) = next {
        match incoming {
            Incoming::Data(data) => {
                shared.output_end.store(data.end(), Ordering::Relaxed);
                sink.feed(Message::Binary(data.wire().clone())).await?;
            }
            Incoming::Message(ToHub::Closed(closed)) => return Ok(Some(closed)),
            Incoming::Message(ToHub::Screen(piece)) => {
                screen.extend_from_slice(&piece.data);
                if screen.len() > MAX_SCREEN_BYTES {
                    return Ok(Some(closed(
                        EndCode::Internal,
                        "the site sent a screen without end",
                        Hop::Site,
                        false,
                    )));
                }
                if !piece.more {
                    let data = String::from_utf8_lossy(screen);
                    let json =
                        ServerText::Screen { cols: piece.cols, rows: piece.rows, data: &data }.to_json();
                    sink.feed(text(json)).await?;
                    *screen = Vec::new();
                }
            }
            Incoming::Message(message) => {
                if let ToHub::InputAck(ack) = &message {
                    shared.input_acked.send_replace(ack.input_offset);
                }
                if let Some(json) = to_json(&message) {
                    sink.feed(text(json)).await?;
                }
            }
        }
        // A malformed frame shows again at the next read.
        next = reader.buffered().ok().flatten();
    }
    sink.flush().await?;
    Ok(None)
}

fn to_json(message: &ToHub) -> Option<String> {
    let text = match message {
        ToHub::InputAck(ack) => ServerText::Ack { input_offset: ack.input_offset }.to_json(),
        ToHub::Notice(notice) => ServerText::Notice {
            code: notice.code.as_str(),
            message: &notice.message,
            from: notice.from,
            to: notice.to,
        }
        .to_json(),
        _ => return None,
    };
    Some(text)
}

fn opened_json(session_id: openpam_ids::SessionId, opened: &Opened) -> String {
    ServerText::Opened {
        session_id,
        mode: if opened.watch { "watch" } else { "own" },
        output_offset: opened.output_offset,
        output_end: opened.output_end,
        input_offset: opened.input_offset,
        cols: opened.cols,
        rows: opened.rows,
    }
    .to_json()
}

async fn to_site(
    shared: &Shared<'_>,
    stream: &mut Stream,
    writer: &mut ChannelWriter,
    answers: &mpsc::Sender<String>,
) -> Outcome {
    let mut acked = shared.input_acked.subscribe();
    // Input up to here went to the site, or was there before; the next piece may begin nowhere behind it.
    let mut input_end = *acked.borrow();
    while let Some(Ok(message)) = stream.next().await {
        let received = Instant::now();
        shared.hear();
        let sent = match message {
            Message::Binary(bytes) => {
                let Ok(data) = Data::from_wire(bytes) else {
                    return malformed("a binary frame must hold an offset and 1 to 65536 bytes");
                };
                if data.offset() > input_end {
                    return malformed("input before this piece is missing");
                }
                let end = data.end();
                input_end = input_end.max(end);
                if wait_for_room(shared, &mut acked, end).await.is_err() {
                    return Outcome::Browser;
                }
                writer.relay(&data).await
            }
            Message::Text(json) => match serde_json::from_str(&json) {
                Ok(ClientText::Ack { output_offset }) => {
                    writer.send(&ToSite::OutputAck(OutputAck { output_offset })).await
                }
                Ok(ClientText::Resize { cols, rows })
                    if TERMINAL_CELLS.contains(&cols) && TERMINAL_CELLS.contains(&rows) =>
                {
                    writer.send(&ToSite::Resize(Resize { cols, rows })).await
                }
                Ok(ClientText::Resize { .. }) => {
                    return malformed("a terminal has 1 to 1000 columns and rows");
                }
                Ok(ClientText::Ping { t }) => {
                    let site_ms =
                        shared.hub.sites.state(shared.connected.satellite).and_then(|site| site.rtt_ms);
                    let hub_ms = received.elapsed().as_secs_f64() * 1000.0;
                    // A browser that does not take its answers does not get more of them.
                    let _ = answers.try_send(ServerText::Pong { t: &t, hub_ms, site_ms }.to_json());
                    Ok(())
                }
                Ok(ClientText::Close) => {
                    let message = "you closed this session".to_owned();
                    writer.send(&ToSite::End(End { code: EndCode::ClosedByUser, message })).await
                }
                Ok(ClientText::Other) => Ok(()),
                Err(_) => return malformed("a text message must be a JSON object with a type"),
            },
            Message::Close(_) => return Outcome::Browser,
            Message::Ping(_) | Message::Pong(_) => Ok(()),
        };
        if sent.is_err() {
            return Outcome::Hub(offline(shared.connected.zone, false));
        }
    }
    Outcome::Browser
}

/// Waits until nothing was heard of the browser for too long, whatever else is stuck on its way to it.
async fn silent(shared: &Shared<'_>) {
    while let Some(rest) = SILENCE.checked_sub(shared.silence()) {
        tokio::time::sleep(rest.max(Duration::from_millis(100))).await;
    }
}

/// Waits until the site acknowledged enough input that this piece may follow.
async fn wait_for_room(
    shared: &Shared<'_>,
    acked: &mut watch::Receiver<u64>,
    end: u64,
) -> Result<(), watch::error::RecvError> {
    let mut room = Box::pin(acked.wait_for(|acked| end.saturating_sub(*acked) <= INPUT_IN_FLIGHT));
    loop {
        let waited = tokio::time::timeout(SILENCE / 3, &mut room).await;
        // While waiting nothing is read, so nothing can be heard: the browser is not called silent for that.
        shared.hear();
        if let Ok(room) = waited {
            return room.map(drop);
        }
    }
}

async fn watch_changes(shared: &Shared<'_>) -> Outcome {
    let mut heard = shared.hub.changes.listen();
    loop {
        match heard.recv().await {
            Ok(Change::SignedOut(id)) if id == shared.connected.request.caller.sign_in_id => {
                return signed_out();
            }
            // It ends its sessions; what it says of them is not heard any more.
            Ok(Change::SatelliteRevoked(id)) if id == shared.connected.satellite => {
                let message = "this site's satellite was revoked by an administrator";
                return Outcome::Hub(closed(EndCode::TerminatedByAdmin, message, Hop::Hub, true));
            }
            Ok(_) => {}
            Err(RecvError::Lagged(_)) if !still_signed_in(shared).await => return signed_out(),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// Asks the books now and then, beside the byte path: they may be slow, or away.
async fn watch_sign_in(shared: &Shared<'_>) -> Outcome {
    loop {
        tokio::time::sleep(PING_EVERY).await;
        if !still_signed_in(shared).await {
            return signed_out();
        }
    }
}

/// A live shell counts as use of the sign-in; an ended sign-in ends the attachment.
async fn still_signed_in(shared: &Shared<'_>) -> bool {
    let id = shared.connected.request.caller.sign_in_id;
    let pool = &shared.hub.pool;
    let checked = async {
        let stands = sign_ins::stands(pool, id).await?;
        if stands {
            sign_ins::touch(pool, id).await?;
        }
        Ok::<_, crate::store::StoreError>(stands)
    };
    match checked.await {
        Ok(stands) => stands,
        // The books are away: the shell goes on.
        Err(error) => {
            tracing::warn!(%error, "a sign-in could not be checked");
            true
        }
    }
}

fn signed_out() -> Outcome {
    let message = "you signed out; the session waits for its grace time";
    Outcome::Hub(closed(EndCode::SignedOut, message, Hop::Hub, false))
}

fn malformed(message: &str) -> Outcome {
    Outcome::Hub(closed(EndCode::BadOffset, message, Hop::Hub, false))
}

/// Sends `closed` and the close frame; whether the browser confirmed. Its last acknowledgements still go to the site.
async fn say_closed(
    sink: &mut Sink,
    stream: &mut Stream,
    closed: &Closed,
    writer: &mut ChannelWriter,
) -> bool {
    let say = async {
        sink.send(text(wire::closed(closed))).await.ok()?;
        sink.send(Message::Close(None)).await.ok()?;
        loop {
            match stream.next().await?.ok()? {
                Message::Close(_) => return Some(()),
                Message::Text(json) => {
                    if let Ok(ClientText::Ack { output_offset }) = serde_json::from_str(&json) {
                        let _ = writer.send(&ToSite::OutputAck(OutputAck { output_offset })).await;
                    }
                }
                _ => {}
            }
        }
    };
    tokio::time::timeout(LAST_WORD, say).await.ok().flatten().is_some()
}

fn text(json: String) -> Message {
    Message::Text(json.into())
}
