//! What strangers write into HTTP requests: forwarding headers, cookies, ids, cursors, and texts of forms.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use openpam_hub::api::{input, page};
use openpam_hub::auth::{cookie, origin};
use openpam_hub::config::Network;
use openpam_ids::SessionId;

use crate::input::Input;

const HEADERS: [&str; 6] = ["x-forwarded-for", "x-forwarded-proto", "origin", "host", "cookie", "upgrade"];

/// Lines: the first byte of each says which header it is; each is also an id, a cursor and a form's text.
pub fn feed(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(32) {
        let mut line = Input::new(line);
        let name = HEADERS.get(usize::from(line.byte()) % HEADERS.len());
        let value = line.rest();
        if let (Some(name), Ok(header)) = (name, HeaderValue::from_bytes(value)) {
            headers.append(HeaderName::from_static(name), header);
        }
        texts(&String::from_utf8_lossy(value));
    }
    judge(&headers);
}

fn judge(headers: &HeaderMap) {
    let (proxy, stranger) = (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    let trusted = ["10.0.0.0/8".parse::<Network>().expect("a network")];
    for https in [false, true] {
        let seen = origin::judge(stranger, headers, &trusted, https);
        assert_eq!((seen.client_ip, seen.https), (stranger, https), "a stranger's headers are believed");
        let seen = origin::judge(proxy, headers, &trusted, https);
        assert!(seen.https || !https);
        let own = origin::is_own_page(&Method::POST, headers, https);
        assert!(own || headers.contains_key("origin"));
        let _ = cookie::token_hash(headers, https);
    }
}

fn texts(text: &str) {
    if let Ok(id) = text.parse::<SessionId>() {
        assert_eq!(id.to_string().parse::<SessionId>().ok(), Some(id));
    }
    let _ = page::page(None, Some(text));
    if let Ok(name) = input::name("name", text) {
        assert!(!name.is_empty() && !name.contains(char::is_control));
    }
    if let Ok(Some(description)) = input::description(Some(text)) {
        assert!(!description.contains('\0'));
    }
    if let Ok(hostname) = input::hostname(text) {
        assert!(hostname.is_ascii() && hostname.len() <= 255 && !hostname.contains(['/', '\\', ' ', '@']));
    }
    if let Ok(username) = input::username(text) {
        assert_eq!(input::username(&username).ok(), Some(username));
    }
    if let Ok(Some(email)) = input::email(Some(text)) {
        assert!(email.len() <= 255 && !email.contains(char::is_whitespace));
    }
}
