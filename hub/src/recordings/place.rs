//! Where recordings lie: in a folder, or in a bucket of an object store that speaks S3. To whoever reads and writes both
//! are the same, with the same names in them.
//!
//! Requests to a bucket are bounded. What cannot be done in that time is an error, and whoever waits for it (a satellite)
//! tries again. An object is put whole or not at all, and putting it once more changes nothing.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, Certificate, ClientOptions, ObjectStore, RetryConfig};

use super::mark;
use crate::config::{Bucket, Config};

/// Objects that are asked for, or put, at the same time: a store takes its time for each.
pub const AT_ONCE: usize = 8;

/// A connection to the store stands this soon, and a request is answered.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// What failed in passing is tried so often again, and no more after this time: at the latest after about 40 s it has failed.
const RETRIES: usize = 4;
const RETRY_FOR: Duration = Duration::from_secs(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Who asks, if no key is given: what AWS's own programs go by. All else is said in the hub's own settings.
const ENVIRONMENT: [(&str, AmazonS3ConfigKey); 11] = [
    ("AWS_ACCESS_KEY_ID", AmazonS3ConfigKey::AccessKeyId),
    ("AWS_SECRET_ACCESS_KEY", AmazonS3ConfigKey::SecretAccessKey),
    ("AWS_SESSION_TOKEN", AmazonS3ConfigKey::Token),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", AmazonS3ConfigKey::WebIdentityTokenFile),
    ("AWS_ROLE_ARN", AmazonS3ConfigKey::RoleArn),
    ("AWS_ROLE_SESSION_NAME", AmazonS3ConfigKey::RoleSessionName),
    ("AWS_ENDPOINT_URL_STS", AmazonS3ConfigKey::StsEndpoint),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", AmazonS3ConfigKey::ContainerCredentialsRelativeUri),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", AmazonS3ConfigKey::ContainerCredentialsFullUri),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", AmazonS3ConfigKey::ContainerAuthorizationTokenFile),
    ("AWS_EC2_METADATA_SERVICE_ENDPOINT", AmazonS3ConfigKey::MetadataEndpoint),
];

/// The recordings' objects.
pub type Objects = Arc<dyn ObjectStore>;

/// Why the objects cannot be had at all.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The folder cannot be made, or a file cannot be read.
    #[error("{}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file of certificates holds none.
    #[error("{} holds no certificate", .0.display())]
    NoCertificate(PathBuf),
    /// The store's client.
    #[error("the store of recordings")]
    Objects(#[from] object_store::Error),
}

/// Where recordings lie.
#[derive(Clone, Debug)]
pub enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket.
    Bucket(Bucket),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Bucket(Bucket { name, prefix, endpoint, .. }) => {
                write!(f, "s3://{name}/{prefix}")?;
                endpoint
                    .as_ref()
                    .map_or(Ok(()), |endpoint| write!(f, " at {}", endpoint.as_str().trim_end_matches('/')))
            }
        }
    }
}

impl Place {
    /// Where this configuration has them.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        config.recordings_s3.clone().map_or_else(|| Self::Folder(config.recordings_dir.clone()), Self::Bucket)
    }

    /// The objects there. A folder is made if it is missing; a bucket is not asked yet.
    ///
    /// # Errors
    /// [`PlaceError`].
    pub fn open(&self) -> Result<Objects, PlaceError> {
        match self {
            Self::Folder(folder) => {
                let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
                made.map_err(|source| PlaceError::Io { path: folder.clone(), source })?;
                let store = LocalFileSystem::new_with_prefix(folder)?;
                Ok(Arc::new(store.with_fsync(true).with_automatic_cleanup(true)))
            }
            Self::Bucket(bucket) => {
                let store = client(bucket)?.build()?;
                Ok(Arc::new(PrefixStore::new(store, bucket.prefix.clone())))
            }
        }
    }

    /// Whether there is no object but its mark. Makes nothing.
    ///
    /// # Errors
    /// [`PlaceError`].
    pub async fn is_empty(&self) -> Result<bool, PlaceError> {
        match self {
            Self::Folder(folder) if !folder.exists() => Ok(true),
            _ => {
                let mark = mark::path();
                let others = self.open()?.list(None);
                let mut others = others.try_filter(|object| std::future::ready(object.location != mark));
                Ok(others.try_next().await?.is_none())
            }
        }
    }
}

