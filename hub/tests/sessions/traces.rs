//! Traces, as a collector gets them: one for each shell, from the person's wish through hub and site to the target.

use serde_json::json;

use crate::system::collector::{Collector, Span};
use crate::system::shell::{Progress, Shell};
use crate::system::{Place, World, eventually, folder};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PAGE: &str = "b7ad6b7169203331";

async fn world_told_to(collector: &Collector) -> World {
    let (hub_settings, satellite_settings) = (collector.settings(), collector.settings());
    World::start_in(Place { hub_settings, satellite_settings, ..Place::default() }).await
}

fn opening(target_id: &str) -> String {
    format!("/api/ws/connect/ssh/{target_id}?cols=80&rows=24&traceparent=00-{TRACE}-{PAGE}-01")
}

/// The trace's spans, once one of that name came.
async fn trace(collector: &Collector, last: &str) -> Vec<Span> {
    eventually(&format!("the span {last} is told"), || async {
        let spans = collector.spans().into_iter().filter(|span| span.trace == TRACE);
        let spans: Vec<_> = spans.collect();
        spans.iter().any(|span| span.name == last).then_some(spans)
    })
    .await
}

#[tokio::test]
async fn a_trace_goes_from_the_page_through_hub_and_site_to_the_target_and_holds_no_secret() {
    let folder = folder();
    let collector = Collector::start(folder.path()).await;
    let world = world_told_to(&collector).await;
    assert_eq!(world.admin.get("/api/v1/auth/me").await["traces"], json!(true), "pages are asked to tell");
    let mut shell =
        Shell::attach(&world.admin, &opening(&world.target_id), Progress::default()).await.expect("a shell");
    let session = shell.progress.session_id.clone().expect("an id");
    let told = json!({
        "traceparent": format!("00-{TRACE}-{PAGE}-01"), "duration_ms": 640, "opened": true, "session_id": session,
    });
    let answer = world.admin.request("POST", "/api/v1/traces", Some(&told)).await;
    assert_eq!(answer.status(), 204);

    // All of it is there while the shell is still open.
    trace(&collector, "open session").await;
    trace(&collector, "open shell").await;
    let spans = trace(&collector, "shell").await;
    let span = |name: &str| {
        let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
        assert_eq!(found.len(), 1, "{name}: {spans:#?}");
        found[0]
    };
    let tree = [
        ("openpam-page", "", "shell"),
        ("openpam-hub", "shell", "GET /api/ws/connect/{protocol}/{target_id}"),
        ("openpam-hub", "GET /api/ws/connect/{protocol}/{target_id}", "open session"),
        ("openpam-hub", "open session", "settle policy"),
        ("openpam-hub", "open session", "write books"),
        ("openpam-hub", "open session", "read secret"),
        ("openpam-satellite", "open session", "open shell"),
        ("openpam-satellite", "open shell", "wait for policy"),
        ("openpam-satellite", "open shell", "reach target"),
        ("openpam-satellite", "open shell", "wait for secret"),
        ("openpam-satellite", "open shell", "sign in"),
        ("openpam-satellite", "open shell", "start shell"),
        ("openpam-satellite", "open shell", "write journal"),
    ];
    for (service, parent, name) in tree {
        let below = span(name);
        assert_eq!(below.service, service, "{name}");
        let above = if parent.is_empty() { "" } else { &span(parent).id };
        assert_eq!(below.parent, above, "{name} stands below {parent}");
        assert!(!below.attributes.contains_key("error.type"), "{below:?}");
    }
    assert_eq!(spans.len(), tree.len(), "{spans:#?}");
    assert_eq!(span("shell").took().as_millis(), 640);
    assert_eq!(span("shell").id, PAGE);
    let answered = span("GET /api/ws/connect/{protocol}/{target_id}");
    assert_eq!(answered.attributes["http.response.status_code"], "101");
    for name in ["open session", "open shell"] {
        assert_eq!(span(name).attributes["session.id"], session);
        assert!(span(name).took() >= span("sign in").took(), "{name} lasts until the shell is there");
    }

    shell.command("echo seen$((40+2))", "seen42").await;
    shell.close().await;
    let (account, password) = (world.target.account.clone(), world.target.password.clone());
    world.stop().await;
    let printed = collector.printed();
    assert!(printed.contains("GET /api/v1/auth/me"), "requests without a page's trace have one of their own");
    for secret in [account.as_str(), &password, "seen", "openpam.ssh.v1", "Cookie", "cookie"] {
        assert!(!printed.contains(secret), "{secret}: {printed}");
    }
}

#[tokio::test]
async fn a_trace_says_where_an_opening_failed() {
    let folder = folder();
    let collector = Collector::start(folder.path()).await;
    let mut world = world_told_to(&collector).await;
    world.target.stop().await;
    let refused = Shell::attach(&world.admin, &opening(&world.target_id), Progress::default()).await;
    let closed = refused.err().expect("no shell");
    assert_eq!(closed["code"], "target_unreachable");
    trace(&collector, "open session").await;
    let spans = trace(&collector, "open shell").await;
    for name in ["open session", "open shell"] {
        let span = spans.iter().find(|span| span.name == name).expect("there");
        assert_eq!(span.attributes["error.type"], "target_unreachable", "{name}");
    }
    assert!(spans.iter().any(|span| span.name == "reach target"), "the step that failed: {spans:#?}");
    assert!(!spans.iter().any(|span| span.name == "sign in"), "and none after it: {spans:#?}");
    world.stop().await;
}

#[tokio::test]
async fn a_collector_that_is_gone_holds_nobody_up_and_a_trace_that_is_none_is_passed_over() {
    let folder = folder();
    let collector = Collector::start(folder.path()).await;
    let world = world_told_to(&collector).await;
    collector.kill().await;
    let path = format!("/api/ws/connect/ssh/{}?cols=80&rows=24", world.target_id);
    for none in ["", "00-0-0-00", "%00", &"0".repeat(4000)] {
        let path = format!("{path}&traceparent={none}");
        let mut shell = Shell::attach(&world.admin, &path, Progress::default()).await.expect("a shell");
        shell.command("echo there$((40+2))", "there42").await;
        shell.close().await;
    }
    let endless =
        json!({"traceparent": format!("00-{TRACE}-{PAGE}-01"), "duration_ms": 86_400_001, "opened": true});
    let answer = world.admin.request("POST", "/api/v1/traces", Some(&endless)).await;
    assert_eq!(answer.status(), 400);
    let refusal: serde_json::Value = answer.json().await.expect("JSON");
    assert_eq!(refusal["field"], json!("duration_ms"));
    let none = json!({"traceparent": "00-0-0-00", "duration_ms": 1, "opened": true});
    let answer = world.admin.request("POST", "/api/v1/traces", Some(&none)).await;
    assert_eq!(answer.status(), 400);
    let begun = std::time::Instant::now();
    world.stop().await;
    let took = begun.elapsed();
    assert!(took.as_secs() < 30, "ending takes no longer for it: {took:?}");
}
