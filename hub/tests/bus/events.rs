//! What everybody may hear is documented, and is as documented: held against its JSON Schemas by a validator of others.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use openpam_hub::bus::event::public_type;
use openpam_hub::bus::keep;
use openpam_hub::bus::schemas::{schema, types};
use openpam_hub::mesh;
use openpam_hub::store::events::{self, Fact};
use openpam_ids::{AttachmentId, CredentialId, EventId, GrantId, SessionId};
use openpam_proto::end::EndCode;
use openpam_proto::event::{
    About, Attachment, Basis, ChainedEvent, Event, FileMoved, SessionEnded, SessionOpened, Watching,
};
use openpam_proto::message::Message;
use openpam_proto::snapshot::PolicyVersion;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::harness::PASSWORD;
use crate::harness::world::{Who, World};
use crate::keep::{there, told};
use crate::place::{PROGRAMS, program};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// Text between quotes that is like a kind of event, and is a field of traces.
const NO_KINDS: [&str; 1] = ["session.id"];
/// Another program's validator: an array of schema and instance on standard input, an array of objections on the output.
const VALIDATOR: &str = "
import json, sys, jsonschema_rs
pairs = json.load(sys.stdin)
for schema in {json.dumps(pair[0]): pair[0] for pair in pairs}.values():
    jsonschema_rs.meta.validate(schema)
said = []
for schema, instance in pairs:
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    said.append([f'{error.instance_path}: {error.message}' for error in validator.iter_errors(instance)])
json.dump(said, sys.stdout)
";

/// What is wrong with each instance.
fn objections(pairs: &[(Value, &Value)]) -> Vec<Vec<String>> {
    let mut python = Command::new(Path::new(ROOT).join(".tools/bin/python"))
        .args(["-c", VALIDATOR])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("deploy/dev/setup test installs it");
    let asked = serde_json::to_vec(pairs).expect("JSON");
    python.stdin.take().expect("piped").write_all(&asked).expect("written");
    let output = python.wait_with_output().expect("ends");
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Listeners take fields that they do not know; here each has to be documented.
fn strict(mut schema: Value) -> Value {
    fn close(part: &mut Value) {
        match part {
            Value::Object(fields) => {
                let shared = fields.remove("$defs");
                fields.values_mut().for_each(close);
                if fields.get("properties").is_some_and(|properties| properties.get("properties").is_none()) {
                    fields.insert("unevaluatedProperties".to_owned(), false.into());
                }
                if let Some(shared) = shared {
                    fields.insert("$defs".to_owned(), shared);
                }
            }
            Value::Array(parts) => parts.iter_mut().for_each(close),
            _ => {}
        }
    }
    close(&mut schema);
    schema
}

fn strictly(of: &str) -> Value {
    strict(schema(of).unwrap_or_else(|| panic!("{of} has no schema")))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// As the trigger of `audit_events` has it.
fn is_public(kind: &str) -> bool {
    let fits = |rest: &str| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    ["session.", "schedule.", "user."].iter().any(|first| kind.strip_prefix(first).is_some_and(fits))
}

#[test]
fn every_kind_that_is_told_has_a_schema_and_every_schema_is_of_one() {
    let mut files = Vec::new();
    for folder in ["hub/src", "agents", "tunnel/proto/src"] {
        sources(&Path::new(ROOT).join(folder), &mut files);
    }
    let mut kinds = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).expect("text");
        let quoted = text.split('"').filter(|quoted| is_public(quoted) && !NO_KINDS.contains(quoted));
        kinds.extend(quoted.map(public_type));
    }
    assert_eq!(kinds, types().map(str::to_owned).collect());
}

#[test]
fn the_page_has_every_event_with_the_example_of_its_schema_and_the_codes_are_all() {
    let page = fs::read_to_string(Path::new(ROOT).join("hub/EVENTS.md")).expect("the page");
    for of in types() {
        let documented = schema(of).expect("a schema");
        let section = page.split("\n### ").find(|section| section.starts_with(&format!("`{of}`")));
        let section = section.unwrap_or_else(|| panic!("{of} is not on the page"));
        let example =
            section.split("```json").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
        let example: Value = serde_json::from_str(example).expect("JSON");
        assert_eq!(example, documented["examples"][0], "{of}");
        assert_eq!(objections(&[(strictly(of), &example)]), [Vec::<String>::new()], "{of}");
    }
    let ended = schema("openpam.session.ended").expect("a schema");
    let codes = &ended["properties"]["data"]["properties"]["detail"]["properties"]["code"]["examples"];
    assert_eq!(codes, &json!(EndCode::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>()));
}

