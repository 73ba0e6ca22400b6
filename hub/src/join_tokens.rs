//! Making join tokens: in the pages, on the command line, and by the hub itself for its own zones. The secret leaves in the
//! token alone; the books hold its hash.

use std::time::Duration;

use anyhow::{Context, ensure};
use aws_lc_rs::rand;
use openpam_ids::{TokenId, ZoneId};
use openpam_proto::token::{JoinToken, SECRET_BYTES};
use serde_json::json;
use zeroize::Zeroizing;

use crate::auth::cookie::NoRandomness;
use crate::books::Books;
use crate::config::Config;
use crate::instance;
use crate::keys::Keys;
use crate::store::events::{self, Fact};
use crate::store::{tokens, zones};
use crate::time::Time;

/// How long a token is good for if nothing is said.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(3600);
/// Thirty days: long enough for a box that is shipped, short enough to be forgotten safely.
pub const MAX_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// A token with a fresh secret, for a hub at these addresses. It is nothing before the books have it.
///
/// # Errors
/// [`NoRandomness`].
pub fn make(keys: &Keys, addresses: Vec<String>) -> Result<JoinToken, NoRandomness> {
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    rand::fill(secret.as_mut_slice()).map_err(|_| NoRandomness)?;
    let ca_sha256 = keys.nodes.authority().root_sha256();
    Ok(JoinToken { addresses, ca_sha256, id: TokenId::generate(), secret })
}

/// What a field engineer types.
#[must_use]
pub fn command(token: &JoinToken) -> Zeroizing<String> {
    Zeroizing::new(format!("openpam-satellite join {}", *token.encode()))
}

/// `openpam-hub token create`: a token for the zone of that name, whether the hub runs or not.
///
/// # Errors
/// If there is no such zone, or the books or keys cannot be had.
pub async fn create(config: &Config, zone: &str, lifetime: Duration) -> anyhow::Result<JoinToken> {
    ensure!(
        (Duration::from_secs(1)..=MAX_LIFETIME).contains(&lifetime),
        "a token is good for at least a second and at most 30 days"
    );
    let keys = Keys::read(&config.secrets_dir, config.certificate_lifetime)?;
    let token = make(&keys, config.tunnel_addresses.clone())?;
    let books = Books::open(config).await?;
    let kept = async {
        let zone = zones::named(&books.pool, zone).await?;
        keep(
            config,
            &books,
            &token,
            zone.context("there is no zone of that name; make it in the pages")?,
            lifetime,
        )
        .await
    };
    let kept = kept.await;
    books.close().await;
    kept?;
    Ok(token)
}

async fn keep(
    config: &Config,
    books: &Books,
    token: &JoinToken,
    zone: ZoneId,
    lifetime: Duration,
) -> anyhow::Result<()> {
    let expires_at = Time::now().after(lifetime);
    let hash = JoinToken::secret_hash(token.secret.as_slice());
    let mut tx = books.pool.begin().await?;
    tokens::create(&mut tx, token.id, zone, &hash, expires_at, None).await?;
    let detail = json!({ "id": token.id, "zone_id": zone, "expires_at": expires_at, "by": "command line" });
    let fact = Fact { kind: "token.created", user_id: None, session_id: None, client_ip: None, detail };
    events::record(&mut tx, instance::hub_id(&config.data_dir)?, fact).await?;
    Ok(tx.commit().await?)
}
