//! Opening a shell on a target: TCP, SSH key exchange, host key, sign-in, PTY, shell.
//!
//! It records nothing and decides nothing about policy. The secret is opened beside the call that needs it and
//! wiped after; every stage has the one deadline of the dial. Driven by `open` for each new session.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use openpam_proto::attach::{OpenShell, Secret};
use openpam_proto::end::{EndCode, Hop};
use russh::client::{self, AuthResult, Handle, KeyboardInteractiveAuthResponse, Msg};
use russh::keys::ssh_key::PublicKey;
use russh::keys::{HashAlg, PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key};
use russh::{AlgorithmKind, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, MethodKind, MethodSet};
use tokio::io::BufReader;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

use crate::reach::{Forbidden, Reach};
use crate::session::algorithms;

/// What the target may send before it must wait for us. A LAN needs no more; it bounds memory of a stopped session.
const WINDOW_BYTES: u32 = 256 * 1024;
/// Messages of a target that wait for the session; past it the connection is not read.
const CHANNEL_MESSAGES: usize = 8;
/// Read from a target at once.
const READ_BYTES: usize = 16 * 1024;
/// More of what a target says of itself is not shown.
const MAX_SHOWN_CHARS: usize = 200;
/// Rounds of questions at a sign-in.
const MAX_ROUNDS: usize = 5;
/// Silence after which the target is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Why there is no shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialFailure {
    /// The code for books and browser.
    pub code: EndCode,
    /// Where it failed.
    pub hop: Hop,
    /// What happened and what to do.
    pub message: String,
    /// The key that the target showed, with `host_key_changed`.
    pub other_key: Option<String>,
}

impl DialFailure {
    fn target(code: EndCode, message: impl Into<String>) -> Self {
        Self { code, hop: Hop::Target, message: message.into(), other_key: None }
    }
}

/// The way to the target's program: input, sizes, the end. Clones are cheap.
pub type TargetWriter = Arc<ChannelWriteHalf<Msg>>;

/// A shell on a target.
pub struct Shell {
    /// What the target prints.
    pub read: ChannelReadHalf,
    /// What is typed.
    pub write: TargetWriter,
    /// Keeps the connection; dropping it disconnects.
    pub connection: Handle<HostKeyCheck>,
}

/// A target that was reached and showed a host key we accept, before sign-in.
pub struct Reached {
    connection: Handle<HostKeyCheck>,
    deadline: Instant,
    /// The key to pin, when none was known.
    pub seen_key: Option<String>,
}

/// Connects, exchanges keys and compares the host key.
///
/// # Errors
/// [`DialFailure`] with `site_forbids`, `target_unreachable` or `host_key_changed`.
pub async fn reach(open: &OpenShell, site: &Reach) -> Result<Reached, DialFailure> {
    let deadline = Instant::now() + Duration::from_secs(open.dial_timeout_s.into());
    let address = format!("{}:{}", open.hostname, open.port);
    let known =
        open.host_keys.iter().filter_map(|line| PublicKey::from_openssh(line).ok()).collect::<Vec<_>>();
    if known.len() != open.host_keys.len() {
        return Err(DialFailure {
            code: EndCode::Internal,
            hop: Hop::Hub,
            message: "a known host key is damaged".into(),
            other_key: None,
        });
    }
    let way = Way { open, site, address: &address, deadline };
    let (connected, shown) = way.exchange(&known, &known).await?;
    match connected {
        Ok(connection) => {
            let seen_key = shown.filter(|_| known.is_empty()).and_then(|key| key.to_openssh().ok());
            Ok(Reached { connection, deadline, seen_key })
        }
        Err(russh::Error::UnknownKey) => Err(host_key_changed(&address, shown.as_ref())),
        Err(russh::Error::NoCommonAlgo { kind: AlgorithmKind::Key, .. }) if !known.is_empty() => {
            // It has no key of a known kind: the one that it has is looked at, for whoever decides about it.
            let (_, shown) = way.exchange(&[], &known).await?;
            Err(host_key_changed(&address, shown.as_ref()))
        }
        Err(russh::Error::NoCommonAlgo { kind, theirs, .. }) => {
            Err(no_common(&address, kind, &theirs, open.old_algorithms))
        }
        Err(error) => Err(unreachable(format!("{address} does not speak SSH as expected: {error}"))),
    }
}

