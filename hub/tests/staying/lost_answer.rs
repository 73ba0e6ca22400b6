//! An answer of the hub that gets lost, wherever it is cut, never costs a visit to the site: what was asked is asked
//! again, and ends well.
//!
//! The satellite's own code, in-process, against the real hub; once with the real program.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use futures::future::join_all;
use openpam_link::ca;
use openpam_link::dial::{Allowed, DialError, DialOptions, Dialler};
use openpam_proto::token::JoinToken;
use openpam_satellite::clock::SiteClock;
use openpam_satellite::join::{JoinError, join};
use openpam_satellite::renewal::{RenewalError, renew};
use openpam_satellite::state::{Membership, StateDir};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::ask;
use crate::cut::Cut;
use crate::system::api::Api;
use crate::system::{ADMIN, Hub, PASSWORD, Place, Satellite, eventually, folder, id};

/// Sites that step through the positions beside each other.
const SITES: usize = 8;
/// Signatures differ by a few bytes from one handshake to the next.
const MORE_BYTES: usize = 16;
/// The hub says a join or a renewal in fewer datagrams, whatever is repeated.
const DATAGRAMS: usize = 24;

/// A hub that takes any number of joins.
struct Office {
    hub: Hub,
    admin: Api,
    folder: tempfile::TempDir,
    /// State folders, in memory: what a disk costs is not asked here.
    states: tempfile::TempDir,
}

impl Office {
    async fn open() -> Self {
        let folder = folder();
        let any = |name: &'static str| (name, "1000000".to_owned());
        let hub_settings = vec![any("OPENPAM_JOINS_PER_MINUTE"), any("OPENPAM_JOINS_PER_MINUTE_PER_ADDRESS")];
        let place = Place { hub_settings, log: "warn", ..Place::default() };
        let hub = Hub::start_in(folder.path(), "hub", &place).await;
        let admin = Api::sign_in(&hub.url(), ADMIN, PASSWORD).await;
        let states = tempfile::tempdir_in("/dev/shm").expect("a folder in memory");
        Self { hub, admin, folder, states }
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.hub.tunnel_port))
    }

    async fn token(&self, zone: &str) -> JoinToken {
        let zone = id(&self.admin.create("zones", json!({"name": zone, "type": "satellite"})).await);
        let token = self.admin.create("tokens", json!({"zone_id": zone})).await;
        JoinToken::decode(token["token"].as_str().expect("a token")).expect("decodes")
    }

    async fn sites(&self, count: usize, allowed: Allowed) -> Vec<Site> {
        let site = async |number: usize| {
            let token = self.token(&format!("plant-{number}")).await;
            Site::new(&self.states.path().join(number.to_string()), token, allowed, self.address())
        };
        join_all((0..count).map(site)).await
    }

    /// Every zone has one satellite in the books, whose state is none of those that an admin has to look after.
    async fn one_satellite_each(&self, zones: usize) {
        let rows = self.admin.get("/api/v1/admin/satellites?limit=200").await;
        let rows = rows["items"].as_array().expect("items");
        assert_eq!(rows.len(), zones, "{rows:?}");
        assert!(rows.iter().all(|row| row["state"] == json!("offline")), "{rows:?}");
    }
}

/// A satellite's state folder and what it needs to join and renew.
struct Site {
    state: StateDir,
    key: Zeroizing<Vec<u8>>,
    token: JoinToken,
    options: DialOptions,
    hub: SocketAddr,
}

impl Site {
    fn new(folder: &Path, token: JoinToken, allowed: Allowed, hub: SocketAddr) -> Self {
        let state = StateDir::open(folder).expect("a state folder");
        let (key, _) = ca::new_request().expect("a key");
        let options = DialOptions { allowed, ..DialOptions::default() };
        Self { state, key, token, options, hub }
    }

    /// The folder as it was before its join, with the key that it had then.
    fn begin_anew(&self) {
        let _ = std::fs::remove_file(self.state.join("node.json"));
        let _ = std::fs::remove_file(self.state.join("node.key"));
        self.state.keep_pending_key(&self.key).expect("writes");
    }

    async fn join_at(&self, address: &str) -> Result<Membership, JoinError> {
        let token = JoinToken { addresses: vec![address.to_owned()], ..self.token.clone() };
        join(&self.state, &token, self.options.clone(), &SiteClock::fleeting(), false).await
    }

