//! A recording's chunks at the hub, opened: what a satellite compressed and wrote, made text. Expanding is bounded.

use openpam_hub::recordings::{PlainText, expand};

use crate::input::Input;

/// Whoever reads goes away after this.
const READ_BYTES: usize = 4 * 1024 * 1024;
/// Without text nobody is told, and only this ends it.
const PIECES: usize = 64;

/// An even first byte: compressed content follows. An odd one: lines, cut in two at a place that comes first.
pub fn feed(data: &[u8]) {
    let mut input = Input::new(data);
    if input.byte().is_multiple_of(2) {
        let content = input.rest();
        read(content, &mut None);
        read(content, &mut Some(PlainText::default()));
        return;
    }
    let cut = usize::from(input.short());
    let lines = input.rest();
    let whole = PlainText::default().take(lines);
    assert!(
        !whole
            .contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\u{80}'..='\u{9f}' | '\u{7f}'))
    );
    let (begin, end) = lines.split_at(cut.min(lines.len()));
    let mut text = PlainText::default();
    assert_eq!(text.take(begin) + &text.take(end), whole, "cut at {cut}");
}

fn read(content: &[u8], text: &mut Option<PlainText>) {
    let (mut bytes, mut pieces) = (0, 0);
    let _ = expand(content, text, |piece| {
        let length = piece.map_or(0, |piece| piece.len());
        assert!(length <= 1024 * 1024 + 64 * 1024, "a piece of {length} bytes");
        bytes += length;
        pieces += 1;
        bytes < READ_BYTES && pieces < PIECES
    });
    assert!(pieces <= PIECES);
}
