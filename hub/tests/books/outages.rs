//! What a site says of the time without its hub, as far as it can be.

use openpam_hub::store::outages;
use openpam_ids::EventId;
use openpam_proto::event::SiteAway;

use crate::harness::world::World;

const HOUR_MS: i64 = 3_600_000;

#[tokio::test]
async fn outages_that_cannot_be_are_cut_to_what_can() {
    let world = World::new().await;
    let pool = &world.test.hub.pool;
    let sql = "UPDATE satellites SET joined_at = NOW() - INTERVAL '10 hours' WHERE id = $1";
    sqlx::query(sql).bind(world.satellite.uuid()).execute(pool).await.expect("it joined long ago");
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let said = async |since_h: i64, at_h: i64| {
        let (since_ms, at_ms) = (now_ms + since_h * HOUR_MS, now_ms + at_h * HOUR_MS);
        let away = SiteAway { event_id: EventId::generate(), at_ms, since_ms, policy: None };
        let mut db = pool.acquire().await.expect("a connection");
        outages::add(&mut db, world.satellite, &away).await.expect("the books");
        outages::add(&mut db, world.satellite, &away).await.expect("said again");
    };
    // Before it joined; within what it said; overlapping; to come; backwards.
    for (since_h, at_h) in [(-500_000, -8), (-9, -8), (-9, -6), (-4, 500_000), (-4, 500_000), (-5, -7)] {
        said(since_h, at_h).await;
    }
    let hours: Vec<i32> = sqlx::query_scalar(
        "SELECT ROUND(EXTRACT(EPOCH FROM until - since) / 3600)::int FROM outages ORDER BY id",
    )
    .fetch_all(pool)
    .await
    .expect("outages");
    assert_eq!(hours, [2, 2, 4]);
    let pending = outages::pending(pool).await.expect("the books");
    assert_eq!(pending.len(), 1, "the oldest of each site first");
}
