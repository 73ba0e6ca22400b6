//! Whether recordings can be kept where they are to lie: a small object is written, read, listed and deleted there.

use std::fs;
use std::time::Duration;

use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use object_store::path::Path as ObjectPath;
use openpam_link::check::Verdict;
use uuid::Uuid;

use crate::config::{Bucket, Config};
use crate::recordings::place::{Objects, Place, PlaceError};
use crate::recordings::said::{cause, code};

const CHECK: &str = "recordings";
/// All of it is done this soon, or somebody should know.
const PATIENCE: Duration = Duration::from_secs(15);
/// Below this the object is, beside the sessions' folders. Whoever backs up recordings leaves it out.
const FOLDER: &str = "doctor";
const WORDS: &[u8] = b"openpam-hub doctor was here";

/// What was tried when it went wrong.
#[derive(Clone, Copy)]
enum Step {
    Write,
    Read,
    List,
    Delete,
}

impl Step {
    const fn done(self) -> &'static str {
        match self {
            Self::Write => "writing",
            Self::Read => "reading",
            Self::List => "listing",
            Self::Delete => "deleting",
        }
    }

    /// What a policy has to allow for it.
    const fn right(self) -> &'static str {
        match self {
            Self::Write => "s3:PutObject",
            Self::Read => "s3:GetObject",
            Self::List => "s3:ListBucket",
            Self::Delete => "s3:DeleteObject",
        }
    }
}

/// The verdicts, one of them on the place itself.
pub(super) async fn look(config: &Config) -> Vec<Verdict> {
    let place = Place::of(config);
    let mut verdicts = vec![on(&place).await];
    let folder = config.recordings_dir.clone();
    if matches!(place, Place::Bucket(_))
        && fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some())
    {
        verdicts.push(Verdict::warning(
            CHECK,
            format!("{} has recordings that are read no more", folder.display()),
            "stop the hub, copy what is there into the bucket (below recordings_s3_prefix, with the same names), run \
             openpam-hub audit verify, and remove the folder",
        ));
    }
    verdicts
}

async fn on(place: &Place) -> Verdict {
    if let Place::Folder(folder) = place
        && !folder.exists()
    {
        return Verdict::ok(CHECK, format!("{place} is made at the first start"));
    }
    let objects = match place.open() {
        Ok(objects) => objects,
        Err(error) => return not_opened(place, &error),
    };
    match tokio::time::timeout(PATIENCE, attempt(&objects)).await {
        Ok(Ok(())) => Verdict::ok(CHECK, format!("{place} can be written, read, listed and deleted in")),
        Ok(Err((step, error))) => refused(place, step, &error),
        Err(_) => Verdict::failed(
            CHECK,
            "recordings_timeout",
            format!("{place} did not answer within {} s", PATIENCE.as_secs()),
            "look whether it runs, and whether the hub's machine reaches it; until then recordings wait at their sites",
        ),
    }
}

async fn attempt(objects: &Objects) -> Result<(), (Step, object_store::Error)> {
    let folder = ObjectPath::from(FOLDER);
    let path = folder.clone().join(Uuid::new_v4().to_string());
    let at = |step| move |error| (step, error);
    objects.put(&path, WORDS.into()).await.map_err(at(Step::Write))?;
    let read = async { objects.get(&path).await?.bytes().await };
    let other = |bytes: bytes::Bytes| {
        let source = format!("{} bytes came back, and not those that were written", bytes.len());
        object_store::Error::Generic { store: CHECK, source: source.into() }
    };
    let result = match read.await {
        Ok(bytes) if bytes == WORDS => listed(objects, &folder, &path).await.map_err(at(Step::List)),
        Ok(bytes) => Err((Step::Read, other(bytes))),
        Err(error) => Err((Step::Read, error)),
    };
    // Also what could not be read is not left lying there.
    let deleted = objects.delete(&path).await.map_err(at(Step::Delete));
    result.and(deleted)
}

async fn listed(
    objects: &Objects,
    folder: &ObjectPath,
    path: &ObjectPath,
) -> Result<(), object_store::Error> {
    let mut found =
        objects.list(Some(folder)).try_filter(|object| std::future::ready(object.location == *path));
    if found.try_next().await?.is_some() {
        return Ok(());
    }
    let source = "what was just written is not in the list";
    Err(object_store::Error::Generic { store: CHECK, source: source.into() })
}

