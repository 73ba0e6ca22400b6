//! A site's guacd: what people are told of it while it is there, away, and not wanted; and that it is reached over TLS.

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::browser::Browser;
use crate::sessions::{Plant, at, target, types, until_terminal};
use crate::system::desktop::nla::{self, NlaServer};
use crate::system::guacd::Guacd;
use crate::system::{Place, Satellite, World, eventually, folder, free_port, process};

/// What a satellite's program says, read as JSON if asked so.
async fn said(satellite: &Satellite, command: &str) -> (bool, String) {
    let mut program = satellite.command();
    program.args(command.split(' '));
    let (status, output) = process::run_with_input(program, "").await;
    (status.success(), output)
}

async fn status(satellite: &Satellite) -> Value {
    let (_, output) = said(satellite, "status --json").await;
    serde_json::from_str::<Value>(&output).map_or(Value::Null, |status| status["guacd"].clone())
}

/// What `doctor` says about guacd; nothing, if it does not look at it.
async fn doctor(satellite: &Satellite) -> Value {
    let (_, output) = said(satellite, "doctor --json").await;
    let verdicts: Vec<Value> =
        serde_json::from_str(&output).unwrap_or_else(|error| panic!("{error}: {output}"));
    verdicts.into_iter().find(|verdict| verdict["check"] == "guacd").unwrap_or_default()
}

async fn until_status(satellite: &Satellite, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    eventually(what, || async { Some(status(satellite).await).filter(|guacd| wanted(guacd)) }).await
}

/// The row of the world's satellite, once that of its guacd is as wanted.
async fn until_row(world: &World, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    eventually(what, || async {
        let rows = world.admin.get("/api/v1/admin/satellites").await;
        Some(rows["items"][0].clone()).filter(|row| wanted(&row["guacd"]))
    })
    .await
}

async fn metric(world: &World, name: &str) -> Option<String> {
    let told = reqwest::get(world.hub.metrics_url()).await.ok()?.text().await.ok()?;
    let start = format!("openpam_satellite_{name}{{zone=\"plant-7\",");
    let line = told.lines().find(|line| line.starts_with(&start))?;
    line.rsplit_once(' ').map(|(_, value)| value.to_owned())
}

#[tokio::test]
async fn a_guacd_that_goes_is_told_to_all_and_its_return_is_noticed() {
    let mut plant = Plant::start().await;
    // A target that connects, and is asked for nothing before guacd.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let target_id = plant.target("vnc", port, "any", "secret", Value::Null).await;
    let address = format!("127.0.0.1:{}", plant.guacd.port);

    let row = until_row(&plant.world, "guacd is known to the hub", |guacd| guacd["here"] == true).await;
    let (guacd, desktops) = (&row["guacd"], &row["has_desktops"]);
    assert_eq!((&guacd["address"], &guacd["tls"], desktops), (&json!(address), &json!(false), &json!(true)));
    assert_eq!(
        (&guacd["version"], &guacd["protocols"]),
        (&json!("1.3.0"), &json!(["rdp", "vnc"])),
        "{guacd}"
    );
    let (_, words) = said(&plant.world.satellite, "status").await;
    assert!(words.contains(&format!("{address}, version 1.3.0 or newer, RDP and VNC, for ")), "{words}");
    assert_eq!(doctor(&plant.world.satellite).await["level"], "ok");
    eventually("its gauge", || async {
        (metric(&plant.world, "guacd_up").await.as_deref() == Some("1")).then_some(())
    })
    .await;
    let before = status(&plant.world.satellite).await;

    plant.guacd.kill().await;
    let closed = Browser::connect(&plant.world.admin, "vnc", &target_id, "").await.err().expect("is refused");
    assert!(closed["message"].as_str().is_some_and(|message| message.contains(&address)), "{closed}");
    // Whoever wanted a desktop had it looked for: nobody waits for the next half minute.
    let away =
        until_status(&plant.world.satellite, "it is known to be away", |guacd| guacd["here"] == false).await;
    assert!(away["asked"] == true && away["since_ms"].as_i64() > before["since_ms"].as_i64(), "{away}");
    let (_, words) = said(&plant.world.satellite, "status").await;
    assert!(words.contains("AWAY for ") && words.contains("install guacd"), "{words}");
    let found = doctor(&plant.world.satellite).await;
    assert_eq!(found["level"], "warning", "{found}");
    assert!(found["found"].as_str().is_some_and(|found| found.contains("nothing listens there")), "{found}");
    let row = until_row(&plant.world, "the hub knows", |guacd| guacd["here"] == false).await;
    assert!(row["guacd"]["error"].as_str().is_some_and(|error| error.contains("refused")), "{row}");
    assert_eq!(metric(&plant.world, "guacd_up").await.as_deref(), Some("0"));
    assert_eq!(metric(&plant.world, "desktops").await.as_deref(), Some("1"));

    plant.guacd.run().await;
    let here =
        until_status(&plant.world.satellite, "it is known to be back", |guacd| guacd["here"] == true).await;
    assert!(here["error"].is_null() && here["since_ms"].as_i64() > away["since_ms"].as_i64(), "{here}");
    until_row(&plant.world, "the hub knows that, too", |guacd| guacd["here"] == true).await;
    let log = std::fs::read_to_string(plant.world.satellite.log()).expect("a log");
    assert_eq!(log.matches("guacd is away").count(), 1, "only changes are logged");
    // A look is no connection: nothing of it is left there.
    let looked = std::fs::read_to_string(plant.guacd.log()).expect("a log");
    assert!(looked.contains("does not exist"), "{looked}");
    plant.stop().await;
}

