//! The hub's long-lived keys in `secrets_dir`: the certificate authority and the recording key.
//!
//! Made at the first start, then only read: a missing file of an installation that has begun is an error. Every file
//! is its owner's alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use aws_lc_rs::rand;
use openpam_link::ca::{Authority, CaError};
use openpam_link::quic::ResetKey;
use openpam_link::seal::{SealError, SealKey};
use zeroize::Zeroizing;

/// Why the keys can't be had.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file system refused.
    #[error("{}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of the authority is damaged.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// No recording key could be made.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A file holds something else.
    #[error("{} is damaged; restore it from the backup of the keys", .0.display())]
    Damaged(PathBuf),
}

/// The hub's long-lived keys.
pub struct Keys {
    /// Signs nodes.
    pub authority: Arc<Authority>,
    /// Recording chunks are sealed to it.
    pub recording: Arc<SealKey>,
    /// Tells peers of a former process that their tunnels are gone.
    pub reset: ResetKey,
}

impl Keys {
    /// Reads the keys below `secrets_dir`, or makes them.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn open(secrets_dir: &Path) -> Result<Self, KeysError> {
        let folder = secrets_dir.join("keys");
        let create = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        create.map_err(at(&folder))?;
        Ok(Self {
            authority: Arc::new(authority(&folder)?),
            recording: Arc::new(recording_key(&folder)?),
            reset: reset_key(&folder)?,
        })
    }
}

fn authority(folder: &Path) -> Result<Authority, KeysError> {
    // The intermediate's key is written last: with it, all four are there.
    let last = folder.join("nodes.key");
    let root = folder.join("root.pem");
    if !last.exists() {
        // A root that is there may be pinned by satellites: a lost file is no reason to make another one. Only a
        // first start that was cut off leaves a root without anything that it signed.
        if root.exists() && folder.join("recording.key").exists() {
            return Err(KeysError::Damaged(last));
        }
        let pem = Authority::create(SystemTime::now())?;
        write(&root, pem.root_cert.as_bytes())?;
        write(&folder.join("root.key"), pem.root_key.as_bytes())?;
        write(&folder.join("nodes.pem"), pem.intermediate_cert.as_bytes())?;
        write(&last, pem.intermediate_key.as_bytes())?;
    }
    let root = read(&root)?;
    let nodes = read(&folder.join("nodes.pem"))?;
    Ok(Authority::load(&root, &nodes, &read(&last)?)?)
}

fn recording_key(folder: &Path) -> Result<SealKey, KeysError> {
    use data_encoding::HEXLOWER;
    let path = folder.join("recording.key");
    if !path.exists() {
        let key = SealKey::generate()?;
        let text = Zeroizing::new(format!(
            "{}\n{}\n",
            HEXLOWER.encode(key.public()),
            *Zeroizing::new(HEXLOWER.encode(key.private()))
        ));
        write(&path, text.as_bytes())?;
    }
    let text = read(&path)?;
    let mut lines = text.lines().map(|line| HEXLOWER.decode(line.trim().as_bytes()));
    match (lines.next(), lines.next()) {
        (Some(Ok(public)), Some(Ok(private))) => Ok(SealKey::from_parts(public, Zeroizing::new(private))),
        _ => Err(KeysError::Damaged(path)),
    }
}

/// Unlike the others it may be made anew: what it signs lives for seconds.
fn reset_key(folder: &Path) -> Result<ResetKey, KeysError> {
    let path = folder.join("reset.key");
    if !path.exists() {
        let mut key = Zeroizing::new([0; ResetKey::BYTES]);
        rand::fill(&mut key[..]).map_err(|_| KeysError::Seal(SealError::Generate))?;
        write(&path, &key[..])?;
    }
    let bytes = Zeroizing::new(fs::read(&path).map_err(at(&path))?);
    let key = bytes.as_slice().try_into().map_err(|_| KeysError::Damaged(path))?;
    Ok(ResetKey::new(Zeroizing::new(key)))
}

fn read(path: &Path) -> Result<Zeroizing<String>, KeysError> {
    fs::read_to_string(path).map(Zeroizing::new).map_err(at(path))
}

/// Writes beside the place, makes it durable, moves it there.
fn write(path: &Path, bytes: &[u8]) -> Result<(), KeysError> {
    let new = path.with_extension("new");
    let written = (|| {
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    })();
    written.map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> KeysError {
    let path = path.to_path_buf();
    |source| KeysError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_then_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Keys::open(folder.path()).expect("makes");
        let second = Keys::open(folder.path()).expect("reads");
        assert_eq!(first.authority.root_sha256(), second.authority.root_sha256());
        assert_eq!(first.recording.public(), second.recording.public());
    }

    #[test]
    fn a_lost_key_is_an_error_and_never_a_new_root() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Keys::open(folder.path()).expect("makes");
        let lost = folder.path().join("keys/nodes.key");
        let kept = fs::read(&lost).expect("reads");
        fs::remove_file(&lost).expect("removes");
        assert!(matches!(Keys::open(folder.path()), Err(KeysError::Damaged(path)) if path == lost));
        fs::write(&lost, kept).expect("restores");
        let again = Keys::open(folder.path()).expect("reads");
        assert_eq!(first.authority.root_sha256(), again.authority.root_sha256());
    }
}
