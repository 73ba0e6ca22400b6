//! Speaks to guacd in as few words as it takes, and keeps every byte that it answers.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::system::PATIENCE;
use crate::system::guacd::Guacd;

const ENTER: u32 = 0xff0d;
/// Who says nothing for 15 s is let go, also where the desktop has not answered yet and there is nothing to say.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

pub(crate) struct Raw {
    stream: TcpStream,
    received: Vec<u8>,
    /// Where the next instruction begins.
    next: usize,
    /// How often something was drawn on the screen, which is layer 0.
    pub(crate) drawn: usize,
}

impl Raw {
    /// Asks guacd to open a connection; whether that works shows later.
    pub(crate) async fn open(guacd: &Guacd, protocol: &str, parameters: &[(&str, &str)]) -> Self {
        let stream = TcpStream::connect((guacd.address, guacd.port)).await.expect("guacd answers");
        let mut raw = Self { stream, received: Vec::new(), next: 0, drawn: 0 };
        raw.send(&["select", protocol]).await;
        let names = raw.until("args").await;
        raw.send(&["size", "1024", "768", "96"]).await;
        raw.send(&["audio"]).await;
        raw.send(&["video"]).await;
        raw.send(&["image", "image/png", "image/jpeg"]).await;
        raw.send(&["timezone", "UTC"]).await;
        // The first name is the version, and is said back.
        let values = names[1..].iter().map(|name| {
            let given = parameters.iter().find(|(parameter, _)| parameter == name);
            given.map_or(if name.starts_with("VERSION_") { name } else { "" }, |(_, value)| value)
        });
        let connect: Vec<&str> = std::iter::once("connect").chain(values).collect();
        raw.send(&connect).await;
        raw.until("ready").await;
        raw
    }

    /// Every whole instruction that came, as it came.
    pub(crate) fn read(&self) -> &[u8] {
        &self.received[..self.next]
    }

    pub(crate) async fn send(&mut self, elements: &[&str]) {
        let elements: Vec<_> =
            elements.iter().map(|element| format!("{}.{element}", element.chars().count())).collect();
        self.stream.write_all(format!("{};", elements.join(",")).as_bytes()).await.expect("guacd takes it");
    }

    /// Reads until an instruction of this name has come.
    pub(crate) async fn until(&mut self, opcode: &str) -> Vec<String> {
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                let found = self.instruction().await;
                assert!(opcode == "error" || found[0] != "error", "{found:?}");
                if found[0] == opcode {
                    return found;
                }
            }
        });
        found.await.unwrap_or_else(|_| panic!("no {opcode} came"))
    }

    /// Reads until the screen was drawn on more often than that.
    pub(crate) async fn until_drawn(&mut self, before: usize) {
        while self.drawn <= before {
            self.until("img").await;
        }
        self.until("sync").await;
    }

    /// Reads until something else is done: who does not answer is let go.
    pub(crate) async fn read_during<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = std::pin::pin!(other);
        loop {
            tokio::select! {
                done = &mut other => return done,
                found = self.instruction() => assert_ne!(found[0], "error", "{found:?}"),
            }
        }
    }

    pub(crate) async fn mouse(&mut self, x: u32, y: u32, buttons: u32) {
        self.send(&["mouse", &x.to_string(), &y.to_string(), &buttons.to_string()]).await;
    }

    /// Presses and lets go the left button.
    pub(crate) async fn click(&mut self, x: u32, y: u32) {
        for buttons in [0, 1, 0] {
            self.mouse(x, y, buttons).await;
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

    /// The next instruction; a `sync` is answered. Nothing is lost where this is given up.
    async fn instruction(&mut self) -> Vec<String> {
        loop {
            if let Some((elements, end)) = parse(&self.received, self.next) {
                match elements[0].as_str() {
                    "sync" => self.send(&["sync", &elements[1]]).await,
                    "img" if elements[3] == "0" => self.drawn += 1,
                    _ => {}
                }
                self.next = end;
                return elements;
            }
            match tokio::time::timeout(KEEP_ALIVE, self.stream.read_buf(&mut self.received)).await {
                Ok(count) => assert_ne!(count.expect("guacd speaks"), 0, "guacd ended the connection"),
                Err(_) => self.send(&["nop"]).await,
            }
        }
    }
}

/// The whole instruction that begins at `at`, and where it ends.
pub(crate) fn parse(bytes: &[u8], mut at: usize) -> Option<(Vec<String>, usize)> {
    let mut elements = Vec::new();
    loop {
        let dot = at + bytes[at..].iter().position(|byte| *byte == b'.')?;
        let length: usize = std::str::from_utf8(&bytes[at..dot]).ok()?.parse().expect("a length");
        // In characters, not bytes.
        let value = &bytes[dot + 1..];
        let begins = value.iter().enumerate().filter(|(_, byte)| **byte & 0xc0 != 0x80);
        let (end, terminator) = begins.map(|(index, byte)| (index, *byte)).nth(length)?;
        elements.push(String::from_utf8(value[..end].to_vec()).expect("text"));
        at = dot + 1 + end + 1;
        if terminator == b';' {
            return Some((elements, at));
        }
        assert_eq!(terminator, b',', "an element ends where it says");
    }
}
