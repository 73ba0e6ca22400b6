//! What time it is, on machines whose clock may be wrong: a box without a battery comes up in 1970.
//!
//! The highest time ever seen is kept on disk. While the machine's clock is behind it the time is unknown: certificates
//! are judged at the highest time seen, and the hub is asked. An authenticated hub's time is believed, forwards and
//! backwards, and goes on by the monotonic clock. Of several hubs the one that is ahead counts.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use openpam_link::tls;
use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;

/// A clock that is so little behind, or jumps so little ahead, is not wrong.
const TOLERANCE_MS: i64 = 10 * 60 * 1000;
/// How often the highest time seen goes to the disk.
pub const KEEP_EVERY: Duration = Duration::from_secs(60);
/// No machine that runs this program is older than its build.
const BUILT_MS: i64 = built_ms(env!("OPENPAM_BUILT_MS"));

const fn built_ms(text: &str) -> i64 {
    match i64::from_str_radix(text, 10) {
        Ok(ms) => ms,
        Err(_) => 0,
    }
}

/// Milliseconds since 1970 UTC, by the machine's clock.
#[must_use]
pub fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// The satellite's clock. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct SiteClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: Option<PathBuf>,
    state: Mutex<State>,
}

/// Pure: the machine's clocks come in as arguments.
#[derive(Clone, Copy, Debug)]
struct State {
    /// The highest time seen.
    highest_ms: i64,
    /// The hub's time when it was said, on the monotonic clock.
    hub: Option<(Instant, i64)>,
    /// The machine's clock when it was last looked at.
    looked: (Instant, i64),
    /// A jump ahead was told already.
    jumped: bool,
}

/// What a look at the machine's clock says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Nothing is wrong with it.
    Sound,
    /// It is behind what was seen before.
    Unknown,
    /// It jumped ahead, and no hub said so.
    Jumped {
        /// By how much.
        ahead_ms: i64,
    },
}

impl State {
    fn new(highest_ms: i64, mono: Instant, system_ms: i64) -> Self {
        Self { highest_ms: highest_ms.max(BUILT_MS), hub: None, looked: (mono, system_ms), jumped: false }
    }

    fn by_hub(&self, mono: Instant) -> Option<i64> {
        let (at, time_ms) = self.hub?;
        Some(time_ms.saturating_add(millis(mono.saturating_duration_since(at))))
    }

    fn now_ms(&self, mono: Instant, system_ms: i64) -> i64 {
        self.by_hub(mono).unwrap_or_else(|| system_ms.max(self.highest_ms))
    }

    fn look(&mut self, mono: Instant, system_ms: i64) -> Reading {
        let (then, before_ms) = std::mem::replace(&mut self.looked, (mono, system_ms));
        if let Some(now_ms) = self.by_hub(mono) {
            self.highest_ms = now_ms;
            return Reading::Sound;
        }
        if system_ms < self.highest_ms - TOLERANCE_MS {
            return Reading::Unknown;
        }
        let passed_ms = millis(mono.saturating_duration_since(then));
        let ahead_ms = system_ms.saturating_sub(before_ms).saturating_sub(passed_ms);
        self.jumped |= ahead_ms > TOLERANCE_MS;
        if self.jumped {
            // Moves no mark until a hub says what is right.
            return Reading::Jumped { ahead_ms };
        }
        self.highest_ms = self.highest_ms.max(system_ms);
        Reading::Sound
    }

