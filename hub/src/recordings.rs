//! The content of recordings: what the API reads of them.
//!
//! Answers [`RecordingError::NotFound`] until the books name a recording; ingestion of chunks and their opening
//! belong to this module too.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use bytes::Bytes;
use futures::Stream;
use openpam_ids::SessionId;
use openpam_proto::chunk::SealedChunk;
use sqlx::PgPool;

use crate::store::{StoreError, recordings};

/// A recording's content, piece by piece.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// Nothing of it has arrived.
    #[error("no recording")]
    NotFound,
    /// The books failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A chunk does not continue its recording.
    #[error("chunk {seq} does not continue the recording of session {session_id}")]
    OutOfOrder {
        /// Which.
        session_id: SessionId,
        /// The chunk.
        seq: u64,
    },
    /// Its chunks cannot be read or opened.
    #[error("recording of session {session_id}")]
    Unreadable {
        /// Which.
        session_id: SessionId,
        /// Why.
        source: io::Error,
    },
}

/// The recordings' folder and their rows. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Recordings {
    dir: PathBuf,
    pool: PgPool,
}

impl Recordings {
    /// The recordings below this data folder.
    #[must_use]
    pub fn new(data_dir: &Path, pool: PgPool) -> Self {
        Self { dir: data_dir.join("recordings"), pool }
    }

    /// The recording as asciicast v2, as far as it has arrived.
    ///
    /// # Errors
    /// [`RecordingError`].
    pub async fn cast(&self, session_id: SessionId) -> Result<ByteStream, RecordingError> {
        let progress = recordings::progress(&self.pool, session_id).await?;
        let progress = progress.ok_or(RecordingError::NotFound)?;
        tracing::debug!(dir = %self.dir.display(), path = progress.path, "recording asked for");
        Err(RecordingError::NotFound)
    }

    /// What was printed, escape codes removed, as far as it has arrived.
    ///
    /// # Errors
    /// [`RecordingError`].
    pub async fn text(&self, session_id: SessionId) -> Result<ByteStream, RecordingError> {
        self.cast(session_id).await
    }

    /// The first chunk of a recording that is not durable here yet.
    ///
    /// # Errors
    /// [`RecordingError`].
    pub async fn next_seq(&self, session_id: SessionId) -> Result<u64, RecordingError> {
        let progress = recordings::progress(&self.pool, session_id).await?;
        Ok(progress.map_or(0, |progress| progress.chunks))
    }

    /// Keeps a chunk; durable when this returns. One that is here already is fine.
    ///
    /// # Errors
    /// [`RecordingError::OutOfOrder`] if it does not continue the recording's chain.
    pub async fn put(&self, chunk: &SealedChunk) -> Result<(), RecordingError> {
        let session_id = chunk.session_id;
        let progress = recordings::progress(&self.pool, session_id).await?;
        let (next, head) = progress.map_or((0, [0; 32]), |progress| (progress.chunks, progress.head_hash));
        if chunk.seq < next {
            return Ok(());
        }
        if !chunk.follows(next, &head) {
            return Err(RecordingError::OutOfOrder { session_id, seq: chunk.seq });
        }
        let path = session_id.to_string();
        let bytes = chunk.to_bytes();
        let size_bytes = bytes.len() as u64;
        let folder = self.dir.join(&path);
        let unreadable = |source| RecordingError::Unreadable { session_id, source };
        write_durably(folder, chunk.seq, bytes).await.map_err(unreadable)?;
        let arrival = recordings::Arrival {
            session_id,
            seq: chunk.seq,
            hash: &chunk.hash,
            size_bytes,
            until_ms: chunk.until_ms,
            last: chunk.last,
        };
        let mut db = self.pool.begin().await.map_err(StoreError::from)?;
        recordings::arrived(&mut db, &path, arrival).await?;
        db.commit().await.map_err(StoreError::from)?;
        Ok(())
    }
}

async fn write_durably(folder: PathBuf, seq: u64, bytes: Vec<u8>) -> io::Result<()> {
    let write = move || {
        use std::io::Write;
        std::fs::create_dir_all(&folder)?;
        let mut file = std::fs::File::create(folder.join(format!("{seq:08}.chunk")))?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::File::open(&folder)?.sync_all()
    };
    tokio::task::spawn_blocking(write).await.map_err(io::Error::other)?
}
