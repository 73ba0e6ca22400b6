//! The TLS 1.3 configurations of the three handshakes: serving, dialling as a node, and joining with a pin.
//!
//! One provider (aws-lc-rs), TLS 1.3 only. Whether a client certificate was needed is judged after the handshake
//! by ALPN, since one port serves nodes and joins.

use std::sync::Arc;

use openpam_proto::version::{ALPN_JOIN, ALPN_TUNNEL};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, ServerConfig,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::identity::{NodeIdentity, sha256};

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
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain.clone(), identity.private_key())?;
    config.alpn_protocols = vec![ALPN_TUNNEL.to_vec(), ALPN_JOIN.to_vec()];
    Ok(config)
}

/// A satellite's side of a tunnel: proves itself, and trusts the pinned root alone.
///
/// # Errors
/// If certificate and key do not fit each other.
pub fn client(identity: &NodeIdentity) -> Result<ClientConfig, Error> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots(&identity.root)?)
        .with_client_auth_cert(identity.chain.clone(), identity.private_key())?;
    config.alpn_protocols = vec![ALPN_TUNNEL.to_vec()];
    Ok(config)
}

/// A joining satellite's side: trusts only a chain that leads to the root with this fingerprint.
///
/// # Errors
/// If the provider lacks TLS 1.3.
pub fn join_client(root_sha256: [u8; 32]) -> Result<ClientConfig, Error> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(PinnedRoot { root_sha256 }))
        .with_no_client_auth();
    config.alpn_protocols = vec![ALPN_JOIN.to_vec()];
    Ok(config)
}

/// Finds the pinned root in the presented chain and lets webpki judge the rest against it.
#[derive(Debug)]
struct PinnedRoot {
    root_sha256: [u8; 32],
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
        WebPkiServerVerifier::builder_with_provider(roots(&root.clone().into_owned())?, provider())
            .build()
            .map_err(builder_error)?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
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
