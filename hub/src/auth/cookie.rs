//! The session cookie: its name, its attributes, its token. The books hold only the token's SHA-256.

use aws_lc_rs::{digest, rand};
use axum::http::{HeaderMap, HeaderValue, header};
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

/// On HTTPS: the prefix makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis, 4.1.3.2).
const SECURE_NAME: &str = "__Host-openpam_session";
/// On loopback HTTP.
const PLAIN_NAME: &str = "openpam_session";
const TOKEN_BYTES: usize = 32;

/// A fresh random token.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

/// The system gives no randomness.
#[derive(Debug, thiserror::Error)]
#[error("no randomness")]
pub struct NoRandomness;

impl Token {
    /// Makes one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
        rand::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
        Ok(Self(Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_slice()))))
    }

    /// What the books hold.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }

    /// The `Set-Cookie` header.
    #[must_use]
    pub fn set_cookie(&self, https: bool) -> HeaderValue {
        header(https, &self.0, "")
    }
}

/// The `Set-Cookie` header that takes the cookie away.
#[must_use]
pub fn clear(https: bool) -> HeaderValue {
    header(https, "", "; Max-Age=0")
}

/// The hash of the token in a request's cookie.
#[must_use]
pub fn token_hash(headers: &HeaderMap, https: bool) -> Option<[u8; 32]> {
    let name = name(https);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| hash(value))
}

const fn name(https: bool) -> &'static str {
    if https { SECURE_NAME } else { PLAIN_NAME }
}

fn header(https: bool, value: &str, more: &str) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}", name(https));
    let mut header = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}

fn hash(token: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_set_is_the_cookie_read_in_its_own_scheme_only() {
        let token = Token::generate().expect("random");
        for https in [true, false] {
            let set = token.set_cookie(https);
            let text = set.to_str().expect("text");
            assert!(text.contains("HttpOnly; SameSite=Strict") && text.contains("Secure") == https, "{text}");
            assert_eq!(text.starts_with("__Host-"), https);
            let pair = text.split(';').next().expect("a pair");
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, format!("other=1; {pair}").parse().expect("a header"));
            assert_eq!(token_hash(&headers, https), Some(token.hash()));
            assert_eq!(token_hash(&headers, !https), None);
        }
    }
}
