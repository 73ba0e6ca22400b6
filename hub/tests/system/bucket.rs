//! An object store that speaks S3: SeaweedFS, as people run it, on loopback, with one bucket and a key of least rights.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};
use serde_json::json;

use super::process::{self, Process};
use super::{eventually, free_port};

/// The hub's bucket.
pub(crate) const BUCKET: &str = "kept";
/// What stands before its objects' names.
pub(crate) const PREFIX: &str = "hub";
/// The owner's own object: the first one, with which the bucket is made.
const MADE: &str = "made";
/// A key that may only read there.
pub(crate) const READER: (&str, &str) = ("reader", "the-readers-secret");
const ANSWER_PATIENCE: Duration = Duration::from_secs(2);
const KEY: (&str, &str) = ("openpam", "the-hubs-secret");
const OWNER: (&str, &str) = ("owner", "the-owners-secret");

/// The store, running or not.
pub(crate) struct Bucket {
    folder: PathBuf,
    port: u16,
    others: [u16; 7],
    process: Option<Process>,
}

/// `deploy/dev/setup test` puts it there; else one of the machine's.
fn program() -> PathBuf {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/bin/weed");
    if tool.exists() { tool } else { "weed".into() }
}

impl Bucket {
    /// Starts a store with the bucket in a new folder below `parent`.
    pub(crate) async fn start(parent: &Path) -> Self {
        let folder = parent.join("s3");
        std::fs::create_dir_all(&folder).expect("a folder");
        let identity = |(id, secret): (&str, &str), actions: &[&str]| json!({"name": id, "credentials": [{"accessKey": id, "secretKey": secret}], "actions": actions});
        let identities = json!({"identities": [
            identity(OWNER, &["Admin"]),
            identity(KEY, &["Read:kept", "Write:kept", "List:kept"]),
            identity(READER, &["Read:kept", "List:kept"]),
        ]});
        std::fs::write(folder.join("identities.json"), identities.to_string()).expect("writes");
        let mut bucket =
            Self { folder, port: free_port(), others: std::array::from_fn(|_| free_port()), process: None };
        bucket.run().await;
        bucket
    }

    /// Starts the process and waits until it keeps what it is given.
    pub(crate) async fn run(&mut self) {
        let mut command = process::command(program());
        let [master, master_grpc, volume, volume_grpc, filer, filer_grpc, s3_grpc] = self.others;
        let dir = self.folder.display();
        command
            .current_dir(&self.folder)
            .env("HOME", &self.folder)
            .args([
                "server",
                "-ip=127.0.0.1",
                "-s3",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
                "-s3.iam=false",
            ])
            .args(["-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=20"])
            .args(["-volume.minFreeSpace=1MiB", "-volume.preStopSeconds=0"])
            .arg(format!("-dir={dir}"))
            .arg(format!("-s3.config={dir}/identities.json"))
            .arg(format!("-s3.localSocket={dir}/s3.sock"))
            .arg(format!("-filer.localSocket={dir}/filer.sock"))
            .arg(format!("-master.port={master}"))
            .arg(format!("-master.port.grpc={master_grpc}"))
            .arg(format!("-volume.port={volume}"))
            .arg(format!("-volume.port.grpc={volume_grpc}"))
            .arg(format!("-filer.port={filer}"))
            .arg(format!("-filer.port.grpc={filer_grpc}"))
            .arg(format!("-s3.port={}", self.port))
            .arg(format!("-s3.port.grpc={s3_grpc}"));
        self.process = Some(Process::start("s3", command, &self.folder.join("s3.log")));
        // A bucket is made with the first object that its owner puts there.
        let owner = self.client(OWNER);
        eventually("the object store keeps something", || async {
            owner.put(&MADE.into(), "made".into()).await.ok()
        })
        .await;
    }

    /// Kills the process at once, as a crash would.
    pub(crate) async fn kill(&mut self) {
        self.process.take().expect("runs").kill().await;
    }

    /// Whether it runs.
    pub(crate) fn runs(&self) -> bool {
        self.process.is_some()
    }

    /// What a hub is told of it.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        [
            ("OPENPAM_RECORDINGS_S3_BUCKET", BUCKET.to_owned()),
            ("OPENPAM_RECORDINGS_S3_ENDPOINT", format!("http://127.0.0.1:{}", self.port)),
            ("OPENPAM_RECORDINGS_S3_PREFIX", PREFIX.to_owned()),
            ("OPENPAM_RECORDINGS_S3_ACCESS_KEY_ID", KEY.0.to_owned()),
            ("OPENPAM_RECORDINGS_S3_SECRET_ACCESS_KEY", KEY.1.to_owned()),
        ]
        .into()
    }

    fn client(&self, (id, secret): (&str, &str)) -> AmazonS3 {
        let client = AmazonS3Builder::new().with_endpoint(format!("http://127.0.0.1:{}", self.port));
        // One that does not answer at its start, or with an error, is asked again soon and not for minutes.
        let options = ClientOptions::new().with_allow_http(true).with_timeout(ANSWER_PATIENCE);
        let client = client
            .with_client_options(options)
            .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() });
        let client = client.with_region("us-east-1").with_bucket_name(BUCKET);
        client.with_access_key_id(id).with_secret_access_key(secret).build().expect("a client")
    }

    /// Everything in the bucket but its owner's own object and the mark of the place, by name and in order.
    pub(crate) async fn objects(&self) -> Vec<(String, Bytes)> {
        let owner = self.client(OWNER);
        let mut found: Vec<_> = owner.list(None).try_collect().await.expect("lists");
        found.sort_by(|one, other| one.location.cmp(&other.location));
        let mut objects = Vec::new();
        let told = |name: &str| name != MADE && !name.ends_with("/place/id");
        for object in found.into_iter().filter(|object| told(object.location.as_ref())) {
            let content = owner.get(&object.location).await.expect("gets").bytes().await.expect("reads");
            objects.push((object.location.to_string(), content));
        }
        objects
    }

    /// Takes an object away, as its owner may.
    pub(crate) async fn delete(&self, name: &str) {
        self.client(OWNER).delete(&name.into()).await.expect("deletes");
    }
}
