//! `export` and `apply`: the real program on a real PostgreSQL, beside a hub.

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use openpam_hub::config::Config;
use openpam_hub::configuration::{self, How, Outcome};
use openpam_hub::instance::Instance;
use openpam_hub::mesh::enforce;
use openpam_hub::sites::{Command as Asked, Registration, Transport};
use openpam_hub::store::kinds::ZoneType;
use openpam_hub::store::ways::Ways;
use openpam_hub::store::{grants, groups, users, zones};
use openpam_ids::TunnelId;
use openpam_policy::{Object, Role, Subject, Terms, Transfer};
use openpam_proto::end::EndCode;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions, PgPool};
use tempfile::TempDir;

use crate::harness::world::{Who, World};
use crate::harness::{PASSWORD, cluster};

/// The program at books that are there already.
struct Operator {
    dir: PathBuf,
    ways: Ways,
    _own: Option<TempDir>,
}

impl Operator {
    /// Beside the hub of a world.
    fn of(world: &World) -> Self {
        Self { dir: world.test.dir.path().to_path_buf(), ways: world.test.ways.clone(), _own: None }
    }

    /// With empty books.
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        Self { dir: dir.path().to_path_buf(), ways: cluster::fresh().await, _own: Some(dir) }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_openpam-hub"));
        command.args(arguments).arg("--data").arg(self.dir.join("data")).current_dir(&self.dir);
        for (key, way) in [
            ("OPENPAM_DATABASE_URL", &self.ways.hub),
            ("OPENPAM_DATABASE_OWNER_URL", &self.ways.owner),
            ("OPENPAM_DATABASE_VERIFIER_URL", &self.ways.verifier),
        ] {
            command.env(key, way.to_url_lossy().as_str());
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("runs")
    }

