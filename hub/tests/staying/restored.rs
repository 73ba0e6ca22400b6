//! The hub's machine is lost and its backup restored on an empty one: everything is there, the sites come back, and what they
//! know better is told again.

use serde_json::{Value, json};

use crate::system::api::Api;
use crate::system::backup::{Backup, lose};
use crate::system::shell::Shell;
use crate::system::{ADMIN, Hub, PASSWORD, World, eventually, folder, id};

/// Prints until there is a file `stop`.
const LOAD: &str = "n=0; until [ -e stop ]; do echo line $n; n=$((n+1)); sleep 0.01; done; echo st''opped";

async fn recording(api: &Api, session: &str) -> String {
    eventually("the recording is complete", || async {
        let list = api.try_get("/api/v1/recordings?limit=100").await?;
        let row = list["items"].as_array()?.iter().find(|row| row["session_id"] == session)?.clone();
        (row["complete"] == json!(true)).then_some(())
    })
    .await;
    api.text(&format!("/api/v1/recordings/{session}/text")).await
}

async fn session(api: &Api, id: &str) -> Option<Value> {
    api.try_get(&format!("/api/v1/sessions/{id}")).await
}

async fn finished(world: &World, line: &str, found: &str) -> String {
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command(line, found).await;
    let id = shell.progress.session_id.clone().expect("an id");
    shell.close().await;
    id
}

#[tokio::test]
async fn a_backup_under_load_is_restored_on_an_empty_machine_and_the_sites_come_back() {
    let mut world = World::start().await;
    let before = finished(&world, "echo of $((100+1))", "of 101").await;
    let text = recording(&world.admin, &before).await;
    let mut living = Shell::open(&world.admin, &world.target_id).await;
    living.command(LOAD, "line 1\r\n").await;
    let living_id = living.progress.session_id.clone().expect("an id");
    let arriving = eventually("its recording comes up", || async {
        let list = world.admin.try_get("/api/v1/recordings?limit=100").await?;
        list["items"].as_array()?.iter().any(|row| row["session_id"] == *living_id).then_some(())
    });
    living.read_during(arriving).await;

    let backup = Backup::below(world.folder.path(), "one");
    let (taken, said) = living.read_during(backup.run(&world.hub, "backup")).await;
    assert!(taken, "{said}");
    eprintln!("{said}");

    // What the backup does not know: a session that ends, one that lives on, and a group.
    let after = finished(&world, "echo of $((200+2))", "of 202").await;
    recording(&world.admin, &after).await;
    let mut later = Shell::open(&world.admin, &world.target_id).await;
    later.command("echo of $((300+3))", "of 303").await;
    let later_id = later.progress.session_id.clone().expect("an id");
    world.admin.create("groups", json!({"name": "lost"})).await;

    lose(&mut world.hub).await;
    let (restored, said) = backup.run(&world.hub, "restore").await;
    assert!(restored, "{said}");
    assert!(said.contains("epoch 2") && said.contains("everything fits\n"), "{said}");
    eprintln!("{said}");
    world.hub.run().await;

    // Sign-ins of the time of the backup do not hold any more.
    let answer = world.admin.request("GET", "/api/v1/auth/me", None).await;
    assert_eq!(answer.status().as_u16(), 401);
    world.admin = Api::sign_in(&world.hub.url(), ADMIN, PASSWORD).await;
    let admin = &world.admin;
    let groups = admin.get("/api/v1/admin/groups").await;
    assert_eq!(groups["items"], json!([]), "it was made after the backup");
    assert_eq!(recording(admin, &before).await, text);
    world.until_reachable().await;

    // The one that lived at the backup goes on without a hole, and so does the one that the backup does not know.
    let mut living = Shell::resume_when_possible(admin, &world.target_id, &living.progress).await;
    std::fs::write(world.target.home().join("stop"), "").expect("writes");
    let from = living.progress.output.len().saturating_sub(20);
    living.until(from, "stopped\r\n").await;
    let output = String::from_utf8_lossy(&living.progress.output).into_owned();
    let numbers: Vec<u32> =
        output.lines().filter_map(|line| line.strip_prefix("line ")?.trim().parse().ok()).collect();
    assert_eq!(
        numbers,
        (1..=numbers.len() as u32).collect::<Vec<_>>(),
        "every line behind the first, in order"
    );
    eprintln!("{} lines over the loss of the hub's machine", numbers.len());
    living.close().await;
    let mut later = eventually("the later session is booked again", || async {
        Shell::resume(admin, &world.target_id, later.progress.clone()).await.ok()
    })
    .await;
    later.command("echo and $((400+4))", "and 404").await;
    later.close().await;

    // The book of sessions has all of them again, as their satellite tells.
    for id in [&before, &after, &living_id, &later_id] {
        let row = eventually("it is closed in the book", || async {
            session(admin, id).await.filter(|row| row["end_time"].is_string())
        })
        .await;
        assert_eq!(
            (&row["end_code"], &row["target"]),
            (&json!("closed_by_user"), &json!("press-4")),
            "{row}"
        );
    }
    let text = recording(admin, &living_id).await;
    let (before_gap, after_gap) = text.split_once("[a part was lost").expect("a gap, and a word about it");
    assert!(before_gap.contains("line 1\n") && after_gap.contains("stopped"), "around the gap: {text}");

    let fresh = finished(&world, "echo of $((500+5))", "of 505").await;
    assert!(recording(&world.admin, &fresh).await.contains("of 505"));
    let (fits, said) = world.verify().await;
    assert!(fits, "{said}");
    assert!(said.contains("note: "), "what the restore lost is said: {said}");
    eprintln!("{said}");
    world.stop().await;
}

