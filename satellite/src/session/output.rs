//! What an attachment is due: the pure part of sending. Messages first, then acknowledgements, then output
//! within the window, then the close.
//!
//! No socket and no clock: the session's owner task asks [`Attachment::next`] whenever there is room to send.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use openpam_ids::AttachmentId;
use openpam_proto::attach::{Closed, InputAck, ToHub};
use openpam_proto::limits::MAX_DATA_BYTES;
use openpam_proto::ring::Ring;
use tokio::time::Instant;

use crate::session::window::Window;

/// So much unacknowledged output is a flood.
const FLOOD_BYTES: u64 = 64 * 1024;
/// What a flood's frames hold at least, unless that takes too long.
const FLOOD_FRAME_BYTES: u64 = 48 * 1024;

/// Messages that wait for an attachment.
const MAX_MESSAGES: usize = 64;

/// Where an attachment's output comes from: bytes at 64-bit offsets, of which the newest are held.
pub trait Output {
    /// The offset of the oldest byte held.
    fn tail(&self) -> u64;
    /// The offset behind the newest byte.
    fn end(&self) -> u64;
    /// Copies what may travel as one frame, at most `most` bytes from `offset` on; how many.
    fn copy_from(&self, offset: u64, most: usize, out: &mut BytesMut) -> usize;
}

impl Output for Ring {
    fn tail(&self) -> u64 {
        self.tail()
    }

    fn end(&self) -> u64 {
        self.end()
    }

    fn copy_from(&self, offset: u64, most: usize, out: &mut BytesMut) -> usize {
        self.copy_from(offset, most, out)
    }
}

/// One thing to write on an attachment's channel.
#[derive(Debug, PartialEq)]
pub enum Out {
    /// A message.
    Message(ToHub),
    /// Output at an offset.
    Data {
        /// Of the first byte.
        offset: u64,
        /// At most 64 KiB.
        bytes: Bytes,
    },
    /// The last message.
    Closed(Closed),
}

/// The sending state of one attachment.
#[derive(Debug)]
pub struct Attachment {
    /// Whose.
    pub id: AttachmentId,
    /// The browser's address, for the audit.
    pub client_ip: Option<String>,
    messages: VecDeque<ToHub>,
    sent: u64,
    acknowledged: u64,
    window: Window,
    input_ack_due: bool,
    /// Whether small pieces of a flood wait for each other.
    gathers: bool,
    /// Output that was held back goes out whatever its size.
    ripe: bool,
    closing: Option<Closing>,
    closed: bool,
}

#[derive(Debug)]
struct Closing {
    closed: Closed,
    /// Whether output that is still unsent goes out first.
    drain: bool,
}

impl Attachment {
    /// An attachment that gets output from `offset` on, after `messages`, within a window that counts from what its
    /// browser acknowledged, which may be less.
    #[must_use]
    pub fn new(
        id: AttachmentId,
        client_ip: Option<String>,
        offset: u64,
        acknowledged: u64,
        messages: Vec<ToHub>,
        window: Window,
    ) -> Self {
        Self {
            id,
            client_ip,
            messages: messages.into(),
            sent: offset,
            acknowledged,
            window,
            input_ack_due: false,
            gathers: true,
            ripe: false,
            closing: None,
            closed: false,
        }
    }

    /// Small pieces do not wait for each other: they come together already.
    #[must_use]
    pub fn promptly(self) -> Self {
        Self { gathers: false, ..self }
    }

    /// A message goes out before further output. Past a bound it is dropped: whoever does not read needs no more.
    pub fn tell(&mut self, message: ToHub) {
        if self.messages.len() < MAX_MESSAGES {
            self.messages.push_back(message);
        }
    }

    /// The client consumed the output before `offset`; `false` if it was never sent.
    #[must_use]
    pub fn acknowledge(&mut self, offset: u64, now: Instant) -> bool {
        if offset > self.sent {
            return false;
        }
        self.acknowledged = self.acknowledged.max(offset);
        self.window.acknowledged(self.acknowledged, now);
        true
    }

