//! When policies are issued, and whom that keeps busy or waiting.

use std::time::Duration;

use openpam_hub::policy;
use openpam_hub::store::policy as books;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::harness::world::World;

async fn change(pool: &PgPool) -> i64 {
    let sql = "INSERT INTO policy_changes DEFAULT VALUES RETURNING id";
    sqlx::query_scalar(sql).fetch_one(pool).await.expect("a change")
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).execute(pool).await.expect("done");
}

#[tokio::test]
async fn whoever_waits_for_a_change_does_not_wait_for_later_ones() {
    let (world, stop) = (World::new().await, CancellationToken::new());
    let (hub, zone) = (&world.test.hub, world.zone);
    tokio::spawn(policy::issue::run(hub.clone(), stop.clone()));
    let issued = policy::settled(&hub.pool, &hub.policies, zone).await.expect("the books").expect("one");
    stop.cancel();
    // Nothing issues any more but this test.
    let asked = change(&hub.pool).await;
    assert_eq!(books::newest_change(&hub.pool).await.expect("the books"), Some(asked));
    assert_eq!(books::settled(&hub.pool, zone, Some(asked)).await.expect("the books"), None);
    change(&hub.pool).await;
    run(&hub.pool, &format!("DELETE FROM policy_changes WHERE id <= {asked}")).await;
    assert_eq!(books::settled(&hub.pool, zone, Some(asked)).await.expect("the books"), Some(issued));
    assert_eq!(books::settled(&hub.pool, zone, None).await.expect("the books"), None);
}

#[tokio::test]
async fn a_retired_zone_of_a_former_epoch_keeps_nobody_busy() {
    let world = World::new().await;
    let hub = &world.test.hub;
    let stop = CancellationToken::new();
    let issuing = tokio::spawn(policy::issue::run(hub.clone(), stop.clone()));
    policy::settled(&hub.pool, &hub.policies, world.zone).await.expect("the books").expect("one");
    stop.cancel();
    issuing.await.expect("ends");
    // As after a restore from a backup: all are of the epoch before, one of a zone that is there no more.
    let retired = "WITH gone AS (INSERT INTO zones (id, name, type, enabled, retired_at)
                                 VALUES (gen_random_uuid(), 'gone', 'satellite', FALSE, NOW()) RETURNING id)
                   INSERT INTO policy_snapshots (zone_id, version, epoch, sha256, body, body_sha256)
                   SELECT id, 1, 0, sha256(''), '', sha256('') FROM gone";
    run(&hub.pool, retired).await;
    run(&hub.pool, "UPDATE policy_snapshots SET epoch = 0").await;
    let mut listener = PgListener::connect_with(&hub.pool).await.expect("connects");
    listener.listen("openpam_policy").await.expect("listens");
    let stop = CancellationToken::new();
    tokio::spawn(policy::issue::run(hub.clone(), stop.clone()));
    let (mut rounds, end) = (0, Instant::now() + Duration::from_secs(8));
    while timeout(end - Instant::now(), listener.recv()).await.is_ok() {
        rounds += 1;
    }
    stop.cancel();
    assert!((1..5).contains(&rounds), "it was issued {rounds} times");
    let former = "SELECT COUNT(*) FROM policy_snapshots p JOIN zones z ON z.id = p.zone_id
                   WHERE z.retired_at IS NULL
                     AND p.version = (SELECT MAX(version) FROM policy_snapshots l WHERE l.zone_id = z.id)
                     AND p.epoch < 1";
    let former: i64 = sqlx::query_scalar(former).fetch_one(&hub.pool).await.expect("a count");
    assert_eq!(former, 0, "all that are there were issued anew");
}
