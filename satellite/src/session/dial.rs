//! Opening a shell on a target: TCP, SSH key exchange, host key, sign-in, PTY, shell.
//!
//! It records nothing and decides nothing about policy. The secret is opened beside the call that needs it and
//! wiped after; every stage has the one deadline of the dial. Driven by `open` for each new session.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use openpam_proto::attach::{OpenShell, Secret};
use openpam_proto::end::{EndCode, Hop};
use russh::client::{self, AuthResult, Handle, Msg};
use russh::keys::ssh_key::PublicKey;
use russh::keys::{Algorithm, PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key};
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Preferred, cipher};
use tokio::io::BufReader;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

use crate::reach::{Forbidden, Reach};

/// What the target may send before it must wait for us. A LAN needs no more; it bounds memory of a stopped session.
const WINDOW_BYTES: u32 = 256 * 1024;
/// Messages of a target that wait for the session; past it the connection is not read.
const CHANNEL_MESSAGES: usize = 8;
/// Read from a target at once.
const READ_BYTES: usize = 16 * 1024;
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
}

impl DialFailure {
    fn target(code: EndCode, message: impl Into<String>) -> Self {
        Self { code, hop: Hop::Target, message: message.into() }
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
    let unreachable = |what: String| DialFailure::target(EndCode::TargetUnreachable, what);
    site.allows("ssh", open.port).map_err(|why| forbidden(&why))?;
    let connect = async {
        let resolved = lookup_host((open.hostname.as_str(), open.port)).await;
        let resolved = resolved.map_err(|error| unreachable(format!("{address}: {}", plain(&error))))?;
        // Only what was judged is dialled: the name is not asked again.
        let allowed = site.only_allowed(resolved.collect()).map_err(|why| forbidden(&why))?;
        let socket = TcpStream::connect(allowed.as_slice()).await;
        socket.map_err(|error| unreachable(format!("{address}: {}", plain(&error))))
    };
    let socket = timeout_at(deadline, connect)
        .await
        .map_err(|_| unreachable(format!("{address} did not answer within {} s", open.dial_timeout_s)))??;
    let _ = socket.set_nodelay(true);
    // The SSH library reads the length of each packet by itself: a flood would cost two system calls a packet.
    let socket = BufReader::with_capacity(READ_BYTES, socket);

    let known =
        open.host_keys.iter().filter_map(|line| PublicKey::from_openssh(line).ok()).collect::<Vec<_>>();
    if known.len() != open.host_keys.len() {
        return Err(DialFailure {
            code: EndCode::Internal,
            hop: Hop::Hub,
            message: "a known host key is damaged".into(),
        });
    }
    let shown = Arc::new(OnceLock::new());
    let handler = HostKeyCheck { known: known.clone(), shown: shown.clone() };
    let connected = timeout_at(deadline, client::connect_stream(config(&known), socket, handler)).await;
    let key = shown.get();
    match connected {
        Ok(Ok(connection)) => {
            let seen_key = known.is_empty().then(|| key.and_then(|key| key.to_openssh().ok())).flatten();
            Ok(Reached { connection, deadline, seen_key })
        }
        Ok(Err(russh::Error::UnknownKey)) => Err(host_key_changed(&address, key)),
        Ok(Err(russh::Error::NoCommonAlgo { .. })) if !known.is_empty() => {
            Err(host_key_changed(&address, None))
        }
        Ok(Err(error)) => Err(unreachable(format!("{address} does not speak SSH as expected: {error}"))),
        Err(_) => Err(unreachable(format!(
            "{address} accepted the connection but did not finish the SSH handshake within {} s",
            open.dial_timeout_s
        ))),
    }
}

impl Reached {
    /// Signs in and starts a shell on a terminal of this size.
    ///
    /// # Errors
    /// [`DialFailure`] with `credential_rejected` or `target_unreachable`.
    pub async fn sign_in(
        mut self,
        open: &OpenShell,
        secret: Secret,
        cols: u16,
        rows: u16,
    ) -> Result<Shell, DialFailure> {
        let late = |_| {
            let message = format!("the target did not finish sign-in within {} s", open.dial_timeout_s);
            DialFailure::target(EndCode::TargetUnreachable, message)
        };
        timeout_at(self.deadline, self.authenticate(open, secret)).await.map_err(late)??;
        let start = start_shell(&self.connection, &open.term, cols, rows);
        let (read, write) = timeout_at(self.deadline, start).await.map_err(late)??;
        Ok(Shell { read, write: Arc::new(write), connection: self.connection })
    }

