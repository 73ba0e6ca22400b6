//! The relay: a browser's WebSocket on one side, a session's channel at its site on the other.
//!
//! It keeps no session state: what a session is lives at its satellite. Before the upgrade only 400, 401, 403 and
//! 426 are said; everything else is said on the WebSocket, as a `closed` message.

pub mod carry;
pub mod connect;
pub mod consent;
pub mod dial;
pub mod host_key;
pub mod said;
pub mod test;
pub mod wire;

use std::time::{Duration, Instant};

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse, Response};
use futures::{SinkExt, StreamExt};
use openpam_ids::{CredentialId, SessionId, TargetId};
use openpam_link::traces;
use openpam_policy::Authorization;
use openpam_proto::attach::Closed;
use openpam_proto::desktop::{Quality, View};
use openpam_proto::end::{EndCode, Hop, StepName};
use openpam_proto::guacamole;
use openpam_proto::limits::TERMINAL_CELLS;
use serde::Deserialize;
use tokio::sync::mpsc;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use self::consent::Refusal;
use self::wire::{ClientText, Language, ServerText};
use crate::api::problem::Problem;
use crate::app::AppState;
use crate::auth::Caller;
use crate::request_id::RequestSpan;
use crate::store::kinds::Protocol;

/// Below this path browsers come for sessions.
pub const PATH: &str = "/api/ws/connect/";
/// Largest message taken from a browser; frames are judged more finely afterwards.
const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// Read from a browser at once: keys are small, and each open shell holds this much.
const READ_BYTES: usize = 8 * 1024;
/// Steps of one opening.
const STEPS: usize = 8;
/// How often a browser is asked whether it is there. Proxies between end a WebSocket on which nothing moves.
const PING_EVERY: Duration = Duration::from_secs(15);
/// A browser that opens nothing within this is let go.
const OPEN_TIMEOUT: Duration = Duration::from_secs(60);

/// The query of a session's WebSocket: columns, rows and an offset for a shell, a window for a desktop.
#[derive(Debug, Deserialize)]
pub struct SessionQuery {
    #[serde(default = "default_cols")]
    cols: u16,
    #[serde(default = "default_rows")]
    rows: u16,
    #[serde(default = "default_width")]
    width: u16,
    #[serde(default = "default_height")]
    height: u16,
    #[serde(default = "default_dpi")]
    dpi: u16,
    /// One that this hub does not know is none.
    #[serde(default)]
    quality: String,
    credential: Option<CredentialId>,
    session: Option<SessionId>,
    offset: Option<u64>,
}

const fn default_cols() -> u16 {
    80
}

const fn default_rows() -> u16 {
    24
}

const fn default_width() -> u16 {
    1024
}

const fn default_height() -> u16 {
    768
}

const fn default_dpi() -> u16 {
    96
}

/// What a browser wants, checked for shape.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who.
    pub caller: Caller,
    /// Which target.
    pub target_id: TargetId,
    /// With which protocol.
    pub protocol: Protocol,
    /// What its WebSocket speaks.
    pub language: Language,
    /// Which of its credentials, if said.
    pub credential: Option<CredentialId>,
    /// The first output byte wanted, on an attach.
    pub offset: Option<u64>,
    /// Terminal columns.
    pub cols: u16,
    /// Terminal rows.
    pub rows: u16,
    /// The browser's window, for a desktop.
    pub view: Option<View>,
}

/// `GET /api/ws/connect/{protocol}/{target_id}`.
pub async fn connect(
    State(hub): State<AppState>,
    caller: Option<Caller>,
    path: Result<Path<(String, TargetId)>, axum::extract::rejection::PathRejection>,
    query: Result<Query<SessionQuery>, axum::extract::rejection::QueryRejection>,
    Extension(RequestSpan(span)): Extension<RequestSpan>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let bad = |what: &str| Problem::invalid(what).into_response();
    let Ok(Path((protocol, target_id))) = path else { return bad("the target's id is no UUID") };
    let Ok(Query(query)) = query else { return bad("the query does not fit; see the API's description") };
    let (protocol, language) = match protocol.as_str() {
        "ssh" => (Protocol::Ssh, Language::Shell),
        "rdp" => (Protocol::Rdp, Language::Desktop),
        "vnc" => (Protocol::Vnc, Language::Desktop),
        _ => return bad("the protocol must be ssh, rdp or vnc"),
    };
    let Ok(quality) = query.quality.parse::<Quality>();
    let view = View { width: query.width, height: query.height, dpi: query.dpi, quality };
    if !view.is_possible() {
        return bad("a desktop has 16 to 8192 pixels in each direction, and 24 to 960 of them per inch");
    }
    if !TERMINAL_CELLS.contains(&query.cols) || !TERMINAL_CELLS.contains(&query.rows) {
        return bad("a terminal has 1 to 1000 columns and rows");
    }
    if query.offset.is_some() && (query.session.is_none() || language == Language::Desktop) {
        return bad("an offset needs a session of a shell");
    }
    let Ok(upgrade) = upgrade else { return Problem::upgrade_required().into_response() };
    let upgrade = upgrade.protocols([language.subprotocol()]);
    if upgrade.selected_protocol().is_none() {
        let subprotocol = language.subprotocol();
        return bad(&format!("the WebSocket must ask for the subprotocol {subprotocol}"));
    }
    let session = query.session;
    let Some(caller) = caller else {
        let message = "the hub's database does not answer; try again in a moment";
        let away = closed(EndCode::Internal, message, Hop::Hub, session.is_none());
        return upgrade.on_upgrade(async move |socket| {
            let (sink, stream) = socket.split();
            carry::refuse(language, sink, stream, &away).await;
        });
    };
    // The WebSocket goes on in a task of its own, below the same trace.
    let answered = traces::traceparent(&Span::current());
    let request = Request {
        caller,
        target_id,
        protocol,
        language,
        credential: query.credential,
        offset: query.offset,
        cols: query.cols,
        rows: query.rows,
        view: (language == Language::Desktop).then_some(view),
    };
    upgrade
        .read_buffer_size(READ_BYTES)
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .on_upgrade(move |socket| serve(hub, request, session, socket, answered).instrument(span))
}

