//! A desktop's client, one program for all ways: Guacamole's instructions over TCP with guacd itself, or over a WebSocket
//! through hub and satellite. It answers each frame at once, as a page does.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bytes::BytesMut;
use futures::{SinkExt, StreamExt};
use openpam_proto::guacamole::{self, Instruction};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::desk::Desk;
use crate::system::api::Api;
use crate::system::shell::{WebSocket, connect_as};

/// For whatever is waited for, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// As satellites say it to guacd.
const WINDOW: [&str; 3] = ["1024", "768", "96"];
const IMAGES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];
/// What is drawn right of this is not looked at: a desktop's clock stands there.
const LOOKS_LEFT_OF: u32 = 700;
pub(crate) const ENTER: u32 = 0xff0d;
pub(crate) const BACKSPACE: u32 = 0xff08;

pub(crate) struct Client {
    line: Line,
    buffer: BytesMut,
    /// Answers that were not said yet.
    due: String,
    /// Whether something was drawn since the last frame.
    drawn: bool,
    /// When a frame was complete that nobody has asked for yet.
    ended: Option<Instant>,
    /// All that came.
    pub(crate) bytes: u64,
}

enum Line {
    Guacd(TcpStream),
    Hub(Box<WebSocket>),
}

/// What an instruction is to a client.
enum Meaning {
    Drawn,
    Frame(String),
    KeepAlive,
    Over(String),
    Other,
}

