//! The key of the bus, `bus.key`: 32 random bytes, of which every key of NATS's accounts is made.
//!
//! A rotation is one command, `openpam-hub bus rotate`; hubs that run notice it by themselves. It makes every account another
//! one: whoever was let in by the former key is cut off.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{KeysError, Stamp, make_secret, read_secret, replace_secret, stamp};
use crate::bus::authority::Authority;

const KEY: &str = "bus.key";

/// The key of the bus, as it is now.
#[derive(Debug)]
pub struct BusKeys {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    present: Arc<Authority>,
    file: Option<Stamp>,
}

impl BusKeys {
    /// Makes the key where there is none yet.
    ///
    /// # Errors
    /// [`KeysError`].
    pub(super) fn make(folder: &Path) -> Result<(), KeysError> {
        make_secret(&folder.join(KEY))
    }

    /// Reads the key.
    ///
    /// # Errors
    /// [`KeysError`].
    pub(super) fn read(folder: &Path) -> Result<Self, KeysError> {
        let path = folder.join(KEY);
        let state = Mutex::new(load(&path)?);
        Ok(Self { path, state })
    }

    /// What signs everything on the bus.
    #[must_use]
    pub fn present(&self) -> Arc<Authority> {
        self.state().present.clone()
    }

    /// Reads the file again if it has changed; whether it had.
    ///
    /// # Errors
    /// [`KeysError`]; then what was read before stays.
    pub fn reread(&self) -> Result<bool, KeysError> {
        if stamp(&self.path) == self.state().file {
            return Ok(false);
        }
        let state = load(&self.path)?;
        *self.state() = state;
        Ok(true)
    }

    /// Makes another key, from now on used for everything.
    ///
    /// # Errors
    /// [`KeysError`]; then nothing has changed.
    pub fn rotate(&self) -> Result<(), KeysError> {
        replace_secret(&self.path)?;
        self.reread().map(|_| ())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn load(path: &Path) -> Result<State, KeysError> {
    // The time first: a file that is replaced meanwhile is read again.
    let file = stamp(path);
    let present = Authority::new(&*read_secret(path)?).map_err(|_| KeysError::Damaged(path.to_path_buf()))?;
    Ok(State { present: Arc::new(present), file })
}
