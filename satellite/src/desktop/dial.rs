//! Opening a desktop: the target is reached, its certificate compared, then guacd connects with the secret and draws the
//! first frame.
//!
//! guacd says `ready` before it looks for the target: only a first frame means that the account was let in. Driven by
//! `session::open`.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use openpam_proto::attach::{OpenShell, Secret};
use openpam_proto::desktop::{Gateway, OpenDesktop, Protocol, Transfer, View};
use openpam_proto::end::{EndCode, Hop};
use openpam_proto::guacamole::{self, Instruction};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::arguments::Arguments;
use super::certificate::{self, ProbeError, Shown};
use super::failure::Said;
use super::guacd::{self, Connection, GuacdError, Introduction};
use super::health::Guacd;
use super::wake;
use crate::reach::{Forbidden, Reach};
use crate::session::dial::{DialFailure, forbidden, plain};

/// A first frame is not larger than this.
const MAX_FIRST_BYTES: usize = 32 * 1024 * 1024;
/// guacd is asked so often again.
const MOST_TRIES: usize = 3;
/// A target that is woken is looked for this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How a desktop is opened, and where guacd is.
pub struct Way<'a> {
    /// The session's.
    pub open: &'a OpenShell,
    /// The desktop's part of it.
    pub desktop: &'a OpenDesktop,
    /// The site's guacd.
    pub guacd: &'a Guacd,
    /// What sessions may reach.
    pub site: &'a Reach,
    /// The first browser's window.
    pub view: View,
    /// What may pass.
    pub transfer: Transfer,
    /// What the desktop sees as a drive.
    pub drive: Option<&'a Path>,
}

/// A target that was reached and showed a certificate we accept.
pub struct Reached {
    address: SocketAddr,
    deadline: Instant,
    /// The certificate to pin, when none was known.
    pub seen_key: Option<String>,
    /// The fingerprint of the certificate that it showed.
    fingerprint: Option<String>,
    /// The address of the gateway before it.
    gateway: Option<IpAddr>,
}

