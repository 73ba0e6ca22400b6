//! From where a request came: address, scheme, and whether the page that sent it is ours.
//!
//! Forwarding headers are believed only from the proxies in `trusted_proxies`. Plain HTTP from anywhere but
//! loopback or such a proxy is refused here.

use std::net::{IpAddr, SocketAddr};

use axum::extract::connect_info::Connected;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::problem::Problem;
use crate::app::AppState;
use crate::config::Network;
use crate::request_id;
use crate::web_listener::WebListener;

/// The other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Connected<axum::serve::IncomingStream<'_, WebListener>> for Peer {
    fn connect_info(stream: axum::serve::IncomingStream<'_, WebListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// What is believed about a request's origin. Every handler may take it from the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// The person's address, as far as trusted proxies say.
    pub client_ip: IpAddr,
    /// Whether the browser spoke HTTPS.
    pub https: bool,
}

/// Middleware around everything: puts [`Seen`] into the request.
pub async fn see(State(hub): State<AppState>, mut request: Request, next: Next) -> Response {
    let peer = request_id::peer(&request);
    let seen = judge(peer, request.headers(), &hub.config.trusted_proxies, hub.config.speaks_https());
    let proxied = is_proxy(peer, &hub.config.trusted_proxies);
    if !hub.config.speaks_https() && !peer.is_loopback() && !proxied {
        return Problem::forbidden("this address speaks plain HTTP to loopback and to trusted proxies only")
            .into_response();
    }
    request.extensions_mut().insert(seen);
    next.run(request).await
}

/// Whether this address is a proxy that is believed.
#[must_use]
pub fn is_proxy(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// What is believed of a request from `peer`; `https`: the hub itself spoke it.
#[must_use]
pub fn judge(peer: IpAddr, headers: &HeaderMap, trusted: &[Network], https: bool) -> Seen {
    let is_trusted = |address: IpAddr| is_proxy(address, trusted);
    if !is_trusted(peer) {
        return Seen { client_ip: peer, https };
    }
    let forwarded_https = headers
        .get("x-forwarded-proto")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("https"));
    // Right to left: each proxy appends whom it saw. The first that is no proxy of ours is the client.
    let client = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|text| text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical()))
        .rfold(Err(peer), |found, address| match (found, address) {
            (Err(last), Some(address)) if is_trusted(address) => {
                let _ = last;
                Err(address)
            }
            (Err(_), Some(address)) => Ok(address),
            // What a stranger wrote is not read further.
            (Err(last), None) => Ok(last),
            (found, _) => found,
        });
    let client_ip = match client {
        Ok(address) | Err(address) => address,
    };
    Seen { client_ip, https: https || forwarded_https }
}

/// Whether a request that could change something, or open a WebSocket, comes from a page of ours.
///
/// Browsers always send `Origin` with these (Fetch, 3.2); programs that are no browsers need not, and carry no
/// cookie that somebody else's page could use.
#[must_use]
pub fn is_own_page(method: &Method, headers: &HeaderMap, https: bool) -> bool {
    let upgrades = headers.contains_key(header::UPGRADE);
    if (method.is_safe() && !upgrades) || !headers.contains_key(header::ORIGIN) {
        return true;
    }
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    let scheme = if https { "https" } else { "http" };
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => origin.eq_ignore_ascii_case(&format!("{scheme}://{host}")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect()
    }

    fn client(peer: &str, forwarded: &str) -> String {
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        let headers = headers(&[("x-forwarded-for", forwarded), ("x-forwarded-proto", "https")]);
        let seen = judge(peer.parse().expect("an address"), &headers, &trusted, false);
        format!("{} {}", seen.client_ip, seen.https)
    }

    #[test]
    fn only_trusted_proxies_say_who_the_client_is() {
        assert_eq!(client("192.0.2.1", "198.51.100.7"), "192.0.2.1 false");
        assert_eq!(client("10.0.0.1", "198.51.100.7"), "198.51.100.7 true");
        assert_eq!(client("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.0.0.2"), "198.51.100.7 true");
        assert_eq!(client("10.0.0.1", "10.0.0.3, 10.0.0.2"), "10.0.0.3 true");
        assert_eq!(client("10.0.0.1", "nonsense"), "10.0.0.1 true");
    }

    #[test]
    fn another_pages_unsafe_requests_and_websockets_are_told_apart() {
        let ours = headers(&[("host", "pam.example"), ("origin", "https://pam.example")]);
        let theirs = headers(&[("host", "pam.example"), ("origin", "https://evil.example")]);
        let null = headers(&[("host", "pam.example"), ("origin", "null")]);
        assert!(is_own_page(&Method::POST, &ours, true) && !is_own_page(&Method::POST, &ours, false));
        assert!(!is_own_page(&Method::POST, &theirs, true) && is_own_page(&Method::GET, &theirs, true));
        assert!(!is_own_page(&Method::DELETE, &null, true));
        assert!(is_own_page(&Method::POST, &headers(&[("host", "pam.example")]), true));
        let mut socket = theirs;
        socket.insert(header::UPGRADE, "websocket".parse().expect("a value"));
        assert!(!is_own_page(&Method::GET, &socket, true));
    }
}
