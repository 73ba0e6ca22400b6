//! The site's own configuration has the last word on what sessions may reach, and how many there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::ask;
use crate::clocks::Settings;
use crate::system::World;
use crate::system::shell::Shell;

/// A target that counts who comes.
struct Door {
    id: String,
    port: u16,
    knocks: Arc<AtomicUsize>,
}

impl Door {
    async fn new(world: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let port = listener.local_addr().expect("bound").port();
        let knocks = Arc::<AtomicUsize>::default();
        let counted = knocks.clone();
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        let credential = json!({"username": "nobody", "password": "x"});
        let id = world.another_target("door", "127.0.0.1", port, Some(credential)).await;
        Self { id, port, knocks }
    }
}

/// Starts the satellite anew with other settings, and waits until the hub shows them.
async fn restart(world: &mut World, settings: Settings, reach: Value) {
    world.satellite.stop().await;
    world.satellite.settings = settings;
    world.satellite.run();
    let shown = |row: &Value| row["state"] == "online" && row["reach"] == reach;
    ask::until_row(world, &format!("the row shows {reach}"), shown).await;
}

#[tokio::test]
async fn what_a_site_forbids_is_never_dialled_and_what_it_allows_opens() {
    let mut world = World::start().await;
    assert_eq!(ask::row(&world, "plant-7").await["reach"], Value::Null, "no limit unless one is set");
    let door = Door::new(&world).await;
    let limits = |networks: &[&str], ports: &[&str], protocols: &[&str]| {
        let (shown, list) =
            (json!({"networks": networks, "ports": ports, "protocols": protocols}), |items: &[&str]| {
                items.join(",")
            });
        let settings = vec![
            ("OPENPAM_REACH_NETWORKS", list(networks)),
            ("OPENPAM_REACH_PORTS", list(ports)),
            ("OPENPAM_REACH_PROTOCOLS", list(protocols)),
        ];
        (settings, shown)
    };
    let (here, elsewhere) = (door.port.to_string(), (door.port - 1).to_string());
    for (forbids, (settings, shown)) in [
        ("port", limits(&["127.0.0.0/8"], &[&elsewhere], &["ssh"])),
        ("network", limits(&["10.7.0.0/16"], &[&here], &["ssh"])),
        ("ssh", limits(&["127.0.0.0/8"], &[&here], &["rdp"])),
    ] {
        restart(&mut world, settings, shown).await;
        let closed = ask::refused(&world, &door.id).await;
        assert_eq!((&closed["code"], &closed["hop"]), (&json!("site_forbids"), &json!("site")), "{closed}");
        assert_eq!(closed["ended"], json!(true), "{closed}");
        let message = closed["message"].as_str().expect("text");
        assert!(message.contains("site's own configuration") && message.contains(forbids), "{closed}");
    }
    assert_eq!(door.knocks.load(Ordering::Relaxed), 0, "nothing was dialled");
    let rows = world.admin.get(&format!("/api/v1/audit?target_id={}", door.id)).await;
    let rows = rows["items"].as_array().expect("items");
    assert_eq!(rows.len(), 3, "{rows:?}");
    for row in rows {
        assert_eq!(
            (&row["session_status"], &row["end_code"]),
            (&json!("failed"), &json!("site_forbids")),
            "{row}"
        );
    }

    let ssh = world.target.port.to_string();
    let (settings, shown) = limits(&["10.7.0.0/16", "127.0.0.1/32"], &["1-2", &ssh], &["ssh"]);
    restart(&mut world, settings, shown).await;
    ask::a_shell_works(&world).await;
    world.stop().await;
}

#[tokio::test]
async fn the_session_beyond_a_sites_limit_is_refused_and_the_others_go_on() {
    let mut world = World::start().await;
    restart(&mut world, vec![("OPENPAM_MAX_SESSIONS", "2".to_owned())], Value::Null).await;
    let mut first = Shell::open(&world.admin, &world.target_id).await;
    let mut second = Shell::open(&world.admin, &world.target_id).await;
    let closed = ask::refused(&world, &world.target_id).await;
    assert_eq!((&closed["code"], &closed["hop"]), (&json!("session_limit"), &json!("site")), "{closed}");
    for shell in [&mut first, &mut second] {
        shell.command("echo go''es on", "goes on").await;
    }
    first.close().await;
    ask::a_shell_works(&world).await;
    second.close().await;
    world.stop().await;
}