#[tokio::test]
async fn a_site_that_has_only_shells_misses_no_guacd() {
    let nobody = vec![("OPENPAM_GUACD", format!("127.0.0.1:{}", free_port()))];
    let mut world = World::start_in(Place { satellite_settings: nobody, ..Place::default() }).await;
    let guacd = until_status(&world.satellite, "it was looked for", |guacd| guacd["here"] == false).await;
    assert_eq!(guacd["asked"], false, "{guacd}");
    let (_, words) = said(&world.satellite, "status").await;
    assert!(words.contains("shells need none") && !words.contains("AWAY"), "{words}");
    assert_eq!(doctor(&world.satellite).await["level"], "ok");
    let row = until_row(&world, "the hub knows", |guacd| guacd["here"] == false).await;
    assert_eq!(row["has_desktops"], false, "{row}");

    // Where no desktop may be opened nobody looks.
    world.satellite.stop().await;
    world.satellite.settings.push(("OPENPAM_REACH_PROTOCOLS", "ssh".to_owned()));
    world.satellite.run();
    world.until_reachable().await;
    let row = until_row(&world, "the hub forgets", Value::is_null).await;
    assert_eq!(row["reach"]["protocols"], json!(["ssh"]), "{row}");
    assert_eq!((status(&world.satellite).await, doctor(&world.satellite).await), (Value::Null, Value::Null));
    world.stop().await;
}

#[tokio::test]
async fn a_guacd_with_a_certificate_draws_desktops_and_another_one_is_refused() {
    let folder = folder();
    let guacd = Guacd::start_tls(folder.path()).await;
    let settings = |ca: &std::path::Path| {
        let tls = [("OPENPAM_GUACD_TLS", "true".to_owned()), ("OPENPAM_GUACD_CA", process::text(ca))];
        [at(&guacd), tls.into()].concat()
    };
    let place = Place { satellite_settings: settings(&guacd.certificate()), ..Place::default() };
    let mut world = World::start_in(place).await;
    let desktop = NlaServer::start(folder.path()).await;
    let password = (nla::ACCOUNT, desktop.password.as_str());
    let target_id = target(&world, "rdp", desktop.port, password, Value::Null).await;
    let mut browser = Browser::open(&world.admin, "rdp", &target_id).await;
    until_terminal(&mut browser, desktop.screen()).await;
    types(&mut browser, &desktop.folder.join("over-tls")).await;
    browser.close().await;
    let found = until_status(&world.satellite, "it is known", |guacd| guacd["here"] == true).await;
    assert_eq!((&found["tls"], &found["protocols"]), (&json!(true), &json!(["rdp", "vnc"])));

    // Without TLS nothing comes about, and with it not where none is.
    let other = Guacd::start(folder.path()).await;
    let mut wrong = Satellite::new(world.satellite.state.clone());
    for (settings, says) in [
        (at(&guacd), "it may want TLS (guacd_tls)"),
        ([settings(&guacd.certificate()), at(&other)].concat(), "it does not speak TLS"),
    ] {
        wrong.settings = settings;
        let found = doctor(&wrong).await;
        assert!(found["found"].as_str().is_some_and(|found| found.contains(says)), "{says}: {found}");
    }

    let stranger = Guacd::start_tls(folder.path()).await;
    world.satellite.stop().await;
    world.satellite.settings = settings(&stranger.certificate());
    world.satellite.run();
    world.until_reachable().await;
    let closed = Browser::connect(&world.admin, "rdp", &target_id, "").await.err().expect("is refused");
    let message = closed["message"].as_str().unwrap_or_default();
    assert!(message.contains("its certificate is not of an authority in guacd_ca"), "{closed}");
    world.stop().await;
}
