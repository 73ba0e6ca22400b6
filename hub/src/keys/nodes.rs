//! The authority that signs nodes: its present intermediate, the former ones while they are still taken, and how one
//! follows the other.
//!
//! Files in `keys`: `root.pem` and `root.key`; `nodes.key` with the present intermediate's private key and, once it
//! was rotated, its certificate; `nodes.pem` with the certificate before that; `former.json`. A rotation is one
//! command, `openpam-hub ca rotate`; hubs that run notice it by themselves.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use openpam_link::ca::Authority;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{KeysError, Stamp, read, read_json, stamp, turn, write, write_json};
use crate::time::Time;

const KEY: &str = "nodes.key";
const CERTIFICATE: &str = "nodes.pem";
const FORMER: &str = "former.json";

/// An intermediate that was rotated away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Former {
    /// Its subject key identifier, in hex.
    pub key_id: String,
    /// Until when certificates that it signed open tunnels. Renewed they may be for longer.
    pub accepted_until: Time,
}

/// The authority of all nodes. Cheap to clone.
#[derive(Clone)]
pub struct Nodes(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    node_lifetime: Duration,
    state: Mutex<State>,
}

#[derive(Clone)]
struct State {
    authority: Arc<Authority>,
    former: Vec<Former>,
    file: Option<Stamp>,
}

impl Nodes {
    /// Reads it from the folder of keys.
    pub(super) fn read(folder: &Path, node_lifetime: Duration) -> Result<Self, KeysError> {
        let state = Mutex::new(load(folder, node_lifetime)?);
        Ok(Self(Arc::new(Inner { folder: folder.to_path_buf(), node_lifetime, state })))
    }

    /// What signs now.
    #[must_use]
    pub fn authority(&self) -> Arc<Authority> {
        self.state().authority
    }

    /// Whether a certificate signed with that key opens a tunnel.
    #[must_use]
    pub fn accepts(&self, issuer_key_id: &str) -> bool {
        let (state, now) = (self.state(), Time::now());
        state.authority.key_id() == issuer_key_id
            || state.former.iter().any(|former| former.key_id == issuer_key_id && now < former.accepted_until)
    }

    /// Former intermediates, newest last.
    #[must_use]
    pub fn former(&self) -> Vec<Former> {
        self.state().former
    }

    /// Reads the files again if they have changed; whether they had.
    ///
    /// # Errors
    /// [`KeysError`]; then what was read before stays.
    pub fn reread(&self) -> Result<bool, KeysError> {
        if stamp(&self.0.folder.join(KEY)) == self.state().file {
            return Ok(false);
        }
        let state = load(&self.0.folder, self.0.node_lifetime)?;
        *self.0.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        Ok(true)
    }

    /// Makes another intermediate, from now on used for everything; certificates under the present one open tunnels
    /// for `overlap` more. `root_key` is where the root's private key lies if it is not in the folder.
    ///
    /// # Errors
    /// [`KeysError`]; then nothing has changed, or only the list of former ones.
    pub fn rotate(&self, root_key: Option<&Path>, overlap: Duration) -> Result<(), KeysError> {
        let folder = &self.0.folder;
        let root_key = root_key.map_or_else(|| folder.join("root.key"), Path::to_path_buf);
        let _turn = turn(folder)?;
        let pem = Authority::rotate(&read(&folder.join("root.pem"))?, &read(&root_key)?, SystemTime::now())?;
        self.reread()?;
        let state = self.state();
        let mut former = state.former;
        former.retain(|former| former.accepted_until > Time::now());
        former.push(Former {
            key_id: state.authority.key_id().to_owned(),
            accepted_until: Time::now().after(overlap),
        });
        write_json(&folder.join(FORMER), &former)?;
        // Key and certificate in one file: there is never one without the other.
        let both = Zeroizing::new(format!("{}{}", *pem.key, pem.cert));
        write(&folder.join(KEY), both.as_bytes())?;
        self.reread().map(|_| ())
    }

    fn state(&self) -> State {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Makes root and intermediate, unless they are there.
pub(super) fn make(folder: &Path) -> Result<(), KeysError> {
    // The intermediate's key is written last: with it, all four are there.
    let key = folder.join(KEY);
    if key.exists() {
        return Ok(());
    }
    let pem = Authority::create(SystemTime::now())?;
    write(&folder.join("root.pem"), pem.root_cert.as_bytes())?;
    write(&folder.join("root.key"), pem.root_key.as_bytes())?;
    write(&folder.join(CERTIFICATE), pem.intermediate_cert.as_bytes())?;
    write(&key, pem.intermediate_key.as_bytes())
}

fn load(folder: &Path, node_lifetime: Duration) -> Result<State, KeysError> {
    let file = stamp(&folder.join(KEY));
    let root = read(&folder.join("root.pem"))?;
    let key = read(&folder.join(KEY))?;
    let authority = if key.contains("BEGIN CERTIFICATE") {
        Authority::load(&root, &key, &key)?
    } else {
        Authority::load(&root, &read(&folder.join(CERTIFICATE))?, &key)?
    };
    let former = read_json(&folder.join(FORMER))?;
    Ok(State { authority: Arc::new(authority.with_node_lifetime(node_lifetime)), former, file })
}
