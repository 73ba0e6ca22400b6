//! Which algorithms a target may be spoken to with: safe ones, and by its setting also those of old gear.

use russh::keys::Algorithm;
use russh::keys::ssh_key::PublicKey;
use russh::{Preferred, cipher, kex, mac};

/// Beside the library's own: what hardened or certified servers may insist on.
const MORE_KEX: [kex::Name; 3] = [kex::ECDH_SHA2_NISTP256, kex::ECDH_SHA2_NISTP384, kex::ECDH_SHA2_NISTP521];

// Broken, or about to be: SHA-1, CBC, 3DES and groups of 1024 bits. Gear of before 2015 often knows nothing else.
const OLD_KEX: [kex::Name; 3] = [kex::DH_GEX_SHA1, kex::DH_G14_SHA1, kex::DH_G1_SHA1];
const OLD_CIPHERS: [cipher::Name; 4] =
    [cipher::AES_256_CBC, cipher::AES_192_CBC, cipher::AES_128_CBC, cipher::TRIPLE_DES_CBC];
const OLD_MACS: [mac::Name; 2] = [mac::HMAC_SHA1_ETM, mac::HMAC_SHA1];
const OLD_KEY: Algorithm = Algorithm::Rsa { hash: None };

/// What is offered to a target whose host keys are `known`; of the kinds that can be compared, if there are any.
#[must_use]
pub fn offered(known: &[PublicKey], old: bool) -> Preferred {
    let mut preferred = Preferred::DEFAULT;
    // The extensions at the list's end are no algorithms, and may stand anywhere.
    let mut kex = preferred.kex.to_vec();
    kex.extend(MORE_KEX);
    // AES-GCM is several times cheaper than ChaCha20 where the processor has AES.
    let mut ciphers = preferred.cipher.to_vec();
    ciphers.push(cipher::AES_128_GCM);
    ciphers.sort_by_key(|name| *name != cipher::AES_256_GCM);
    let mut macs = preferred.mac.to_vec();
    let mut keys = preferred.key.iter().filter(|key| **key != OLD_KEY).cloned().collect::<Vec<_>>();
    if old {
        kex.extend(OLD_KEX);
        ciphers.extend(OLD_CIPHERS);
        macs.extend(OLD_MACS);
        keys.push(OLD_KEY);
    }
    if !known.is_empty() {
        let kinds = known.iter().map(PublicKey::algorithm).collect::<Vec<_>>();
        keys.retain(|offer| kinds.iter().any(|kind| same_kind(kind, offer)));
    }
    preferred.kex = kex.into();
    preferred.cipher = ciphers.into();
    preferred.mac = macs.into();
    preferred.key = keys.into();
    preferred
}

fn same_kind(known: &Algorithm, offer: &Algorithm) -> bool {
    match (known, offer) {
        (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }) => true,
        (known, offer) => known == offer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(preferred: &Preferred) -> Vec<String> {
        let kex = preferred.kex.iter().map(|name| name.as_ref().to_owned());
        let ciphers = preferred.cipher.iter().map(|name| name.as_ref().to_owned());
        let macs = preferred.mac.iter().map(|name| name.as_ref().to_owned());
        let keys = preferred.key.iter().map(|name| name.as_str().to_owned());
        kex.chain(ciphers).chain(macs).chain(keys).collect()
    }

    #[test]
    fn nothing_unsafe_is_offered_unless_the_target_is_old() {
        let is_old = |name: &String| name.contains("sha1") || name.contains("cbc") || name == "ssh-rsa";
        let usual = names(&offered(&[], false));
        assert_eq!(usual.iter().filter(|name| is_old(name)).collect::<Vec<_>>(), Vec::<&String>::new());
        let old = names(&offered(&[], true));
        assert!(usual.iter().all(|name| old.contains(name)), "old gear may also know better");
        assert_eq!(old.iter().filter(|name| is_old(name)).count(), 10);
    }

    #[test]
    fn of_a_known_key_only_its_kind_is_asked_for() {
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        let known = [PublicKey::from_openssh(line).expect("a key")];
        assert_eq!(*offered(&known, true).key, [Algorithm::Ed25519]);
    }
}
