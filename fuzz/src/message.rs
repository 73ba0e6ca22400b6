//! Messages of every direction of every channel, and what is stored or sealed in their encoding: what decodes is
//! encoded and decoded again, and is the same.

use openpam_hub::relay::host_key::HostKeyLine;
use openpam_proto::attach::{self, Secret};
use openpam_proto::chunk::SealedChunk;
use openpam_proto::event::Event;
use openpam_proto::message::Message;
use openpam_proto::{channel, command, control, join, lane, recording, renew, snapshot, tcp};

use crate::input::Input;

/// What the first byte chooses among. New ones go to the end: seeds count on the order.
pub const FAMILIES: &[fn(&[u8])] = &[
    message::<lane::LaneHeader>,
    message::<channel::ChannelHeader>,
    message::<control::ToHub>,
    message::<control::ToSite>,
    attach_to_hub,
    message::<attach::ToSite>,
    message::<join::ToHub>,
    message::<join::ToSite>,
    message::<renew::ToHub>,
    message::<renew::ToSite>,
    message::<tcp::ToHub>,
    message::<tcp::ToSite>,
    message::<tcp::Link>,
    message::<recording::ToHub>,
    message::<recording::ToSite>,
    event,
    chunk,
    secret,
    message::<snapshot::ToSite>,
    message::<command::OutputToSite>,
];

/// The first byte says of what family the rest is.
pub fn feed(data: &[u8]) {
    let mut input = Input::new(data);
    let family = FAMILIES.get(usize::from(input.byte()) % FAMILIES.len());
    if let Some(decode) = family {
        decode(input.rest());
    }
}

fn read<M: Message + PartialEq + std::fmt::Debug>(bytes: &[u8]) -> Option<M> {
    let message = M::from_bytes(bytes).ok()?;
    let again = M::from_bytes(&message.to_bytes()).expect("what was encoded decodes");
    assert_eq!(message, again);
    Some(message)
}

fn message<M: Message + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    read::<M>(bytes);
}

fn attach_to_hub(bytes: &[u8]) {
    if let Some(attach::ToHub::HostKeySeen(seen)) = read(bytes)
        && let Some(key) = HostKeyLine::parse(&seen.line)
    {
        assert!(seen.line.contains(&key.algorithm));
    }
}

fn event(bytes: &[u8]) {
    if let Some(event) = read::<Event>(bytes) {
        assert_eq!(event.about().is_some(), event.name().starts_with("session."));
    }
}

fn chunk(bytes: &[u8]) {
    if let Ok(chunk) = SealedChunk::from_bytes(bytes) {
        assert_eq!(SealedChunk::from_bytes(&chunk.to_bytes()).expect("what was encoded decodes"), chunk);
        let _ = chunk.follows(chunk.seq, &chunk.previous);
    }
}

fn secret(bytes: &[u8]) {
    if let Ok(secret) = Secret::from_bytes(bytes) {
        let again = Secret::from_bytes(&secret.to_bytes()).expect("what was encoded decodes");
        assert_eq!(again.to_bytes(), secret.to_bytes());
    }
}
