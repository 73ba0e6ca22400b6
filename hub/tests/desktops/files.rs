//! Files to and from a desktop by its drive: each direction by policy, in the audit, and gone with the session.

use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use openpam_link::identity::sha256;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::sessions::{Plant, file, person, types, until_terminal};
use crate::system::desktop::xrdp::{DRIVES, Xrdp};
use crate::system::{World, eventually};

/// As guacd takes it in one instruction.
const BLOB_BYTES: usize = 6048;
const FOLDER: &str = "application/vnd.glyptodon.guacamole.stream-index+json";

/// Sends a file, each part after the one before was taken.
async fn upload(browser: &mut Browser, opening: &[&str], stream: &str, bytes: &[u8]) {
    browser.send(opening).await;
    assert_eq!(acknowledged(browser, stream).await, "0");
    for part in bytes.chunks(BLOB_BYTES) {
        browser.send(&["blob", stream, &BASE64.encode(part)]).await;
        assert_eq!(acknowledged(browser, stream).await, "0");
    }
    browser.send(&["end", stream]).await;
}

/// Reads until something we send was taken, or refused: the status.
async fn acknowledged(browser: &mut Browser, stream: &str) -> String {
    let is = |said: &Vec<String>| said[0] == "ack" && said[1] == stream;
    browser.until("an acknowledgement", |browser| browser.files.iter().any(is)).await;
    let at = browser.files.iter().position(is).expect("was found");
    browser.files.remove(at)[3].clone()
}

/// Asks for a file or a folder: its media type and all of it.
async fn fetch(browser: &mut Browser, name: &str) -> (String, Vec<u8>) {
    browser.send(&["get", "0", name]).await;
    let is = |said: &Vec<String>| said[0] == "body" && said[4] == name;
    browser.until(name, |browser| browser.files.iter().any(is)).await;
    let at = browser.files.iter().position(is).expect("was found");
    let body = browser.files.remove(at);
    (body[3].clone(), take(browser, &body[2]).await)
}

/// Takes a stream to its end.
async fn take(browser: &mut Browser, stream: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        browser.send(&["ack", stream, "", "0"]).await;
        let is = |said: &Vec<String>| (said[0] == "blob" || said[0] == "end") && said[1] == stream;
        browser.until("more of a file", |browser| browser.files.iter().any(is)).await;
        let at = browser.files.iter().position(is).expect("was found");
        match browser.files.remove(at).as_slice() {
            [_, _, part] => bytes.extend(BASE64.decode(part.as_bytes()).expect("Base64")),
            _ => return bytes,
        }
    }
}

/// What the audit has of files of a session, oldest first, once it is so many.
async fn booked(world: &World, session: &str, count: usize) -> Vec<Value> {
    eventually("the events", || async {
        let page = world.admin.get(&format!("/api/v1/audit/events?session_id={session}&limit=100")).await;
        let mut found: Vec<_> = page["items"].as_array()?.clone();
        found.retain(|event| event["kind"].as_str().is_some_and(|kind| kind.ends_with("loaded")));
        found.reverse();
        (found.len() >= count).then_some(found)
    })
    .await
}

fn drives(plant: &Plant) -> PathBuf {
    plant.folder.path().join("drives")
}

fn is_whole(event: &Value, kind: &str, name: &str, bytes: &[u8]) -> bool {
    let told = &event["detail"];
    (event["kind"].as_str(), told["name"].as_str(), told["whole"].as_bool())
        == (Some(kind), Some(name), Some(true))
        && told["bytes"] == bytes.len()
        && told["sha256"] == HEXLOWER.encode(&sha256(bytes))
}

