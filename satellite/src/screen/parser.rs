//! Reads a stream and says what a terminal is to do: the actions of [`State`] with the parameters they need.

use super::decoder::Decoder;
use super::parameters::Parameters;
use super::state::{Action, State};

/// A longer OSC is dropped.
const MAX_OSC_BYTES: usize = 4 * 1024;

/// Who does it.
pub(super) trait Perform {
    fn print(&mut self, char: char);
    /// A control character.
    fn execute(&mut self, control: char);
    /// `marks` are the private prefix and the intermediate bytes.
    fn csi(&mut self, marks: &[u8], parameters: &Parameters, last: u8);
    fn escape(&mut self, marks: &[u8], last: u8);
    fn osc(&mut self, text: &str);
    /// A sequence, a control or a string ended: what was printed before is forgotten.
    fn ended(&mut self);
}

/// The parser of one stream.
#[derive(Debug, Default)]
pub(super) struct Parser {
    decoder: Decoder,
    state: State,
    marks: Vec<u8>,
    parameters: Parameters,
    osc: String,
}

impl Parser {
    pub(super) const fn state(&self) -> State {
        self.state
    }

    pub(super) fn advance(&mut self, bytes: &[u8], terminal: &mut impl Perform) {
        for byte in bytes {
            if let Some(char) = self.decoder.read(*byte) {
                let (action, next) = self.state.on(char);
                self.act(action, char, terminal);
                self.state = next;
            }
        }
    }

    fn act(&mut self, action: Action, char: char, terminal: &mut impl Perform) {
        // Marks, parameters and last bytes are ASCII: the states see to that.
        let byte = u8::try_from(char).unwrap_or_default();
        match action {
            Action::Ignore => {}
            Action::Print => terminal.print(char),
            Action::Execute => {
                terminal.execute(char);
                terminal.ended();
            }
            Action::Clear => self.clear(),
            // No sequence has more than three; one that does is none we know.
            Action::Collect if self.marks.len() < 4 => self.marks.push(byte),
            Action::Collect => {}
            Action::Parameter => self.parameters.read(byte),
            Action::Csi => {
                terminal.csi(&self.marks, &self.parameters, byte);
                terminal.ended();
            }
            Action::Escape => {
                terminal.escape(&self.marks, byte);
                terminal.ended();
            }
            Action::OscBegin => self.osc.clear(),
            Action::OscPut if self.osc.len() <= MAX_OSC_BYTES => self.osc.push(char),
            Action::OscPut => {}
            Action::OscEnd => {
                if !matches!(char, '\x18' | '\x1a') && self.osc.len() <= MAX_OSC_BYTES {
                    terminal.osc(&self.osc);
                }
                self.clear();
                terminal.ended();
            }
            Action::DcsEnd => {
                self.clear();
                terminal.ended();
            }
        }
    }

    fn clear(&mut self) {
        self.marks.clear();
        self.parameters.clear();
    }
}
