//! The certificate that an RDP target shows, looked at before guacd connects, and compared with the known ones as an SSH
//! host key is. guacd is told to trust that one; versions before 1.6 can't be told which, and trust any.
//!
//! X.224 and the negotiation as in [MS-RDPBCGR] 2.2.1.1 and 2.2.1.2, then TLS as far as the certificate.

use std::sync::{Arc, OnceLock};

use data_encoding::{BASE64, HEXLOWER};
use openpam_link::identity::sha256;
use openpam_proto::desktop::Security;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, DigitallySignedStruct, Error as TlsError, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The kind of key, in a line as SSH host keys have them.
pub const KIND: &str = "x509";

const TLS: u32 = 1;
const HYBRID: u32 = 2;
/// A longer answer is none.
const MAX_ANSWER_BYTES: usize = 64;

/// What a target answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Shown {
    /// A certificate, as a line like those of SSH host keys.
    Certificate(String),
    /// It speaks without TLS.
    None,
}

/// Why nothing can be said about a target.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The connection broke.
    #[error("it closed the connection: {0}")]
    Io(#[from] std::io::Error),
    /// It does not speak RDP.
    #[error("it does not speak RDP")]
    NoRdp,
    /// It refuses the security mode.
    #[error("it wants {wants}")]
    Refused {
        /// What it wants instead.
        wants: &'static str,
    },
    /// TLS did not come about.
    #[error("TLS failed: {0}")]
    Tls(std::io::Error),
}

/// The fingerprint of a certificate in such a line, as FreeRDP writes it, which guacd hands it to: `sha256:0a:1b:…`.
#[must_use]
pub fn fingerprint(line: &str) -> Option<String> {
    let encoded = line.strip_prefix(KIND)?.trim_start();
    let hash = sha256(&BASE64.decode(encoded.as_bytes()).ok()?);
    Some(hash.iter().fold("sha256".to_owned(), |written, byte| written + ":" + &HEXLOWER.encode(&[*byte])))
}

/// Asks the target on `stream` for its certificate.
///
/// # Errors
/// [`ProbeError`].
pub async fn probe(mut stream: TcpStream, security: Security) -> Result<Shown, ProbeError> {
    let asked = match security {
        Security::Rdp => return Ok(Shown::None),
        Security::Tls => TLS,
        Security::Nla => HYBRID,
        Security::Any => TLS | HYBRID,
    };
    stream.write_all(&request(asked)).await?;
    if answer(&mut stream).await? == 0 {
        return Ok(Shown::None);
    }
    let seen = Arc::new(OnceLock::new());
    let provider = Arc::new(aws_lc_rs::default_provider());
    let look = Arc::new(Look { provider: provider.clone(), seen: seen.clone() });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ProbeError::Tls(std::io::Error::other(error)))?
        .dangerous()
        .with_custom_certificate_verifier(look)
        .with_no_client_auth();
    let name = ServerName::IpAddress(stream.peer_addr()?.ip().into());
    let shaken = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    match (seen.get(), shaken) {
        (Some(line), _) => Ok(Shown::Certificate(String::clone(line))),
        (None, Err(error)) => Err(ProbeError::Tls(error)),
        (None, Ok(_)) => Ok(Shown::None),
    }
}

/// TPKT (RFC 1006), an X.224 connection request, and what may be negotiated.
fn request(asked: u32) -> Vec<u8> {
    let mut out = vec![3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0];
    out.extend_from_slice(&asked.to_le_bytes());
    out
}

/// What was negotiated; 0: neither TLS nor NLA.
async fn answer(stream: &mut TcpStream) -> Result<u32, ProbeError> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let [3, _, high, low] = head else { return Err(ProbeError::NoRdp) };
    let length = usize::from(u16::from_be_bytes([high, low])).checked_sub(head.len());
    let length = length.filter(|length| *length <= MAX_ANSWER_BYTES).ok_or(ProbeError::NoRdp)?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    match body.as_slice() {
        [_, 0xd0, _, _, _, _, _] => Ok(0),
        [_, 0xd0, _, _, _, _, _, 2, _, 8, 0, chosen @ ..] => {
            chosen.try_into().map(u32::from_le_bytes).map_err(|_| ProbeError::NoRdp)
        }
        [_, 0xd0, _, _, _, _, _, 3, _, 8, 0, code, ..] => Err(ProbeError::Refused {
            wants: match code {
                1 => "TLS",
                2 | 3 => "RDP's own encryption: it has no certificate, or TLS is off",
                5 | 6 => "Network Level Authentication",
                _ => "another security mode",
            },
        }),
        _ => Err(ProbeError::NoRdp),
    }
}

/// Takes any certificate whose key signed the handshake, and keeps it to be compared.
#[derive(Debug)]
struct Look {
    provider: Arc<CryptoProvider>,
    seen: Arc<OnceLock<String>>,
}

impl ServerCertVerifier for Look {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let _ = self.seen.set(format!("{KIND} {}", BASE64.encode(shown)));
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, shown, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, shown, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_written_as_freerdp_does() {
        let line = format!("{KIND} {}", BASE64.encode(b"abc"));
        // FIPS 180-2, B.1.
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let written = fingerprint(&line).expect("a certificate");
        assert_eq!(written.replace(':', ""), format!("sha256{hash}"));
        assert!(written.starts_with("sha256:ba:78:16:") && written.ends_with(":15:ad"), "{written}");
        assert_eq!((fingerprint("ssh-ed25519 AAAA"), fingerprint("x509 not base64")), (None, None));
    }
}
