//! Schedules: made, changed, cancelled and listed by the API, and what the policy makes of them.

use std::sync::OnceLock;

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use openpam_hub::changes::Change;
use openpam_hub::store::access::{self, AccessError};
use openpam_ids::GrantId;
use openpam_policy::{Denial, Grant, Object, Standing, Subject, When};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::harness::Answer;
use crate::harness::world::{Who, World};

const PATH: &str = "/api/v1/schedules";

/// So many minutes from when this was asked first, in whole seconds.
fn minutes(count: i64) -> Timestamp {
    static BEGUN: OnceLock<Timestamp> = OnceLock::new();
    let now = || Timestamp::from_second(Timestamp::now().as_second()).expect("in range");
    BEGUN.get_or_init(now).checked_add(SignedDuration::from_mins(count)).expect("in range")
}

async fn call(world: &World, method: &str, path: &str, body: Option<Value>) -> Answer {
    let admin = world.cookie(Who::Admin).await;
    world.test.call(method, path, admin.as_deref(), body.as_ref()).await
}

/// A schedule of the stranger, to whom nothing else gives the target.
fn wanted(world: &World, from: i64, to: i64) -> Value {
    json!({ "user_id": world.stranger, "target_id": world.target, "start_time": minutes(from), "end_time": minutes(to) })
}

async fn made(world: &World, body: Value) -> Value {
    let answer = call(world, "POST", PATH, Some(body)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()
}

fn path(schedule: &Value) -> String {
    format!("{PATH}/{}", schedule["id"].as_str().expect("an id"))
}

async fn column(world: &World, schedule: &Value) -> String {
    sqlx::query_scalar("SELECT status FROM schedules WHERE id = $1::uuid")
        .bind(schedule["id"].as_str().expect("an id"))
        .fetch_one(&world.test.hub.pool)
        .await
        .expect("a row")
}

async fn denial(world: &World) -> Option<Denial> {
    match access::authorize(&world.test.hub.pool, world.stranger, world.target).await {
        Ok(_) => None,
        Err(AccessError::Denied(denial)) => Some(denial),
        Err(AccessError::Store(error)) => panic!("{error}"),
    }
}

/// What goes into policies of sites.
async fn every(pool: &PgPool) -> Vec<Grant> {
    let rights = openpam_scheduling::all(pool, jiff::Timestamp::now()).await.expect("the books");
    rights.into_iter().filter_map(|right| right.decides(|_| When::Always)).collect()
}

async fn told(world: &World, kind: &str) -> Vec<Value> {
    let bodies: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT body FROM audit_events WHERE kind = $1 ORDER BY seq")
            .bind(kind)
            .fetch_all(&world.test.hub.pool)
            .await
            .expect("events");
    let detail = |body: &Vec<u8>| serde_json::from_slice::<Value>(body).expect("JSON")["detail"].clone();
    bodies.iter().map(detail).collect()
}

#[tokio::test]
async fn a_schedule_is_made_read_changed_and_cancelled_and_each_is_told() {
    let world = World::new().await;
    let zone = format!("/api/v1/admin/zones/{}", world.zone);
    call(&world, "PATCH", &zone, Some(json!({ "timezone": "Asia/Kolkata" }))).await;
    let mut body = wanted(&world, 60, 120);
    body["recurrence_rule"] = json!("FREQ=DAILY;COUNT=9");
    body["timezone"] = json!("Europe/Berlin");
    body["max_session_seconds"] = json!(3600);
    body["clipboard_paste"] = json!(false);
    body["file_upload"] = json!(true);
    body["metadata"] = json!({ "ticket": "CHG-7" });
    let row = made(&world, body).await;
    for (field, value) in [
        ("user", json!("stranger")),
        ("target", json!("press")),
        ("zone", json!("plant-7")),
        ("zone_timezone", json!("Asia/Kolkata")),
        ("timezone", json!("Europe/Berlin")),
        ("status", json!("pending")),
        ("next_change", json!(minutes(60))),
        ("created_by", json!(world.admin)),
        ("metadata", json!({ "ticket": "CHG-7" })),
        ("exceptions", json!([])),
        ("offline_seconds", json!(86_400)),
        ("clipboard_copy", json!(true)),
        ("clipboard_paste", json!(false)),
        ("file_download", json!(false)),
        ("file_upload", json!(true)),
        ("version", json!(1)),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
    assert_eq!(row["windows"].as_array().map(Vec::len), Some(5));
    assert_eq!(row["windows"][0], json!({ "start_time": minutes(60), "end_time": minutes(120) }));
    assert_eq!(call(&world, "GET", &path(&row), None).await.json(), row);

    let change =
        json!({ "version": 1, "recurrence_rule": null, "start_time": minutes(-60), "metadata": null });
    let mut heard = world.test.hub.changes.listen();
    let changed = call(&world, "PATCH", &path(&row), Some(change.clone())).await.json();
    assert_eq!((&changed["status"], &changed["version"]), (&json!("active"), &json!(2)), "{changed}");
    assert_eq!((&changed["next_change"], &changed["recurrence_rule"]), (&json!(minutes(120)), &Value::Null));
    assert_eq!(heard.recv().await.expect("told"), Change::GrantsChanged);
    let refused = call(&world, "PATCH", &path(&row), Some(change)).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "changed_meanwhile"));
    // Nothing to change is no change.
    let same = call(&world, "PATCH", &path(&row), Some(json!({ "timezone": "Europe/Berlin" }))).await.json();
    assert_eq!(same["version"], 2);

    for _ in 0..2 {
        assert_eq!(call(&world, "DELETE", &path(&row), None).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(heard.recv().await.expect("told"), Change::GrantsChanged);
    let kept = call(&world, "GET", &path(&row), None).await.json();
    assert_eq!(
        (&kept["status"], &kept["windows"], &kept["next_change"]),
        (&json!("cancelled"), &json!([]), &Value::Null)
    );
    let refused = call(&world, "PATCH", &path(&row), Some(json!({ "idle_seconds": 60 }))).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "wrong_state"));

    let about = json!({ "id": row["id"], "user_id": world.stranger, "user": "stranger", "target_id": world.target, "target": "press" });
    let [created] = told(&world, "schedule.created").await.try_into().expect("one");
    assert_eq!(created["schedule"]["recurrence_rule"], "FREQ=DAILY;COUNT=9");
    let [changed] = told(&world, "schedule.changed").await.try_into().expect("one");
    assert_eq!(changed["changes"]["recurrence_rule"], json!({ "from": "FREQ=DAILY;COUNT=9", "to": null }));
    assert_eq!(changed["changes"].as_object().map(serde_json::Map::len), Some(3), "{changed}");
    assert_eq!(told(&world, "schedule.cancelled").await, [about]);
}