#[tokio::test]
async fn a_restore_of_what_is_not_whole_or_into_what_is_not_empty_changes_nothing() {
    let parent = folder();
    let mut hub = Hub::start(parent.path(), "hub").await;
    let (one, two) = (Backup::below(parent.path(), "one"), Backup::below(parent.path(), "two"));
    for backup in [&one, &two] {
        let (taken, said) = backup.run(&hub, "backup").await;
        assert!(taken, "{said}");
    }
    let refused = async |hub: &Hub, backup: &Backup, command: &str, because: &str| {
        let (done, said) = backup.run(hub, command).await;
        assert!(!done && said.contains(because), "{because}: {said}");
    };
    refused(&hub, &one, "backup", "is there already").await;
    hub.stop().await;
    refused(&hub, &one, "restore", "is not empty").await;

    lose(&mut hub).await;
    let swapped = Backup { books: one.secrets.clone(), secrets: one.books.clone() };
    refused(&hub, &swapped, "restore", "swapped").await;
    let mixed = Backup { books: one.books.clone(), secrets: two.secrets.clone() };
    refused(&hub, &mixed, "restore", "were not taken together").await;
    let whole = std::fs::read(&two.books).expect("reads");
    std::fs::write(&two.books, &whole[..whole.len() / 2]).expect("cuts");
    refused(&hub, &two, "restore", "damaged").await;
    std::fs::write(&two.books, b"no archive").expect("writes");
    refused(&hub, &two, "restore", "two-books.tar").await;
    assert!(!hub.data().exists() && !hub.secrets().exists(), "nothing was begun");

    // One that was cut off: the hub does not start on it, and the restore can be repeated.
    std::fs::create_dir_all(hub.data().join("recordings/half")).expect("a folder");
    std::fs::write(hub.data().join("restoring"), "").expect("writes");
    let (status, said) = hub.run_command(&["serve"]).await;
    assert!(!status.success() && said.contains("run openpam-hub restore again"), "{said}");
    let (restored, said) = one.run(&hub, "restore").await;
    assert!(restored, "{said}");
    hub.run().await;
    let admin = Api::sign_in(&hub.url(), ADMIN, PASSWORD).await;
    let zone = admin.create("zones", json!({"name": "after"})).await;
    assert!(!id(&zone).is_empty());
    hub.stop().await;
}
