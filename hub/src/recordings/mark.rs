//! A mark in the place where recordings lie: hubs that read the same one there share that place.

use object_store::path::Path as ObjectPath;
use object_store::{Error, ObjectStoreExt, PutMode};
use uuid::Uuid;

use super::place::Objects;

/// Beside the sessions' folders. No recording, and in no backup.
const FOLDER: &str = "place";
const NAME: &str = "id";

/// Where it lies.
#[must_use]
pub fn path() -> ObjectPath {
    ObjectPath::from(FOLDER).join(NAME)
}

/// Reads it, or makes it where there is none.
///
/// # Errors
/// If the place does not answer, or lets nobody in.
pub async fn read_or_make(objects: &Objects) -> Result<Uuid, Error> {
    match read(objects).await {
        Err(Error::NotFound { .. }) => {}
        found => return found,
    }
    let mark = Uuid::new_v4().to_string();
    match objects.put_opts(&path(), mark.clone().into(), PutMode::Create.into()).await {
        Ok(_) | Err(Error::AlreadyExists { .. }) => {}
        // A store that cannot tell whether there is one: of two that are made at once the later one stays.
        Err(Error::NotImplemented { .. }) => drop(objects.put(&path(), mark.into()).await?),
        Err(error) => return Err(error),
    }
    read(objects).await
}

async fn read(objects: &Objects) -> Result<Uuid, Error> {
    let bytes = objects.get(&path()).await?.bytes().await?;
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    text.trim().parse().map_err(|_| Error::Generic { store: FOLDER, source: "the mark is damaged".into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recordings::place::Place;

    #[tokio::test]
    async fn a_place_has_one_mark_whoever_looks_first_and_another_place_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = |name: &str| Place::Folder(folder.path().join(name)).open().expect("opens");
        let (one, same, other) = (open("a"), open("a"), open("b"));
        let (first, second) = tokio::join!(read_or_make(&one), read_or_make(&same));
        let first = first.expect("a mark");
        assert_eq!(first, second.expect("a mark"));
        assert_ne!(first, read_or_make(&other).await.expect("a mark"));
        assert!(
            Place::Folder(folder.path().join("a")).is_empty().await.expect("looks"),
            "it is no recording"
        );
    }
}