/// The way to a target, for as long as its dial may take.
struct Way<'a> {
    open: &'a OpenShell,
    site: &'a Reach,
    address: &'a str,
    deadline: Instant,
}

type Exchanged = (Result<Handle<HostKeyCheck>, russh::Error>, Option<PublicKey>);

impl Way<'_> {
    /// Connects and exchanges keys, asking for host keys of the kinds of `asked`; what came of it, and the key shown.
    async fn exchange(&self, asked: &[PublicKey], known: &[PublicKey]) -> Result<Exchanged, DialFailure> {
        let Self { open, address, .. } = self;
        let late = |what: &str| unreachable(format!("{address} {what} within {} s", open.dial_timeout_s));
        let socket =
            timeout_at(self.deadline, self.connect()).await.map_err(|_| late("did not answer"))??;
        let _ = socket.set_nodelay(true);
        // The SSH library reads the length of each packet by itself: a flood would cost two system calls a packet.
        let socket = BufReader::with_capacity(READ_BYTES, socket);
        let shown = Arc::new(OnceLock::new());
        let handler = HostKeyCheck { known: known.to_vec(), shown: shown.clone() };
        let config = config(asked, open.old_algorithms);
        let connected = timeout_at(self.deadline, client::connect_stream(config, socket, handler)).await;
        let connected =
            connected.map_err(|_| late("accepted the connection but did not finish the SSH handshake"))?;
        Ok((connected, shown.get().cloned()))
    }

    async fn connect(&self) -> Result<TcpStream, DialFailure> {
        let Self { open, site, address, .. } = self;
        site.allows("ssh", open.port).map_err(|why| forbidden(&why))?;
        let resolved = lookup_host((open.hostname.as_str(), open.port)).await;
        let resolved = resolved.map_err(|error| unreachable(format!("{address}: {}", plain(&error))))?;
        // Only what was judged is dialled: the name is not asked again.
        let allowed = site.only_allowed(resolved.collect()).map_err(|why| forbidden(&why))?;
        let socket = TcpStream::connect(allowed.as_slice()).await;
        socket.map_err(|error| unreachable(format!("{address}: {}", plain(&error))))
    }
}

fn unreachable(what: String) -> DialFailure {
    DialFailure::target(EndCode::TargetUnreachable, what)
}

fn no_common(address: &str, kind: AlgorithmKind, theirs: &[String], old: bool) -> DialFailure {
    let what = match kind {
        AlgorithmKind::Kex => "key exchange",
        AlgorithmKind::Key => "host key",
        AlgorithmKind::Cipher => "cipher",
        AlgorithmKind::Mac => "message authentication",
        AlgorithmKind::Compression => "compression",
    };
    let todo =
        if old { "it cannot be opened" } else { "an administrator can allow old algorithms for this target" };
    let theirs = printable(&theirs.join(", "), MAX_SHOWN_CHARS);
    unreachable(format!("{address} offers no {what} algorithm that is allowed, only {theirs}; {todo}"))
}

/// What a target says of itself, as far as it can be shown.
fn printable(text: &str, most: usize) -> String {
    text.chars().filter(|character| character.is_ascii_graphic() || *character == ' ').take(most).collect()
}

impl Reached {
    /// Signs in.
    ///
    /// # Errors
    /// [`DialFailure`] with `credential_rejected` or `target_unreachable`.
    pub async fn sign_in(mut self, open: &OpenShell, secret: Secret) -> Result<SignedIn, DialFailure> {
        let deadline = self.deadline;
        timeout_at(deadline, self.authenticate(open, secret)).await.map_err(|_| late_sign_in(open))??;
        Ok(SignedIn { connection: self.connection, deadline })
    }

