//! The witness: states every ten seconds how far all chains are, signs that, and gives it to whoever can hold it.
//!
//! A statement names the chains that went on since the one before: the hub's own, and those of the satellites that are
//! connected; once an hour all. It goes to the books, to a note in the data folder, and to every satellite, in this order. What
//! satellites show at their hello, and the note at the start, must be in the books: otherwise these were set back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io};

use data_encoding::HEXLOWER;
use openpam_ids::SatelliteId;
use openpam_proto::event::ChainedEvent;
use openpam_proto::witness::{Countersigned, Head, Statement};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::{AppState, Hub};
use crate::store::events::{self, Fact};
use crate::store::{StoreError, witnesses};
use crate::time::Time;

/// How often.
const EVERY: Duration = Duration::from_secs(10);
/// How often every chain is named, also one that did not go on.
const ALL_EVERY: Duration = Duration::from_secs(3600);
/// The kind of the event that tells of books that were set back.
pub const SET_BACK: &str = "audit.set_back";
/// The kind of the event that tells what a restored backup did not have.
pub const LOST_BY_RESTORE: &str = "audit.lost_by_restore";

/// The newest statement, as the data folder keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Note {
    /// Of which hub.
    pub hub_id: Uuid,
    /// Its place.
    pub seq: u64,
    /// Its hash, in hexadecimal digits.
    pub hash: String,
}

impl Note {
    /// Reads the note of this data folder; absent before the first statement.
    ///
    /// # Errors
    /// If it cannot be read, or is none.
    pub fn read(data_dir: &Path) -> io::Result<Option<Self>> {
        match fs::read(path(data_dir)) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The hash; zeros, which no statement has, if it is none.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let bytes = HEXLOWER.decode(self.hash.as_bytes()).unwrap_or_default();
        bytes.try_into().unwrap_or_default()
    }

    fn write(&self, data_dir: &Path) -> io::Result<()> {
        let (path, text) = (path(data_dir), serde_json::to_vec(self).map_err(io::Error::other)?);
        let new = path.with_extension("new");
        fs::write(&new, text)?;
        fs::File::open(&new)?.sync_all()?;
        fs::rename(&new, &path)
    }
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("witness.json")
}

/// What is told to satellites: the newest statement.
pub type Told = watch::Sender<Option<Countersigned>>;

/// States until the hub stops, and once more then.
pub async fn run(hub: AppState, stop: CancellationToken) {
    let mut witness = Witness::default();
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let stopping = tokio::select! {
            () = stop.cancelled() => true,
            _ = tick.tick() => false,
        };
        if let Err(error) = witness.state(&hub).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the chains of events could not be countersigned"
            );
        }
        if stopping {
            return;
        }
    }
}

/// Why nothing was stated.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The books.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The note in the data folder.
    #[error("witness.json in the data folder")]
    Note(#[from] io::Error),
}

/// What was stated so far.
#[derive(Default)]
pub struct Witness {
    /// The newest statement's place and hash; absent: not looked up yet.
    newest: Option<(u64, [u8; 32])>,
    named: HashMap<Uuid, u64>,
    all_at: Option<Instant>,
}

impl Witness {
    /// States how far the chains are, if one went on.
    ///
    /// # Errors
    /// [`WitnessError`]; then nothing was given to anybody, except that the note may lag behind the books.
    pub async fn state(&mut self, hub: &Hub) -> Result<(), WitnessError> {
        let (seq, previous) = match self.newest {
            Some(newest) => newest,
            None => begin(hub).await?,
        };
        self.newest = Some((seq, previous));
        let all = self.all_at.is_none_or(|at| at.elapsed() >= ALL_EVERY);
        let mut nodes: Vec<_> = hub.sites.connected().iter().map(|satellite| satellite.uuid()).collect();
        nodes.push(hub.id.uuid());
        let mut heads = witnesses::heads(&hub.pool, &nodes).await?;
        heads.retain(|head| all || self.named.get(&head.node_id) != Some(&head.seq));
        if heads.is_empty() {
            return Ok(());
        }
        let statement = Statement { at_ms: Time::now().as_ms(), epoch: hub.epoch, heads };
        let link = ChainedEvent::link(seq + 1, previous, statement.to_bytes());
        let said = Countersigned::new(hub.id, &link, &statement, |bytes| hub.keys.witness.sign(bytes));
        witnesses::add(&hub.pool, &link, &said).await?;
        self.newest = Some((link.seq, link.hash));
        self.named.extend(statement.heads.iter().map(|head: &Head| (head.node_id, head.seq)));
        if all {
            self.all_at = Some(Instant::now());
        }
        let note = Note { hub_id: hub.id.uuid(), seq: link.seq, hash: HEXLOWER.encode(&link.hash) };
        note.write(&hub.config.data_dir)?;
        hub.countersigned.send_replace(Some(said));
        Ok(())
    }
}

/// Where the chain of statements goes on. A note that is ahead of the books is told before it is written over.
async fn begin(hub: &Hub) -> Result<(u64, [u8; 32]), WitnessError> {
    if let Some(note) = Note::read(&hub.config.data_dir)?
        && !witnesses::has(&hub.pool, note.hub_id, note.seq, &note.hash()).await?
    {
        let detail = json!({ "held_by": "the data folder", "hub_id": note.hub_id, "statement": note.seq, "hash": note.hash });
        tell(hub, SET_BACK, &note.hash, detail).await?;
    }
    Ok(witnesses::newest(&hub.pool, hub.id).await?.unwrap_or_default())
}

/// Compares what a satellite holds with the books. What the books do not have is told in the hub's own chain, once.
///
/// # Errors
/// [`StoreError`].
pub async fn compare(hub: &Hub, satellite: SatelliteId, held: &[Countersigned]) -> Result<(), StoreError> {
    for said in held {
        if !hub.keys.witness.has_signed(&said.signed_bytes(), &said.signature) {
            tracing::warn!(%satellite, "it holds a countersignature that no hub of this installation made");
            continue;
        }
        if witnesses::has(&hub.pool, said.hub_id.uuid(), said.seq, &said.hash).await? {
            continue;
        }
        let kind = if said.epoch < hub.epoch { LOST_BY_RESTORE } else { SET_BACK };
        let hash = HEXLOWER.encode(&said.hash);
        let detail = json!({
            "held_by": satellite, "hub_id": said.hub_id, "statement": said.seq, "hash": hash,
            "stated_at": Time::from_ms(said.at_ms),
        });
        tell(hub, kind, &hash, detail).await?;
    }
    Ok(())
}

async fn tell(
    hub: &Hub,
    kind: &'static str,
    hash: &str,
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    if events::has_told(&hub.pool, hub.id, kind, hash).await? {
        return Ok(());
    }
    tracing::error!(%detail, "the books do not have what this hub signed: they were set back (openpam-hub audit verify)");
    let mut tx = hub.pool.begin().await?;
    let fact = Fact { kind, user_id: None, session_id: None, client_ip: None, detail };
    events::record(&mut tx, hub.id, fact).await?;
    Ok(tx.commit().await?)
}
