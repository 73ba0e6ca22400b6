//! What ends an attachment from the hub's side, and how the last word is said.

use std::time::Duration;

use axum::extract::ws::Message;
use futures::{SinkExt, StreamExt};
use openpam_ids::SatelliteId;
use openpam_link::channel::ChannelWriter;
use openpam_proto::attach::{Closed, OutputAck, ToSite};
use openpam_proto::end::{EndCode, Hop};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::{Carried, Outcome, Sink, Stream, text};
use crate::changes::Change;
use crate::relay::wire::{ClientText, Language};
use crate::relay::{closed, wire};
use crate::store::access::{self, AccessError};
use crate::store::sign_ins;

/// Silence after which a browser counts as gone.
pub(super) const SILENCE: Duration = Duration::from_secs(30);
/// How often the books are asked whether the sign-in stands, and who watches still may: that was changed by another process.
const ASK_EVERY: Duration = Duration::from_secs(15);
/// A browser has this long to take the last word.
const LAST_WORD: Duration = Duration::from_secs(5);

/// Waits for whatever ends the attachment but the session, the tunnel and the browser's own word.
pub(super) async fn outside(
    carried: &Carried<'_>,
    changes: &mut broadcast::Receiver<Change>,
    satellite: SatelliteId,
) -> Outcome {
    tokio::select! {
        end = watch_changes(carried, changes, satellite) => end,
        end = watch_sign_in(carried) => end,
        () = silent(carried) => Outcome::Browser,
    }
}

/// Waits until nothing was heard of the browser for too long, whatever else is stuck on its way to it.
async fn silent(carried: &Carried<'_>) {
    while let Some(rest) = SILENCE.checked_sub(carried.silence()) {
        tokio::time::sleep(rest.max(Duration::from_millis(100))).await;
    }
}

async fn watch_changes(
    carried: &Carried<'_>,
    changes: &mut broadcast::Receiver<Change>,
    satellite: SatelliteId,
) -> Outcome {
    loop {
        match changes.recv().await {
            Ok(Change::SignedOut(id)) if id == carried.request.caller.sign_in_id => {
                return signed_out();
            }
            // Their own sessions end at the site; others' go on.
            Ok(Change::UserDisabled(id)) if carried.watches && id == carried.request.caller.user_id => {
                let message = "your account was disabled by an administrator";
                return Outcome::Hub(closed(EndCode::UserDisabled, message, Hop::Hub, false));
            }
            Ok(Change::WatchingEnded(id)) if carried.watches && id == carried.request.caller.user_id => {
                return watching_ended();
            }
            // It ends its sessions; what it says of them is not heard any more.
            Ok(Change::SatelliteRevoked(id)) if id == satellite => {
                let message = "this site's satellite was revoked by an administrator";
                return Outcome::Hub(closed(EndCode::TerminatedByAdmin, message, Hop::Hub, true));
            }
            Ok(Change::Missed) | Err(RecvError::Lagged(_)) => {
                if let Some(end) = ask_books(carried).await {
                    return end;
                }
            }
            Ok(_) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// Asks the books now and then, beside the byte path: they may be slow, or away.
async fn watch_sign_in(carried: &Carried<'_>) -> Outcome {
    loop {
        tokio::time::sleep(ASK_EVERY).await;
        if let Some(end) = ask_books(carried).await {
            return end;
        }
    }
}

async fn ask_books(carried: &Carried<'_>) -> Option<Outcome> {
    if !still_signed_in(carried).await {
        return Some(signed_out());
    }
    (carried.watches && !may_still_watch(carried).await).then(watching_ended)
}

async fn may_still_watch(carried: &Carried<'_>) -> bool {
    // While the books are away, the watcher stays.
    let asked = access::may_watch(&carried.hub.pool, carried.request.caller.user_id).await;
    !matches!(asked, Err(AccessError::Denied(_)))
}

fn watching_ended() -> Outcome {
    let message = "your account may no longer watch sessions";
    Outcome::Hub(closed(EndCode::NotGranted, message, Hop::Hub, false))
}

/// A live session counts as use of the sign-in; an ended sign-in ends the attachment.
async fn still_signed_in(carried: &Carried<'_>) -> bool {
    let id = carried.request.caller.sign_in_id;
    let pool = &carried.hub.pool;
    let checked = async {
        let stands = sign_ins::stands(pool, id).await?;
        if stands {
            sign_ins::touch(pool, id).await?;
        }
        Ok::<_, crate::store::StoreError>(stands)
    };
    match checked.await {
        Ok(stands) => stands,
        // The books are away: the session goes on.
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

/// Sends `closed` and the close frame; whether the browser confirmed. Its last acknowledgements still go to the site.
pub(super) async fn say_closed(
    language: Language,
    sink: &mut Sink,
    stream: &mut Stream,
    closed: &Closed,
    writer: &mut ChannelWriter,
) -> bool {
    let say = async {
        sink.send(text(language.write(&wire::closed(closed)))).await.ok()?;
        sink.send(Message::Close(None)).await.ok()?;
        loop {
            match stream.next().await?.ok()? {
                Message::Close(_) => return Some(()),
                Message::Text(said) => {
                    if let Some(ClientText::Ack { output_offset }) = language.read(&said) {
                        let _ = writer.send(&ToSite::OutputAck(OutputAck { output_offset })).await;
                    }
                }
                _ => {}
            }
        }
    };
    tokio::time::timeout(LAST_WORD, say).await.ok().flatten().is_some()
}

/// Says the last word to a browser that never got an attachment.
pub async fn refuse(language: Language, mut sink: Sink, mut stream: Stream, closed: &Closed) {
    let last = text(language.write(&wire::closed(closed)));
    if sink.send(last).await.is_ok() && sink.send(Message::Close(None)).await.is_ok() {
        let drain = async { while let Some(Ok(_)) = stream.next().await {} };
        let _ = tokio::time::timeout(LAST_WORD, drain).await;
    }
}
