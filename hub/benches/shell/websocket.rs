//! A shell's WebSocket as the page speaks it: output is acknowledged at 32 KiB or after 30 ms.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;

use crate::system::api::Api;
use crate::system::shell::{WebSocket, connect};

const ACK_BYTES: u64 = 32 * 1024;
const ACK_DELAY: Duration = Duration::from_millis(30);
const OFFSET_BYTES: usize = 8;
/// For the hub's last word, when a session is ended.
const LAST_WORD: Duration = Duration::from_secs(10);

pub(crate) struct Browser {
    ws: WebSocket,
    /// Known as soon as the session stands.
    session: Option<String>,
    typed: u64,
    consumed: u64,
    acknowledged: u64,
    acknowledge_at: Option<Instant>,
}

/// What a message meant.
enum Told {
    Output(Bytes),
    Opened,
    Other,
    Over,
}

impl Browser {
    /// Opens a new session.
    pub(crate) async fn start(api: &Api, target_id: &str) -> anyhow::Result<Self> {
        let ws = socket(api, target_id, "").await?;
        Ok(Self { ws, session: None, typed: 0, consumed: 0, acknowledged: 0, acknowledge_at: None })
    }

    /// Watches somebody else's session.
    pub(crate) async fn watch(api: &Api, target_id: &str, session: &str) -> anyhow::Result<Self> {
        let ws = socket(api, target_id, &format!("&session={session}")).await?;
        Ok(Self { ws, session: None, typed: 0, consumed: 0, acknowledged: 0, acknowledge_at: None })
    }

    pub(crate) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Goes without ending the session, once the hub has taken every word.
    pub(crate) async fn leave(mut self) -> anyhow::Result<()> {
        self.ws.close(None).await?;
        let rest = async { while let Some(Ok(_)) = self.ws.next().await {} };
        tokio::time::timeout(LAST_WORD, rest).await.context("the hub does not let go")
    }

    /// Drops the WebSocket without a word and comes back to the session on a new one.
    pub(crate) async fn attach_again(&mut self, api: &Api, target_id: &str) -> anyhow::Result<()> {
        let session = self.session.take().context("no session to come back to")?;
        self.ws = socket(api, target_id, &format!("&session={session}&offset={}", self.consumed)).await?;
        loop {
            match self.told().await? {
                Told::Opened => return Ok(()),
                Told::Output(_) | Told::Other => {}
                Told::Over => bail!("the session is gone"),
            }
        }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut frame = BytesMut::with_capacity(OFFSET_BYTES + bytes.len());
        frame.put_u64(self.typed);
        frame.put_slice(bytes);
        self.typed += bytes.len() as u64;
        Ok(self.ws.send(Message::Binary(frame.freeze())).await?)
    }

    /// The next output; `None` when the session is over. Cancel-safe.
    pub(crate) async fn receive(&mut self) -> anyhow::Result<Option<Bytes>> {
        loop {
            match self.told().await? {
                Told::Output(bytes) => return Ok(Some(bytes)),
                Told::Opened | Told::Other => {}
                Told::Over => return Ok(None),
            }
        }
    }

    async fn told(&mut self) -> anyhow::Result<Told> {
        let due = self.acknowledge_at;
        let message = tokio::select! {
            biased;
            message = self.ws.next() => message,
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                self.acknowledge().await?;
                return Ok(Told::Other);
            }
        };
        match message.transpose()? {
            Some(Message::Binary(frame)) => self.output(frame).await.map(Told::Output),
            Some(Message::Text(text)) => self.word(&serde_json::from_str(&text)?),
            Some(Message::Close(_)) | None => Ok(Told::Over),
            Some(_) => Ok(Told::Other),
        }
    }

    fn word(&mut self, message: &Value) -> anyhow::Result<Told> {
        let word = |name: &str| message.get(name).and_then(Value::as_str);
        match word("type") {
            Some("opened") => {
                let offset = message.get("output_offset").and_then(Value::as_u64).context("no offset")?;
                if word("mode") == Some("watch") {
                    self.go_on_at(offset);
                }
                ensure!(offset == self.consumed, "opened at {offset} where {} was due", self.consumed);
                self.session = word("session_id").map(str::to_owned);
                Ok(Told::Opened)
            }
            // Who watches and fell behind goes on there.
            Some("notice") if word("code") == Some("output_gap") => {
                self.go_on_at(message.get("to").and_then(Value::as_u64).context("no offset")?);
                Ok(Told::Other)
            }
            Some("closed") if word("code") != Some("closed_by_user") => bail!("closed: {message}"),
            _ => Ok(Told::Other),
        }
    }

    fn go_on_at(&mut self, offset: u64) {
        self.consumed = offset;
        self.acknowledged = offset;
        self.acknowledge_at = None;
    }

    async fn output(&mut self, mut frame: Bytes) -> anyhow::Result<Bytes> {
        ensure!(frame.len() > OFFSET_BYTES, "a frame of {} bytes", frame.len());
        let offset = frame.get_u64();
        ensure!(offset == self.consumed, "output at {offset} where {} was due", self.consumed);
        self.consumed += frame.len() as u64;
        if self.consumed - self.acknowledged >= ACK_BYTES {
            self.acknowledge().await?;
        } else {
            self.acknowledge_at.get_or_insert_with(|| Instant::now() + ACK_DELAY);
        }
        Ok(frame)
    }

    pub(crate) async fn acknowledge(&mut self) -> anyhow::Result<()> {
        let ack = json!({"type": "ack", "output_offset": self.consumed}).to_string();
        self.ws.send(Message::Text(ack.into())).await?;
        self.acknowledged = self.consumed;
        self.acknowledge_at = None;
        Ok(())
    }

    /// Ends the session.
    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        self.ws.send(Message::Text(json!({"type": "close"}).to_string().into())).await?;
        let rest = async {
            while self.receive().await?.is_some() {}
            anyhow::Ok(())
        };
        tokio::time::timeout(LAST_WORD, rest).await.context("the hub does not confirm a close")?
    }
}

async fn socket(api: &Api, target_id: &str, more: &str) -> anyhow::Result<WebSocket> {
    let path = format!("/api/ws/connect/ssh/{target_id}?cols=80&rows=24{more}");
    connect(api, &path).await.map_err(|status| anyhow::anyhow!("refused with status {status}"))
}
