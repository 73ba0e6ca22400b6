//! What comes in: JSON bodies, query strings, ids in paths, and the rules for texts. Refusals name the field.

use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use openpam_policy::{Label, MAX_OFFLINE_SECONDS, NoLabel};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::problem::Problem;
use crate::desktop::DesktopSettings;
use crate::store::kinds::Protocol;
use crate::text::deceives;
use crate::time::Time;

/// A target has at most so many labels.
const MAX_LABELS: usize = 32;

/// What a session may be limited to.
const LIMIT_SECONDS: RangeInclusive<u32> = 60..=31 * 24 * 3600;

/// How long recordings may be kept: up to a hundred years.
const RETENTION_DAYS: RangeInclusive<i32> = 1..=36_500;

/// Larger bodies are refused.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = kind
            .is_some_and(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json"));
        if !is_json {
            return Err(Problem::invalid("send a JSON body with content-type application/json"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|error| match error {
            BytesRejection::FailedToBufferBody(inner) if inner.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Problem::too_large()
            }
            _ => Problem::invalid("the body could not be read"),
        })?;
        // serde would also read a struct from an array, by its places.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(Problem::invalid("the body is a JSON object"));
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|error| refusal(error.to_string()))
    }
}

/// serde says "missing field `x` at line …" and "unknown field `x`, expected …".
fn refusal(text: String) -> Problem {
    let field = text.contains("field `").then(|| text.split('`').nth(1)).flatten();
    match field {
        Some(field) => Problem::invalid_field(field, text.clone()),
        None => Problem::invalid(text),
    }
}

/// A query string.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // PostgreSQL's text holds everything but this one.
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(Problem::invalid("a query holds no NUL"));
        }
        Query::try_from_uri(&parts.uri)
            .map(|Query(params)| Self(params))
            .map_err(|error| refusal(error.body_text().replace("Failed to deserialize query string: ", "")))
    }
}

/// An id in the path. What is no UUID is nothing's id: 404.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::internal())?;
        text.parse().map(Self).map_err(|_| Problem::not_found("thing"))
    }
}

/// Two ids in the path.
#[derive(Debug)]
pub struct Ids<A, B>(pub A, pub B);

impl<S: Send + Sync, A: FromStr, B: FromStr> FromRequestParts<S> for Ids<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((one, two)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::internal())?;
        match (one.parse(), two.parse()) {
            (Ok(one), Ok(two)) => Ok(Self(one, two)),
            _ => Err(Problem::not_found("thing")),
        }
    }
}

/// A field of a change that can be set to nothing: absent is `None`, `null` is `Some(None)`.
///
/// # Errors
/// As the value's own.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// A text without the blanks around it; `None` where what was sent has more than so many characters, blanks and all.
fn trimmed(text: &str, most: usize) -> Option<&str> {
    (text.chars().count() <= most).then(|| text.trim())
}

/// A name for people: 1 to 255 characters, nothing invisible, nothing that changes the direction of text.
///
/// # Errors
/// 400 that names the field.
pub fn name(field: &str, text: &str) -> Result<String, Problem> {
    let fits = trimmed(text, 255).filter(|text| !text.is_empty() && !text.chars().any(deceives));
    let detail = || format!("{field} has 1 to 255 characters, none of them invisible");
    Ok(fits.ok_or_else(|| Problem::invalid_field(field, detail()))?.to_owned())
}

/// The name of a person to show, as [`name`]; an empty one is none.
///
/// # Errors
/// 400 that names the field.
pub fn display_name(text: Option<&str>) -> Result<Option<String>, Problem> {
    let text = text.filter(|text| !text.trim().is_empty());
    text.map(|text| name("display_name", text)).transpose()
}

/// A description: up to 2000 characters; an empty one is none.
///
/// # Errors
/// 400 that names the field.
pub fn description(text: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let fits = trimmed(text, 2000).filter(|text| !text.contains('\0'));
    let detail = "description has at most 2000 characters";
    let text = fits.ok_or_else(|| Problem::invalid_field("description", detail))?;
    Ok(Some(text).filter(|text| !text.is_empty()).map(str::to_owned))
}

/// A limit of a session in seconds: a minute to 31 days.
///
/// # Errors
/// 400 that names the field.
pub fn limit(field: &str, seconds: Option<u32>) -> Result<Option<u32>, Problem> {
    if seconds.is_some_and(|seconds| !LIMIT_SECONDS.contains(&seconds)) {
        return Err(Problem::invalid_field(field, format!("{field} is 60 (a minute) to 2678400 (31 days)")));
    }
    Ok(seconds)
}

/// For how many seconds a grant goes on without the hub.
///
/// # Errors
/// 400 that names the field.
pub fn offline(seconds: Option<u32>) -> Result<Option<u32>, Problem> {
    if seconds.is_some_and(|seconds| seconds > MAX_OFFLINE_SECONDS) {
        let detail = "offline_seconds is 0 (not at all) to 2419200 (28 days)";
        return Err(Problem::invalid_field("offline_seconds", detail));
    }
    Ok(seconds)
}

/// How many days recordings are kept; absent: for ever.
///
/// # Errors
/// 400 that names the field.
pub fn retention(days: Option<i32>) -> Result<Option<i32>, Problem> {
    if days.is_some_and(|days| !RETENTION_DAYS.contains(&days)) {
        let detail = "retention_days is 1 to 36500 (a hundred years), or nothing: for ever";
        return Err(Problem::invalid_field("retention_days", detail));
    }
    Ok(days)
}

