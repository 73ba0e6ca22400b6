//! From the browser to the site. What it says is kept first and sent then, so that it is not lost with a tunnel.

use std::pin::pin;
use std::time::Instant;

use axum::extract::ws::Message;
use bytes::BytesMut;
use futures::StreamExt;
use openpam_link::channel::{ChannelError, ChannelWriter};
use openpam_proto::attach::{End, OutputAck, Resize, ToSite};
use openpam_proto::end::{EndCode, Hop, NoticeCode};
use openpam_proto::frame::Data;
use openpam_proto::guacamole;
use openpam_proto::limits::{INPUT_QUEUE_BYTES, TERMINAL_CELLS};
use tokio::sync::mpsc;

use super::ends::SILENCE;
use super::{Carried, Outcome, Stream};
use crate::relay::wire::{ClientText, Language, ServerText};
use crate::relay::{closed, wire};

/// One thing that the site is to be told.
enum Heard {
    Input(Data),
    Message(ToSite),
}

/// Tells the site what the browser says; first what it does not know yet, if another tunnel carried this before.
///
/// Never ends because the tunnel is lost: the reading side sees that, and is not to be interrupted.
pub(super) async fn to_site(
    carried: &Carried<'_>,
    stream: &mut Stream,
    writer: &mut ChannelWriter,
    answers: &mpsc::Sender<String>,
    resumed: bool,
) -> Outcome {
    if resumed && catch_up(carried, writer).await.is_err() {
        return std::future::pending().await;
    }
    let mut passed_on = carried.passed_on.subscribe();
    if carried.request.language == Language::Desktop {
        // What was passed on before this began to look is told too: the site waits for it.
        passed_on.mark_changed();
    }
    loop {
        let mut hear = pin!(hear(carried, stream, answers));
        let heard = loop {
            tokio::select! {
                heard = &mut hear => break heard,
                Ok(()) = passed_on.changed() => {
                    let output_offset = *passed_on.borrow_and_update();
                    if writer.send(&ToSite::OutputAck(OutputAck { output_offset })).await.is_err() {
                        return std::future::pending().await;
                    }
                }
            }
        };
        let sent = match heard {
            Ok(Heard::Input(data)) => writer.relay(&data).await,
            Ok(Heard::Message(message)) => writer.send(&message).await,
            Err(end) => return end,
        };
        if sent.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Hears the browser while its session's site is away.
pub(super) async fn keep(
    carried: &Carried<'_>,
    stream: &mut Stream,
    answers: &mpsc::Sender<String>,
) -> Outcome {
    loop {
        if let Err(end) = hear(carried, stream, answers).await {
            return end;
        }
    }
}

async fn catch_up(carried: &Carried<'_>, writer: &mut ChannelWriter) -> Result<(), ChannelError> {
    let (output_offset, (cols, rows), wants_end, input) = {
        let said = carried.said();
        (said.output_acknowledged(), said.size(), said.wants_end(), said.untaken())
    };
    writer.send(&ToSite::OutputAck(OutputAck { output_offset })).await?;
    writer.send(&ToSite::Resize(Resize { cols, rows })).await?;
    if wants_end {
        writer.send(&end()).await?;
    }
    for data in input {
        wait_for_room(carried, data.end()).await;
        writer.relay(&data).await?;
    }
    Ok(())
}

fn end() -> ToSite {
    ToSite::End(End { code: EndCode::ClosedByUser, message: "you closed this session".to_owned() })
}

/// The next thing that the site is to be told, once there is room for it there. Cancel-safe: what was read is kept.
async fn hear(
    carried: &Carried<'_>,
    stream: &mut Stream,
    answers: &mpsc::Sender<String>,
) -> Result<Heard, Outcome> {
    while let Some(Ok(message)) = stream.next().await {
        let received = Instant::now();
        carried.hear();
        match message {
            Message::Text(said) if carried.request.language == Language::Desktop => {
                if let Some(heard) = instructions(carried, &said, received, answers)? {
                    if let Heard::Input(data) = &heard {
                        wait_for_room(carried, data.end()).await;
                    }
                    return Ok(heard);
                }
            }
            Message::Binary(_) if carried.request.language == Language::Desktop => {
                return Err(malformed("a desktop is spoken to in text"));
            }
            Message::Binary(_) if carried.watches => refuse_watcher(carried, answers),
            Message::Binary(bytes) => {
                let Ok(data) = Data::from_wire(bytes) else {
                    return Err(malformed("a binary frame must hold an offset and 1 to 65536 bytes"));
                };
                let kept = carried.said().typed(&data);
                kept.map_err(|_| malformed("input before this piece is missing"))?;
                wait_for_room(carried, data.end()).await;
                return Ok(Heard::Input(data));
            }
            Message::Text(json) => {
                let Ok(said) = serde_json::from_str(&json) else {
                    return Err(malformed("a text message must be a JSON object with a type"));
                };
                if let Some(message) = understand(carried, said, received, answers)? {
                    return Ok(Heard::Message(message));
                }
            }
            Message::Close(_) => return Err(Outcome::Browser),
            Message::Ping(_) | Message::Pong(_) => {}
        }
    }
    Err(Outcome::Browser)
}

/// What a desktop's browser says: its own words with us, and what is for the desktop.
fn instructions(
    carried: &Carried<'_>,
    said: &str,
    received: Instant,
    answers: &mpsc::Sender<String>,
) -> Result<Option<Heard>, Outcome> {
    let (mut input, mut wants_end, mut presses) = (BytesMut::new(), None, false);
    let whole =
        guacamole::whole(said.as_bytes(), usize::MAX, |next| match (next.opcode(), next.argument(0)) {
            // guacamole-common-js measures by it whether its WebSocket lives.
            ("", "ping") => {
                let _ = answers.try_send(next.text().to_owned());
            }
            ("", _) => {
                if let Ok(Some(message)) = understand(carried, ClientText::of(next), received, answers) {
                    wants_end = Some(message);
                }
            }
            ("key", _) => {
                presses = true;
                input.extend_from_slice(next.text().as_bytes());
            }
            _ => input.extend_from_slice(next.text().as_bytes()),
        });
    if whole != Ok(said.len()) {
        return Err(malformed("a text message must be whole instructions of Guacamole's protocol"));
    }
    if let Some(end) = wants_end {
        return Ok(Some(Heard::Message(end)));
    }
    if carried.watches {
        if presses {
            refuse_watcher(carried, answers);
        }
        return Ok(None);
    }
    if input.is_empty() {
        return Ok(None);
    }
    let mut said = carried.said();
    let data = Data::new(said.input_end(), &input)
        .map_err(|_| malformed("a text message holds at most 65536 bytes"))?;
    // It begins where the last one ended.
    let _ = said.typed(&data);
    Ok(Some(Heard::Input(data)))
}

fn understand(
    carried: &Carried<'_>,
    said: ClientText,
    received: Instant,
    answers: &mpsc::Sender<String>,
) -> Result<Option<ToSite>, Outcome> {
    Ok(match said {
        ClientText::Resize { .. } | ClientText::Close if carried.watches => {
            refuse_watcher(carried, answers);
            None
        }
        ClientText::Ack { output_offset } => {
            carried.said().consumed(output_offset);
            Some(ToSite::OutputAck(OutputAck { output_offset }))
        }
        ClientText::Resize { cols, rows }
            if TERMINAL_CELLS.contains(&cols) && TERMINAL_CELLS.contains(&rows) =>
        {
            carried.said().resized(cols, rows);
            Some(ToSite::Resize(Resize { cols, rows }))
        }
        ClientText::Resize { .. } => return Err(malformed("a terminal has 1 to 1000 columns and rows")),
        ClientText::Ping { t } => {
            let site_ms = carried.round_trip_ms();
            let hub_ms = received.elapsed().as_secs_f64() * 1000.0;
            // A browser that does not take its answers does not get more of them.
            let _ = answers.try_send(carried.write(&ServerText::Pong { t: &t, hub_ms, site_ms }));
            None
        }
        ClientText::Close => {
            carried.said().ended();
            Some(end())
        }
        ClientText::Agree | ClientText::Other => None,
    })
}

/// Waits until the site acknowledged enough input that a piece with this end may follow.
async fn wait_for_room(carried: &Carried<'_>, end: u64) {
    let mut taken = carried.taken.subscribe();
    let mut room = Box::pin(taken.wait_for(|taken| end.saturating_sub(*taken) <= INPUT_QUEUE_BYTES as u64));
    while tokio::time::timeout(SILENCE / 3, &mut room).await.is_err() {
        // While waiting nothing is read, so nothing can be heard: the browser is not called silent for that.
        carried.hear();
    }
    carried.hear();
}

/// Who watches is told so, and goes on watching.
fn refuse_watcher(carried: &Carried<'_>, answers: &mpsc::Sender<String>) {
    let message = "you only watch this session: you cannot type, resize or close it here";
    // A browser that does not take its answers does not get more of them.
    let _ = answers.try_send(carried.write(&wire::notice(NoticeCode::WatchOnly, message, None)));
}

fn malformed(message: &str) -> Outcome {
    Outcome::Hub(closed(EndCode::BadOffset, message, Hop::Hub, false))
}
