//! The installation's certificate authority: a root that joins pin, an intermediate that signs nodes.
//!
//! It makes and reads PEM; where the files lie is the hub's business. The root's private key is needed only to
//! rotate the intermediate and is not held here.

use std::time::{Duration, SystemTime};

use aws_lc_rs::rand;
use openpam_ids::HubId;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer};
use zeroize::Zeroizing;

use crate::identity::{HUB_SERVER_NAME, NodeIdentity, NodeName, key_id, sha256, validity};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Validity of the root: joins pin it.
pub const ROOT_LIFETIME: Duration = DAY.saturating_mul(20 * 365);
/// Validity of an intermediate.
pub const INTERMEDIATE_LIFETIME: Duration = DAY.saturating_mul(5 * 365);
/// Validity of a node's certificate unless the hub's settings say otherwise. Nodes renew theirs at two thirds of it.
pub const NODE_LIFETIME: Duration = DAY.saturating_mul(7);
/// Validity of the web server's certificate, which the hub renews each day.
const WEB_LIFETIME: Duration = DAY.saturating_mul(90);
/// Certificates are valid from a little before they are made: clocks differ.
pub const BACKDATE: Duration = Duration::from_secs(10 * 60);

/// Why the authority can't be made, read, or can't sign.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// The certificate library refused.
    #[error("certificate authority: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A PEM file holds something else.
    #[error("certificate authority: a PEM file is damaged")]
    Pem,
    /// The root's key is another root's.
    #[error("certificate authority: the root's key and certificate do not fit each other")]
    Mismatch,
    /// No randomness.
    #[error("certificate authority: no randomness")]
    Random,
}

/// The authority's files, as PEM. Private keys wipe themselves.
pub struct AuthorityPem {
    /// Root certificate.
    pub root_cert: String,
    /// Root private key; best kept offline.
    pub root_key: Zeroizing<String>,
    /// Intermediate certificate.
    pub intermediate_cert: String,
    /// Intermediate private key.
    pub intermediate_key: Zeroizing<String>,
}

/// A new intermediate, as PEM.
pub struct IntermediatePem {
    /// Its certificate.
    pub cert: String,
    /// Its private key.
    pub key: Zeroizing<String>,
}

/// Signs node certificates.
pub struct Authority {
    root: CertificateDer<'static>,
    intermediate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    key_id: String,
    /// Seconds since 1970 UTC.
    expires_s: i64,
    node_lifetime: Duration,
}

/// A certificate the authority signed.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Leaf, then intermediate.
    pub chain: Vec<CertificateDer<'static>>,
    /// Serial number, in hex.
    pub serial: String,
    /// End of validity.
    pub not_after: SystemTime,
}

impl Authority {
    /// Makes a new root and intermediate.
    ///
    /// # Errors
    /// [`CaError`] if no key can be made.
    pub fn create(now: SystemTime) -> Result<AuthorityPem, CaError> {
        let root_key = KeyPair::generate()?;
        let root_params = ca_params("OpenPAM root", now, ROOT_LIFETIME, BasicConstraints::Constrained(1))?;
        let root_cert = root_params.self_signed(&root_key)?;
        let intermediate = new_intermediate(&Issuer::from_params(&root_params, &root_key), now)?;
        Ok(AuthorityPem {
            root_cert: root_cert.pem(),
            root_key: Zeroizing::new(root_key.serialize_pem()),
            intermediate_cert: intermediate.cert,
            intermediate_key: intermediate.key,
        })
    }

    /// Makes another intermediate under a root, with the root's private key.
    ///
    /// # Errors
    /// [`CaError`] if the root's files are damaged or do not fit each other.
    pub fn rotate(root_cert: &str, root_key: &str, now: SystemTime) -> Result<IntermediatePem, CaError> {
        let root = CertificateDer::from_pem_slice(root_cert.as_bytes()).map_err(|_| CaError::Pem)?;
        let key = KeyPair::from_pem(root_key)?;
        if crate::identity::public_key(&root).map_err(|_| CaError::Pem)? != key.subject_public_key_info() {
            return Err(CaError::Mismatch);
        }
        new_intermediate(&Issuer::from_ca_cert_der(&root, key)?, now)
    }

