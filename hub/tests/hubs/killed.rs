//! Shells behind nginx while one hub after the other is killed: none is lost, and every byte comes once, both ways.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use serde_json::json;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use crate::system::PATIENCE;
use crate::system::api::Api;
use crate::system::shell::{Progress, Shell};
use crate::web_server::WebServer;
use crate::world::World;

const PERSON: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);
/// Each shell gets a key this often.
const KEY_EVERY: Duration = Duration::from_millis(100);
/// As the pages do: a shell that was cut tries again after this.
const TRY_AGAIN: Duration = Duration::from_millis(250);
/// Shells that are opened at the same time: sshd is slow to accept.
const OPENERS: usize = 10;
/// Between one death and the next.
const REST: Duration = Duration::from_secs(2);

/// Prints numbers until there is a file `stop`, and reads keys until a full stop. A script of its own: an interactive shell
/// would tell of its jobs in between.
const PROGRAM: &str = r"stty raw -echo
printf TYPE:
(i=0; while [ ! -e stop ]; do i=$((i+1)); printf '<%06d>' $i; sleep 0.05; done; printf LAST) &
sed -u '/\./q' | sha256sum
wait
printf END
stty sane
";

/// The longest time in which nothing came, and how often it was cut.
async fn one(
    (api, target): (Api, String),
    begun: mpsc::Sender<()>,
    openers: Arc<Semaphore>,
    mut over: watch::Receiver<bool>,
) -> (Duration, usize) {
    let permit = openers.acquire().await.expect("never closed");
    let mut shell = open(&api, &target).await;
    drop(permit);
    let begin = shell.command("sh program", "TYPE:").await;
    begun.send(()).await.expect("somebody waits for all of them");
    let (mut typed, mut number) = (Context::new(&SHA256), 0u32);
    let (mut next_key, mut heard) = (tokio::time::Instant::now(), Instant::now());
    let (mut silence, mut cuts, mut stopped) = (Duration::ZERO, 0, false);
    loop {
        let had = shell.progress.output.len();
        tokio::select! {
            open = shell.receive() => {
                if shell.progress.output.len() > had {
                    silence = silence.max(heard.elapsed());
                    heard = Instant::now();
                }
                if !open {
                    assert!(shell.closed.as_ref().is_none_or(|closed| closed["ended"] == json!(false)), "{:?}", shell.closed);
                    cuts += 1;
                    shell = resume(&api, &target, shell.drop_line()).await;
                }
            }
            () = sleep_until(next_key), if !stopped => {
                next_key += KEY_EVERY;
                let key = b'a' + (number % 26) as u8;
                number += 1;
                let keys = if *over.borrow_and_update() { vec![key, b'.', b'\n'] } else { vec![key, b'\n'] };
                stopped = keys.contains(&b'.');
                typed.update(&keys);
                shell.type_bytes(&keys).await;
            }
        }
        // The program's last word, with some of the prompt behind it.
        let recent = shell.progress.output.len().saturating_sub(100).max(begin);
        if shell.progress.output[recent..].windows(3).any(|word| word == b"END") {
            break;
        }
    }
    let output = String::from_utf8_lossy(&shell.progress.output[begin..]).into_owned();
    let output = output.split_once("END").map_or("", |(program, _)| program);
    let digest = format!("{}  -\n", HEXLOWER.encode(typed.finish().as_ref()));
    assert!(output.contains(&digest), "every key arrived once, in order: {}", &output[output.len() - 200..]);
    let printed = output.replace(&digest, "").replace("LAST", "");
    let count = printed.len() / "<000001>".len();
    let wanted: String = (1..=count).map(|number| format!("<{number:06}>")).collect();
    let differs = printed.bytes().zip(wanted.bytes()).position(|(got, wanted)| got != wanted);
    let there = |at: usize| printed.get(at.saturating_sub(50)..printed.len().min(at + 50)).map(str::to_owned);
    assert!(printed == wanted, "every number came once, in order: {:?}", differs.and_then(there));
    assert!(count > 100, "{count}");
    shell.close().await;
    (silence, cuts)
}

async fn open(api: &Api, target: &str) -> Shell {
    let path = format!("/api/ws/connect/ssh/{target}?cols=80&rows=24");
    let deadline = Instant::now() + PATIENCE;
    loop {
        match Shell::attach(api, &path, Progress::default()).await {
            Ok(shell) => return shell,
            Err(refused) => assert!(Instant::now() < deadline, "no shell: {refused}"),
        }
        sleep(TRY_AGAIN).await;
    }
}

async fn resume(api: &Api, target: &str, progress: Progress) -> Shell {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match Shell::resume(api, target, progress.clone()).await {
            Ok(shell) => return shell,
            Err(refused) => {
                assert_ne!(refused["ended"], json!(true), "the session is over: {refused}");
                assert!(Instant::now() < deadline, "it cannot be resumed: {refused}");
            }
        }
        sleep(TRY_AGAIN).await;
    }
}

async fn run(shells: usize, deaths: usize) {
    let settings = vec![("OPENPAM_TRUSTED_PROXIES", "127.0.0.0/8".to_owned())];
    let mut world = World::start_with(settings, None).await;
    let second = format!("server 127.0.0.1:{}", world.b.http_port);
    let folder = world.folder.path().join("nginx");
    let changes = [("# server hub-2.example:8080", second.as_str())];
    let nginx = WebServer::start(folder, world.a.http_port, "", &changes).await;
    let person = nginx.sign_in(PERSON).await;
    std::fs::write(world.target.home().join("program"), PROGRAM).expect("writes");
    let (stop, over) = watch::channel(false);
    let (begun, mut all_begun) = mpsc::channel(shells);
    let openers = Arc::new(Semaphore::new(OPENERS));
    let mut clients = JoinSet::new();
    for _ in 0..shells {
        let (through, begun) = ((person.clone(), world.target_id.clone()), begun.clone());
        clients.spawn(one(through, begun, openers.clone(), over.clone()));
    }
    for _ in 0..shells {
        all_begun.recv().await.expect("a shell begins");
    }
    sleep(REST).await;
    for death in 0..deaths {
        let (hub, at) =
            if death % 2 == 0 { (&mut world.a, &world.at_a) } else { (&mut world.b, &world.at_b) };
        hub.kill().await;
        sleep(REST).await;
        hub.run().await;
        let at = at.clone();
        world.until_reachable(&at).await;
        sleep(REST).await;
    }
    std::fs::write(world.target.home().join("stop"), "").expect("writes");
    stop.send_replace(true);
    let (mut longest, mut cuts) = (Duration::ZERO, 0);
    while let Some(client) = clients.join_next().await {
        let (silence, cut) = client.expect("a shell that lost nothing");
        longest = longest.max(silence);
        cuts += cut;
    }
    eprintln!(
        "{shells} shells behind nginx, {deaths} times a hub was killed: cut {cuts} times, none lost, every byte once; \
         longest silence {} ms",
        longest.as_millis()
    );
    assert!(cuts > 0, "shells went through both");
    assert!(longest < Duration::from_secs(10), "{longest:?}");
    nginx.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn ten_shells_behind_nginx_outlive_the_death_of_each_hub_and_lose_no_byte() {
    run(10, 2).await;
}

#[tokio::test]
#[ignore = "soak: a release build, the whole machine"]
async fn fifty_shells_behind_nginx_outlive_the_death_of_each_hub_again_and_again() {
    run(50, 10).await;
}
