//! The way to guacd: TCP, or TLS over it where guacd has a certificate (`guacd -C … -K …`), which must be of the authority
//! that the site's configuration names.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use openpam_link::tls::Clock;
use rustls::crypto::aws_lc_rs;
use rustls::{CertificateError, ClientConfig, Error as TlsError, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// What is read of guacd.
pub type Reader = Box<dyn AsyncRead + Send + Sync + Unpin>;
/// What is said to it. Over TLS nothing goes out before a flush.
pub type Writer = Box<dyn AsyncWrite + Send + Sync + Unpin>;

/// Where guacd is, as the configuration says.
#[derive(Clone, Debug)]
pub struct GuacdAt {
    /// Host and port.
    pub address: String,
    /// Whom its certificate must be of; absent: it has none.
    pub authorities: Option<Arc<RootCertStore>>,
}

/// The authorities in a PEM file.
///
/// # Errors
/// What is wrong with it.
pub fn authorities(file: &Path) -> Result<RootCertStore, String> {
    let read = |error: rustls_pki_types::pem::Error| format!("{}: {error}", file.display());
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(read)? {
        let certificate = certificate.map_err(read)?;
        store.add(certificate).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    if store.is_empty() {
        return Err(format!("{} holds no certificate", file.display()));
    }
    Ok(store)
}

/// The way to guacd.
#[derive(Clone, Debug)]
pub struct Wire {
    address: String,
    tls: Option<Arc<ClientConfig>>,
}

impl Wire {
    /// The way there; `clock` says when its certificate is judged.
    ///
    /// # Errors
    /// TLS cannot be had.
    pub fn new(at: &GuacdAt, clock: Clock) -> Result<Self, TlsError> {
        let config = |roots: &Arc<RootCertStore>| {
            let provider = Arc::new(aws_lc_rs::default_provider());
            let builder =
                ClientConfig::builder_with_details(provider, clock).with_safe_default_protocol_versions()?;
            Ok::<_, TlsError>(Arc::new(builder.with_root_certificates(roots.clone()).with_no_client_auth()))
        };
        let tls = at.authorities.as_ref().map(config).transpose()?;
        Ok(Self { address: at.address.clone(), tls })
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Whether it goes over TLS.
    #[must_use]
    pub const fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Connects.
    ///
    /// # Errors
    /// Nothing answers there, or not as it should.
    pub async fn connect(&self) -> io::Result<(Reader, Writer)> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let Some(config) = &self.tls else {
            let (read, write) = stream.into_split();
            return Ok((Box::new(read), Box::new(write)));
        };
        let host = self.address.rsplit_once(':').map_or(self.address.as_str(), |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
        let shaken = TlsConnector::from(config.clone()).connect(name, stream).await;
        let (read, write) = tokio::io::split(shaken.map_err(|error| in_words(error, &host))?);
        Ok((Box::new(read), Box::new(write)))
    }
}

/// Why TLS does not come about, for who set it up.
fn in_words(error: io::Error, host: &str) -> io::Error {
    let refused = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    let words = match refused {
        Some(TlsError::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        )) => "its certificate is not of an authority in guacd_ca".to_owned(),
        Some(TlsError::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => format!("its certificate is not for {host}"),
        Some(TlsError::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        )) => "its certificate has expired".to_owned(),
        Some(other) => format!("TLS failed: {other}"),
        None if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
            "it does not speak TLS: start it with -C and -K, or set guacd_tls = false".to_owned()
        }
        None => return error,
    };
    // Not of the kind that a connection ends with: none came about.
    io::Error::other(words)
}
