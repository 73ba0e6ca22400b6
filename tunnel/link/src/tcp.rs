//! The fallback transport: TLS 1.3 over TCP, two connections a tunnel, interactive and bulk, so that a recording going
//! up never delays a key.
//!
//! Each connection carries one yamux; every channel of every lane is a stream of it and begins with its lane's header.
//! On a link channel of each connection the satellite asks every two seconds whether the hub is there and the hub answers,
//! also through proxies that keep a dead connection open. What QUIC's close says there, a message says here.
//!
//! After a cut the kernel sends again only when its doubled wait is over, seconds after the line is back. So the
//! satellite, where somebody waits, asks more often and learns soon that nobody answers: `TcpTunnel::falls_silent`.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use openpam_proto::close::CloseCode;
use openpam_proto::lane::{self as lanes, LaneHeader};
use openpam_proto::limits::{MAX_CHANNELS_PER_CONNECTION, MAX_CHANNELS_PER_LANE};
use openpam_proto::message::Message;
use openpam_proto::tcp::{Beat, Close, Link};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::time::timeout;
use tokio_util::compat::TokioAsyncReadCompatExt;
use tokio_util::sync::CancellationToken;

use crate::channel::{Channel, ChannelReader, ChannelWriter};
use crate::lane::{self, Lane, LaneAcceptor};
use crate::mux::{self, Bounds, End, Mux};
use crate::tunnel::{Ended, TunnelError};

/// Silence after which the line counts as dead: as over QUIC.
const SILENCE: Duration = crate::quic::IDLE_TIMEOUT;
const BEAT_EVERY: Duration = Duration::from_secs(2);
/// Where somebody waits.
const URGENT_BEAT_EVERY: Duration = Duration::from_millis(400);
/// Nothing was heard for so long though the peer was asked more than once: the line may be dead.
const SUSPICIOUS: Duration = Duration::from_millis(1200);
/// The peer gets this long to take a close before the sockets are cut.
const CLOSE_PATIENCE: Duration = Duration::from_millis(500);
/// A channel says its lane this soon.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Channels whose lane is not known yet; further ones are reset.
const MAX_NAMELESS: usize = 64;
/// Lanes that arrived and were not taken yet; their channels are reset past it.
const LANE_QUEUE: usize = 64;
/// The kernel keeps at most so much that was not sent yet: what is written later must not wait behind it.
const NOT_SENT_BYTES: u32 = 128 * 1024;

/// As QUIC has for a whole connection.
const WINDOW_BYTES: usize = 16 * 1024 * 1024;

const BOUNDS: Bounds =
    Bounds { channels: MAX_CHANNELS_PER_CONNECTION, accepts: MAX_NAMELESS, window_bytes: WINDOW_BYTES };

/// Sets what every socket of a tunnel has. What this system does not know is left as it is.
pub(crate) fn tune(socket: &TcpStream, congestion: crate::quic::Congestion) {
    let reference = socket2::SockRef::from(socket);
    let _ = reference.set_tcp_nodelay(true);
    let _ = reference.set_tcp_user_timeout(Some(SILENCE));
    let _ = reference.set_tcp_notsent_lowat(NOT_SENT_BYTES);
    let _ = reference.set_tcp_congestion(congestion.as_str().as_bytes());
}

/// A tunnel over two TCP connections.
#[derive(Clone, Debug)]
pub struct TcpTunnel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    interactive: Mux,
    bulk: Mux,
    arrived: tokio::sync::Mutex<mpsc::Receiver<Arrived>>,
    /// Of the interactive connection.
    pulse: Pulse,
    state: State,
}

type Arrived = (LaneHeader, Lane, LaneAcceptor);

/// How it ends, shared with its tasks.
#[derive(Clone, Debug)]
struct State {
    ended: Arc<watch::Sender<Option<Ended>>>,
    closing: Arc<watch::Sender<Option<CloseCode>>>,
    cut: CancellationToken,
}

impl State {
    fn end(&self, code: Option<CloseCode>, reason: &str) {
        self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            if first {
                *ended = Some(Ended { code, reason: reason.to_owned() });
            }
            first
        });
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.state.end(None, "dropped");
        // One that closes says so first, then cuts the line itself.
        if self.state.closing.borrow().is_none() {
            self.state.cut.cancel();
        }
    }
}

