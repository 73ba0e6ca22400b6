//! A shell's WebSocket as a client speaks it: offsets, acknowledgements, resuming. Its own implementation of the
//! wire contract, so that a mistake in ours shows.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::either::Either;

use super::api::{Api, Way};

/// A client that could not resume tries again after this.
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// What a client keeps of a session between WebSockets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) session_id: Option<String>,
    /// Every output byte so far, from offset 0.
    pub(crate) output: Vec<u8>,
    /// Every input byte so far, from offset 0.
    pub(crate) input: Vec<u8>,
    pub(crate) input_acked: usize,
}

/// Straight to the hub, or through a web server before it.
pub(crate) type WebSocket = WebSocketStream<Either<TcpStream, TlsStream<TcpStream>>>;

/// A WebSocket on a session.
pub(crate) struct Shell {
    pub(crate) ws: WebSocket,
    pub(crate) progress: Progress,
    pub(crate) opened: Value,
    pub(crate) steps: Vec<String>,
    pub(crate) screen: Option<Value>,
    /// The session's size, as a watcher was told it last.
    pub(crate) resized: Option<(u64, u64)>,
    pub(crate) notices: Vec<Value>,
    pub(crate) closed: Option<Value>,
    pub(crate) pongs: Vec<Value>,
    /// Where the next output byte must be.
    next: u64,
    acked: u64,
    /// Whether output is acknowledged as it comes.
    pub(crate) acknowledges: bool,
    /// Whether output is kept.
    pub(crate) keeps: bool,
}

/// Connects a raw WebSocket for a shell; the HTTP status if it is refused.
pub(crate) async fn connect(api: &Api, path: &str) -> Result<WebSocket, u16> {
    connect_as(api, path, "openpam.ssh.v1").await
}

/// The same, in another subprotocol.
pub(crate) async fn connect_as(api: &Api, path: &str, subprotocol: &'static str) -> Result<WebSocket, u16> {
    let (scheme, authority) = api.url.split_once("://").expect("a URL");
    let scheme = if scheme == "https" { "wss" } else { "ws" };
    let mut request = format!("{scheme}://{authority}{path}").into_client_request().expect("a request");
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", HeaderValue::from_static(subprotocol));
    headers.insert("cookie", api.cookie.parse().expect("text"));
    headers.insert("origin", api.origin.as_ref().unwrap_or(&api.url).parse().expect("text"));
    for (name, value) in api.way.iter().flat_map(|way| way.claims) {
        headers.insert(*name, value.parse().expect("text"));
    }
    let line = match &api.way {
        None => TcpStream::connect(authority).await.and_then(no_delay).map(Either::Left),
        Some(way) => through(way, authority).await.map(Either::Right),
    };
    match tokio_tungstenite::client_async(request, line.map_err(|_| 0u16)?).await {
        Ok((ws, _)) => Ok(ws),
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(_) => Err(0),
    }
}

async fn through(way: &Way, authority: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let name = authority.split(':').next().expect("a name").to_owned();
    let name = name.try_into().expect("a server's name");
    let socket = TcpSocket::new_v4()?;
    socket.bind((way.from, 0).into())?;
    let socket = no_delay(socket.connect(way.to).await?)?;
    TlsConnector::from(way.tls.clone()).connect(name, socket).await
}

fn no_delay(socket: TcpStream) -> std::io::Result<TcpStream> {
    socket.set_nodelay(true).map(|()| socket)
}

impl Shell {
    /// Opens a new session and waits until it stands.
    pub(crate) async fn open(api: &Api, target_id: &str) -> Self {
        let path = format!("/api/ws/connect/ssh/{target_id}?cols=80&rows=24");
        Self::attach(api, &path, Progress::default())
            .await
            .unwrap_or_else(|closed| panic!("no shell: {closed}"))
    }

    /// Resumes where `progress` is; `Err` is the close instead.
    pub(crate) async fn resume(api: &Api, target_id: &str, progress: Progress) -> Result<Self, Value> {
        let session = progress.session_id.clone().expect("a session");
        let offset = progress.output.len();
        let path =
            format!("/api/ws/connect/ssh/{target_id}?cols=80&rows=24&session={session}&offset={offset}");
        Self::attach(api, &path, progress).await
    }

