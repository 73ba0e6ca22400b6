//! The web interface's static export, as it is embedded: one file per path, `dir/index.html` for a directory.
//!
//! Refuses everything but GET and HEAD. Files whose names hold a hash may be kept for ever; all others are asked for again
//! by their ETag. Text goes over the line as gzip (RFC 1952) to whoever takes that, compressed once for each file.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

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

/// Smaller ones fit one packet either way.
const WORTH_IT: usize = 1400;

/// Whether the browser takes gzip (RFC 9110, section 12.5.3).
fn takes_gzip(asked: &HeaderMap) -> bool {
    let accepted = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let refused = quality.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

fn is_text(kind: &str) -> bool {
    kind.starts_with("text/") || kind.contains("javascript") || kind.contains("svg") || kind.contains("json")
}

/// The file as gzip; the number of files bounds what is kept.
fn gzipped(asset: &openpam_web::File) -> Bytes {
    static KEPT: Mutex<BTreeMap<String, Bytes>> = Mutex::new(BTreeMap::new());
    let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(bytes) = kept().get(&asset.etag) {
        return bytes.clone();
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // A Vec takes everything.
    let bytes = encoder.write_all(&asset.bytes).and_then(|()| encoder.finish()).unwrap_or_default();
    kept().entry(asset.etag.clone()).or_insert(bytes.into()).clone()
}

fn file(mut asset: openpam_web::File, status: StatusCode, asked: &HeaderMap) -> Response {
    let may_vary = is_text(&asset.content_type) && asset.bytes.len() > WORTH_IT;
    let is_gzip = may_vary && takes_gzip(asked);
    let body = if is_gzip { gzipped(&asset) } else { std::mem::take(&mut asset.bytes).into_owned().into() };
    if is_gzip {
        // Another representation, another tag.
        asset.etag.insert_str(asset.etag.len() - 1, "-gzip");
    }
    let fresh = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let fresh = fresh
        .is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == asset.etag));
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (status, Body::from(body)).into_response()
    };
    let keep = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&asset.content_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if may_vary {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if is_gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(etag) = HeaderValue::from_str(&asset.etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::body::to_bytes;
    use flate2::read::GzDecoder;

    use super::*;

    async fn get(accepts: &str, tag: Option<&HeaderValue>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut request = Request::get("/login/").header(header::ACCEPT_ENCODING, accepts);
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        let (parts, body) = answer(&request.body(Body::empty()).expect("a request")).into_parts();
        (parts.status, parts.headers, to_bytes(body, usize::MAX).await.expect("a body").to_vec())
    }

    #[tokio::test]
    async fn a_page_goes_compressed_to_whoever_takes_that_and_each_form_has_its_own_tag() {
        let (status, plain_headers, plain) = get("identity", None).await;
        assert!(status == StatusCode::OK && !plain_headers.contains_key(header::CONTENT_ENCODING));
        for accepts in ["gzip", "deflate, GZIP;q=0.5, br"] {
            let (_, headers, bytes) = get(accepts, None).await;
            assert_eq!(
                (&headers[header::CONTENT_ENCODING], &headers[header::VARY]),
                (&"gzip".parse().expect("text"), &"accept-encoding".parse().expect("text"))
            );
            let mut opened = Vec::new();
            GzDecoder::new(bytes.as_slice()).read_to_end(&mut opened).expect("gzip");
            assert!(opened == plain && bytes.len() < plain.len() / 2);
            assert_ne!(headers[header::ETAG], plain_headers[header::ETAG]);
            let (status, _, again) = get(accepts, Some(&headers[header::ETAG])).await;
            assert!(status == StatusCode::NOT_MODIFIED && again.is_empty());
        }
        let (_, headers, _) = get("gzip;q=0, br", None).await;
        assert!(!headers.contains_key(header::CONTENT_ENCODING));
    }
}
