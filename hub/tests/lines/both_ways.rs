//! A program on the target that prints numbered lines and takes keys beside that, and what must have come of both.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

use crate::site::Site;
use crate::system::shell::Shell;
use crate::whole::{assert_whole, numbered};

/// Twenty lines at a time, with a pause, until all keys are there.
const PROGRAM: &str = r#"stty raw -echo -opost; sh -c 'printf BE; printf GIN:
    (n=0; until [ -e stop-NAME ]; do printf "line %08d of what is printed here\n" $n; n=$((n+1));
    [ $((n%20)) = 0 ] && sleep PAUSE; done; printf :EN; printf D) &
    head -c KEYS >typed-NAME; touch stop-NAME; wait'; stty sane"#;

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
        let program =
            PROGRAM.replace("NAME", name).replace("PAUSE", pause).replace("KEYS", &keys.to_string());
        let begin = shell.command(&program, "BEGIN:").await;
        let mut text = numbered(keys / numbered(1).len() + 1);
        text.truncate(keys);
        Self { name: name.to_owned(), begin, keys: text }
    }

    /// Once all keys were typed: nothing is missing or double, either way. How much was printed, and its hash.
    pub(crate) async fn check(&self, site: &Site, shell: &mut Shell) -> (usize, String) {
        let end = shell.until(self.begin, ":END").await - ":END".len();
        self.check_typed(&site.world.target.home().join(format!("typed-{}", self.name)));
        let printed = &shell.progress.output[self.begin..end];
        assert_whole(printed, &numbered(printed.len() / numbered(1).len()));
        (printed.len(), HEXLOWER.encode(digest(&SHA256, printed).as_ref()))
    }

    fn check_typed(&self, file: &std::path::Path) {
        let arrived = std::fs::read(file).expect("what was typed");
        assert_whole(&arrived, &self.keys);
    }
}
