//! How guacd is: looked at when the satellite begins, then every half a minute, and at once when a desktop failed because of
//! it or found it back.
//!
//! A look costs guacd nothing but a line in its log: it is asked for a connection that is not there. What it offers, for
//! which it starts a process each, is asked when it comes, when it failed, and once an hour. Nobody is asked where
//! the site's own configuration lets no desktop be opened.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use openpam_proto::control;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::guacd::{self, GuacdError, Offer};
use super::wire::Wire;
use crate::clock::SiteClock;
use crate::status::GuacdStatus;
use crate::uplink::random;

/// One that is there is looked at about so often.
const HERE_EVERY: Duration = Duration::from_secs(30);
/// One that is not.
const AWAY_EVERY: Duration = Duration::from_secs(10);
/// What it offers is asked anew after this.
const OFFER_EVERY: Duration = Duration::from_secs(3600);
/// However much fails, it is looked at no more often.
const SOONEST: Duration = Duration::from_secs(1);

/// More of why it does not answer is not shown.
const MAX_SHOWN_CHARS: usize = 200;

/// A site's guacd. Clones are cheap and mean the same one.
#[derive(Clone)]
pub struct Guacd(Arc<Inner>);

struct Inner {
    wire: Wire,
    seen: watch::Sender<Seen>,
    look: Notify,
    /// Whether somebody wanted a desktop since the program began.
    asked: AtomicBool,
}

/// How it was found last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How.
    pub found: Found,
    /// Since when: milliseconds since 1970 UTC.
    pub since_ms: i64,
}

/// How it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nobody has looked yet, or nobody will.
    Unknown,
    /// It does not answer, for this reason.
    Away(String),
    /// It answers.
    Here(Offer),
}

impl Guacd {
    /// The one at the end of that wire.
    #[must_use]
    pub fn new(wire: Wire) -> Self {
        let seen = watch::Sender::new(Seen { found: Found::Unknown, since_ms: 0 });
        Self(Arc::new(Inner { wire, seen, look: Notify::new(), asked: AtomicBool::new(false) }))
    }

    /// The way there.
    #[must_use]
    pub fn wire(&self) -> &Wire {
        &self.0.wire
    }

    /// Its host and port.
    #[must_use]
    pub fn address(&self) -> &str {
        self.0.wire.address()
    }

    /// It is looked at soon: something made no sense.
    pub fn look_again(&self) {
        self.0.look.notify_one();
    }

    /// Somebody wanted it for a desktop, with that result.
    pub(super) fn wanted(&self, error: Option<&GuacdError>) {
        self.0.asked.store(true, Ordering::Relaxed);
        let is_here = matches!(self.0.seen.borrow().found, Found::Here(_));
        // A refusal is of what was asked for.
        let serves = matches!(error, None | Some(GuacdError::Refused(_)));
        if is_here != serves {
            self.look_again();
        }
    }

    /// For the hub; `None` while it is not known.
    #[must_use]
    pub fn told(&self) -> Option<control::Guacd> {
        let Seen { found, since_ms } = self.0.seen.borrow().clone();
        let (here, offer, error) = match found {
            Found::Unknown => return None,
            Found::Away(error) => (false, Offer::default(), Some(error)),
            Found::Here(offer) => (true, offer, None),
        };
        let Offer { version, protocols } = offer;
        let (address, tls) = (self.address().to_owned(), self.wire().is_tls());
        Some(control::Guacd { address, tls, here, version, protocols, since_ms, error })
    }

    /// For people at the site; `None` while it is not known.
    #[must_use]
    pub fn status(&self) -> Option<GuacdStatus> {
        let control::Guacd { address, tls, here, version, protocols, since_ms, error } = self.told()?;
        let asked = self.0.asked.load(Ordering::Relaxed);
        Some(GuacdStatus { address, tls, here, version, protocols, since_ms, error, asked })
    }

    /// Looks at it until the program stops; never, if the site lets no desktop be opened.
    pub async fn run(self, desktops: bool, clock: SiteClock) {
        if !desktops {
            return std::future::pending().await;
        }
        let (mut offer_due, mut nudged) = (Instant::now(), true);
        loop {
            let begun = Instant::now();
            let known = match &self.0.seen.borrow().found {
                Found::Here(offer) if !nudged && begun < offer_due => Some(offer.clone()),
                _ => None,
            };
            if known.is_none() {
                offer_due = begun + OFFER_EVERY;
            }
            let is_here = self.found(look(self.wire(), known).await, clock.now_ms());
            let every = if is_here { HERE_EVERY } else { AWAY_EVERY };
            nudged = timeout(every.mul_f64(0.75 + random() / 2.0), self.0.look.notified()).await.is_ok();
            sleep_until(begun + SOONEST).await;
        }
    }