impl Way<'_> {
    /// Connects, and compares the certificate.
    ///
    /// # Errors
    /// [`DialFailure`] with `site_forbids`, `target_unreachable` or `host_key_changed`.
    pub async fn reach(&self) -> Result<Reached, DialFailure> {
        let woken = self.desktop.wake_on_lan.as_ref().map_or(0, |woken| woken.wait_seconds);
        let patience = Duration::from_secs(u64::from(self.open.dial_timeout_s) + u64::from(woken));
        let deadline = Instant::now() + patience;
        let address = self.address();
        self.site.allows(self.desktop.protocol.as_str(), self.open.port).map_err(|why| forbidden(&why))?;
        let resolved = lookup_host((self.open.hostname.as_str(), self.open.port)).await;
        let resolved = resolved.map_err(|error| unreachable(format!("{address}: {}", plain(&error))))?;
        let allowed = self.site.only_allowed(resolved.collect()).map_err(|why: Forbidden| forbidden(&why))?;
        let first = allowed.first().copied();
        let first = first.ok_or_else(|| unreachable(format!("{address} has no address")))?;
        if let Some(gateway) = &self.desktop.gateway {
            // From here it can't be seen: what is dialled is the gateway.
            return Ok(Reached {
                address: first,
                deadline,
                seen_key: None,
                fingerprint: None,
                gateway: Some(self.judged(gateway).await?),
            });
        }
        let socket = timeout_at(deadline, self.connect(&allowed)).await;
        let socket = socket.map_err(|_| self.silent(woken > 0))?;
        let socket = socket.map_err(|error| unreachable(format!("{address}: {}", plain(&error))))?;
        let at = socket.peer_addr().unwrap_or(first);
        let mut reached = Reached { address: at, deadline, seen_key: None, fingerprint: None, gateway: None };
        if self.desktop.protocol == Protocol::Rdp {
            let shown = timeout_at(deadline, certificate::probe(socket, self.desktop.security)).await;
            let shown = shown.map_err(|_| self.silent(false))?.map_err(|error| self.not_probed(&error))?;
            if let Shown::Certificate(line) = &shown {
                reached.fingerprint = certificate::fingerprint(line);
            }
            reached.seen_key = self.compare(shown)?;
        }
        Ok(reached)
    }

    /// Connects; one that may sleep is woken, and looked for until it is there.
    async fn connect(&self, addresses: &[SocketAddr]) -> std::io::Result<TcpStream> {
        let Some(woken) = &self.desktop.wake_on_lan else { return TcpStream::connect(addresses).await };
        loop {
            if let Ok(Ok(socket)) = timeout(LOOK_EVERY, TcpStream::connect(addresses)).await {
                return Ok(socket);
            }
            wake::send(woken).await?;
            sleep(LOOK_EVERY / 2).await;
        }
    }

    fn silent(&self, woken: bool) -> DialFailure {
        let (address, seconds) = (self.address(), self.open.dial_timeout_s);
        unreachable(match (woken, &self.desktop.wake_on_lan) {
            (true, Some(woken)) => {
                format!("{address} was woken, and did not come up within {} s", woken.wait_seconds)
            }
            _ => format!("{address} did not answer within {seconds} s"),
        })
    }

    /// The one address of a gateway that may be dialled.
    async fn judged(&self, gateway: &Gateway) -> Result<IpAddr, DialFailure> {
        let Gateway { hostname, port, .. } = gateway;
        self.site.allows(self.desktop.protocol.as_str(), *port).map_err(|why| forbidden(&why))?;
        let no_address = |why: &str| unreachable(format!("the gateway {hostname}:{port}: {why}"));
        let resolved = lookup_host((hostname.as_str(), *port)).await;
        let resolved = resolved.map_err(|error| no_address(&plain(&error)))?;
        let allowed = self.site.only_allowed(resolved.collect()).map_err(|why| forbidden(&why))?;
        allowed.first().map(SocketAddr::ip).ok_or_else(|| no_address("it has no address"))
    }

    /// The line to pin, if none is known.
    fn compare(&self, shown: Shown) -> Result<Option<String>, DialFailure> {
        let known = &self.open.host_keys;
        match shown {
            Shown::Certificate(line) if known.is_empty() => Ok(Some(line)),
            Shown::Certificate(line) if known.contains(&line) => Ok(None),
            Shown::None if known.is_empty() => Ok(None),
            other => {
                let (said, other_key) = match other {
                    Shown::Certificate(line) => ("a certificate", Some(line)),
                    Shown::None => ("no certificate", None),
                };
                let message = format!(
                    "{} showed {said} that is not the one known for it. It may have been reinstalled or renewed, or \
                     somebody stands in between; an administrator must look before anyone signs in",
                    self.address()
                );
                Err(DialFailure { other_key, ..target(EndCode::HostKeyChanged, message) })
            }
        }
    }

    fn not_probed(&self, error: &ProbeError) -> DialFailure {
        let address = self.address();
        match error {
            ProbeError::Refused { wants } => unreachable(format!(
                "{address} does not take the security mode that is set for it: it wants {wants}; an administrator must \
                 set another"
            )),
            error => unreachable(format!("{address}: {error}")),
        }
    }

    fn address(&self) -> String {
        format!("{}:{}", self.open.hostname, self.open.port)
    }

    /// Has guacd connect, and waits for the first frame: the session's own member, with all that was read of it.
    ///
    /// # Errors
    /// [`DialFailure`] with `credential_rejected`, `target_unreachable` or `internal`.
    pub async fn sign_in(&self, reached: Reached, secret: Secret) -> Result<Connection, DialFailure> {
        let Secret::Password(password) = secret else {
            let message = "a desktop is opened with a password, and this credential is a key";
            return Err(target(EndCode::CredentialRejected, message.to_owned()));
        };
        let arguments = Arguments {
            open: self.open,
            desktop: self.desktop,
            address: reached.address.ip(),
            gateway: reached.gateway,
            fingerprint: reached.fingerprint.as_deref(),
            password: &password,
            view: self.view,
            transfer: self.transfer,
            drive: self.drive,
        };
        let introduction = Introduction { view: self.view, user: &self.open.user };
        let protocol = self.desktop.protocol.as_str();
        let mut tries = 0..MOST_TRIES;
        let mut connection = loop {
            let connected =
                guacd::connect(self.guacd, protocol, introduction, |name| arguments.value(name)).await;
            let mut connection = connected.map_err(|error| guacd_away(self.guacd.address(), &error))?;
            let overtaken = self.desktop.protocol == Protocol::Rdp
                && timeout_at(reached.deadline, is_overtaken(&mut connection)).await.unwrap_or(false);
            if !overtaken || tries.next().is_none() {
                break connection;
            }
            // Signed in a moment later, it would take the desktop from the next one.
            let id = std::mem::take(&mut connection.id);
            drop(connection);
            let _ = timeout_at(reached.deadline, guacd::until_gone(self.guacd.wire(), &id)).await;
        };
        match timeout_at(reached.deadline, first_frame(&mut connection)).await {
            Ok(Ok(())) => Ok(connection),
            Ok(Err(said)) => {
                let (code, hop, message) = said.refused(&self.address(), &self.open.username);
                Err(DialFailure { code, hop, message, other_key: None })
            }
            Err(_) => {
                let seconds = self.open.dial_timeout_s;
                Err(unreachable(format!("{} showed no desktop within {seconds} s", self.address())))
            }
        }
    }
}