    /// Reads the authority from PEM; the root's private key is not needed.
    ///
    /// # Errors
    /// [`CaError`] if a certificate or key is damaged.
    pub fn load(root_cert: &str, intermediate_cert: &str, intermediate_key: &str) -> Result<Self, CaError> {
        let root = CertificateDer::from_pem_slice(root_cert.as_bytes()).map_err(|_| CaError::Pem)?;
        let intermediate =
            CertificateDer::from_pem_slice(intermediate_cert.as_bytes()).map_err(|_| CaError::Pem)?;
        let issuer = Issuer::from_ca_cert_der(&intermediate, KeyPair::from_pem(intermediate_key)?)?;
        let key_id = key_id(&intermediate).ok_or(CaError::Pem)?;
        let (_, expires_s) = validity(&intermediate).map_err(|_| CaError::Pem)?;
        Ok(Self { root, intermediate, issuer, key_id, expires_s, node_lifetime: NODE_LIFETIME })
    }

    /// The same, giving nodes certificates of that validity.
    #[must_use]
    pub fn with_node_lifetime(self, node_lifetime: Duration) -> Self {
        Self { node_lifetime, ..self }
    }

    /// Its intermediate's subject key identifier, in hex: what [`crate::identity::Certified::issuer_key_id`] says of the
    /// certificates that it signs.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// When its intermediate expires: seconds since 1970 UTC.
    #[must_use]
    pub const fn expires_s(&self) -> i64 {
        self.expires_s
    }

    /// How long a node's certificate is good: never longer than the intermediate itself.
    fn lifetime(&self, wanted: Duration, now: SystemTime) -> Duration {
        let now_s = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let left_s = u64::try_from(self.expires_s).unwrap_or_default().saturating_sub(now_s);
        wanted.min(Duration::from_secs(left_s))
    }

    /// The root certificate.
    #[must_use]
    pub const fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// What join tokens pin: SHA-256 of the root certificate.
    #[must_use]
    pub fn root_sha256(&self) -> [u8; 32] {
        sha256(&self.root)
    }

    /// Signs a satellite's request (PKCS #10 DER). Of the request only the public key counts.
    ///
    /// # Errors
    /// [`CaError`] if the request is damaged or not signed by its own key.
    pub fn sign_request(&self, csr: &[u8], name: NodeName, now: SystemTime) -> Result<Issued, CaError> {
        let csr = CertificateSigningRequestDer::from(csr);
        let mut request = CertificateSigningRequestParams::from_der(&csr)?;
        let lifetime = self.lifetime(self.node_lifetime, now);
        let (params, serial, not_after) = node_params(name, now, lifetime)?;
        request.params = params;
        let leaf = request.signed_by(&self.issuer)?;
        Ok(Issued { chain: vec![leaf.der().clone(), self.intermediate.clone()], serial, not_after })
    }

    /// Makes a hub instance's own key and certificate.
    ///
    /// # Errors
    /// [`CaError`] if no key can be made.
    pub fn issue_hub(&self, hub_id: HubId, now: SystemTime) -> Result<NodeIdentity, CaError> {
        let key = KeyPair::generate()?;
        let lifetime = self.lifetime(self.node_lifetime, now);
        let (params, _, _) = node_params(NodeName::Hub(hub_id), now, lifetime)?;
        let leaf = params.signed_by(&key, &self.issuer)?;
        // The root travels along, so that a joining satellite can compare it with its token.
        let chain = vec![leaf.der().clone(), self.intermediate.clone(), self.root.clone()];
        Ok(NodeIdentity::new(chain, self.root.clone(), Zeroizing::new(key.serialize_der())))
    }

    /// Makes a certificate and key for the web server, for these host names and addresses.
    ///
    /// # Errors
    /// [`CaError`] if a name is no host name.
    pub fn issue_web(
        &self,
        hosts: Vec<String>,
        now: SystemTime,
    ) -> Result<(Vec<CertificateDer<'static>>, Zeroizing<Vec<u8>>), CaError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(hosts)?;
        name_and_time(&mut params, "OpenPAM hub", now, self.lifetime(WEB_LIFETIME, now))?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let leaf = params.signed_by(&key, &self.issuer)?;
        Ok((vec![leaf.der().clone(), self.intermediate.clone()], Zeroizing::new(key.serialize_der())))
    }
}

fn new_intermediate(
    root: &Issuer<'_, impl rcgen::SigningKey>,
    now: SystemTime,
) -> Result<IntermediatePem, CaError> {
    let key = KeyPair::generate()?;
    let params = ca_params("OpenPAM nodes", now, INTERMEDIATE_LIFETIME, BasicConstraints::Constrained(0))?;
    let cert = params.signed_by(&key, root)?;
    Ok(IntermediatePem { cert: cert.pem(), key: Zeroizing::new(key.serialize_pem()) })
}

