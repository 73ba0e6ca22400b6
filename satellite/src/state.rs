//! The satellite's state folder: its lock, its key, and what joining gave it.
//!
//! The private key is made here and never leaves; files are written whole or not at all, for their owner only.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use openpam_ids::{HubId, SatelliteId, ZoneId};
use openpam_link::identity::NodeIdentity;
use openpam_proto::join::Joined;
use openpam_proto::renew::Renewed;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::hubs;

/// Why the state folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file system refused.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// Another satellite runs on it.
    #[error("{}: another openpam-satellite is running with this state folder", .path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// No join has happened here.
    #[error("{}: this satellite has not joined a hub yet; run: openpam-satellite join TOKEN", .path.display())]
    NotJoined {
        /// The folder.
        path: PathBuf,
    },
    /// The file holds something else.
    #[error("{}: damaged; join again with --replace", .path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
}

/// A state folder that is ours alone while this value lives.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
    _lock: File,
}

/// What joining gave this satellite.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Membership {
    /// Its id, also in the certificate.
    pub satellite_id: SatelliteId,
    /// Its zone.
    pub zone_id: ZoneId,
    /// The zone's name, for people.
    pub zone: String,
    /// The hub instance that enrolled it.
    pub hub_id: HubId,
    /// Where the hub's tunnels are: `host:port`.
    pub addresses: Vec<String>,
    /// Node certificate and intermediates, DER in Base64.
    chain: Vec<String>,
    /// The pinned root, DER in Base64.
    root: String,
    /// Which renewal the certificate is of; 0: the join.
    #[serde(default)]
    pub generation: u64,
    /// The nonce of a renewal that was begun: it is repeated until its answer is here.
    #[serde(default)]
    asked: Option<String>,
}

impl Membership {
    /// What the hub answered to a join.
    #[must_use]
    pub fn from_answer(joined: &Joined) -> Self {
        Self {
            satellite_id: joined.satellite_id,
            zone_id: joined.zone_id,
            zone: joined.zone.clone(),
            hub_id: joined.hub_id,
            addresses: joined.addresses.clone(),
            chain: joined.chain.iter().map(|cert| BASE64.encode(cert)).collect(),
            root: BASE64.encode(&joined.root),
            generation: 0,
            asked: None,
        }
    }

    /// The nonce of the next renewal: the one that was sent already, or `fresh`, which is then to be kept on the disk
    /// before it is sent.
    pub fn nonce(&mut self, fresh: &[u8]) -> Vec<u8> {
        let kept = self.asked.as_ref().and_then(|nonce| BASE64.decode(nonce.as_bytes()).ok());
        kept.unwrap_or_else(|| {
            self.asked = Some(BASE64.encode(fresh));
            fresh.to_vec()
        })
    }

    /// What the hub answered to a renewal.
    pub fn renew(&mut self, renewed: &Renewed) {
        self.chain = renewed.chain.iter().map(|cert| BASE64.encode(cert)).collect();
        self.generation = renewed.generation;
        self.asked = None;
        if !renewed.addresses.is_empty() {
            self.addresses.clone_from(&renewed.addresses);
        }
    }
}

