//! The id of each request: in its answer, in every line of the log that comes of it, and in its trace.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use axum::extract::connect_info::ConnectInfo;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use openpam_ids::Uuid;
use openpam_link::traces;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::app::AppState;
use crate::auth::{Peer, origin};

/// As proxies know it.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longer ones are not taken from anybody.
const MAX_CHARS: usize = 64;

/// Middleware around everything. A trusted proxy's id is kept, so that its log and this one tell of the same; a line for each
/// answer is written at level `debug`.
pub async fn number(State(hub): State<AppState>, mut request: Request, next: Next) -> Response {
    let peer = peer(&request);
    let given =
        origin::is_proxy(peer, &hub.config.trusted_proxies).then(|| given(request.headers())).flatten();
    let id = given.unwrap_or_else(|| Uuid::now_v7().to_string());
    let (method, path) = (request.method(), request.uri().path());
    let span = tracing::info_span!("request", id, %method, path);
    let answer = span.in_scope(|| answer(&request, &id));
    request.extensions_mut().insert(RequestSpan(span.clone()));
    let begun = Instant::now();
    let mut response = next.run(request).instrument(answer.clone()).await;
    let (status, ms) = (response.status().as_u16(), begun.elapsed().as_millis() as u64);
    answer.record("http.response.status_code", status);
    if response.status().is_server_error() {
        answer.record("otel.status_code", "ERROR");
    }
    span.in_scope(|| tracing::debug!(status, ms, "answered"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, id);
    }
    response
}

/// What the log says of a request that goes on after its answer.
#[derive(Clone)]
pub struct RequestSpan(pub Span);

/// The trace's span, from the request to its answer: the caller's, if it said one.
fn answer(request: &Request, id: &str) -> Span {
    let method = request.method();
    let route = request.extensions().get::<MatchedPath>().map_or("(pages)", MatchedPath::as_str);
    let span = tracing::debug_span!(
        "answer",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %method,
        http.route = route,
        http.response.status_code = Empty,
        request.id = id,
    );
    traces::continues(&span, traceparent(request));
    span
}

/// A page cannot say a header with its WebSocket: it says it in the query.
fn traceparent(request: &Request) -> Option<&str> {
    let header = request.headers().get(traces::TRACEPARENT).and_then(|value| value.to_str().ok());
    let query = || {
        request
            .uri()
            .query()?
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| *name == traces::TRACEPARENT)
    };
    header.or_else(|| query().map(|(_, value)| value))
}

/// The other end of the request's connection.
pub fn peer(request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(Peer(address))| address.ip().to_canonical())
}

/// What the headers call it, if that can stand in a log.
fn given(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(HEADER)?.to_str().ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (!text.is_empty() && text.len() <= MAX_CHARS && text.chars().all(plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_that_can_stand_in_a_log_is_taken() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_bytes(text.as_bytes()).expect("a value"));
            given(&headers)
        };
        assert_eq!(of("01a2-b.c_D").as_deref(), Some("01a2-b.c_D"));
        for bad in ["", "a b", "a\u{e9}", "x=1", &"a".repeat(65)] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }
}
