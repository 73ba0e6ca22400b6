//! What must not be changed cannot be, what must not be seen is nowhere.

use std::process::Command;

use openpam_hub::store::{events, sessions};
use openpam_ids::SessionId;
use openpam_proto::event::ChainedEvent;
use serde_json::json;
use sqlx::{AssertSqlSafe, ConnectOptions, PgPool};

use crate::harness::world::{Who, World};

/// Whether a trigger refuses it, even to the owner of the tables. The hub's role has no right to it: `roles.rs`.
async fn refused(world: &World, sql: String) -> bool {
    let mut owner = world.test.ways.owner.connect().await.expect("connects");
    let error = sqlx::query(AssertSqlSafe(sql)).execute(&mut owner).await.err();
    error
        .and_then(|error| error.into_database_error())
        .is_some_and(|error| error.code().as_deref() == Some("23001"))
}

async fn close(world: &World, id: SessionId) -> bool {
    let closing = world.ended(id);
    let mut db = world.test.hub.pool.acquire().await.expect("a connection");
    sessions::close(&mut db, closing).await.expect("answers")
}

#[tokio::test]
async fn a_closed_session_is_frozen_and_closes_once() {
    let world = World::new().await;
    let pool = &world.test.hub.pool;
    let id = world.some_session().await;
    assert!(close(&world, id).await && !close(&world, id).await);
    for change in ["end_time = NOW()", "bytes_sent = 9", "client_ip = NULL", "recording_path = 'elsewhere'"] {
        assert!(
            refused(&world, format!("UPDATE audit_logs SET {change} WHERE id = '{id}'")).await,
            "{change}"
        );
    }
    assert!(refused(&world, format!("DELETE FROM audit_logs WHERE id = '{id}'")).await);
    assert!(refused(&world, "TRUNCATE audit_logs CASCADE".to_owned()).await);
    let row = sessions::find(pool, id).await.expect("answers").expect("there");
    assert_eq!((row.status.as_str(), row.end_code.as_deref()), ("completed", Some("exited")));
}

#[tokio::test]
async fn a_closed_session_still_gets_its_recording_named_once() {
    let world = World::new().await;
    let pool = &world.test.hub.pool;
    let id = world.some_session().await;
    sqlx::query("UPDATE audit_logs SET recording_path = NULL WHERE id = $1")
        .bind(id.uuid())
        .execute(pool)
        .await
        .ok();
    let open = SessionId::generate();
    sqlx::query("INSERT INTO audit_logs (id, user_id, target_id, session_status, end_time) VALUES ($1, $2, $3, 'completed', NOW())")
        .bind(open.uuid())
        .bind(world.user.uuid())
        .bind(world.target.uuid())
        .execute(pool)
        .await
        .expect("a closed row without a recording");
    let name = |path: &str| format!("UPDATE audit_logs SET recording_path = '{path}' WHERE id = '{open}'");
    sqlx::query(AssertSqlSafe(name("a"))).execute(pool).await.expect("once");
    assert!(refused(&world, name("b")).await);
}

#[tokio::test]
async fn events_are_only_ever_added_and_chained() {
    let world = World::new().await;
    let pool = &world.test.hub.pool;
    let admin = world.cookie(Who::Admin).await;
    for name in ["one", "two"] {
        world
            .test
            .call("POST", "/api/v1/admin/zones", admin.as_deref(), Some(&json!({ "name": name })))
            .await;
    }
    type Link = (i64, Vec<u8>, Vec<u8>, Vec<u8>);
    let rows: Vec<Link> = sqlx::query_as("SELECT seq, prev_hash, hash, body FROM audit_events ORDER BY seq")
        .fetch_all(pool)
        .await
        .expect("rows");
    assert_eq!(rows.len(), 2);
    let mut head = [0; 32];
    for (seq, previous, hash, body) in rows {
        let link = ChainedEvent::link(seq.unsigned_abs(), head, body);
        assert_eq!((previous.as_slice(), hash.as_slice()), (head.as_slice(), link.hash.as_slice()));
        head = link.hash;
    }
    for sql in ["UPDATE audit_events SET kind = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events"] {
        assert!(refused(&world, sql.to_owned()).await, "{sql}");
    }
}

