//! A desktop's WebSocket as a client speaks it: whole instructions, frames answered, our own messages apart.

use std::collections::HashMap;

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use crate::raw::parse;
use crate::system::PATIENCE;
use crate::system::api::Api;
use crate::system::shell::{WebSocket, connect_as};

const ENTER: u32 = 0xff0d;

/// A WebSocket on a desktop.
pub(crate) struct Browser {
    ws: WebSocket,
    /// The first instruction's: the session.
    pub(crate) session_id: String,
    /// Our own messages, by type.
    pub(crate) said: Vec<(String, Value)>,
    /// How often each instruction came.
    pub(crate) counts: HashMap<String, usize>,
    /// How often something was drawn on the screen since its picture began.
    pub(crate) drawn: usize,
    /// What came about files: instructions that open streams, and those of streams from 1024 on.
    pub(crate) files: Vec<Vec<String>>,
    /// Whether it answers frames.
    pub(crate) answers: bool,
}

impl Browser {
    /// Opens a new session and waits until it stands.
    pub(crate) async fn open(api: &Api, protocol: &str, target_id: &str) -> Self {
        Self::connect(api, protocol, target_id, "").await.unwrap_or_else(|closed| panic!("{closed}"))
    }

    /// Attaches to a session.
    pub(crate) async fn attach(
        api: &Api,
        protocol: &str,
        target_id: &str,
        session: &str,
    ) -> Result<Self, Value> {
        Self::connect(api, protocol, target_id, &format!("&session={session}")).await
    }

    /// Waits until the attachment stands; how it was closed if it does not.
    pub(crate) async fn connect(
        api: &Api,
        protocol: &str,
        target_id: &str,
        rest: &str,
    ) -> Result<Self, Value> {
        let path = format!("/api/ws/connect/{protocol}/{target_id}?width=1024&height=768&dpi=96{rest}");
        let ws = connect_as(api, &path, "guacamole").await.expect("a WebSocket");
        let mut browser = Self {
            ws,
            session_id: String::new(),
            said: Vec::new(),
            counts: HashMap::new(),
            drawn: 0,
            files: Vec::new(),
            answers: true,
        };
        loop {
            if let Some(closed) = browser.closed() {
                return Err(closed);
            }
            if browser.word("opened").is_some() {
                return Ok(browser);
            }
            assert!(browser.receive().await, "it was said how it ended");
        }
    }

    /// The newest message of this type.
    pub(crate) fn word(&self, kind: &str) -> Option<Value> {
        self.said.iter().rev().find(|(said, _)| said == kind).map(|(_, json)| json.clone())
    }

    pub(crate) fn closed(&self) -> Option<Value> {
        self.word("closed")
    }

    /// Takes the next message; `false` once the WebSocket is closed.
    pub(crate) async fn receive(&mut self) -> bool {
        let message = tokio::time::timeout(PATIENCE, self.ws.next()).await.expect("something comes");
        match message {
            Some(Ok(Message::Text(text))) => self.take(text.as_bytes()).await,
            Some(Ok(Message::Binary(_))) => panic!("a desktop is text"),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return false,
            Some(Ok(_)) => {}
        }
        true
    }

    /// A message holds whole instructions.
    async fn take(&mut self, text: &[u8]) {
        let mut at = 0;
        while at < text.len() {
            let (elements, end) = parse(text, at).expect("whole instructions");
            at = end;
            *self.counts.entry(elements[0].clone()).or_default() += 1;
            match elements[0].as_str() {
                "" if elements.len() == 2 => {
                    assert!(self.session_id.is_empty() && self.said.is_empty(), "it comes first");
                    self.session_id.clone_from(&elements[1]);
                }
                "" => {
                    if elements[1] == "picture" {
                        self.drawn = 0;
                    }
                    let json = serde_json::from_str(&elements[2]).unwrap_or(Value::Null);
                    self.said.push((elements[1].clone(), json));
                }
                "sync" if self.answers => self.send(&["sync", &elements[1]]).await,
                "img" if elements[3] == "0" => self.drawn += 1,
                "filesystem" | "undefine" | "body" | "file" => self.files.push(elements),
                "blob" | "end" if elements[1].parse().is_ok_and(|stream: u32| stream >= 1024) => {
                    self.files.push(elements);
                }
                "ack" => self.files.push(elements),
                _ => {}
            }
        }
    }

    pub(crate) async fn send(&mut self, elements: &[&str]) {
        let elements: Vec<_> =
            elements.iter().map(|element| format!("{}.{element}", element.chars().count())).collect();
        self.send_text(format!("{};", elements.join(","))).await;
    }

    pub(crate) async fn send_text(&mut self, text: String) {
        // Whether it is still there shows when it is read.
        let _ = self.ws.send(Message::text(text)).await;
    }

    /// Reads until something holds.
    pub(crate) async fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let found = tokio::time::timeout(PATIENCE, async {
            while !holds(self) {
                assert!(self.receive().await, "closed before {what}: {:?}", self.said);
            }
        });
        found.await.unwrap_or_else(|_| panic!("in vain: {what}; {:?}", self.said));
    }

    /// Reads until the screen is drawn on.
    pub(crate) async fn until_drawn(&mut self) {
        self.until("a picture", |browser| browser.drawn > 0).await;
    }

    /// Reads until a notice with this code came.
    pub(crate) async fn until_notice(&mut self, code: &str) -> Value {
        let of = |browser: &Self| {
            let mut notices =
                browser.said.iter().filter(|(kind, json)| kind == "notice" && json["code"] == code);
            notices.next_back().map(|(_, json)| json.clone())
        };
        self.until(code, |browser| of(browser).is_some()).await;
        of(self).expect("was found")
    }

    /// Reads until the last word.
    pub(crate) async fn until_closed(&mut self) -> Value {
        self.until("closed", |browser| browser.closed().is_some()).await;
        self.closed().expect("was found")
    }

    /// Reads until something else is done.
    pub(crate) async fn read_during<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = std::pin::pin!(other);
        loop {
            tokio::select! {
                done = &mut other => return done,
                more = self.receive() => assert!(more, "it goes on: {:?}", self.said),
            }
        }
    }

    /// Presses and lets go the left button.
    pub(crate) async fn click(&mut self, x: u32, y: u32) {
        let (x, y) = (x.to_string(), y.to_string());
        for buttons in ["0", "1", "0"] {
            self.send(&["mouse", &x, &y, buttons]).await;
        }
    }

    /// Types a line and Enter.
    pub(crate) async fn type_line(&mut self, line: &str) {
        for key in line.chars().map(u32::from).chain([ENTER]) {
            for pressed in ["1", "0"] {
                self.send(&["key", &key.to_string(), pressed]).await;
            }
        }
    }

    /// As a reload does: the WebSocket is gone without a word.
    pub(crate) fn drop_line(self) -> String {
        self.session_id
    }

    /// Ends the session.
    pub(crate) async fn close(mut self) -> Value {
        self.send(&["", "close"]).await;
        self.until_closed().await
    }
}
