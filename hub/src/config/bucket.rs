//! The settings of a bucket for recordings, in an object store that speaks S3.
//!
//! Refuses half a key, and plain HTTP to another machine unless it is allowed in words.

use std::path::PathBuf;

use object_store::path::Path as ObjectPath;
use url::{Host, Url};

use crate::secrets::Secret;

/// What requests are signed for where a store that is not AWS's does not care.
const ANY_REGION: &str = "us-east-1";

/// Where recordings lie if not in the data folder.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The store's address; absent: AWS, in `region`.
    pub endpoint: Option<Url>,
    /// Where the bucket is; requests are signed for it.
    pub region: String,
    /// Stands before the name of every object.
    pub prefix: ObjectPath,
    /// Who asks; absent: whoever the environment or the machine says, as with AWS's own programs.
    pub key: Option<AccessKey>,
    /// The certificates (PEM) that alone vouch for the store; absent: the system's.
    pub ca: Option<PathBuf>,
}

/// A key of the store.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// Its name.
    pub id: String,
    /// What requests are signed with; never sent.
    pub secret: Secret,
}

impl Bucket {
    /// Whether requests go in the clear. They are signed all the same.
    #[must_use]
    pub fn speaks_plain_http(&self) -> bool {
        self.endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http")
    }
}

/// The settings as they were given.
pub(super) struct Settings {
    pub(super) bucket: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) region: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) access_key_id: Option<String>,
    pub(super) secret_access_key: Option<Secret>,
    pub(super) ca: Option<PathBuf>,
    pub(super) plain_http: bool,
}

impl Settings {
    /// The bucket, if there is to be one; else what is wrong.
    pub(super) fn check(self) -> Result<Option<Bucket>, String> {
        let Some(name) = self.bucket else {
            let others = self.endpoint.is_some()
                || self.region.is_some()
                || self.prefix.is_some()
                || self.access_key_id.is_some()
                || self.secret_access_key.is_some()
                || self.ca.is_some()
                || self.plain_http;
            return if others {
                Err("recordings_s3_… settings go with recordings_s3_bucket".to_owned())
            } else {
                Ok(None)
            };
        };
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if name.is_empty() || !name.bytes().all(known) {
            return Err(format!("recordings_s3_bucket: {name:?} is no name of a bucket"));
        }
        let endpoint = self.endpoint.map(|text| endpoint(&text, self.plain_http)).transpose()?;
        let region = match (self.region, &endpoint) {
            (Some(region), _) => region,
            (None, Some(_)) => ANY_REGION.to_owned(),
            (None, None) => {
                return Err(
                    "recordings_s3_region says where in AWS the bucket is, or recordings_s3_endpoint which \
                            other store has it: one of them is needed"
                        .to_owned(),
                );
            }
        };
        let prefix = ObjectPath::parse(self.prefix.unwrap_or_default())
            .map_err(|error| format!("recordings_s3_prefix: {error}"))?;
        let key = match (self.access_key_id, self.secret_access_key) {
            (Some(id), Some(secret)) => Some(AccessKey { id, secret }),
            (None, None) => None,
            _ => {
                return Err(
                    "recordings_s3_access_key_id and recordings_s3_secret_access_key go together".to_owned()
                );
            }
        };
        Ok(Some(Bucket { name, endpoint, region, prefix, key, ca: self.ca }))
    }
}

fn endpoint(text: &str, may_be_plain: bool) -> Result<Url, String> {
    let wrong = |why: &str| format!("recordings_s3_endpoint: {why}");
    let url: Url = text.parse().map_err(|error: url::ParseError| wrong(&error.to_string()))?;
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(wrong("it names no host")),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "a key has settings of its own, recordings_s3_access_key_id and _secret_access_key",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it is https://host, perhaps with a port, and no more"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if here || may_be_plain => Ok(url),
        "http" => Err(wrong(
            "plain HTTP to another machine lets whoever is on the line see and change requests; use https, or allow \
             it with recordings_s3_plain_http = true",
        )),
        _ => Err(wrong("it begins with https://")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(bucket: &str, endpoint: Option<&str>) -> Settings {
        Settings {
            bucket: Some(bucket.to_owned()),
            endpoint: endpoint.map(str::to_owned),
            region: None,
            prefix: None,
            access_key_id: None,
            secret_access_key: None,
            ca: None,
            plain_http: false,
        }
    }

    #[test]
    fn no_bucket_is_the_folder_and_settings_without_one_are_refused() {
        let none = || Settings { bucket: None, ..settings("", None) };
        assert!(none().check().expect("nothing is wrong").is_none());
        let error = Settings { prefix: Some("a".to_owned()), ..none() }.check().expect_err("no bucket");
        assert!(error.contains("recordings_s3_bucket"), "{error}");
        assert!(Settings { plain_http: true, ..none() }.check().is_err());
    }

    #[test]
    fn plain_http_is_for_loopback_unless_it_is_allowed() {
        for here in
            ["http://localhost:9000", "http://127.0.0.1:9000", "http://[::1]:9000", "https://s3.example"]
        {
            assert!(settings("b", Some(here)).check().is_ok(), "{here}");
        }
        let error = settings("b", Some("http://s3.example")).check().expect_err("in the clear");
        assert!(error.contains("recordings_s3_plain_http"), "{error}");
        let allowed = Settings { plain_http: true, ..settings("b", Some("http://s3.example")) };
        assert!(allowed.check().expect("allowed").is_some_and(|bucket| bucket.speaks_plain_http()));
    }

    #[test]
    fn what_is_half_or_no_address_is_refused_and_says_which_setting() {
        let aws = || settings("b", None);
        assert!(aws().check().expect_err("where?").contains("recordings_s3_region"));
        let bucket =
            Settings { region: Some("eu-central-1".to_owned()), ..aws() }.check().expect("AWS").expect("one");
        assert!(bucket.endpoint.is_none() && bucket.key.is_none());
        let half =
            Settings { access_key_id: Some("id".to_owned()), ..settings("b", Some("https://s3.example")) };
        assert!(half.check().expect_err("half a key").contains("go together"));
        let prefix =
            Settings { prefix: Some("a/../b".to_owned()), ..settings("b", Some("https://s3.example")) };
        assert!(prefix.check().expect_err("leads elsewhere").contains("recordings_s3_prefix"));
        for (name, endpoint) in [
            ("a/b", "https://s3.example"),
            ("", "https://s3.example"),
            ("b", "s3.example"),
            ("b", "ftp://s3.example"),
            ("b", "https://id:secret@s3.example"),
            ("b", "https://s3.example/?a=b"),
        ] {
            let error = settings(name, Some(endpoint)).check().expect_err(endpoint);
            assert!(error.starts_with("recordings_s3_") && !error.contains("secret@"), "{error}");
        }
    }
}
