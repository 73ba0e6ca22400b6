//! From the site to the browser: session bytes unread and uncopied, messages as the browser's JSON.

use std::pin::pin;
use std::sync::atomic::Ordering;

use axum::extract::ws::{Message, Utf8Bytes};
use futures::SinkExt;
use openpam_link::channel::{ChannelError, ChannelReader, Incoming};
use openpam_proto::attach::{Closed, Opened, ToHub};
use openpam_proto::desktop::DesktopOpened;
use openpam_proto::end::{EndCode, Hop};
use openpam_proto::frame::Data;
use openpam_proto::limits::MAX_SCREEN_BYTES;
use tokio::sync::mpsc;

use super::{Carried, Outcome, Sink, text};
use crate::relay::wire::{Language, ServerText};
use crate::relay::{closed, pings};

/// Gives the browser `words`, then what its session says, or only answers while its site is away. Ends between two
/// frames, so that nothing is lost with a lost tunnel. A tunnel that is `replaced` is left at once: what it still
/// carries comes again over the next.
pub(super) async fn to_browser(
    carried: &Carried<'_>,
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
                Ok(Some(incoming)) => match give(carried, reader.as_deref_mut(), sink, &mut screen, incoming).await {
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
    carried: &Carried<'_>,
    mut reader: Option<&mut ChannelReader>,
    sink: &mut Sink,
    screen: &mut Vec<u8>,
    first: Incoming<ToHub>,
) -> Result<Option<Closed>, axum::Error> {
    let mut arrived = Some(first);
    while let Some(incoming) = arrived {
        match incoming {
            Incoming::Data(data) => {
                carried.given.store(data.end(), Ordering::Relaxed);
                let Some(message) = frame(carried.request.language, &data) else {
                    let message = "the site sent a picture that is no text";
                    return Ok(Some(closed(EndCode::Internal, message, Hop::Site, false)));
                };
                sink.feed(message).await?;
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
                    let whole = ServerText::Screen { cols: piece.cols, rows: piece.rows, data: &data };
                    sink.feed(text(carried.write(&whole))).await?;
                    *screen = Vec::new();
                }
            }
            Incoming::Message(message) => {
                if let ToHub::InputAck(ack) = &message {
                    carried.took(ack.input_offset);
                }
                if let Some(said) = said(&message).filter(|said| is_for(carried.request.language, said)) {
                    sink.feed(text(carried.write(&said))).await?;
                }
            }
        }
        // A malformed frame shows again at the next read.
        arrived = reader.as_mut().and_then(|reader| reader.buffered().ok().flatten());
    }
    sink.flush().await?;
    if carried.request.language == Language::Desktop {
        // What its line took: a slow one takes no more, and the site waits.
        carried.passed_on.send_replace(carried.given.load(Ordering::Relaxed));
    }
    Ok(None)
}

/// A frame as the browser's WebSocket has it; `None`: a site sent bytes where text belongs.
fn frame(language: Language, data: &Data) -> Option<Message> {
    match language {
        Language::Shell => Some(Message::Binary(data.wire().clone())),
        Language::Desktop => Utf8Bytes::try_from(data.bytes()).ok().map(Message::Text),
    }
}

/// A desktop's browser knows no offsets, and sees its size in the picture.
const fn is_for(language: Language, said: &ServerText<'_>) -> bool {
    match language {
        Language::Shell => true,
        Language::Desktop => !matches!(said, ServerText::Ack { .. } | ServerText::Resized { .. }),
    }
}

fn said(message: &ToHub) -> Option<ServerText<'_>> {
    let text = match message {
        ToHub::InputAck(ack) => ServerText::Ack { input_offset: ack.input_offset },
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
            what: notice.what.as_deref(),
        },
        ToHub::Resized(size) => ServerText::Resized { cols: size.cols, rows: size.rows },
        _ => return None,
    };
    Some(text)
}

/// What the browser is told first.
pub(super) fn opened(carried: &Carried<'_>, opened: &Opened) -> String {
    let mode = if carried.watches { "watch" } else { "own" };
    if let Some(DesktopOpened { transfer, view }) = opened.desktop {
        return carried.write(&ServerText::DesktopOpened {
            session_id: carried.session_id,
            mode,
            width: view.width,
            height: view.height,
            transfer: transfer.into(),
        });
    }
    carried.write(&ServerText::Opened {
        session_id: carried.session_id,
        mode,
        output_offset: opened.output_offset,
        output_end: opened.output_end,
        input_offset: opened.input_offset,
        cols: opened.cols,
        rows: opened.rows,
    })
}