    /// Resumes as soon as hub and site are there again.
    pub(crate) async fn resume_when_possible(api: &Api, target_id: &str, progress: &Progress) -> Self {
        let deadline = Instant::now() + super::PATIENCE;
        loop {
            let refused = match Self::resume(api, target_id, progress.clone()).await {
                Ok(shell) => return shell,
                Err(refused) => refused,
            };
            assert_ne!(refused["ended"], json!(true), "the session is over: {refused}");
            assert!(Instant::now() < deadline, "the session cannot be resumed: {refused}");
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
    }

    /// Attaches by a path of one's own; `Err` is the close instead, or `{"status": …}`.
    pub(crate) async fn attach(api: &Api, path: &str, progress: Progress) -> Result<Self, Value> {
        let ws = connect(api, path).await.map_err(|status| json!({"status": status}))?;
        let mut shell = Self {
            ws,
            progress,
            opened: Value::Null,
            steps: Vec::new(),
            screen: None,
            resized: None,
            notices: Vec::new(),
            closed: None,
            pongs: Vec::new(),
            next: 0,
            acked: 0,
            acknowledges: true,
            keeps: true,
        };
        while shell.opened.is_null() {
            if !shell.receive().await {
                return Err(shell.closed.unwrap_or(json!({"code": "dropped"})));
            }
        }
        let from = shell.opened["input_offset"].as_u64().expect("an offset") as usize;
        if shell.progress.input.len() < from {
            // Another client typed before this one came.
            shell.progress.input.resize(from, 0);
        }
        let rest = shell.progress.input[from..].to_vec();
        shell.send_input(from, &rest).await;
        Ok(shell)
    }

    /// Handles one message; `false` when the WebSocket is over.
    pub(crate) async fn receive(&mut self) -> bool {
        // Pings of the hub keep nobody waiting longer.
        let told = async {
            loop {
                match self.ws.next().await {
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    told => return told,
                }
            }
        };
        let message = match tokio::time::timeout(super::PATIENCE, told).await {
            Ok(Some(Ok(message))) => message,
            Ok(_) => return false,
            Err(_) => {
                panic!("nothing came for {:?}; output so far ends with {:?}", super::PATIENCE, self.tail())
            }
        };
        match message {
            Message::Binary(frame) => self.output(&frame).await,
            Message::Text(text) => {
                let message: Value = serde_json::from_str(&text).expect("JSON");
                match message["type"].as_str().expect("a type") {
                    "step" => self.steps.push(message["name"].as_str().expect("a name").to_owned()),
                    "opened" => {
                        self.next = message["output_offset"].as_u64().expect("an offset");
                        self.acked = self.next;
                        self.progress.session_id =
                            Some(message["session_id"].as_str().expect("an id").to_owned());
                        self.opened = message;
                    }
                    "screen" => self.screen = Some(message),
                    "ack" => {
                        self.progress.input_acked =
                            message["input_offset"].as_u64().expect("an offset") as usize
                    }
                    "notice" => {
                        if message["code"] == "output_gap" {
                            // A watcher that fell behind goes on there, and what it had is of no use any more.
                            self.next = message["to"].as_u64().expect("an offset");
                            self.acked = self.next;
                            if self.opened["mode"] == "watch" {
                                self.progress.output.clear();
                            }
                        }
                        self.notices.push(message);
                    }
                    "resized" => {
                        self.resized = Some((
                            message["cols"].as_u64().expect("a number"),
                            message["rows"].as_u64().expect("a number"),
                        ));
                    }
                    "pong" => self.pongs.push(message),
                    "closed" => {
                        assert!(self.closed.is_none(), "closed twice");
                        self.closed = Some(message);
                    }
                    _ => {}
                }
            }
            _ => return false,
        }
        true
    }

    /// Reads until something else is done: a client that does not read answers no ping, and is let go.
    pub(crate) async fn read_during<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = std::pin::pin!(other);
        loop {
            tokio::select! {
                biased;
                done = &mut other => return done,
                open = self.receive() => assert!(open, "the WebSocket stays: {:?}", self.closed),
            }
        }
    }

