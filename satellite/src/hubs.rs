//! The hubs of the installation as this site knows them, and to which of them it holds a tunnel.
//!
//! Each hub tells which ones there are. That is kept in the state folder, so that a satellite that starts while its usual hub
//! is dead finds the others. It dials nothing: `uplink` does, when it is its [`Turn`].

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Weak};

use openpam_ids::HubId;
use openpam_proto::control::{HubInstance, MAX_ADDRESSES, MAX_INSTANCES};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::state::StateDir;

/// The file in the state folder.
pub const FILE: &str = "hubs.json";
/// A longer file is not ours.
const MAX_FILE_BYTES: u64 = 64 * 1024;
/// The longest name that DNS knows, a colon and a port.
const MAX_ADDRESS_BYTES: usize = 253 + 6;
/// So many dials to the configured addresses in vain, and the only hub that was ever told of is looked for where it said.
const IN_VAIN: u32 = 2;

/// A hub of the installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hub {
    /// Which.
    pub hub_id: HubId,
    /// Where its tunnels are: `host:port`.
    pub addresses: Vec<String>,
}

/// Whom an uplink is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aim {
    /// Whichever hub answers at the addresses that joining brought.
    Any,
    /// That hub, at the addresses that it told of.
    Hub(HubId),
}

/// Whether an uplink without a tunnel dials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// As its pace says.
    Now,
    /// A moment later: another one probably brings what is wanted.
    Soon,
    /// Every now and then: others hold tunnels, but not to every hub.
    Seldom,
    /// Nothing is missing.
    StandBy,
    /// Its hub is none of the installation's any more.
    Over,
}

/// The table of hubs. Clones are cheap and mean the same one.
#[derive(Clone, Debug)]
pub struct Hubs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Option<Arc<StateDir>>,
    table: watch::Sender<Table>,
}

/// What is known of the hubs. Pure.
#[derive(Clone, Debug, Default)]
pub struct Table {
    known: Vec<Hub>,
    /// Those that an uplink of ours has a tunnel to.
    taken: HashSet<HubId>,
    /// Whether the configured addresses led to a hub since the start.
    reached: bool,
    /// Dials there that failed since the last one that did not.
    failed: u32,
}

impl Table {
    /// Whether the uplink for `aim`, which has no tunnel, dials.
    #[must_use]
    pub fn turn(&self, aim: Aim) -> Turn {
        match aim {
            Aim::Any if self.taken.is_empty() => match self.known.len() {
                0 | 1 => Turn::Now,
                _ => Turn::Soon,
            },
            Aim::Any if self.known.iter().any(|hub| !self.taken.contains(&hub.hub_id)) => Turn::Seldom,
            Aim::Any => Turn::StandBy,
            Aim::Hub(hub_id) => match self.known.iter().find(|hub| hub.hub_id == hub_id) {
                None => Turn::Over,
                Some(hub) if self.taken.contains(&hub_id) || hub.addresses.is_empty() => Turn::StandBy,
                // A hub that is alone is found where it always was.
                Some(_) if self.known.len() == 1 && self.taken.is_empty() && !self.is_lost() => Turn::StandBy,
                Some(_) => Turn::Now,
            },
        }
    }

    fn is_lost(&self) -> bool {
        !self.reached && self.failed >= IN_VAIN
    }
}

/// Why a tunnel to a hub is not kept.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Another hub was meant.
    #[error("another hub answers there: {found}")]
    Other {
        /// Which.
        found: HubId,
    },
    /// There is one already.
    #[error("a tunnel to this hub stands already")]
    Surplus,
}

/// The right to hold a tunnel to one hub; dropping it gives it back.
#[derive(Debug)]
pub struct Taken {
    hub_id: HubId,
    hubs: Weak<Inner>,
}

impl Taken {
    /// Which hub.
    #[must_use]
    pub const fn hub_id(&self) -> HubId {
        self.hub_id
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(hubs) = self.hubs.upgrade() {
            hubs.table.send_modify(|table| {
                table.taken.remove(&self.hub_id);
            });
        }
    }
}

impl Hubs {
    /// As they are kept in the state folder. A file that is missing or damaged says nothing.
    #[must_use]
    pub fn open(state: Arc<StateDir>) -> Self {
        let known = read(&state.join(FILE));
        let table = watch::Sender::new(Table { known, ..Table::default() });
        Self(Arc::new(Inner { state: Some(state), table }))
    }