#[tokio::test]
async fn files_go_both_ways_by_the_drive_stand_in_the_audit_and_are_gone_with_the_session() {
    let plant = Plant::start().await;
    let desktop = Xrdp::start(plant.folder.path()).await;
    let settings = json!({"printer": true});
    let target_id = plant.target("rdp", desktop.port, &desktop.account, &desktop.password, settings).await;
    let (nora, nora_id) = person(&plant.world, "nora", "user").await;
    let terms =
        json!({"user_id": nora_id, "target_id": target_id, "file_download": true, "file_upload": true});
    plant.world.admin.create("grants", terms).await;
    let mut browser = Browser::open(&nora, "rdp", &target_id).await;
    let session = browser.session_id.clone();
    let all = json!({"copy": true, "paste": true, "download": true, "upload": true});
    assert_eq!(browser.word("opened").expect("it stands")["transfer"], all);
    browser.until("a drive", |browser| browser.files.iter().any(|said| said[0] == "filesystem")).await;
    until_terminal(&mut browser, desktop.screen()).await;

    let recipe: Vec<u8> =
        (0..100_000_u32).flat_map(|number| number.wrapping_mul(number).to_le_bytes()).collect();
    upload(&mut browser, &["put", "0", "5", "text/plain", "/recipe"], "5", &recipe).await;
    let there = drives(&plant).join(&session).join("recipe");
    eventually("the file on the drive", || async { fs::read(&there).ok().filter(|read| *read == recipe) })
        .await;
    let (kind, list) = fetch(&mut browser, "/").await;
    let list: Value = serde_json::from_slice(&list).expect("JSON");
    assert!(kind == FOLDER && list.get("/recipe").is_some(), "{kind}: {list}");
    let (_, fetched) = fetch(&mut browser, "/recipe").await;
    assert!(fetched == recipe, "{} bytes came", fetched.len());

    // The desktop's own view of it, where the machine has FUSE.
    let mut expected = 2;
    if fs::File::options().read(true).write(true).open("/dev/fuse").is_ok() {
        let mounted = file(&desktop, "mounted");
        let look = format!(
            "until cp ~/{DRIVES}/*/recipe '{0}.part' && mv '{0}.part' '{0}'; do sleep 0.2; done",
            mounted.display()
        );
        browser.type_line(&look).await;
        browser
            .read_during(eventually("the desktop sees it", || async { mounted.exists().then_some(()) }))
            .await;
        assert!(fs::read(&mounted).expect("a file") == recipe);
        // What it puts into the folder `Download` comes by itself.
        let give = format!(
            "d=$(echo ~/{DRIVES}/*); mkdir -p $d/Download; cp '{}' $d/Download/out",
            mounted.display()
        );
        browser.type_line(&give).await;
        browser.until("the file", |browser| browser.files.iter().any(|said| said[0] == "file")).await;
        let offered = browser.files.iter().find(|said| said[0] == "file").expect("was found").clone();
        assert_eq!(offered[3], "out");
        // Nobody has begun to take it: another page gets it.
        let id = browser.drop_line();
        browser = Browser::attach(&nora, "rdp", &target_id, &id).await.expect("it is there");
        browser.until("the file again", |browser| browser.files.contains(&offered)).await;
        assert!(take(&mut browser, &offered[1]).await == recipe);
        expected = 3;
        eprintln!("files went by the desktop's own view of the drive (FUSE) too");
    }
    let events = booked(&plant.world, &session, expected).await;
    assert!(is_whole(&events[0], "session.uploaded", "/recipe", &recipe), "{}", events[0]);
    assert!(is_whole(&events[1], "session.downloaded", "/recipe", &recipe), "{}", events[1]);
    if let Some(given) = events.get(2) {
        assert!(is_whole(given, "session.downloaded", "out", &recipe), "{given}");
    }

    // One that is given up is booked as far as it went.
    browser.send(&["put", "0", "6", "text/plain", "/half"]).await;
    assert_eq!(acknowledged(&mut browser, "6").await, "0");
    browser.send(&["blob", "6", "YWJj"]).await;
    assert_eq!(acknowledged(&mut browser, "6").await, "0");
    let session = browser.drop_line();
    let browser = Browser::attach(&nora, "rdp", &target_id, &session).await.expect("it is there");
    let events = booked(&plant.world, &session, expected + 1).await;
    let told = &events[expected]["detail"];
    assert_eq!((&told["name"], &told["bytes"], &told["whole"]), (&json!("/half"), &json!(3), &json!(false)));
    assert_eq!(told["sha256"], HEXLOWER.encode(&sha256(b"abc")));

    browser.close().await;
    let gone = || async { fs::read_dir(drives(&plant)).ok()?.next().is_none().then_some(()) };
    eventually("the drive is gone", gone).await;
    plant.stop().await;
}

