//! Every operation with valid, odd and wrong requests made from the document (schemathesis): no server error, and every
//! answer is one that the document tells. Every `make test` asks the same; `make soak` has a seed of its own each time, which it
//! prints, and `OPENPAM_SOAK_SEED` gives it again.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::system::api::Api;
use crate::system::shell::Shell;
use crate::system::{PASSWORD, World, eventually};

/// What is valid by the schema may be refused all the same: no schema can say that a zone does not exist. And what is named
/// by the books is not gone when it is deleted, but retired: an admin still finds it by its id.
const NOT_CHECKED: &str = "positive_data_acceptance,use_after_free";
/// They end the sign-in that everything else needs.
const ENDING: [&str; 4] =
    ["/api/v1/auth/logout", "/api/v1/auth/sign-ins", "/api/v1/auth/sign-ins/{id}", "/api/v1/auth/password"];
const SIGN_IN: &str = "/api/v1/auth/login";
/// Of every `make test`: what passed is not refused by chance, and new requests are found where one waits for them.
const SEED: &str = "1";
/// The tool needs a while before and after the time that it is given.
const PATIENCE: Duration = Duration::from_secs(100);

/// What the tool is told: the cookie, and for some operations the id of something that is there.
fn settings(api: &Api, there: &[(&str, &str, &str)]) -> String {
    let (_, cookie) = api.cookie.split_once('=').expect("a cookie");
    let mut text = format!("[auth.openapi.sign_in]\napi_key = {cookie:?}\n");
    for (path, parameter, id) in there {
        let _ = write!(
            text,
            "\n[[operations]]\ninclude-path = {path:?}\nparameters = {{ \"path.{parameter}\" = {id:?} }}\n"
        );
    }
    text
}

async fn run(
    api: &Api,
    folder: &Path,
    settings: &str,
    (time, seed): (Duration, Option<&str>),
    arguments: &[&str],
) {
    let file = folder.join("schemathesis.toml");
    std::fs::write(&file, settings).expect("writes");
    let mut command = tokio::process::Command::new("st");
    command.arg("--config-file").arg(&file);
    command.args(["run", &format!("{}/api/v1/openapi.json", api.url), "--checks", "all"]);
    command.args(["--continue-on-failure", "--no-color"]).args(arguments);
    if let Some(seed) = seed {
        command.args(["--seed", seed]);
    }
    // It keeps examples and replays in the folder that it runs in.
    command.current_dir(folder).kill_on_drop(true);
    let done = tokio::time::timeout(time + PATIENCE, command.output()).await.expect("ends in time");
    let output = done.expect("st runs: deploy/dev/setup test installs it");
    let (status, said) = (output.status, String::from_utf8_lossy(&output.stdout).into_owned());
    eprintln!("{}", said.split("= SUMMARY =").last().unwrap_or(&said));
    assert!(status.success(), "{said}");
}

/// A session that ended, with its recording.
async fn recorded(world: &World) -> String {
    let mut shell = Shell::open(&world.admin, &world.target_id).await;
    shell.command("echo of $((100+1))", "of 101").await;
    let id = shell.progress.session_id.clone().expect("an id");
    shell.close().await;
    eventually("the recording is complete", || async {
        let list = world.admin.try_get("/api/v1/recordings").await?;
        (list["items"][0]["complete"] == json!(true)).then_some(())
    })
    .await;
    id
}

async fn fuzz(time: Duration, seed: Option<&str>) {
    let world = World::start().await;
    let session = recorded(&world).await;
    let satellites = world.admin.get("/api/v1/admin/satellites").await;
    let satellite = satellites["items"][0]["id"].as_str().expect("an id");
    // Of what the API itself makes the tool finds the ids by itself.
    let there = [
        ("/api/v1/targets/{id}", "id", world.target_id.as_str()),
        ("/api/v1/sessions/{id}", "id", session.as_str()),
        ("/api/v1/recordings/{session_id}/text", "session_id", session.as_str()),
        ("/api/v1/recordings/{session_id}/cast", "session_id", session.as_str()),
        ("/api/v1/recordings/{session_id}/guac", "session_id", session.as_str()),
        ("/api/v1/admin/satellites/{id}", "id", satellite),
        ("/api/v1/admin/satellites/{id}/release", "id", satellite),
        ("/api/v1/admin/satellites/{id}/readmit", "id", satellite),
    ];
    let folder = world.folder.path();
    let seconds = time.as_secs().to_string();
    let mut arguments = vec!["--max-examples", "10", "--max-time", &seconds, "--exclude-checks", NOT_CHECKED];
    arguments.extend(ENDING.iter().chain([&SIGN_IN]).flat_map(|path| ["--exclude-path", path]));
    run(&world.admin, folder, &settings(&world.admin, &there), (time, seed), &arguments).await;

    // These one by one, each with an account of its own, since any other one may have got another password meanwhile; the last
    // one is locked out for a while. Who has not signed in hears 401 before anything else, also of a method that signing in
    // does not know.
    let ending = ENDING.iter().map(|path| (path, "")).chain([(&SIGN_IN, ",unsupported_method")]);
    for (number, (path, not_checked)) in ending.enumerate() {
        let account = format!("ending-{number}");
        world.hub.add_user(&account, PASSWORD, "admin").await;
        let api = Api::sign_in(&world.hub.url(), &account, PASSWORD).await;
        let not_checked = format!("{NOT_CHECKED}{not_checked}");
        let arguments =
            ["--max-examples", "5", "--phases", "examples,coverage,fuzzing", "--include-path", path];
        let arguments = [&arguments[..], &["--exclude-checks", &not_checked]].concat();
        run(&api, folder, &settings(&api, &[]), (Duration::ZERO, seed), &arguments).await;
    }
    world.stop().await;
}

#[tokio::test]
async fn every_answer_is_one_that_the_document_tells() {
    fuzz(Duration::from_secs(45), Some(SEED)).await;
}

#[tokio::test]
#[ignore = "soak: a quarter of an hour"]
async fn every_answer_is_one_that_the_document_tells_for_a_quarter_of_an_hour() {
    let seed = std::env::var("OPENPAM_SOAK_SEED").ok();
    fuzz(Duration::from_secs(900), seed.as_deref()).await;
}
