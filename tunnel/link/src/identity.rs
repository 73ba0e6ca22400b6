//! Who a node is: its certificate chain, its key, and the role and id that certificates carry.
//!
//! Role and id stand in a URI name of the certificate, `spiffe://openpam/<role>/<uuid>` (the SPIFFE ID form).
//! Addresses mean nothing here: every hub's certificate is for [`HUB_SERVER_NAME`].

use aws_lc_rs::digest;
use openpam_ids::{HubId, SatelliteId, Uuid};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

/// The DNS name in every hub's node certificate, and the SNI of every tunnel.
pub const HUB_SERVER_NAME: &str = "hub.openpam.internal";

const TRUST_DOMAIN: &str = "spiffe://openpam/";

/// A node's role and id, as certified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeName {
    /// A hub instance.
    Hub(HubId),
    /// A satellite.
    Satellite(SatelliteId),
}

impl NodeName {
    /// The URI name in the certificate.
    #[must_use]
    pub fn uri(self) -> String {
        match self {
            Self::Hub(id) => format!("{TRUST_DOMAIN}hub/{id}"),
            Self::Satellite(id) => format!("{TRUST_DOMAIN}satellite/{id}"),
        }
    }

    fn parse(uri: &str) -> Option<Self> {
        let (role, id) = uri.strip_prefix(TRUST_DOMAIN)?.split_once('/')?;
        let id = Uuid::parse_str(id).ok()?;
        match role {
            "hub" => Some(Self::Hub(id.into())),
            "satellite" => Some(Self::Satellite(id.into())),
            _ => None,
        }
    }
}

/// What a verified certificate says.
#[derive(Clone, Debug)]
pub struct Certified {
    /// Whose it is.
    pub name: NodeName,
    /// Its serial number, in hex.
    pub serial: String,
    /// Begin of validity: seconds since 1970 UTC.
    pub not_before_s: i64,
    /// End of validity: seconds since 1970 UTC.
    pub not_after_s: i64,
    /// The key that signed it: its authority key identifier (RFC 5280, section 4.2.1.1), in hex.
    pub issuer_key_id: String,
    /// SHA-256 of the subject public key info.
    pub key_sha256: [u8; 32],
}

/// A certificate that is none, or carries no node name.
#[derive(Debug, thiserror::Error)]
#[error("not a node certificate")]
pub struct NotANode;

/// Reads a certificate that TLS has verified already.
///
/// # Errors
/// [`NotANode`] if it carries no single node name.
pub fn read_certificate(der: &CertificateDer<'_>) -> Result<Certified, NotANode> {
    let (_, cert) = X509Certificate::from_der(der).map_err(|_| NotANode)?;
    let names = cert.subject_alternative_name().ok().flatten().ok_or(NotANode)?;
    let mut nodes = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => NodeName::parse(uri),
        _ => None,
    });
    let name = nodes.next().ok_or(NotANode)?;
    if nodes.next().is_some() {
        return Err(NotANode);
    }
    Ok(Certified {
        name,
        serial: data_encoding::HEXLOWER.encode(cert.raw_serial()),
        not_before_s: cert.validity().not_before.timestamp(),
        not_after_s: cert.validity().not_after.timestamp(),
        issuer_key_id: issuer_key_id(&cert),
        key_sha256: sha256(cert.public_key().raw),
    })
}

fn issuer_key_id(cert: &X509Certificate<'_>) -> String {
    cert.extensions()
        .iter()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(id) => id.key_identifier.as_ref(),
            _ => None,
        })
        .map(|id| data_encoding::HEXLOWER.encode(id.0))
        .unwrap_or_default()
}

/// A certificate's own subject key identifier (RFC 5280, section 4.2.1.2), in hex.
pub(crate) fn key_id(der: &CertificateDer<'_>) -> Option<String> {
    let (_, cert) = X509Certificate::from_der(der).ok()?;
    cert.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(data_encoding::HEXLOWER.encode(id.0)),
        _ => None,
    })
}

/// A certificate's public key: its subject public key info (DER).
pub(crate) fn public_key(der: &CertificateDer<'_>) -> Result<Vec<u8>, NotANode> {
    let (_, cert) = X509Certificate::from_der(der).map_err(|_| NotANode)?;
    Ok(cert.public_key().raw.to_vec())
}

/// From when to when a certificate is valid: seconds since 1970 UTC.
pub(crate) fn validity(der: &CertificateDer<'_>) -> Result<(i64, i64), NotANode> {
    let (_, cert) = X509Certificate::from_der(der).map_err(|_| NotANode)?;
    Ok((cert.validity().not_before.timestamp(), cert.validity().not_after.timestamp()))
}

/// SHA-256 of anything, as an array.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// A node's own credentials.
#[derive(Clone)]
pub struct NodeIdentity {
    /// Node certificate first, then intermediates.
    pub chain: Vec<CertificateDer<'static>>,
    /// The pinned root.
    pub root: CertificateDer<'static>,
    key_pkcs8: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for NodeIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeIdentity").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

impl NodeIdentity {
    /// From a chain, its root, and the leaf's private key (PKCS #8 DER).
    #[must_use]
    pub fn new(
        chain: Vec<CertificateDer<'static>>,
        root: CertificateDer<'static>,
        key_pkcs8: Zeroizing<Vec<u8>>,
    ) -> Self {
        Self { chain, root, key_pkcs8 }
    }

    /// What the node's own certificate says.
    ///
    /// # Errors
    /// [`NotANode`] if the chain is empty or its leaf is no node certificate.
    pub fn certified(&self) -> Result<Certified, NotANode> {
        self.chain.first().ok_or(NotANode).and_then(read_certificate)
    }

    /// The same node with a newer certificate.
    #[must_use]
    pub fn with_chain(&self, chain: Vec<CertificateDer<'static>>) -> Self {
        Self { chain, root: self.root.clone(), key_pkcs8: self.key_pkcs8.clone() }
    }

    pub(crate) fn key_pkcs8(&self) -> &[u8] {
        &self.key_pkcs8
    }

    /// The private key, for rustls only.
    #[must_use]
    pub(crate) fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key_pkcs8.to_vec()))
    }
}
