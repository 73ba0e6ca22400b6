//! Tells servers of accounts, over the system account: what they are told counts at once, at every server of a cluster.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{AuthError, Client, ConnectOptions, ServerAddr};
use nkeys::KeyPair;
use openpam_ids::ZoneId;
use serde::Deserialize;

use super::authority::{Authority, Credentials, NotSigned};
use super::claims::Token;

/// A server answers this soon.
const PATIENCE: Duration = Duration::from_secs(5);
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
    Ok(options.name("openpam-hub").ping_interval(PING_EVERY).request_timeout(Some(PATIENCE)))
}

/// Several servers of a cluster stand with commas between them.
///
/// # Errors
/// If one of them is no address.
pub fn addresses(urls: &str) -> Result<Vec<ServerAddr>, std::io::Error> {
    urls.split(',').map(|url| url.trim().parse()).collect()
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

    async fn ask(&self, subject: &'static str, token: Token) -> Result<(), AccountError> {
        let answer = self.0.request(subject, token.into()).await?;
        match serde_json::from_slice(&answer.payload) {
            Ok(Answer { error: None }) => Ok(()),
            Ok(Answer { error: Some(refusal) }) => Err(AccountError::Refused(refusal.description)),
            Err(error) => Err(AccountError::Refused(error.to_string())),
        }
    }
}