fn ca_params(
    name: &str,
    now: SystemTime,
    lifetime: Duration,
    constraints: BasicConstraints,
) -> Result<CertificateParams, CaError> {
    let mut params = CertificateParams::default();
    name_and_time(&mut params, name, now, lifetime)?;
    params.is_ca = IsCa::Ca(constraints);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn node_params(
    name: NodeName,
    now: SystemTime,
    lifetime: Duration,
) -> Result<(CertificateParams, String, SystemTime), CaError> {
    let mut params = CertificateParams::default();
    let serial = name_and_time(&mut params, "OpenPAM node", now, lifetime)?;
    params.subject_alt_names.push(SanType::URI(name.uri().try_into()?));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = match name {
        NodeName::Hub(_) => {
            params.subject_alt_names.push(SanType::DnsName(HUB_SERVER_NAME.to_owned().try_into()?));
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth]
        }
        NodeName::Satellite(_) => vec![ExtendedKeyUsagePurpose::ClientAuth],
    };
    Ok((params, serial, now + lifetime))
}

fn name_and_time(
    params: &mut CertificateParams,
    name: &str,
    now: SystemTime,
    lifetime: Duration,
) -> Result<String, CaError> {
    let mut serial = [0; 16];
    rand::fill(&mut serial).map_err(|_| CaError::Random)?;
    // Positive, as RFC 5280 section 4.1.2.2 wants.
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = (now - BACKDATE).into();
    params.not_after = (now + lifetime).into();
    params.use_authority_key_identifier_extension = true;
    Ok(data_encoding::HEXLOWER.encode(&serial))
}

/// A satellite's new key (PKCS #8 DER) and its signing request (PKCS #10 DER).
///
/// # Errors
/// [`CaError`] if no key can be made.
pub fn new_request() -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), CaError> {
    let key = KeyPair::generate()?;
    let csr = request_for(&key)?;
    Ok((Zeroizing::new(key.serialize_der()), csr))
}

/// The signing request (PKCS #10 DER) for a key made earlier, so that a join can be repeated with it.
///
/// # Errors
/// [`CaError`] if the key is damaged.
pub fn request_again(key_pkcs8: &[u8]) -> Result<Vec<u8>, CaError> {
    request_for(&KeyPair::try_from(key_pkcs8)?)
}

/// The signing request (PKCS #10 DER) for the key of a node, for its renewal.
///
/// # Errors
/// [`CaError`] if the key is damaged.
pub fn request_of(identity: &NodeIdentity) -> Result<Vec<u8>, CaError> {
    request_again(identity.key_pkcs8())
}

fn request_for(key: &KeyPair) -> Result<Vec<u8>, CaError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    Ok(params.serialize_request(key)?.der().to_vec())
}

/// SHA-256 of the subject public key info in a signing request whose own signature is right.
///
/// # Errors
/// [`CaError`] if the request is damaged.
pub fn request_key_sha256(csr: &[u8]) -> Result<[u8; 32], CaError> {
    use x509_parser::prelude::{FromDer, X509CertificationRequest};
    let (_, request) = X509CertificationRequest::from_der(csr).map_err(|_| CaError::Pem)?;
    request.verify_signature().map_err(|_| CaError::Pem)?;
    Ok(sha256(request.certification_request_info.subject_pki.raw))
}

#[cfg(test)]
mod tests {
    use openpam_ids::SatelliteId;

    use super::*;
    use crate::identity::read_certificate;

    #[test]
    fn a_signed_request_names_the_satellite_and_its_key() {
        let now = SystemTime::now();
        let pem = Authority::create(now).expect("creates");
        let ca =
            Authority::load(&pem.root_cert, &pem.intermediate_cert, &pem.intermediate_key).expect("loads");
        let (key, csr) = new_request().expect("makes a request");
        let name = NodeName::Satellite(SatelliteId::generate());
        let issued = ca.sign_request(&csr, name, now).expect("signs");
        let certified = read_certificate(&issued.chain[0]).expect("a node");
        assert_eq!((certified.name, &certified.serial), (name, &issued.serial));
        assert_eq!(certified.key_sha256, request_key_sha256(&csr).expect("sound"));
        let again = request_again(&key).expect("repeats");
        assert_eq!(request_key_sha256(&again).expect("sound"), certified.key_sha256);
    }

    #[test]
    fn a_damaged_request_is_refused() {
        let (_, mut csr) = new_request().expect("makes a request");
        let last = csr.len() - 1;
        csr[last] ^= 1;
        assert!(request_key_sha256(&csr).is_err());
    }
}
