//! The web interface's static export, as it is embedded: one file per path, `dir/index.html` for a directory.
//!
//! Refuses everything but GET and HEAD. Files whose names hold a hash may be kept for ever; all others are asked for again
//! by their ETag.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::api::problem::Problem;

/// The Content-Security-Policy that the export was built for.
#[must_use]
pub fn content_security_policy() -> &'static str {
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
}

struct Asset {
    bytes: std::borrow::Cow<'static, [u8]>,
    content_type: &'static str,
    immutable: bool,
    etag: String,
}

fn asset(_path: &str) -> Option<Asset> {
    None
}

/// The answer to a request for a page or one of its files.
pub fn answer(request: &Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Problem::method_not_allowed().into_response();
    }
    match asset(request.uri().path()) {
        Some(asset) => file(asset, StatusCode::OK, request.headers()),
        None => match asset("/404.html") {
            Some(asset) => file(asset, StatusCode::NOT_FOUND, &HeaderMap::new()),
            None => Problem::not_found("page").into_response(),
        },
    }
}

fn file(asset: Asset, status: StatusCode, asked: &HeaderMap) -> Response {
    let fresh = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let fresh = fresh.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == asset.etag));
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (status, Body::from(asset.bytes.into_owned())).into_response()
    };
    let keep = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(etag) = HeaderValue::from_str(&asset.etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}
