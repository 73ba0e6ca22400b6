//! At most so many bytes a second of recordings go up, all tunnels and sessions together.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// The rate. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Rate {
    /// `None`: as fast as the line carries.
    bytes_per_second: Option<u64>,
    /// When what was let through so far is through. Whoever has the turn holds it while it waits; who gives up gives it back.
    free: Arc<Mutex<Instant>>,
}

impl Rate {
    /// At most so many bytes a second; 0: no limit.
    #[must_use]
    pub fn new(bytes_per_second: u64) -> Self {
        let bytes_per_second = Some(bytes_per_second).filter(|rate| *rate > 0);
        Self { bytes_per_second, free: Arc::new(Mutex::new(Instant::now())) }
    }

    /// Waits until so many bytes may go. Of several that wait each takes its turn, in the order in which they came.
    pub async fn pass(&self, bytes: usize) {
        let Some(rate) = self.bytes_per_second else { return };
        let takes = Duration::from_secs_f64(bytes as f64 / rate as f64);
        let mut free = self.free.lock().await;
        let turn = (*free).max(Instant::now());
        sleep_until(turn).await;
        *free = turn + takes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_more_than_the_rate_waits_and_without_one_nothing_does() {
        let begun = Instant::now();
        Rate::new(0).pass(1 << 40).await;
        let rate = Rate::new(1024 * 1024);
        for _ in 0..5 {
            rate.pass(64 * 1024).await;
        }
        assert!(begun.elapsed() >= Duration::from_millis(240), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn who_gives_up_while_waiting_leaves_nothing_to_wait_for() {
        let rate = Rate::new(10 * 1024);
        let begun = Instant::now();
        rate.pass(2 * 1024).await;
        for _ in 0..10 {
            let waiting = [rate.pass(60 * 1024), rate.pass(60 * 1024)];
            let lost = tokio::time::timeout(Duration::from_millis(1), futures::future::join_all(waiting));
            assert!(lost.await.is_err());
        }
        rate.pass(1).await;
        let waited = begun.elapsed();
        assert!(waited >= Duration::from_millis(200) && waited < Duration::from_secs(6), "{waited:?}");
    }
}
