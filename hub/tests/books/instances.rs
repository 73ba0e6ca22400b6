//! The table of hubs that are there: who says so lately, by the database's clock.

use openpam_hub::store::instances::{self, Beat};
use openpam_hub::store::leases::{self, Lead};
use openpam_ids::HubId;
use sqlx::PgPool;
use uuid::Uuid;

use crate::harness::cluster;

const ADDRESSES: [&str; 2] = ["hub-1.example:7443", "192.0.2.1:7443"];

async fn beat(pool: &PgPool, id: HubId, begins: bool) {
    let addresses = ADDRESSES.map(str::to_owned);
    let recordings = Some(Uuid::from_u128(7));
    instances::beat(pool, Beat { id, addresses: &addresses, recordings, begins }).await.expect("the books");
}

async fn present(pool: &PgPool) -> Vec<HubId> {
    let present = instances::present(pool).await.expect("the books");
    present.into_iter().map(|instance| instance.id).collect()
}

#[tokio::test]
async fn a_hub_is_there_while_it_says_so_and_not_ten_seconds_after() {
    let (pool, _) = cluster::database().await;
    let (one, other) = (HubId::generate(), HubId::generate());
    beat(&pool, one, true).await;
    beat(&pool, other, true).await;
    assert_eq!(present(&pool).await, [one, other]);
    let about = &instances::present(&pool).await.expect("the books")[0];
    assert_eq!(
        (about.addresses.as_slice(), about.recordings),
        (&ADDRESSES.map(str::to_owned)[..], Some(Uuid::from_u128(7)))
    );

    let silent = "UPDATE hub_instances SET seen_at = NOW() - INTERVAL '11 seconds' WHERE id = $1";
    sqlx::query(silent).bind(one.uuid()).execute(&pool).await.expect("the books");
    assert_eq!(present(&pool).await, [other]);
    let since = about.started_at;
    beat(&pool, one, false).await;
    let again = instances::present(&pool).await.expect("the books");
    assert_eq!(again.len(), 2, "it was only slow");
    assert_eq!(again[0].started_at, since);
    beat(&pool, one, true).await;
    assert!(instances::present(&pool).await.expect("the books")[0].started_at > since, "it began anew");
    instances::remove(&pool, other).await.expect("the books");
    assert_eq!(present(&pool).await, [one]);

    let forgotten = "UPDATE hub_instances SET seen_at = NOW() - INTERVAL '2 days'";
    sqlx::query(forgotten).execute(&pool).await.expect("the books");
    beat(&pool, other, true).await;
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM hub_instances").fetch_one(&pool).await.expect("counts");
    assert_eq!(rows, 1, "nobody keeps that row any more");
}

#[tokio::test]
async fn one_hub_leads_and_when_its_connection_ends_another_does() {
    let (pool, ways) = cluster::database().await;
    let mut one = Lead::connect(&ways.hub).await.expect("connects");
    let mut other = Lead::connect(&ways.hub).await.expect("connects");
    assert!(one.hold().await.expect("the books"));
    assert!(!other.hold().await.expect("the books"));
    assert!(one.hold().await.expect("the books"), "it still does");
    drop(one);
    let mut tries = 0;
    while !other.hold().await.expect("the books") {
        tries += 1;
        assert!(tries < 1000, "nobody leads");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    other.release().await;

    let turn = leases::writer_of_secrets(&pool).await.expect("the turn");
    let waiting = tokio::spawn({
        let pool = pool.clone();
        async move { leases::writer_of_secrets(&pool).await.map(drop) }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    drop(turn);
    waiting.await.expect("runs").expect("the next one has it");
}