/// A text to agree to: up to 4000 characters in lines, nothing invisible, nothing that changes the direction of text; an
/// empty one is none.
///
/// # Errors
/// 400 that names the field.
pub fn consent(text: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let visible = |text: &String| !text.chars().any(|c| c != '\n' && deceives(c));
    let fits = trimmed(text, 4000).map(|text| text.replace("\r\n", "\n")).filter(visible);
    let detail = "consent has at most 4000 characters, none of them invisible";
    let text = fits.ok_or_else(|| Problem::invalid_field("consent", detail))?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A label, `key=value`.
///
/// # Errors
/// 400 that names the field.
pub fn label(field: &str, text: &str) -> Result<Label, Problem> {
    text.trim().parse().map_err(|error: NoLabel| Problem::invalid_field(field, error.to_string()))
}

/// Labels of a target, by key: at most 32, each key once.
///
/// # Errors
/// 400 that names the field.
pub fn labels(texts: &[String]) -> Result<Vec<Label>, Problem> {
    let mut labels = texts.iter().map(|text| label("labels", text)).collect::<Result<Vec<_>, _>>()?;
    labels.sort();
    let twice = labels.windows(2).any(|pair| matches!(pair, [one, two] if one.key() == two.key()));
    if twice || labels.len() > MAX_LABELS {
        return Err(Problem::invalid_field("labels", "labels are at most 32, each key once"));
    }
    Ok(labels)
}

/// A name of a time zone, as the IANA database has it.
///
/// # Errors
/// 400 that names the field.
pub fn timezone(field: &str, name: &str) -> Result<String, Problem> {
    let known = name.len() <= 100 && TimeZone::get(name).is_ok();
    let detail = || format!("{field} is a name of the IANA database, such as Europe/Berlin");
    known.then(|| name.to_owned()).ok_or_else(|| Problem::invalid_field(field, detail()))
}

/// A moment from 1970 on: earlier ones that can be written are more than the books can keep.
///
/// # Errors
/// 400 that names the field.
pub fn time(field: &str, time: Time) -> Result<Timestamp, Problem> {
    let time = time.timestamp();
    if time < Timestamp::UNIX_EPOCH {
        return Err(Problem::invalid_field(field, format!("{field} is in 1970 or later")));
    }
    Ok(time)
}

/// A TCP port.
///
/// # Errors
/// 400 that names the field.
pub fn port(number: u16) -> Result<u16, Problem> {
    if number == 0 {
        return Err(Problem::invalid_field("port", "port is 1 to 65535"));
    }
    Ok(number)
}

/// A host name or address: what a resolver or a parser of addresses could take.
///
/// # Errors
/// 400 that names the field.
pub fn hostname(text: &str) -> Result<String, Problem> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
    let fits = trimmed(text, 255).filter(|text| !text.is_empty() && text.chars().all(allowed));
    let detail = "hostname is a DNS name or an IP address";
    Ok(fits.ok_or_else(|| Problem::invalid_field("hostname", detail))?.to_owned())
}

/// How a target of this protocol is opened as a desktop; a shell is none.
///
/// # Errors
/// 400 that names the field.
pub fn desktop(
    protocol: Protocol,
    wanted: Option<DesktopSettings>,
) -> Result<Option<DesktopSettings>, Problem> {
    let kept = DesktopSettings::for_target(protocol, wanted);
    kept.map_err(|wrong| Problem::invalid_field(&wrong.field, wrong.to_string()))
}

/// A user name to sign in with: lower case, 1 to 64 of `a-z 0-9 . _ - @`.
///
/// # Errors
/// 400 that names the field.
pub fn username(text: &str) -> Result<String, Problem> {
    let allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '@');
    let text = trimmed(text, 64).map(str::to_lowercase);
    let fits = text.filter(|text| !text.is_empty() && text.chars().all(allowed));
    let detail = "username has 1 to 64 of a-z, 0-9 and . _ - @";
    fits.ok_or_else(|| Problem::invalid_field("username", detail))
}

/// A fingerprint of a host key, as we show it: `SHA256:` and base64.
///
/// # Errors
/// 400 that names the field.
pub fn fingerprint(text: &str) -> Result<&str, Problem> {
    if text.is_empty() || text.len() > 100 || !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Problem::invalid_field("fingerprint", "fingerprint is one as it was shown: SHA256:…"));
    }
    Ok(text)
}

/// A mail address, as far as a form can tell.
///
/// # Errors
/// 400 that names the field.
pub fn email(text: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(sent) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let text = sent.trim();
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let shape = text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    if !plain || !shape || sent.len() > 255 || text.to_lowercase().ends_with("@local.invalid") {
        return Err(Problem::invalid_field("email", "email is a mail address"));
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_would_confuse_people_or_programs_are_refused() {
        assert!(name("name", " plant-7 ").is_ok_and(|name| name == "plant-7"));
        assert!(name("name", &format!("\t{}", "x".repeat(255))).is_err(), "as it was sent");
        assert!(fingerprint("SHA256:abc+/1").is_ok() && fingerprint("\u{8f}\0\u{11}").is_err());
        assert!(name("name", " \t").is_err() && name("name", "a\u{7}b").is_err());
        for deceiving in
            ["a\u{202e}nimda", "pla\u{200b}nt", "plant\u{feff}", "\u{2066}x\u{2069}", "\u{1b}[2Jx"]
        {
            assert!(name("name", deceiving).is_err(), "{deceiving:?}");
        }
        assert!(name("name", "Größe 7 – 生产线 – خط ١").is_ok());
        assert!(hostname("10.0.0.1").is_ok() && hostname("fe80::1%eth0").is_ok());
        assert!(hostname("a b").is_err() && hostname("host;rm").is_err());
        assert!(username("Ann.Lee@corp").is_ok_and(|name| name == "ann.lee@corp"));
        assert!(username("ann lee").is_err() && username("").is_err());
        assert!(email(Some("")).is_ok_and(|email| email.is_none()) && email(Some("ann")).is_err());
    }
}