    /// None yet; what is told is not kept.
    #[must_use]
    pub fn fleeting() -> Self {
        Self(Arc::new(Inner { state: None, table: watch::Sender::default() }))
    }

    /// A hub said which ones there are; none: it is alone and older.
    pub fn told(&self, instances: &[HubInstance]) {
        let hubs = checked(instances.iter().map(|hub| (hub.hub_id, hub.addresses.as_slice())));
        let fresh = self.0.table.send_if_modified(|table| {
            let fresh = table.known != hubs;
            table.known.clone_from(&hubs);
            fresh
        });
        let Some(state) = self.0.state.as_ref().filter(|_| fresh) else { return };
        tracing::info!(hubs = hubs.len(), "the hubs of the installation are others now");
        let text = serde_json::to_vec_pretty(&hubs).unwrap_or_default();
        if let Err(error) = state.keep_file(FILE, &text) {
            tracing::warn!(%error, "which hubs there are could not be kept; it comes again with the next tunnel");
        }
    }

    /// Those that a hub told of.
    #[must_use]
    pub fn known(&self) -> Vec<Hub> {
        self.0.table.borrow().known.clone()
    }

    /// Where a hub is.
    #[must_use]
    pub fn addresses(&self, hub_id: HubId) -> Vec<String> {
        let table = self.0.table.borrow();
        let hub = table.known.iter().find(|hub| hub.hub_id == hub_id);
        hub.map(|hub| hub.addresses.clone()).unwrap_or_default()
    }

    /// Changes whenever a hub is told of or forgotten, taken or given back.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Table> {
        self.0.table.subscribe()
    }

    /// Takes the hub that answered a dial, for an uplink with that aim.
    ///
    /// # Errors
    /// [`NotTaken`]; then the tunnel is to be closed before anything is said in it.
    pub fn take(&self, aim: Aim, hub_id: HubId) -> Result<Taken, NotTaken> {
        if aim != Aim::Any && aim != Aim::Hub(hub_id) {
            return Err(NotTaken::Other { found: hub_id });
        }
        let mut free = false;
        self.0.table.send_modify(|table| {
            free = table.taken.insert(hub_id);
            if aim == Aim::Any {
                (table.reached, table.failed) = (true, 0);
            }
        });
        match free {
            true => Ok(Taken { hub_id, hubs: Arc::downgrade(&self.0) }),
            false => Err(NotTaken::Surplus),
        }
    }

    /// The configured addresses were dialled in vain.
    pub fn failed(&self) {
        self.0.table.send_modify(|table| table.failed = table.failed.saturating_add(1));
    }

    /// How many hubs there are tunnels to.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.table.borrow().taken.len()
    }
}

/// The hubs that a file tells of.
#[must_use]
pub fn read(path: &Path) -> Vec<Hub> {
    let mut text = Vec::new();
    let file = std::fs::File::open(path);
    if file.and_then(|file| file.take(MAX_FILE_BYTES).read_to_end(&mut text)).is_err() {
        return Vec::new();
    }
    let hubs = serde_json::from_slice::<Vec<Hub>>(&text).unwrap_or_else(|error| {
        tracing::warn!(%error, path = %path.display(), "which hubs there are could not be read");
        Vec::new()
    });
    checked(hubs.iter().map(|hub| (hub.hub_id, hub.addresses.as_slice())))
}

/// As many as may be, each once, with the addresses that are some.
fn checked<'a>(hubs: impl Iterator<Item = (HubId, &'a [String])>) -> Vec<Hub> {
    let mut known = Vec::<Hub>::new();
    for (hub_id, addresses) in hubs {
        if known.len() < MAX_INSTANCES && known.iter().all(|hub| hub.hub_id != hub_id) {
            let sound = addresses.iter().filter(|address| is_address(address));
            known.push(Hub { hub_id, addresses: sound.take(MAX_ADDRESSES).cloned().collect() });
        }
    }
    known.sort_by_key(|hub| hub.hub_id);
    known
}

