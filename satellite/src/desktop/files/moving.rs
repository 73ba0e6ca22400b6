//! One file on its way: what it is called, how much of it went, and the hash of that.

use std::fmt;

use aws_lc_rs::digest;

/// Longer names and media types are cut in the books.
const MAX_NAME_BYTES: usize = 1024;
const MAX_TYPE_BYTES: usize = 128;

/// A file on its way.
pub struct Moving {
    is_upload: bool,
    name: String,
    media_type: String,
    bytes: u64,
    hash: digest::Context,
}

/// What came of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Moved {
    /// Whether it went to the desktop.
    pub is_upload: bool,
    /// Its name there.
    pub name: String,
    /// As whoever sent it said.
    pub media_type: String,
    /// How much of it went.
    pub bytes: u64,
    /// SHA-256 of that.
    pub sha256: [u8; 32],
    /// Whether that is all of it.
    pub whole: bool,
}

impl Moving {
    /// To the desktop.
    #[must_use]
    pub fn upload(name: &str, media_type: &str) -> Self {
        Self::new(true, name, media_type)
    }

    /// From the desktop.
    #[must_use]
    pub fn download(name: &str, media_type: &str) -> Self {
        Self::new(false, name, media_type)
    }

    fn new(is_upload: bool, name: &str, media_type: &str) -> Self {
        let cut =
            |text: &str, most| text.get(..text.floor_char_boundary(most)).unwrap_or_default().to_owned();
        Self {
            is_upload,
            name: cut(name, MAX_NAME_BYTES),
            media_type: cut(media_type, MAX_TYPE_BYTES),
            bytes: 0,
            hash: digest::Context::new(&digest::SHA256),
        }
    }

    /// A further part of it.
    pub fn goes(&mut self, part: &[u8]) {
        self.bytes += part.len() as u64;
        self.hash.update(part);
    }

    /// It goes no further.
    #[must_use]
    pub fn moved(self, whole: bool) -> Moved {
        let Self { is_upload, name, media_type, bytes, hash } = self;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(hash.finish().as_ref());
        Moved { is_upload, name, media_type, bytes, sha256, whole }
    }
}

impl fmt::Debug for Moving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Moving").field("name", &self.name).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}
