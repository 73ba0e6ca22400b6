//! Renewals on `openpam-renew/1`: who gets the next certificate, who has to wait for an admin, and who is set aside.
//!
//! The decision is pure, in `judge`. A satellite that was away for weeks renews here with its expired certificate.

use std::time::{Duration, SystemTime};

use data_encoding::HEXLOWER_PERMISSIVE;
use openpam_ids::SatelliteId;
use openpam_link::ca::{self, BACKDATE};
use openpam_link::exchange::Reply;
use openpam_link::identity::{Certified, NodeName, read_certificate};
use openpam_proto::close::CloseCode;
use openpam_proto::join::Refused;
use openpam_proto::renew::{self, NONCE_BYTES, RenewRequest, Renewed, ToSite};
use rustls_pki_types::CertificateDer;
use serde_json::json;

use crate::app::Hub;
use crate::changes::Change;
use crate::instances::all_addresses;
use crate::own_zones;
use crate::store::StoreError;
use crate::store::events::{self, Fact};
use crate::store::kinds::ZoneType;
use crate::store::satellites::{self, Renewal};
use crate::time::Time;

/// Answers the time to whoever asks.
pub async fn tell_time(reply: Reply) {
    reply.send(&ToSite::Time(renew::Time { time_ms: Time::now().as_ms() })).await;
}

/// Answers one renewal.
pub async fn answer(hub: &Hub, certified: Certified, request: RenewRequest, reply: Reply) {
    let NodeName::Satellite(satellite) = certified.name else { return };
    let remote = reply.remote();
    let answer = match renew(hub, satellite, &certified, &request, reply.arrived()).await {
        Ok(renewed) => {
            tracing::info!(%satellite, %remote, generation = renewed.generation, "certificate renewed");
            ToSite::Renewed(renewed)
        }
        Err(refused) => {
            tracing::warn!(%satellite, %remote, code = refused.code, "renewal refused");
            ToSite::Refused(refused)
        }
    };
    reply.send(&answer).await;
}

/// What comes of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It gets a new certificate.
    Issue,
    /// It gets the one it asked for before.
    Repeat,
    /// Two machines have this identity.
    Quarantine,
    /// It does not get one.
    Refuse(&'static str),
}

/// What a renewal says of itself.
#[derive(Clone, Copy, Debug)]
struct Asked<'a> {
    key_sha256: &'a [u8],
    generation: i64,
    nonce: &'a [u8],
    /// Its certificate ran out longer ago than `readmit_days`.
    long_away: bool,
    /// It was here before the last certificate was given: its asker gave it up, asked again and was answered meanwhile.
    overtaken: bool,
}

fn judge(row: Option<&Renewal>, asked: Asked<'_>) -> Verdict {
    let Some(row) = row.filter(|row| row.key_sha256 == asked.key_sha256) else {
        return Verdict::Refuse("satellite_unknown");
    };
    if row.revoked {
        return Verdict::Refuse("satellite_revoked");
    }
    if row.quarantined {
        return Verdict::Refuse("quarantined");
    }
    if asked.long_away && !row.readmitted && !row.released {
        return Verdict::Refuse("readmit_needed");
    }
    let repeated = row.generation == asked.generation && row.nonce.as_deref() == Some(asked.nonce);
    match asked.generation {
        _ if repeated && row.chain.is_some() && !row.expired => Verdict::Repeat,
        _ if repeated => Verdict::Issue,
        // One ahead is the rule; further ahead: these books are older than the satellite, restored from a backup.
        generation if generation > row.generation || row.released => Verdict::Issue,
        // Who still waits for this answer asks again.
        _ if asked.overtaken => Verdict::Refuse("busy"),
        _ => Verdict::Quarantine,
    }
}

/// Whether what arrived then was here before this certificate was given, as far as seconds tell.
fn overtaken(arrived: SystemTime, given: Option<&CertificateDer<'_>>) -> bool {
    let begins_s = given.and_then(|leaf| read_certificate(leaf).ok()).map(|leaf| leaf.not_before_s);
    let arrived_s = arrived.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let given_s = begins_s.and_then(|s| u64::try_from(s).ok()).map(|s| s.saturating_add(BACKDATE.as_secs()));
    given_s.is_some_and(|given_s| arrived_s <= given_s.saturating_add(1))
}