/// Whether guacd draws before it knows who is there: a race in it, which of 1.3.0 on a busy machine one of five lose. That member
/// then gets neither sound nor drive, for as long as the desktop lives.
async fn is_overtaken(connection: &mut Connection) -> bool {
    loop {
        match Instruction::first(&connection.read) {
            Ok(Some(first)) => return matches!(first.opcode(), "size" | "img" | "cursor"),
            Ok(None) => {}
            Err(_) => return false,
        }
        if connection.reader.read_buf(&mut connection.read).await.unwrap_or_default() == 0 {
            return false;
        }
    }
}

/// Reads up to the first frame with something in it, and leaves it in the connection's buffer; or what guacd said instead.
async fn first_frame(connection: &mut Connection) -> Result<(), Said> {
    let (mut said, mut at, mut drawn) = (Said::default(), 0, false);
    loop {
        let (mut answers, mut stands) = (String::new(), false);
        let whole = guacamole::whole(connection.read.get(at..).unwrap_or_default(), usize::MAX, |next| {
            said.hears(next);
            answers.extend(guacd::answer(next));
            match next.opcode() {
                "img" | "copy" | "rect" => drawn = true,
                "sync" => stands |= drawn,
                _ => {}
            }
        });
        match whole {
            Ok(count) => at += count,
            Err(malformed) => said.broken(&malformed.to_string()),
        }
        if whole.is_err() || said.is_over() || at > MAX_FIRST_BYTES {
            return Err(said);
        }
        if stands {
            return Ok(());
        }
        if connection.writer.write_all(answers.as_bytes()).await.is_err()
            || connection.writer.flush().await.is_err()
            || connection.reader.read_buf(&mut connection.read).await.unwrap_or_default() == 0
        {
            return Err(said);
        }
    }
}

/// guacd does not serve the desktop.
#[must_use]
pub fn guacd_away(address: &str, error: &GuacdError) -> DialFailure {
    let message = format!(
        "the site's desktop gateway (guacd at {address}) does not serve: {error}. An administrator must look at the site"
    );
    DialFailure { code: EndCode::Internal, hop: Hop::Site, message, other_key: None }
}

fn target(code: EndCode, message: String) -> DialFailure {
    DialFailure { code, hop: Hop::Target, message, other_key: None }
}

fn unreachable(message: String) -> DialFailure {
    target(EndCode::TargetUnreachable, message)
}
