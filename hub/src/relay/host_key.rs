//! A host key in OpenSSH's one-line form (`algorithm base64`), or a desktop's certificate (`x509` and its DER), read for the
//! books.
//!
//! It compares nothing: the satellite does that beside the key exchange.

use data_encoding::{BASE64, BASE64_NOPAD};
use openpam_link::identity::sha256;

/// In place of an algorithm: what follows is a certificate.
const CERTIFICATE: &str = "x509";

/// What the books keep of a host key beside its line.
#[derive(Debug, PartialEq, Eq)]
pub struct HostKeyLine {
    /// As in the line, such as `ssh-ed25519`.
    pub algorithm: String,
    /// `SHA256:` and Base64 without padding, as OpenSSH prints it.
    pub fingerprint: String,
}

impl HostKeyLine {
    /// Reads the line; `None` if it is no key, or the key inside is of another algorithm.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let algorithm = words.next()?;
        let blob = BASE64.decode(words.next()?.as_bytes()).ok()?;
        if algorithm != CERTIFICATE {
            // RFC 4253, section 6.6: the blob begins with its algorithm as a string.
            let (length, rest) = blob.split_first_chunk::<4>()?;
            let named = rest.get(..u32::from_be_bytes(*length) as usize)?;
            if named != algorithm.as_bytes() {
                return None;
            }
        }
        let fingerprint = format!("SHA256:{}", BASE64_NOPAD.encode(&sha256(&blob)));
        Some(Self { algorithm: algorithm.to_owned(), fingerprint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_fingerprint_that_openssh_prints() {
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        let key = HostKeyLine::parse(line).expect("a key");
        assert_eq!(key.algorithm, "ssh-ed25519");
        assert_eq!(key.fingerprint, "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
    }

    #[test]
    fn a_line_whose_blob_names_another_algorithm_is_no_key() {
        assert_eq!(HostKeyLine::parse("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMq"), None);
        assert_eq!(HostKeyLine::parse("ssh-ed25519"), None);
    }
}
