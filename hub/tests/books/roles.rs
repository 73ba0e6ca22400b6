//! The roles of the database: the hub adds evidence and can do nothing else to it, the verifier only reads.

use openpam_hub::store::ways::Ways;
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};

use crate::harness::cluster;
use crate::harness::world::{Who, World};

/// PostgreSQL's `insufficient_privilege`.
const REFUSED: &str = "42501";

async fn refuses(db: &mut PgConnection, sql: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(db).await;
    let error = done.expect_err(sql);
    let code = error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
    assert_eq!(code.as_deref(), Some(REFUSED), "{sql}: {error}");
}

async fn connect(options: &PgConnectOptions) -> PgConnection {
    options.connect().await.expect("connects")
}

#[tokio::test]
async fn the_hub_can_neither_change_nor_delete_nor_unlock_evidence() {
    let world = World::new().await;
    let admin = world.cookie(Who::Admin).await;
    let made =
        world.test.call("POST", "/api/v1/admin/zones", admin.as_deref(), Some(&json!({"name": "one"}))).await;
    assert_eq!(made.status, 201, "{made:?}");
    world.some_session().await;
    let mut hub = connect(&world.test.ways.hub).await;
    for sql in [
        "UPDATE audit_events SET kind = 'x'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "ALTER TABLE audit_events DISABLE TRIGGER USER",
        "DROP TRIGGER audit_events_append_only ON audit_events",
        "ALTER TABLE audit_events OWNER TO openpam",
        "DELETE FROM audit_logs",
        "TRUNCATE audit_logs CASCADE",
        "ALTER TABLE audit_logs DISABLE TRIGGER USER",
        "DELETE FROM recordings",
        "UPDATE installation SET epoch = 9",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
        "SET ROLE openpam_owner",
        "CREATE TABLE another (n INT)",
    ] {
        refuses(&mut hub, sql).await;
    }
}

#[tokio::test]
async fn the_verifier_reads_everything_and_writes_nothing() {
    let ways: Ways = cluster::fresh().await;
    let mut verifier = connect(&ways.verifier).await;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
            .fetch_all(&mut verifier)
            .await
            .expect("tables");
    assert!(tables.len() > 10, "{tables:?}");
    for table in tables {
        let read = format!("SELECT count(*) FROM {table}");
        sqlx::raw_sql(AssertSqlSafe(read)).execute(&mut verifier).await.expect("reads");
        for sql in [
            format!("DELETE FROM {table}"),
            format!("INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {table}"),
        ] {
            refuses(&mut verifier, &sql).await;
        }
    }
}
