//! Random faults of every kind over many shells that print and are typed into: none ends, no byte is lost or doubled.
//! The seed is printed; `OPENPAM_SOAK_SEED` gives it again, `OPENPAM_SOAK_FAULTS` says how many.

use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::both_ways::BothWays;
use crate::line::{ETHERNET_BYTES, Line, Manners};
use crate::site::{SOON, Site};
use crate::system::random::Random;
use crate::typist::Typist;

const SHELLS: usize = 20;
const FAULTS: u64 = 200;
/// What each shell is typed in all; what the faults leave over comes at the end.
const KEYS: usize = 30_000;
const BETWEEN_KEYS: Duration = Duration::from_millis(100);

/// What the typing shells are told.
#[derive(Clone, Copy, Default)]
struct Word {
    /// Counts up: drop your WebSocket and come back.
    drops: u64,
    /// The faults are over.
    over: bool,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Cut(Duration),
    CutAndKill(Duration),
    KillHub,
    DropWebSockets,
    Move,
    Lossy(Duration),
    BlockUdp(Duration),
}

impl Fault {
    fn any(random: &mut Random) -> Self {
        let so_long = |random: &mut Random, most_ms| Duration::from_millis(200 + random.below(most_ms));
        match random.below(7) {
            0 => Self::Cut(so_long(random, 14_000)),
            1 => Self::CutAndKill(so_long(random, 10_000)),
            2 => Self::KillHub,
            3 => Self::DropWebSockets,
            4 => Self::Move,
            5 => Self::Lossy(so_long(random, 5_000)),
            _ => Self::BlockUdp(so_long(random, 14_000)),
        }
    }

    async fn happen(self, site: &mut Site, words: &watch::Sender<Word>) {
        match self {
            Self::Cut(time) => Self::with(site, time, |manners| manners.down = true).await,
            Self::BlockUdp(time) => Self::with(site, time, |manners| manners.udp_blocked = true).await,
            Self::Lossy(time) => {
                let lossy = |manners: &mut Manners| {
                    (manners.delay, manners.loss) = (Duration::from_millis(20), 0.02);
                };
                Self::with(site, time, lossy).await;
            }
            Self::CutAndKill(time) => {
                site.line.set(|manners| manners.down = true);
                tokio::time::sleep(time).await;
                site.world.hub.kill().await;
                site.line.set(|manners| *manners = Manners::default());
                site.world.hub.run().await;
            }
            Self::KillHub => {
                site.world.hub.kill().await;
                site.world.hub.run().await;
            }
            Self::DropWebSockets => words.send_modify(|word| word.drops += 1),
            Self::Move => site.line.move_site().await,
        }
    }

    async fn with(site: &mut Site, time: Duration, manners: impl FnOnce(&mut Manners)) {
        site.line.set(manners);
        tokio::time::sleep(time).await;
        site.line.set(|manners| *manners = Manners::default());
    }
}

/// Types until the faults are over, and then the rest.
async fn type_through(typist: &mut Typist, both: &BothWays, mut words: watch::Receiver<Word>) {
    let mut typed = 0;
    while !words.borrow().over && typed + 1 < both.keys.len() {
        typist.type_over(&both.keys[typed..=typed], BETWEEN_KEYS).await;
        typed += 1;
        let drops = words.has_changed().expect("the test goes on");
        if drops && !words.borrow_and_update().over {
            typist.come_back().await;
        }
    }
    for piece in both.keys[typed..].chunks(500) {
        typist.shell.type_bytes(piece).await;
        typist.read(Duration::from_millis(1)).await;
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "soak: half an hour"]
async fn two_hundred_random_faults_cost_twenty_shells_not_a_byte() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    let seed = setting("OPENPAM_SOAK_SEED").unwrap_or(now.as_secs());
    let faults = setting("OPENPAM_SOAK_FAULTS").unwrap_or(FAULTS);
    eprintln!("seed {seed}");
    let mut site = Site::start(Line::lay(ETHERNET_BYTES).await, &[]).await;
    site.until_over("quic", SOON).await;

    let words = watch::Sender::new(Word::default());
    let mut typists = JoinSet::new();
    for number in 0..SHELLS {
        let mut typist = Typist::open(&site).await;
        let both = BothWays::start(&mut typist.shell, &number.to_string(), KEYS, "0.5").await;
        let words = words.subscribe();
        typists.spawn(async move {
            type_through(&mut typist, &both, words).await;
            (both, typist)
        });
    }

    let (mut random, begun) = (Random::new(seed), Instant::now());
    for number in 1..=faults {
        let fault = Fault::any(&mut random);
        eprintln!("{:>7.1} s: fault {number} of {faults}: {fault:?}", begun.elapsed().as_secs_f64());
        fault.happen(&mut site, &words).await;
        tokio::time::sleep(Duration::from_millis(random.below(3_000))).await;
        let ended = typists.try_join_next();
        assert!(ended.is_none(), "a shell did not last: {:?}", ended.and_then(Result::err));
    }
    words.send_modify(|word| word.over = true);

    let (mut bytes, mut resumed) = (0, 0);
    while let Some(done) = typists.join_next().await {
        let (both, mut typist) = done.expect("a shell lasts");
        bytes += both.check(&site, &mut typist.shell).await.0;
        resumed += typist.resumed;
        typist.shell.close().await;
    }
    eprintln!(
        "seed {seed}: {faults} faults in {:?}: {SHELLS} shells, {bytes} bytes printed, {} typed, all there; \
         {resumed} WebSockets were replaced, the tunnel was lost {} times",
        begun.elapsed(),
        SHELLS * KEYS,
        site.tunnels_lost()
    );
    site.stop().await;
}
