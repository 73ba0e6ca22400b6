//! The content of recordings: chunks come up from satellites; casts and text, or a desktop's instructions, go to whoever
//! may read them.
//!
//! Chunks stay sealed and compressed as they came, each an object `<session>/<number>.chunk` in a folder or a bucket; the
//! books say how many are durable. Opening needs the hub's recording key and happens while somebody reads. Of a recording that was deleted,
//! chunks are still taken from a site that comes late, counted, and not kept.

pub mod index;
pub mod mark;
pub mod place;
mod read;
pub mod retention;
pub mod said;
mod text;
pub mod words;

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use object_store::ObjectStoreExt;
use object_store::path::Path as ObjectPath;
use openpam_ids::SessionId;
use openpam_link::seal::SealKey;
use openpam_proto::chunk::SealedChunk;
use sqlx::PgPool;

use self::place::{AT_ONCE, Objects, Place, PlaceError};
pub use self::read::expand;
use self::read::{Form, Reading};
pub use self::text::PlainText;
use self::words::WordKey;
use crate::config::Config;
use crate::store::{StoreError, recordings};

/// A recording's content, piece by piece.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// Why a recording cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// Nothing of it has arrived.
    #[error("no recording")]
    NotFound,
    /// Its zone kept it no longer.
    #[error("the recording was deleted")]
    Deleted,
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
    /// Where recordings lie.
    #[error("recordings")]
    Objects(#[from] object_store::Error),
    /// What was kept cannot be read.
    #[error("recordings")]
    Io(#[from] io::Error),
}

impl RecordingError {
    /// Whether the recording may be there all the same, and readable later: books or store did not answer, or refused.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        let missing = |error: &object_store::Error| matches!(error, object_store::Error::NotFound { .. });
        match self {
            Self::Store(_) => true,
            Self::Objects(error) => !missing(error),
            Self::Io(error) => {
                let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<object_store::Error>());
                cause.is_some_and(|cause| !missing(cause))
            }
            Self::NotFound | Self::Deleted | Self::OutOfOrder { .. } => false,
        }
    }
}

/// The recordings' objects and their rows. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Recordings {
    store: Objects,
    key: Arc<SealKey>,
    words: Arc<WordKey>,
    pool: PgPool,
}

fn chunk_path(folder: &str, seq: u64) -> ObjectPath {
    ObjectPath::from(format!("{folder}/{seq:08}.chunk"))
}

/// Chunks as they were kept, in this order, some asked for ahead; `None`: it is not there.
fn chunks(
    store: Objects,
    folder: String,
    seqs: impl Iterator<Item = u64> + Send + 'static,
) -> BoxStream<'static, object_store::Result<(u64, Option<Bytes>)>> {
    let folder: Arc<str> = folder.into();
    let one = move |seq| {
        let (store, folder) = (store.clone(), folder.clone());
        async move {
            match store.get(&chunk_path(&folder, seq)).await {
                Ok(found) => Ok((seq, Some(found.bytes().await?))),
                Err(object_store::Error::NotFound { .. }) => Ok((seq, None)),
                Err(error) => Err(error),
            }
        }
    };
    futures::stream::iter(seqs).map(one).buffered(AT_ONCE).boxed()
}

impl Recordings {
    /// The recordings where this configuration has them, opened with `key`.
    ///
    /// # Errors
    /// [`PlaceError`].
    pub fn new(config: &Config, key: Arc<SealKey>, pool: PgPool) -> Result<Self, PlaceError> {
        let store = Place::of(config).open()?;
        let words = Arc::new(WordKey::new(&key));
        Ok(Self { store, key, words, pool })
    }

    /// Where they lie.
    #[must_use]
    pub const fn objects(&self) -> &Objects {
        &self.store
    }

    /// The recording of a shell as asciicast v2, as far as it has arrived.
    ///
    /// # Errors
    /// [`RecordingError`]; what is found while reading is an error of the stream.
    pub async fn cast(&self, session_id: SessionId) -> Result<ByteStream, RecordingError> {
        Ok(self.reading(session_id).await?.stream(Form::Cast))
    }

    /// The recording of a desktop as guacd's instructions, as far as it has arrived.
    ///
    /// # Errors
    /// As [`Recordings::cast`].
    pub async fn instructions(&self, session_id: SessionId) -> Result<ByteStream, RecordingError> {
        Ok(self.reading(session_id).await?.stream(Form::Instructions))
    }