    async fn renew_at(&self, address: &str) -> Result<(), RenewalError> {
        let clock = SiteClock::fleeting();
        let dialler = Dialler::new(vec![address.to_owned()], self.options.clone(), clock.for_tls());
        renew(&self.state, &dialler, (&clock, false)).await.map(drop)
    }

    fn generation(&self) -> u64 {
        self.state.membership().expect("has joined").0.generation
    }

    /// Joins over a line that is cut, and, if that failed, again over a good one; whether it failed.
    async fn joins_in_the_end(&self, cut: &Cut) -> bool {
        self.begin_anew();
        let lost = match self.join_at(&cut.address).await {
            Ok(_) => false,
            Err(JoinError::Dial(DialError::Unreachable { .. } | DialError::Malformed)) => true,
            Err(error) => panic!("{error} [{}]", error.code()),
        };
        if lost {
            assert!(!self.state.join("node.json").exists(), "a join without an answer leaves no membership");
            self.join_at(&self.hub.to_string()).await.expect("the repeated join ends well");
        }
        lost
    }

    /// The same for a renewal.
    async fn renews_in_the_end(&self, cut: &Cut) -> bool {
        let before = self.generation();
        let lost = match self.renew_at(&cut.address).await {
            Ok(()) => false,
            Err(RenewalError::Dial(DialError::Unreachable { .. } | DialError::Malformed)) => true,
            Err(error) => panic!("{error}"),
        };
        if lost {
            assert_eq!(self.generation(), before);
            self.renew_at(&self.hub.to_string()).await.expect("the repeated renewal ends well");
        }
        assert_eq!(self.generation(), before + 1, "one renewal, however often it was asked for");
        lost
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Join,
    Renewal,
}

impl What {
    /// Over a line that is cut, and again; whether the first answer was lost.
    async fn ends_well(self, site: &Site, cut: &Cut) -> bool {
        match self {
            Self::Join => site.joins_in_the_end(cut).await,
            Self::Renewal => site.renews_in_the_end(cut).await,
        }
    }
}

/// Cuts the answer at every byte, several sites beside each other.
async fn ends_well_at_every_byte(what: What) {
    let mut office = Office::open().await;
    let (sites, hub) = (office.sites(SITES, Allowed::Tcp).await, office.address());
    if what == What::Renewal {
        for site in &sites {
            site.join_at(&hub.to_string()).await.expect("joins");
        }
    }
    let whole = Cut::tcp(hub, Vec::new()).await;
    assert!(!what.ends_well(&sites[0], &whole).await);
    let begun = Instant::now();
    let bytes = whole.said() + MORE_BYTES;
    let stepping = sites.iter().enumerate().map(|(number, site)| async move {
        let mut lost = 0;
        for position in (number..=bytes).step_by(SITES) {
            let cut = Cut::tcp(hub, vec![position]).await;
            lost += usize::from(what.ends_well(site, &cut).await);
        }
        lost
    });
    let lost: usize = join_all(stepping).await.into_iter().sum();
    eprintln!(
        "{what:?}: the answer has {} bytes; {lost} of {bytes} cuts lost it; {:?}",
        whole.said(),
        begun.elapsed()
    );
    assert!(lost + 2 * MORE_BYTES >= bytes, "{lost} of {bytes}");
    office.one_satellite_each(SITES).await;
    office.hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_join_whose_answer_is_cut_at_any_byte_ends_well_when_it_is_repeated() {
    ends_well_at_every_byte(What::Join).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewal_whose_answer_is_cut_at_any_byte_ends_well_when_it_is_repeated() {
    ends_well_at_every_byte(What::Renewal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_quic_any_datagram_may_be_the_last_of_an_answer() {
    let mut office = Office::open().await;
    let sites = office.sites(DATAGRAMS, Allowed::Quic).await;
    let hub = office.address();
    let begun = Instant::now();
    let stepping = sites.iter().enumerate().map(|(datagrams, site)| async move {
        let cut = Cut::udp(hub, datagrams).await;
        let join = site.joins_in_the_end(&cut).await;
        let cut = Cut::udp(hub, datagrams).await;
        (join, site.renews_in_the_end(&cut).await)
    });
    let lost = join_all(stepping).await;
    let count = |wanted: fn(&(bool, bool)) -> bool| lost.iter().filter(|lost| wanted(lost)).count();
    let (joins, renewals) = (count(|lost| lost.0), count(|lost| lost.1));
    eprintln!("of {DATAGRAMS} lines {joins} lost a join, {renewals} a renewal; {:?}", begun.elapsed());
    assert!((1..DATAGRAMS).contains(&joins) && (1..DATAGRAMS).contains(&renewals));
    office.one_satellite_each(DATAGRAMS).await;
    office.hub.stop().await;
}

/// A second state folder with the same identity.
fn copied(of: &Site, folder: PathBuf) -> Site {
    let state = StateDir::open(&folder).expect("a state folder");
    for name in ["node.json", "node.key"] {
        std::fs::copy(of.state.join(name), state.join(name)).expect("copies");
    }
    Site { state, key: of.key.clone(), token: of.token.clone(), options: of.options.clone(), hub: of.hub }
}

/// Renewing at `address` comes to a quarantine. Right behind another machine's renewal it may first have to ask again.
async fn is_quarantined_at(address: &str, site: &Site) {
    eventually("it is quarantined", || async {
        match site.renew_at(address).await {
            Err(RenewalError::Dial(DialError::Refused(refused))) if refused.code == "busy" => None,
            Err(RenewalError::Dial(DialError::Refused(refused))) if refused.code == "quarantined" => Some(()),
            other => panic!("{other:?}"),
        }
    })
    .await;
}

#[tokio::test]
async fn a_copy_does_not_pass_for_a_repetition_also_when_it_was_made_while_an_answer_was_lost() {
    let mut office = Office::open().await;
    let direct = office.address().to_string();
    let sites = office.sites(2, Allowed::Tcp).await;
    for site in &sites {
        site.join_at(&direct).await.expect("joins");
    }
    let copy = copied(&sites[0], office.states.path().join("copy"));
    sites[0].renew_at(&direct).await.expect("renews");
    is_quarantined_at(&direct, &copy).await;
    is_quarantined_at(&direct, &sites[0]).await;

    // The answer to a renewal is lost, then the disk is copied: both ask the same, and both are answered the same.
    let whole = Cut::tcp(office.address(), Vec::new()).await;
    sites[1].renew_at(&whole.address).await.expect("renews");
    let cut = Cut::tcp(office.address(), vec![whole.said() / 2]).await;
    sites[1].renew_at(&cut.address).await.expect_err("the answer is lost");
    let copy = copied(&sites[1], office.states.path().join("late-copy"));
    sites[1].renew_at(&direct).await.expect("asked again");
    copy.renew_at(&direct).await.expect("asks the same");
    // The next renewal tells them apart.
    sites[1].renew_at(&direct).await.expect("renews");
    is_quarantined_at(&direct, &copy).await;
    is_quarantined_at(&direct, &sites[1]).await;
    let rows = office.admin.get("/api/v1/admin/satellites").await;
    let quarantined = |row: &Value| row["state"] == json!("quarantined");
    assert!(rows["items"].as_array().expect("items").iter().all(quarantined), "{rows}");
    office.hub.stop().await;
}

#[tokio::test]
async fn the_program_is_run_again_with_the_same_token_after_its_answer_was_lost() {
    let mut office = Office::open().await;
    let token = office.token("plant-1").await;
    let tcp = vec![("OPENPAM_TRANSPORT", "tcp".to_owned())];
    let place = Place { satellite_settings: tcp, ..Place::default() };
    let satellite = Satellite::new_in(office.folder.path().join("satellite"), &place);
    // The preflight asks the time first; the joins after it are cut.
    let measured = Cut::tcp(office.address(), Vec::new()).await;
    let at = |cut: &Cut| JoinToken { addresses: vec![cut.address.clone()], ..token.clone() }.encode();
    let whole = office.sites(1, Allowed::Tcp).await;
    whole[0].join_at(&measured.address).await.expect("joins");
    for bytes in [measured.said() / 2, measured.said() - 300] {
        let cut = Cut::tcp(office.address(), vec![usize::MAX, bytes]).await;
        let (joined, output) = satellite.join(&at(&cut), &[]).await;
        assert!(!joined, "{bytes}: {output}");
        assert!(!satellite.state.join("node.json").exists());
        let said = ask::satellite(&satellite, &["run"]).await;
        assert_eq!(said.code, Some(78), "{}", said.err);
    }
    let (joined, output) = satellite.join(&token.encode(), &[]).await;
    assert!(joined, "{output}");
    office.one_satellite_each(2).await;
    office.hub.stop().await;
}
