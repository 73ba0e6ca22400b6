//! The hub's long-lived keys in `secrets_dir`: the certificate authority, the recording key, the witness key and the policy key.
//!
//! Made at the first start, then only read: a missing file of an installation that has begun is an error. Every file
//! is its owner's alone.

mod bus;
mod nodes;
mod policy;
mod signing;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_lc_rs::rand;
use openpam_link::ca::CaError;
use openpam_link::quic::ResetKey;
use openpam_link::seal::{SealError, SealKey};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::changes::SharedKey;
use crate::secrets::turn as secrets_turn;

pub use self::bus::BusKeys;
pub use self::nodes::{Former, Nodes};
pub use self::policy::PolicyKeys;
pub use self::signing::SigningKey;

const WITNESS_KEY: &str = "witness.key";
const RESET_KEY: &str = "reset.key";
const HUBS_KEY: &str = "hubs.key";
const SECRET_BYTES: usize = ResetKey::BYTES;

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
    #[error("{} is missing or damaged; restore it from the backup of the keys", .0.display())]
    Damaged(PathBuf),
}

/// The hub's long-lived keys.
pub struct Keys {
    /// Signs nodes.
    pub nodes: Nodes,
    /// Recording chunks are sealed to it.
    pub recording: Arc<SealKey>,
    /// Countersigns the chains of events.
    pub witness: SigningKey,
    /// Signs what zones decide by.
    pub policy: PolicyKeys,
    /// Tells peers of a former process that their tunnels are gone.
    pub reset: ResetKey,
    /// Signs what accounts and users of the bus may.
    pub bus: BusKeys,
    /// Signs what hubs of the installation tell each other through the database.
    pub shared: SharedKey,
}

impl Keys {
    /// Reads the keys below `secrets_dir`, or makes them where there have never been any.
    ///
    /// # Errors
    /// [`KeysError`]; a key that is missing beside others is [`KeysError::Damaged`], never made anew.
    pub fn open(secrets_dir: &Path, node_lifetime: Duration) -> Result<Self, KeysError> {
        let folder = secrets_dir.join("keys");
        let create = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        create.map_err(at(&folder))?;
        let _turn = secrets_turn::take(secrets_dir).map_err(at(secrets_dir))?;
        // Stands while the first keys are made: a first start that was cut off goes on where it was.
        let making = folder.join("making");
        let fresh = fs::read_dir(&folder).map_err(at(&folder))?.next().is_none();
        if fresh {
            write(&making, b"")?;
        }
        if fresh || making.exists() {
            nodes::make(&folder)?;
            make_recording_key(&folder)?;
            fs::remove_file(&making).map_err(at(&making))?;
        }
        make_secret(&folder.join(RESET_KEY))?;
        make_secret(&folder.join(HUBS_KEY))?;
        BusKeys::make(&folder)?;
        SigningKey::make(&folder, WITNESS_KEY)?;
        PolicyKeys::make(&folder)?;
        Self::read(secrets_dir, node_lifetime)
    }

    /// Reads the keys and makes none: for commands beside the hub.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn read(secrets_dir: &Path, node_lifetime: Duration) -> Result<Self, KeysError> {
        let folder = secrets_dir.join("keys");
        Ok(Self {
            nodes: Nodes::read(&folder, node_lifetime)?,
            recording: Arc::new(recording_key(&folder)?),
            witness: SigningKey::read(&folder, WITNESS_KEY)?,
            policy: PolicyKeys::read(&folder)?,
            reset: ResetKey::new(read_secret(&folder.join(RESET_KEY))?),
            shared: SharedKey::new(&*read_secret(&folder.join(HUBS_KEY))?),
            bus: BusKeys::read(&folder)?,
        })
    }
}

fn make_recording_key(folder: &Path) -> Result<(), KeysError> {
    use data_encoding::HEXLOWER;
    let path = folder.join("recording.key");
    if path.exists() {
        return Ok(());
    }
    let key = SealKey::generate()?;
    let text = Zeroizing::new(format!(
        "{}\n{}\n",
        HEXLOWER.encode(key.public()),
        *Zeroizing::new(HEXLOWER.encode(key.private()))
    ));
    write(&path, text.as_bytes())
}

fn recording_key(folder: &Path) -> Result<SealKey, KeysError> {
    use data_encoding::HEXLOWER;
    let path = folder.join("recording.key");
    let text = read(&path)?;
    let mut lines = text.lines().map(|line| HEXLOWER.decode(line.trim().as_bytes()));
    match (lines.next(), lines.next()) {
        (Some(Ok(public)), Some(Ok(private))) => Ok(SealKey::from_parts(public, Zeroizing::new(private))),
        _ => Err(KeysError::Damaged(path)),
    }
}

/// A secret of 32 bytes. Unlike the others those may be made anew: what they sign lives for seconds, or is signed again.
fn make_secret(path: &Path) -> Result<(), KeysError> {
    if path.exists() { Ok(()) } else { replace_secret(path) }
}

fn replace_secret(path: &Path) -> Result<(), KeysError> {
    let mut key = Zeroizing::new([0; SECRET_BYTES]);
    rand::fill(&mut key[..]).map_err(|_| KeysError::Seal(SealError::Generate))?;
    write(path, &key[..])
}

fn read_secret(path: &Path) -> Result<Zeroizing<[u8; SECRET_BYTES]>, KeysError> {
    let bytes = Zeroizing::new(fs::read(path).map_err(at(path))?);
    let key = bytes.as_slice().try_into().map_err(|_| KeysError::Damaged(path.to_path_buf()))?;
    Ok(Zeroizing::new(key))
}