    fn export(&self) -> String {
        let output = self.run(&["export"]);
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Applies this text; the exit code, and what was said to both outputs.
    fn apply(&self, text: &str, more: &[&str]) -> (Option<i32>, String) {
        fs::write(self.dir.join("hub.yaml"), text).expect("writes");
        let output = self.run(&[&["apply", "hub.yaml"], more].concat());
        (output.status.code(), said(&output))
    }

    fn config(&self) -> Config {
        let url = |way: &sqlx::postgres::PgConnectOptions| way.to_url_lossy().to_string();
        let lines = format!(
            "database_url = {:?}\ndatabase_owner_url = {:?}\ndatabase_verifier_url = {:?}",
            url(&self.ways.hub),
            url(&self.ways.owner),
            url(&self.ways.verifier)
        );
        Config::from_parts(&lines, &|_| None, Some(self.dir.join("data"))).expect("a configuration")
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What the chains tell that was done on the command line, oldest first.
async fn told(pool: &PgPool) -> Vec<(String, Value)> {
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as("SELECT kind, body FROM audit_events ORDER BY id")
        .fetch_all(pool)
        .await
        .expect("the chain");
    let events = rows.into_iter().map(|(kind, body)| {
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        (kind, body)
    });
    let ours = events.filter(|(_, body)| body["detail"]["by"] == "command line").map(|(kind, body)| {
        assert_eq!((&body["user_id"], &body["client_ip"]), (&Value::Null, &Value::Null), "{body}");
        (kind, body["detail"].clone())
    });
    ours.collect()
}

const BODY: &str = "\
version: 1
zones:
- name: plant-7
  type: satellite
targets:
- zone: plant-7
  name: press
  hostname: \"10.0.0.7\"
  protocol: ssh
  port: 22
  description: The hydraulic press
users:
- username: admin
  role: admin
- username: auditor
  role: auditor
- username: stranger
  role: user
- username: user
  role: user
groups:
- name: fitters
  members: []
grants:
- user: user
  zone: plant-7
";

#[tokio::test]
async fn an_export_names_everything_and_no_secret_and_applied_it_is_no_difference() {
    let world = World::new().await;
    let operator = Operator::of(&world);
    let text = operator.export();
    let (comment, body) = text.split_at(text.find("version:").expect("a version"));
    assert!(comment.lines().all(|line| line.starts_with("# ")) && comment.contains("openpam-hub apply FILE"));
    assert_eq!(body, BODY);
    assert_eq!(operator.apply(&text, &["--dry-run"]), (Some(0), "no difference\n".to_owned()));
    assert_eq!(operator.apply(&text, &["--prune"]), (Some(0), "no difference\n".to_owned()));
    assert_eq!(told(&world.test.hub.pool).await, []);
    let written = operator.run(&["export", "written.yaml"]);
    assert!(written.status.success() && written.stdout.is_empty());
    assert_eq!(fs::read_to_string(operator.dir.join("written.yaml")).expect("a file"), text);
}

/// Texts that YAML could take for something else, or lose a part of.
const ODD: &[&str] = &[
    "yes",
    "no",
    "null",
    "~",
    "true",
    "1e3",
    "0x1F",
    "0o7",
    "1_000",
    ".inf",
    "12:30",
    "2026-01-01",
    "=",
    "<<",
    "- a",
    "-",
    "? a",
    "a: b",
    "a #b",
    "#a",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
    "[a",
    "{a}",
    "'a",
    "\"a\"",
    "it's \"so\"",
    "a\\n",
    "🏭 plant",
    "Größe – 生产线 – خط",
    "a,b",
    "007",
    "x\u{a0}y",
    "key:",
    "---",
    "...",
];

#[tokio::test]
async fn odd_names_and_texts_survive_and_an_empty_hub_becomes_the_same() {
    let world = World::new().await;
    let mut db = world.test.hub.pool.acquire().await.expect("a connection");
    let texts = [
        "one\n  two: yes\n\n\n    three # no comment\nfour",
        "tab\there\r\nand \u{7} bell",
        "a long line that goes on and on, with  two spaces here and there, and a colon: so that any folding would show, and on it goes",
        "a\u{202e}b\u{feff}c\u{85}d\u{2028}e",
        "x\n",
    ];
    for (index, name) in ODD.iter().enumerate() {
        let text = texts[index % texts.len()].trim();
        zones::create(&mut db, name, ZoneType::Satellite, Some(text), "Asia/Kolkata").await.expect("a zone");
        let group = groups::create(&mut db, name, Some(name)).await.expect("a group");
        groups::add_member(&mut db, group, world.user).await.expect("a member");
        let odd = |bit: usize| (index >> bit) & 1 == 1;
        let transfer = Transfer { copy: odd(0), paste: odd(1), download: odd(2), upload: odd(0) };
        let consent = Some(format!("{name}\n\n  {name}"));
        let terms = Terms { consent, transfer, ..Terms::default() };
        grants::create(
            &mut db,
            Subject::Group(group),
            &Object::Target(world.target),
            &grants::Fields { terms, schedule: None },
            None,
        )
        .await
        .expect("a grant");
    }
    let fields = users::Fields {
        username: "stranger".to_owned(),
        email: Some("o'brien+x@x.example".to_owned()),
        display_name: Some("No".to_owned()),
        role: Role::Auditor,
        enabled: false,
    };
    users::change(&mut db, world.stranger, &fields).await.expect("changed");
    drop(db);
    let (here, there) = (Operator::of(&world), Operator::new().await);
    let text = here.export();
    assert_eq!(here.apply(&text, &["--dry-run", "--prune"]), (Some(0), "no difference\n".to_owned()));
    let (code, said) = there.apply(&text, &["--yes"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("without a password until an administrator sets one in the pages: admin, auditor,")
    );
    assert_eq!(there.export(), text);
    assert_eq!(there.apply(&text, &[]), (Some(0), "no difference\n".to_owned()));
}

#[tokio::test]
async fn what_a_file_adds_and_changes_is_shown_done_and_told_to_the_chain() {
    let world = World::new().await;
    let (operator, pool) = (Operator::of(&world), &world.test.hub.pool);
    let text = "
version: 1
zones: [{name: hall 2, description: New, enabled: false, timezone: Asia/Tokyo}]
targets:
- {zone: plant-7, name: press, hostname: 10.0.0.7, protocol: ssh, port: 2222, description: The hydraulic press}
- {zone: hall 2, name: saw, hostname: saw.hall, protocol: ssh, port: 22, labels: [line=b, env=test]}
- {zone: hall 2, name: panel, hostname: panel.hall, protocol: vnc, port: 5900, desktop: {font_smoothing: true}}
- {zone: hall 2, name: station, hostname: station.hall, protocol: rdp, port: 3389, desktop: {security: nla, gateway: {hostname: g}}}
users: [{username: Eve, role: user, email: eve@x.example}]
groups: [{name: fitters, members: [eve, user]}]
grants:
- {user: user, zone: plant-7, max_session_seconds: 3600}
- {group: fitters, target: {zone: hall 2, name: saw}, consent: be careful, clipboard_copy: false, file_upload: true}
";
    let shown = "\
+ zone \"hall 2\": description New, enabled false, timezone Asia/Tokyo, type satellite
+ target panel in zone \"hall 2\": hostname panel.hall, port 5900, protocol vnc
+ target saw in zone \"hall 2\": hostname saw.hall, labels [env=test, line=b], port 22, protocol ssh
+ target station in zone \"hall 2\": desktop {\"gateway\":{\"hostname\":\"g\",\"port\":443},\"security\":\"nla\"}, hostname station.hall, port 3389, protocol rdp
~ target press in zone plant-7: port 22 -> 2222
+ user eve: email eve@x.example, role user
+ member eve of group fitters
+ member user of group fitters
+ grant to group fitters on target saw in zone \"hall 2\": clipboard_copy false, consent \"be careful\", file_upload true
~ grant to user user on all targets in zone plant-7: max_session_seconds none -> 3600
5 more in the books and not in the file: left alone without --prune
8 to add, 2 to change, 0 to remove
";
    let before = operator.export();
    assert_eq!(operator.apply(text, &["--dry-run"]), (Some(2), shown.to_owned()));
    let (code, said) = operator.apply(text, &[]);
    assert_eq!(code, Some(1));
    assert!(said.starts_with(shown) && said.contains("there is no terminal: nothing was changed"), "{said}");
    assert_eq!(operator.export(), before);
    assert_eq!(told(pool).await, []);

    let (code, said) = operator.apply(text, &["--yes"]);
    assert!(code == Some(0) && said.starts_with(shown), "{said}");
    assert!(said.contains("done: 8 added, 2 changed, 0 removed\nwithout a password until"), "{said}");
    assert!(said.contains("sets one in the pages: eve\n") && said.contains("within 15 s\n"), "{said}");
    let (code, said) = operator.apply(text, &["--dry-run"]);
    assert!(code == Some(0) && said.ends_with("no difference\n"), "{said}");

    let told = told(pool).await;
    let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "zone.created",
            "zone.changed",
            "target.created",
            "target.created",
            "target.created",
            "target.changed",
            "user.created",
            "group.member_added",
            "group.member_added",
            "grant.created",
            "grant.changed",
        ]
    );
    let changed = json!({
        "id": world.target, "name": "press", "changes": { "port": { "from": 22, "to": 2222 } }, "by": "command line",
    });
    assert_eq!(told[5].1, changed);
    assert_eq!(told[2].1["desktop"], json!({}), "{:?}", told[2]);
    assert_eq!(told[4].1["desktop"]["security"], "nla");
    // As the API tells it, but for who did it.
    let cookie = world.cookie(Who::Admin).await.expect("signed in");
    let body = json!({ "group_id": world.group, "label": "a=b", "idle_seconds": 60 });
    let made = world.test.call("POST", "/api/v1/admin/grants", Some(&cookie), Some(&body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let theirs: Vec<u8> = sqlx::query_scalar("SELECT body FROM audit_events ORDER BY id DESC LIMIT 1")
        .fetch_one(pool)
        .await
        .expect("an event");
    let theirs: Value = serde_json::from_slice(&theirs).expect("JSON");
    let fields = |grant: &Value| grant.as_object().expect("fields").keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&told[9].1["grant"]), fields(&theirs["detail"]["grant"]));

    let sign_in = async |password: &str| {
        let body = json!({ "username": "eve", "password": password });
        world.test.call("POST", "/api/v1/auth/login", None, Some(&body)).await.status.as_u16()
    };
    assert_eq!((sign_in("").await, sign_in(PASSWORD).await), (401, 401));
    let eve = format!("/api/v1/admin/users/{}", told[6].1["id"].as_str().expect("an id"));
    let password = json!({ "password": PASSWORD });
    let set = world.test.call("PATCH", &eve, Some(&cookie), Some(&password)).await;
    assert_eq!(set.status, 200, "{set:?}");
    assert_eq!(sign_in(PASSWORD).await, 200);
    let verified = operator.run(&["audit", "verify"]);
    assert!(verified.status.success(), "{}", self::said(&verified));
}

#[tokio::test]
async fn only_pruning_removes_and_as_the_api_does() {
    let world = World::new().await;
    let (operator, pool) = (Operator::of(&world), &world.test.hub.pool);
    world.some_session().await;
    let cookie = world.cookie(Who::Admin).await.expect("signed in");
    let call = async |method: &str, path: &str, body: Option<Value>| {
        let path = format!("/api/v1/admin/{path}");
        let answer = world.test.call(method, &path, Some(&cookie), body.as_ref()).await;
        assert!(answer.status.is_success(), "{path} {answer:?}");
    };
    call("PUT", &format!("groups/{}/members/{}", world.group, world.user), None).await;
    call("PUT", &format!("groups/{}/members/{}", world.group, world.stranger), None).await;
    let spare = json!({ "target_id": world.target, "username": "spare", "password": "p4ssw0rd" });
    call("POST", "credentials", Some(spare)).await;
    let secrets = operator.dir.join("data-secrets/sealed-store.json");
    assert!(fs::read_to_string(&secrets).expect("the sealed store").contains("credentials/"));
    let text = "
version: 1
targets: []
users: [{username: admin, role: admin}, {username: auditor, role: auditor}, {username: user, role: user}]
groups: [{name: fitters, members: [user]}]
grants: []
";
    let (code, said) = operator.apply(text, &["--dry-run"]);
    assert_eq!((code, said.lines().last()), (Some(0), Some("no difference")), "{said}");
    let shown = "\
- target press in zone plant-7, with its credentials, grants and schedules
- user stranger, with their grants, schedules and memberships
- member stranger of group fitters
- grant to user user on all targets in zone plant-7
0 to add, 0 to change, 4 to remove
";
    let (code, said) = operator.apply(text, &["--yes", "--prune"]);
    assert!(code == Some(0) && said.starts_with(shown), "{said}");
    let kinds: Vec<String> = told(pool).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["grant.deleted", "group.member_removed", "target.deleted", "user.deleted"]);
    let retired: (bool, bool) = sqlx::query_as(
        "SELECT t.retired_at IS NOT NULL, c.retired_at IS NOT NULL FROM targets t JOIN credentials c ON c.target_id = t.id",
    )
    .fetch_one(pool)
    .await
    .expect("what the books name is kept");
    assert_eq!(retired, (true, true));
    // No hub holds the data folder: its sealed store may be written.
    assert_eq!(fs::read_to_string(&secrets).expect("the sealed store").trim(), "{}");

    // A zone that a satellite serves stays, as in the API; without one it goes.
    let none = "version: 1\nzones: []\n";
    let (code, said) = operator.apply(none, &["--yes", "--prune"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("a satellite serves zone plant-7, which the file does not name: revoke it first"),
        "{said}"
    );
    call("POST", &format!("satellites/{}/revoke", world.satellite), None).await;
    assert_eq!(operator.apply(none, &["--yes", "--prune"]).0, Some(0));
    let left = operator.export();
    assert!(left.contains("zones: []\ntargets: []\n") && left.ends_with("  - user\ngrants: []\n"), "{left}");
    let verified = operator.run(&["audit", "verify"]);
    assert!(verified.status.success(), "{}", self::said(&verified));
}

#[tokio::test]
async fn bad_files_name_the_place_and_change_nothing() {
    let world = World::new().await;
    let operator = Operator::of(&world);
    let before = operator.export();
    let mut wrong = Vec::new();
    let press = "{zone: plant-7, name: press, hostname: h, protocol: ssh, port: 22}";
    let lines = ["a: &a [x,x,x,x,x,x,x,x,x,x]".to_owned()]
        .into_iter()
        .chain((0..8_u8).map(|n| {
            let (one, before) = (char::from(b'b' + n), char::from(b'a' + n));
            format!("{one}: &{one} [{}]", vec![format!("*{before}"); 10].join(","))
        }))
        .collect::<Vec<_>>();
    let bomb = format!("version: 1\n{}\n", lines.join("\n"));
    let big = format!("version: 1\n#{}\n", "x".repeat(16 * 1024 * 1024));
    for (text, why) in [
        ("", "unexpected end of input"),
        ("zones: []", "missing field `version`"),
        ("version: 2\nregions: []", "the file is of version 2, and this program reads version 1"),
        ("version: 1\nregions: []", "unknown field `regions`"),
        ("version: 1\nversion: 1", "duplicate"),
        ("version: 1\nzones:\n- {name: a, colour: red}", "unknown field `colour`"),
        ("version: 1\nzones:\n- {name: a, enabled: maybe}", "line 3"),
        ("version: 1\nzones: [", "line "),
        (
            "version: 1\nzones: [{name: a, timezone: Mars}]",
            "zones[0].timezone: timezone is a name of the IANA database",
        ),
        ("version: 1\n---\nversion: 1", "multiple"),
        ("version: 1\nzones:\n- name: a\n- name: ' a '", "line 4: zones[1].name: zone a is zones[0] already"),
        ("version: 1\nzones: [{name: \"a\\u202eb\"}]", "line 2: zones[0].name: name has 1 to 255 characters"),
        (
            "version: 1\nzones: [{name: plant-7, type: hub}]",
            "zones[0].type: zone plant-7 was made as satellite",
        ),
        (
            &format!("version: 1\ntargets: [{press}, {press}]"),
            "targets[1].name: target press in zone plant-7 is targets[0]",
        ),
        (
            &format!("version: 1\ntargets:\n- {}", press.replace("plant-7", "plant-9")),
            "line 3: targets[0].zone: there is no zone plant-9",
        ),
        (
            &format!("version: 1\ntargets: [{}]", press.replace("22", "0")),
            "targets[0].port: port is 1 to 65535",
        ),
        (&format!("version: 1\ntargets: [{}]", press.replace("22", "70000")), "line 2"),
        (
            &format!("version: 1\ntargets: [{}]", press.replace("ssh", "rdp")),
            "targets[0].protocol: target press in zone plant-7 was made as ssh",
        ),
        (
            &format!("version: 1\ntargets: [{}]", press.replace("22", "22, labels: [a=b, a=c]")),
            "targets[0].labels: labels are at most 32",
        ),
        (
            &format!("version: 1\ntargets: [{}]", press.replace("22", "22, desktop: {console: true}")),
            "targets[0].desktop: desktop is for targets of RDP and VNC",
        ),
        (
            &format!("version: 1\ntargets: [{}]", press.replace("ssh", "rdp, desktop: {color_depth: 7}")),
            "targets[0].desktop: desktop.color_depth is 8, 16 or 24",
        ),
        (
            &format!("version: 1\ntargets: [{}]", press.replace("ssh", "rdp, desktop: {sound: loud}")),
            "unknown field `sound`",
        ),
        ("version: 1\nusers: [{username: eve, role: owner}]", "unknown variant `owner`"),
        ("version: 1\nusers: [{username: eve, role: user, password: x}]", "unknown field `password`"),
        (
            "version: 1\nusers: [{username: eve, role: user}, {username: EVE, role: user}]",
            "users[1].username: user eve is users[0]",
        ),
        (
            "version: 1\nusers: [{username: a, role: user, email: a@b}, {username: b, role: user, email: a@b}]",
            "users[1].email: a@b is",
        ),
        (
            "version: 1\nusers: [{username: admin, role: user}]",
            "users: no admin who can sign in would be left",
        ),
        (
            "version: 1\ngroups: [{name: g, members: [nobody]}]",
            "groups[0].members[0]: there is no user nobody",
        ),
        (
            "version: 1\ngroups: [{name: g, members: [user, user]}]",
            "groups[0].members[1]: user is a member already",
        ),
        ("version: 1\ngrants: [{user: nobody, zone: plant-7}]", "grants[0].user: there is no user nobody"),
        ("version: 1\ngrants: [{group: x, label: a=b}]", "grants[0].group: there is no group x"),
        (
            "version: 1\ngrants: [{user: user, target: {zone: plant-7, name: saw}}]",
            "grants[0].target: there is no target saw in zone plant-7",
        ),
        (
            "version: 1\ngrants: [{user: user, zone: plant-7}, {user: user, zone: plant-7}]",
            "grants[1]: grant to user user on all",
        ),
        (
            "version: 1\ngrants: [{user: user, group: fitters, zone: plant-7}]",
            "grants[0]: give either user or group",
        ),
        ("version: 1\ngrants: [{user: user}]", "grants[0]: give one of target, zone and label"),
        ("version: 1\ngrants: [{user: user, label: a}]", "a label is key=value"),
        (
            "version: 1\ngrants: [{user: user, zone: plant-7, idle_seconds: 5}]",
            "grants[0].idle_seconds: idle_seconds is 60",
        ),
        (&bomb, "alias"),
        (&big, "longer than 16 MiB"),
    ] {
        let (code, said) = operator.apply(text, &["--yes"]);
        let shown = text.chars().take(200).collect::<String>();
        if code != Some(1) || !said.contains(why) || !said.starts_with("openpam-hub: hub.yaml: ") {
            wrong.push(format!("{shown}\n{why}\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // With pruning it must not name what goes by that.
    let (code, said) = operator.apply(
        "version: 1\nusers: [{username: admin, role: admin}]\ngroups: [{name: g, members: [user]}]",
        &["--yes", "--prune"],
    );
    assert!(code == Some(1) && said.contains("groups[0].members[0]: there is no user user"), "{said}");
    let (code, said) = operator.apply("version: 1\nzones: []", &["--yes", "--prune"]);
    assert!(
        code == Some(1) && said.contains("target press in zone plant-7 stays, and its zone is not"),
        "{said}"
    );
    assert_eq!(operator.export(), before);
    assert_eq!(told(&world.test.hub.pool).await, []);
    let missing = operator.run(&["apply", "no-such-file", "--yes"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(said_starts(&missing, "openpam-hub: no-such-file: "), "{}", self::said(&missing));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_locked_out_by_an_admin_who_has_no_password_yet() {
    let world = World::new().await;
    let operator = Operator::of(&world);
    let eve = "{username: eve, role: admin}";
    let (code, said) = operator.apply(&format!("version: 1\nusers: [{eve}]"), &["--yes"]);
    assert_eq!(code, Some(0), "{said}");
    let only_eve = format!("version: 1\nusers: [{eve}]\ngroups: []\ngrants: []");
    let (code, said) = operator.apply(&only_eve, &["--yes", "--prune"]);
    assert!(code == Some(1) && said.contains("no admin who can sign in would be left"), "{said}");
}

fn said_starts(output: &Output, with: &str) -> bool {
    String::from_utf8_lossy(&output.stderr).starts_with(with)
}

const LOOK: How = How { dry_run: false, prune: false };

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changed_after_it_was_shown_is_not_overwritten() {
    let world = World::new().await;
    let (operator, pool) = (Operator::of(&world), &world.test.hub.pool);
    let text = BODY.replace("port: 22", "port: 2222");
    let sql = |sql: &'static str| {
        let run = sqlx::query(AssertSqlSafe(sql)).execute(pool);
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(run)).expect("done");
    };
    // Another admin, on the same target.
    let refused = configuration::apply(&operator.config(), &text, LOOK, |shown| {
        assert!(shown.starts_with("~ target press in zone plant-7: port 22 -> 2222\n"), "{shown}");
        sql("UPDATE targets SET port = 2200, version = version + 1");
        Ok(true)
    })
    .await
    .expect_err("refused");
    assert!(format!("{refused:#}").contains("somebody changed the configuration"), "{refused:#}");
    assert!(operator.export().contains("port: 2200"), "theirs stands");
    // Another file at the same time: the first that says yes is done.
    let config = operator.config();
    let other = BODY.replace("port: 22", "port: 2022");
    let refused = configuration::apply(&config, &text, LOOK, |_| {
        let (code, said) = operator.apply(&other, &["--yes"]);
        assert_eq!(code, Some(0), "{said}");
        Ok(true)
    })
    .await
    .expect_err("refused");
    assert!(format!("{refused:#}").contains("nothing was changed"), "{refused:#}");
    assert!(operator.export().contains("port: 2022"));
    // What it names went away.
    let grant = "version: 1\ngrants: [{group: fitters, zone: plant-7}]";
    let refused = configuration::apply(&config, grant, LOOK, |_| {
        sql("DELETE FROM groups");
        Ok(true)
    });
    assert!(refused.await.is_err());
    // What has nothing to do with it does not hinder.
    let done = configuration::apply(&config, &text.replace("groups:\n- name: fitters\n  members: []\n", ""), LOOK, |_| {
        sql("UPDATE users SET display_name = 'Somebody', last_login_at = NOW() WHERE username = 'stranger'");
        sql("INSERT INTO groups (id, name) VALUES (gen_random_uuid(), 'others')");
        Ok(true)
    })
    .await;
    // The file names the stranger, and says nothing of that name: it would have been taken away unseen.
    assert!(done.is_err());
    let done = configuration::apply(&config, "version: 1\nzones: [{name: other}]", LOOK, |_| {
        sql("UPDATE users SET display_name = 'Else' WHERE username = 'stranger'");
        Ok(true)
    })
    .await;
    assert!(matches!(done, Ok(Outcome::Done(_))), "{done:?}");
    let kinds: Vec<String> = told(pool).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["target.changed", "zone.created"]);
}

#[tokio::test]
async fn of_many_at_once_each_is_done_on_what_it_saw_or_refused() {
    let world = World::new().await;
    let operator = Operator::of(&world);
    let children: Vec<_> = (1..=6)
        .map(|number| {
            let file = format!("{number}.yaml");
            let text = BODY.replace("port: 22", &format!("port: {number}"));
            fs::write(operator.dir.join(&file), text).expect("writes");
            operator.command(&["apply", &file, "--yes"]).spawn().expect("starts")
        })
        .collect();
    let mut done = 0;
    for child in children {
        let output = child.wait_with_output().expect("ends");
        let said = said(&output);
        match output.status.code() {
            Some(0) => done += 1,
            _ => assert!(said.contains("somebody changed the configuration"), "{said}"),
        }
    }
    let told = told(&world.test.hub.pool).await;
    assert_eq!(told.len(), done);
    let mut port = json!(22);
    for (_, detail) in told {
        assert_eq!(detail["changes"]["port"]["from"], port, "what it said it would change");
        port = detail["changes"]["port"]["to"].clone();
    }
    assert!(operator.export().contains(&format!("port: {port}\n")));
}

#[tokio::test]
async fn beside_a_running_hub_its_sealed_store_is_left_to_it() {
    let world = World::new().await;
    let operator = Operator::of(&world);
    let cookie = world.cookie(Who::Admin).await.expect("signed in");
    let spare = json!({ "target_id": world.target, "username": "spare", "password": "p4ssw0rd" });
    let made = world.test.call("POST", "/api/v1/admin/credentials", Some(&cookie), Some(&spare)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let secrets = operator.dir.join("data-secrets/sealed-store.json");
    let before = fs::read(&secrets).expect("the sealed store");
    let _runs = Instance::claim(&operator.dir.join("data")).expect("the folder of a running hub");
    let (code, said) = operator.apply("version: 1\ntargets: []", &["--yes", "--prune"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the running hub decides by this from now on"), "{said}");
    assert!(said.contains("2 sealed secrets of removed credentials stay in the sealed store"), "{said}");
    assert_eq!(fs::read(&secrets).expect("the sealed store"), before);
}

#[tokio::test]
async fn it_waits_for_a_change_that_is_under_way_and_holds_up_nobody_who_reads() {
    let world = World::new().await;
    let (operator, pool) = (Operator::of(&world), &world.test.hub.pool);
    let mut tx = pool.begin().await.expect("a transaction");
    users::hold(&mut tx, world.stranger).await.expect("held");
    fs::write(operator.dir.join("hub.yaml"), "version: 1\nzones: [{name: other}]").expect("writes");
    let mut child = operator.command(&["apply", "hub.yaml", "--yes"]).spawn().expect("starts");
    let asked = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                  WHERE NOT l.granted AND d.datname = current_database()";
    let deadline = Instant::now() + Duration::from_secs(20);
    while sqlx::query_scalar::<_, i64>(asked).fetch_one(pool).await.expect("locks") == 0 {
        assert!(Instant::now() < deadline && child.try_wait().expect("waits").is_none(), "it does not wait");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(operator.export().matches("name: other").count(), 0);
    tx.commit().await.expect("commits");
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success(), "{}", said(&output));
}

#[tokio::test]
async fn on_a_terminal_it_asks_and_does_nothing_without_a_yes() {
    let world = World::new().await;
    let operator = Operator::of(&world);
    fs::write(operator.dir.join("hub.yaml"), "version: 1\nzones: [{name: other}]").expect("writes");
    for (answer, code, there) in [("\n", 1, 0), ("n\n", 1, 0), ("y\n", 0, 1)] {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master).expect("granted");
        unlockpt(&master).expect("unlocked");
        let name = ptsname(&master, Vec::new()).expect("its name");
        let keyboard =
            fs::File::options().read(true).write(true).open(name.to_str().expect("text")).expect("opens");
        fs::File::from(master.try_clone().expect("another")).write_all(answer.as_bytes()).expect("typed");
        let output = operator.command(&["apply", "hub.yaml"]).stdin(keyboard).output().expect("runs");
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        let said = said(&output);
        assert!(said.contains("1 to add, 0 to change, 0 to remove\ndo it? [y/N] "), "{said}");
        assert_eq!(said.contains("nothing was changed"), code == 1, "{said}");
        assert_eq!(operator.export().matches("name: other").count(), there);
    }
}

#[tokio::test]
async fn standard_input_is_a_file_too() {
    let world = World::new().await;
    let operator = Operator::of(&world);
    let mut child =
        operator.command(&["apply", "-", "--dry-run"]).stdin(Stdio::piped()).spawn().expect("starts");
    child.stdin.take().expect("piped").write_all(BODY.as_bytes()).expect("writes");
    let mut said = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut said).expect("reads");
    assert!(child.wait().expect("ends").success());
    assert_eq!(said, "no difference\n");
}

#[tokio::test]
async fn a_hub_that_runs_ends_sessions_whose_right_was_taken_away() {
    let world = World::new().await;
    let operator = Operator::of(&world);
    let session = world.some_session().await;
    let mut commands = world.test.hub.sites.register(Registration {
        satellite_id: world.satellite,
        zone_id: world.zone,
        tunnel_id: TunnelId::generate(),
        transport: Transport::Quic,
        version: "0.1.0".to_owned(),
        sessions: HashMap::new(),
        transport_note: None,
        reach: None,
    });
    let hub = tokio::spawn(enforce::run(world.test.hub.clone()));
    let (code, said) = operator.apply("version: 1\ngrants: []", &["--yes", "--prune"]);
    assert_eq!(code, Some(0), "{said}");
    let asked = async {
        loop {
            if let Some(Asked::EndSession { session_id, code, done, .. }) = commands.recv().await {
                let _ = done.send(true);
                return (session_id, code);
            }
        }
    };
    let asked = tokio::time::timeout(Duration::from_secs(20), asked).await.expect("within 15 s");
    assert_eq!(asked, (session, EndCode::NotGranted));
    hub.abort();
}
