//! A plain client and a page in Chromium side by side, each with a program that prints and takes keys: whatever happens
//! meanwhile, both have every byte once, both ways.

use std::time::Duration;

use crate::both_ways::BothWays;
use crate::page::Page;
use crate::site::Site;
use crate::typist::Typist;

/// Between lines that the programs print.
const PAUSE: &str = "0.05";

pub(crate) struct Beside {
    pub(crate) typist: Typist,
    both: BothWays,
    pub(crate) page: Page,
    pages: BothWays,
    typed: usize,
}

impl Beside {
    /// Starts both; each is to be typed so many keys.
    pub(crate) async fn start(site: &Site, name: &str, keys: usize) -> Self {
        let mut typist = Typist::open(site).await;
        let both = BothWays::start(&mut typist.shell, name, keys, PAUSE).await;
        let starting = async {
            let mut page = Page::open(site).await;
            let pages = BothWays::start_in(&mut page, &format!("{name}-page"), keys, PAUSE).await;
            (page, pages)
        };
        let (page, pages) = typist.read_during(starting).await;
        Self { typist, both, page, pages, typed: 0 }
    }

    /// Types the next keys into both, evenly over so much time.
    pub(crate) async fn type_next(&mut self, keys: usize, time: Duration) {
        self.type_next_during(keys, time, std::future::ready(())).await;
    }

    /// The same while something else happens, to whose end both are read.
    pub(crate) async fn type_next_during<T>(
        &mut self,
        keys: usize,
        time: Duration,
        other: impl Future<Output = T>,
    ) -> T {
        let next = self.both.keys[self.typed..][..keys].to_vec();
        let text = String::from_utf8(next.clone()).expect("text");
        self.typed += keys;
        let others = async { tokio::join!(self.page.type_over(&text, time), other).1 };
        self.typist.type_during(&next, time, others).await
    }

    /// Types the rest and checks everything. The plain client's session and the page stay for the caller.
    pub(crate) async fn check(mut self, site: &Site) -> Typist {
        let left = self.both.keys.len() - self.typed;
        self.type_next(left, Duration::from_secs(1)).await;
        let checked = self.pages.check_in(site, &mut self.page);
        let (bytes, hash) = self.typist.read_during(checked).await;
        eprintln!("page: {bytes} bytes of output (SHA-256 {hash}), {} keys, all there", self.both.keys.len());
        self.typist.read_during(self.page.close()).await;
        let (bytes, hash) = self.both.check(site, &mut self.typist.shell).await;
        let (keys, resumed) = (self.both.keys.len(), self.typist.resumed);
        eprintln!(
            "plain client: {bytes} bytes of output (SHA-256 {hash}), {keys} keys, all there, {resumed} WebSockets replaced"
        );
        self.typist
    }
}