impl Client {
    /// Has guacd open the desktop.
    pub(crate) async fn of_guacd(guacd: (Ipv4Addr, u16), desk: &Desk) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(guacd).await?;
        stream.set_nodelay(true)?;
        let mut client = Self::new(Line::Guacd(stream));
        client.send(&["select", desk.protocol()]).await?;
        let names = client.until("args").await?;
        let images = [&["image"][..], &IMAGES].concat();
        let values = names.iter().map(|name| desk.argument(name)).collect::<Vec<_>>();
        let mut said = String::new();
        guacamole::push(&mut said, &[&["size"][..], &WINDOW].concat());
        guacamole::push(&mut said, &["audio", "audio/L16"]);
        guacamole::push(&mut said, &["video"]);
        guacamole::push(&mut said, &images);
        guacamole::push(&mut said, &["timezone", "UTC"]);
        let connect = values.iter().map(String::as_str);
        guacamole::push(&mut said, &std::iter::once("connect").chain(connect).collect::<Vec<_>>());
        client.say(said).await?;
        Ok(client)
    }

    /// Has OpenPAM open it.
    pub(crate) async fn of_hub(api: &Api, protocol: &str, target_id: &str) -> anyhow::Result<Self> {
        let [width, height, dpi] = WINDOW;
        let path = format!("/api/ws/connect/{protocol}/{target_id}?width={width}&height={height}&dpi={dpi}");
        let ws = connect_as(api, &path, "guacamole").await;
        let ws = ws.map_err(|status| anyhow::anyhow!("refused with status {status}"))?;
        Ok(Self::new(Line::Hub(Box::new(ws))))
    }

    fn new(line: Line) -> Self {
        Self { line, buffer: BytesMut::new(), due: String::new(), drawn: false, ended: None, bytes: 0 }
    }

    /// The next frame in which something was drawn; when it was complete. Cancel-safe: answers are too small to wait.
    pub(crate) async fn frame(&mut self) -> anyhow::Result<Instant> {
        loop {
            if !self.due.is_empty() {
                let due = std::mem::take(&mut self.due);
                self.say(due).await?;
            }
            if let Some(at) = self.ended.take() {
                return Ok(at);
            }
            let Some((meaning, length)) =
                Instruction::first(&self.buffer)?.map(|next| (meaning(next), next.text().len()))
            else {
                self.read().await?;
                continue;
            };
            let _ = self.buffer.split_to(length);
            match meaning {
                Meaning::Drawn => self.drawn = true,
                Meaning::Frame(time) => {
                    guacamole::push(&mut self.due, &["sync", &time]);
                    self.ended = std::mem::take(&mut self.drawn).then(Instant::now);
                }
                Meaning::KeepAlive => guacamole::push(&mut self.due, &["nop"]),
                Meaning::Over(how) => bail!("the desktop has ended: {how}"),
                Meaning::Other => {}
            }
        }
    }

    /// The same, which must come.
    pub(crate) async fn soon(&mut self, what: &str) -> anyhow::Result<Instant> {
        tokio::time::timeout(PATIENCE, self.frame()).await.with_context(|| format!("{what} never came"))?
    }

    /// Reads for so long; how many frames came.
    pub(crate) async fn frames_for(&mut self, time: Duration) -> anyhow::Result<usize> {
        let mut count = 0;
        let frames = async {
            loop {
                self.frame().await?;
                count += 1;
            }
        };
        match tokio::time::timeout(time, frames).await {
            Ok(failed) => failed,
            Err(_) => Ok(count),
        }
    }

    /// Reads until nothing is drawn for so long.
    pub(crate) async fn until_still(&mut self, time: Duration) -> anyhow::Result<()> {
        let still = async {
            while self.frames_for(time).await? > 0 {}
            anyhow::Ok(())
        };
        tokio::time::timeout(PATIENCE, still).await.context("the picture does not come to rest")?
    }

    /// Presses a key and lets it go.
    pub(crate) async fn press(&mut self, key: u32) -> anyhow::Result<()> {
        let key = key.to_string();
        let strokes = ["1", "0"].map(|pressed| guacamole::instruction(&["key", &key, pressed]));
        self.say(strokes.concat()).await
    }

    /// Types a line and Enter.
    pub(crate) async fn type_line(&mut self, line: &str) -> anyhow::Result<()> {
        for key in line.chars().map(u32::from).chain([ENTER]) {
            self.press(key).await?;
        }
        Ok(())
    }

    /// Presses and lets go the left button.
    pub(crate) async fn click(&mut self, x: u32, y: u32) -> anyhow::Result<()> {
        let (x, y) = (x.to_string(), y.to_string());
        for buttons in ["0", "1", "0"] {
            self.send(&["mouse", &x, &y, buttons]).await?;
        }
        Ok(())
    }

    /// Ends the desktop's connection.
    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        let word = if matches!(self.line, Line::Hub(_)) { &["", "close"][..] } else { &["disconnect"] };
        self.send(word).await?;
        let rest = async { while self.frame().await.is_ok() {} };
        tokio::time::timeout(PATIENCE, rest).await.context("a desktop does not end")
    }

    async fn send(&mut self, elements: &[&str]) -> anyhow::Result<()> {
        self.say(guacamole::instruction(elements)).await
    }

    async fn say(&mut self, instructions: String) -> anyhow::Result<()> {
        match &mut self.line {
            Line::Guacd(stream) => stream.write_all(instructions.as_bytes()).await?,
            Line::Hub(ws) => ws.send(Message::text(instructions)).await?,
        }
        Ok(())
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        let before = self.buffer.len();
        match &mut self.line {
            Line::Guacd(stream) => {
                self.buffer.reserve(64 * 1024);
                if stream.read_buf(&mut self.buffer).await? == 0 {
                    bail!("guacd let go");
                }
            }
            Line::Hub(ws) => match ws.next().await.transpose()? {
                Some(Message::Text(text)) => self.buffer.extend_from_slice(text.as_bytes()),
                Some(Message::Close(_)) | None => bail!("the hub let go"),
                Some(_) => {}
            },
        }
        self.bytes += (self.buffer.len() - before) as u64;
        Ok(())
    }

    /// The arguments of the next instruction of guacd's handshake, which must be this one.
    async fn until(&mut self, opcode: &str) -> anyhow::Result<Vec<String>> {
        loop {
            if let Some(next) = Instruction::first(&self.buffer)? {
                anyhow::ensure!(next.opcode() == opcode, "{:?} where {opcode} was due", next.text());
                let arguments = next.arguments().map(str::to_owned).collect();
                let length = next.text().len();
                let _ = self.buffer.split_to(length);
                return Ok(arguments);
            }
            self.read().await?;
        }
    }
}

fn meaning(next: Instruction<'_>) -> Meaning {
    let left = |x: &str| x.parse::<u32>().is_ok_and(|x| x < LOOKS_LEFT_OF);
    match next.opcode() {
        "img" if next.argument(2) == "0" && left(next.argument(4)) => Meaning::Drawn,
        "copy" if next.argument(6) == "0" && left(next.argument(7)) => Meaning::Drawn,
        "sync" => Meaning::Frame(next.argument(0).to_owned()),
        "nop" => Meaning::KeepAlive,
        "error" => Meaning::Over(next.text().to_owned()),
        "disconnect" => Meaning::Over("guacd disconnects".to_owned()),
        "" if next.argument(0) == "closed" => Meaning::Over(next.argument(1).to_owned()),
        _ => Meaning::Other,
    }
}
