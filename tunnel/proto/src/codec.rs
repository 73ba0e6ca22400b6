//! How field types that CBOR does not know are written: ids as byte strings of 16, hashes of 32, codes as text.
//!
//! Driven by `#[cbor(with = …)]` in the message types only.

/// Typed ids as byte strings of 16 bytes.
pub(crate) mod id {
    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decoder, Encoder};
    use openpam_ids::Uuid;

    pub(crate) fn encode<C, W: Write, T: Into<Uuid> + Copy>(
        id: &T,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        let uuid: Uuid = (*id).into();
        e.bytes(uuid.as_bytes())?;
        Ok(())
    }

    pub(crate) fn decode<'b, C, T: From<Uuid>>(d: &mut Decoder<'b>, _: &mut C) -> Result<T, DecodeError> {
        let at = d.position();
        Uuid::from_slice(d.bytes()?)
            .map(T::from)
            .map_err(|_| DecodeError::message("an id has 16 bytes").at(at))
    }
}

/// Optional typed ids: null or a byte string of 16 bytes.
pub(crate) mod opt_id {
    use minicbor::data::Type;
    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decoder, Encoder};
    use openpam_ids::Uuid;

    pub(crate) fn encode<C, W: Write, T: Into<Uuid> + Copy>(
        id: &Option<T>,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        match id {
            Some(id) => super::id::encode(id, e, ctx),
            None => e.null().map(|_| ()),
        }
    }

    pub(crate) fn decode<'b, C, T: From<Uuid>>(
        d: &mut Decoder<'b>,
        ctx: &mut C,
    ) -> Result<Option<T>, DecodeError> {
        if d.datatype()? == Type::Null {
            d.null()?;
            return Ok(None);
        }
        super::id::decode(d, ctx).map(Some)
    }
}

/// SHA-256 values as byte strings of 32 bytes.
pub(crate) mod hash {
    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decoder, Encoder};

    pub(crate) fn encode<C, W: Write>(
        hash: &[u8; 32],
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        e.bytes(hash)?;
        Ok(())
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<[u8; 32], DecodeError> {
        let at = d.position();
        <[u8; 32]>::try_from(d.bytes()?).map_err(|_| DecodeError::message("a hash has 32 bytes").at(at))
    }
}

/// Enumerations with stable text names (`as_str`, `from_str`), so that a newer peer's value is still readable.
pub(crate) mod name {
    use std::str::FromStr;

    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decoder, Encoder};

    pub(crate) fn encode<C, W: Write, T: AsRef<str>>(
        value: &T,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        e.str(value.as_ref())?;
        Ok(())
    }

    pub(crate) fn decode<'b, C, T: FromStr>(d: &mut Decoder<'b>, _: &mut C) -> Result<T, DecodeError> {
        let at = d.position();
        d.str()?.parse().map_err(|_| DecodeError::message("unknown name").at(at))
    }
}
