//! A shell that prints numbered lines without end, read over one WebSocket, whatever becomes of the line.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::site::Site;
use crate::system::shell::Shell;
use crate::whole::{assert_whole, numbered};

/// Prints the lines of [`numbered`], about 12 kB a second, until there is a file `stop`.
const COUNT: &str = "stty -opost -echo; printf 'BE''GIN:'; n=0; until [ -e stop ]; do \
    printf 'line %08d of what is printed here\\n' $n; n=$((n+1)); [ $((n%20)) = 0 ] && sleep 0.05; \
    done; printf ':EN''D'";

pub(crate) struct Counting {
    shell: Shell,
    begin: usize,
    /// The longest time in which nothing came.
    pub(crate) longest_silence: Duration,
}

impl Counting {
    pub(crate) async fn start(site: &Site) -> Self {
        let mut shell = Shell::open(&site.world.admin, &site.world.target_id).await;
        let begin = shell.command(COUNT, "BEGIN:").await;
        Self { shell, begin, longest_silence: Duration::ZERO }
    }

    /// Reads on until `event` has come, and then a line more; what the event was.
    pub(crate) async fn read_until<T>(&mut self, event: impl Future<Output = T>) -> T {
        let has_come = Cell::new(false);
        let event = async {
            let what = event.await;
            has_come.set(true);
            what
        };
        let read = async {
            while !has_come.get() {
                self.read().await;
            }
        };
        let (what, ()) = tokio::join!(event, read);
        let end = self.shell.progress.output.len() + numbered(1).len();
        while self.shell.progress.output.len() < end {
            self.read().await;
        }
        what
    }

    /// Ends the count; all of it must be there. How many lines it was.
    pub(crate) async fn finish(mut self, site: &Site) -> usize {
        std::fs::write(site.world.target.home().join("stop"), "").expect("writes");
        let end = loop {
            if let Some(end) = self.end() {
                break end;
            }
            self.read().await;
        };
        let got = &self.shell.progress.output[self.begin..end];
        let lines = got.len() / numbered(1).len();
        assert_whole(got, &numbered(lines));
        self.shell.close().await;
        lines
    }

    /// Where the count ended; after it comes only a prompt.
    fn end(&self) -> Option<usize> {
        const PROMPT_BYTES: usize = 200;
        let output = &self.shell.progress.output;
        let from = output.len().saturating_sub(PROMPT_BYTES).max(self.begin);
        output[from..].windows(4).position(|window| window == b":END").map(|at| from + at)
    }

    async fn read(&mut self) {
        let begun = Instant::now();
        assert!(self.shell.receive().await, "the WebSocket stays: {:?}", self.shell.closed);
        self.longest_silence = self.longest_silence.max(begun.elapsed());
    }
}