    /// How far output may run ahead of what the client consumed.
    #[must_use]
    pub const fn window_bytes(&self) -> u64 {
        self.window.bytes()
    }

    /// The end of what was sent.
    #[must_use]
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// Whether everything that was sent was taken.
    #[must_use]
    pub const fn is_taken(&self) -> bool {
        self.acknowledged == self.sent && !self.closed
    }

    /// Whether what comes next has left the ring, and everything before was taken.
    #[must_use]
    pub fn wants_screen(&self, output: &impl Output) -> bool {
        self.sent < output.tail() && self.is_taken()
    }

    /// Leaves out what is before `offset`, and says so.
    pub fn go_on_at(&mut self, offset: u64, notice: ToHub) {
        self.tell(notice);
        self.sent = offset;
        self.acknowledged = offset;
    }

    /// Input was given to the target.
    pub const fn input_ack_due(&mut self) {
        self.input_ack_due = true;
    }

    /// Closes it; with `drain` after all output there is, else after what was sent.
    pub fn close(&mut self, closed: Closed, drain: bool) {
        if self.closing.is_none() {
            self.closing = Some(Closing { closed, drain });
        }
    }

    /// Whether its last message was taken.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether [`Attachment::next`] would give something.
    #[must_use]
    pub fn has_due(&self, output: &impl Output) -> bool {
        !self.closed
            && (!self.messages.is_empty()
                || self.input_ack_due
                || self.due_bytes(output) > 0
                || self.closing.as_ref().is_some_and(|closing| !closing.drain || self.sent == output.end()))
    }

    fn sendable(&self, output: &impl Output) -> u64 {
        let ends_now = self.closing.as_ref().is_some_and(|closing| !closing.drain);
        if ends_now || self.sent < output.tail() {
            return 0;
        }
        output.end().min(self.acknowledged + self.window.bytes()).saturating_sub(self.sent)
    }

    /// What goes out now. In a flood, when much is on its way already, small pieces wait for each other.
    fn due_bytes(&self, output: &impl Output) -> u64 {
        let sendable = self.sendable(output);
        let flood = self.sent - self.acknowledged >= FLOOD_BYTES;
        if flood && self.gathers && sendable < FLOOD_FRAME_BYTES && !self.ripe && self.closing.is_none() {
            0
        } else {
            sendable
        }
    }

    /// Whether output waits for more of it.
    #[must_use]
    pub fn holds_back(&self, output: &impl Output) -> bool {
        !self.closed && self.sendable(output) > 0 && self.due_bytes(output) == 0
    }

    /// It waited long enough.
    pub const fn ripen(&mut self) {
        self.ripe = true;
    }

