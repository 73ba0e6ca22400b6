//! Tells servers of accounts, over the system account: what they are told counts at once, at every server of a cluster.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use async_nats::{AuthError, Client, ConnectOptions, ServerAddr, Subject};
use futures::StreamExt;
use nkeys::KeyPair;
use openpam_ids::ZoneId;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::authority::{Authority, Credentials, NotSigned};
use super::claims::Token;

/// A server answers this soon.
const PATIENCE: Duration = Duration::from_secs(5);
/// Servers that have said nothing by then are not there.
const SERVERS_ANSWER: Duration = Duration::from_millis(500);
/// More are not listened to.
const MAX_SERVERS: usize = 64;
/// A server that is gone is noticed after this.
const PING_EVERY: Duration = Duration::from_secs(5);

/// Messages of one subscription that wait: a site that says more than is read loses its own.
const MESSAGES_WAITING: usize = 64;

/// Why servers do not know.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// No connection.
    #[error("no connection to NATS: {0}")]
    Connect(#[from] async_nats::ConnectError),
    /// No addresses.
    #[error("nats_url: {0}")]
    Address(#[from] std::io::Error),
    /// Not sent.
    #[error("not sent: {0}")]
    Send(#[from] async_nats::PublishError),
    /// Not heard.
    #[error("not heard: {0}")]
    Subscribe(#[from] async_nats::SubscribeError),
    /// No answer.
    #[error("NATS does not answer: {0}")]
    Request(#[from] async_nats::RequestError),
    /// It said no.
    #[error("NATS refused an account: {0}")]
    Refused(String),
    /// Not signed.
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
}

/// A client's way in with these credentials; it connects again by itself whenever the line is lost.
///
/// # Errors
/// [`NotSigned`] if the seed is none.
pub fn options(credentials: &Credentials) -> Result<ConnectOptions, NotSigned> {
    let key = Arc::new(KeyPair::from_seed(&credentials.seed)?);
    let options = ConnectOptions::with_jwt(credentials.token.clone(), move |nonce| {
        let key = key.clone();
        async move { key.sign(&nonce).map_err(AuthError::new) }
    });
    let options = options.subscription_capacity(MESSAGES_WAITING);
    // Whether it is there is said where that is looked after.
    let options = options.event_callback(async |event| tracing::debug!(%event, "NATS"));
    Ok(options.name("openpam-hub").ping_interval(PING_EVERY).request_timeout(Some(PATIENCE)))
}

/// Several servers of a cluster stand with commas between them.
///
/// # Errors
/// If one of them is no address.
pub fn addresses(urls: &str) -> Result<Vec<ServerAddr>, std::io::Error> {
    urls.split(',').map(|url| url.trim().parse()).collect()
}

/// What each server answers to the system account; what does not read is passed over.
///
/// # Errors
/// [`AccountError`].
pub async fn ask_all<T: DeserializeOwned>(
    system: &Client,
    subject: &'static str,
) -> Result<Vec<T>, AccountError> {
    let inbox = Subject::from(system.new_inbox());
    let mut answers = system.subscribe(inbox.clone()).await?;
    system.publish_with_reply(subject, inbox, "".into()).await?;
    let mut said = Vec::new();
    while let Ok(Some(answer)) = timeout(SERVERS_ANSWER, answers.next()).await {
        said.extend(serde_json::from_slice(&answer.payload).ok());
        if said.len() == MAX_SERVERS {
            break;
        }
    }
    Ok(said)
}

/// A way to all servers of the bus.
#[derive(Clone, Debug)]
pub struct Accounts(Client);

#[derive(Debug, Deserialize)]
struct Answer {
    error: Option<Refusal>,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    description: String,
}

impl Accounts {
    /// Connects as the system account.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn connect(authority: &Authority, url: &str) -> Result<Self, AccountError> {
        let options = options(&authority.system_user()?)?;
        Ok(Self(options.connect(addresses(url)?).await?))
    }

    /// The connection.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.0
    }

    /// A zone has an account from now on.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn give(&self, authority: &Authority, zone: ZoneId) -> Result<(), AccountError> {
        self.ask("$SYS.REQ.CLAIMS.UPDATE", authority.zone_account(zone)?).await
    }

    /// Zones have none any more: who is connected by them is cut off.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn take(&self, authority: &Authority, zones: &[ZoneId]) -> Result<(), AccountError> {
        self.ask("$SYS.REQ.CLAIMS.DELETE", authority.without(zones)?).await
    }

    /// The same by their public keys.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn take_keys(&self, authority: &Authority, keys: &[String]) -> Result<(), AccountError> {
        self.ask("$SYS.REQ.CLAIMS.DELETE", authority.without_keys(keys)?).await
    }

    /// The servers that are there, by what each calls itself since it was started.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn servers(&self) -> Result<BTreeSet<String>, AccountError> {
        #[derive(Deserialize)]
        struct Answer {
            server: Server,
        }
        #[derive(Deserialize)]
        struct Server {
            id: String,
        }
        let answers: Vec<Answer> = ask_all(&self.0, "$SYS.REQ.SERVER.PING").await?;
        Ok(answers.into_iter().map(|answer| answer.server.id).collect())
    }

    /// The public keys of the accounts that each server has.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn known(&self) -> Result<Vec<HashSet<String>>, AccountError> {
        #[derive(Deserialize)]
        struct Answer {
            data: HashSet<String>,
        }
        let answers: Vec<Answer> = ask_all(&self.0, "$SYS.REQ.CLAIMS.LIST").await?;
        Ok(answers.into_iter().map(|answer| answer.data).collect())
    }

    async fn ask(&self, subject: &'static str, token: Token) -> Result<(), AccountError> {
        let answer = self.0.request(subject, token.into()).await?;
        match serde_json::from_slice(&answer.payload) {
            Ok(Answer { error: None }) => Ok(()),
            Ok(Answer { error: Some(refusal) }) => Err(AccountError::Refused(refusal.description)),
            Err(error) => Err(AccountError::Refused(error.to_string())),
        }
    }
}
