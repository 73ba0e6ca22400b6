//! Desktops of users: opened, used, taken up again whatever was lost, watched, recorded, ended.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::system::api::Api;
use crate::system::desktop::nla::{self, NlaServer};
use crate::system::desktop::screen::{Screen, TERMINAL};
use crate::system::desktop::vnc::VncServer;
use crate::system::desktop::xrdp::Xrdp;
use crate::system::guacd::Guacd;
use crate::system::{PASSWORD, Place, World, eventually, folder, free_port, id};

/// An installation whose site has a guacd.
pub(crate) struct Plant {
    pub(crate) world: World,
    pub(crate) guacd: Guacd,
    pub(crate) folder: tempfile::TempDir,
}

impl Plant {
    pub(crate) async fn start() -> Self {
        let folder = folder();
        let guacd = Guacd::start(folder.path()).await;
        let drives = folder.path().join("drives");
        std::fs::create_dir(&drives).expect("a folder");
        let mut settings = at(&guacd);
        settings.push(("OPENPAM_GUACD_DRIVE", drives.display().to_string()));
        let world = World::start_in(Place { satellite_settings: settings, ..Place::default() }).await;
        Self { world, guacd, folder }
    }

    /// A target for a desktop that the admin may open.
    pub(crate) async fn target(
        &self,
        protocol: &str,
        port: u16,
        account: &str,
        password: &str,
        desktop: Value,
    ) -> String {
        target(&self.world, protocol, port, (account, password), desktop).await
    }

    pub(crate) async fn stop(self) {
        self.world.stop().await;
    }
}

/// The setting that tells a satellite where its guacd is.
pub(crate) fn at(guacd: &Guacd) -> Vec<(&'static str, String)> {
    vec![("OPENPAM_GUACD", format!("{}:{}", guacd.address, guacd.port))]
}

pub(crate) async fn target(
    world: &World,
    protocol: &str,
    port: u16,
    (account, password): (&str, &str),
    desktop: Value,
) -> String {
    let row = json!({
        "zone_id": world.zone_id, "name": format!("{protocol}-{port}-{}", password.len()), "hostname": "127.0.0.1",
        "protocol": protocol, "port": port, "desktop": desktop,
    });
    let target_id = id(&world.admin.create("targets", row).await);
    let credential = json!({"target_id": target_id, "username": account, "password": password});
    world.admin.create("credentials", credential).await;
    let me = world.admin.get("/api/v1/auth/me").await;
    world.admin.create("grants", json!({"user_id": me["id"], "target_id": target_id})).await;
    target_id
}

/// Reads until the desktop's terminal is there, and clicks into it.
pub(crate) async fn until_terminal(browser: &mut Browser, screen: &Screen) {
    browser.until_drawn().await;
    let seen = eventually("a terminal on the screen", || async {
        let (found, _) = screen.run("xdotool", &["search", "--onlyvisible", "--class", "xterm"], "").await;
        found.then_some(())
    });
    browser.read_during(seen).await;
    browser.click(300, 200).await;
    let focused = eventually("the terminal has the keys", || async {
        let (_, name) = screen.run("xdotool", &["getwindowfocus", "getwindowname"], "").await;
        (name.trim() == TERMINAL).then_some(())
    });
    browser.read_during(focused).await;
}

/// Proves that keys arrive: what is typed makes a file.
pub(crate) async fn types(browser: &mut Browser, file: &Path) {
    browser.type_line(&format!("touch '{}'", file.display())).await;
    browser.read_during(eventually("the file", || async { file.exists().then_some(()) })).await;
}

pub(crate) fn file(desktop: &Xrdp, name: &str) -> PathBuf {
    desktop.folder.join("home").join(name)
}

pub(crate) async fn person(world: &World, name: &str, role: &str) -> (Api, String) {
    let row =
        world.admin.create("users", json!({"username": name, "password": PASSWORD, "role": role})).await;
    (Api::sign_in(&world.hub.url(), name, PASSWORD).await, id(&row))
}

