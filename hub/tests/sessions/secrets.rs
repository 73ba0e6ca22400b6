//! The target's password stays where it belongs: after everything that happens to a session, it is looked for in
//! the books, every log, the satellite's disk, the hub's data and every answer to the browser. The search finds a
//! planted copy in each of those places first, so that it can fail.

use std::path::Path;

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use openpam_hub::postgres;
use serde_json::{Value, json};
use sqlx::ConnectOptions;

use crate::system::World;
use crate::system::shell::{Progress, Shell};

/// Everything that is written down, so that secrets show in the most talkative log.
const TRACE: &str = "trace";

/// How a secret may be written.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let mut spellings =
        vec![bytes.to_vec(), HEXLOWER.encode(bytes).into_bytes(), HEXUPPER.encode(bytes).into_bytes()];
    // In Base64 a text looks different at each of three places in a longer one; these characters are its own.
    for before in 0..3 {
        let encoded = BASE64.encode(&[&b"___"[..before], bytes].concat()).into_bytes();
        spellings.push(encoded[(8 * before).div_ceil(6)..8 * (before + bytes.len()) / 6].to_vec());
    }
    // As a list of numbers, as debug output prints bytes.
    spellings.push(bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ").into_bytes());
    spellings
}

/// One place where secrets must not be.
struct Place {
    name: String,
    content: Vec<u8>,
}

/// The places that hold one of the secrets.
fn found(places: &[Place], secrets: &[&str]) -> Vec<String> {
    let needles = secrets.iter().flat_map(|secret| spellings(secret)).collect::<Vec<_>>();
    let holds = |place: &&Place| {
        needles.iter().any(|needle| place.content.windows(needle.len()).any(|window| window == needle))
    };
    places.iter().filter(holds).map(|place| place.name.clone()).collect()
}

/// All files below a folder.
fn files(folder: &Path, places: &mut Vec<Place>) {
    for entry in std::fs::read_dir(folder).expect("reads").map(|entry| entry.expect("an entry")) {
        let path = entry.path();
        let kind = entry.file_type().expect("a type");
        if kind.is_dir() {
            files(&path, places);
        } else if kind.is_file() {
            places.push(Place {
                name: path.display().to_string(),
                content: std::fs::read(&path).expect("reads"),
            });
        }
    }
}

/// Every table of the books as text, as a dump has it.
async fn dump(world: &World) -> Place {
    let ways = postgres::of_running_hub(&world.hub.data()).await.expect("the books answer");
    let mut db = ways.verifier.connect().await.expect("connects");
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(&mut db)
    .await
    .expect("tables");
    assert!(tables.len() > 10, "{tables:?}");
    let mut content = String::new();
    for table in tables {
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT t::text FROM {table} t")))
                .fetch_all(&mut db)
                .await
                .expect("rows");
        content.push_str(&rows.join("\n"));
    }
    Place { name: "dump".to_owned(), content: content.into_bytes() }
}

/// The answer to every GET of the API, with every id there is.
async fn answers(world: &World, session: &str) -> Place {
    let document: Value = world.admin.get("/api/v1/openapi.json").await;
    let me = crate::system::id(&world.admin.get("/api/v1/auth/me").await);
    let mut content = String::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        if methods.get("get").is_none() {
            continue;
        }
        // What the audit shows of a person or a target has their id; the lists of them are the admin's.
        let list =
            path.rsplit_once("/{").map_or(path.as_str(), |(list, _)| list).replace("/audit/", "/admin/");
        let ids = match path.as_str() {
            path if path.contains("{session_id}") => vec![session.to_owned()],
            path if path.contains("{id}") => {
                let rows = world.admin.get(&list).await;
                let rows = rows["items"].as_array().expect("items").clone();
                rows.iter().map(crate::system::id).collect()
            }
            _ => vec![String::new()],
        };
        for id in ids {
            let mut path = path.replace("{session_id}", &id).replace("{id}", &id);
            match path.as_str() {
                "/api/v1/admin/access" => {
                    path.push_str(&format!("?user_id={me}&target_id={}", world.target_id));
                }
                "/api/v1/schedules/windows" => {
                    path.push_str("?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z");
                }
                other if other.ends_with("/export") => path.push_str("?format=jsonl"),
                _ => {}
            }
            let answer = world.admin.request("GET", &path, None).await;
            // A shell has no pictures, and says so.
            let refused = path.ends_with("/guac") && answer.status() == 409;
            assert!(refused || answer.status().is_success(), "GET {path}: {}", answer.status());
            content.push_str(&format!("{:?}", answer.headers()));
            content.push_str(&answer.text().await.expect("text"));
        }
    }
    Place { name: "answers".to_owned(), content: content.into_bytes() }
}

/// Looks everywhere. `messages` are the WebSocket's.
async fn everywhere(world: &World, session: &str, messages: &[u8]) -> Vec<Place> {
    let mut places = vec![
        dump(world).await,
        answers(world, session).await,
        Place { name: "websocket".to_owned(), content: messages.to_vec() },
    ];
    for log in [world.hub.folder.join("hub.log"), world.satellite.log()] {
        places.push(Place { name: log.display().to_string(), content: std::fs::read(&log).expect("a log") });
    }
    files(&world.satellite.state, &mut places);
    files(&world.hub.data(), &mut places);
    places
}

