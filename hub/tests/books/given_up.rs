//! A transaction that is given up while it begins takes nothing of others with it.

use futures::poll;
use openpam_hub::store;
use sqlx::Connection;

use crate::harness::cluster;

/// Looks at the database between a `BEGIN` that was sent and its answer.
const LOOKS: usize = 200;

#[tokio::test]
async fn what_is_written_after_a_begin_was_given_up_half_way_is_kept() {
    let ways = cluster::fresh().await;
    let pool = store::connect(ways.owner.clone()).await.expect("connects");
    let mut other = sqlx::PgConnection::connect_with(&ways.owner).await.expect("connects");
    let make = sqlx::query("CREATE TABLE kept (n BIGINT)").execute(&pool).await;
    make.expect("a table");
    for n in 1..=LOOKS {
        {
            // Polled a few times and dropped, as a handler whose client went away.
            let mut begin = Box::pin(pool.begin());
            for _ in 0..n % 7 + 1 {
                if poll!(&mut begin).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let n = i64::try_from(n).expect("small");
        sqlx::query("INSERT INTO kept VALUES ($1)").bind(n).execute(&pool).await.expect("writes");
        let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM kept WHERE n = $1")
            .bind(n)
            .fetch_one(&mut other)
            .await
            .expect("counts");
        assert_eq!(kept, 1, "row {n} was written and is not there");
    }
}