async fn renew(
    hub: &Hub,
    satellite: SatelliteId,
    certified: &Certified,
    request: &RenewRequest,
    arrived: SystemTime,
) -> Result<Renewed, Refused> {
    let bad = |_| refused("bad_csr");
    let csr_key = ca::request_key_sha256(&request.csr).map_err(bad)?;
    let generation = i64::try_from(request.generation).map_err(|_| refused("bad_csr"))?;
    if csr_key != certified.key_sha256 || generation == 0 || request.nonce.len() != NONCE_BYTES {
        return Err(refused("bad_csr"));
    }
    let mut db = hub.pool.begin().await.map_err(|error| internal(&error.into()))?;
    let row = satellites::renewal(&mut db, satellite).await.map_err(|error| internal(&error))?;
    let last = row.as_ref().and_then(|row| row.chain.as_ref()?.first().map(Vec::as_slice));
    let asked = Asked {
        key_sha256: &certified.key_sha256,
        generation,
        nonce: &request.nonce,
        long_away: long_away(certified, hub.config.readmit_after, Time::now()),
        overtaken: overtaken(arrived, last.map(CertificateDer::from).as_ref()),
    };
    let verdict = judge(row.as_ref(), asked);
    let zone_type = row.as_ref().map_or(ZoneType::Satellite, |row| row.zone_type);
    let chain = match verdict {
        Verdict::Issue => {
            let authority = hub.keys.nodes.authority();
            let issued = authority
                .sign_request(&request.csr, NodeName::Satellite(satellite), SystemTime::now())
                .map_err(|_| refused("bad_csr"))?;
            let chain = issued.chain.iter().map(|cert| cert.to_vec()).collect::<Vec<_>>();
            let expires = issued.not_after.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let renewed = satellites::Renewed {
                generation,
                nonce: &request.nonce,
                chain: &chain,
                serial: &HEXLOWER_PERMISSIVE.decode(issued.serial.as_bytes()).unwrap_or_default(),
                expires_at: Time::from_ms(i64::try_from(expires.as_millis()).unwrap_or(i64::MAX)),
            };
            satellites::renewed(&mut db, satellite, renewed).await.map_err(|error| internal(&error))?;
            chain
        }
        Verdict::Repeat => row.and_then(|row| row.chain).unwrap_or_default(),
        Verdict::Quarantine => {
            let fresh = satellites::quarantine(&mut db, satellite).await.map_err(|error| internal(&error))?;
            if fresh {
                note(hub, &mut db, "satellite.quarantined", satellite)
                    .await
                    .map_err(|error| internal(&error))?;
            }
            db.commit().await.map_err(|error| internal(&error.into()))?;
            tracing::error!(%satellite, generation, "two machines have this satellite's identity: quarantined");
            hub.sites.drop_satellite(satellite, CloseCode::Quarantined);
            hub.changes.tell(Change::SatelliteQuarantined(satellite));
            return Err(refused("quarantined"));
        }
        Verdict::Refuse(code) => {
            if code == "readmit_needed" {
                let fresh = satellites::ask_readmission(&mut db, satellite)
                    .await
                    .map_err(|error| internal(&error))?;
                if fresh {
                    note(hub, &mut db, "satellite.asks_readmission", satellite)
                        .await
                        .map_err(|error| internal(&error))?;
                }
                db.commit().await.map_err(|error| internal(&error.into()))?;
            }
            return Err(refused(code));
        }
    };
    db.commit().await.map_err(|error| internal(&error.into()))?;
    Ok(Renewed {
        chain: chain.into_iter().map(Into::into).collect(),
        generation: request.generation,
        time_ms: Time::now().as_ms(),
        addresses: all_addresses(hub, own_zones::addresses_for(&hub.config, zone_type)),
    })
}

fn long_away(certified: &Certified, readmit_after: Duration, now: Time) -> bool {
    let expired_ms = now.as_ms().saturating_sub(certified.not_after_s.saturating_mul(1000));
    u128::try_from(expired_ms).is_ok_and(|expired_ms| expired_ms > readmit_after.as_millis())
}

