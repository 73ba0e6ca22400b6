//! Restoring a backup on an empty machine. A bucket of recordings that is still there may be kept: then the archive has none.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use anyhow::{Context, anyhow, ensure};
use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use object_store::path::Path as ObjectPath;
use openpam_ids::HubId;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use tokio::sync::mpsc;

use super::archive::{self, Content, DUMP, Manifest, RECORDINGS};
use super::tools::Tools;
use super::{Archives, marker};
use crate::books;
use crate::config::Config;
use crate::instance::Instance;
use crate::recordings::place::{AT_ONCE, Place};
use crate::recordings::said::why;
use crate::store::events::{self, Fact};
use crate::store::installation::{self, TakenBack};
use crate::store::ways::Ways;
use crate::time::Time;

/// A chunk as it was kept is shorter.
const MAX_CHUNK_BYTES: u64 = 1024 * 1024;
/// The kind of the event that tells of a restore.
const RESTORED: &str = "installation.restored";

/// What was restored.
#[derive(Clone, Copy, Debug)]
pub struct Restored {
    /// The books are as they were then.
    pub backup_at: Time,
    /// The epoch from now on.
    pub epoch: u64,
    /// What was taken back, because it may have been withdrawn since.
    pub taken_back: TakenBack,
}

/// Restores a backup into empty folders and an empty database. `progress` is told what is done.
///
/// # Errors
/// If the archives are not whole or do not belong together, or something is there already: then nothing was changed. A
/// restore that is cut off later can be repeated; the hub does not start before it is done.
pub async fn restore(
    config: &Config,
    archives: &Archives,
    progress: impl Fn(&str),
) -> anyhow::Result<Restored> {
    let books = archive::check(&archives.books, Content::Books)?;
    let secrets = archive::check(&archives.secrets, Content::Secrets)?;
    ensure!(
        (books.installation, &books.taken_at) == (secrets.installation, &secrets.taken_at),
        "{} and {} were not taken together",
        archives.books.display(),
        archives.secrets.display()
    );
    progress(&format!(
        "both archives are whole: taken {}, {} files",
        books.taken_at,
        books.files + secrets.files
    ));
    let place = Place::of(config);
    // Beside the database there are recordings alone.
    let with_recordings = books.files > 1;
    let again = marker(&config.data_dir).exists();
    if !again {
        ensure_empty(config)?;
        if with_recordings {
            ensure_no_recordings(&place).await?;
        }
    }
    let instance = Instance::claim(&config.data_dir)?;
    fs::write(marker(&config.data_dir), "").context("marking the data folder")?;
    if again {
        clear(config).await?;
    }
    put_secrets(config, archives)?;
    if with_recordings {
        let put = put_recordings(&place, &archives.books).await;
        put.map_err(|error| anyhow!("{place}: {}", why(&*error)))?;
        progress("recordings and keys are in their places");
    } else {
        progress("keys are in their place; the backup holds no recordings");
    }
    let restored = restore_books(config, archives, &books, instance.id(), &progress).await?;
    fs::remove_file(marker(&config.data_dir)).context("unmarking the data folder")?;
    Ok(restored)
}

fn ensure_empty(config: &Config) -> anyhow::Result<()> {
    for folder in [config.data_dir.join("postgres"), config.secrets_dir.clone()] {
        let there = match fs::read_dir(&folder) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error).with_context(|| folder.display().to_string()),
        };
        ensure!(
            !there,
            "{} is not empty: a backup is restored where nothing is; move it away, or choose other folders",
            folder.display()
        );
    }
    Ok(())
}

async fn ensure_no_recordings(place: &Place) -> anyhow::Result<()> {
    let is_empty = place.is_empty().await.map_err(|error| anyhow!("{place}: {}", why(&error)))?;
    ensure!(
        is_empty,
        "{place} is not empty: recordings are restored where none are; move them away, or choose another place. To keep \
         them, restore a backup that was taken with --without-recordings"
    );
    Ok(())
}