    async fn authenticate(&mut self, open: &OpenShell, secret: Secret) -> Result<(), DialFailure> {
        let result = match secret {
            Secret::Password(password) => {
                let result = self.connection.authenticate_password(&open.username, password.as_str()).await;
                match result {
                    Ok(AuthResult::Failure { remaining_methods, partial_success: false })
                        if asks_instead(&remaining_methods) =>
                    {
                        return self.answer(open, &password).await;
                    }
                    other => other,
                }
            }
            Secret::PrivateKey(pem) => {
                let key = decode_secret_key(&pem, None)
                    .map_err(|_| rejected(open, "the stored private key is damaged"))?;
                // A target that does not say what it knows gets SHA-2, unless it is known to be old.
                let hash = self.connection.best_supported_rsa_hash().await.ok().flatten().flatten();
                let hash = hash.or_else(|| (!open.old_algorithms).then_some(HashAlg::Sha256));
                let key = PrivateKeyWithHashAlg::new(Arc::new(key), hash);
                self.connection.authenticate_publickey(&open.username, key).await
            }
        };
        match result {
            Ok(AuthResult::Success) => Ok(()),
            Ok(AuthResult::Failure { partial_success: true, .. }) => {
                Err(rejected(open, "it wants a second factor, which is not supported"))
            }
            Ok(AuthResult::Failure { .. }) => {
                Err(rejected(open, "wrong secret, or the account may not sign in"))
            }
            Err(error) => Err(lost(&error)),
        }
    }

    /// Answers the target's one question for a password (RFC 4256). Other questions are nobody's to answer here.
    async fn answer(&mut self, open: &OpenShell, password: &str) -> Result<(), DialFailure> {
        let mut answered = false;
        let begun = self.connection.authenticate_keyboard_interactive_start(&open.username, None).await;
        let mut said = begun.map_err(|error| lost(&error))?;
        for _ in 0..MAX_ROUNDS {
            let prompts = match said {
                KeyboardInteractiveAuthResponse::Success => return Ok(()),
                KeyboardInteractiveAuthResponse::Failure { .. } => {
                    return Err(rejected(open, "wrong secret, or the account may not sign in"));
                }
                KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
            };
            let answers = match prompts.as_slice() {
                [] => Vec::new(),
                [question] if !question.echo && !answered => {
                    answered = true;
                    vec![password.to_owned()]
                }
                [question, ..] => {
                    let asks = printable(&question.prompt, MAX_SHOWN_CHARS);
                    let what = format!("it asks for more than a password ({})", asks.trim());
                    return Err(rejected(open, &what));
                }
            };
            let next = self.connection.authenticate_keyboard_interactive_respond(answers).await;
            said = next.map_err(|error| lost(&error))?;
        }
        Err(rejected(open, "it asks without end"))
    }
}

/// A target that let the account in.
pub struct SignedIn {
    connection: Handle<HostKeyCheck>,
    deadline: Instant,
}

impl SignedIn {
    /// Starts a shell on a terminal of this size.
    ///
    /// # Errors
    /// [`DialFailure`] with `credential_rejected` or `target_unreachable`.
    pub async fn shell(self, open: &OpenShell, cols: u16, rows: u16) -> Result<Shell, DialFailure> {
        let start = start_shell(&self.connection, &open.term, cols, rows);
        let (read, write) = timeout_at(self.deadline, start).await.map_err(|_| late_sign_in(open))??;
        Ok(Shell { read, write: Arc::new(write), connection: self.connection })
    }
}

/// Whether the target takes no password but would ask for one.
fn asks_instead(remaining: &MethodSet) -> bool {
    remaining.contains(&MethodKind::KeyboardInteractive) && !remaining.contains(&MethodKind::Password)
}