#[tokio::test]
async fn each_direction_is_forbidden_by_itself_whatever_instructions_are_made_up() {
    let plant = Plant::start().await;
    let desktop = Xrdp::start(plant.folder.path()).await;
    let target_id = plant.target("rdp", desktop.port, &desktop.account, &desktop.password, Value::Null).await;
    for (name, download, upload_) in [("dora", true, false), ("ulla", false, true)] {
        let (api, user_id) = person(&plant.world, name, "user").await;
        let terms = json!({"user_id": user_id, "target_id": target_id, "file_download": download, "file_upload": upload_});
        plant.world.admin.create("grants", terms).await;
        let mut browser = Browser::open(&api, "rdp", &target_id).await;
        browser.until("a drive", |browser| browser.files.iter().any(|said| said[0] == "filesystem")).await;
        until_terminal(&mut browser, desktop.screen()).await;
        let drive = drives(&plant).join(&browser.session_id);
        fs::write(drive.join("secret"), "of the plant").expect("a file on the drive");
        if download {
            let (_, read) = fetch(&mut browser, "/secret").await;
            assert_eq!(read, b"of the plant");
            // A stream that carries a clipboard carries no file; a number of somebody else's stream is none of ours.
            for opening in [
                "3.put,1.0,1.7,10.text/plain,5./evil;4.blob,1.7,4.YWJj;3.end,1.7;",
                "4.file,1.7,10.text/plain,4.evil;4.blob,1.7,4.YWJj;3.end,1.7;",
                "9.clipboard,1.7,10.text/plain;3.put,1.0,1.7,10.text/plain,5./evil;4.blob,1.7,4.YWJj;3.end,1.7;",
                "3.put,1.0,4.1024,10.text/plain,5./evil;4.blob,4.1024,4.YWJj;3.end,4.1024;",
            ] {
                browser.send_text(opening.to_owned()).await;
            }
            assert_eq!(browser.until_notice("blocked").await["what"], "upload");
        } else {
            // A list may be seen, since files are put into folders; no file in it may.
            fetch(&mut browser, "/").await;
            // guacd says nothing to that, and nothing comes.
            for asked in ["/secret", "//secret", "/./secret", "secret", "/../secret"] {
                browser.send(&["get", "0", asked]).await;
            }
            upload(&mut browser, &["file", "7", "text/plain", "fine"], "7", b"abc").await;
        }
        types(&mut browser, &file(&desktop, name)).await;
        let names = |path: &Path| -> Vec<String> {
            let entries = fs::read_dir(path).expect("a drive").flatten();
            entries
                .filter(|entry| entry.path().is_file())
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect()
        };
        assert!(!names(&drive).contains(&"evil".to_owned()), "{:?}", names(&drive));
        assert_eq!(names(&drive).contains(&"fine".to_owned()), upload_);
        let leaked =
            browser.files.iter().any(|said| said[0] == "blob" && said[2].contains(&BASE64.encode(b"of the")));
        assert!(!leaked, "{:?}", browser.files);
        if !download {
            assert!(
                !browser.files.iter().any(|said| said[0] == "body" && said[3] != FOLDER),
                "{:?}",
                browser.files
            );
        }
        let session = browser.session_id.clone();
        browser.close().await;
        let events = booked(&plant.world, &session, 1).await;
        let kind = if download { "session.downloaded" } else { "session.uploaded" };
        assert_eq!(events.iter().map(|event| &event["kind"]).collect::<Vec<_>>(), [kind]);
    }
    plant.stop().await;
}