fn everything_said(shell: &Shell) -> Vec<u8> {
    let texts = json!([shell.opened, shell.steps, shell.screen, shell.notices, shell.closed, shell.pongs]);
    [shell.progress.output.as_slice(), texts.to_string().as_bytes()].concat()
}

#[tokio::test]
async fn the_password_is_in_no_dump_no_log_no_disk_of_the_satellite_and_no_answer() {
    let mut world = World::start_logging(TRACE).await;
    let key = world.target.authorized_key().await;
    let credential = json!({"username": world.target.account, "private_key": key});
    let by_key = world.another_target("by-key", "127.0.0.1", world.target.port, Some(credential)).await;
    // The longest line of the private key stands for it.
    let key_line = key.lines().max_by_key(|line| line.len()).expect("lines").to_owned();

    // A session with a reload, a killed hub and an end; one that is refused; one by key; a restarted satellite.
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    let session = shell.progress.session_id.clone().expect("an id");
    shell.command("seq 1 20000; echo do''ne", "done").await;
    let mut said = everything_said(&shell);
    let progress = shell.drop_line();
    world.hub.kill().await;
    world.hub.run().await;
    let mut shell = Shell::resume_when_possible(&world.admin, &world.target_id, &progress).await;
    shell.command("echo back", "back").await;
    said.extend(everything_said(&shell));
    shell.close().await;
    let mut shell = Shell::open(&world.admin, &by_key).await;
    shell.command("echo by-key", "by-key").await;
    said.extend(everything_said(&shell));
    shell.close().await;
    world.target.stop().await;
    let path = format!("/api/ws/connect/ssh/{by_key}?cols=80&rows=24");
    let closed = Shell::attach(&world.admin, &path, Progress::default()).await.err().expect("refused");
    said.extend(closed.to_string().into_bytes());
    world.satellite.kill().await;
    world.satellite.run();
    world.until_reachable().await;

    let secrets = [world.target.password.as_str(), key_line.as_str()];
    let places = everywhere(&world, &session, &said).await;
    assert!(
        places.len() > 12,
        "too few places: {:?}",
        places.iter().map(|place| &place.name).collect::<Vec<_>>()
    );
    assert_eq!(found(&places, &secrets), Vec::<String>::new(), "secrets are there");
    // It is where it belongs, sealed: the store's file is there and does not show it either.
    let mut sealed = Vec::new();
    files(&world.hub.folder.join("secrets"), &mut sealed);
    assert!(!sealed.is_empty());
    assert_eq!(found(&sealed, &secrets), Vec::<String>::new());

    plant_and_find(&world, &session, &said).await;
    world.stop().await;
}

/// A copy in every place and every spelling: the same search finds each.
async fn plant_and_find(world: &World, session: &str, said: &[u8]) {
    let planted = "planted-secret-0123456789";
    let clean = everywhere(world, session, said).await;
    assert_eq!(found(&clean, &[planted]), Vec::<String>::new());
    // In the books, and by that in an answer.
    let row = json!({
        "zone_id": world.zone_id, "name": "decoy", "hostname": "127.0.0.1", "protocol": "ssh", "port": 22,
        "description": format!("x{}x", BASE64.encode(planted.as_bytes())),
    });
    world.admin.create("targets", row).await;
    let append = |path: &Path, text: &str| {
        use std::io::Write;
        let mut file = std::fs::File::options().append(true).create(true).open(path).expect("opens");
        file.write_all(text.as_bytes()).expect("writes");
    };
    append(&world.hub.folder.join("hub.log"), planted);
    append(&world.satellite.log(), &HEXLOWER.encode(planted.as_bytes()));
    append(&world.satellite.state.join("decoy"), &HEXUPPER.encode(planted.as_bytes()));
    append(&world.hub.data().join("decoy"), &format!("{:?}", planted.as_bytes()));
    let websocket = [said, planted.as_bytes()].concat();
    let places = everywhere(world, session, &websocket).await;
    let found = found(&places, &[planted]);
    for name in ["dump", "answers", "websocket", "hub.log", "satellite.log", "satellite/decoy", "data/decoy"]
    {
        assert!(found.iter().any(|place| place.ends_with(name)), "{name} is not searched: {found:?}");
    }
}

#[test]
fn a_secret_is_found_however_it_is_written() {
    let secret = "correct horse 42";
    for shift in 0..7 {
        let longer = [&b"abcdefg"[..shift], secret.as_bytes(), b" and more"].concat();
        for text in [
            BASE64.encode(&longer),
            HEXLOWER.encode(&longer),
            HEXUPPER.encode(&longer),
            format!("{longer:?}"),
        ] {
            let place = Place { name: "here".to_owned(), content: text.clone().into_bytes() };
            assert_eq!(found(&[place], &[secret]).len(), 1, "{text}");
        }
    }
}
