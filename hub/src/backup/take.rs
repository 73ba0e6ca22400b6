//! Taking a backup, whether the hub runs or not.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path as ObjectPath;
use object_store::{Error as ObjectError, ObjectStoreExt};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::Archives;
use super::archive::{Content, DUMP, Passing, RECORDINGS, Writer};
use super::tools::Tools;
use crate::books::Books;
use crate::config::Config;
use crate::recordings::place::{AT_ONCE, Place};
use crate::recordings::said::why;
use crate::secrets::turn::LOCK_FILE;
use crate::store::installation;
use crate::time::Time;

/// What was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The books are as they were then.
    pub at: Time,
    /// Size of the snapshot of the database, in bytes.
    pub dump_bytes: u64,
    /// How many chunks of recordings.
    pub chunks: u64,
    /// Size of both archives, in bytes.
    pub bytes: u64,
}

/// Takes a backup into two new files. `progress` is told what is done.
///
/// # Errors
/// If something cannot be read or written; then neither archive is there.
pub async fn take(
    config: &Config,
    archives: Archives,
    with_recordings: bool,
    progress: impl Fn(&str) + Send + 'static,
) -> anyhow::Result<Taken> {
    let books = Books::open(config).await?;
    let taken = async {
        let installation = installation::read(&books.pool).await?.id;
        let config = config.clone();
        tokio::task::spawn_blocking(move || {
            write(&config, &archives, installation, with_recordings, &progress)
        })
        .await?
    };
    let taken = taken.await;
    books.close().await;
    taken
}

fn write(
    config: &Config,
    archives: &Archives,
    installation: Uuid,
    with_recordings: bool,
    progress: &dyn Fn(&str),
) -> anyhow::Result<Taken> {
    ensure!(archives.books != archives.secrets, "books and secrets go into two archives");
    let tools = Tools::new(config)?;
    let mut out = Writer::create(&archives.books)?;
    let mut secrets = Writer::create(&archives.secrets)?;
    // Before the snapshot: what happens while it is made may or may not be in it.
    let at = Time::now();
    let dump = Passing::beside(&archives.books, ".dump")?;
    tools.dump(&dump.path)?;
    let dump_bytes = fs::metadata(&dump.path).context("the snapshot")?.len();
    out.add(DUMP, &dump.path)?;
    drop(dump);
    progress(&format!("books: {dump_bytes} bytes"));

    // Everything that the snapshot names is there by now, and stays as it is.
    let chunks = if with_recordings {
        let place = Place::of(config);
        let added = Handle::current().block_on(add_recordings(&mut out, &place, progress));
        added.map_err(|error| anyhow!("{place}: {}", why(&*error)))?
    } else {
        0
    };
    for path in files_below(&config.secrets_dir)? {
        let name = path.strip_prefix(&config.secrets_dir).context("a path below the folder")?;
        // Beside its place while it is written; and what writers wait at holds nothing.
        if path.extension().is_none_or(|extension| extension != "new") && name != Path::new(LOCK_FILE) {
            secrets.add(&name.to_string_lossy(), &path)?;
        }
    }
    let secrets = secrets.finish(Content::Secrets, installation, at)?;
    let books = out.finish(Content::Books, installation, at)?;
    Ok(Taken { at, dump_bytes, chunks, bytes: books.bytes + secrets.bytes })
}

async fn add_recordings(out: &mut Writer, place: &Place, progress: &dyn Fn(&str)) -> anyhow::Result<u64> {
    const TELL_EVERY: u64 = 1000;
    let objects = place.open()?;
    // Others are being written, or are none of ours.
    let is_chunk = |path: &ObjectPath| path.extension() == Some("chunk");
    let found = objects.list(None).map_ok(|object| object.location);
    let mut paths: Vec<_> = found.try_filter(|path| std::future::ready(is_chunk(path))).try_collect().await?;
    paths.sort();
    let read = futures::stream::iter(paths).map(|path| async {
        match objects.get(&path).await {
            Ok(chunk) => Ok(Some((path, chunk.bytes().await?))),
            // Of a recording that was deleted, long enough ago that the snapshot does not name it.
            Err(ObjectError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    });
    let mut read = std::pin::pin!(read.buffered(AT_ONCE));
    let mut chunks = 0;
    while let Some(chunk) = read.try_next().await? {
        let Some((path, bytes)) = chunk else { continue };
        out.add_bytes(&format!("{RECORDINGS}{path}"), &bytes)?;
        chunks += 1;
        if chunks % TELL_EVERY == 0 {
            progress(&format!("recordings: {chunks} chunks so far"));
        }
    }
    progress(&format!("recordings: {chunks} chunks"));
    Ok(chunks)
}

/// All files, in the order of their names.
fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry.with_context(|| folder.display().to_string())?;
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}