fn not_opened(place: &Place, error: &PlaceError) -> Verdict {
    let advice = match (place, error) {
        (Place::Folder(_), _) => "look at its owner and permissions",
        (_, PlaceError::Io { .. } | PlaceError::NoCertificate(_)) => "correct recordings_s3_ca",
        (_, PlaceError::Objects(_)) => "look at the recordings_s3_… settings",
    };
    Verdict::failed(CHECK, CHECK, super::chain(error), advice)
}

fn refused(place: &Place, step: Step, error: &object_store::Error) -> Verdict {
    let cause = cause(error);
    let found = format!("{place}: {} failed: {cause}", step.done());
    let Place::Bucket(bucket) = place else {
        return Verdict::failed(
            CHECK,
            CHECK,
            found,
            "look at the disk, and at the folder's owner and permissions",
        );
    };
    let code = code(error);
    let advice = advice(bucket, step, code.as_deref(), &cause);
    Verdict::failed(CHECK, code.unwrap_or_else(|| CHECK.to_owned()), found, advice)
}

/// By the codes of the S3 protocol ("List of error codes" in its reference), and else by the cause.
fn advice(bucket: &Bucket, step: Step, code: Option<&str>, cause: &str) -> String {
    let key = if bucket.key.is_some() {
        "correct recordings_s3_access_key_id and recordings_s3_secret_access_key"
    } else {
        "set recordings_s3_access_key_id and recordings_s3_secret_access_key, or correct what AWS_… in the environment or \
         the machine's role gives"
    };
    match code {
        Some(
            "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "InvalidClientTokenId"
            | "ExpiredToken"
            | "InvalidToken",
        ) => {
            format!("the store does not know this key, or its secret: {key}")
        }
        Some("AccessDenied" | "AllAccessDisabled") => format!(
            "the key may not do this: allow it {} on {} (README.md has a policy), correct recordings_s3_bucket, or {key}",
            step.right(),
            bucket.name
        ),
        Some("NoSuchBucket") => "make the bucket, or correct recordings_s3_bucket".to_owned(),
        Some("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException") => {
            "correct recordings_s3_region".to_owned()
        }
        Some("RequestTimeTooSkewed") => "set this machine's clock, or the store's".to_owned(),
        None if cause.contains("region") => "correct recordings_s3_region".to_owned(),
        None if cause.contains("certificate") => {
            "recordings_s3_ca names the certificates that vouch for the store".to_owned()
        }
        _ => {
            let away = "look whether the store runs and this machine reaches it, and at recordings_s3_endpoint; until then \
                        recordings wait at their sites";
            // Then it may be whoever gives the key that did not answer.
            if bucket.key.is_some() { away.to_owned() } else { format!("{away}. No key is set: {key}") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(lines: &str, folder: &std::path::Path) -> Config {
        Config::from_parts(lines, &|_| None, Some(folder.to_owned())).expect("a configuration")
    }

    #[tokio::test]
    async fn a_folder_is_tried_and_left_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = config("", folder.path());
        let verdict = look(&config).await;
        assert!(verdict.iter().all(|verdict| verdict.code.is_none()), "{verdict:?}");
        Place::of(&config).open().expect("makes it");
        let verdict = look(&config).await;
        assert!(verdict.len() == 1 && verdict[0].code.is_none(), "{verdict:?}");
        assert_eq!(fs::read_dir(folder.path().join("recordings")).expect("reads").count(), 0);
    }

    #[test]
    fn every_refusal_says_which_setting_or_right_it_is() {
        let file = "recordings_s3_bucket = \"kept\"\nrecordings_s3_region = \"r\"";
        let bucket = config(file, std::path::Path::new("/srv/hub")).recordings_s3.expect("a bucket");
        for (step, code, says) in [
            (Step::Write, Some("SignatureDoesNotMatch"), "recordings_s3_secret_access_key"),
            (Step::Delete, Some("AccessDenied"), "s3:DeleteObject"),
            (Step::Write, Some("NoSuchBucket"), "recordings_s3_bucket"),
            (Step::List, Some("PermanentRedirect"), "recordings_s3_region"),
            (Step::Read, Some("RequestTimeTooSkewed"), "clock"),
            (Step::Write, None, "recordings_s3_endpoint"),
        ] {
            let advice = advice(&bucket, step, code, "connection refused");
            assert!(advice.contains(says), "{code:?}: {advice}");
        }
        assert!(advice(&bucket, Step::Write, None, "invalid peer certificate").contains("recordings_s3_ca"));
    }
}