#[tokio::test]
async fn a_desktop_is_used_and_taken_up_again_after_a_reload_and_a_killed_hub() {
    let mut plant = Plant::start().await;
    let desktop = Xrdp::start(plant.folder.path()).await;
    let target_id = plant.target("rdp", desktop.port, &desktop.account, &desktop.password, Value::Null).await;
    let mut browser = Browser::open(&plant.world.admin, "rdp", &target_id).await;
    let steps: Vec<_> = browser
        .said
        .iter()
        .filter(|(kind, _)| kind == "step")
        .map(|(_, step)| step["name"].clone())
        .collect();
    assert_eq!(steps, ["policy", "credential", "site", "target"]);
    let opened = browser.word("opened").expect("it stands");
    assert_eq!((&opened["mode"], &opened["session_id"]), (&json!("own"), &json!(browser.session_id)));
    until_terminal(&mut browser, desktop.screen()).await;
    types(&mut browser, &file(&desktop, "first")).await;

    let session = browser.drop_line();
    let mut browser =
        Browser::attach(&plant.world.admin, "rdp", &target_id, &session).await.expect("it is there");
    browser.until_drawn().await;
    types(&mut browser, &file(&desktop, "after-a-reload")).await;

    // Another window takes over; who only watches sees it, and changes nothing.
    let mut second =
        Browser::attach(&plant.world.admin, "rdp", &target_id, &session).await.expect("it is there");
    let closed = browser.until_closed().await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("taken_over"), &json!(false)));
    let (audra, _) = person(&plant.world, "audra", "auditor").await;
    let mut watcher = Browser::attach(&audra, "rdp", &target_id, &session).await.expect("may watch");
    assert_eq!(watcher.word("opened").expect("it stands")["mode"], "watch");
    watcher.until_drawn().await;
    assert_eq!(second.until_notice("watched").await["by"], "audra");
    watcher.type_line(&format!("touch '{}'", file(&desktop, "watcher").display())).await;
    watcher.until_notice("watch_only").await;
    types(&mut second, &file(&desktop, "owner")).await;
    assert!(!file(&desktop, "watcher").exists());
    drop(watcher);
    second.until_notice("unwatched").await;

    plant.world.hub.kill().await;
    plant.world.hub.run().await;
    plant.world.until_reachable().await;
    let mut browser =
        Browser::attach(&plant.world.admin, "rdp", &target_id, &session).await.expect("it is there");
    browser.until_drawn().await;
    types(&mut browser, &file(&desktop, "after-the-hub")).await;

    let closed = browser.close().await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("closed_by_user"), &json!(true)));
    let row = eventually("its recording", || async {
        let rows = plant.world.admin.get("/api/v1/recordings").await;
        rows["items"]
            .as_array()?
            .iter()
            .find(|row| row["session_id"] == session.as_str() && row["complete"] == true)
            .cloned()
    })
    .await;
    assert!(row["size_bytes"].as_u64().is_some_and(|bytes| bytes > 1000), "{row}");
    plant.stop().await;
}

