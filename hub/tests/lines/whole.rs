//! Output and typing that must come through whole.

use std::fmt::Write;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};

use crate::site::Site;
use crate::system::shell::Shell;

/// Lines that repeat nowhere.
pub(crate) fn numbered(lines: usize) -> Vec<u8> {
    let mut text = String::new();
    for line in 0..lines {
        let _ = writeln!(text, "line {line:08} of what is printed here");
    }
    text.into_bytes()
}

/// The same bytes, told by length and hash, since megabytes are no message.
pub(crate) fn assert_whole(got: &[u8], sent: &[u8]) {
    assert_eq!(got.len(), sent.len());
    assert_eq!(digest(&SHA256, got).as_ref(), digest(&SHA256, sent).as_ref());
}

/// Prints so many bytes in a shell and checks every one of them; how long they took.
pub(crate) async fn prints(site: &Site, shell: &mut Shell, bytes: usize) -> Duration {
    let mut sent = numbered(bytes / 30);
    sent.truncate(bytes);
    std::fs::write(site.world.target.home().join("data"), &sent).expect("writes");
    let begun = Instant::now();
    // Without output processing the terminal changes no byte.
    let print = "stty -opost -echo; printf 'BE''GIN:'; cat data; printf ':EN''D'; stty sane";
    let begin = shell.command(print, "BEGIN:").await;
    let end = shell.until(begin, ":END").await - ":END".len();
    assert_whole(&shell.progress.output[begin..end], &sent);
    begun.elapsed()
}

/// Types so many keys, each after the echo of the one before, then so many bytes at a stretch, and checks that the
/// program got them all; how long each echo took.
pub(crate) async fn types(site: &Site, shell: &mut Shell, keys: usize, bytes: usize) -> Vec<Duration> {
    let mut typed = numbered((keys + bytes) / 30);
    typed.truncate(keys + bytes);
    // The terminal echoes other characters than they are typed: ^J.
    typed.iter_mut().filter(|key| **key == b'\n').for_each(|key| *key = b' ');
    let reader =
        format!("stty raw echo; printf 'TY''PE:'; head -c {} >typed; stty sane; echo RE''AD", typed.len());
    let mut at = shell.command(&reader, "TYPE:").await;
    let (one_by_one, rest) = typed.split_at(keys);
    let mut echoes = Vec::new();
    for key in one_by_one {
        let pressed = Instant::now();
        shell.type_bytes(&[*key]).await;
        at = shell.until(at, &char::from(*key).to_string()).await;
        echoes.push(pressed.elapsed());
    }
    for piece in rest.chunks(97) {
        shell.type_bytes(piece).await;
    }
    shell.until(at, "READ").await;
    assert_whole(&std::fs::read(site.world.target.home().join("typed")).expect("reads"), &typed);
    echoes.sort();
    echoes
}
