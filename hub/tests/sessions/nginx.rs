//! The hub behind nginx, with the site file as it is shipped: who comes from where, idle shells, reloads, big answers, and
//! what it refuses itself.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use crate::resume::text;
use crate::system::api::{Api, Way};
use crate::system::shell::{Progress, Shell, connect};
use crate::system::{ADMIN, PASSWORD, Place, World, eventually};
use crate::web_server::{NAME, WebServer, title};

/// The hub sees nginx at 127.0.0.1.
const PERSON: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);
/// Somebody who sends too much.
const FLOOD: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 8);
/// What somebody sends who wants to be another in the books, and wants a cookie for plain HTTP.
const CLAIMS: &[(&str, &str)] = &[("x-forwarded-for", "203.0.113.66"), ("x-forwarded-proto", "http")];

/// In the shipped file: the timeouts of a WebSocket.
const SHIPPED: &str = "75s;";
/// Longer than the 15 s after which the hub pings, by little.
const PATIENT: &str = "18s;";
/// An idle shell stays for three times that.
const IDLE: Duration = Duration::from_secs(55);
/// Shorter than they.
const IMPATIENT: (&str, Duration) = ("8s;", Duration::from_secs(8));

/// A hub that believes whoever is on loopback, as an office believes its own network: also of `PERSON` it would believe
/// what nginx let pass.
async fn world() -> World {
    let trusts = ("OPENPAM_TRUSTED_PROXIES", "127.0.0.0/8".to_owned());
    World::start_in(Place { hub_settings: vec![trusts], ..Place::default() }).await
}

async fn in_front_of(world: &World, name: &str, changes: &[(&str, &str)]) -> WebServer {
    WebServer::start(world.folder.path().join(name), world.hub.http_port, "", changes).await
}

/// What an answer says in headers, but for those of the line.
fn headers(answer: &reqwest::Response) -> Vec<(String, String)> {
    const OF_THE_LINE: [&str; 6] =
        ["connection", "content-length", "date", "server", "transfer-encoding", "x-request-id"];
    let all = answer.headers().iter().filter(|(name, _)| !OF_THE_LINE.contains(&name.as_str()));
    let mut all: Vec<_> = all
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn a_person_signs_in_and_opens_a_shell_through_it_and_nothing_they_claim_is_believed() {
    let world = world().await;
    let nginx = in_front_of(&world, "nginx", &[]).await;
    let client = nginx.client(PERSON);

    let plain = format!("http://127.0.0.1:{}/sessions?user=ann", nginx.plain_port);
    let sent_on = client.get(plain).send().await.expect("answers");
    assert_eq!(sent_on.status().as_u16(), 301);
    assert_eq!(sent_on.headers()["location"], format!("https://{NAME}/sessions?user=ann"));

    let mut lie = client.post(format!("{}/api/v1/auth/login", nginx.url()));
    for (name, value) in CLAIMS {
        lie = lie.header(*name, *value);
    }
    let lied = lie.json(&json!({"username": ADMIN, "password": PASSWORD})).send().await.expect("answers");
    let cookie = lied.headers()["set-cookie"].to_str().expect("text");
    assert!(cookie.starts_with("__Host-openpam_session=") && cookie.contains("; Secure"), "{cookie}");
    let events = world.admin.get("/api/v1/audit/events?kind=sign_in.accepted").await;
    assert_eq!(events["items"][0]["client_ip"], json!(PERSON), "{events}");

    let mut person = nginx.sign_in(PERSON).await;
    person.way = Some(Way { claims: CLAIMS, ..nginx.way(PERSON) });
    let mut shell = Shell::open(&person, &world.target_id).await;
    shell.command("echo through $((40 + 2))", "through 42").await;
    let row = &world.admin.get("/api/v1/audit").await["items"][0];
    assert_eq!((&row["session_id"], &row["client_ip"]), (&json!(shell.progress.session_id), &json!(PERSON)));
    shell.close().await;

    // A page on another port is another origin, so the port has to arrive at the hub.
    let path = format!("/api/ws/connect/ssh/{}", world.target_id);
    let elsewhere = Api { origin: Some(format!("https://{NAME}")), ..person.clone() };
    assert_eq!(connect(&elsewhere, &path).await.err(), Some(403));
    assert_eq!(person.request("GET", &path, None).await.status().as_u16(), 426);

    for path in ["/login/", "/api/v1/targets"] {
        let straight = world.admin.client.get(format!("{}{path}", world.hub.url()));
        let straight = straight.header("x-forwarded-proto", "https").header("cookie", &person.cookie);
        let straight = headers(&straight.send().await.expect("answers"));
        assert!(straight.iter().any(|(name, _)| name == "strict-transport-security"), "{straight:?}");
        assert_eq!(headers(&person.request("GET", path, None).await), straight, "{path}");
    }
    let answer = person.request("GET", "/api/v1/auth/me", None).await;
    let id = answer.headers()["x-request-id"].to_str().expect("text").to_owned();
    eventually("the access log names the request as the hub does", || async {
        nginx.read("access.log").contains(&id).then_some(())
    })
    .await;
    assert_eq!(agreed(&nginx).await.as_deref(), Some("h2"));

    let log = eventually("the shell is logged", || async {
        Some(nginx.read("access.log")).filter(|log| log.contains(" 101 "))
    })
    .await;
    assert!(log.contains(&format!("{PERSON} [")) && log.contains(&path) && !log.contains('?'), "{log}");
    nginx.stop().await;
    world.stop().await;
}

/// What it speaks with a browser that knows HTTP/2.
async fn agreed(nginx: &WebServer) -> Option<String> {
    let mut tls = (*nginx.way(PERSON).tls).clone();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let socket = TcpStream::connect(nginx.address()).await.expect("connects");
    let name = NAME.try_into().expect("a name");
    let stream = TlsConnector::from(std::sync::Arc::new(tls)).connect(name, socket).await.expect("TLS");
    stream.get_ref().1.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned())
}

