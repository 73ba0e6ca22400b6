//! Every bound of the protocol in one place: what it limits and what happens past it.
//!
//! Peers are untrusted: past a bound the frame is refused and its channel (or tunnel) closes with a code.

/// Longest message body, in bytes. A longer one closes its channel.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;

/// Longest piece of a screen in one message.
pub const SCREEN_PIECE_BYTES: usize = 128 * 1024;
/// Longest screen, all pieces together; a larger one comes without colours.
pub const MAX_SCREEN_BYTES: usize = 4 * 1024 * 1024;

/// Longest run of session bytes in one data frame, here and on the browser's WebSocket.
pub const MAX_DATA_BYTES: usize = 64 * 1024;

/// Longest sealed recording chunk in one message. A sealed chunk is 64 KiB plus what one output event may add.
pub const MAX_CHUNK_BYTES: usize = 192 * 1024;

/// How far the satellite sends output beyond what the client acknowledged, to begin with: the window grows with the
/// measured rate and round trip, up to a setting of the satellite.
pub const OUTPUT_WINDOW_BYTES: u64 = 256 * 1024;

/// Output that the ring keeps even after it was acknowledged, for whoever attaches next.
pub const RING_KEEP_BYTES: usize = 256 * 1024;

/// Input that may be under way to the target without an acknowledgement. Whoever sends more is closed with `bad_offset`.
pub const INPUT_QUEUE_BYTES: usize = 64 * 1024;

/// Channels in one lane. The opener refuses locally before yamux would drop the connection.
pub const MAX_CHANNELS_PER_LANE: usize = 16;

/// `bus` channels of one tunnel at a time: the satellite's client, and one that takes its place.
pub const MAX_BUS_CHANNELS: usize = 4;

/// Receive windows of all channels of one lane together, beyond the 256 KiB that yamux grants each of them at once.
pub const LANE_WINDOW_BYTES: usize = 8 * 1024 * 1024;

/// Lanes of one tunnel: the control lane, bulk lanes, and one per session. Past it an open is refused.
pub const MAX_LANES: u32 = 1024;

/// Channels that one end opens in one TCP connection: well above the sessions of a site.
pub const MAX_CHANNELS_PER_CONNECTION: usize = 1024;

/// Most events in one `Events` message: with the largest bodies they fit [`MAX_MESSAGE_BYTES`].
pub const MAX_EVENTS_PER_MESSAGE: usize = 48;

/// Most sessions in one `Activity` message.
pub const MAX_SESSIONS_PER_MESSAGE: usize = 200;

/// Largest encoded audit event body.
pub const MAX_EVENT_BYTES: usize = 4 * 1024;

/// Terminal sizes outside this range are refused: by the hub as malformed, by the satellite by not resizing.
pub const TERMINAL_CELLS: std::ops::RangeInclusive<u16> = 1..=1000;
