//! A grant that holds in windows alone: closed before, open in it, over at its end, also without the hub.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::limits::{SOON, bob, listen};
use crate::system::shell::{Progress, Shell};
use crate::system::{World, eventually};

/// The last warning comes a minute before the end, so it comes after ten seconds.
const LEFT: SignedDuration = SignedDuration::from_secs(70);

fn after(moment: Timestamp, time: SignedDuration) -> Timestamp {
    moment.checked_add(time).expect("in range")
}

/// A window of today that ends so long from now, every day.
fn open_for(left: SignedDuration) -> (Timestamp, Value) {
    let end = after(Timestamp::now(), left).round(jiff::Unit::Second).expect("rounds");
    let begin = after(end, SignedDuration::from_hours(-2));
    (
        end,
        json!({"start_time": begin, "end_time": end, "recurrence_rule": "FREQ=DAILY", "timezone": "Asia/Kolkata"}),
    )
}

async fn open(world: &World, bob: &crate::limits::Bob) -> Result<Shell, Value> {
    let path = format!("/api/ws/connect/ssh/{}?cols=80&rows=24", world.target_id);
    Shell::attach(&bob.api, &path, Progress::default()).await
}

fn ms(text: &Value) -> i64 {
    text.as_str().expect("a time").parse::<Timestamp>().expect("a time").as_millisecond()
}

#[tokio::test]
async fn outside_of_its_window_a_target_says_when_it_opens_and_a_changed_schedule_holds_at_once() {
    let world = World::start().await;
    let begin =
        after(Timestamp::now(), SignedDuration::from_hours(1)).round(jiff::Unit::Second).expect("rounds");
    let schedule = json!({"start_time": begin, "end_time": after(begin, SignedDuration::from_hours(8))});
    let bob = bob(&world, json!({"schedule": schedule})).await;
    let target = || bob.api.get("/api/v1/targets");
    let row = target().await["items"][0].clone();
    assert_eq!(
        (&row["open"], ms(&row["opens_at"]), &row["closes_at"]),
        (&json!(false), begin.as_millisecond(), &Value::Null)
    );
    let closed = open(&world, &bob).await.err().expect("closed");
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("outside_window"), &json!(true)));
    let words = format!("your access to this target begins on {}", begin.strftime("%F at %H:%M UTC"));
    assert_eq!(closed["message"], words);

    let path = format!("/api/v1/admin/grants/{}", bob.grant);
    let change = async |schedule: Value| {
        let changed = world.admin.request("PATCH", &path, Some(&json!({"schedule": schedule}))).await;
        assert!(changed.status().is_success(), "{}", changed.text().await.expect("text"));
    };
    let (end, schedule) = open_for(SignedDuration::from_hours(1));
    change(schedule).await;
    let row = target().await["items"][0].clone();
    assert_eq!(
        (&row["open"], &row["opens_at"], ms(&row["closes_at"])),
        (&json!(true), &Value::Null, end.as_millisecond())
    );
    let mut shell = open(&world, &bob).await.expect("open");
    shell.command("echo in$((40+2))", "in42").await;
    let begun = std::time::Instant::now();
    change(json!({"start_time": "2026-03-02T08:00:00Z", "end_time": "2026-03-02T16:00:00Z"})).await;
    let closed = listen(&mut shell).await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("window_ended"), &json!(true)));
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    let closed = open(&world, &bob).await.err().expect("closed");
    assert_eq!(closed["message"], "your access to this target is over; ask an administrator for more time");
    change(Value::Null).await;
    open(&world, &bob).await.expect("always").close().await;
    world.stop().await;
}