#[tokio::test]
async fn what_policy_forbids_gets_around_it_by_no_instruction() {
    let plant = Plant::start().await;
    let desktop = Xrdp::start(plant.folder.path()).await;
    let target_id = plant.target("rdp", desktop.port, &desktop.account, &desktop.password, Value::Null).await;
    let (mara, mara_id) = person(&plant.world, "mara", "user").await;
    let terms = json!({"user_id": mara_id, "target_id": target_id, "clipboard_copy": false, "clipboard_paste": false,
        "file_download": false, "file_upload": false});
    plant.world.admin.create("grants", terms).await;
    let mut browser = Browser::open(&mara, "rdp", &target_id).await;
    let nothing = json!({"copy": false, "paste": false, "download": false, "upload": false});
    assert_eq!(browser.word("opened").expect("it stands")["transfer"], nothing);
    until_terminal(&mut browser, desktop.screen()).await;

    for (instructions, what) in [
        ("9.clipboard,1.0,10.text/plain;4.blob,1.0,8.c2VjcmV0;3.end,1.0;", "paste"),
        ("4.file,1.1,10.text/plain,5.a.txt;4.blob,1.1,8.c2VjcmV0;3.end,1.1;", "upload"),
        ("3.put,1.0,1.2,10.text/plain,6./a.txt;4.blob,1.2,8.c2VjcmV0;3.end,1.2;", "upload"),
        ("3.get,1.0,1./;", "download"),
    ] {
        let before = browser.said.len();
        browser.send_text(instructions.to_owned()).await;
        let blocked = move |browser: &Browser| {
            browser.said[before..]
                .iter()
                .any(|(kind, json)| kind == "notice" && json["code"] == "blocked" && json["what"] == what)
        };
        browser.until(what, blocked).await;
        // The same is not said again at once.
        tokio::time::sleep(Duration::from_millis(2100)).await;
    }
    // What speaks for guacd, for the hub, or for nobody, changes nothing.
    let made_up = "10.disconnect;6.select,3.ssh;4.argv,1.3,10.text/plain,8.password;0.,6.closed,2.{};4.pipe,1.4,10.text/plain,1.x;";
    browser.send_text(made_up.to_owned()).await;
    types(&mut browser, &file(&desktop, "still-there")).await;
    let (_, pasted) = desktop.screen().run("xclip", &["-o", "-selection", "clipboard"], "").await;
    assert!(!pasted.contains("secret"), "{pasted}");
    // A desktop's clipboard stays there.
    browser.read_during(copies(&desktop)).await;
    assert_eq!(browser.counts.get("clipboard"), None);
    // What is no instruction ends that WebSocket, and not the session.
    browser.send_text("3.key,2.97,9.1;".to_owned()).await;
    let closed = browser.until_closed().await;
    assert_eq!((&closed["code"], &closed["ended"]), (&json!("bad_offset"), &json!(false)), "{closed}");
    plant.stop().await;
}

#[tokio::test]
async fn a_browser_that_never_says_what_it_has_drawn_holds_up_nobody_else() {
    let plant = Plant::start().await;
    let desktop = Xrdp::start(plant.folder.path()).await;
    let target_id = plant.target("rdp", desktop.port, &desktop.account, &desktop.password, Value::Null).await;
    let mut browser = Browser::open(&plant.world.admin, "rdp", &target_id).await;
    until_terminal(&mut browser, desktop.screen()).await;
    let (audra, _) = person(&plant.world, "audra", "auditor").await;
    let mut watcher =
        Browser::attach(&audra, "rdp", &target_id, &browser.session_id).await.expect("may watch");
    watcher.until_drawn().await;
    browser.answers = false;
    browser.type_line("while [ ! -e stop ]; do date; sleep 0.1; done").await;
    let drawn = watcher.drawn;
    let mute = browser.read_during(tokio::time::sleep(Duration::from_secs(8)));
    tokio::join!(mute, watcher.read_during(tokio::time::sleep(Duration::from_secs(8))));
    assert!(watcher.drawn > drawn + 5, "{} and {drawn}", watcher.drawn);
    // It is heard all the same, and goes on when it says so again.
    std::fs::write(file(&desktop, "stop"), "").expect("a file");
    browser.answers = true;
    types(&mut browser, &file(&desktop, "typed")).await;
    plant.stop().await;
}

/// Somebody copies something on the desktop.
async fn copies(desktop: &Xrdp) {
    let copy = ["5", "xclip", "-selection", "clipboard", "-loops", "0", "-quiet"];
    desktop.screen().run("timeout", &copy, "out of here").await;
}

#[tokio::test]
async fn who_may_only_paste_is_told_that_a_copy_stays_on_the_desktop() {
    let plant = Plant::start().await;
    let desktop = Xrdp::start(plant.folder.path()).await;
    let target_id = plant.target("rdp", desktop.port, &desktop.account, &desktop.password, Value::Null).await;
    let (mara, mara_id) = person(&plant.world, "mara", "user").await;
    let terms = json!({"user_id": mara_id, "target_id": target_id, "clipboard_copy": false});
    plant.world.admin.create("grants", terms).await;
    let mut browser = Browser::open(&mara, "rdp", &target_id).await;
    until_terminal(&mut browser, desktop.screen()).await;
    browser.read_during(copies(&desktop)).await;
    assert_eq!(browser.until_notice("blocked").await["what"], "copy");
    assert_eq!(browser.counts.get("clipboard"), None);
    plant.stop().await;
}