    fn set(&mut self, mono: Instant, hub_ms: i64) {
        self.hub = Some((mono, hub_ms));
        self.highest_ms = hub_ms;
        self.jumped = false;
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl SiteClock {
    /// The clock whose highest time seen is kept in `path`. A missing or damaged file reads as the program's build.
    #[must_use]
    pub fn open(path: PathBuf) -> Self {
        let kept = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
        let state = State::new(kept.unwrap_or(BUILT_MS), Instant::now(), now_ms());
        Self(Arc::new(Inner { path: Some(path), state: Mutex::new(state) }))
    }

    /// A clock that keeps nothing.
    #[must_use]
    pub fn fleeting() -> Self {
        let state = State::new(BUILT_MS, Instant::now(), now_ms());
        Self(Arc::new(Inner { path: None, state: Mutex::new(state) }))
    }

    /// The time that certificates and windows are judged at: milliseconds since 1970 UTC.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.state().now_ms(Instant::now(), now_ms())
    }

    /// How long it is until that time, in milliseconds since 1970 UTC.
    #[must_use]
    pub fn until(&self, then_ms: i64) -> Duration {
        let left_ms = then_ms.saturating_sub(self.now_ms());
        Duration::from_millis(u64::try_from(left_ms).unwrap_or_default())
    }

    /// Looks at the machine's clock.
    #[must_use]
    pub fn look(&self) -> Reading {
        self.lock().look(Instant::now(), now_ms())
    }

    /// An authenticated hub said the time.
    pub fn set(&self, hub_ms: i64) {
        self.lock().set(Instant::now(), hub_ms);
    }

    /// An authenticated hub said the time; `others`: whether there are tunnels to more of them.
    pub fn hear(&self, hub_ms: i64, others: bool) {
        let mono = Instant::now();
        let mut state = self.lock();
        let known = state.by_hub(mono).filter(|_| others);
        state.set(mono, known.unwrap_or(hub_ms).max(hub_ms));
    }

    /// Writes the highest time seen to the disk. A failure is logged: the next try follows.
    pub fn keep(&self) {
        let Some(path) = &self.0.path else { return };
        let highest_ms = self.state().highest_ms;
        if let Err(error) = write(path, highest_ms) {
            tracing::warn!(%error, path = %path.display(), "the highest time seen could not be kept");
        }
    }

    /// For TLS.
    #[must_use]
    pub fn for_tls(&self) -> tls::Clock {
        Arc::new(self.clone())
    }

    fn state(&self) -> State {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TimeProvider for SiteClock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.now_ms() / 1000).unwrap_or_default();
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

fn write(path: &Path, highest_ms: i64) -> std::io::Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, format!("{highest_ms}\n"))?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 24 * 3600 * 1000;

    #[test]
    fn a_clock_in_1970_is_unknown_and_the_highest_time_seen_counts() {
        let start = Instant::now();
        let mut clock = State::new(BUILT_MS + DAY_MS, start, 5_000);
        assert_eq!(clock.look(start, 5_000), Reading::Unknown);
        assert_eq!(clock.now_ms(start, 5_000), BUILT_MS + DAY_MS);
        clock.set(start, BUILT_MS + 30 * DAY_MS);
        let later = start + Duration::from_secs(60);
        assert_eq!(clock.look(later, 65_000), Reading::Sound);
        assert_eq!(clock.now_ms(later, 65_000), BUILT_MS + 30 * DAY_MS + 60_000);
        assert_eq!(clock.highest_ms, BUILT_MS + 30 * DAY_MS + 60_000);
    }

    #[test]
    fn a_jump_ahead_is_an_alarm_and_moves_no_mark() {
        let start = Instant::now();
        let begin_ms = BUILT_MS + DAY_MS;
        let mut clock = State::new(begin_ms, start, begin_ms);
        let later = start + Duration::from_secs(60);
        assert_eq!(clock.look(later, begin_ms + 60_000), Reading::Sound);
        let jumped = clock.look(later, begin_ms + 60_000 + DAY_MS);
        assert_eq!(jumped, Reading::Jumped { ahead_ms: DAY_MS });
        assert_eq!(clock.highest_ms, begin_ms + 60_000);
        clock.set(later, begin_ms + DAY_MS);
        assert_eq!(clock.look(later, begin_ms + 60_000 + DAY_MS), Reading::Sound);
    }

    #[test]
    fn of_several_hubs_the_one_that_is_ahead_counts() {
        let (clock, begin_ms) = (SiteClock::fleeting(), BUILT_MS + 9_000 * DAY_MS);
        clock.hear(begin_ms + 5_000, false);
        clock.hear(begin_ms, true);
        assert!(clock.now_ms() >= begin_ms + 5_000);
        clock.hear(begin_ms + 90_000, true);
        assert!(clock.now_ms() >= begin_ms + 90_000);
        clock.hear(begin_ms, false);
        assert!(clock.now_ms() < begin_ms + 60_000, "the only one is believed backwards too");
    }

    #[test]
    fn the_highest_time_survives_a_restart_and_a_hub_may_take_it_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("clock");
        let clock = SiteClock::open(path.clone());
        clock.set(BUILT_MS + 9_000 * DAY_MS);
        clock.keep();
        assert!(SiteClock::open(path.clone()).now_ms() >= BUILT_MS + 9_000 * DAY_MS);
        assert_eq!(SiteClock::open(path.clone()).look(), Reading::Unknown);
        clock.set(now_ms());
        clock.keep();
        assert_eq!(SiteClock::open(path).look(), Reading::Sound);
    }
}
