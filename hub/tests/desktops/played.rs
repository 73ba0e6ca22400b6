//! Recordings of desktops as they are read: by whom, as what, and whether a player can play them.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::raw::parse;
use crate::sessions::{Plant, file, person, types, until_terminal};
use crate::system::api::Api;
use crate::system::desktop::xrdp::Xrdp;
use crate::system::eventually;
use crate::system::shell::Shell;

/// What a recording may hold: nothing that was typed, copied, or sent as a file.
const NEVER: [&str; 8] = ["key", "clipboard", "file", "pipe", "body", "argv", "error", "disconnect"];

async fn refusal(api: &Api, path: &str) -> (u16, String, String) {
    let answer = api.request("GET", path, None).await;
    let status = answer.status().as_u16();
    let problem: Value = answer.json().await.expect("a problem");
    let text = |field: &str| problem[field].as_str().unwrap_or_default().to_owned();
    (status, text("code"), text("detail"))
}

async fn complete(api: &Api, session: &str) -> Value {
    eventually("its recording", || async {
        let rows = api.get("/api/v1/recordings").await;
        let mut rows = rows["items"].as_array()?.iter();
        rows.find(|row| row["session_id"] == session && row["complete"] == true).cloned()
    })
    .await
}

/// All instructions of a recording, none of them cut.
fn instructions(recording: &str) -> Vec<Vec<String>> {
    let (mut at, mut all) = (0, Vec::new());
    while at < recording.len() {
        let (elements, end) = parse(recording.as_bytes(), at).expect("whole instructions");
        at = end;
        all.push(elements);
    }
    all
}

#[tokio::test]
async fn a_desktop_is_read_as_guacamole_records_by_those_who_may_and_as_nothing_else() {
    let plant = Plant::start().await;
    let desktop = Xrdp::start(plant.folder.path()).await;
    let target_id = plant.target("rdp", desktop.port, &desktop.account, &desktop.password, Value::Null).await;
    let admin = &plant.world.admin;
    let (mara, mara_id) = person(&plant.world, "mara", "user").await;
    let (audra, _) = person(&plant.world, "audra", "auditor").await;
    let (other, _) = person(&plant.world, "otto", "user").await;
    admin.create("grants", json!({"user_id": mara_id, "target_id": target_id})).await;

    let mut browser = Browser::open(&mara, "rdp", &target_id).await;
    let session = browser.session_id.clone();
    until_terminal(&mut browser, desktop.screen()).await;
    types(&mut browser, &file(&desktop, "recorded")).await;
    let path = |form: &str| format!("/api/v1/recordings/{session}/{form}");
    // It can be read while it goes on.
    let early = eventually("its begin", || async {
        let answer = mara.request("GET", &path("guac"), None).await;
        answer.status().is_success().then_some(())?;
        answer.text().await.ok().filter(|early| !instructions(early).is_empty())
    })
    .await;
    browser.close().await;

    let row = complete(&mara, &session).await;
    assert_eq!(row["protocol"], "rdp", "{row}");
    let answer = audra.request("GET", &path("guac"), None).await;
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    let recording = answer.text().await.expect("text");
    assert!(recording.starts_with(&early), "what was read before did not change");
    assert_eq!(mara.text(&path("guac")).await, recording);
    let all = instructions(&recording);
    let opcodes: Vec<_> = all.iter().map(|elements| elements[0].as_str()).collect();
    assert!(opcodes.contains(&"img") && opcodes.contains(&"size"), "it shows something");
    assert!(!opcodes.iter().any(|opcode| NEVER.contains(opcode)));
    let times: Vec<u64> = all
        .iter()
        .filter(|elements| elements[0] == "sync")
        .map(|elements| elements[1].parse().expect("a time"))
        .collect();
    assert!(times.len() > 3 && times.is_sorted(), "{times:?}");
    let lasts = times.last().expect("a frame") - times[0];
    assert!(lasts > 0 && lasts < row["duration_ms"].as_u64().expect("a number") + 2000, "{lasts}: {row}");

    let refused = refusal(&other, &path("guac")).await;
    assert_eq!((refused.0, refused.1.as_str()), (404, "not_found"));
    for form in ["cast", "text"] {
        let (status, code, detail) = refusal(&mara, &path(form)).await;
        assert_eq!((status, code.as_str()), (409, "wrong_state"), "{form}");
        assert!(detail.contains("/guac"), "{detail}");
    }
    // Who read it is in the events; who was refused read nothing.
    let events = admin.get(&format!("/api/v1/audit/events?session_id={session}")).await;
    let events = events["items"].as_array().expect("events").iter();
    let forms: Vec<_> = events
        .filter(|event| event["kind"] == "recording.read")
        .map(|event| event["detail"]["form"].as_str().unwrap_or_default())
        .collect();
    assert!(forms.len() >= 3 && forms.iter().all(|form| *form == "guac"), "{forms:?}");

    let mut shell = Shell::open(admin, &plant.world.target_id).await;
    shell.command("echo of a shell", "of a shell").await;
    let session = shell.progress.session_id.clone().expect("an id");
    shell.close().await;
    let row = complete(admin, &session).await;
    assert_eq!(row["protocol"], "ssh", "{row}");
    let (status, _, detail) = refusal(admin, &format!("/api/v1/recordings/{session}/guac")).await;
    assert!(status == 409 && detail.contains("/cast"), "{detail}");
    plant.stop().await;
}