impl StateDir {
    /// Opens (or makes) the folder and locks it.
    ///
    /// # Errors
    /// [`StateError::Io`], [`StateError::Locked`].
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let io = |source| StateError::Io { path: path.to_owned(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io)?;
        let lock = private_file(&path.join("lock")).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {
                // Who holds it, for those who want to talk to it.
                lock.set_len(0).and_then(|()| writeln!(&lock, "{}", std::process::id())).map_err(io)?;
                Ok(Self { path: path.to_owned(), _lock: lock })
            }
            Err(fs::TryLockError::WouldBlock) => Err(StateError::Locked { path: path.to_owned() }),
            Err(fs::TryLockError::Error(source)) => Err(io(source)),
        }
    }

    /// A file or folder in it.
    #[must_use]
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The key that is to join, made at the first try, so that a join can be repeated with it.
    ///
    /// # Errors
    /// [`StateError::Io`].
    pub fn pending_key(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StateError> {
        self.read_key("pending.key")
    }

    /// Keeps the key of a join that is under way.
    ///
    /// # Errors
    /// [`StateError::Io`].
    pub fn keep_pending_key(&self, key: &[u8]) -> Result<(), StateError> {
        self.write("pending.key", key)
    }

    /// Keeps what changed of the membership.
    ///
    /// # Errors
    /// [`StateError::Io`]; then what was there before stays.
    pub fn keep(&self, membership: &Membership) -> Result<(), StateError> {
        let text = serde_json::to_vec_pretty(membership)
            .map_err(|error| self.io("node.json", std::io::Error::other(error)))?;
        self.write("node.json", &text)
    }

    /// Keeps a file, whole or not at all.
    ///
    /// # Errors
    /// [`StateError::Io`]; then what was there before stays.
    pub fn keep_file(&self, name: &str, bytes: &[u8]) -> Result<(), StateError> {
        self.write(name, bytes)
    }

    /// The satellite was revoked: its key is of no use any more and goes.
    ///
    /// # Errors
    /// [`StateError::Io`].
    pub fn give_up_key(&self) -> Result<(), StateError> {
        let path = self.join("node.key");
        let gone = (|| {
            // On disks that write in place this leaves nothing; others keep what a copy of the disk would have too.
            let length = usize::try_from(fs::metadata(&path)?.len()).unwrap_or_default();
            let mut file = private_file(&path)?;
            file.write_all(&vec![0; length])?;
            file.sync_all()?;
            fs::remove_file(&path)?;
            fs::rename(self.join("node.json"), self.join("revoked.json"))?;
            File::open(&self.path)?.sync_all()
        })();
        gone.map_err(|source| StateError::Io { path, source })
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The join succeeded: its key and membership become this satellite's.
    ///
    /// # Errors
    /// [`StateError::Io`]; then the join can be repeated.
    pub fn keep_membership(&self, key: &[u8], membership: &Membership) -> Result<(), StateError> {
        self.archive_former(membership)?;
        self.write("node.key", key)?;
        self.keep(membership)?;
        let _ = fs::remove_file(self.join("pending.key"));
        Ok(())
    }

    /// What joining gave this satellite, and its credentials.
    ///
    /// # Errors
    /// [`StateError::NotJoined`], [`StateError::Damaged`], [`StateError::Io`].
    pub fn membership(&self) -> Result<(Membership, NodeIdentity), StateError> {
        read_membership(&self.path)
    }

    /// Another identity begins another chain of events: what the former one left is kept apart.
    fn archive_former(&self, membership: &Membership) -> Result<(), StateError> {
        let Ok((former, _)) = self.membership() else { return Ok(()) };
        if former.satellite_id == membership.satellite_id {
            return Ok(());
        }
        let folder = self.join(&format!("former-{}", former.satellite_id));
        let moved = fs::create_dir_all(&folder).and_then(|()| {
            for name in [
                "satellite.db",
                "satellite.db-wal",
                "satellite.db-shm",
                "satellite.db.half",
                "satellite.db.whole",
                "spool",
                hubs::FILE,
            ] {
                match fs::rename(self.join(name), folder.join(name)) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            Ok(())
        });
        moved.map_err(|source| StateError::Io { path: folder, source })
    }

    fn read_key(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StateError> {
        read_key(&self.path, name)
    }

    /// Writes a file beside its place, makes it durable, and moves it there.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StateError> {
        let new = self.join(&format!("{name}.new"));
        let result = (|| {
            let mut file = private_file(&new)?;
            file.set_len(0)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new, self.join(name))?;
            File::open(&self.path)?.sync_all()
        })();
        result.map_err(|source| self.io(name, source))
    }

    fn io(&self, name: &str, source: std::io::Error) -> StateError {
        StateError::Io { path: self.join(name), source }
    }
}

/// What joining gave the satellite of that folder, whether or not one runs on it.
///
/// # Errors
/// [`StateError::NotJoined`], [`StateError::Damaged`], [`StateError::Io`].
pub fn read_membership(folder: &Path) -> Result<(Membership, NodeIdentity), StateError> {
    let path = folder.join("node.json");
    let damaged = || StateError::Damaged { path: path.clone() };
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(StateError::NotJoined { path: folder.to_owned() });
        }
        Err(source) => return Err(StateError::Io { path, source }),
    };
    let membership = serde_json::from_slice::<Membership>(&text).map_err(|_| damaged())?;
    let key = read_key(folder, "node.key")?.ok_or_else(damaged)?;
    let der = |text: &String| BASE64.decode(text.as_bytes()).map_err(|_| damaged());
    let chain = membership.chain.iter().map(|cert| der(cert).map(Into::into)).collect::<Result<_, _>>()?;
    let identity = NodeIdentity::new(chain, der(&membership.root)?.into(), key);
    Ok((membership, identity))
}

fn read_key(folder: &Path, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StateError> {
    let path = folder.join(name);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StateError::Io { path, source }),
    }
}

fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).mode(0o600).open(path)
}
