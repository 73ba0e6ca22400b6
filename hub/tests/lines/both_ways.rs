//! A program on the target that prints numbered lines and takes keys beside that, and what must have come of both.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

use crate::page::Page;
use crate::site::Site;
use crate::system::shell::Shell;
use crate::whole::{assert_whole, numbered};

/// Twenty lines at a time, with a pause, until all keys are there.
const PROGRAM: &str = r#"stty raw -echo -opost; sh -c 'printf BE; printf GIN:;
    (n=0; until [ -e stop-NAME ]; do printf "line %08d of what is printed here\n" $n; n=$((n+1));
    [ $((n%20)) = 0 ] && sleep PAUSE; done; printf :EN; printf D) &
    head -c KEYS >typed-NAME; touch stop-NAME; wait'; stty sane"#;

fn program(name: &str, keys: usize, pause: &str) -> String {
    PROGRAM.replace("NAME", name).replace("PAUSE", pause).replace("KEYS", &keys.to_string())
}

/// What is typed.
fn text(keys: usize) -> Vec<u8> {
    let mut text = numbered(keys / numbered(1).len() + 1);
    text.truncate(keys);
    text
}

/// The program in a shell.
pub(crate) struct BothWays {
    name: String,
    begin: usize,
    /// What it is to be typed.
    pub(crate) keys: Vec<u8>,
}

impl BothWays {
    /// Starts it; it takes so many keys.
    pub(crate) async fn start(shell: &mut Shell, name: &str, keys: usize, pause: &str) -> Self {
        let begin = shell.command(&program(name, keys, pause), "BEGIN:").await;
        Self { name: name.to_owned(), begin, keys: text(keys) }
    }

    /// The same in a page.
    pub(crate) async fn start_in(page: &mut Page, name: &str, keys: usize, pause: &str) -> Self {
        // One line: a page's Enter ends it.
        page.type_over(&format!("{}\n", program(name, keys, pause).replace('\n', " ")), Duration::ZERO).await;
        let begin = page.until("BEGIN:", 0).await;
        Self { name: name.to_owned(), begin, keys: text(keys) }
    }

    /// Once all keys were typed: nothing is missing or double, either way. How much was printed, and its hash.
    pub(crate) async fn check(&self, site: &Site, shell: &mut Shell) -> (usize, String) {
        let end = shell.until(self.begin, ":END").await - ":END".len();
        self.check_typed(&site.world.target.home().join(format!("typed-{}", self.name)));
        self.check_printed(&shell.progress.output[self.begin..end])
    }

    /// The same in a page, whose Enter is a carriage return.
    pub(crate) async fn check_in(mut self, site: &Site, page: &mut Page) -> (usize, String) {
        let end = page.until(":END", self.begin).await - ":END".len();
        for key in self.keys.iter_mut().filter(|key| **key == b'\n') {
            *key = b'\r';
        }
        self.check_typed(&site.world.target.home().join(format!("typed-{}", self.name)));
        let received = page.received().await;
        self.check_printed(&received[self.begin..end])
    }

    fn check_printed(&self, printed: &[u8]) -> (usize, String) {
        assert_whole(printed, &numbered(printed.len() / numbered(1).len()));
        (printed.len(), HEXLOWER.encode(digest(&SHA256, printed).as_ref()))
    }

    fn check_typed(&self, file: &std::path::Path) {
        let arrived = std::fs::read(file).expect("what was typed");
        assert_whole(&arrived, &self.keys);
    }
}