#[tokio::test]
async fn every_reason_that_there_is_no_desktop_is_said_in_its_own_words() {
    let mut plant = Plant::start().await;
    let desktop = NlaServer::start(plant.folder.path()).await;
    let admin = plant.world.admin.clone();
    let refused = |target_id: String| {
        let admin = admin.clone();
        async move {
            let closed = Browser::connect(&admin, "rdp", &target_id, "").await.err().expect("is refused");
            assert_eq!(closed["ended"], true, "{closed}");
            (
                closed["code"].as_str().unwrap_or_default().to_owned(),
                closed["message"].as_str().unwrap_or_default().to_owned(),
            )
        }
    };
    let nobody = plant.target("rdp", free_port(), "x", "y", Value::Null).await;
    let (code, message) = refused(nobody).await;
    assert!(code == "target_unreachable" && message.contains("nothing listens there"), "{code}: {message}");

    let wrong = plant.target("rdp", desktop.port, nla::ACCOUNT, "wrong", Value::Null).await;
    let (code, message) = refused(wrong).await;
    assert!(code == "credential_rejected" && message.contains(nla::ACCOUNT), "{code}: {message}");

    let settings = json!({"security": "tls"});
    let tls = plant.target("rdp", desktop.port, nla::ACCOUNT, &desktop.password, settings).await;
    let (code, message) = refused(tls).await;
    assert!(
        code == "target_unreachable" && message.contains("Network Level Authentication"),
        "{code}: {message}"
    );

    // A shell's target is no desktop.
    let (code, message) = refused(plant.world.target_id.clone()).await;
    assert!(code == "internal" && message.contains("ssh"), "{code}: {message}");

    let right = plant.target("rdp", desktop.port, nla::ACCOUNT, "right-and-no-guacd", Value::Null).await;
    plant.guacd.kill().await;
    let (code, message) = refused(right).await;
    assert!(code == "internal" && message.contains("guacd"), "{code}: {message}");
    plant.stop().await;
}

#[tokio::test]
async fn a_vnc_server_is_opened_and_ends_with_its_guacd() {
    let mut plant = Plant::start().await;
    let desktop = VncServer::start(plant.folder.path()).await;
    let target_id = plant.target("vnc", desktop.port, "any", &desktop.password, Value::Null).await;
    let mut browser = Browser::open(&plant.world.admin, "vnc", &target_id).await;
    until_terminal(&mut browser, desktop.screen()).await;
    types(&mut browser, &desktop.folder.join("typed")).await;
    plant.guacd.kill().await;
    let closed = browser.until_closed().await;
    assert!(
        closed["ended"] == true
            && closed["message"].as_str().is_some_and(|message| message.contains("guacd")),
        "{closed}"
    );
    plant.guacd.run().await;
    let mut browser = Browser::open(&plant.world.admin, "vnc", &target_id).await;
    browser.until_drawn().await;
    browser.close().await;
    plant.stop().await;
}

#[tokio::test]
async fn a_target_that_shows_another_certificate_is_refused_until_an_admin_accepts_it() {
    let plant = Plant::start().await;
    let mut desktop = Xrdp::start(plant.folder.path()).await;
    let target_id = plant.target("rdp", desktop.port, &desktop.account, &desktop.password, Value::Null).await;
    Browser::open(&plant.world.admin, "rdp", &target_id).await.close().await;
    let row = plant.world.admin.get(&format!("/api/v1/admin/targets/{target_id}")).await;
    assert_eq!(row["host_keys"][0]["algorithm"], "x509", "{row}");
    Browser::open(&plant.world.admin, "rdp", &target_id).await.close().await;
    desktop.kill().await;
    desktop.new_certificate().await;
    desktop.run().await;
    let closed = Browser::connect(&plant.world.admin, "rdp", &target_id, "").await.err().expect("is refused");
    assert_eq!((&closed["code"], &closed["hop"]), (&json!("host_key_changed"), &json!("target")), "{closed}");
    let row = plant.world.admin.get(&format!("/api/v1/admin/targets/{target_id}")).await;
    assert!(row["offered_host_key"]["fingerprint"].is_string(), "{row}");
    plant.stop().await;
}
