//! A site whose disk fills up while a shell prints, on a small disk in memory.

use std::fs::File;
use std::time::Instant;

use serde_json::{Value, json};

use crate::ask;
use crate::small_disk::{SmallDisk, move_to};
use crate::system::shell::Shell;
use crate::system::{World, eventually};

#[tokio::test]
async fn a_full_disk_refuses_new_sessions_keeps_what_was_recorded_and_heals_when_there_is_room() {
    let mut world = World::start().await;
    let disk = SmallDisk::mount(world.folder.path().join("small"));
    move_to(&mut world, disk.folder()).await;
    ask::a_shell_works(&world).await;
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo recorded be''fore", "recorded before").await;
    let session = shell.progress.session_id.clone().expect("an id");
    let path = format!("/api/v1/recordings/{session}/text");
    let recorded = async |words: &str| {
        eventually(&format!("the recording holds {words:?}"), || async {
            let text = world.admin.request("GET", &path, None).await.text().await.ok()?;
            text.contains(words).then_some(text)
        })
        .await
    };
    recorded("recorded before").await;
    // It prints until the file is gone, so that nothing depends on a signal.
    let go = world.target.home().join("go");
    File::create(&go).expect("a file");
    shell.type_bytes(b"while [ -e go ]; do echo $((n++)) is printed; sleep 0.02; done\n").await;
    shell.until(0, "20 is printed").await;

    disk.fill();
    let filled = Instant::now();
    // One or two may still open: their events go into the reserve.
    let printing = async { while shell.closed.is_none() && shell.receive().await {} };
    let refused = async {
        eventually("new sessions are refused", || async {
            match ask::open(&world, &world.target_id).await {
                Ok(opened) => {
                    opened.drop_line();
                    None
                }
                Err(closed) => Some(closed).filter(|closed| closed["code"] == "disk_full"),
            }
        })
        .await
    };
    let closed: Value = {
        tokio::pin!(refused);
        tokio::select! {
            closed = &mut refused => closed,
            () = printing => refused.await,
        }
    };
    eprintln!(
        "refused {:?} after the disk was full; the running shell: {:?}",
        filled.elapsed(),
        shell.closed
    );
    assert_eq!(closed["hop"], json!("site"), "{closed}");
    assert!(closed["message"].as_str().expect("text").contains("disk"), "{closed}");
    let status = ask::status(&world.satellite).await;
    assert_eq!(status["disk_full"], json!(true), "{status}");
    recorded("recorded before").await;

    disk.make_room();
    let room = Instant::now();
    eventually("it sees the room", || async {
        (ask::status(&world.satellite).await["disk_full"] == json!(false)).then_some(())
    })
    .await;
    let mut again = Shell::open(&world.admin, &world.target_id).await;
    eprintln!("a shell opened {:?} after there was room", room.elapsed());
    again.command("echo recorded af''ter", "recorded after").await;
    let second = again.progress.session_id.clone().expect("an id");
    again.close().await;

    // The running one may have ended; if not, it goes on until it is closed.
    let closed = match shell.closed.take() {
        Some(closed) => closed,
        None => {
            // Nobody read it for half a minute: the hub may have let its browser go.
            let progress = shell.drop_line();
            let mut shell =
                Shell::resume(&world.admin, &world.target_id, progress).await.expect("the session waits");
            let from = shell.progress.output.len();
            shell.until(from, "is printed").await;
            std::fs::remove_file(&go).expect("removes");
            shell.command("echo st''ill here", "still here").await;
            shell.close().await
        }
    };
    eprintln!("the shell that ran meanwhile: {closed}");
    let row = ask::until_closed_in_books(&world, &session).await;
    assert_eq!(row["end_code"], closed["code"], "{row}");
    recorded("recorded before").await;
    ask::until_closed_in_books(&world, &second).await;
    let path = format!("/api/v1/recordings/{second}/text");
    eventually("what came after is recorded", || async {
        let text = world.admin.request("GET", &path, None).await.text().await.ok()?;
        text.contains("recorded after").then_some(())
    })
    .await;
    let folder = world.stop().await;
    // Else the disk would keep its folder.
    drop(disk);
    folder.close().expect("removed");
}
