//! What an operator, an account or a user of NATS is and may: claims, version 2, as JSON Web Tokens (RFC 7519) that are signed
//! by Ed25519 keys in NATS's own writing (nkeys).

use aws_lc_rs::digest;
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use nkeys::KeyPair;
use serde_json::{Value, json};

use crate::time::Time;

/// `no limit`, in NATS's words.
const UNLIMITED: i64 = -1;

/// A signed claim, as NATS takes it.
pub type Token = String;

/// What goes over from one account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the account that exports: what others publish is said to it.
    Service,
    /// From the account that exports: what it publishes is said to others.
    Stream,
}

impl Way {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Stream => "stream",
        }
    }
}

/// Subjects that an account lets others reach, each by a token of its own.
#[derive(Clone, Debug)]
pub struct Export<'a> {
    /// May hold wildcards.
    pub subject: &'a str,
    /// In which direction.
    pub way: Way,
}

/// Subjects of another account that one account reaches.
#[derive(Clone, Debug)]
pub struct Import<'a> {
    /// Within what is exported.
    pub subject: String,
    /// In which direction.
    pub way: Way,
    /// The exporting account's public key.
    pub account: &'a str,
    /// What the exporting account signed: [`activation`].
    pub token: Token,
}

/// What an account may use at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections of clients.
    pub connections: i64,
    /// Connections of leaf nodes.
    pub leaf_nodes: i64,
    /// Subscriptions of all of them.
    pub subscriptions: i64,
    /// Bytes of a message.
    pub payload: i64,
    /// Bytes of its streams on the disk; 0: it has none.
    pub stream_bytes: i64,
}

impl Limits {
    /// None.
    pub const NONE: Self = Self {
        connections: UNLIMITED,
        leaf_nodes: UNLIMITED,
        subscriptions: UNLIMITED,
        payload: UNLIMITED,
        stream_bytes: UNLIMITED,
    };
}

/// The subjects that a user may publish to and subscribe to; none: none at all.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// To publish to.
    pub publish: Vec<String>,
    /// To subscribe to.
    pub subscribe: Vec<String>,
}

/// An operator, which signs accounts.
///
/// # Errors
/// If the key cannot sign.
pub fn operator(operator: &KeyPair, system_account: &str) -> Result<Token, nkeys::error::Error> {
    let nats = json!({ "type": "operator", "system_account": system_account });
    token(operator, &operator.public_key(), "openpam", nats)
}

/// An account.
///
/// # Errors
/// If the key cannot sign.
pub fn account(
    operator: &KeyPair,
    account: &str,
    name: &str,
    limits: Limits,
    exports: &[Export<'_>],
    imports: &[Import<'_>],
) -> Result<Token, nkeys::error::Error> {
    let exports: Vec<_> = exports
        .iter()
        .map(|export| {
            let (subject, way) = (export.subject, export.way.as_str());
            json!({ "name": subject, "subject": subject, "type": way, "token_req": true })
        })
        .collect();
    let imports: Vec<_> = imports
        .iter()
        .map(|import| {
            json!({ "name": import.subject, "subject": import.subject, "type": import.way.as_str(),
                    "account": import.account, "token": import.token })
        })
        .collect();
    let streams = if limits.stream_bytes == 0 { 0 } else { UNLIMITED };
    let nats = json!({
        "type": "account",
        "limits": {
            "conn": limits.connections, "leaf": limits.leaf_nodes, "subs": limits.subscriptions,
            "payload": limits.payload, "data": UNLIMITED, "wildcards": exports.iter().len() > 0,
            "imports": imports.len(), "exports": exports.len(),
            "mem_storage": 0, "disk_storage": limits.stream_bytes, "streams": streams, "consumer": streams,
        },
        "exports": exports, "imports": imports,
    });
    token(operator, account, name, nats)
}

/// Gives one account what an export holds back from all others: this subject.
///
/// # Errors
/// If the key cannot sign.
pub fn activation(
    exporter: &KeyPair,
    importer: &str,
    subject: &str,
    way: Way,
) -> Result<Token, nkeys::error::Error> {
    token(
        exporter,
        importer,
        subject,
        json!({ "type": "activation", "subject": subject, "kind": way.as_str() }),
    )
}

/// A user of an account, who proves to hold the key.
///
/// # Errors
/// If the key cannot sign.
pub fn user(
    account: &KeyPair,
    user: &str,
    name: &str,
    may: Option<&Permissions>,
    expires_at: Option<Time>,
) -> Result<Token, nkeys::error::Error> {
    // An empty list would let everything through: what is denied says that there is nothing.
    let only = |subjects: &[String]| match subjects {
        [] => json!({ "deny": [">"] }),
        allowed => json!({ "allow": allowed }),
    };
    let mut nats = json!({ "type": "user", "subs": UNLIMITED, "data": UNLIMITED, "payload": UNLIMITED });
    if let (Some(may), Some(nats)) = (may, nats.as_object_mut()) {
        nats.insert("pub".to_owned(), only(&may.publish));
        nats.insert("sub".to_owned(), only(&may.subscribe));
    }
    signed(account, user, name, nats, expires_at)
}

/// Takes accounts back: with it their connections end at once.
///
/// # Errors
/// If the key cannot sign.
pub fn deletion(operator: &KeyPair, accounts: &[String]) -> Result<Token, nkeys::error::Error> {
    token(operator, &operator.public_key(), "delete", json!({ "type": "generic", "accounts": accounts }))
}

fn token(issuer: &KeyPair, subject: &str, name: &str, nats: Value) -> Result<Token, nkeys::error::Error> {
    signed(issuer, subject, name, nats, None)
}

fn signed(
    issuer: &KeyPair,
    subject: &str,
    name: &str,
    mut nats: Value,
    expires_at: Option<Time>,
) -> Result<Token, nkeys::error::Error> {
    let seconds = |time: Time| time.as_ms().div_euclid(1000);
    if let Some(nats) = nats.as_object_mut() {
        nats.insert("version".to_owned(), 2.into());
    }
    let mut claims = json!({
        "iat": seconds(Time::now()), "iss": issuer.public_key(), "name": name, "sub": subject, "nats": nats,
    });
    let id = BASE32_NOPAD.encode(digest::digest(&digest::SHA256, claims.to_string().as_bytes()).as_ref());
    if let Some(claims) = claims.as_object_mut() {
        claims.insert("jti".to_owned(), id.into());
        if let Some(expires_at) = expires_at {
            claims.insert("exp".to_owned(), seconds(expires_at).into());
        }
    }
    let encode = |value: Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let said = format!("{}.{}", encode(json!({ "typ": "JWT", "alg": "ed25519-nkey" })), encode(claims));
    let signature = issuer.sign(said.as_bytes())?;
    Ok(format!("{said}.{}", BASE64URL_NOPAD.encode(&signature)))
}
