//! The web interface's static export, as it is embedded: one file per path, `dir/index.html` for a directory.
//!
//! Refuses everything but GET and HEAD. Files whose names hold a hash may be kept for ever; all others are asked for again
//! by their ETag.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::api::problem::Problem;

/// The Content-Security-Policy of every answer.
pub fn content_security_policy() -> &'static HeaderValue {
    static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
        // Base64 and plain words: always a header's value.
        HeaderValue::from_str(&openpam_web::content_security_policy())
            .unwrap_or(HeaderValue::from_static("default-src 'self'"))
    });
    &POLICY
}

/// The answer to a request for a page or one of its files.
pub fn answer(request: &Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Problem::method_not_allowed().into_response();
    }
    match openpam_web::file(request.uri().path()) {
        Some(found) => file(found, StatusCode::OK, request.headers()),
        None => match openpam_web::file("/404.html") {
            Some(found) => file(found, StatusCode::NOT_FOUND, &HeaderMap::new()),
            None => Problem::not_found("page").into_response(),
        },
    }
}

fn file(asset: openpam_web::File, status: StatusCode, asked: &HeaderMap) -> Response {
    let fresh = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let fresh = fresh
        .is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == asset.etag));
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (status, Body::from(asset.bytes.into_owned())).into_response()
    };
    let keep = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&asset.content_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(etag) = HeaderValue::from_str(&asset.etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}
