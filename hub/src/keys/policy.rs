//! The keys that policies are signed by: the present one, and the former ones while sites may still take what they signed.
//!
//! Files in `keys`: `policy.key`; `policy-former.json`. A rotation is one command, `openpam-hub policy-key rotate`; hubs that
//! run notice it by themselves, sign every zone's policy anew and tell the sites.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use openpam_policy::PolicyKey;
use openpam_proto::control::MAX_POLICY_KEYS;
use serde::{Deserialize, Serialize};

use super::signing::SigningKey;
use super::{KeysError, Stamp, read_json, stamp, turn, write_json};
use crate::time::Time;

const KEY: &str = "policy.key";
const FORMER: &str = "policy-former.json";

/// A key that was rotated away: its public half.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Former {
    #[serde(with = "hex")]
    public: PolicyKey,
    accepted_until: Time,
}

/// The keys of policies. Cheap to clone.
#[derive(Clone)]
pub struct PolicyKeys(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Clone)]
struct State {
    present: Arc<SigningKey>,
    former: Vec<Former>,
    file: Option<Stamp>,
}

impl PolicyKeys {
    pub(super) fn make(folder: &Path) -> Result<(), KeysError> {
        SigningKey::make(folder, KEY)
    }

    pub(super) fn read(folder: &Path) -> Result<Self, KeysError> {
        let state = Mutex::new(load(folder)?);
        Ok(Self(Arc::new(Inner { folder: folder.to_path_buf(), state })))
    }

    /// What signs now.
    #[must_use]
    pub fn present(&self) -> Arc<SigningKey> {
        self.state().present
    }

    /// What sites take policies of: the present key, then the former ones, latest first.
    #[must_use]
    pub fn accepted(&self) -> Vec<PolicyKey> {
        let (state, now) = (self.state(), Time::now());
        let former = state.former.iter().rev().filter(|former| now < former.accepted_until);
        let present = state.present.public();
        let former = former.map(|former| former.public).filter(|public| *public != present);
        std::iter::once(present).chain(former).take(MAX_POLICY_KEYS).collect()
    }

    /// Reads the files again if they have changed; whether they had.
    ///
    /// # Errors
    /// [`KeysError`]; then what was read before stays.
    pub fn reread(&self) -> Result<bool, KeysError> {
        if stamp(&self.0.folder.join(KEY)) == self.state().file {
            return Ok(false);
        }
        let state = load(&self.0.folder)?;
        *self.0.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        Ok(true)
    }

    /// Makes another key, from now on used for everything; sites take what the present one has signed for `overlap` more.
    ///
    /// # Errors
    /// [`KeysError`]; then nothing has changed, or only the list of former ones.
    pub fn rotate(&self, overlap: Duration) -> Result<(), KeysError> {
        let folder = &self.0.folder;
        let _turn = turn(folder)?;
        let mut state = load(folder)?;
        state.former.retain(|former| former.accepted_until > Time::now());
        let accepted_until = Time::now().after(overlap);
        state.former.push(Former { public: state.present.public(), accepted_until });
        write_json(&folder.join(FORMER), &state.former)?;
        SigningKey::replace(folder, KEY)?;
        self.reread().map(|_| ())
    }

    fn state(&self) -> State {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn load(folder: &Path) -> Result<State, KeysError> {
    // The time first: a file that is replaced meanwhile is read again.
    let file = stamp(&folder.join(KEY));
    let present = Arc::new(SigningKey::read(folder, KEY)?);
    Ok(State { present, former: read_json(&folder.join(FORMER))?, file })
}

/// As text in a file.
mod hex {
    use data_encoding::HEXLOWER;
    use openpam_policy::PolicyKey;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(key: &PolicyKey, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&HEXLOWER.encode(key))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PolicyKey, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(D::Error::custom)?;
        bytes.try_into().map_err(|_| D::Error::custom("a key has 32 bytes"))
    }
}
