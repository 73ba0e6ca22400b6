//! X.509 of peers: certificates (TLS has checked them before, in the program) and signing requests (nobody has).

use openpam_link::ca;
use openpam_link::identity::{Certified, read_certificate};
use rustls_pki_types::CertificateDer;

/// `data` is DER, or should be.
pub fn feed(data: &[u8]) {
    if let Ok(certified) = read_certificate(&CertificateDer::from(data)) {
        let Certified { name, serial, issuer_key_id, .. } = certified;
        assert!(name.uri().starts_with("spiffe://openpam/"));
        assert!(serial.len() <= 2 * data.len() && issuer_key_id.len() <= 2 * data.len());
    }
    if let Ok(key) = ca::request_key_sha256(data) {
        assert_eq!(ca::request_key_sha256(data).ok(), Some(key));
    }
}
