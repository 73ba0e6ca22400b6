//! Windows end on time without the hub: in the nights in which clocks change, and when somebody sets the site's clock.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::clocks::{hub_at, machine_at};
use crate::person::{Person, ends_in, session};
use crate::system::{Place, World};
use crate::told::{ended, status, until_away};

/// From the start of the installation to the end of the window.
const AHEAD: SignedDuration = SignedDuration::from_secs(50);
const TOLERANCE_MS: i64 = 1000;

/// A window that begins at ten in the evening, local time, and lasts over the change: as long as on every other night.
async fn over_the_change(zone: &'static str, evening: DateTime, lasts: SignedDuration) {
    let local = TimeZone::get(zone).expect("a zone");
    let opens = local.to_timestamp(evening).expect("a time");
    let end = opens.checked_add(lasts).expect("in range");
    let (before, after) = (local.to_offset(opens), local.to_offset(end));
    assert_ne!(before, after, "the clocks change in that night");

    let begin = end.checked_sub(AHEAD).expect("in range");
    let offset = begin.as_second() - Timestamp::now().as_second();
    let programs = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(programs.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("permissions");
    let at = format!("{offset:+}");
    let place = Place {
        hub_settings: hub_at(&at, programs.path()),
        satellite_settings: machine_at(&at),
        ..Place::default()
    };
    let mut world = World::start_in(place).await;
    let first = evening.checked_sub(SignedDuration::from_hours(7 * 24)).expect("in range");
    let first = local.to_timestamp(first).expect("a time");
    let schedule = json!({
        "start_time": first, "end_time": first.checked_add(lasts).expect("in range"),
        "recurrence_rule": "FREQ=DAILY", "timezone": zone,
    });
    let bob = Person::new(&world, "bob", json!({ "schedule": schedule })).await;
    let shell = bob.open(&world).await.expect("it is open");
    let session = session(&shell);
    world.hub.kill().await;
    until_away(&world.satellite).await;
    let there = Timestamp::now().checked_add(SignedDuration::from_secs(offset)).expect("in range");
    let rest = end.duration_since(there) + SignedDuration::from_secs(2);
    tokio::time::sleep(Duration::try_from(rest).expect("ahead")).await;
    assert_eq!(status(&world.satellite).await["sessions"], 0);
    world.hub.run().await;
    let (code, at_ms) = ended(&world, &session).await;
    let late_ms = at_ms - end.as_millisecond();
    eprintln!("{zone}, {}: ended {late_ms} ms after its window", evening.date());
    assert_eq!(code, "window_ended");
    assert!((0..TOLERANCE_MS).contains(&late_ms), "{late_ms} ms after its end");
    world.stop().await;
}

fn evening(year: i16, month: i8, day: i8) -> DateTime {
    jiff::civil::date(year, month, day).at(22, 0, 0, 0)
}

const LASTS: SignedDuration = SignedDuration::from_hours(9);

#[tokio::test]
async fn a_window_ends_on_time_in_berlin_in_the_night_in_which_clocks_go_forward() {
    over_the_change("Europe/Berlin", evening(2027, 3, 27), LASTS).await;
}

#[tokio::test]
#[ignore = "soak: a minute, as the one before"]
async fn a_window_ends_on_time_in_berlin_in_the_night_in_which_clocks_go_back() {
    over_the_change("Europe/Berlin", evening(2027, 10, 30), LASTS).await;
}

#[tokio::test]
#[ignore = "soak: a minute, as the one before"]
async fn a_window_ends_on_time_in_new_york_in_the_night_in_which_clocks_go_forward() {
    over_the_change("America/New_York", evening(2027, 3, 13), LASTS).await;
}

#[tokio::test]
async fn a_window_ends_on_time_in_new_york_in_the_night_in_which_clocks_go_back() {
    over_the_change("America/New_York", evening(2027, 11, 6), LASTS).await;
}

#[tokio::test]
async fn a_clock_that_is_set_neither_prolongs_a_window_nor_locks_the_site_for_good() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("clock");
    let set = |clock: &str| std::fs::write(&file, format!("{clock}\n")).expect("writes");
    set("+0");
    let mut settings = machine_at("+0");
    settings.retain(|(name, _)| *name != "FAKETIME");
    settings.push(("FAKETIME_TIMESTAMP_FILE", file.display().to_string()));
    settings.push(("FAKETIME_NO_CACHE", "1".to_owned()));
    let mut world = World::start_in(Place { satellite_settings: settings, ..Place::default() }).await;
    for clock in ["-2d", "+365d"] {
        set("+0");
        let end = Timestamp::now().checked_add(SignedDuration::from_secs(25)).expect("in range");
        let name = if clock.starts_with('-') { "back" } else { "forward" };
        let person = Person::new(&world, name, ends_in(25)).await;
        let shell = person.open(&world).await.expect("open");
        let session = session(&shell);
        world.hub.kill().await;
        until_away(&world.satellite).await;
        set(clock);
        let half = end.duration_since(Timestamp::now()) - SignedDuration::from_secs(3);
        tokio::time::sleep(Duration::try_from(half).unwrap_or_default()).await;
        assert_eq!(status(&world.satellite).await["sessions"], 1, "{clock} ends nothing before its time");
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(status(&world.satellite).await["sessions"], 0, "{clock} prolongs nothing");
        world.hub.run().await;
        world.until_reachable().await;
        let (code, _) = ended(&world, &session).await;
        assert_eq!(code, "window_ended");
        let denied = person.open(&world).await.err().expect("its window is over");
        assert_eq!(denied["code"], "outside_window");
        // The clock is still wrong; the hub's time counts.
        let other = Person::new(&world, &format!("{name}.later"), ends_in(600)).await;
        other.open(&world).await.expect("the site is not locked").close().await;
    }
    world.stop().await;
}
