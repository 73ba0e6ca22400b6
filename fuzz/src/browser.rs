//! What a browser sends on a session's WebSocket: its query, text frames, binary frames.

use axum::extract::Query;
use axum::http::Uri;
use openpam_hub::relay::SessionQuery;
use openpam_hub::relay::wire::{ClientText, Language, ServerText};
use openpam_proto::frame::Data;

use crate::input::Input;

/// The first byte says which of the three the rest is.
pub fn feed(data: &[u8]) {
    let mut input = Input::new(data);
    match input.byte() % 3 {
        0 => text(input.rest()),
        1 => binary(input.rest()),
        _ => query(input.rest()),
    }
}

fn text(json: &[u8]) {
    // Text frames are UTF-8 before anybody sees them.
    let Ok(json) = std::str::from_utf8(json) else { return };
    // As internal instructions it is the same.
    let _ = Language::Desktop.read(json);
    if let Some(ClientText::Ping { t }) = Language::Shell.read(json) {
        let pong = Language::Shell.write(&ServerText::Pong { t: &t, hub_ms: 0.5, site_ms: None });
        // Given back as it came: a browser's ping cannot be made much larger.
        assert!(pong.len() <= 8 * json.len() + 256);
        let pong: serde_json::Value = serde_json::from_str(&pong).expect("JSON");
        assert_eq!(pong.get("t"), Some(&t));
    }
}

fn binary(bytes: &[u8]) {
    if let Ok(data) = Data::from_wire(bytes.to_vec().into()) {
        assert_eq!((data.wire(), data.len() + 8), (&bytes.to_vec().into(), bytes.len()));
        assert!(data.end() >= data.offset());
    }
}

fn query(text: &[u8]) {
    if let Ok(uri) = Uri::try_from([b"/api/v1/shell?", text].concat()) {
        let _ = Query::<SessionQuery>::try_from_uri(&uri);
    }
}
