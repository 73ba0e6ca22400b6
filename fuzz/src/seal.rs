//! Opening what was sealed to a key: what nobody sealed does not open, what was sealed does, and only in its place.

use openpam_link::seal::{DIAL_INFO, seal};
use openpam_proto::attach::Secret;

use crate::input::Input;
use crate::key;

/// An even first byte: encapsulated key and ciphertext follow. An odd one: something to seal.
pub fn feed(data: &[u8]) {
    let (key, mut input) = (key::key(), Input::new(data));
    if input.byte().is_multiple_of(2) {
        let length = usize::from(input.byte());
        let (enc, ciphertext) = (input.take(length), input.rest());
        if let Ok(plain) = key.open(DIAL_INFO, b"place", enc, ciphertext) {
            assert_eq!((enc.len(), plain.len() + 16), (32, ciphertext.len()));
            let _ = Secret::from_bytes(&plain);
        }
        // As a public key: 32 bytes that are none, of low order, too short or too long.
        let _ = seal(enc, DIAL_INFO, b"place", b"plain");
        return;
    }
    let flip = usize::from(input.short());
    let plain = input.rest();
    let sealed = seal(key.public(), DIAL_INFO, b"place", plain).expect("seals");
    let opened = key.open(DIAL_INFO, b"place", &sealed.enc, &sealed.ciphertext).expect("opens");
    assert_eq!(opened.as_slice(), plain);
    assert!(key.open(DIAL_INFO, b"elsewhere", &sealed.enc, &sealed.ciphertext).is_err());
    let mut changed = sealed.ciphertext.clone();
    let at = flip % changed.len();
    if let Some(byte) = changed.get_mut(at) {
        *byte ^= 1;
    }
    assert!(key.open(DIAL_INFO, b"place", &sealed.enc, &changed).is_err());
}
