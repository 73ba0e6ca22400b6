//! The keys of the bus, and what they sign: the operator's, the system account's, the hub's account's and one for each zone.
//!
//! All come of one secret in `secrets_dir/keys/bus.key` (HKDF, RFC 5869): every instance of an installation makes the same.

use std::fmt;
use std::path::Path;

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use nkeys::{KeyPair, KeyPairType};
use openpam_ids::{HubId, SatelliteId, ZoneId};
use openpam_link::nats_server::credentials_file;
use openpam_proto::limits::MAX_MESSAGE_BYTES;
use zeroize::Zeroizing;

use super::claims::{self, Export, Import, Limits, Permissions, Token, Way};
use crate::time::Time;

/// What a zone's account may use: a satellite with a few hubs, and one that takes its place.
const ZONE: Limits = Limits {
    connections: 16,
    leaf_nodes: 4,
    subscriptions: 64,
    payload: MAX_MESSAGE_BYTES as i64,
    stream_bytes: 0,
};
/// The subjects of all zones, which the hub's account hands out one by one.
const UP: &str = "zone.*.up.>";
const DOWN: &str = "zone.*.down.>";

/// Why something is not signed.
#[derive(Debug, thiserror::Error)]
#[error("a key of the bus does not sign")]
pub struct NotSigned(#[from] nkeys::error::Error);

/// Signs everything on the bus.
pub struct Authority {
    secret: Prk,
    operator: KeyPair,
    system: KeyPair,
    hub: KeyPair,
}

impl fmt::Debug for Authority {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Authority").field("operator", &self.operator.public_key()).finish_non_exhaustive()
    }
}

/// A user with its key, as a client connects with it.
#[derive(Debug)]
pub struct Credentials {
    /// What it is and may.
    pub token: Token,
    /// Its key's seed, in NATS's writing.
    pub seed: Zeroizing<String>,
}

impl Credentials {
    /// As NATS's programs read them from a file.
    #[must_use]
    pub fn to_file(&self) -> Zeroizing<String> {
        credentials_file(&self.token, &self.seed)
    }
}

struct Seed;

impl KeyType for Seed {
    fn len(&self) -> usize {
        32
    }
}

impl Authority {
    /// Of an installation's secret.
    ///
    /// # Errors
    /// [`NotSigned`] if no keys come of it.
    pub fn new(secret: &[u8; 32]) -> Result<Self, NotSigned> {
        let secret = Salt::new(HKDF_SHA256, b"openpam-bus-v1").extract(secret);
        let operator = derive(&secret, KeyPairType::Operator, "operator", &[])?;
        let system = derive(&secret, KeyPairType::Account, "system", &[])?;
        let hub = derive(&secret, KeyPairType::Account, "hub", &[])?;
        Ok(Self { secret, operator, system, hub })
    }

