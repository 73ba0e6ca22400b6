//! The line dies and comes back: the browser's WebSocket stays, and not a byte is lost or doubled either way.

use std::time::{Duration, Instant};

use crate::line::{ETHERNET_BYTES, Line};
use crate::site::{SOON, Site};
use crate::system::shell::Shell;
use crate::whole::{assert_whole, numbered};

/// Keys typed while the line is cut.
const KEYS: usize = 400;
/// Before the cut, and after it.
const AROUND: usize = 100;

/// Counts as it prints, and takes what is typed as it comes.
const PROGRAM: &str = r#"stty raw -echo -opost; sh -c 'printf BE; printf GIN:
    (n=0; until [ -e stop ]; do printf "line %08d of what is printed here\n" $n; n=$((n+1));
    [ $((n%20)) = 0 ] && sleep 0.05; done; printf :EN; printf D) & head -c KEYS >typed; touch stop; wait'; stty sane"#;

async fn outlives(cut: Duration, transport: &str) {
    let mut site = Site::start_over(Line::lay(ETHERNET_BYTES).await, transport).await;
    site.until_over(transport, SOON).await;
    let mut shell = Shell::open(&site.world.admin, &site.world.target_id).await;
    let keys = KEYS + 2 * AROUND;
    let begin = shell.command(&PROGRAM.replace("KEYS", &keys.to_string()), "BEGIN:").await;
    let mut typed = numbered(keys);
    typed.truncate(keys);
    let (before, rest) = typed.split_at(AROUND);
    let (during, after) = rest.split_at(KEYS);
    type_slowly(&mut shell, before, Duration::from_secs(1)).await;

    site.line.set(|manners| manners.down = true);
    type_slowly(&mut shell, during, cut).await;
    site.line.set(|manners| manners.down = false);
    let lifted = Instant::now();
    let had = shell.progress.output.len();
    while shell.progress.output.len() == had {
        assert!(shell.receive().await, "the WebSocket stays: {:?}", shell.closed);
    }
    eprintln!("{transport} cut for {cut:?}: bytes flow again {:?} after it was lifted", lifted.elapsed());
    type_slowly(&mut shell, after, Duration::from_secs(1)).await;

    let end = shell.until(begin, ":END").await - ":END".len();
    let printed = &shell.progress.output[begin..end];
    assert_whole(printed, &numbered(printed.len() / numbered(1).len()));
    let arrived = std::fs::read(site.world.target.home().join("typed")).expect("what was typed");
    assert_whole(&arrived, &typed);
    let told = |code: &str| shell.notices.iter().filter(|notice| notice["code"] == code).count();
    assert_eq!(told("link_lost"), told("link_restored"), "{:?}", shell.notices);
    eprintln!(
        "{} bytes of output, {keys} keys, all there; the line was lost {} times",
        end - begin,
        told("link_lost")
    );
    shell.close().await;
    site.stop().await;
}

/// Types bytes evenly over so much time, and reads meanwhile.
async fn type_slowly(shell: &mut Shell, bytes: &[u8], time: Duration) {
    let begun = Instant::now();
    for (index, key) in bytes.iter().enumerate() {
        shell.type_bytes(&[*key]).await;
        let due = time.mul_f64((index + 1) as f64 / bytes.len() as f64);
        while let Some(left) = due.checked_sub(begun.elapsed()) {
            match tokio::time::timeout(left, shell.receive()).await {
                Ok(open) => assert!(open, "the WebSocket stays: {:?}", shell.closed),
                Err(_) => break,
            }
        }
    }
}

#[tokio::test]
async fn a_shell_outlives_a_quic_line_that_is_cut_for_5_s() {
    outlives(Duration::from_secs(5), "quic").await;
}

#[tokio::test]
async fn a_shell_outlives_a_quic_line_that_is_cut_for_20_s() {
    outlives(Duration::from_secs(20), "quic").await;
}

#[tokio::test]
async fn a_shell_outlives_a_tcp_line_that_is_cut_for_20_s() {
    outlives(Duration::from_secs(20), "tcp").await;
}