impl TcpTunnel {
    /// The hub's end over two connections whose first frames were exchanged.
    #[must_use]
    pub fn accepted<S>(interactive: S, bulk: S) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        Self::start(interactive, bulk, End::Acceptor)
    }

    /// A tunnel over two connections whose first frames were exchanged. `end` is the opener at the satellite.
    pub(crate) fn start<S>(interactive: S, bulk: S, end: End) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let state = State {
            ended: Arc::new(watch::Sender::new(None)),
            closing: Arc::new(watch::Sender::new(None)),
            cut: CancellationToken::new(),
        };
        let (arrived, lanes) = mpsc::channel(LANE_QUEUE);
        let pulse = Pulse::default();
        let interactive = connection(interactive, end, pulse.clone(), arrived.clone(), state.clone());
        let bulk = connection(bulk, end, Pulse::default(), arrived, state.clone());
        let arrived = tokio::sync::Mutex::new(lanes);
        Self(Arc::new(Inner { interactive, bulk, arrived, pulse, state }))
    }

    /// While polled, asks the peer often where `somebody_waits`; returns when nothing was heard for [`SUSPICIOUS`].
    pub(crate) async fn falls_silent(&self, somebody_waits: impl Fn() -> bool) {
        let pulse = &self.0.pulse;
        let mut asked_since = Instant::now();
        let mut beat = tokio::time::interval(URGENT_BEAT_EVERY);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            if !somebody_waits() {
                asked_since = Instant::now();
            } else if pulse.heard.ago().min(asked_since.elapsed()) >= SUSPICIOUS {
                return;
            } else {
                pulse.due.notify_one();
            }
        }
    }

    /// Returns with the next answer.
    pub(crate) async fn answers(&self) {
        let _ = self.0.pulse.answers.subscribe().changed().await;
    }

    /// A lane. Its peer hears of it with its first channel.
    pub(crate) fn open(&self, header: LaneHeader) -> Result<Lane, TunnelError> {
        self.check()?;
        let mux = match header {
            LaneHeader::Bulk(_) => &self.0.bulk,
            _ => &self.0.interactive,
        };
        Ok(lane::by_name(mux.clone(), header))
    }

    pub(crate) async fn accept(&self) -> Result<Arrived, TunnelError> {
        let mut arrived = self.0.arrived.lock().await;
        tokio::select! {
            lane = arrived.recv() => lane.ok_or_else(|| TunnelError::gone("closed")),
            ended = self.closed() => Err(TunnelError::gone(ended.reason)),
        }
    }

    pub(crate) fn close(&self, code: CloseCode) {
        self.0.state.closing.send_if_modified(|closing| {
            let first = closing.is_none();
            if first {
                *closing = Some(code);
            }
            first
        });
        self.0.state.end(None, "closed");
    }

    pub(crate) async fn closed(&self) -> Ended {
        let mut ended = self.0.state.ended.subscribe();
        match ended.wait_for(Option::is_some).await.ok().and_then(|ended| ended.clone()) {
            Some(ended) => ended,
            None => Ended { code: None, reason: "dropped".to_owned() },
        }
    }

    fn check(&self) -> Result<(), TunnelError> {
        match &*self.0.state.ended.borrow() {
            Some(ended) => Err(TunnelError::gone(&ended.reason)),
            None => Ok(()),
        }
    }
}

/// Starts what serves one connection of a tunnel.
fn connection<S>(socket: S, end: End, pulse: Pulse, arrived: mpsc::Sender<Arrived>, state: State) -> Mux
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let socket = Watched { socket, heard: pulse.heard.clone() };
    let (mux, channels) = mux::start(socket.compat(), end, BOUNDS, state.cut.clone());
    let (links, link) = mpsc::channel(1);
    let router = Router { mux: mux.downgrade(), lanes: Arc::default(), arrived, links };
    let opener = matches!(end, End::Opener).then(|| mux.clone());
    tokio::spawn(async move {
        let reason = tokio::select! {
            () = state.cut.cancelled() => "the connection is gone",
            () = router.run(channels) => "the connection is gone",
            () = pulse.heard.silence() => "the line is silent",
            told = keep_link(opener, link, &pulse, state.closing.subscribe()) => {
                match told {
                    Some(code) => state.end(Some(code), code.as_str()),
                    None => state.end(None, "the connection is gone"),
                }
                "closed"
            }
        };
        state.end(None, reason);
        state.cut.cancel();
    });
    mux
}

/// Asks or answers, hears what the peer says, and says why this end closes. The code is the peer's.
async fn keep_link(
    opener: Option<Mux>,
    mut link: mpsc::Receiver<Channel>,
    pulse: &Pulse,
    mut closing: watch::Receiver<Option<CloseCode>>,
) -> Option<CloseCode> {
    let asks = opener.is_some();
    let channel = match opener {
        Some(mux) => {
            let mut channel = mux.open(None).await.ok()?;
            channel.writer.feed(&LaneHeader::Link(lanes::Link {})).ok()?;
            channel
        }
        None => link.recv().await?,
    };
    let (reader, mut writer) = (channel.reader, channel.writer);
    let mut beat = tokio::time::interval(BEAT_EVERY);
    let listen = listen(reader, || if asks { pulse.answered() } else { pulse.due.notify_one() });
    tokio::pin!(listen);
    loop {
        tokio::select! {
            code = &mut listen => return code,
            _ = beat.tick(), if asks => pulse.due.notify_one(),
            () = pulse.due.notified() => writer.send(&Link::Beat(Beat {})).await.ok()?,
            code = told_to_close(&mut closing) => {
                let code = code?;
                let _ = timeout(CLOSE_PATIENCE, async {
                    say_close(writer, code).await;
                    // The peer cuts the line when it has heard.
                    listen.await
                }).await;
                return None;
            }
        }
    }
}

