//! A page in Chromium that a test steers, beside its plain client: `web/e2e/beside.mjs`, which says how it is spoken to.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::site::Site;
use crate::system::PASSWORD;

/// For what is asked of the page, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

pub(crate) struct Page {
    process: Child,
    words: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Page {
    /// Signs in as the admin and opens a shell on the site's target.
    pub(crate) async fn open(site: &Site) -> Self {
        let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/e2e/beside.mjs");
        let target = site.world.admin.get(&format!("/api/v1/targets/{}", site.world.target_id)).await;
        let name = target["name"].as_str().expect("a name");
        let mut process = Command::new("node")
            .arg(driver)
            .args([&site.world.hub.url(), "admin", PASSWORD, name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts");
        let words = process.stdin.take().expect("piped");
        let answers = BufReader::new(process.stdout.take().expect("piped")).lines();
        let mut page = Self { process, words, answers };
        page.answer_within(PATIENCE).await;
        page
    }

    async fn answer_within(&mut self, patience: Duration) -> Value {
        let line = tokio::time::timeout(patience, self.answers.next_line()).await.expect("the page answers");
        let line = line.expect("reads").expect("the page lives; what it says stands above");
        serde_json::from_str(&line).expect("JSON")
    }

    async fn ask(&mut self, wanted: Value) -> Value {
        self.ask_within(PATIENCE, wanted).await
    }

    async fn ask_within(&mut self, patience: Duration, wanted: Value) -> Value {
        self.words.write_all(format!("{wanted}\n").as_bytes()).await.expect("it listens");
        self.answer_within(patience).await
    }

    /// Types keys evenly over so much time.
    pub(crate) async fn type_over(&mut self, text: &str, time: Duration) {
        let wanted = json!({"do": "type", "text": text, "over_ms": time.as_millis() as u64});
        self.ask_within(time + PATIENCE, wanted).await;
    }

    /// Waits until the output has `text` behind `from`; the position behind that.
    pub(crate) async fn until(&mut self, text: &str, from: usize) -> usize {
        let answer = self.ask(json!({"do": "until", "text": text, "from": from})).await;
        answer["end"].as_u64().expect("a position") as usize
    }

    /// Every byte of output so far, once.
    pub(crate) async fn received(&mut self) -> Vec<u8> {
        let answer = self.ask(json!({"do": "received"})).await;
        data_encoding::BASE64.decode(answer["bytes"].as_str().expect("text").as_bytes()).expect("Base64")
    }

    /// Breaks every connection that it has; it may make new ones.
    pub(crate) async fn drop_connections(&mut self) {
        self.ask(json!({"do": "drop"})).await;
    }

    /// Closes it; its session goes on.
    pub(crate) async fn close(mut self) {
        drop(self.words);
        let ended = tokio::time::timeout(PATIENCE, self.process.wait()).await;
        assert!(ended.expect("it ends").expect("a status").success());
    }

    /// What stands on the terminal.
    pub(crate) async fn screen(&mut self) -> Vec<String> {
        let answer = self.ask(json!({"do": "screen"})).await;
        serde_json::from_value(answer["lines"].clone()).expect("lines")
    }
}
