//! Several hubs: a tunnel to each that is told of, one at a time for what is done once, and none that dies disturbs what goes
//! through another.

#[path = "hubs/wire.rs"]
mod wire;

use openpam_ids::HubId;
use openpam_proto::close::CloseCode;
use serde_json::{Value, json};

use self::wire::{Hub, Installation, Satellite, eventually};

/// Each session that an earlier run left open has two.
const SESSIONS: usize = 400;
const EVENTS: u64 = 2 * SESSIONS as u64;

fn is_up(line: &Value) -> bool {
    line["up"] == json!(true)
}

/// Waits until each of the hubs has one tunnel.
async fn all_stand(hubs: &[&Hub]) {
    eventually("every hub has a tunnel", || hubs.iter().all(|hub| hub.tunnels() == 1).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_holds_a_tunnel_to_each_hub_and_is_not_alone_while_one_stands() {
    let installation = Installation::new();
    let (mut one, mut other) = (Hub::start(&installation).await, Hub::start(&installation).await);
    installation.has(&[&one, &other]);
    let mut satellite = Satellite::new(&installation, vec![one.address()], 0).await;
    satellite.start().await;
    all_stand(&[&one, &other]).await;
    let lines = eventually("both are shown", || {
        Some(satellite.lines()).filter(|lines| lines.len() == 2 && lines.iter().all(is_up))
    })
    .await;
    let shown: Vec<_> = lines.iter().map(|line| line["hub_id"].as_str().expect("an id")).collect();
    let text = satellite.status();
    for hub in [&one, &other] {
        assert!(shown.contains(&hub.id.to_string().as_str()), "{lines:?}");
        assert!(text.contains(&format!("to hub {}: up", hub.id)), "{text}");
    }
    for hub in 0..2 {
        let dies = if hub == 0 { &mut one } else { &mut other };
        let id = dies.id.to_string();
        dies.kill().await;
        let status = eventually("its line is down", || {
            satellite.status_json().filter(|status| {
                let lines = status["lines"].as_array().expect("lines");
                lines.iter().any(|line| line["hub_id"] == json!(id) && !is_up(line))
            })
        })
        .await;
        assert!(is_up(&status["line"]), "{status}");
        assert_eq!(status["line"]["away_since_ms"], Value::Null, "{status}");
        dies.restart().await;
        all_stand(&[&one, &other]).await;
    }
    assert_eq!((one.welcomed(), other.welcomed()), (2, 2), "no tunnel was in vain, none was replaced");
    // Both at once: then it is.
    one.kill().await;
    other.kill().await;
    let away = |status: &Value| !is_up(&status["line"]) && status["line"]["away_since_ms"].is_i64();
    eventually("the site is alone", || satellite.status_json().filter(away)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_events_go_to_one_hub_and_when_that_falls_silent_or_dies_to_the_next_without_a_hole() {
    let installation = Installation::new();
    let (mut one, other) = (Hub::start(&installation).await, Hub::start(&installation).await);
    installation.has(&[&one, &other]);
    let mut satellite = Satellite::new(&installation, vec![one.address()], SESSIONS).await;
    // The first keeps a batch and does not say so; its tunnel stands.
    one.mute_after(200);
    satellite.start().await;
    eventually("the first one falls silent", || one.is_mute().then_some(())).await;
    let before = installation.taken_by(&one);
    eventually("the other has the rest", || (installation.last() == EVENTS).then_some(())).await;
    assert!(one.tunnels() == 1, "the silent one was not closed");
    assert_eq!(
        (installation.taken_by(&one), installation.taken_by(&other)),
        (before, EVENTS as usize - before)
    );
    let waits_not = |status: &Value| status["events_waiting"] == json!(0);
    eventually("nothing waits", || satellite.status_json().filter(waits_not)).await;
    one.kill().await;
    one.set_mute(false);
    one.mute_after(usize::MAX);
    one.restart().await;
    all_stand(&[&one, &other]).await;
    // A welcome of a hub sets nothing back that another one has.
    eventually("nothing waits", || satellite.status_json().filter(waits_not)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_hub_gets_the_events_at_once_when_the_tunnel_that_carried_them_is_gone() {
    let installation = Installation::new();
    let (one, other) = (Hub::start(&installation).await, Hub::start(&installation).await);
    installation.has(&[&one, &other]);
    let mut satellite = Satellite::new(&installation, vec![one.address()], SESSIONS).await;
    one.mute_after(100);
    satellite.start().await;
    eventually("the first one falls silent", || one.is_mute().then_some(())).await;
    eventually("the other has a tunnel", || (other.tunnels() == 1).then_some(())).await;
    let begun = std::time::Instant::now();
    one.drop_tunnels(CloseCode::Normal);
    eventually("the other has the rest", || (installation.last() == EVENTS).then_some(())).await;
    assert!(begun.elapsed().as_secs() < 4, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_satellite_that_starts_while_its_usual_hub_is_dead_finds_the_others() {
    let installation = Installation::new();
    let (mut one, other) = (Hub::start(&installation).await, Hub::start(&installation).await);
    installation.has(&[&one, &other]);
    let mut satellite = Satellite::new(&installation, vec![one.address()], 0).await;
    satellite.start().await;
    all_stand(&[&one, &other]).await;
    eventually("the list is kept", || (satellite.kept() == 2).then_some(())).await;
    satellite.kill();
    one.kill().await;
    satellite.start().await;
    eventually("the other one is found", || (other.welcomed() == 2).then_some(())).await;
    // Also if it is the only one that there is.
    installation.has(&[&other]);
    other.tell();
    eventually("one is kept", || (satellite.kept() == 1).then_some(())).await;
    satellite.kill();
    satellite.start().await;
    eventually("it is found again", || (other.welcomed() == 3).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hubs_come_and_go_and_a_tunnel_that_stands_is_kept() {
    let installation = Installation::new();
    let (one, other) = (Hub::start(&installation).await, Hub::start(&installation).await);
    // An older hub tells of none.
    let mut satellite = Satellite::new(&installation, vec![one.address()], 0).await;
    satellite.start().await;
    all_stand(&[&one]).await;
    installation.has(&[&one, &other]);
    one.tell();
    all_stand(&[&one, &other]).await;
    installation.has(&[&one]);
    // Each hub says so: what one said before may come after what the other one says now.
    one.tell();
    other.tell();
    eventually("one is kept", || (satellite.kept() == 1).then_some(())).await;
    assert_eq!(other.tunnels(), 1, "what stands is kept");
    other.drop_tunnels(CloseCode::Normal);
    eventually("its line is gone", || (satellite.lines().len() == 1).then_some(())).await;
    // The one that is listed is dialled again soon, the other one is not.
    one.drop_tunnels(CloseCode::Normal);
    eventually("it is dialled again", || (one.welcomed() == 2).then_some(())).await;
    assert_eq!(other.welcomed(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_answers_in_the_place_of_another_is_not_taken_for_it() {
    let installation = Installation::new();
    let (one, mut third) = (Hub::start(&installation).await, Hub::start(&installation).await);
    // What is listed for another one leads to a third.
    third.listed_as = HubId::generate();
    let real = third.listed_as;
    installation.has(&[&one, &third]);
    let mut satellite = Satellite::new(&installation, vec![one.address()], 0).await;
    satellite.start().await;
    let wrong =
        |line: &Value| line["hub_id"] == json!(real.to_string()) && line["error"]["code"] == "other_hub";
    eventually("it is said", || satellite.lines().into_iter().find(wrong)).await;
    assert_eq!((one.welcomed(), third.welcomed()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_renewal_serves_all_tunnels_and_one_hub_that_expels_is_enough() {
    let installation = Installation::new();
    let (one, other) = (Hub::start(&installation).await, Hub::start(&installation).await);
    installation.has(&[&one, &other]);
    let mut satellite = Satellite::new(&installation, vec![one.address()], 0).await;
    satellite.start().await;
    all_stand(&[&one, &other]).await;
    // As if another machine had its identity: it asks for the next certificate, by whichever hub.
    one.drop_tunnels(CloseCode::Replaced);
    other.drop_tunnels(CloseCode::Replaced);
    eventually("both are dialled again", || (one.welcomed() == 2 && other.welcomed() == 2).then_some(()))
        .await;
    assert_eq!(installation.renewals(), 1);
    all_stand(&[&one, &other]).await;
    other.drop_tunnels(CloseCode::Revoked);
    eventually("it ends", || (!satellite.runs()).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_surplus_tunnel_is_closed_before_a_word_and_disturbs_nobody() {
    let installation = Installation::new();
    let (one, mut other) = (Hub::start(&installation).await, Hub::start(&installation).await);
    installation.has(&[&one, &other]);
    let mut satellite = Satellite::new(&installation, vec![one.address()], 0).await;
    satellite.start().await;
    all_stand(&[&one, &other]).await;
    // From now on both are held as the ones that they are, and where joining said nobody is looked for.
    one.drop_tunnels(CloseCode::Normal);
    eventually("it is dialled again", || (one.welcomed() == 2).then_some(())).await;
    other.kill().await;
    // With one missing, it is looked for there as well: only the first one is found.
    let log = satellite.log();
    let surplus =
        || std::fs::read_to_string(&log).ok().filter(|log| log.contains("a surplus tunnel was closed"));
    eventually("somebody looked", surplus).await;
    assert_eq!((one.tunnels(), one.welcomed()), (1, 2));
    assert!(satellite.status_json().is_some_and(|status| is_up(&status["line"])));
    other.restart().await;
    all_stand(&[&one, &other]).await;
}