async fn told_to_close(closing: &mut watch::Receiver<Option<CloseCode>>) -> Option<CloseCode> {
    closing.wait_for(Option::is_some).await.ok().and_then(|code| *code)
}

async fn say_close(mut writer: ChannelWriter, code: CloseCode) {
    if writer.send(&Link::Close(Close { code: code.number() })).await.is_ok() {
        writer.finish().await;
    }
}

async fn listen(mut reader: ChannelReader, on_beat: impl Fn()) -> Option<CloseCode> {
    loop {
        match reader.next_message::<Link>().await {
            Ok(Some(Link::Close(close))) => return Some(CloseCode::from_number(close.code.into())),
            Ok(Some(Link::Beat(_))) => on_beat(),
            Ok(Some(Link::Unknown(_))) => {}
            Ok(None) | Err(_) => return None,
        }
    }
}

/// Gives arriving channels to their lanes.
#[derive(Clone)]
struct Router {
    mux: mux::WeakMux,
    lanes: Arc<Mutex<HashMap<Vec<u8>, mpsc::WeakSender<Channel>>>>,
    arrived: mpsc::Sender<Arrived>,
    links: mpsc::Sender<Channel>,
}

impl Router {
    /// Until the connection is gone.
    async fn run(self, mut channels: mpsc::Receiver<Channel>) {
        let nameless = Arc::new(Semaphore::new(MAX_NAMELESS));
        while let Some(channel) = channels.recv().await {
            // Past the limit the channel is dropped, which resets it.
            let Ok(permit) = nameless.clone().try_acquire_owned() else { continue };
            let router = self.clone();
            tokio::spawn(async move {
                router.route(channel).await;
                drop(permit);
            });
        }
    }

    async fn route(self, mut channel: Channel) -> Option<()> {
        let header = timeout(HEADER_TIMEOUT, channel.reader.next_message::<LaneHeader>()).await;
        match header.ok()?.ok()?? {
            LaneHeader::Link(_) => self.links.try_send(channel).ok(),
            header => self.deliver(header, channel),
        }
    }

    fn deliver(&self, header: LaneHeader, channel: Channel) -> Option<()> {
        let name = header.to_bytes();
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lanes.get(&name).and_then(mpsc::WeakSender::upgrade).filter(|lane| !lane.is_closed());
        let lane = match known {
            Some(lane) => lane,
            None => {
                let (lane, accepted) = mpsc::channel(MAX_CHANNELS_PER_LANE);
                let handle = lane::by_name(self.mux.upgrade()?, header.clone());
                self.arrived.try_send((header, handle, LaneAcceptor::new(accepted))).ok()?;
                lanes.retain(|_, lane| lane.strong_count() > 0);
                lanes.insert(name, lane.downgrade());
                lane
            }
        };
        channel.keep_lane(lane.clone());
        lane.try_send(channel).ok()
    }
}

/// What is known of the peer of one connection.
#[derive(Clone, Debug, Default)]
struct Pulse {
    heard: Heard,
    /// A beat is to be sent, a question or an answer: one for any number of reasons.
    due: Arc<Notify>,
    /// Changes with every answer.
    answers: Arc<watch::Sender<()>>,
}

impl Pulse {
    fn answered(&self) {
        self.answers.send_replace(());
    }
}

/// When something was last read from a socket.
#[derive(Clone, Debug)]
struct Heard {
    begun: Instant,
    last_ms: Arc<AtomicU64>,
}

impl Default for Heard {
    fn default() -> Self {
        Self { begun: Instant::now(), last_ms: Arc::default() }
    }
}

impl Heard {
    fn now(&self) {
        self.last_ms.store(self.begun.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    fn ago(&self) -> Duration {
        let last = Duration::from_millis(self.last_ms.load(Ordering::Relaxed));
        self.begun.elapsed().saturating_sub(last)
    }

    /// Returns when nothing came for [`SILENCE`].
    async fn silence(&self) {
        loop {
            match SILENCE.checked_sub(self.ago()) {
                None => return,
                Some(left) => tokio::time::sleep(left.max(Duration::from_millis(10))).await,
            }
        }
    }
}

/// A socket that notes when it was read.
struct Watched<S> {
    socket: S,
    heard: Heard,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.heard.now();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