#[test]
fn an_event_that_is_not_as_documented_is_refused() {
    let of = "openpam.session.ended";
    let right = schema(of).expect("a schema")["examples"][0].clone();
    let wrong = |path: &str, value: Value| {
        let mut event = right.clone();
        let (parent, name) = path.rsplit_once('/').expect("a path");
        event.pointer_mut(parent).expect("is there")[name] = value;
        event
    };
    let lacks = |path: &str| {
        let mut event = right.clone();
        let (parent, name) = path.rsplit_once('/').expect("a path");
        event
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .expect("is there")
            .remove(name)
            .expect("was there");
        event
    };
    let all = [
        wrong("/specversion", json!("0.3")),
        wrong("/id", json!("7")),
        wrong("/type", json!("openpam.session.started")),
        wrong("/time", json!("yesterday")),
        wrong("/subject", json!("mia")),
        wrong("/data/session_id", Value::Null),
        wrong("/data/client_ip", json!("192.0.2.7")),
        wrong("/data/detail/exit_status", json!("0")),
        wrong("/data/detail/output_bytes", json!(-1)),
        wrong("/data/detail/decided_by/policy", json!("412")),
        lacks("/data"),
        lacks("/data/zone"),
        lacks("/data/detail/code"),
    ];
    let plain = schema(of).expect("a schema");
    let pairs: Vec<_> = all.iter().map(|event| (plain.clone(), event)).collect();
    for ((_, event), said) in pairs.iter().zip(objections(&pairs)) {
        assert!(!said.is_empty(), "taken: {event}");
    }
    // A listener takes what comes later; that it is documented is this test's own business.
    let newer = wrong("/data/detail/colour", json!("red"));
    let said = objections(&[(plain, &newer), (strictly(of), &newer)]);
    assert!(said[0].is_empty() && !said[1].is_empty(), "{said:?}");
}

async fn do_all_that_people_do(world: &World) {
    let (admin, user) = (world.cookie(Who::Admin).await, world.cookie(Who::User).await);
    let call = async |method: &str, path: &str, cookie: &Option<String>, body: Value| {
        let answer = world
            .test
            .call(method, path, cookie.as_deref(), Some(&body).filter(|body| !body.is_null()))
            .await;
        assert!(answer.status.is_success(), "{method} {path}: {answer:?}");
        serde_json::from_str(&answer.text).unwrap_or(Value::Null)
    };
    let users = "/api/v1/admin/users";
    let new = json!({ "username": "ann", "password": PASSWORD, "role": "user" });
    let ann = call("POST", users, &admin, new).await["id"].as_str().expect("an id").to_owned();
    let one = format!("{users}/{ann}");
    let change =
        json!({ "email": "ann@example.org", "display_name": "Ann", "role": "auditor", "enabled": false });
    call("PATCH", &one, &admin, change).await;
    call("PATCH", &one, &admin, json!({ "email": null, "password": "another horse battery" })).await;
    call("DELETE", &one, &admin, Value::Null).await;
    call(
        "PUT",
        "/api/v1/auth/password",
        &user,
        json!({ "current": PASSWORD, "new": "a third horse battery" }),
    )
    .await;

    let schedules = "/api/v1/schedules";
    let new = json!({
        "user_id": world.stranger, "target_id": world.target, "start_time": "2100-01-01T08:00:00Z",
        "end_time": "2100-01-01T09:00:00Z", "metadata": { "ticket": "CHG-7" }, "max_session_seconds": 3600,
    });
    let schedule = call("POST", schedules, &admin, new).await["id"].as_str().expect("an id").to_owned();
    let one = format!("{schedules}/{schedule}");
    let change = json!({
        "start_time": "2100-01-01T07:00:00Z", "end_time": "2100-01-01T10:00:00Z", "recurrence_rule": "FREQ=DAILY",
        "timezone": "Europe/Berlin", "exceptions": ["2100-01-02T07:00:00Z"], "max_session_seconds": null,
        "idle_seconds": 600, "consent": "Everything is recorded.", "offline_seconds": 0, "metadata": null,
        "clipboard_copy": false, "clipboard_paste": false, "file_download": true, "file_upload": true,
    });
    call("PATCH", &one, &admin, change).await;
    call("DELETE", &one, &admin, Value::Null).await;

    world.site_online();
    let session = world.some_session().await;
    call("DELETE", &format!("/api/v1/sessions/{session}"), &admin, Value::Null).await;
    call("POST", &format!("{users}/{}/end-sessions", world.user), &admin, Value::Null).await;
    call("POST", &format!("/api/v1/admin/zones/{}/end-sessions", world.zone), &admin, Value::Null).await;
}

