//! From the site to the browser: session bytes unread and uncopied, messages as the browser's JSON.

use std::pin::pin;
use std::sync::atomic::Ordering;

use axum::extract::ws::Message;
use futures::SinkExt;
use openpam_link::channel::{ChannelError, ChannelReader, Incoming};
use openpam_proto::attach::{Closed, Opened, ToHub};
use openpam_proto::end::{EndCode, Hop};
use openpam_proto::limits::MAX_SCREEN_BYTES;
use tokio::sync::mpsc;

use super::{Outcome, Shell, Sink, text};
use crate::relay::wire::ServerText;
use crate::relay::{closed, pings};

/// Gives the browser `words`, then what its session says, or only answers while its site is away. Ends between two
/// frames, so that nothing is lost with a lost tunnel. A tunnel that is `replaced` is left at once: what it still
/// carries comes again over the next.
pub(super) async fn to_browser(
    shell: &Shell<'_>,
    mut reader: Option<&mut ChannelReader>,
    replaced: impl Future<Output = ()>,
    sink: &mut Sink,
    answers: &mut mpsc::Receiver<String>,
    words: Vec<String>,
) -> Outcome {
    if say(sink, words).await.is_err() {
        return Outcome::Browser;
    }
    let mut ping = pings();
    let mut screen = Vec::new();
    let mut replaced = pin!(replaced);
    loop {
        let sent = tokio::select! {
            incoming = next(reader.as_deref_mut()) => match incoming {
                Ok(Some(incoming)) => match give(shell, reader.as_deref_mut(), sink, &mut screen, incoming).await {
                    Ok(None) => Ok(()),
                    Ok(Some(closed)) => return Outcome::Site(closed),
                    Err(error) => Err(error),
                },
                Ok(None) | Err(_) => return Outcome::Lost,
            },
            () = &mut replaced => return Outcome::Lost,
            Some(answer) = answers.recv() => sink.send(text(answer)).await,
            _ = ping.tick() => sink.send(Message::Ping(Vec::new().into())).await,
        };
        if sent.is_err() {
            return Outcome::Browser;
        }
    }
}

/// What the site says next; without a site, nothing ever.
async fn next(reader: Option<&mut ChannelReader>) -> Result<Option<Incoming<ToHub>>, ChannelError> {
    match reader {
        Some(reader) => reader.next().await,
        None => std::future::pending().await,
    }
}

async fn say(sink: &mut Sink, words: Vec<String>) -> Result<(), axum::Error> {
    for word in words {
        sink.feed(text(word)).await?;
    }
    sink.flush().await
}

/// Gives the browser what arrived, and everything that arrived with it, then flushes once.
async fn give(
    shell: &Shell<'_>,
    mut reader: Option<&mut ChannelReader>,
    sink: &mut Sink,
    screen: &mut Vec<u8>,
    first: Incoming<ToHub>,
) -> Result<Option<Closed>, axum::Error> {
    let mut arrived = Some(first);
    while let Some(incoming) = arrived {
        match incoming {
            Incoming::Data(data) => {
                shell.given.store(data.end(), Ordering::Relaxed);
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
                    shell.took(ack.input_offset);
                }
                if let Some(json) = to_json(&message) {
                    sink.feed(text(json)).await?;
                }
            }
        }
        // A malformed frame shows again at the next read.
        arrived = reader.as_mut().and_then(|reader| reader.buffered().ok().flatten());
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
            held_until: None,
            by: notice.by.as_deref(),
            watchers: notice.by.as_ref().map(|_| notice.watchers.as_slice()),
            end_code: notice.ending.as_ref().map(|ending| ending.code.as_str()),
            left_s: notice.ending.as_ref().map(|ending| ending.left_s),
        }
        .to_json(),
        ToHub::Resized(size) => ServerText::Resized { cols: size.cols, rows: size.rows }.to_json(),
        _ => return None,
    };
    Some(text)
}

/// What the browser is told first.
pub(super) fn opened(shell: &Shell<'_>, opened: &Opened) -> String {
    ServerText::Opened {
        session_id: shell.session_id,
        mode: if shell.watches { "watch" } else { "own" },
        output_offset: opened.output_offset,
        output_end: opened.output_end,
        input_offset: opened.input_offset,
        cols: opened.cols,
        rows: opened.rows,
    }
    .to_json()
}
