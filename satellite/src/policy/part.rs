//! The beginning of a policy that is on its way, in a file: a line that is cut again and again still brings it here.
//!
//! It may be lost or damaged without harm: its hash is judged when it is whole.

use std::io::ErrorKind;
use std::path::PathBuf;

use aws_lc_rs::digest;
use openpam_proto::snapshot::Part;
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::spawn_blocking;

use crate::lead::Lead;

const HASH_BYTES: u64 = 32;

/// The file: the hash of the whole, then what has come of it.
#[derive(Clone, Debug)]
pub struct PartFile {
    path: PathBuf,
    turn: Lead,
}

impl PartFile {
    /// In the state folder.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, turn: Lead::default() }
    }

    /// Whose turn it is to write it: one tunnel fetches at a time.
    #[must_use]
    pub const fn turn(&self) -> &Lead {
        &self.turn
    }

    /// What has come so far.
    pub async fn begun(&self) -> Option<Part> {
        let mut file = File::open(&self.path).await.ok()?;
        let bytes = file.metadata().await.ok()?.len().checked_sub(HASH_BYTES)?;
        let mut sha256 = [0; HASH_BYTES as usize];
        file.read_exact(&mut sha256).await.ok()?;
        Some(Part { sha256, bytes })
    }

    /// Goes on behind `from` bytes of what has that hash; from none on it begins anew.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub async fn append(&self, sha256: [u8; 32], from: u64) -> std::io::Result<File> {
        if from > 0 {
            let file = OpenOptions::new().append(true).open(&self.path).await?;
            file.set_len(HASH_BYTES + from).await?;
            return Ok(file);
        }
        let mut file = File::create(&self.path).await?;
        file.write_all(&sha256).await?;
        Ok(file)
    }

    /// The whole, if it is that.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub async fn whole(&self, sha256: [u8; 32]) -> std::io::Result<Option<Vec<u8>>> {
        let mut bytes = fs::read(&self.path).await?;
        let judged = spawn_blocking(move || {
            let whole = bytes.split_off(bytes.len().min(HASH_BYTES as usize));
            Some(whole).filter(|whole| digest::digest(&digest::SHA256, whole).as_ref() == sha256)
        });
        judged.await.map_err(std::io::Error::other)
    }

    /// The file goes.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub async fn discard(&self) -> std::io::Result<()> {
        match fs::remove_file(&self.path).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