/// What the command line and the opening of a session write, as they write it.
async fn tell_of_the_hub(world: &World) {
    let hub = &world.test.hub;
    let mut db = hub.pool.begin().await.expect("a transaction");
    let detail =
        json!({ "id": world.stranger, "username": "stranger", "role": "user", "by": "command line" });
    let fact = Fact { kind: "user.created", user_id: None, session_id: None, client_ip: None, detail };
    events::record(&mut db, hub.id, fact).await.expect("the books");
    let fact = Fact {
        kind: "session.consented",
        user_id: Some(world.user),
        session_id: Some(SessionId::generate()),
        client_ip: Some("192.0.2.7".to_owned()),
        detail: json!({ "grant_id": GrantId::generate(), "text": "Everything is recorded." }),
    };
    events::record(&mut db, hub.id, fact).await.expect("the books");
    db.commit().await.expect("commits");
}

/// A session with all of it and one with as little as there can be.
async fn tell_of_the_site(world: &World) {
    let session = world.some_session().await;
    let about = || About {
        event_id: EventId::generate(),
        at_ms: 1_700_000_000_123,
        session_id: session,
        user_id: world.user,
        target_id: world.target,
    };
    let basis = |alone: bool| Basis {
        policy: PolicyVersion { epoch: 1, version: 412 },
        grant_id: alone.then(GrantId::generate),
        away_since_ms: alone.then_some(1_700_000_000_000),
    };
    let client_ip = Some("192.0.2.7".to_owned());
    let opened = |whole: bool| SessionOpened {
        about: about(),
        credential_id: whole.then(CredentialId::generate),
        client_ip: client_ip.clone().filter(|_| whole),
        basis: whole.then(|| basis(true)),
    };
    let attached = || Attachment {
        about: about(),
        attachment_id: AttachmentId::generate(),
        client_ip: client_ip.clone(),
    };
    let watching = || Watching {
        about: about(),
        attachment_id: AttachmentId::generate(),
        client_ip: client_ip.clone(),
        watcher_id: world.auditor,
    };
    let moved = |whole: bool| FileMoved {
        about: about(),
        name: "/recipes/mix.csv".to_owned(),
        media_type: "text/csv".to_owned(),
        bytes: 70_000,
        sha256: [7; 32],
        whole,
    };
    let ended = |whole: bool| SessionEnded {
        about: about(),
        code: EndCode::Exited,
        message: "over".to_owned(),
        exit_status: whole.then_some(3),
        exit_signal: whole.then(|| "TERM".to_owned()),
        input_bytes: 3,
        output_bytes: u64::from(u32::MAX) * 8,
        was_open: true,
        basis: whole.then(|| basis(false)),
    };
    let all = [
        Event::SessionOpened(opened(true)),
        Event::SessionOpened(opened(false)),
        Event::Attached(attached()),
        Event::Watched(watching()),
        Event::Unwatched(watching()),
        Event::Uploaded(moved(true)),
        Event::Downloaded(moved(false)),
        Event::Detached(attached()),
        Event::SessionEnded(ended(true)),
        Event::SessionEnded(ended(false)),
    ];
    let (mut previous, mut chain) = ([0; 32], Vec::new());
    for (event, seq) in all.iter().zip(1..) {
        let link = ChainedEvent::link(seq, previous, event.to_bytes());
        previous = link.hash;
        chain.push(link);
    }
    mesh::events::accept(&world.test.hub, world.satellite, &chain).await.expect("taken");
}

#[tokio::test]
async fn whatever_is_heard_from_the_stream_is_as_its_schema_says_and_every_event_is_heard() {
    let settings = format!("nats_server = {:?}", program(PROGRAMS[0]));
    let (world, stop) = (World::with(&settings).await, CancellationToken::new());
    let keeping = tokio::spawn(keep::run(world.test.hub.clone(), stop.clone()));
    let url = there(&world, 1).await;
    do_all_that_people_do(&world).await;
    tell_of_the_hub(&world).await;
    tell_of_the_site(&world).await;
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM audit_events WHERE kind ~ '^(session|schedule|user)[.]'")
            .fetch_one(&world.test.hub.pool)
            .await
            .expect("events");
    let heard = told(&world, &url, usize::try_from(count).expect("a count")).await;
    let schemas: HashMap<&str, Value> = types().map(|of| (of, strictly(of))).collect();
    let pairs: Vec<_> =
        heard.iter().map(|(subject, event)| (schemas[subject.as_str()].clone(), event)).collect();
    for ((_, event), said) in pairs.iter().zip(objections(&pairs)) {
        assert!(said.is_empty(), "{said:?}: {event:#}");
    }
    let heard: BTreeSet<_> = heard.iter().map(|(subject, _)| subject.as_str()).collect();
    assert_eq!(heard, types().collect());
    stop.cancel();
    keeping.await.expect("ends");
}