async fn note(
    hub: &Hub,
    db: &mut sqlx::PgConnection,
    kind: &str,
    satellite: SatelliteId,
) -> Result<(), StoreError> {
    let detail = json!({ "id": satellite });
    events::record(db, hub.id, Fact { kind, user_id: None, session_id: None, client_ip: None, detail }).await
}

fn internal(error: &StoreError) -> Refused {
    tracing::error!(error = %error, "a renewal failed");
    refused("internal")
}

fn refused(code: &str) -> Refused {
    let message = match code {
        "satellite_revoked" => "this satellite was revoked by an administrator",
        "satellite_unknown" => "the hub does not know this satellite",
        "quarantined" => {
            "two machines have used this satellite's identity; an administrator must release or revoke it \
             on the page Satellites"
        }
        "readmit_needed" => {
            "this satellite was away for too long; an administrator must let it back in on the page Satellites"
        }
        "bad_csr" => "the renewal is malformed",
        "busy" => "another renewal of this satellite was answered just now; ask again",
        _ => "the hub could not renew the certificate now; it will be asked again",
    };
    Refused { code: code.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Renewal {
        Renewal {
            key_sha256: vec![1; 32],
            zone_type: ZoneType::Satellite,
            revoked: false,
            quarantined: false,
            generation: 5,
            nonce: Some(vec![7; 16]),
            chain: Some(vec![vec![0]]),
            expired: false,
            released: false,
            readmitted: false,
        }
    }

    fn asked(generation: i64, nonce: &[u8]) -> Asked<'_> {
        Asked { key_sha256: &[1; 32], generation, nonce, long_away: false, overtaken: false }
    }

    #[test]
    fn the_next_generation_is_issued_and_the_same_pair_repeated() {
        assert_eq!(judge(Some(&row()), asked(6, &[8; 16])), Verdict::Issue);
        assert_eq!(judge(Some(&row()), asked(5, &[7; 16])), Verdict::Repeat);
        let expired = Renewal { expired: true, ..row() };
        assert_eq!(judge(Some(&expired), asked(5, &[7; 16])), Verdict::Issue);
    }

    #[test]
    fn an_old_generation_with_another_nonce_is_a_second_machine() {
        assert_eq!(judge(Some(&row()), asked(5, &[8; 16])), Verdict::Quarantine);
        assert_eq!(judge(Some(&row()), asked(4, &[7; 16])), Verdict::Quarantine);
        let quarantined = Renewal { quarantined: true, ..row() };
        assert_eq!(judge(Some(&quarantined), asked(6, &[8; 16])), Verdict::Refuse("quarantined"));
        let released = Renewal { released: true, ..row() };
        assert_eq!(judge(Some(&released), asked(4, &[8; 16])), Verdict::Issue);
    }

    #[test]
    fn a_renewal_that_was_overtaken_by_a_later_one_of_the_same_satellite_is_no_second_machine() {
        let overtaken = Asked { overtaken: true, ..asked(4, &[9; 16]) };
        assert_eq!(judge(Some(&row()), overtaken), Verdict::Refuse("busy"));
        let repeated = Asked { overtaken: true, ..asked(5, &[7; 16]) };
        assert_eq!(judge(Some(&row()), repeated), Verdict::Repeat);
    }

    #[test]
    fn books_that_are_older_than_the_satellite_take_its_generation() {
        assert_eq!(judge(Some(&row()), asked(9, &[8; 16])), Verdict::Issue);
    }

    #[test]
    fn another_key_a_revoked_one_and_a_long_absence_are_refused() {
        let other = Asked { key_sha256: &[2; 32], ..asked(6, &[8; 16]) };
        assert_eq!(judge(Some(&row()), other), Verdict::Refuse("satellite_unknown"));
        assert_eq!(judge(None, asked(6, &[8; 16])), Verdict::Refuse("satellite_unknown"));
        let revoked = Renewal { revoked: true, ..row() };
        assert_eq!(judge(Some(&revoked), asked(6, &[8; 16])), Verdict::Refuse("satellite_revoked"));
        let away = Asked { long_away: true, ..asked(6, &[8; 16]) };
        assert_eq!(judge(Some(&row()), away), Verdict::Refuse("readmit_needed"));
        let readmitted = Renewal { readmitted: true, ..row() };
        assert_eq!(judge(Some(&readmitted), away), Verdict::Issue);
    }
}