#[tokio::test]
async fn what_is_wrong_names_the_field_and_makes_nothing() {
    let world = World::new().await;
    let daily = json!("FREQ=DAILY");
    let nobody = json!(openpam_ids::UserId::generate());
    let far = json!(minutes(60 * 24 * 40));
    let huge = json!({ "a": "x".repeat(5000) });
    for (field, value, wrong) in [
        ("user_id", nobody.clone(), "user_id"),
        ("target_id", nobody, "target_id"),
        ("timezone", json!("Mars/Olympus"), "timezone"),
        ("end_time", json!(minutes(-60)), "end_time"),
        ("end_time", json!(minutes(-5)), "end_time"),
        ("end_time", far, "end_time"),
        ("recurrence_rule", json!("often"), "recurrence_rule"),
        ("recurrence_rule", json!("FREQ=SECONDLY"), "recurrence_rule"),
        ("recurrence_rule", json!(format!("FREQ=DAILY;BYHOUR={}1", "1,".repeat(300))), "recurrence_rule"),
        ("recurrence_rule", json!("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "recurrence_rule"),
        ("recurrence_rule", json!("FREQ=DAILY;UNTIL=20200101T000000Z"), "recurrence_rule"),
        ("exceptions", json!([minutes(-10)]), "exceptions"),
        ("exceptions", json!([minutes(7)]), "exceptions"),
        ("exceptions", json!(["-009000-01-01T00:00:00Z"]), "exceptions"),
        ("start_time", json!("-009000-01-01T00:00:00Z"), "start_time"),
        ("max_session_seconds", json!(5), "max_session_seconds"),
        ("offline_seconds", json!(2_419_201), "offline_seconds"),
        ("consent", json!("a\u{202e}b"), "consent"),
        ("metadata", huge, "metadata"),
        ("metadata", json!({ "a\u{0}": 1 }), "metadata"),
        ("colour", json!("red"), "colour"),
    ] {
        let mut body = wanted(&world, -10, 10);
        body[field] = value;
        let refused = call(&world, "POST", PATH, Some(body.clone())).await;
        assert!(refused.status.is_client_error(), "{body} {refused:?}");
        assert_eq!(refused.json()["field"], wrong, "{body} {refused:?}");
    }
    for body in [json!({}), json!({ "metadata": [1] }), json!({ "user_id": "x" })] {
        assert_eq!(call(&world, "POST", PATH, Some(body)).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(call(&world, "GET", PATH, None).await.json()["items"], json!([]));

    let row = made(&world, wanted(&world, -10, 10)).await;
    for change in
        [json!({ "end_time": minutes(-5) }), json!({ "timezone": "Mars" }), json!({ "user_id": world.user })]
    {
        let refused = call(&world, "PATCH", &path(&row), Some(change)).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_request"));
    }
    let mut over = wanted(&world, -10, -5);
    over["recurrence_rule"] = daily;
    made(&world, over).await;
}

#[tokio::test]
async fn lists_are_filtered_go_on_and_know_the_status_of_this_moment() {
    let world = World::new().await;
    let pool = &world.test.hub.pool;
    let mut rows = Vec::new();
    for (from, to) in [(60, 120), (-60, 60), (-60, 60)] {
        rows.push(made(&world, wanted(&world, from, to)).await);
    }
    let own = world.some_schedule().await;
    call(&world, "DELETE", &path(&rows[2]), None).await;
    let found = async |query: String| {
        let list = call(&world, "GET", &format!("{PATH}{query}"), None).await.json();
        let items = list["items"].as_array().expect("a list").clone();
        items.into_iter().map(|row| row["id"].clone()).collect::<Vec<_>>()
    };
    let [pending, active, cancelled] = [0, 1, 2].map(|index| rows[index]["id"].clone());
    let own = json!(own);
    assert_eq!(found(String::new()).await, [&own, &cancelled, &active, &pending].map(Value::clone));
    assert_eq!(found("?status=pending".to_owned()).await, std::slice::from_ref(&pending));
    assert_eq!(found("?status=cancelled".to_owned()).await, [cancelled]);
    assert_eq!(found("/active".to_owned()).await, [own.clone(), active.clone()]);
    assert_eq!(found(format!("?user_id={}", world.user)).await, [own]);
    assert_eq!(found(format!("?target_id={}", world.user)).await, Vec::<Value>::new());
    let first = call(&world, "GET", &format!("{PATH}?limit=3"), None).await.json();
    let next = first["next"].as_str().expect("it goes on");
    assert_eq!(found(format!("?limit=3&cursor={next}")).await, [pending]);
    let wrong = call(&world, "GET", &format!("{PATH}?status=open"), None).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);

    // What the column says is old; what is read is not, and what is asked by status is not either.
    let sql = "UPDATE schedules SET start_time = start_time - interval '90 minutes', end_time = end_time - interval '90 minutes',
                      next_change = NOW() WHERE status IN ('pending', 'active') AND user_id = $1";
    sqlx::query(sql).bind(world.stranger.uuid()).execute(pool).await.expect("moved");
    let read = async |row: &Value| call(&world, "GET", &path(row), None).await.json()["status"].clone();
    assert_eq!([read(&rows[0]).await, read(&rows[1]).await], [json!("active"), json!("expired")]);
    assert_eq!(column(&world, &rows[1]).await, "active");
    assert_eq!(found("?status=expired".to_owned()).await, [active]);
    assert_eq!([column(&world, &rows[0]).await, column(&world, &rows[1]).await], ["active", "expired"]);
    let now = Timestamp::now();
    assert_eq!(openpam_scheduling::settle(pool, now).await.expect("settled"), 0, "nothing is due");
    let later = now.checked_add(SignedDuration::from_hours(3)).expect("in range");
    assert_eq!(openpam_scheduling::settle(pool, later).await.expect("settled"), 1);
    assert_eq!(column(&world, &rows[0]).await, "expired");
    // That clock ran ahead.
    assert_eq!(openpam_scheduling::settle(pool, now).await.expect("settled"), 1);
    assert_eq!(column(&world, &rows[0]).await, "active");
}

#[tokio::test]
async fn a_schedule_opens_its_target_to_its_user_in_its_windows_alone() {
    let world = World::new().await;
    let pool = &world.test.hub.pool;
    assert_eq!(denial(&world).await, Some(Denial::NotGranted));
    let row = made(&world, wanted(&world, 60, 120)).await;
    assert_eq!(denial(&world).await, Some(Denial::OutsideWindow { opens: Some(minutes(60)) }));
    let stranger = world.cookie(Who::Stranger).await.expect("signed in");
    let targets = async || world.test.get("/api/v1/targets", &stranger).await.json()["items"].clone();
    let closed = targets().await;
    assert_eq!((&closed[0]["open"], &closed[0]["opens_at"]), (&json!(false), &json!(minutes(60))));

    let change = json!({ "start_time": minutes(-60), "idle_seconds": 600 });
    call(&world, "PATCH", &path(&row), Some(change)).await;
    let authorization = access::authorize(pool, world.stranger, world.target).await.expect("open");
    let id: GrantId = row["id"].as_str().expect("an id").parse().expect("an id");
    assert_eq!((authorization.grant_id(), authorization.ends()), (id, Some(minutes(120))));
    assert_eq!(authorization.terms().idle_seconds, Some(600));
    let open = targets().await;
    assert_eq!((&open[0]["open"], &open[0]["closes_at"]), (&json!(true), &json!(minutes(120))));
    let standing = access::standing(pool, world.stranger, &[world.target]).await.expect("the books");
    assert_eq!(standing[&world.target], Standing::Open { ends: Some(minutes(120)) });
    // Another one goes on where it ends: several may stand.
    let after = made(&world, wanted(&world, 110, 180)).await;
    let authorization = access::authorize(pool, world.stranger, world.target).await.expect("open");
    assert_eq!(authorization.ends(), Some(minutes(180)));
    let grant = every(pool).await.remove(0);
    assert_eq!(grant.id, id);
    assert_eq!((grant.subject, grant.object), (Subject::User(world.stranger), Object::Target(world.target)));
    let auditor = world.cookie(Who::Auditor).await.expect("signed in");
    let profile = world.test.get(&format!("/api/v1/audit/targets/{}", world.target), &auditor).await.json();
    let right = json!({ "id": world.stranger, "name": "stranger", "directly": true, "groups": [], "in_windows": true });
    assert_eq!(profile["opened_by"][0], right);
    let profile = world.test.get(&format!("/api/v1/audit/users/{}", world.stranger), &auditor).await.json();
    assert_eq!(profile["may_open"][0]["id"], json!(world.target));

    for row in [&row, &after] {
        call(&world, "DELETE", &path(row), None).await;
    }
    assert_eq!(denial(&world).await, Some(Denial::NotGranted));
    assert_eq!(targets().await, json!([]));
    assert!(every(pool).await.is_empty());
}

#[tokio::test]
async fn one_that_is_over_says_so_and_leaves_the_list_of_targets() {
    let world = World::new().await;
    let row = made(&world, wanted(&world, -60, 60)).await;
    let sql = "UPDATE schedules SET start_time = start_time - interval '2 hours', end_time = end_time - interval '2 hours',
                      next_change = NOW()";
    sqlx::query(sql).execute(&world.test.hub.pool).await.expect("moved");
    openpam_scheduling::settle(&world.test.hub.pool, Timestamp::now()).await.expect("settled");
    assert_eq!(denial(&world).await, Some(Denial::OutsideWindow { opens: None }));
    let stranger = world.cookie(Who::Stranger).await.expect("signed in");
    assert_eq!(world.test.get("/api/v1/targets", &stranger).await.json()["items"], json!([]));
    // What is over may be described, and may be given more time.
    let described = call(&world, "PATCH", &path(&row), Some(json!({ "metadata": { "a": 1 } }))).await;
    assert_eq!(described.status, StatusCode::OK, "{described:?}");
    let longer = call(&world, "PATCH", &path(&row), Some(json!({ "end_time": minutes(30) }))).await.json();
    assert_eq!(longer["status"], "active");
    assert_eq!(denial(&world).await, None);
}

#[tokio::test]
async fn with_a_retired_user_or_target_its_schedules_are_cancelled() {
    let world = World::new().await;
    world.some_session().await;
    let of_user = world.some_schedule().await;
    let on_target = made(&world, wanted(&world, -60, 60)).await;
    call(&world, "DELETE", &format!("/api/v1/admin/users/{}", world.user), None).await;
    let status =
        async |id: &str| call(&world, "GET", &format!("{PATH}/{id}"), None).await.json()["status"].clone();
    assert_eq!(status(&of_user.to_string()).await, "cancelled");
    let id = on_target["id"].as_str().expect("an id");
    assert_eq!(status(id).await, "active");
    call(&world, "DELETE", &format!("/api/v1/admin/targets/{}", world.target), None).await;
    assert_eq!(status(id).await, "cancelled");
    let refused = call(&world, "POST", PATH, Some(wanted(&world, 1, 2))).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "unknown_target")
    );
    // Nothing of the books names the stranger but the schedule: it goes with the account.
    call(&world, "DELETE", &format!("/api/v1/admin/users/{}", world.stranger), None).await;
    assert_eq!(call(&world, "GET", &format!("{PATH}/{id}"), None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_calendar_has_the_windows_of_a_stretch_of_time_in_order() {
    let world = World::new().await;
    let schedule = json!(world.some_schedule().await);
    let mut hourly = wanted(&world, 0, 30);
    hourly["start_time"] = json!("2026-03-05T00:00:00Z");
    hourly["end_time"] = json!("2026-03-05T00:30:00Z");
    hourly["recurrence_rule"] = json!("FREQ=HOURLY");
    made(&world, hourly).await;
    let windows = async |query: &str| call(&world, "GET", &format!("{PATH}/windows?{query}"), None).await;
    let few = windows("from=2026-03-04T00:00:00Z&to=2026-03-05T02:00:00Z").await.json();
    let begun: Vec<_> = few["windows"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| item["start_time"].as_str().expect("a time"))
        .collect();
    assert_eq!(
        begun,
        ["2026-03-03T08:00:00Z", "2026-03-04T08:00:00Z", "2026-03-05T00:00:00Z", "2026-03-05T01:00:00Z"]
    );
    assert_eq!((&few["windows"][0]["schedule_id"], &few["windows"][0]["user"]), (&schedule, &json!("user")));
    assert_eq!(few["more"], json!(false));
    let many = windows("from=2026-04-01T00:00:00Z&to=2026-06-01T00:00:00Z").await.json();
    assert_eq!((many["windows"].as_array().map(Vec::len), &many["more"]), (Some(1000), &json!(true)));
    let one = format!("from=2026-04-01T00:00:00Z&to=2026-06-01T00:00:00Z&user_id={}", world.user);
    let one = windows(&one).await.json();
    assert_eq!((one["windows"].as_array().map(Vec::len), &one["more"]), (Some(62), &json!(false)));
    for wrong in [
        "from=2026-04-01T00:00:00Z&to=2026-06-03T00:00:00Z",
        "from=2026-04-01T00:00:00Z&to=2026-04-01T00:00:00Z",
    ] {
        let refused = windows(wrong).await;
        assert_eq!((refused.status, &refused.json()["field"]), (StatusCode::BAD_REQUEST, &json!("to")));
    }
    let stranger = world.cookie(Who::Stranger).await.expect("signed in");
    let refused = windows("from=-009000-01-01T00:00:00Z&to=-009000-01-02T00:00:00Z").await;
    assert_eq!((refused.status, &refused.json()["field"]), (StatusCode::BAD_REQUEST, &json!("from")));
    let others =
        format!("{PATH}/windows?from=2026-03-04T00:00:00Z&to=2026-03-05T00:00:00Z&user_id={}", world.user);
    assert_eq!(world.test.get(&others, &stranger).await.json()["windows"], json!([]));
}
