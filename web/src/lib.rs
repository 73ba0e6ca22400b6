//! The web interface's static export, embedded, and what its Content-Security-Policy must allow.
//!
//! It finds files and says what they are; answering requests is its users' business. In debug builds files are read
//! from `web/out` as they are now, so that a rebuilt page shows at once.

use std::borrow::Cow;
use std::fmt::Write;

use rust_embed::RustEmbed;

/// One source expression per line for each inline script; written by `scripts/csp-hashes.mjs`.
const SCRIPT_HASHES: &str = "csp-hashes.txt";

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/out"]
struct Export;

/// A file of the export.
#[derive(Debug)]
pub struct File {
    /// Its content.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type (RFC 9110, section 8.3).
    pub content_type: String,
    /// A strong entity tag (RFC 9110, section 8.8.3), quotes included.
    pub etag: String,
    /// Whether its name holds a hash of its content, so that it may be kept for ever.
    pub immutable: bool,
}

/// The file for a URL's path: the file itself, or `index.html` of a folder.
#[must_use]
pub fn file(path: &str) -> Option<File> {
    let path = path.trim_start_matches('/');
    if path == SCRIPT_HASHES {
        return None;
    }
    let page =
        if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    let (name, found) = match Export::get(&page) {
        Some(found) => (page, found),
        None => {
            let index = format!("{page}/index.html");
            let found = Export::get(&index)?;
            (index, found)
        }
    };
    let kind = found.metadata.mimetype();
    let mut etag = String::from("\"");
    for byte in &found.metadata.sha256_hash()[..16] {
        // Writing to a String cannot fail.
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    let content_type = if kind.starts_with("text/") || kind.ends_with("javascript") {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_owned()
    };
    Some(File { bytes: found.data, content_type, etag, immutable: name.starts_with("_next/static/") })
}

/// The Content-Security-Policy (level 3) that the pages need: own files, and exactly their own inline scripts.
///
/// Styles may be inline: the terminal measures and colours its cells that way.
#[must_use]
pub fn content_security_policy() -> String {
    let hashes = Export::get(SCRIPT_HASHES).map(|file| String::from_utf8_lossy(&file.data).into_owned());
    let hashes = hashes.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    format!(
        "default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_by_their_folders_and_name_every_inline_script() {
        let index = file("/").expect("the first page");
        assert_eq!(index.content_type, "text/html; charset=utf-8");
        assert!(!index.immutable && index.etag.len() == 34);
        assert_eq!(file("/login/").expect("a folder").etag, file("/login").expect("without the slash").etag);
        assert!(file("/no/such/page").is_none() && file("/../Cargo.toml").is_none());
        assert!(file("/csp-hashes.txt").is_none());
        assert!(content_security_policy().contains("'sha256-"), "{}", content_security_policy());
    }
}