fn read(path: &Path) -> Result<Zeroizing<String>, KeysError> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(KeysError::Damaged(path.to_path_buf())),
        text => text.map(Zeroizing::new).map_err(at(path)),
    }
}

/// The turn to write in this folder, which lies in `secrets_dir`.
fn turn(folder: &Path) -> Result<File, KeysError> {
    let secrets_dir = folder.parent().unwrap_or(folder);
    secrets_turn::take(secrets_dir).map_err(at(secrets_dir))
}

/// A list that may not have begun.
fn read_json<T: DeserializeOwned + Default>(path: &Path) -> Result<T, KeysError> {
    match fs::read(path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|_| KeysError::Damaged(path.to_path_buf())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(T::default()),
        Err(error) => Err(at(path)(error)),
    }
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), KeysError> {
    let text = serde_json::to_vec_pretty(value).map_err(|_| KeysError::Damaged(path.to_path_buf()))?;
    write(path, &text)
}

/// Which file lies at a place: a rotation puts another one there.
type Stamp = (u64, SystemTime);

fn stamp(path: &Path) -> Option<Stamp> {
    let meta = fs::metadata(path).ok()?;
    Some((meta.ino(), meta.modified().ok()?))
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
    use openpam_link::ca::NODE_LIFETIME;

    use super::*;

    fn open(folder: &tempfile::TempDir) -> Result<Keys, KeysError> {
        Keys::open(folder.path(), NODE_LIFETIME)
    }

    #[test]
    fn keys_are_made_once_and_then_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = open(&folder).expect("makes");
        let second = open(&folder).expect("reads");
        assert_eq!(first.nodes.authority().root_sha256(), second.nodes.authority().root_sha256());
        assert_eq!(first.recording.public(), second.recording.public());
    }

    #[test]
    fn a_lost_key_is_an_error_and_never_a_new_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = open(&folder).expect("makes");
        let lose = |names: &[&str]| {
            let lost = names.iter().map(|name| folder.path().join("keys").join(name)).collect::<Vec<_>>();
            let kept = lost.iter().map(|path| fs::read(path).expect("reads")).collect::<Vec<_>>();
            lost.iter().for_each(|path| fs::remove_file(path).expect("removes"));
            assert!(
                matches!(open(&folder), Err(KeysError::Damaged(path)) if lost.contains(&path)),
                "{names:?}"
            );
            for (path, bytes) in lost.iter().zip(kept) {
                assert!(!path.exists());
                fs::write(path, bytes).expect("restores");
            }
        };
        lose(&["nodes.key"]);
        lose(&["recording.key"]);
        lose(&["nodes.key", "recording.key"]);
        lose(&["root.pem", "nodes.key", "recording.key"]);
        let again = open(&folder).expect("reads");
        assert_eq!(first.nodes.authority().root_sha256(), again.nodes.authority().root_sha256());
    }

    #[test]
    fn a_first_start_that_was_cut_off_goes_on_and_a_command_makes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(Keys::read(folder.path(), NODE_LIFETIME).is_err());
        assert!(!folder.path().join("keys").exists());
        open(&folder).expect("makes");
        let keys = folder.path().join("keys");
        fs::write(keys.join("making"), "").expect("writes");
        fs::remove_file(keys.join("recording.key")).expect("removes");
        open(&folder).expect("goes on");
        assert!(!keys.join("making").exists() && keys.join("recording.key").exists());
    }

    #[test]
    fn another_policy_key_signs_and_the_former_counts_until_its_overlap_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let (hub, command) = (open(&folder).expect("makes"), open(&folder).expect("reads"));
        let first = hub.policy.present().public();
        assert_eq!(hub.policy.accepted(), [first]);
        command.policy.rotate(Duration::from_secs(3600)).expect("rotates");
        assert!(hub.policy.reread().expect("reads") && !hub.policy.reread().expect("reads"));
        let second = hub.policy.present().public();
        assert_eq!(hub.policy.accepted(), [second, first]);
        command.policy.rotate(Duration::ZERO).expect("rotates");
        assert!(hub.policy.reread().expect("reads"));
        let third = hub.policy.present().public();
        assert_eq!(hub.policy.accepted(), [third, first], "the stolen second one counts no more");
        let again = open(&folder).expect("reads");
        assert_eq!(again.policy.accepted(), hub.policy.accepted());
    }

    #[test]
    fn a_rotated_intermediate_is_taken_until_its_overlap_ends_and_other_hubs_notice() {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = open(&folder).expect("makes");
        let (root, before) = (hub.nodes.authority().root_sha256(), hub.nodes.authority().key_id().to_owned());
        let command = open(&folder).expect("reads");
        command.nodes.rotate(None, Duration::from_secs(3600)).expect("rotates");
        assert!(hub.nodes.reread().expect("reads") && !hub.nodes.reread().expect("reads"));
        assert_eq!(hub.nodes.authority().root_sha256(), root);
        assert_ne!(hub.nodes.authority().key_id(), before);
        assert!(hub.nodes.accepts(&before) && hub.nodes.accepts(hub.nodes.authority().key_id()));
        command.nodes.rotate(None, Duration::ZERO).expect("rotates");
        assert!(hub.nodes.reread().expect("reads"));
        assert!(hub.nodes.accepts(&before), "its own overlap still runs");
        assert!(!hub.nodes.accepts(&hub.nodes.former()[1].key_id));
        assert!(!hub.nodes.accepts("another"));
    }
}
