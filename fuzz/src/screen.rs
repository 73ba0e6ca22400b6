//! The terminal model fed by a target: however the stream is cut it shows the same, and what it says is bounded.

use openpam_proto::limits::MAX_SCREEN_BYTES;
use openpam_satellite::screen::ScreenModel;

use crate::input::Input;

/// More is not fed: a flood is shorter, and a slow input teaches nothing.
const MOST_BYTES: usize = 8 * 1024;

/// Columns, rows, how often the rest is repeated, how large its pieces are, and the rest: what the target prints.
pub fn feed(data: &[u8]) {
    let mut input = Input::new(data);
    // Small ones: what a sequence does to every cell costs as much as there are cells.
    let (cols, rows) = (u16::from(input.byte() % 120), u16::from(input.byte() % 50));
    let (repeat, step) = (usize::from(input.byte()) + 1, usize::from(input.byte()) * 16 + 1);
    let once = input.rest();
    let stream = once.repeat(repeat.min(MOST_BYTES / once.len().max(1)).max(1));
    let stream = stream.get(..MOST_BYTES).unwrap_or(&stream);
    let (mut batched, mut whole) = (ScreenModel::new(cols, rows), ScreenModel::new(cols, rows));
    leave(&mut batched, stream, step);
    leave(&mut whole, stream, stream.len().max(1));
    let dump = batched.dump();
    assert!(dump == whole.dump(), "cut every {step} bytes it shows another screen");
    for limit in [MAX_SCREEN_BYTES, 4096] {
        let within = batched.dump_within(limit);
        assert!(within.len() <= limit.max(16 * 1024), "{} bytes of screen", within.len());
    }
    ScreenModel::new(cols, rows).advance(&dump);
    batched.resize(rows, cols);
    batched.resize(1, 1);
    batched.resize(cols, rows);
    leave(&mut batched, stream, step);
    let _ = batched.dump();
}

/// Lets the stream leave the ring in pieces of `step` bytes, as far as it may.
fn leave(model: &mut ScreenModel, stream: &[u8], step: usize) {
    let (mut tail, mut wanted) = (0, 0);
    while wanted < stream.len() {
        wanted = stream.len().min(wanted + step);
        let waiting = stream.get(tail..wanted).unwrap_or_default();
        let count = model.ground_prefix(waiting);
        assert!(count <= waiting.len());
        model.advance(waiting.get(..count).unwrap_or_default());
        tail += count;
    }
}
