//! What the site and the books say.

use jiff::Timestamp;
use serde_json::Value;

use crate::system::{Satellite, World, eventually};

/// `status --json` of the satellite.
pub(crate) async fn status(satellite: &Satellite) -> Value {
    eventually("the satellite answers", || async {
        let output = satellite.command().args(["status", "--json"]).output().await.expect("starts");
        output.status.success().then(|| serde_json::from_slice(&output.stdout).expect("JSON"))
    })
    .await
}

/// `status` in words.
pub(crate) async fn words(satellite: &Satellite) -> String {
    let output = satellite.command().arg("status").output().await.expect("starts");
    String::from_utf8(output.stdout).expect("text")
}

/// Waits until the site notices that its hub is gone; since when that is, in milliseconds.
pub(crate) async fn until_away(satellite: &Satellite) -> i64 {
    eventually("the site notices that its hub is gone", || async {
        let line = status(satellite).await["line"].clone();
        (line["up"] == false).then(|| line["since_ms"].as_i64().expect("a time"))
    })
    .await
}

/// How a session ended by the books, and when, in milliseconds.
pub(crate) async fn ended(world: &World, session: &str) -> (String, i64) {
    let row = eventually("the end in the books", async || {
        let row = world.admin.get(&format!("/api/v1/sessions/{session}")).await;
        (!row["end_time"].is_null()).then_some(row)
    })
    .await;
    let end: Timestamp = row["end_time"].as_str().expect("text").parse().expect("a time");
    (row["end_code"].as_str().expect("a code").to_owned(), end.as_millisecond())
}