    /// Books it, and says what changed. Whether it is there.
    fn found(&self, found: Found, now_ms: i64) -> bool {
        let is_here = matches!(found, Found::Here(_));
        let before = self.0.seen.borrow().clone();
        if found == before.found {
            return is_here;
        }
        let (address, asked) = (self.address(), self.0.asked.load(Ordering::Relaxed));
        match (&before.found, &found) {
            (_, Found::Here(Offer { version, protocols })) => {
                let version = version.as_deref().unwrap_or("?");
                tracing::info!(address, version, ?protocols, "guacd is there: desktops can be opened");
            }
            (Found::Away(_), Found::Away(_)) | (_, Found::Unknown) => {}
            (Found::Unknown, Found::Away(error)) if !asked => {
                tracing::info!(
                    address,
                    error,
                    "there is no guacd: no desktop can be opened, shells need none"
                );
            }
            (_, Found::Away(error)) => {
                tracing::warn!(address, error, "guacd is away: no desktop can be opened");
            }
        }
        let goes_on = std::mem::discriminant(&before.found) == std::mem::discriminant(&found);
        let since_ms = if goes_on { before.since_ms } else { now_ms };
        self.0.seen.send_replace(Seen { found, since_ms });
        is_here
    }
}

/// Looks at what is at the end of the wire; what it offers is asked where it is not known.
pub async fn look(wire: &Wire, known: Option<Offer>) -> Found {
    let found = match guacd::answers(wire).await {
        Ok(()) => match known {
            Some(offer) => Ok(offer),
            None => guacd::offers(wire).await,
        },
        Err(error) => Err(error),
    };
    found.map_or_else(|error| Found::Away(shown(&error)), Found::Here)
}

/// Whatever answers there may have said anything.
fn shown(error: &GuacdError) -> String {
    error.to_string().chars().filter(|character| !character.is_control()).take(MAX_SHOWN_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::desktop::wire::GuacdAt;

    async fn guacd_that_says(answers: &'static [(&'static str, &'static str)]) -> Guacd {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound").to_string();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = vec![0; 256];
                let read = stream.read(&mut asked).await.unwrap_or_default();
                let asked = String::from_utf8_lossy(asked.get(..read).unwrap_or_default()).into_owned();
                for (_, said) in answers.iter().filter(|(what, _)| asked.contains(what)) {
                    let _ = stream.write_all(said.as_bytes()).await;
                }
            }
        });
        let at = GuacdAt { address, authorities: None };
        Guacd::new(Wire::new(&at, SiteClock::fleeting().for_tls()).expect("plain"))
    }

    #[tokio::test]
    async fn what_it_offers_and_its_version_are_read_of_its_arguments() {
        let offer = |version: &str, protocols: &[&str]| {
            let protocols = protocols.iter().map(|&protocol| protocol.to_owned()).collect();
            Found::Here(Offer { version: Some(version.to_owned()), protocols })
        };
        let guacd = guacd_that_says(&[
            ("3.rdp", "4.args,13.VERSION_1_5_0,8.hostname,17.cert-fingerprints;"),
            ("3.vnc", "4.args,13.VERSION_1_5_0,8.hostname;"),
        ])
        .await;
        assert_eq!(look(guacd.wire(), None).await, offer("1.6.0", &["rdp", "vnc"]));
        let guacd = guacd_that_says(&[("3.vnc", "4.args,13.VERSION_1_3_0,8.hostname;")]).await;
        assert_eq!(look(guacd.wire(), None).await, offer("1.3.0", &["vnc"]));
    }

    #[tokio::test]
    async fn another_server_at_its_port_is_none() {
        let chatter = format!("900.{};", "x".repeat(900));
        for said in ["HTTP/1.1 400 Bad Request\r\n\r\n", "", &chatter] {
            let said: &'static [(&str, &str)] = vec![("select", &*said.to_owned().leak())].leak();
            let found = look(guacd_that_says(said).await.wire(), None).await;
            assert!(matches!(&found, Found::Away(why) if why.len() <= MAX_SHOWN_CHARS), "{found:?}");
        }
    }

    #[tokio::test]
    async fn since_when_it_is_there_or_away_does_not_change_with_the_reason() {
        let guacd = guacd_that_says(&[]).await;
        assert_eq!(guacd.told(), None, "nobody looked");
        let away = |why: &str| Found::Away(why.to_owned());
        for (found, at_ms, since_ms) in [
            (away("silent"), 1, 1),
            (away("refused"), 2, 1),
            (Found::Here(Offer::default()), 3, 3),
            (Found::Here(Offer { version: Some("1.5.0".to_owned()), protocols: Vec::new() }), 4, 3),
            (away("refused"), 5, 5),
        ] {
            let is_here = guacd.found(found, at_ms);
            let told = guacd.told().expect("known");
            assert_eq!((told.here, told.since_ms), (is_here, since_ms), "{told:?}");
        }
    }

    #[tokio::test]
    async fn it_is_looked_at_again_only_when_a_desktop_found_it_otherwise_than_known() {
        let guacd = guacd_that_says(&[]).await;
        let looks = || timeout(Duration::from_millis(10), guacd.0.look.notified());
        let (gone, refused) = (GuacdError::Silent, GuacdError::Refused(String::new()));
        guacd.found(Found::Here(Offer::default()), 1);
        for error in [None, Some(&refused)] {
            guacd.wanted(error);
            assert!(looks().await.is_err(), "{error:?}");
        }
        guacd.wanted(Some(&gone));
        assert!(looks().await.is_ok());
        guacd.found(Found::Away(String::new()), 2);
        guacd.wanted(Some(&gone));
        assert!(looks().await.is_err());
        guacd.wanted(None);
        assert!(looks().await.is_ok());
        assert!(guacd.status().expect("known").asked);
    }
}
