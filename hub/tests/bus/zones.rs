//! A site's credentials against everything that is not the site's: each try is listed with its answer.

use std::time::Duration;

use async_nats::ConnectOptions;
use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use openpam_hub::bus::claims::{self, Limits};
use openpam_ids::ZoneId;
use tokio::time::sleep;

use crate::leaf::Leaf;
use crate::place::{PROGRAMS, Party, Place, SITE};

/// What belongs to others: the other zone's, the hub's, the server's.
fn of_others(own: ZoneId, other: ZoneId) -> Vec<String> {
    let subjects = [
        format!("zone.{other}.up.{SITE}.events"),
        format!("zone.{other}.down.{SITE}.commands"),
        format!("zone.{own}.down.{SITE}.commands"),
        format!("zone.{other}.down.policy"),
        format!("zone.{own}.down.policy"),
        "$KV.OPENPAM_POLICY.x".to_owned(),
        format!("zone.{own}.up.another.events"),
        format!("zone.{own}.down.another.commands"),
        format!("zone.{own}.other"),
        "openpam.session.started".to_owned(),
        "openpam.user.created".to_owned(),
        "$JS.API.INFO".to_owned(),
        "$JS.API.STREAM.CREATE.MINE".to_owned(),
        "$JS.API.STREAM.MSG.GET.OPENPAM".to_owned(),
        "$SYS.REQ.SERVER.PING".to_owned(),
        "$SYS.REQ.ACCOUNT.PING.CONNZ".to_owned(),
        "$SYS.REQ.CLAIMS.UPDATE".to_owned(),
        "$KV.policy.x".to_owned(),
        "_INBOX.somebody.1".to_owned(),
    ];
    subjects.into()
}

const LISTENED_TO: [&str; 10] = [
    ">",
    "*.*.up.>",
    "openpam.>",
    "$JS.>",
    "$JS.API.>",
    "$SYS.>",
    "$KV.>",
    "_INBOX.>",
    "$SYS.REQ.USER.INFO",
    "zone.*.down.>",
];

/// Says everything that may be said in the other accounts.
async fn say_everything(place: &Place, other: &Party, zone: ZoneId) {
    for subject in ["openpam.session.started", "_INBOX.hub.1", "$KV.policy.x"] {
        place.hub.publish(subject, "of the hub".into()).await.expect("says");
    }
    place.hub.publish(format!("zone.{zone}.down.{SITE}.commands"), "of the hub".into()).await.expect("says");
    other.client.publish(format!("zone.{zone}.up.{SITE}.events"), "of the other".into()).await.expect("says");
    place.hub.flush().await.expect("flushes");
    other.client.flush().await.expect("flushes");
    sleep(Duration::from_millis(200)).await;
}

#[tokio::test]
async fn a_sites_credentials_reach_its_own_subjects_and_nothing_else() {
    let place = Place::new().await;
    let [own, other] = place.zones;
    let (hub, neighbour) = (place.hub_that_listens().await, place.satellite(other).await);
    neighbour.listen(&format!("zone.{other}.down.{SITE}.>")).await;
    let site = place.satellite(own).await;
    site.listen(&format!("zone.{own}.down.{SITE}.>")).await;

    // What it may.
    site.client.publish(format!("zone.{own}.up.{SITE}.events"), "an event".into()).await.expect("says");
    place.hub.publish(format!("zone.{own}.down.{SITE}.commands"), "a command".into()).await.expect("says");
    place.hub.flush().await.expect("flushes");
    assert_eq!(site.answer().await, "");
    site.until_heard(&format!("zone.{own}.down.{SITE}.commands")).await;
    assert!(hub.heard().contains(&format!("zone.{own}.up.{SITE}.events")));
    assert_eq!(neighbour.heard(), Vec::<String>::new());

    for subject in of_others(own, other) {
        site.client.publish(subject.clone(), "x".into()).await.expect("is sent");
        let answer = site.answer().await;
        eprintln!("publish {subject}: {answer}");
        assert!(answer.contains("ermissions"), "{subject}: {answer:?}");
        assert_eq!((hub.heard(), neighbour.heard()), (vec![], vec![]), "{subject}");
    }
    for subject in LISTENED_TO {
        site.listen(subject).await;
        let answer = site.answer().await;
        eprintln!("subscribe {subject}: {answer}");
        assert!(answer.contains("ermissions"), "{subject}: {answer:?}");
        say_everything(&place, &neighbour, other).await;
        assert_eq!(site.heard(), Vec::<String>::new(), "{subject}");
    }
    hub.heard();
    neighbour.heard();
    for request in ["$JS.API.INFO", "$SYS.REQ.SERVER.PING"] {
        let answer = site.client.request(request, "".into()).await;
        eprintln!("request {request}: {answer:?}");
        assert!(answer.is_err(), "{request}");
    }
    place.stop().await;
}