#[tokio::test]
async fn a_schedule_opens_a_target_and_with_it_its_sessions_end() {
    let world = World::start().await;
    let bob = bob(&world, json!({})).await;
    let grant = format!("/api/v1/admin/grants/{}", bob.grant);
    let user = world.admin.get(&grant).await["user_id"].clone();
    let gone = world.admin.request("DELETE", &grant, None).await;
    assert!(gone.status().is_success());
    let (_, schedule) = open_for(SignedDuration::from_hours(1));
    let mut body = schedule;
    body["user_id"] = user;
    body["target_id"] = json!(world.target_id);
    let schedules = "/api/v1/schedules";
    let made: Value = world.admin.request("POST", schedules, Some(&body)).await.json().await.expect("JSON");
    let path = format!("{schedules}/{}", made["id"].as_str().expect("an id"));
    let mut shell = open(&world, &bob).await.expect("open");
    shell.command("echo in$((40+2))", "in42").await;
    let begun = std::time::Instant::now();
    let moved = json!({"start_time": after(Timestamp::now(), SignedDuration::from_hours(1)), "end_time": after(Timestamp::now(), SignedDuration::from_hours(2))});
    assert!(world.admin.request("PATCH", &path, Some(&moved)).await.status().is_success());
    let closed = listen(&mut shell).await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("window_ended"), &json!(true)));
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());

    let made: Value = world.admin.request("POST", schedules, Some(&body)).await.json().await.expect("JSON");
    let other = format!("{schedules}/{}", made["id"].as_str().expect("an id"));
    let mut shell = open(&world, &bob).await.expect("open");
    assert!(world.admin.request("DELETE", &path, None).await.status().is_success());
    shell.command("echo still$((40+2))", "still42").await;
    let begun = std::time::Instant::now();
    assert!(world.admin.request("DELETE", &other, None).await.status().is_success());
    let closed = listen(&mut shell).await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("not_granted"), &json!(true)));
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    world.stop().await;
}

#[tokio::test]
async fn at_the_end_of_its_window_a_session_ends_after_a_warning() {
    let world = World::start().await;
    let (end, schedule) = open_for(LEFT);
    let bob = bob(&world, json!({"schedule": schedule})).await;
    let mut shell = open(&world, &bob).await.expect("open");
    let notice = shell.until_notice("ends_soon").await;
    assert_eq!(notice["end_code"], "window_ended");
    let left = notice["left_s"].as_u64().expect("a number");
    assert!((59..=60).contains(&left), "{left}");
    shell.keeps = false;
    shell.type_bytes(b"while :; do echo flood; done\n").await;
    let closed = listen(&mut shell).await;
    let late = Timestamp::now().duration_since(end);
    assert!(!late.is_negative() && late < SignedDuration::from_secs(1), "{late:#} after its end");
    assert_eq!(
        (&closed["code"], &closed["hop"], &closed["message"]),
        (&json!("window_ended"), &json!("site"), &json!("your access window is over"))
    );
    let row = bob.api.get("/api/v1/targets").await["items"][0].clone();
    let tomorrow = after(end, SignedDuration::from_hours(22));
    assert_eq!((&row["open"], ms(&row["opens_at"])), (&json!(false), tomorrow.as_millisecond()));
    world.stop().await;
}

#[tokio::test]
async fn without_the_hub_the_site_ends_it_with_its_window() {
    let mut world = World::start().await;
    let (end, schedule) = open_for(SignedDuration::from_secs(20));
    let bob = bob(&world, json!({"schedule": schedule})).await;
    let shell = open(&world, &bob).await.expect("open");
    let session = shell.progress.session_id.clone().expect("an id");
    world.hub.kill().await;
    let rest = after(end, SignedDuration::from_secs(3)).duration_since(Timestamp::now());
    tokio::time::sleep(Duration::try_from(rest).expect("ahead")).await;
    world.hub.run().await;
    let row = eventually("the end in the books", async || {
        let row = world.admin.get(&format!("/api/v1/sessions/{session}")).await;
        (!row["end_time"].is_null()).then_some(row)
    })
    .await;
    assert_eq!(row["end_code"], "window_ended");
    let late = ms(&row["end_time"]) - end.as_millisecond();
    assert!((0..1000).contains(&late), "{late} ms after its end");
    world.stop().await;
}
