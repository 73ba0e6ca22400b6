//! The bare line's own figures: round trip, loss, and what plain TCP makes of it.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use super::routes::{self, Congestion};
use crate::figures::{median, ms};
use crate::plan::WanAmounts;
use crate::wan_line::Line as WanLine;

const PING_EVERY: Duration = Duration::from_millis(2);
/// For the last round trip.
const PATIENCE: Duration = Duration::from_secs(1);
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// What is written and read at once.
const BLOCK_BYTES: usize = 256 * 1024;

#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) round_trip_ms: f64,
    pub(crate) pings: usize,
    pub(crate) pings_lost: usize,
    /// Plain TCP from the site, in 10^6 bytes; `None` where the kernel lacks the congestion control.
    pub(crate) cubic_mb_per_second: Option<f64>,
    pub(crate) bbr_mb_per_second: Option<f64>,
    /// The same without delay and loss: all that the wire can carry here.
    pub(crate) wire_mb_per_second: f64,
}

impl Link {
    /// Measures the line as it is now.
    pub(crate) async fn measure(
        line: &WanLine,
        amounts: &WanAmounts,
        wire_mb_per_second: f64,
    ) -> anyhow::Result<Self> {
        let round_trips = ping(line, amounts.pings).await?;
        let mut plain = [None; 2];
        for (found, congestion) in plain.iter_mut().zip([Congestion::Cubic, Congestion::Bbr]) {
            if congestion.is_available() {
                routes::set(line, congestion).await;
                *found = Some(plain_tcp(line, amounts.plain_tcp).await?);
            }
        }
        let [cubic_mb_per_second, bbr_mb_per_second] = plain;
        Ok(Self {
            round_trip_ms: median(&round_trips).context("every ping was lost")?,
            pings: amounts.pings,
            pings_lost: amounts.pings - round_trips.len(),
            cubic_mb_per_second,
            bbr_mb_per_second,
            wire_mb_per_second,
        })
    }

    /// The share of packets lost each way, from the round trips lost.
    pub(crate) fn loss(&self) -> f64 {
        1.0 - (1.0 - self.pings_lost as f64 / self.pings as f64).sqrt()
    }
}

/// Small UDP packets to the site and back, at an even rate; milliseconds of those that came back.
async fn ping(line: &WanLine, count: usize) -> anyhow::Result<Vec<f64>> {
    let near = UdpSocket::bind((line.hub_address, 0)).await?;
    let far = line.inside(|| std::net::UdpSocket::bind((line.site_address, 0)))?;
    far.set_nonblocking(true)?;
    let far = UdpSocket::from_std(far)?;
    near.connect(far.local_addr()?).await?;
    far.connect(near.local_addr()?).await?;
    let begun = Instant::now();
    let echo = async {
        let mut buffer = [0; 8];
        loop {
            let bytes = far.recv(&mut buffer).await?;
            far.send(buffer.get(..bytes).unwrap_or_default()).await?;
        }
    };
    let send = async {
        let mut clock = tokio::time::interval(PING_EVERY);
        for _ in 0..count {
            clock.tick().await;
            near.send(&nanoseconds(begun).to_be_bytes()).await?;
        }
        tokio::time::sleep(PATIENCE).await;
        anyhow::Ok(())
    };
    let mut round_trips = Vec::with_capacity(count);
    let receive = async {
        let mut buffer = [0; 8];
        loop {
            near.recv(&mut buffer).await?;
            let taken = nanoseconds(begun).saturating_sub(u64::from_be_bytes(buffer));
            round_trips.push(ms(Duration::from_nanos(taken)));
        }
    };
    tokio::select! {
        failed = echo => failed,
        failed = receive => failed,
        sent = send => sent,
    }?;
    Ok(round_trips)
}

fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// What arrives of a TCP connection on which the site sends as fast as it can, in 10^6 bytes a second.
pub(crate) async fn plain_tcp(line: &WanLine, duration: Duration) -> anyhow::Result<f64> {
    let listener = TcpListener::bind((line.hub_address, 0))?;
    let address = listener.local_addr()?;
    let far = line.inside(|| std::net::TcpStream::connect_timeout(&address, CONNECT_PATIENCE))?;
    let (near, _) = listener.accept()?;
    let tokio_of = |end: std::net::TcpStream| {
        end.set_nonblocking(true)?;
        TcpStream::from_std(end)
    };
    let (mut near, mut far) = (tokio_of(near)?, tokio_of(far)?);
    let block = vec![7; BLOCK_BYTES];
    let send = async {
        loop {
            far.write_all(&block).await?;
        }
    };
    let mut bytes = 0;
    let mut buffer = vec![0; BLOCK_BYTES];
    let receive = async {
        loop {
            bytes += near.read(&mut buffer).await?;
        }
    };
    let begun = Instant::now();
    tokio::select! {
        failed = send => failed,
        failed = receive => failed,
        () = tokio::time::sleep(duration) => anyhow::Ok(()),
    }?;
    Ok(bytes as f64 / 1e6 / begun.elapsed().as_secs_f64())
}