    /// The next thing to write.
    pub fn next(&mut self, output: &impl Output, input_offset: u64, now: Instant) -> Option<Out> {
        if self.closed {
            return None;
        }
        if let Some(message) = self.messages.pop_front() {
            return Some(Out::Message(message));
        }
        if std::mem::take(&mut self.input_ack_due) {
            return Some(Out::Message(ToHub::InputAck(InputAck { input_offset })));
        }
        let sendable = self.due_bytes(output).min(MAX_DATA_BYTES as u64) as usize;
        if sendable > 0 {
            self.ripe = false;
            let mut bytes = BytesMut::with_capacity(sendable);
            let offset = self.sent;
            self.sent += output.copy_from(offset, sendable, &mut bytes) as u64;
            let left = self.window.bytes().saturating_sub(self.sent - self.acknowledged);
            // The target is not read further: that there is no more in the ring says nothing.
            self.window.sent(self.sent, left < MAX_DATA_BYTES as u64, now);
            return Some(Out::Data { offset, bytes: bytes.freeze() });
        }
        if self.closing.as_ref().is_some_and(|closing| !closing.drain || self.sent == output.end()) {
            self.closed = true;
            return self.closing.take().map(|closing| Out::Closed(closing.closed));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use openpam_proto::end::{EndCode, Hop};

    use openpam_proto::limits::OUTPUT_WINDOW_BYTES;

    use super::*;

    fn closed() -> Closed {
        Closed {
            code: EndCode::Exited,
            message: String::new(),
            hop: Hop::Target,
            ended: true,
            exit_status: Some(0),
            exit_signal: None,
        }
    }

    fn attachment() -> Attachment {
        let window = Window::new(OUTPUT_WINDOW_BYTES);
        Attachment::new(AttachmentId::generate(), None, 0, 0, Vec::new(), window)
    }

    fn drain(attachment: &mut Attachment, ring: &Ring) -> (u64, Option<Closed>) {
        let mut end = 0;
        while let Some(out) = attachment.next(ring, 0, Instant::now()) {
            match out {
                Out::Data { offset, bytes } => end = offset + bytes.len() as u64,
                Out::Closed(closed) => return (end, Some(closed)),
                Out::Message(_) => {}
            }
        }
        (end, None)
    }

    #[test]
    fn output_stops_at_the_window_and_goes_on_at_an_acknowledgement() {
        let mut ring = Ring::new();
        ring.append(Bytes::from(vec![0; 1_000_000]));
        let mut attachment = attachment();
        assert_eq!(drain(&mut attachment, &ring).0, OUTPUT_WINDOW_BYTES);
        assert!(!attachment.has_due(&ring));
        assert!(attachment.acknowledge(131_072, Instant::now()));
        assert_eq!(drain(&mut attachment, &ring).0, OUTPUT_WINDOW_BYTES + 131_072);
        assert!(!attachment.acknowledge(OUTPUT_WINDOW_BYTES + 131_073, Instant::now()));
    }

    #[test]
    fn in_a_flood_small_pieces_wait_for_each_other_and_a_key_alone_never_does() {
        let mut ring = Ring::new();
        ring.append(Bytes::from_static(b"k"));
        let mut attachment = attachment();
        assert_eq!(drain(&mut attachment, &ring).0, 1);
        ring.append(Bytes::from(vec![0; FLOOD_BYTES as usize]));
        let end = drain(&mut attachment, &ring).0;
        assert_eq!(end, ring.end());
        ring.append(Bytes::from(vec![0; 4096]));
        assert!(attachment.holds_back(&ring) && !attachment.has_due(&ring));
        attachment.ripen();
        assert_eq!(drain(&mut attachment, &ring).0, ring.end(), "a while later it goes out as it is");
        ring.append(Bytes::from(vec![0; FLOOD_FRAME_BYTES as usize]));
        assert_eq!(drain(&mut attachment, &ring).0, ring.end(), "enough for a frame goes out at once");
        ring.append(Bytes::from_static(b"x"));
        attachment.close(closed(), true);
        assert_eq!(drain(&mut attachment, &ring), (ring.end(), Some(closed())), "a close waits for nothing");
    }

    #[test]
    fn a_close_comes_after_the_last_output_byte() {
        let mut ring = Ring::new();
        ring.append(Bytes::from(vec![0; 300_000]));
        let mut attachment = attachment();
        attachment.close(closed(), true);
        assert_eq!(drain(&mut attachment, &ring), (OUTPUT_WINDOW_BYTES, None));
        assert!(attachment.acknowledge(OUTPUT_WINDOW_BYTES, Instant::now()));
        assert_eq!(drain(&mut attachment, &ring), (300_000, Some(closed())));
        assert!(attachment.is_closed());
    }

    #[test]
    fn a_forced_close_does_not_wait_for_a_shut_window() {
        let mut ring = Ring::new();
        ring.append(Bytes::from(vec![0; 300_000]));
        let mut attachment = attachment();
        drain(&mut attachment, &ring);
        attachment.close(closed(), false);
        assert!(attachment.has_due(&ring));
        assert_eq!(drain(&mut attachment, &ring), (0, Some(closed())));
    }
}
