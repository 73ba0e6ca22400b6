//! Large books, written straight into the tables as their owner. No event of them is in a sound chain: nobody verifies
//! these.

use openpam_hub::keys::Keys;
use openpam_hub::postgres;
use openpam_hub::recordings::words::WordKey;
use openpam_link::ca::NODE_LIFETIME;
use serde_json::json;
use sqlx::{Connection, PgConnection, Row};

use super::ConsoleAmounts;
use crate::system::{PASSWORD, World, id};

/// Who has the many grants.
pub(super) const GRANTED: &str = "greta";

/// What to ask for.
pub(super) struct Some {
    pub(super) user: String,
    pub(super) zone: String,
    pub(super) target: String,
    /// One in the middle.
    pub(super) session: String,
    /// One in the middle.
    pub(super) event: String,
    /// One in the middle, as in a date.
    pub(super) day: String,
}

/// A hundred users and the targets of the grants; sessions over a thousand days.
const FILL: &str = "
    INSERT INTO users (entra_id, email, username) SELECT 'local:' || n, n || '@local.invalid', 'user-' || n FROM generate_series(1, 100) n;
    INSERT INTO targets (id, zone_id, name, hostname, protocol, port)
        SELECT gen_random_uuid(), $zone, 'target-' || n, 'host-' || n, 'ssh', 22 FROM generate_series(1, $grants) n;
    INSERT INTO grants (id, user_id, target_id)
        SELECT gen_random_uuid(), $greta, id FROM targets WHERE name LIKE 'target-%';
    CREATE TEMP TABLE u AS SELECT id, row_number() OVER (ORDER BY username) - 1 AS n FROM users WHERE username LIKE 'user-%';
    CREATE TEMP TABLE t AS SELECT id, row_number() OVER (ORDER BY name) - 1 AS n FROM targets WHERE name LIKE 'target-%';
    -- Ids in the order of time, as those of sessions are.
    INSERT INTO audit_logs (id, user_id, target_id, start_time, end_time, session_status, end_code, bytes_sent, bytes_received, client_ip)
        SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000' || '8000' || lpad(to_hex(s.n), 12, '0'))::uuid,
               u.id, t.id, at, at + interval '10 minutes', CASE WHEN s.n % 50 = 0 THEN 'failed' ELSE 'completed' END, 'exited', 100, 5000, '10.0.0.1'
          FROM (SELECT n, now() - interval '1000 days' * (1 - n::float8 / $rows) - interval '1 hour' AS at FROM generate_series(1, $rows) n) s
          JOIN u ON u.n = s.n % 100 JOIN t ON t.n = s.n * 7 % $grants;
    INSERT INTO audit_events (node_id, seq, prev_hash, hash, kind, occurred_at, user_id, session_id, body)
        SELECT '00000000-0000-7000-8000-000000000001', row_number() OVER (ORDER BY id), sha256('a'), sha256(id::text::bytea),
               CASE WHEN n % 100 = 0 THEN 'grant.created' WHEN n % 1000 = 1 THEN 'zone.changed' ELSE 'sign_in.accepted' END,
               start_time, user_id, id, convert_to('{\"client_ip\": \"10.0.0.1\", \"detail\": {\"name\": \"n' || n || '\"}}', 'UTF8')
          FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM audit_logs) a;
    INSERT INTO audit_subjects (subject, event_id)
        SELECT user_id, id FROM audit_events WHERE node_id = '00000000-0000-7000-8000-000000000001';
    INSERT INTO recordings (session_id, path, chunks, size_bytes, duration_ms, head_hash, complete)
        SELECT id, id::text, 3, 30000, 600000, sha256('a'), true FROM audit_logs ORDER BY audit_logs.id DESC LIMIT $recordings
        ON CONFLICT DO NOTHING;
    -- Each with 300 words of its own, one that all have, and one that every 500th has.
    INSERT INTO recording_words (session_id, words, whole)
        SELECT session_id, array_agg((hashtextextended(session_id::text, w))::bigint) || $common::bigint
                           || CASE WHEN n % 500 = 0 THEN ARRAY[$rare::bigint] ELSE '{}' END, true
          FROM (SELECT session_id, row_number() OVER (ORDER BY session_id) AS n FROM recordings) r, generate_series(1, 300) w
         GROUP BY session_id, n
        ON CONFLICT DO NOTHING;
    ANALYZE;";

/// Words to look for: all recordings have the first, few the second.
pub(super) const COMMON: &str = "echo";
pub(super) const RARE: &str = "bearing";

pub(super) async fn fill(world: &World, amounts: &ConsoleAmounts) -> anyhow::Result<Some> {
    let greta =
        world.admin.create("users", json!({"username": GRANTED, "password": PASSWORD, "role": "user"})).await;
    let ways = postgres::of_running_hub(&world.hub.data()).await?;
    let mut owner = PgConnection::connect_with(&ways.owner).await?;
    let key = WordKey::new(&Keys::read(&world.hub.secrets(), NODE_LIFETIME)?.recording);
    let word = |word: &str| key.of(word).into_iter().map(|hash| hash.to_string()).collect::<String>();
    let fill = FILL
        .replace("$common", &format!("'{}'", word(COMMON)))
        .replace("$rare", &format!("'{}'", word(RARE)))
        .replace("$zone", &format!("'{}'", world.zone_id))
        .replace("$greta", &format!("'{}'", id(&greta)))
        .replace("$grants", &amounts.grants.to_string())
        .replace("$recordings", &amounts.recordings.to_string())
        .replace("$rows", &amounts.rows.to_string());
    sqlx::raw_sql(sqlx::AssertSqlSafe(fill)).execute(&mut owner).await?;
    let middle = sqlx::query(
        "SELECT a.id::text, a.user_id::text, a.target_id::text, t.zone_id::text, a.start_time::date::text AS day, e.id::text AS event
           FROM audit_logs a JOIN targets t ON t.id = a.target_id JOIN audit_events e ON e.session_id = a.id
          ORDER BY a.id LIMIT 1 OFFSET $1",
    );
    let row = middle.bind(i64::from(amounts.rows / 2)).fetch_one(&mut owner).await?;
    owner.close().await?;
    Ok(Some {
        user: row.try_get("user_id")?,
        zone: row.try_get("zone_id")?,
        target: row.try_get("target_id")?,
        session: row.try_get("id")?,
        event: row.try_get("event")?,
        day: row.try_get("day")?,
    })
}