#[tokio::test]
async fn a_satellites_events_are_taken_once_in_order_and_never_with_a_hole() {
    let world = World::new().await;
    let first = ChainedEvent::link(1, [0; 32], vec![1]);
    let second = ChainedEvent::link(2, first.hash, vec![2]);
    let third = ChainedEvent::link(3, second.hash, vec![3]);
    let accept = |events: Vec<ChainedEvent>| {
        let (pool, satellite) = (world.test.hub.pool.clone(), world.satellite);
        async move {
            let mut tx = pool.begin().await.expect("a transaction");
            let result = events::accept(&mut tx, satellite, &events).await.map(|accepted| accepted.seq);
            tx.commit().await.expect("commits");
            result
        }
    };
    assert_eq!(accept(vec![first.clone()]).await.expect("the first"), 1);
    assert_eq!(accept(vec![first, second.clone()]).await.expect("again, and the next"), 2);
    let forged = ChainedEvent { body: vec![9].into(), ..third.clone() };
    let hole = ChainedEvent::link(4, third.hash, vec![4]);
    assert!(accept(vec![forged]).await.is_err() && accept(vec![hole]).await.is_err());
    assert_eq!(accept(vec![second, third]).await.expect("the honest one"), 3);
}

#[tokio::test]
async fn a_secret_is_in_no_answer_no_database_and_no_file_in_the_clear() {
    let world = World::new().await;
    let admin = world.cookie(Who::Admin).await.expect("signed in");
    let secret = "s3cret-of-a-target";
    let body = json!({ "target_id": world.target, "username": "svc", "password": secret });
    let made = world.test.call("POST", "/api/v1/admin/credentials", Some(&admin), Some(&body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = made.json()["vault_secret_path"].as_str().expect("a path").to_owned();
    let stored = world.test.hub.secrets.read(&path).await.expect("opens").expect("there");
    assert_eq!(stored.expose(), secret);
    // A planted copy shows that the search can find.
    sqlx::query("UPDATE zones SET description = 'planted-copy'")
        .execute(&world.test.hub.pool)
        .await
        .expect("plants");
    let dump = dump(&world.test.hub.pool).await;
    assert!(dump.contains("planted-copy") && dump.contains(&path));
    let list = world.test.get("/api/v1/admin/credentials", &admin).await.text;
    let one = world
        .test
        .get(&format!("/api/v1/admin/credentials/{}", made.json()["id"].as_str().expect("id")), &admin)
        .await
        .text;
    let files =
        Command::new("grep").args(["-r", "-l", secret]).arg(world.test.dir.path()).output().expect("grep");
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    for form in [secret, hex.as_str(), "czNjcmV0LW9mLWEtdGFyZ2V0"] {
        for text in [&dump, &list, &one, &made.text] {
            assert!(!text.contains(form), "{form} found");
        }
    }
    assert!(files.stdout.is_empty(), "{}", String::from_utf8_lossy(&files.stdout));
}

/// Every row of every table, as text.
async fn dump(pool: &PgPool) -> String {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
            .fetch_all(pool)
            .await
            .expect("tables");
    let mut all = String::new();
    for table in tables {
        let sql = format!("SELECT t::text FROM {table} t");
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await.expect("rows");
        all.push_str(&rows.join("\n"));
    }
    all
}

#[tokio::test]
async fn the_audit_list_filters_and_pages() {
    let world = World::new().await;
    for _ in 0..3 {
        let id = world.some_session().await;
        close(&world, id).await;
    }
    world.some_session().await;
    let auditor = world.cookie(Who::Auditor).await.expect("signed in");
    let first = world.test.get("/api/v1/audit?limit=3", &auditor).await.json();
    let cursor = first["next"].as_str().expect("goes on");
    let rest = world.test.get(&format!("/api/v1/audit?limit=3&cursor={cursor}"), &auditor).await.json();
    assert_eq!(
        (first["items"].as_array().map(Vec::len), rest["items"].as_array().map(Vec::len)),
        (Some(3), Some(1))
    );
    assert!(rest["next"].is_null());
    let count = |query: &str| {
        let (path, auditor, test) = (format!("/api/v1/audit?{query}"), auditor.clone(), &world.test);
        async move { test.get(&path, &auditor).await.json()["items"].as_array().map(Vec::len) }
    };
    assert_eq!(count("status=active").await, Some(1));
    assert_eq!(count("status=completed").await, Some(3));
    assert_eq!(count(&format!("user_id={}", world.user)).await, Some(4));
    assert_eq!(count(&format!("user_id={}", world.admin)).await, Some(0));
    assert_eq!(count("to=2020-01-01T00:00:00Z").await, Some(0));
    assert_eq!(count("from=2020-01-01T00:00:00Z").await, Some(4));
    assert_eq!(world.test.get("/api/v1/audit?nonsense=1", &auditor).await.code(), "invalid_request");
}
