//! Enrolment: checks a join token against the books and signs the satellite's request.
//!
//! The answer names what was wrong with the token and nothing else. The same key may repeat its join until the
//! token expires; it gets a new certificate for the same satellite.

use std::net::IpAddr;
use std::time::{Instant, SystemTime};

use data_encoding::HEXLOWER_PERMISSIVE;
use openpam_link::ca;
use openpam_link::exchange::Reply;
use openpam_link::identity::NodeName;
use openpam_proto::join::{JoinRequest, Joined, Refused, ToSite};
use openpam_proto::token::JoinToken;

use crate::app::Hub;
use crate::instances::all_addresses;
use crate::own_zones;
use crate::store::satellites;
use crate::store::tokens::{self, RedeemError, Redemption};
use crate::time::Time;

/// Answers one join.
pub async fn answer(hub: &Hub, request: JoinRequest, reply: Reply) {
    let remote = reply.remote();
    let token = request.token_id;
    let answer = match join(hub, &request, remote.ip()).await {
        Ok(joined) => {
            tracing::info!(%remote, %token, zone = joined.zone, satellite = %joined.satellite_id, "satellite joined");
            ToSite::Joined(joined)
        }
        Err(refused) => {
            tracing::warn!(%remote, %token, code = refused.code, "join refused");
            ToSite::Refused(refused)
        }
    };
    reply.send(&answer).await;
}

async fn join(hub: &Hub, request: &JoinRequest, from: IpAddr) -> Result<Joined, Refused> {
    if !hub.join_limit.admits(from, Instant::now()) {
        return Err(refused("busy", "too many joins at the moment; try again in a minute"));
    }
    let key_sha256 = ca::request_key_sha256(&request.csr)
        .map_err(|_| refused("bad_csr", "the signing request is damaged"))?;
    let mut db = hub.pool.begin().await.map_err(|error| internal(&error))?;
    let redemption = Redemption {
        token_id: request.token_id,
        secret_hash: &JoinToken::secret_hash(&request.secret()),
        key_sha256: &key_sha256,
        host: &request.host,
        version: &request.version,
    };
    let redeemed = tokens::redeem(&mut db, redemption).await.map_err(|error| refusal(&error))?;
    let name = NodeName::Satellite(redeemed.satellite_id);
    let issued = hub
        .keys
        .nodes
        .authority()
        .sign_request(&request.csr, name, SystemTime::now())
        .map_err(|_| refused("bad_csr", "the signing request cannot be signed"))?;
    let expires = issued.not_after.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let expires = Time::from_ms(i64::try_from(expires.as_millis()).unwrap_or(i64::MAX));
    let serial = HEXLOWER_PERMISSIVE.decode(issued.serial.as_bytes()).unwrap_or_default();
    satellites::certified(&mut db, redeemed.satellite_id, &serial, expires)
        .await
        .map_err(|error| internal(&error))?;
    db.commit().await.map_err(|error| internal(&error))?;
    Ok(Joined {
        satellite_id: redeemed.satellite_id,
        zone_id: redeemed.zone_id,
        zone: redeemed.zone,
        chain: issued.chain.iter().map(|cert| cert.to_vec().into()).collect(),
        root: hub.keys.nodes.authority().root().to_vec().into(),
        hub_id: hub.id,
        addresses: all_addresses(hub, own_zones::addresses_for(&hub.config, redeemed.zone_type)),
    })
}

fn refusal(error: &RedeemError) -> Refused {
    match error {
        RedeemError::Unknown => {
            refused("token_unknown", "the hub does not know this token; copy it again, or ask for a new one")
        }
        RedeemError::Expired => refused("token_expired", "this token has expired; ask for a new one"),
        RedeemError::Revoked => refused("token_revoked", "this token was revoked; ask for a new one"),
        RedeemError::Used => refused(
            "token_used",
            "this token was used by another machine (or another state folder); ask for a new one",
        ),
        RedeemError::ZoneTaken => refused(
            "zone_taken",
            "this zone has a satellite already; an administrator must revoke that one first",
        ),
        RedeemError::Store(error) => internal(error),
    }
}

fn internal(error: &(dyn std::error::Error + 'static)) -> Refused {
    tracing::error!(error, "a join failed");
    refused("internal", "the hub could not enrol this satellite now; try again")
}

fn refused(code: &str, message: &str) -> Refused {
    Refused { code: code.to_owned(), message: message.to_owned() }
}