#[tokio::test]
async fn claims_that_a_site_makes_itself_are_none() {
    let place = Place::new().await;
    let [own, other] = place.zones;
    let url = &place.server.addresses().clients;
    let forger = KeyPair::new_account();
    let refused = async |what: &str, token: String, key: KeyPair| {
        let error = Party::connect(url, token, key).await.err();
        eprintln!("{what}: {error:?}");
        assert!(error.is_some(), "{what}");
    };
    let key = KeyPair::new_user();
    let token = claims::user(&forger, &key.public_key(), "mine", None, None).expect("signs");
    refused("a user of an account that the hub did not sign", token, key).await;
    let key = KeyPair::new_user();
    let own_token = place.authority.satellite(own, SITE, &key.public_key()).expect("signs");
    let of = |zone| place.authority.zone_key(zone).expect("a key");
    refused("its own token, with another account in it", with(&own_token, &of(own), &of(other)), key).await;
    let key = KeyPair::new_user();
    let own_token = place.authority.satellite(own, SITE, &key.public_key()).expect("signs");
    let wider = with(&own_token, &format!("zone.{own}.up.{SITE}.>"), ">");
    refused("its own token, with more in it", wider, key).await;
    // Somebody else's token, without the key.
    let token = place.authority.satellite(other, SITE, &KeyPair::new_user().public_key()).expect("signs");
    refused("the other zone's token, without its key", token, KeyPair::new_user()).await;
    // An account that imports everything, told as a server is told.
    let site = place.satellite(own).await;
    let everything =
        claims::account(&KeyPair::new_operator(), &forger.public_key(), "mine", Limits::NONE, &[], &[])
            .expect("signs");
    site.client.publish("$SYS.REQ.CLAIMS.UPDATE", everything.into()).await.expect("is sent");
    assert!(site.answer().await.contains("ermissions"));
    place.stop().await;
}

#[tokio::test]
async fn a_zone_that_is_taken_back_is_cut_off_at_once_and_a_storm_harms_nobody() {
    let place = Place::new().await;
    let [own, other] = place.zones;
    let (hub, neighbour, site) =
        (place.hub_that_listens().await, place.satellite(other).await, place.satellite(own).await);
    for _ in 0..20_000 {
        site.client.publish("$JS.API.INFO", "x".into()).await.expect("is sent");
        site.client.publish(format!("zone.{other}.up.{SITE}.events"), "x".into()).await.expect("is sent");
    }
    site.client.flush().await.expect("flushes");
    assert_eq!(hub.heard(), Vec::<String>::new());
    neighbour
        .client
        .publish(format!("zone.{other}.up.{SITE}.events"), "an event".into())
        .await
        .expect("says");
    neighbour.client.flush().await.expect("flushes");
    hub.until_heard(&format!("zone.{other}.up.{SITE}.events")).await;

    place.accounts.take(&place.authority, &[own]).await.expect("is taken");
    sleep(Duration::from_millis(500)).await;
    site.client.publish(format!("zone.{own}.up.{SITE}.events"), "too late".into()).await.expect("is queued");
    sleep(Duration::from_millis(500)).await;
    assert_eq!(hub.heard(), Vec::<String>::new());
    let key = KeyPair::new_user();
    let token = place.authority.satellite(own, SITE, &key.public_key()).expect("signs");
    assert!(Party::connect(&place.server.addresses().clients, token, key).await.is_err());
    place.accounts.give(&place.authority, own).await.expect("an account again");
    place.satellite(own).await;
    place.stop().await;
}