/// What a browser gets.
enum Wanted {
    /// A session that exists.
    Session(SessionId),
    /// A new one, by this right.
    New(Authorization),
}

async fn serve(
    hub: AppState,
    request: Request,
    session: Option<SessionId>,
    socket: WebSocket,
    answered: Option<String>,
) {
    let mut begun = Instant::now();
    let (mut sink, mut stream) = socket.split();
    let (steps, mut done) = mpsc::channel::<StepName>(STEPS);
    let (language, session_id) = (request.language, session.unwrap_or_else(SessionId::generate));
    // Guacamole's clients take the first instruction for the tunnel's name.
    if language == Language::Desktop
        && sink
            .send(Message::Text(guacamole::instruction(&["", &session_id.to_string()]).into()))
            .await
            .is_err()
    {
        return;
    }
    let wanted = match session {
        Some(session) => Wanted::Session(session),
        None => match consent::authorize(&hub, &request, &mut sink, &mut stream).await {
            Ok(authorization) => {
                if authorization.terms().consent.is_some() {
                    // The steps do not count how long somebody read.
                    begun = Instant::now();
                }
                Wanted::New(authorization)
            }
            Err(Refusal::Left) => return,
            Err(Refusal::Closed(closed)) => return carry::refuse(language, sink, stream, &closed).await,
        },
    };
    let opening = opening(&request, session, answered.as_deref());
    let connecting = async {
        let connected = match &wanted {
            Wanted::Session(session) => connect::attach(&hub, &request, *session).await,
            Wanted::New(authorization) => {
                connect::open(&hub, &request, authorization, session_id, &steps).await
            }
        };
        drop(steps);
        connected
    };
    let connecting = connecting.instrument(opening.clone());
    let telling = async {
        let mut ping = pings();
        loop {
            let message = tokio::select! {
                step = done.recv() => {
                    let Some(step) = step else { break };
                    let elapsed_ms = begun.elapsed().as_millis() as u64;
                    let step = ServerText::Step { name: step.as_str(), elapsed_ms };
                    Message::Text(language.write(&step).into())
                }
                _ = ping.tick() => Message::Ping(Vec::new().into()),
            };
            if sink.send(message).await.is_err() {
                break;
            }
        }
    };
    let connected = tokio::select! {
        (connected, ()) = async { tokio::join!(connecting, telling) } => connected,
        () = left(language, &mut stream) => return,
        () = tokio::time::sleep(OPEN_TIMEOUT) => {
            // A session that exists lives on; the client tries again.
            Err(closed(EndCode::Internal, "the session did not open in time", Hop::Site, session.is_none()))
        }
    };
    match connected {
        Ok(connected) => {
            opening.record("session.id", connected.session_id.to_string());
            drop(opening);
            let span = tracing::info_span!("session", id = %connected.session_id);
            carry::carry(&hub, &request, sink, stream, connected).instrument(span).await
        }
        Err(closed) => {
            opening.record("error.type", closed.code.as_str());
            opening.record("otel.status_code", "ERROR");
            drop(opening);
            carry::refuse(language, sink, stream, &closed).await
        }
    }
}

/// The trace's span from the right to the site's word.
fn opening(request: &Request, session: Option<SessionId>, answered: Option<&str>) -> Span {
    let name = if session.is_some() { "attach" } else { "open session" };
    let span = tracing::debug_span!(
        "opening",
        otel.name = name,
        otel.status_code = Empty,
        error.r#type = Empty,
        session.id = Empty,
        target.id = %request.target_id,
    );
    traces::continues(&span, answered);
    span
}

/// Ticks whenever a browser is to be pinged, from now on.
fn pings() -> tokio::time::Interval {
    tokio::time::interval_at((Instant::now() + PING_EVERY).into(), PING_EVERY)
}

/// Waits until the browser gives up before there is a session.
async fn left(language: Language, stream: &mut futures::stream::SplitStream<WebSocket>) {
    while let Some(Ok(message)) = stream.next().await {
        match message {
            Message::Close(_) => return,
            Message::Text(text) if matches!(language.read(&text), Some(ClientText::Close)) => return,
            _ => {}
        }
    }
}

/// A close that the hub says itself.
#[must_use]
pub fn closed(code: EndCode, message: &str, hop: Hop, ended: bool) -> Closed {
    Closed { code, message: message.to_owned(), hop, ended, exit_status: None, exit_signal: None }
}