fn late_sign_in(open: &OpenShell) -> DialFailure {
    unreachable(format!("the target did not finish sign-in within {} s", open.dial_timeout_s))
}

fn rejected(open: &OpenShell, what: &str) -> DialFailure {
    let message = format!(
        "the target refused the account {}: {what}. An administrator must check the credential",
        open.username
    );
    DialFailure::target(EndCode::CredentialRejected, message)
}

/// The site forbids it.
#[must_use]
pub fn forbidden(why: &Forbidden) -> DialFailure {
    DialFailure { code: EndCode::SiteForbids, hop: Hop::Site, message: why.to_string(), other_key: None }
}

async fn start_shell(
    connection: &Handle<HostKeyCheck>,
    term: &str,
    cols: u16,
    rows: u16,
) -> Result<(ChannelReadHalf, ChannelWriteHalf<Msg>), DialFailure> {
    let channel = connection.channel_open_session().await.map_err(|error| lost(&error))?;
    let (mut read, write) = channel.split();
    write.request_pty(true, term, cols.into(), rows.into(), 0, 0, &[]).await.map_err(|error| lost(&error))?;
    write.request_shell(true).await.map_err(|error| lost(&error))?;
    // Two answers, in order; data comes only after the second.
    for what in ["a terminal", "a shell"] {
        loop {
            match read.wait().await {
                Some(ChannelMsg::Success) => break,
                Some(ChannelMsg::WindowAdjusted { .. }) => {}
                Some(ChannelMsg::Failure) => {
                    return Err(DialFailure::target(
                        EndCode::CredentialRejected,
                        format!("the target gives this account no {}", what.trim_start_matches("a ")),
                    ));
                }
                _ => {
                    return Err(DialFailure::target(
                        EndCode::TargetUnreachable,
                        "the target closed the connection while the shell was opened",
                    ));
                }
            }
        }
    }
    Ok((read, write))
}

fn config(known: &[PublicKey], old: bool) -> Arc<client::Config> {
    Arc::new(client::Config {
        window_size: WINDOW_BYTES,
        channel_buffer_size: CHANNEL_MESSAGES,
        keepalive_interval: Some(KEEPALIVE),
        nodelay: true,
        preferred: algorithms::offered(known, old),
        ..client::Config::default()
    })
}

fn host_key_changed(address: &str, shown: Option<&PublicKey>) -> DialFailure {
    let said = shown.map_or_else(
        || "a key of another kind".to_owned(),
        |key| key.fingerprint(HashAlg::Sha256).to_string(),
    );
    let message = format!(
        "{address} showed {said}, which is not the host key known for it. It may have been reinstalled, \
         or somebody stands in between; an administrator must look before anyone signs in"
    );
    let other_key = shown.and_then(|key| key.to_openssh().ok());
    DialFailure { other_key, ..DialFailure::target(EndCode::HostKeyChanged, message) }
}

fn lost(error: &russh::Error) -> DialFailure {
    DialFailure::target(EndCode::TargetUnreachable, format!("the target closed the connection: {error}"))
}

/// An I/O error in words, without the number.
#[must_use]
pub fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "nothing listens there (connection refused)".to_owned(),
        std::io::ErrorKind::HostUnreachable | std::io::ErrorKind::NetworkUnreachable => {
            "there is no route to it from the site".to_owned()
        }
        _ => error.to_string(),
    }
}

/// Compares the target's host key with the known ones; keeps what was shown.
pub struct HostKeyCheck {
    known: Vec<PublicKey>,
    shown: Arc<OnceLock<PublicKey>>,
}

impl client::Handler for HostKeyCheck {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else { return Ok(false) };
        let _ = self.shown.set(key.clone());
        Ok(self.known.is_empty() || self.known.iter().any(|known| known.key_data() == key.key_data()))
    }
}
