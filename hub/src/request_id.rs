//! The id of each request: in its answer, and in every line of the log that comes of it.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use openpam_ids::Uuid;
use tracing::Instrument;

use crate::app::AppState;
use crate::auth::{Peer, origin};

/// As proxies know it.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longer ones are not taken from anybody.
const MAX_CHARS: usize = 64;

/// Middleware around everything. A trusted proxy's id is kept, so that its log and this one tell of the same; a line for each
/// answer is written at level `debug`.
pub async fn number(State(hub): State<AppState>, request: Request, next: Next) -> Response {
    let peer = peer(&request);
    let given =
        origin::is_proxy(peer, &hub.config.trusted_proxies).then(|| given(request.headers())).flatten();
    let id = given.unwrap_or_else(|| Uuid::now_v7().to_string());
    let (method, path) = (request.method(), request.uri().path());
    let span = tracing::info_span!("request", id, %method, path);
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, ms) = (response.status().as_u16(), begun.elapsed().as_millis() as u64);
    span.in_scope(|| tracing::debug!(status, ms, "answered"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, id);
    }
    response
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