/// Whether that is `host:port`.
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]%".contains(&byte);
    text.len() <= MAX_ADDRESS_BYTES
        && !host.is_empty()
        && host.bytes().all(is_sound)
        && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(addresses: &[&str]) -> HubInstance {
        let addresses = addresses.iter().map(|&address| address.to_owned()).collect();
        HubInstance { hub_id: HubId::generate(), addresses }
    }

    fn turns(hubs: &Hubs, aims: &[Aim]) -> Vec<Turn> {
        let table = hubs.watch();
        let table = table.borrow();
        aims.iter().map(|aim| table.turn(*aim)).collect()
    }

    #[test]
    fn a_hub_that_is_alone_is_dialled_where_it_always_was() {
        let hubs = Hubs::fleeting();
        assert_eq!(turns(&hubs, &[Aim::Any]), [Turn::Now]);
        let only = hub(&["hub.example:7443"]);
        let aims = [Aim::Any, Aim::Hub(only.hub_id)];
        let taken = hubs.take(Aim::Any, only.hub_id).expect("free");
        hubs.told(std::slice::from_ref(&only));
        assert_eq!(turns(&hubs, &aims), [Turn::StandBy, Turn::StandBy]);
        drop(taken);
        (0..9).for_each(|_| hubs.failed());
        assert_eq!(turns(&hubs, &aims), [Turn::Now, Turn::StandBy]);
        hubs.told(&[]);
        assert_eq!(turns(&hubs, &aims), [Turn::Now, Turn::Over]);
    }

    #[test]
    fn after_a_start_in_vain_the_only_hub_is_looked_for_where_it_said() {
        let hubs = Hubs::fleeting();
        let only = hub(&["hub.example:7443"]);
        hubs.told(std::slice::from_ref(&only));
        hubs.failed();
        assert_eq!(turns(&hubs, &[Aim::Hub(only.hub_id)]), [Turn::StandBy]);
        hubs.failed();
        assert_eq!(turns(&hubs, &[Aim::Any, Aim::Hub(only.hub_id)]), [Turn::Now, Turn::Now]);
    }

    #[test]
    fn each_hub_without_a_tunnel_is_dialled_and_none_twice() {
        let hubs = Hubs::fleeting();
        let (one, other) = (hub(&["one.example:7443"]), hub(&["other.example:7443"]));
        let nowhere = hub(&["nowhere"]);
        let aims = [Aim::Any, Aim::Hub(one.hub_id), Aim::Hub(other.hub_id), Aim::Hub(nowhere.hub_id)];
        hubs.told(&[one.clone(), other.clone(), nowhere]);
        assert_eq!(turns(&hubs, &aims), [Turn::Soon, Turn::Now, Turn::Now, Turn::StandBy]);
        let first = hubs.take(Aim::Any, one.hub_id).expect("free");
        assert_eq!(turns(&hubs, &aims), [Turn::Seldom, Turn::StandBy, Turn::Now, Turn::StandBy]);
        assert_eq!(hubs.take(Aim::Any, one.hub_id).map(|_| ()), Err(NotTaken::Surplus));
        assert_eq!(hubs.count(), 1, "a surplus tunnel takes nothing away");
        let found = one.hub_id;
        assert_eq!(hubs.take(aims[2], found).map(|_| ()), Err(NotTaken::Other { found }));
        let second = hubs.take(aims[2], other.hub_id).expect("free");
        hubs.told(&[one.clone(), other.clone()]);
        assert_eq!(turns(&hubs, &aims), [Turn::StandBy, Turn::StandBy, Turn::StandBy, Turn::Over]);
        drop(first);
        assert_eq!(turns(&hubs, &aims[..3]), [Turn::Seldom, Turn::Now, Turn::StandBy]);
        drop(second);
        assert_eq!(turns(&hubs, &aims[..3]), [Turn::Soon, Turn::Now, Turn::Now]);
    }

    #[test]
    fn what_is_told_is_bounded_and_survives_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = Arc::new(StateDir::open(folder.path()).expect("a state folder"));
        let many: Vec<_> = (0..MAX_INSTANCES + 3).map(|_| hub(&["a:1"; MAX_ADDRESSES + 3])).collect();
        let mut told = vec![many[0].clone()];
        told.extend(many);
        let hubs = Hubs::open(state.clone());
        hubs.told(&told);
        let kept = Hubs::open(state.clone()).known();
        assert_eq!((kept.len(), kept[0].addresses.len()), (MAX_INSTANCES, MAX_ADDRESSES));
        assert_eq!(kept, hubs.known());
        std::fs::write(state.join(FILE), "[{").expect("a damaged file");
        assert_eq!(Hubs::open(state).known(), []);
    }

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for sound in ["hub.example:7443", "192.0.2.1:1", "[2001:db8::1]:65535"] {
            assert!(is_address(sound), "{sound}");
        }
        for wrong in ["hub.example", ":7443", "hub:0", "hub:70000", "a b:1", "http://hub:1", "hub\n:1", ""] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }
}
