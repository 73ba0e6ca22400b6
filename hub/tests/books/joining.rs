//! Join tokens in the books: who may redeem one, how often, until when. And revoking a satellite.

use openpam_hub::store::tokens::{self, RedeemError, Redeemed, Redemption};
use openpam_ids::TokenId;
use openpam_proto::token::JoinToken;
use serde_json::json;

use crate::harness::world::{Who, World};

/// A token made over the API.
async fn make(world: &World, zone: &str) -> JoinToken {
    let admin = world.cookie(Who::Admin).await;
    let body = json!({ "zone_id": zone });
    let made = world.test.call("POST", "/api/v1/admin/tokens", admin.as_deref(), Some(&body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let text = made.json()["token"].as_str().expect("shown").to_owned();
    assert_eq!(made.json()["command"], format!("openpam-satellite join {text}"));
    JoinToken::decode(&text).expect("decodes")
}

async fn new_zone(world: &World) -> String {
    let admin = world.cookie(Who::Admin).await;
    let name = TokenId::generate().to_string();
    let made = world
        .test
        .call("POST", "/api/v1/admin/zones", admin.as_deref(), Some(&json!({ "name": name })))
        .await;
    made.json()["id"].as_str().expect("an id").to_owned()
}

async fn redeem(world: &World, token: &JoinToken, key: u8) -> Result<Redeemed, RedeemError> {
    let hash = JoinToken::secret_hash(token.secret.as_slice());
    let by = Redemption {
        token_id: token.id,
        secret_hash: &hash,
        key_sha256: &[key; 32],
        host: "box",
        version: "1",
    };
    let mut tx = world.test.hub.pool.begin().await.expect("a transaction");
    let result = tokens::redeem(&mut tx, by).await;
    if result.is_ok() {
        tx.commit().await.expect("commits");
    }
    result
}

#[tokio::test]
async fn a_token_belongs_to_the_first_key_which_may_repeat_the_join() {
    let world = World::new().await;
    let token = make(&world, &new_zone(&world).await).await;
    assert_eq!(token.ca_sha256, world.test.hub.keys.nodes.authority().root_sha256());
    let first = redeem(&world, &token, 1).await.expect("joins");
    assert_eq!(redeem(&world, &token, 1).await.expect("repeats").satellite_id, first.satellite_id);
    assert!(matches!(redeem(&world, &token, 2).await, Err(RedeemError::Used)));
    let mut wrong = token.clone();
    wrong.secret[0] ^= 1;
    assert!(matches!(redeem(&world, &wrong, 1).await, Err(RedeemError::Unknown)));
    let unknown = JoinToken { id: TokenId::generate(), ..token };
    assert!(matches!(redeem(&world, &unknown, 1).await, Err(RedeemError::Unknown)));
}

#[tokio::test]
async fn expired_and_revoked_tokens_are_refused_also_to_their_own_key() {
    let world = World::new().await;
    let admin = world.cookie(Who::Admin).await.expect("signed in");
    let (old, gone) =
        (make(&world, &new_zone(&world).await).await, make(&world, &new_zone(&world).await).await);
    redeem(&world, &old, 1).await.expect("joins");
    sqlx::query("UPDATE join_tokens SET expires_at = NOW() WHERE id = $1")
        .bind(old.id.uuid())
        .execute(&world.test.hub.pool)
        .await
        .expect("ages");
    assert!(matches!(redeem(&world, &old, 1).await, Err(RedeemError::Expired)));
    let path = format!("/api/v1/admin/tokens/{}", gone.id);
    assert_eq!(world.test.call("POST", &format!("{path}/revoke"), Some(&admin), None).await.status, 204);
    assert!(matches!(redeem(&world, &gone, 2).await, Err(RedeemError::Revoked)));
    assert_eq!(world.test.get(&path, &admin).await.json()["state"], "revoked");
}

#[tokio::test]
async fn a_zone_has_one_living_satellite_and_gets_another_after_revoking_it() {
    let world = World::new().await;
    let admin = world.cookie(Who::Admin).await.expect("signed in");
    world.site_online();
    let token = make(&world, &world.zone.to_string()).await;
    assert!(matches!(redeem(&world, &token, 2).await, Err(RedeemError::ZoneTaken)));
    let path = format!("/api/v1/admin/satellites/{}", world.satellite);
    assert_eq!(world.test.get(&path, &admin).await.json()["state"], "online");
    assert_eq!(world.test.call("POST", &format!("{path}/revoke"), Some(&admin), None).await.status, 204);
    assert_eq!(world.test.get(&path, &admin).await.json()["state"], "revoked");
    assert!(!world.test.hub.sites.zone_online(world.zone), "its tunnel is gone at once");
    let next = redeem(&world, &token, 7).await.expect("the same key joins anew with a new token");
    assert_ne!(next.satellite_id, world.satellite);
    let zone = world.test.get(&format!("/api/v1/admin/zones/{}", world.zone), &admin).await.json();
    assert_eq!(
        (zone["satellite"]["id"].as_str(), zone["satellite"]["state"].as_str()),
        (Some(next.satellite_id.to_string().as_str()), Some("offline"))
    );
}