    async fn authenticate(&mut self, open: &OpenShell, secret: Secret) -> Result<(), DialFailure> {
        let rejected = |what: &str| {
            let message = format!(
                "the target refused the account {}: {what}. An administrator must check the credential",
                open.username
            );
            DialFailure::target(EndCode::CredentialRejected, message)
        };
        let result = match secret {
            Secret::Password(password) => {
                self.connection.authenticate_password(&open.username, password.as_str()).await
            }
            Secret::PrivateKey(pem) => {
                let key = decode_secret_key(&pem, None)
                    .map_err(|_| rejected("the stored private key is damaged"))?;
                let hash = self.connection.best_supported_rsa_hash().await.ok().flatten().flatten();
                let key = PrivateKeyWithHashAlg::new(Arc::new(key), hash);
                self.connection.authenticate_publickey(&open.username, key).await
            }
        };
        match result {
            Ok(AuthResult::Success) => Ok(()),
            Ok(AuthResult::Failure { .. }) => Err(rejected("wrong secret, or the account may not sign in")),
            Err(error) => Err(lost(&error)),
        }
    }
}

fn forbidden(why: &Forbidden) -> DialFailure {
    DialFailure { code: EndCode::SiteForbids, hop: Hop::Site, message: why.to_string() }
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

fn config(known: &[PublicKey]) -> Arc<client::Config> {
    let mut preferred = Preferred::DEFAULT;
    // AES-GCM is several times cheaper than ChaCha20 where the processor has AES.
    let mut ciphers = preferred.cipher.to_vec();
    ciphers.sort_by_key(|name| *name != cipher::AES_256_GCM);
    preferred.cipher = ciphers.into();
    if !known.is_empty() {
        // Ask for the kind of key we can compare.
        let kinds = known.iter().map(PublicKey::algorithm).collect::<Vec<_>>();
        let offers = preferred.key.iter().filter(|offer| kinds.iter().any(|kind| same_kind(kind, offer)));
        preferred.key = offers.cloned().collect::<Vec<_>>().into();
    }
    Arc::new(client::Config {
        window_size: WINDOW_BYTES,
        channel_buffer_size: CHANNEL_MESSAGES,
        keepalive_interval: Some(KEEPALIVE),
        nodelay: true,
        preferred,
        ..client::Config::default()
    })
}

fn same_kind(known: &Algorithm, offer: &Algorithm) -> bool {
    match (known, offer) {
        (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }) => true,
        (known, offer) => known == offer,
    }
}

fn host_key_changed(address: &str, shown: Option<&PublicKey>) -> DialFailure {
    let shown = shown.map_or_else(
        || "a key of another kind".to_owned(),
        |key| key.fingerprint(russh::keys::HashAlg::Sha256).to_string(),
    );
    DialFailure::target(
        EndCode::HostKeyChanged,
        format!(
            "{address} showed {shown}, which is not the host key known for it. It may have been reinstalled, \
             or somebody stands in between; an administrator must look before anyone signs in"
        ),
    )
}

fn lost(error: &russh::Error) -> DialFailure {
    DialFailure::target(EndCode::TargetUnreachable, format!("the target closed the connection: {error}"))
}

/// An I/O error in words, without the number.
fn plain(error: &std::io::Error) -> String {
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
