//! What a browser said that its site may not know yet: said again to the site after the tunnel was lost.
//!
//! Pure. Bounded by whoever reads the browser: it waits while much of the input is not acknowledged.

use std::collections::VecDeque;

use openpam_proto::frame::Data;

/// What a browser said last.
#[derive(Debug)]
pub struct Said {
    /// Input that the site did not acknowledge, in order.
    input: VecDeque<Data>,
    input_end: u64,
    /// Output before this was consumed.
    output_acknowledged: u64,
    /// Columns and rows of its terminal.
    size: (u16, u16),
    /// It asked for the session's end.
    end: bool,
}

/// Input that begins behind the end of what came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap;

impl Said {
    /// Of a browser that begins at these offsets.
    #[must_use]
    pub const fn new(input_offset: u64, output_offset: u64, size: (u16, u16)) -> Self {
        Self {
            input: VecDeque::new(),
            input_end: input_offset,
            output_acknowledged: output_offset,
            size,
            end: false,
        }
    }

    /// It typed.
    ///
    /// # Errors
    /// [`Gap`]; then nothing is kept of it.
    pub fn typed(&mut self, data: &Data) -> Result<(), Gap> {
        if data.offset() > self.input_end {
            return Err(Gap);
        }
        if data.end() > self.input_end {
            self.input_end = data.end();
            self.input.push_back(data.clone());
        }
        Ok(())
    }

    /// The end of what was typed.
    #[must_use]
    pub const fn input_end(&self) -> u64 {
        self.input_end
    }

    /// The site gave the input before `offset` to the target.
    pub fn taken(&mut self, offset: u64) {
        while self.input.front().is_some_and(|data| data.end() <= offset) {
            self.input.pop_front();
        }
    }

    /// The input that the site did not acknowledge.
    #[must_use]
    pub fn untaken(&self) -> Vec<Data> {
        self.input.iter().cloned().collect()
    }

    /// It consumed the output before `offset`.
    pub fn consumed(&mut self, offset: u64) {
        self.output_acknowledged = self.output_acknowledged.max(offset);
    }

    /// Output before this was consumed.
    #[must_use]
    pub const fn output_acknowledged(&self) -> u64 {
        self.output_acknowledged
    }

    /// Its terminal has another size.
    pub const fn resized(&mut self, cols: u16, rows: u16) {
        self.size = (cols, rows);
    }

    /// Columns and rows of its terminal.
    #[must_use]
    pub const fn size(&self) -> (u16, u16) {
        self.size
    }

    /// It wants the session ended.
    pub const fn ended(&mut self) {
        self.end = true;
    }

    /// Whether it wants the session ended.
    #[must_use]
    pub const fn wants_end(&self) -> bool {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use bytes::{BufMut, BytesMut};

    use super::*;

    fn data(offset: u64, text: &str) -> Data {
        let mut wire = BytesMut::new();
        wire.put_u64(offset);
        wire.put_slice(text.as_bytes());
        Data::from_wire(wire.freeze()).expect("data")
    }

    #[test]
    fn input_is_kept_until_the_site_took_it() {
        let mut said = Said::new(100, 0, (80, 24));
        assert_eq!(said.typed(&data(100, "abc")), Ok(()));
        assert_eq!(said.typed(&data(103, "def")), Ok(()));
        assert_eq!(said.typed(&data(107, "x")), Err(Gap));
        assert_eq!(said.typed(&data(101, "bc")), Ok(()), "what was said before may come again");
        said.taken(102);
        assert_eq!(said.untaken(), [data(100, "abc"), data(103, "def")]);
        said.taken(103);
        assert_eq!(said.untaken(), [data(103, "def")]);
        said.taken(106);
        assert!(said.untaken().is_empty());
    }
}