/// The token with something else in its claims, as it was signed.
fn with(token: &str, from: &str, to: &str) -> String {
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    let claims = BASE64URL_NOPAD.decode(parts[1].as_bytes()).expect("base64");
    let claims = String::from_utf8(claims).expect("text");
    assert!(claims.contains(from));
    parts[1] = BASE64URL_NOPAD.encode(claims.replace(from, to).as_bytes());
    parts.join(".")
}

#[tokio::test]
async fn a_leaf_node_reaches_no_more_whoever_owns_it() {
    for name in PROGRAMS {
        let place = Place::of(name).await;
        reaches_no_more(&place, name).await;
        place.stop().await;
    }
}

async fn reaches_no_more(place: &Place, name: &str) {
    let [own, other] = place.zones;
    let (hub, neighbour) = (place.hub_that_listens().await, place.satellite(other).await);
    neighbour.listen(&format!("zone.{other}.down.{SITE}.>")).await;
    let leaf = Leaf::new(place, name, own, &place.server.addresses().leaf_nodes).await;
    let site = Party::with(ConnectOptions::new(), &leaf.url).await.expect("connects");
    site.listen(">").await;
    sleep(Duration::from_millis(300)).await;

    site.client.publish(format!("zone.{own}.up.{SITE}.events"), "an event".into()).await.expect("says");
    site.answer().await;
    hub.until_heard(&format!("zone.{own}.up.{SITE}.events")).await;
    site.heard();
    for subject in of_others(own, other) {
        site.client.publish(subject.clone(), "x".into()).await.expect("is sent");
        site.answer().await;
        let heard = (hub.heard(), neighbour.heard());
        eprintln!("leaf publishes {subject}: hub and neighbour hear {heard:?}");
        assert_eq!(heard, (vec![], vec![]), "{subject}");
    }
    site.heard();
    say_everything(place, &neighbour, other).await;
    place.hub.publish(format!("zone.{own}.down.{SITE}.commands"), "a command".into()).await.expect("says");
    place.hub.flush().await.expect("flushes");
    // All that a leaf node hears of others.
    site.until_heard(&format!("zone.{own}.down.{SITE}.commands")).await;
}

#[tokio::test]
async fn a_listener_hears_what_everybody_may_and_says_nothing() {
    let place = Place::new().await;
    let [own, _] = place.zones;
    let hub = place.hub_that_listens().await;
    let credentials = place.authority.listener("siem", None).expect("signs");
    let options = openpam_hub::bus::accounts::options(&credentials).expect("a key");
    let listener = Party::with(options, &place.server.addresses().clients).await.expect("connects");
    listener.listen("openpam.session.*").await;
    place.hub.publish("openpam.session.started", "an event".into()).await.expect("says");
    place.hub.flush().await.expect("flushes");
    listener.until_heard("openpam.session.started").await;
    hub.until_heard("openpam.session.started").await;
    let others = [
        "openpam.session.started".to_owned(),
        format!("zone.{own}.down.{SITE}.commands"),
        format!("zone.{own}.up.{SITE}.events"),
        "$JS.API.STREAM.DELETE.OPENPAM".to_owned(),
        "$JS.API.STREAM.PURGE.OPENPAM".to_owned(),
        "$JS.API.STREAM.MSG.DELETE.OPENPAM".to_owned(),
        "$JS.API.CONSUMER.DELETE.OPENPAM.other".to_owned(),
        "$SYS.REQ.CLAIMS.UPDATE".to_owned(),
    ];
    for subject in others {
        listener.client.publish(subject.clone(), "x".into()).await.expect("is sent");
        let answer = listener.answer().await;
        eprintln!("a listener publishes {subject}: {answer}");
        assert!(answer.contains("ermissions"), "{subject}: {answer:?}");
        assert_eq!(hub.heard(), Vec::<String>::new(), "{subject}");
    }
    for subject in [">", "zone.>", "_INBOX.>", "_INBOX_other.>", "$JS.>", "$SYS.>"] {
        listener.listen(subject).await;
        let answer = listener.answer().await;
        eprintln!("a listener subscribes {subject}: {answer}");
        assert!(answer.contains("ermissions"), "{subject}: {answer:?}");
    }
    place.stop().await;
}
