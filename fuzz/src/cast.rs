//! The recorder's lines: whatever a target prints, and however it is cut, each line is JSON, and all of it is there.

use openpam_hub::recordings::PlainText;
use openpam_satellite::recorder::CastWriter;

use crate::input::Input;

/// `data` is a sequence of outputs and resizes.
pub fn feed(data: &[u8]) {
    let mut input = Input::new(data);
    let (mut writer, mut out, mut printed) = (CastWriter::default(), Vec::new(), Vec::new());
    let mut at_ms = 0_u64;
    while !input.is_empty() {
        let choice = input.byte();
        // Also back: clocks do that.
        at_ms = at_ms.saturating_add(u64::from(choice >> 4)).saturating_sub(u64::from(choice & 8));
        match choice % 8 {
            0 => writer.resize(&mut out, at_ms, input.short(), input.short()),
            1 => {
                let long = input.take(8).repeat(usize::from(input.byte()) * 8);
                printed.extend_from_slice(&long);
                writer.output(&mut out, at_ms, &long);
            }
            length => {
                let bytes = input.take(usize::from(length) * 4);
                printed.extend_from_slice(bytes);
                writer.output(&mut out, at_ms, bytes);
            }
        }
    }
    writer.finish(&mut out, at_ms);
    check(&out, &printed);
}

fn check(out: &[u8], printed: &[u8]) {
    let (mut text, mut before) = (String::new(), 0.0);
    for line in std::str::from_utf8(out).expect("UTF-8").lines() {
        let (at, kind, data): (f64, String, String) = serde_json::from_str(line).expect("an event");
        assert!(at >= before, "times go back");
        before = at;
        match kind.as_str() {
            "o" => text.push_str(&data),
            "r" => assert!(data.contains('x')),
            other => panic!("an event of kind {other}"),
        }
    }
    assert_eq!(text, String::from_utf8_lossy(printed));
    // The hub reads it.
    PlainText::default().take(out);
}
