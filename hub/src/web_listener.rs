//! Accepts browsers: plain TCP, or TLS with the configured files or a certificate of the hub's own authority, which
//! is renewed while it runs. TCP_NODELAY always.
//!
//! A TLS handshake never holds up the next connection, and one that stalls is cut off.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use axum::serve::Listener;
use openpam_link::ca::{Authority, CaError};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tracing::debug;

use crate::config::{Config, TlsFiles, Web};
use crate::keys::{Keys, Nodes};

/// Handshakes at once; further connections wait in the kernel's queue.
const MAX_HANDSHAKES: usize = 256;
/// An own certificate is shown for so long; it is valid for three times that.
const RENEW_AFTER: Duration = Duration::from_secs(30 * 24 * 3600);
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// After an error of accept() (no file descriptors left) it tries again so much later.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

type Io = Either<TcpStream, TlsStream<TcpStream>>;

/// The listener of `listen`, for `axum::serve`.
pub struct WebListener {
    source: Source,
    local: SocketAddr,
}

enum Source {
    Plain(TcpListener),
    Tls { ready: mpsc::Receiver<(Io, SocketAddr)>, task: JoinHandle<()> },
}

/// Why browsers cannot connect.
#[derive(Debug, thiserror::Error)]
pub enum WebListenerError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A PEM file is missing or holds something else.
    #[error("{}", path.display())]
    Pem {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        source: rustls_pki_types::pem::Error,
    },
    /// Certificate and key do not fit together.
    #[error("the web certificate and its key")]
    Tls(#[from] rustls::Error),
    /// The own authority makes no certificate for these names.
    #[error("web_names")]
    Names(#[from] CaError),
}

impl WebListener {
    /// Binds `listen` and speaks what the configuration says.
    ///
    /// # Errors
    /// [`WebListenerError`].
    pub async fn bind(config: &Config, keys: &Keys) -> Result<Self, WebListenerError> {
        let address = config.listen;
        let bind = |source| WebListenerError::Bind { address, source };
        let config = match &config.web {
            Web::Plain => None,
            Web::OwnCertificate => Some(with_resolver(OwnCertificate::new(config, keys.nodes.clone())?)),
            Web::Files(files) => Some(with_files(files)?),
        };
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let local = listener.local_addr().map_err(bind)?;
        let source = match config {
            None => Source::Plain(listener),
            Some(config) => {
                let (sender, ready) = mpsc::channel(MAX_HANDSHAKES);
                let task = tokio::spawn(shake_hands(listener, TlsAcceptor::from(Arc::new(config)), sender));
                Source::Tls { ready, task }
            }
        };
        Ok(Self { source, local })
    }

    /// The address it is bound to.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.local
    }
}

impl Listener for WebListener {
    type Io = Io;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Io, SocketAddr) {
        match &mut self.source {
            Source::Plain(listener) => {
                let (stream, peer) = accept(listener).await;
                (Either::Left(stream), peer)
            }
            Source::Tls { ready, .. } => match ready.recv().await {
                Some(connection) => connection,
                None => std::future::pending().await,
            },
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }
}

impl Drop for WebListener {
    fn drop(&mut self) {
        if let Source::Tls { task, .. } = &self.source {
            task.abort();
        }
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    debug!(%error, "TCP_NODELAY refused");
                }
                return (stream, peer);
            }
            Err(error) => {
                debug!(%error, "accept failed");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn shake_hands(listener: TcpListener, acceptor: TlsAcceptor, ready: mpsc::Sender<(Io, SocketAddr)>) {
    let turns = Arc::new(Semaphore::new(MAX_HANDSHAKES));
    loop {
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let (stream, peer) = accept(&listener).await;
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        // Ends by itself within the patience.
        tokio::spawn(async move {
            let _turn = turn;
            match timeout(HANDSHAKE_PATIENCE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    // The server may have stopped.
                    let _ = ready.send((Either::Right(stream), peer)).await;
                }
                Ok(Err(error)) => debug!(%peer, %error, "TLS handshake failed"),
                Err(_) => debug!(%peer, "TLS handshake stalled"),
            }
        });
    }
}

/// Shows certificates of the hub's own authority, each for a while.
struct OwnCertificate {
    authority: Nodes,
    names: Vec<String>,
    current: Mutex<(Arc<CertifiedKey>, SystemTime)>,
}

impl std::fmt::Debug for OwnCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnCertificate").field("names", &self.names).finish_non_exhaustive()
    }
}

impl OwnCertificate {
    fn new(config: &Config, authority: Nodes) -> Result<Self, WebListenerError> {
        let mut names = config.web_names.clone();
        if names.is_empty() {
            let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
            names = [name.trim(), "localhost"]
                .iter()
                .filter(|name| !name.is_empty())
                .map(|&name| name.to_owned())
                .collect();
            if !config.listen.ip().is_unspecified() {
                names.push(config.listen.ip().to_string());
            }
        }
        let now = SystemTime::now();
        let first = issue(&authority.authority(), &names, now)?;
        Ok(Self { authority, names, current: Mutex::new((Arc::new(first), now)) })
    }
}

fn issue(authority: &Authority, names: &[String], now: SystemTime) -> Result<CertifiedKey, WebListenerError> {
    let (chain, key) = authority.issue_web(names.to_vec(), now)?;
    let key = any_supported_type(&PrivateKeyDer::Pkcs8(key.to_vec().into()))?;
    Ok(CertifiedKey::new(chain, key))
}

impl ResolvesServerCert for OwnCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let now = SystemTime::now();
        if now.duration_since(current.1).is_ok_and(|age| age > RENEW_AFTER) {
            match issue(&self.authority.authority(), &self.names, now) {
                Ok(next) => *current = (Arc::new(next), now),
                Err(error) => tracing::warn!(%error, "the web certificate could not be renewed"),
            }
        }
        Some(current.0.clone())
    }
}

fn with_resolver(certificate: OwnCertificate) -> ServerConfig {
    let config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(Arc::new(certificate));
    with_alpn(config)
}

fn with_alpn(mut config: ServerConfig) -> ServerConfig {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

fn with_files(files: &TlsFiles) -> Result<ServerConfig, WebListenerError> {
    let pem = |path: &std::path::Path| {
        let path = path.to_path_buf();
        move |source| WebListenerError::Pem { path, source }
    };
    let chain = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(pem(&files.cert))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(pem(&files.key))?;
    Ok(with_alpn(ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?))
}