fn client(bucket: &Bucket) -> Result<AmazonS3Builder, PlaceError> {
    let mut options = ClientOptions::new()
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_timeout(REQUEST_TIMEOUT)
        .with_allow_http(bucket.speaks_plain_http());
    if let Some(path) = &bucket.ca {
        let pem = fs::read(path).map_err(|source| PlaceError::Io { path: path.clone(), source })?;
        let certificates = Certificate::from_pem_bundle(&pem)?;
        if certificates.is_empty() {
            return Err(PlaceError::NoCertificate(path.clone()));
        }
        options = certificates.into_iter().fold(options, ClientOptions::with_root_certificate);
        options = options.with_no_system_certificates(true);
    }
    let mut client = AmazonS3Builder::new();
    client = match &bucket.key {
        Some(key) => client.with_access_key_id(&key.id).with_secret_access_key(key.secret.expose()),
        None => ENVIRONMENT
            .into_iter()
            .filter_map(|(name, key)| Some((key, std::env::var(name).ok()?)))
            .fold(client, |client, (key, value)| client.with_config(key, value)),
    };
    if let Some(endpoint) = &bucket.endpoint {
        client = client.with_endpoint(endpoint.as_str());
    }
    let backoff = BackoffConfig { max_backoff: LONGEST_PAUSE, ..BackoffConfig::default() };
    Ok(client
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_client_options(options)
        .with_retry(RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRY_FOR })
        // A bucket with object lock wants one.
        .with_checksum_algorithm(Checksum::SHA256)
        // Not every store knows how to delete many objects at once.
        .with_disable_bulk_delete(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(lines: &str) -> Bucket {
        let file = format!(
            "recordings_s3_bucket = \"kept\"\nrecordings_s3_endpoint = \"https://s3.example\"\n{lines}"
        );
        let config = Config::from_parts(&file, &|_| None, Some("/srv/hub".into())).expect("a configuration");
        config.recordings_s3.expect("a bucket")
    }

    #[test]
    fn no_secret_is_printed_of_what_talks_to_the_store() {
        let key = "recordings_s3_access_key_id = \"id\"\nrecordings_s3_secret_access_key = \"hunter2\"";
        let place = Place::Bucket(bucket(key));
        let objects = place.open().expect("a client");
        assert!(!format!("{place:?}{objects:?}{objects}").contains("hunter2"));
        assert_eq!(place.to_string(), "s3://kept/ at https://s3.example");
    }

    #[test]
    fn a_file_without_a_certificate_is_no_authority() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.pem");
        let place = Place::Bucket(Bucket { ca: Some(path.clone()), ..bucket("") });
        let refused = |place: &Place| place.open().expect_err("refused").to_string();
        assert_eq!(refused(&place), path.display().to_string());
        fs::write(&path, "nothing").expect("writes");
        assert!(refused(&place).contains("holds no certificate"));
    }

    #[tokio::test]
    async fn a_folder_is_empty_until_there_is_an_object_and_is_not_made_by_asking() {
        use object_store::ObjectStoreExt;

        let parent = tempfile::tempdir().expect("a folder");
        let place = Place::Folder(parent.path().join("recordings"));
        assert!(place.is_empty().await.expect("looks"));
        assert!(!parent.path().join("recordings").exists());
        let objects = place.open().expect("opens");
        objects.put(&"a/00000000.chunk".into(), "sealed".into()).await.expect("puts");
        assert!(!place.is_empty().await.expect("looks"));
    }
}