    /// What was printed, escape codes removed, as far as it has arrived.
    ///
    /// # Errors
    /// As [`Recordings::cast`].
    pub async fn text(&self, session_id: SessionId) -> Result<ByteStream, RecordingError> {
        Ok(self.reading(session_id).await?.stream(Form::Text))
    }

    /// What recordings with all these words are found by.
    #[must_use]
    pub fn hashes(&self, text: &str) -> Vec<i64> {
        self.words.of(text)
    }

    async fn reading(&self, session_id: SessionId) -> Result<Reading, RecordingError> {
        let progress = recordings::progress(&self.pool, session_id).await?.ok_or(RecordingError::NotFound)?;
        if progress.deleted {
            return Err(RecordingError::Deleted);
        }
        let gaps = recordings::gaps(&self.pool, session_id).await?;
        Ok(Reading { store: self.store.clone(), key: self.key.clone(), session_id, progress, gaps })
    }

    /// The first chunk of a recording that is not durable here yet.
    ///
    /// # Errors
    /// [`RecordingError`].
    pub async fn next_seq(&self, session_id: SessionId) -> Result<u64, RecordingError> {
        let progress = recordings::progress(&self.pool, session_id).await?;
        Ok(progress.map_or(0, |progress| progress.chunks))
    }

    /// Chunks as they were kept, each with its number, in this order; `None`: it is not there.
    pub fn chunks(
        &self,
        folder: &str,
        seqs: impl Iterator<Item = u64> + Send + 'static,
    ) -> BoxStream<'static, Result<(u64, Option<Bytes>), RecordingError>> {
        chunks(self.store.clone(), folder.to_owned(), seqs).map_err(RecordingError::from).boxed()
    }

    /// Deletes every chunk below this folder.
    ///
    /// # Errors
    /// [`RecordingError::Objects`] if the store cannot do it; some may be gone.
    pub async fn empty(&self, folder: &str) -> Result<(), RecordingError> {
        let chunks = self.store.list(Some(&ObjectPath::from(folder))).map_ok(|chunk| chunk.location).boxed();
        Ok(self.store.delete_stream(chunks).try_for_each(async |_| Ok(())).await?)
    }

    /// Whether what is missing before a chunk was lost with the books before a restore; then that is noted.
    async fn skip(&self, folder: &str, chunk: &SealedChunk) -> Result<bool, RecordingError> {
        let mut db = self.pool.begin().await.map_err(StoreError::from)?;
        let skipped = recordings::skip(&mut db, chunk.session_id, folder, chunk.seq, &chunk.previous).await?;
        db.commit().await.map_err(StoreError::from)?;
        Ok(skipped)
    }

    /// Keeps a chunk; durable when this returns. One that is here already is fine.
    ///
    /// # Errors
    /// [`RecordingError::OutOfOrder`] if it does not continue the recording's chain.
    pub async fn put(&self, chunk: &SealedChunk) -> Result<(), RecordingError> {
        let session_id = chunk.session_id;
        let progress = recordings::progress(&self.pool, session_id).await?;
        let (next, head, deleted) = progress
            .map_or((0, [0; 32], false), |progress| (progress.chunks, progress.head_hash, progress.deleted));
        if chunk.seq < next {
            return Ok(());
        }
        let folder = session_id.to_string();
        let skips = chunk.seq > next && chunk.follows(chunk.seq, &chunk.previous);
        let fits = chunk.follows(next, &head) || (skips && self.skip(&folder, chunk).await?);
        if !fits {
            return Err(RecordingError::OutOfOrder { session_id, seq: chunk.seq });
        }
        let bytes = chunk.to_bytes();
        let size_bytes = bytes.len() as u64;
        if !deleted {
            self.store.put(&chunk_path(&folder, chunk.seq), bytes.into()).await?;
        }
        let arrival = recordings::Arrival {
            session_id,
            seq: chunk.seq,
            hash: &chunk.hash,
            size_bytes,
            until_ms: chunk.until_ms,
            last: chunk.last,
        };
        let mut db = self.pool.begin().await.map_err(StoreError::from)?;
        let arrived = recordings::arrived(&mut db, &folder, arrival).await?;
        db.commit().await.map_err(StoreError::from)?;
        // Not the next one any more: it came twice at once, or the recording was complete already.
        if !arrived && self.next_seq(session_id).await? <= chunk.seq {
            return Err(RecordingError::OutOfOrder { session_id, seq: chunk.seq });
        }
        Ok(())
    }
}