/// A sign-in with a body of so many bytes: status, kind, what it says.
async fn large_sign_in(client: &reqwest::Client, url: &str, bytes: usize) -> (u16, String, Value) {
    let frame = json!({"username": "", "password": ""}).to_string().len();
    let body = json!({"username": "", "password": "x".repeat(bytes - frame)}).to_string();
    assert_eq!(body.len(), bytes);
    let request = client.post(format!("{url}/api/v1/auth/login")).header("content-type", "application/json");
    let answer = request.body(body).send().await.expect("answers");
    let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
    (answer.status().as_u16(), kind, answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn what_it_refuses_itself_it_says_as_the_hub_does_and_no_body_lies_on_its_disk() {
    const LIMIT: usize = 64 * 1024;
    let mut world = world().await;
    let nginx = in_front_of(&world, "nginx", &[]).await;
    let client = nginx.client(PERSON);
    for (bytes, status) in [(LIMIT, 401), (LIMIT + 1, 413)] {
        let straight = large_sign_in(&world.admin.client, &world.hub.url(), bytes).await;
        assert_eq!(straight.0, status, "{straight:?}");
        assert_eq!(large_sign_in(&client, &nginx.url(), bytes).await, straight);
    }

    let flood = nginx.client(FLOOD);
    let url = format!("{}/api/v1/auth/login", nginx.url());
    let mut sign_ins: FuturesUnordered<_> = (0..70)
        .map(|_| flood.post(&url).header("content-type", "application/json").body("{}").send())
        .collect();
    let refused = loop {
        let answer = sign_ins.next().await.expect("one of them is refused").expect("answers");
        if answer.status().as_u16() == 429 {
            break answer;
        }
    };
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    let problem: Value = refused.json().await.expect("JSON");
    assert_eq!((&problem["status"], &problem["code"]), (&json!(429), &json!("too_many_attempts")));
    drop(sign_ins);

    world.hub.kill().await;
    let away = client.get(format!("{}/api/v1/targets", nginx.url())).send().await.expect("answers");
    assert_eq!((away.status().as_u16(), &away.headers()["retry-after"]), (503, &"1".parse().expect("text")));
    let problem: Value = away.json().await.expect("JSON");
    assert_eq!((&problem["status"], &problem["code"]), (&json!(503), &json!("hub_away")));
    world.hub.run().await;
    let back = client.get(format!("{}/ready", nginx.url())).send().await.expect("answers");
    assert_eq!(back.status().as_u16(), 200);

    assert!(!nginx.read("error.log").contains("temporary file"), "{}", nginx.read("error.log"));
    nginx.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn a_long_recording_comes_at_its_readers_pace_and_never_lies_on_its_disk() {
    const PRINTED: usize = 12 * 1024 * 1024;
    let world = world().await;
    let nginx = in_front_of(&world, "nginx", &[]).await;
    let person = nginx.sign_in(PERSON).await;
    let mut shell = Shell::open(&person, &world.target_id).await;
    let print = format!("head -c {} /dev/urandom | base64; echo all-pri''nted", PRINTED / 4 * 3);
    // Base64 has no hyphen.
    shell.command(&print, "all-printed").await;
    let session = shell.progress.session_id.clone().expect("an id");
    shell.close().await;
    let path = format!("/api/v1/recordings/{session}/cast");
    let row =
        |list: &Value| list["items"].as_array()?.iter().find(|row| row["session_id"] == session).cloned();
    eventually("the recording is whole", || async {
        row(&world.admin.get("/api/v1/recordings").await).filter(|row| row["complete"] == true)
    })
    .await;
    let straight = world.admin.text(&path).await;
    assert!(straight.len() > PRINTED, "{} bytes", straight.len());

    let mut slow = person.request("GET", &path, None).await;
    let mut read = slow.chunk().await.expect("reads").expect("a piece").to_vec();
    assert!(person.text(&path).await == straight, "another reader has it all meanwhile");
    while let Some(piece) = slow.chunk().await.expect("reads") {
        read.extend_from_slice(&piece);
    }
    assert!(read == straight.as_bytes(), "{} of {} bytes", read.len(), straight.len());

    let export = person.request("GET", "/api/v1/audit/events/export?format=jsonl", None).await;
    assert!(
        export.headers()["content-disposition"].to_str().is_ok_and(|text| text.starts_with("attachment"))
    );
    let export = export.text().await.expect("text");
    assert!(
        export.lines().count() > 10 && export.lines().all(|line| serde_json::from_str::<Value>(line).is_ok())
    );
    assert!(!nginx.read("error.log").contains("temporary file"), "{}", nginx.read("error.log"));

    // The lines for a hub on another machine, switched on; its TLS is another nginx'.
    let root = nginx.folder.join("root.pem").display().to_string();
    let name = |name: &'static str| {
        [("# proxy_ssl", "proxy_ssl"), ("http://openpam_hub", "https://openpam_hub"), ("hub.example", name)]
    };
    let root = ("/etc/nginx/openpam-hub-root.pem", root.as_str());
    let with_tls = |changes: [(&'static str, &'static str); 3], folder: &str| {
        let changes = [changes.as_slice(), &[root]].concat();
        let folder = world.folder.path().join(folder);
        let port = nginx.port;
        async move { WebServer::start(folder, port, "", &changes).await }
    };
    let dmz = with_tls(name(NAME), "dmz").await;
    let person = dmz.sign_in(PERSON).await;
    assert!(person.text(&path).await == straight, "with TLS to the hub");
    let mut shell = Shell::open(&person, &world.target_id).await;
    shell.command("echo all $((40 + 2)) ways", "all 42 ways").await;
    shell.close().await;
    let misled = with_tls(name("other.example"), "misled").await;
    let refused = misled.client(PERSON).get(format!("{}/ready", misled.url())).send().await.expect("answers");
    assert_eq!(refused.status().as_u16(), 503, "the hub's certificate is for another name");
    for server in [misled, dmz, nginx] {
        server.stop().await;
    }
    world.stop().await;
}

#[tokio::test]
async fn an_idle_shell_outlives_timeouts_longer_than_the_hubs_pings_and_resumes_after_shorter_ones() {
    let world = world().await;
    let patient = in_front_of(&world, "patient", &[(SHIPPED, PATIENT)]).await;
    let impatient = in_front_of(&world, "impatient", &[(SHIPPED, IMPATIENT.0)]).await;
    let (stays, cut) = (patient.sign_in(PERSON).await, impatient.sign_in(PERSON).await);
    tokio::join!(stays_idle(&world, &stays), is_cut(&world, &cut), opens_slowly(&world, &stays));
    patient.stop().await;
    impatient.stop().await;
    world.stop().await;
}

async fn stays_idle(world: &World, person: &Api) {
    let mut shell = Shell::open(person, &world.target_id).await;
    shell.command("echo before", "before").await;
    shell.read_during(tokio::time::sleep(IDLE)).await;
    shell.command("echo after", "after").await;
    shell.close().await;
}

async fn is_cut(world: &World, person: &Api) {
    let mut shell = Shell::open(person, &world.target_id).await;
    shell.command("(sleep 10; echo whi''le) & echo before", "before").await;
    let idle = Instant::now();
    assert_eq!(shell.until_closed().await, Value::Null, "nobody says a word");
    let (lasted, timeout) = (idle.elapsed(), IMPATIENT.1);
    assert!(
        lasted > timeout - Duration::from_secs(1) && lasted < timeout + Duration::from_secs(2),
        "{lasted:?}"
    );
    // What is typed now goes nowhere; what is printed now waits at the site.
    shell.type_bytes(b"echo af''ter\n").await;
    let progress = shell.drop_line();
    let mut shell = Shell::resume_when_possible(person, &world.target_id, &progress).await;
    assert_eq!(shell.opened["output_offset"], json!(progress.output.len()));
    shell.until(0, "\rafter\r\n").await;
    shell.until(0, "while\r\n").await;
    shell.close().await;
}

/// A target that says nothing is given up after 20 s: the hub's word reaches who waits for it.
async fn opens_slowly(world: &World, person: &Api) {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let port = silent.local_addr().expect("bound").port();
    let credential = json!({"username": "nobody", "password": "x"});
    let target = world.another_target("silent", "127.0.0.1", port, Some(credential)).await;
    let path = format!("/api/ws/connect/ssh/{target}?cols=80&rows=24");
    let closed = Shell::attach(person, &path, Progress::default()).await.map(|_| ()).expect_err("no shell");
    assert_eq!(closed["code"], "target_unreachable", "{closed}");
}

/// Opens a shell that prints a lot, which nobody reads yet; where it begins, and what.
async fn printing(world: &World, person: &Api) -> (Shell, usize, Vec<u8>) {
    let sent = text(4 * 1024 * 1024);
    std::fs::write(world.target.home().join("data"), &sent).expect("writes");
    let mut shell = Shell::open(person, &world.target_id).await;
    let begin =
        shell.command("stty -opost -echo; printf 'BE''GIN:'; cat data; printf ':EN''D'", "BEGIN:").await;
    (shell, begin, sent)
}

/// All of it, once.
async fn check_printed(shell: &mut Shell, begin: usize, sent: &[u8]) {
    let end = shell.until(begin, ":END").await;
    let got = &shell.progress.output[begin..end - ":END".len()];
    assert_eq!(got.len(), sent.len());
    assert_eq!(digest(&SHA256, got).as_ref(), digest(&SHA256, sent).as_ref());
    shell.until(end, "typed").await;
}

#[tokio::test]
async fn a_reload_cuts_no_shell_and_one_cut_by_a_bounded_reload_resumes_without_losing_a_byte() {
    let world = world().await;
    let nginx = in_front_of(&world, "nginx", &[]).await;
    let (mut shell, begin, sent) = printing(&world, &nginx.sign_in(PERSON).await).await;
    let old = nginx.reload().await;
    eventually("only the shell's worker is left of the old ones, and waits for its end", || async {
        let left: Vec<_> = old.iter().filter_map(|worker| title(worker)).collect();
        (left.len() == 1 && left[0].contains("shutting down")).then_some(())
    })
    .await;
    shell.type_bytes(b"echo ty''ped\n").await;
    check_printed(&mut shell, begin, &sent).await;
    shell.close().await;
    nginx.stop().await;

    let bounded = world.folder.path().join("bounded");
    let nginx = WebServer::start(bounded, world.hub.http_port, "worker_shutdown_timeout 1s;", &[]).await;
    let person = nginx.sign_in(PERSON).await;
    let (mut shell, begin, sent) = printing(&world, &person).await;
    let old = nginx.reload().await;
    eventually("the old workers are gone", || async {
        old.iter().all(|worker| title(worker).is_none()).then_some(())
    })
    .await;
    // Into a connection that is not there any more.
    shell.type_bytes(b"echo ty''ped\n").await;
    assert_eq!(shell.until_closed().await, Value::Null);
    let mut shell = Shell::resume_when_possible(&person, &world.target_id, &shell.drop_line()).await;
    check_printed(&mut shell, begin, &sent).await;
    shell.close().await;
    nginx.stop().await;
    world.stop().await;
}