/// Takes away what a restore left that was cut off. Recordings stay: they are put once more.
async fn clear(config: &Config) -> anyhow::Result<()> {
    let cluster = config.data_dir.join("postgres");
    if cluster.exists()
        && let Ok(managed) = books::manage(config).await
    {
        managed.stop().await;
    }
    for folder in [cluster, config.secrets_dir.clone()] {
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| folder.display().to_string());
            }
            _ => {}
        }
    }
    Ok(())
}

fn put_secrets(config: &Config, archives: &Archives) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.secrets_dir)
        .with_context(|| config.secrets_dir.display().to_string())?;
    archive::extract(&archives.secrets, |name| {
        (name != "manifest.json").then(|| config.secrets_dir.join(name))
    })
}

async fn put_recordings(place: &Place, archive: &Path) -> anyhow::Result<()> {
    let objects = place.open()?;
    let (chunks, received) = mpsc::channel(AT_ONCE);
    let archive = archive.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        archive::each(&archive, |name, length, from| {
            let Some(path) = name.strip_prefix(RECORDINGS) else { return Ok(()) };
            ensure!(length <= MAX_CHUNK_BYTES, "it is too long for a chunk of a recording");
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes)?;
            chunks.blocking_send((ObjectPath::parse(path)?, bytes)).context("it could not be put")
        })
    });
    let received = futures::stream::unfold(received, async |mut received| {
        let chunk = received.recv().await?;
        Some((Ok::<_, object_store::Error>(chunk), received))
    });
    let put = received.try_for_each_concurrent(AT_ONCE, |(path, bytes): (ObjectPath, Vec<u8>)| {
        let objects = &objects;
        async move { objects.put(&path, bytes.into()).await.map(|_| ()) }
    });
    // If that fails, whoever reads has nobody to read for any more.
    put.await?;
    read.await?
}

async fn restore_books(
    config: &Config,
    archives: &Archives,
    manifest: &Manifest,
    hub: HubId,
    progress: &impl Fn(&str),
) -> anyhow::Result<Restored> {
    let (ways, managed) = match books::existing(config)? {
        Some(ways) => (ways, None),
        None => {
            let managed = books::manage(config).await?;
            (managed.ways(), Some(managed))
        }
    };
    let restored = async {
        fill(config, archives, &ways)?;
        progress("the books are in their place");
        ways.migrate().await.context("bringing the database schema up to date")?;
        begin_epoch(&ways, manifest, hub).await
    };
    let restored = restored.await;
    if let Some(managed) = managed {
        managed.stop().await;
    }
    restored
}

fn fill(config: &Config, archives: &Archives, ways: &Ways) -> anyhow::Result<()> {
    let dump = config.data_dir.join(DUMP);
    let _ = fs::remove_file(&dump);
    archive::extract(&archives.books, |name| (name == DUMP).then(|| dump.clone()))?;
    let filled = Tools::new(config)?.restore(&dump);
    fs::remove_file(&dump).with_context(|| dump.display().to_string())?;
    filled.with_context(|| {
        format!("filling the database {}; it has to be empty", ways.owner.get_database().unwrap_or_default())
    })
}

async fn begin_epoch(ways: &Ways, manifest: &Manifest, hub: HubId) -> anyhow::Result<Restored> {
    let backup_at = manifest.taken_at()?;
    let mut owner = PgConnection::connect_with(&ways.owner).await?;
    let mut tx = owner.begin().await?;
    let (epoch, taken_back) = installation::restored(&mut tx, backup_at).await?;
    let detail = json!({
        "backup_at": backup_at, "epoch": epoch, "sign_ins_ended": taken_back.sign_ins,
        "tokens_revoked": taken_back.tokens, "own_satellites_revoked": taken_back.own_satellites,
    });
    let fact = Fact { kind: RESTORED, user_id: None, session_id: None, client_ip: None, detail };
    events::record(&mut tx, hub, fact).await?;
    tx.commit().await?;
    owner.close().await?;
    Ok(Restored { backup_at, epoch, taken_back })
}
