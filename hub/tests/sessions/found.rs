//! Recordings are found by what they printed, by whoever may see them, while they stay sealed.

use serde_json::{Value, json};

use crate::system::api::Api;
use crate::system::shell::Shell;
use crate::system::{PASSWORD, World, eventually, id};

async fn find(api: &Api, text: &str) -> Vec<Value> {
    let text = text.replace(' ', "%20").replace('+', "%2B");
    let found = api.get(&format!("/api/v1/recordings?text={text}")).await;
    found["items"].as_array().unwrap_or_else(|| panic!("rows: {found}")).clone()
}

/// Prints something in a shell, and ends it.
async fn printed(api: &Api, target: &str, line: &str, shows: &str) -> String {
    let mut shell = Shell::open(api, target).await;
    shell.command(line, shows).await;
    let session = shell.progress.session_id.clone().expect("an id");
    shell.close().await;
    session
}

#[tokio::test]
async fn a_recording_is_found_by_its_words_by_whoever_may_see_it() {
    let world = World::start().await;
    let row =
        world.admin.create("users", json!({"username": "bob", "password": PASSWORD, "role": "user"})).await;
    world.admin.create("grants", json!({"user_id": id(&row), "target_id": world.target_id})).await;
    let bob = Api::sign_in(&world.hub.url(), "bob", PASSWORD).await;
    world.hub.add_user("audra", PASSWORD, "auditor").await;
    let auditor = Api::sign_in(&world.hub.url(), "audra", PASSWORD).await;

    let admins =
        printed(&world.admin, &world.target_id, "echo Hydraulik$((1+1)) Öl läuft aus", "Hydraulik2").await;
    let bobs =
        printed(&bob, &world.target_id, "seq 1 3000; echo bearing failed at 10.20.0.$((3+4))", "10.20.0.7")
            .await;
    eventually("both can be found", async || (find(&auditor, "echo").await.len() == 2).then_some(())).await;
    for text in ["hydraulik2", "ÖL  aus", "läuft Hydraulik2"] {
        let found = find(&auditor, text).await;
        assert_eq!(
            found.iter().map(|row| row["session_id"].clone()).collect::<Vec<_>>(),
            [json!(admins)],
            "{text}"
        );
        assert_eq!(found[0]["lines"][0].as_str().map(|line| line.contains("aus")), Some(true), "{found:?}");
    }
    let found = find(&auditor, "10.20.0.7 failed").await;
    assert_eq!((found.len(), &found[0]["session_id"]), (1, &json!(bobs)));
    assert!(
        found[0]["lines"]
            .as_array()
            .is_some_and(|lines| lines.contains(&json!("bearing failed at 10.20.0.7"))),
        "{found:?}"
    );
    assert!(find(&auditor, "hydraul").await.is_empty(), "whole words only");
    assert!(find(&auditor, "hydraulik2 bearing").await.is_empty(), "all of them in one");

    // Of others' sessions a user learns nothing.
    assert_eq!(find(&bob, "echo").await.len(), 1);
    assert!(find(&bob, "Hydraulik2").await.is_empty());

    for bad in ["", "%2B%2B", &"x".repeat(201)] {
        let answer = auditor.request("GET", &format!("/api/v1/recordings?text={bad}"), None).await;
        assert_eq!(answer.status(), 400, "{bad:?}");
    }
    let events = world.admin.get("/api/v1/audit/events?kind=recording.searched").await;
    let told = events["items"]
        .as_array()
        .expect("rows")
        .iter()
        .find(|row| row["detail"]["text"] == "10.20.0.7 failed");
    assert_eq!(told.map(|row| row["detail"]["found"].clone()), Some(json!([bobs])), "{events}");

    // The recordings stay sealed; what finds them is hashes (`recording_words.words`).
    let grep = tokio::process::Command::new("grep")
        .args(["-rlaiE", "hydraulik2|bearing failed"])
        .arg(world.hub.data().join("recordings"))
        .output()
        .await
        .expect("grep runs");
    assert_eq!((grep.status.code(), &*String::from_utf8_lossy(&grep.stdout)), (Some(1), ""), "in the clear");
    world.stop().await;
}
