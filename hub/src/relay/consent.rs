//! The right to open a new session, and the user's word where the grant asks for it.
//!
//! Asked on the WebSocket, before anything is dialled: the notice `consent` with the grant's text, which the client
//! answers with `agree`. What was agreed to is in the chain of events, with the session.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use openpam_policy::Authorization;
use openpam_proto::attach::Closed;
use openpam_proto::end::{EndCode, Hop, NoticeCode};

use super::wire::{ClientText, Language};
use super::{Request, closed, connect, pings, wire};
use crate::app::Hub;
use crate::store::sign_ins;

/// A user has this long to read and to agree.
const PATIENCE: Duration = Duration::from_mins(5);

/// Why there is no authorization.
pub enum Refusal {
    /// The browser is to be told this.
    Closed(Closed),
    /// The browser is gone.
    Left,
}

impl From<Closed> for Refusal {
    fn from(closed: Closed) -> Self {
        Self::Closed(closed)
    }
}

/// Asks the policy, then the user for as long as it names a text that they have not agreed to.
///
/// # Errors
/// [`Refusal`].
pub async fn authorize(
    hub: &Hub,
    request: &Request,
    sink: &mut SplitSink<WebSocket, Message>,
    stream: &mut SplitStream<WebSocket>,
) -> Result<Authorization, Refusal> {
    let mut agreed = None;
    loop {
        let authorization = connect::authorize(hub, request).await?;
        let Some(text) = authorization.terms().consent.clone().filter(|text| agreed.as_ref() != Some(text))
        else {
            return Ok(authorization);
        };
        let asked = tokio::time::timeout(PATIENCE, ask(request.language, &text, sink, stream)).await;
        asked.map_err(|_| late())??;
        let stands = sign_ins::stands(&hub.pool, request.caller.sign_in_id).await;
        if !stands.map_err(connect::store_failed)? {
            let message = "you signed out before the session opened";
            return Err(closed(EndCode::SignedOut, message, Hop::Hub, true).into());
        }
        // While they read, the right may have gone, or its terms changed.
        agreed = Some(text);
    }
}

async fn ask(
    language: Language,
    text: &str,
    sink: &mut SplitSink<WebSocket, Message>,
    stream: &mut SplitStream<WebSocket>,
) -> Result<(), Refusal> {
    let question = language.write(&wire::notice(NoticeCode::Consent, text, None));
    sink.send(Message::Text(question.into())).await.map_err(|_| Refusal::Left)?;
    let mut ping = pings();
    loop {
        tokio::select! {
            said = stream.next() => match said {
                Some(Ok(Message::Text(text))) => match language.read(&text) {
                    Some(ClientText::Agree) => return Ok(()),
                    Some(ClientText::Close) => return Err(Refusal::Left),
                    _ => {}
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Refusal::Left),
                Some(Ok(_)) => {}
            },
            _ = ping.tick() => {
                sink.send(Message::Ping(Vec::new().into())).await.map_err(|_| Refusal::Left)?;
            }
        }
    }
}

fn late() -> Refusal {
    let message = "you did not agree to the conditions of this target in time; open it again";
    closed(EndCode::ClosedByUser, message, Hop::Hub, true).into()
}
