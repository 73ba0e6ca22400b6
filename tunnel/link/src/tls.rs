//! The TLS 1.3 configurations of all handshakes on the tunnel port: serving, dialling as a node, joining with a pin,
//! renewing, and asking the time.
//!
//! One provider (aws-lc-rs), TLS 1.3 only. One port serves them all, so what a client certificate must be is judged
//! after the handshake, by ALPN: TLS itself only proves that it is of this installation and whose key it is.

use std::sync::Arc;
use std::time::Duration;

use openpam_proto::version::{ALPN_JOIN, ALPN_RENEW, ALPN_TUNNEL};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    ServerConfig, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::identity::{NodeIdentity, sha256, validity};

/// Tells the time that certificates are judged at.
pub type Clock = Arc<dyn TimeProvider>;

/// The machine's own clock.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(rustls::time_provider::DefaultTimeProvider)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn roots(root: &CertificateDer<'static>) -> Result<Arc<RootCertStore>, Error> {
    let mut store = RootCertStore::empty();
    store.add(root.clone())?;
    Ok(Arc::new(store))
}

fn builder_error(error: impl std::fmt::Display) -> Error {
    Error::General(error.to_string())
}

/// The hub's side of every handshake on the tunnel port.
///
/// # Errors
/// If certificate and key do not fit each other.
pub fn server(identity: &NodeIdentity) -> Result<ServerConfig, Error> {
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(&identity.root)?, provider())
        .allow_unauthenticated()
        .build()
        .map_err(builder_error)?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(Arc::new(AlsoExpired(verifier)))
        .with_single_cert(identity.chain.clone(), identity.private_key())?;
    config.alpn_protocols = vec![ALPN_TUNNEL.to_vec(), ALPN_JOIN.to_vec(), ALPN_RENEW.to_vec()];
    Ok(config)
}

/// What a satellite dials for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// A tunnel: proves itself, and trusts the root of its identity.
    Tunnel(&'a NodeIdentity),
    /// A renewal, likewise.
    Renew(&'a NodeIdentity),
    /// A join: trusts only a chain that leads to the root with this fingerprint (SHA-256).
    Join([u8; 32]),
    /// The time: trusts such a chain also outside its validity. Nothing else may be believed.
    Time([u8; 32]),
}

/// A satellite's side of a handshake.
///
/// # Errors
/// If certificate and key do not fit each other.
pub fn client(purpose: Purpose<'_>, clock: &Clock) -> Result<ClientConfig, Error> {
    let (root_sha256, outside_validity) = match purpose {
        Purpose::Tunnel(identity) | Purpose::Renew(identity) => (sha256(&identity.root), false),
        Purpose::Join(root) => (root, false),
        Purpose::Time(root) => (root, true),
    };
    let builder = ClientConfig::builder_with_details(provider(), clock.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(PinnedRoot { root_sha256, outside_validity }));
    let (mut config, alpn) = match purpose {
        Purpose::Tunnel(identity) | Purpose::Renew(identity) => {
            let config = builder.with_client_auth_cert(identity.chain.clone(), identity.private_key())?;
            (config, if matches!(purpose, Purpose::Tunnel(_)) { ALPN_TUNNEL } else { ALPN_RENEW })
        }
        Purpose::Join(_) => (builder.with_no_client_auth(), ALPN_JOIN),
        Purpose::Time(_) => (builder.with_no_client_auth(), ALPN_RENEW),
    };
    config.alpn_protocols = vec![alpn.to_vec()];
    Ok(config)
}

/// A time at which a certificate is valid, for judging everything about it but its age.
fn while_valid(certificate: &CertificateDer<'_>) -> Option<UnixTime> {
    let (_, not_after_s) = validity(certificate).ok()?;
    Some(UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(not_after_s).ok()?.saturating_sub(1))))
}

const fn is_about_age(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }
        )
    )
}

/// Finds the pinned root in the presented chain and lets webpki judge the rest against it.
#[derive(Debug)]
struct PinnedRoot {
    root_sha256: [u8; 32],
    outside_validity: bool,
}

impl ServerCertVerifier for PinnedRoot {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let root = intermediates
            .iter()
            .find(|cert| sha256(cert) == self.root_sha256)
            .ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        let verifier =
            WebPkiServerVerifier::builder_with_provider(roots(&root.clone().into_owned())?, provider())
                .build()
                .map_err(builder_error)?;
        let at =
            |now| verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match (at(now), while_valid(end_entity)) {
            (Err(error), Some(then)) if self.outside_validity && is_about_age(&error) => at(then),
            (judged, _) => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Takes a client certificate of this installation whatever its age: the listener turns an expired one away from
/// everything but renewal.
#[derive(Debug)]
struct AlsoExpired(Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for AlsoExpired {
    fn offer_client_auth(&self) -> bool {
        self.0.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.0.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let at = |now| self.0.verify_client_cert(end_entity, intermediates, now);
        match (at(now), while_valid(end_entity)) {
            (Err(error), Some(then)) if is_about_age(&error) => at(then),
            (judged, _) => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