    /// A server's configuration: who signs, who is who. Everything else, such as where it listens, is the server's own.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn configuration(&self, resolver_dir: &Path) -> Result<String, NotSigned> {
        let (system, hub) = (self.system.public_key(), self.hub.public_key());
        let operator = claims::operator(&self.operator, &system)?;
        let system_token = claims::account(
            &self.operator,
            &system,
            "system",
            Limits { stream_bytes: 0, ..Limits::NONE },
            &[],
            &[],
        )?;
        let hub_token = self.hub_account()?;
        let dir = resolver_dir.display();
        Ok(format!(
            "operator: {operator}\nsystem_account: {system}\n\
             resolver: {{ type: full, dir: \"{dir}\", allow_delete: true }}\n\
             resolver_preload: {{\n  {system}: {system_token}\n  {hub}: {hub_token}\n}}\n"
        ))
    }

    fn hub_account(&self) -> Result<Token, NotSigned> {
        let exports = [Export { subject: UP, way: Way::Service }, Export { subject: DOWN, way: Way::Stream }];
        Ok(claims::account(&self.operator, &self.hub.public_key(), "hub", Limits::NONE, &exports, &[])?)
    }

    /// A zone's account: it reaches its own subjects of the hub's account, has no stream, and exports nothing.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn zone_account(&self, zone: ZoneId) -> Result<Token, NotSigned> {
        let (account, hub) = (self.zone(zone)?.public_key(), self.hub.public_key());
        let import = |subject: String, way| {
            let token = claims::activation(&self.hub, &account, &subject, way)?;
            Ok::<_, NotSigned>(Import { subject, way, account: &hub, token })
        };
        let imports = [import(up(zone), Way::Service)?, import(down(zone), Way::Stream)?];
        Ok(claims::account(&self.operator, &account, &zone.to_string(), ZONE, &[], &imports)?)
    }

    /// The public key of a zone's account.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn zone_key(&self, zone: ZoneId) -> Result<String, NotSigned> {
        Ok(self.zone(zone)?.public_key())
    }

    /// Takes the accounts of zones back.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn without(&self, zones: &[ZoneId]) -> Result<Token, NotSigned> {
        let keys = zones.iter().map(|zone| self.zone_key(*zone)).collect::<Result<Vec<_>, _>>()?;
        self.without_keys(&keys)
    }

    /// The same by their public keys.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn without_keys(&self, keys: &[String]) -> Result<Token, NotSigned> {
        Ok(claims::deletion(&self.operator, keys)?)
    }

    /// The operator's public key, by which servers know whose they are.
    #[must_use]
    pub fn operator_key(&self) -> String {
        self.operator.public_key()
    }

    /// The public keys of the accounts that are no zone's.
    #[must_use]
    pub fn own_keys(&self) -> [String; 2] {
        [self.system.public_key(), self.hub.public_key()]
    }

    /// A zone's satellite, which holds that key: of its zone's subjects it has its own, and hears of its policy.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn satellite(&self, zone: ZoneId, satellite: SatelliteId, user: &str) -> Result<Token, NotSigned> {
        let may = Permissions {
            publish: vec![format!("zone.{zone}.up.{satellite}.>")],
            subscribe: vec![format!("zone.{zone}.down.{satellite}.>"), policy_subject(zone)],
        };
        Ok(claims::user(&self.zone(zone)?, user, "satellite", Some(&may), None)?)
    }

    /// The hub itself, with a key that nobody else has.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn hub_user(&self) -> Result<Credentials, NotSigned> {
        credentials(&self.hub, "hub", None, None)
    }

    /// Somebody who listens to what everybody may hear, as it comes or from the stream, and says nothing. Replies come to them
    /// alone, on [`listener_inbox`].
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn listener(&self, name: &str, expires_at: Option<Time>) -> Result<Credentials, NotSigned> {
        let may = Permissions {
            publish: [
                "STREAM.INFO.OPENPAM",
                "CONSUMER.CREATE.OPENPAM.>",
                "CONSUMER.INFO.OPENPAM.>",
                "CONSUMER.MSG.NEXT.OPENPAM.>",
            ]
            .iter()
            .map(|subject| format!("$JS.API.{subject}"))
            .chain(["$JS.ACK.OPENPAM.>".to_owned()])
            .collect(),
            subscribe: vec!["openpam.>".to_owned(), format!("{}.>", listener_inbox(name))],
        };
        credentials(&self.hub, name, Some(&may), expires_at)
    }

    /// Who tells servers of accounts, with a key that nobody else has.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn system_user(&self) -> Result<Credentials, NotSigned> {
        credentials(&self.system, "hub", None, None)
    }

    fn zone(&self, zone: ZoneId) -> Result<KeyPair, NotSigned> {
        derive(&self.secret, KeyPairType::Account, "zone", zone.as_bytes())
    }
}

/// Where a listener's replies come: no other listener hears them.
#[must_use]
pub fn listener_inbox(name: &str) -> String {
    format!("_INBOX_{name}")
}

/// On which subjects a satellite and a hub tell each other something: up and down.
#[must_use]
pub fn between(zone: ZoneId, satellite: SatelliteId, hub: HubId) -> (String, String) {
    (format!("zone.{zone}.up.{satellite}.{hub}"), format!("zone.{zone}.down.{satellite}.{hub}"))
}

/// On which subject a zone's satellite hears of its newest policy.
#[must_use]
pub fn policy_subject(zone: ZoneId) -> String {
    format!("zone.{zone}.down.policy")
}

/// What a zone says to the hub.
fn up(zone: ZoneId) -> String {
    format!("zone.{zone}.up.>")
}

/// What the hub says to a zone.
fn down(zone: ZoneId) -> String {
    format!("zone.{zone}.down.>")
}

fn credentials(
    account: &KeyPair,
    name: &str,
    may: Option<&Permissions>,
    expires_at: Option<Time>,
) -> Result<Credentials, NotSigned> {
    let user = KeyPair::new_user();
    let token = claims::user(account, &user.public_key(), name, may, expires_at)?;
    Ok(Credentials { token, seed: Zeroizing::new(user.seed()?) })
}

fn derive(secret: &Prk, kind: KeyPairType, what: &str, which: &[u8]) -> Result<KeyPair, NotSigned> {
    let mut seed = Zeroizing::new([0; 32]);
    let info = [what.as_bytes(), which];
    let filled = secret.expand(&info, Seed).and_then(|okm| okm.fill(&mut seed[..]));
    filled.map_err(|_| nkeys::error::Error::new(nkeys::error::ErrorKind::InvalidKeyLength, None))?;
    Ok(KeyPair::new_from_raw(kind, *seed)?)
}
