//! Messages are `[kind, body]`: a CBOR array (RFC 8949) of an unsigned kind and a map with integer keys.
//!
//! An unknown kind is a value (`Unknown`), never an error: the receiver answers or skips it and goes on.
//! Unknown fields of a known body are skipped by the decoder. `messages!` writes the enum of one direction.

use minicbor::decode::Error as DecodeError;

/// Why bytes are no message of this protocol.
#[derive(Debug, thiserror::Error)]
#[error("malformed message: {reason}")]
pub struct Malformed {
    /// What the decoder stumbled over; for logs, not for users.
    pub reason: String,
}

impl From<DecodeError> for Malformed {
    fn from(error: DecodeError) -> Self {
        Self { reason: error.to_string() }
    }
}

/// All messages of one direction of one channel kind.
pub trait Message: Sized {
    /// The bytes `[kind, body]`.
    fn to_bytes(&self) -> Vec<u8>;

    /// The message in `bytes`, which must hold exactly one.
    ///
    /// # Errors
    /// [`Malformed`] if `bytes` is not `[kind, body]` or the body of a known kind does not decode.
    fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed>;
}

/// Writes an enum of messages with stable kinds, and its [`Message`] implementation.
macro_rules! messages {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$vdoc:meta])* $kind:literal => $variant:ident($body:ty),)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $($(#[$vdoc])* $variant($body),)+
            /// A kind this build does not know, from a newer peer. Skipped.
            Unknown(u16),
        }

        impl $crate::message::Message for $name {
            fn to_bytes(&self) -> Vec<u8> {
                let mut out = Vec::with_capacity(64);
                let mut e = minicbor::Encoder::new(&mut out);
                // Writing to a Vec cannot fail.
                let _ = match self {
                    $(Self::$variant(body) => e
                        .array(2)
                        .and_then(|e| e.u16($kind))
                        .and_then(|e| e.encode(body))
                        .map(|_| ()),)+
                    Self::Unknown(kind) => {
                        e.array(2).and_then(|e| e.u16(*kind)).and_then(|e| e.map(0)).map(|_| ())
                    }
                };
                out
            }

            fn from_bytes(bytes: &[u8]) -> Result<Self, $crate::message::Malformed> {
                let mut d = minicbor::Decoder::new(bytes);
                if d.array()? != Some(2) {
                    return Err($crate::message::Malformed { reason: "not [kind, body]".to_owned() });
                }
                let message = match d.u16()? {
                    $($kind => Self::$variant(d.decode()?),)+
                    unknown => {
                        d.skip()?;
                        Self::Unknown(unknown)
                    }
                };
                if d.position() != bytes.len() {
                    return Err($crate::message::Malformed { reason: "bytes after the message".to_owned() });
                }
                Ok(message)
            }
        }
    };
}
pub(crate) use messages;

#[cfg(test)]
mod tests {
    use super::Message;
    use crate::control::{Ping, ToHub};

    #[test]
    fn an_unknown_kind_is_skipped_and_an_unknown_field_ignored() {
        // [60000, {0: 1}]
        let bytes = [0x82, 0x19, 0xea, 0x60, 0xa1, 0x00, 0x01];
        assert_eq!(ToHub::from_bytes(&bytes).expect("decodes"), ToHub::Unknown(60_000));
        let mut ping = ToHub::Ping(Ping { t: 7 }).to_bytes();
        // One more field, {0: 7, 99: 1}.
        let map = ping.len() - 3;
        assert_eq!(ping[map], 0xa1);
        ping[map] = 0xa2;
        ping.extend_from_slice(&[0x18, 0x63, 0x01]);
        assert_eq!(ToHub::from_bytes(&ping).expect("decodes"), ToHub::Ping(Ping { t: 7 }));
    }

    #[test]
    fn bytes_after_a_message_are_refused() {
        let mut ping = ToHub::Ping(Ping { t: 7 }).to_bytes();
        ping.push(0);
        assert!(ToHub::from_bytes(&ping).is_err());
    }
}