    async fn output(&mut self, frame: &Bytes) {
        assert!(self.closed.is_none(), "output after closed");
        let offset = u64::from_be_bytes(frame[..8].try_into().expect("an offset"));
        let bytes = &frame[8..];
        assert!(!bytes.is_empty() && bytes.len() <= 65_536, "{} bytes in a frame", bytes.len());
        assert_eq!(offset, self.next, "output must be without gap or overlap");
        self.next += bytes.len() as u64;
        if self.keeps {
            let have = self.progress.output.len() as u64;
            if self.next > have {
                let skip = have.saturating_sub(offset) as usize;
                self.progress.output.extend_from_slice(&bytes[skip..]);
            }
        }
        if self.acknowledges && self.next - self.acked >= 16 * 1024 {
            self.acknowledge().await;
        }
    }

    /// Where the next output byte will be.
    pub(crate) fn offset(&self) -> u64 {
        self.next
    }

    pub(crate) async fn acknowledge(&mut self) {
        self.acked = self.next;
        self.send_json(json!({"type": "ack", "output_offset": self.next})).await;
    }

    pub(crate) async fn send_json(&mut self, message: Value) {
        let _ = self.ws.send(Message::Text(message.to_string().into())).await;
    }

    /// Types bytes.
    pub(crate) async fn type_bytes(&mut self, bytes: &[u8]) {
        let from = self.progress.input.len();
        self.progress.input.extend_from_slice(bytes);
        self.send_input(from, bytes).await;
    }

    async fn send_input(&mut self, from: usize, bytes: &[u8]) {
        for (index, piece) in bytes.chunks(32 * 1024).enumerate() {
            let mut frame = ((from + index * 32 * 1024) as u64).to_be_bytes().to_vec();
            frame.extend_from_slice(piece);
            let _ = self.ws.send(Message::Binary(frame.into())).await;
        }
    }

    /// Receives until `found` in the output after `from`; the position after it.
    pub(crate) async fn until(&mut self, from: usize, found: &str) -> usize {
        let mut searched = from;
        loop {
            let text = self.progress.output.get(searched..).unwrap_or_default();
            if let Some(at) = text.windows(found.len()).position(|window| window == found.as_bytes()) {
                return searched + at + found.len();
            }
            searched += (text.len() + 1).saturating_sub(found.len());
            if !self.receive().await {
                panic!("closed before {found:?}: {:?}; output ends with {:?}", self.closed, self.tail());
            }
        }
    }

    /// Types a line and waits for `found` in what comes after.
    pub(crate) async fn command(&mut self, line: &str, found: &str) -> usize {
        let from = self.progress.output.len();
        self.type_bytes(format!("{line}\n").as_bytes()).await;
        self.until(from, found).await
    }

    /// Receives until a notice with this code has come; the newest of them.
    pub(crate) async fn until_notice(&mut self, code: &str) -> Value {
        loop {
            if let Some(notice) = self.notices.iter().rfind(|notice| notice["code"] == code) {
                return notice.clone();
            }
            if !self.receive().await {
                panic!("closed before a notice {code}: {:?}", self.closed);
            }
        }
    }

    /// Receives until the WebSocket is over; the close.
    pub(crate) async fn until_closed(&mut self) -> Value {
        while self.receive().await {}
        self.closed.clone().unwrap_or(Value::Null)
    }

    /// Drops the WebSocket without a word, as a cut line does.
    pub(crate) fn drop_line(self) -> Progress {
        self.progress
    }

    /// Ends the session.
    pub(crate) async fn close(mut self) -> Value {
        self.send_json(json!({"type": "close"})).await;
        self.until_closed().await
    }

    fn tail(&self) -> String {
        let output = &self.progress.output;
        String::from_utf8_lossy(&output[output.len().saturating_sub(300)..]).into_owned()
    }
}
