//! A plain client that types and reads, and comes back to its session whenever its WebSocket is gone.

use std::pin::pin;
use std::time::{Duration, Instant};

use futures::future::{Either, select};

use crate::site::Site;
use crate::system::api::Api;
use crate::system::shell::Shell;

/// A shell, and how often its WebSocket was another one.
pub(crate) struct Typist {
    api: Api,
    target: String,
    pub(crate) shell: Shell,
    pub(crate) resumed: usize,
}

impl Typist {
    /// A new session on the site's target.
    pub(crate) async fn open(site: &Site) -> Self {
        let (api, target) = (site.world.admin.clone(), site.world.target_id.clone());
        let shell = Shell::open(&api, &target).await;
        Self { api, target, shell, resumed: 0 }
    }

    /// Reads for so long.
    pub(crate) async fn read(&mut self, time: Duration) {
        let until = tokio::time::Instant::now() + time;
        loop {
            match tokio::time::timeout_at(until, self.shell.receive()).await {
                Ok(true) => {}
                Ok(false) => self.come_back().await,
                Err(_) => return,
            }
        }
    }

    /// Reads until something else is done: a client that does not read answers no ping, and is let go.
    pub(crate) async fn read_during<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = pin!(other);
        loop {
            tokio::select! {
                biased;
                done = &mut other => return done,
                open = self.shell.receive() => if !open {
                    self.come_back().await;
                },
            }
        }
    }

    /// Another WebSocket on the same session, as soon as that can be.
    pub(crate) async fn come_back(&mut self) {
        self.resumed += 1;
        let progress = std::mem::take(&mut self.shell.progress);
        self.shell = Shell::resume_when_possible(&self.api, &self.target, &progress).await;
    }

    /// Types bytes evenly over so much time, and reads on until something else is done, too.
    pub(crate) async fn type_during<T>(
        &mut self,
        bytes: &[u8],
        time: Duration,
        other: impl Future<Output = T>,
    ) -> T {
        let mut other = pin!(other);
        let done = {
            let typing = pin!(self.type_over(bytes, time));
            match select(typing, other.as_mut()).await {
                Either::Left(((), _)) => None,
                Either::Right((done, typing)) => {
                    typing.await;
                    Some(done)
                }
            }
        };
        match done {
            Some(done) => done,
            None => self.read_during(other).await,
        }
    }

    /// Types bytes evenly over so much time, and reads meanwhile.
    pub(crate) async fn type_over(&mut self, bytes: &[u8], time: Duration) {
        let begun = Instant::now();
        for (index, key) in bytes.iter().enumerate() {
            self.shell.type_bytes(&[*key]).await;
            let due = time.mul_f64((index + 1) as f64 / bytes.len() as f64);
            self.read(due.saturating_sub(begun.elapsed())).await;
        }
    }
}
