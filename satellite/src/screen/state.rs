//! The states of a terminal's parser and what each character does there: the parser of the VT500 series as Paul
//! Williams drew it, in the reading of xterm.js. It keeps nothing but the state.

/// Where in a sequence the stream is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// Between sequences.
    #[default]
    Ground,
    Escape,
    EscapeIntermediate,
    CsiEntry,
    CsiParameter,
    CsiIntermediate,
    CsiIgnore,
    Osc,
    /// Before the final byte of a DCS.
    DcsEntry,
    DcsParameter,
    DcsIntermediate,
    DcsIgnore,
    /// Within the string of a DCS.
    DcsPassthrough,
    /// SOS, PM or APC.
    OtherString,
}

/// What a character does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Ignore,
    Print,
    /// A control acts.
    Execute,
    /// A sequence begins.
    Clear,
    Collect,
    Parameter,
    Csi,
    Escape,
    OscBegin,
    OscPut,
    /// The string ended; it counts unless it was aborted.
    OscEnd,
    DcsEnd,
}

impl State {
    /// Whether a string is under way, which may be long.
    pub(super) const fn is_string(self) -> bool {
        matches!(self, Self::Osc | Self::DcsIgnore | Self::DcsPassthrough | Self::OtherString)
    }

    /// What `char` does here, and where it leads.
    pub(super) fn on(self, char: char) -> (Action, Self) {
        match u32::from(char) {
            code @ 0x00..=0x9f => self.anywhere(code).unwrap_or_else(|| self.on_ascii(code)),
            _ => self.on_other(),
        }
    }

    /// Characters that mean the same in all states, but for how a string ends.
    fn anywhere(self, code: u32) -> Option<(Action, Self)> {
        let next = match code {
            0x1b => Self::Escape,
            0x18 | 0x1a | 0x9c => Self::Ground,
            0x80..=0x8f | 0x91..=0x97 | 0x99 | 0x9a => return Some((Action::Execute, Self::Ground)),
            0x90 => return Some((Action::Clear, Self::DcsEntry)),
            0x98 | 0x9e | 0x9f => return Some((Action::Ignore, Self::OtherString)),
            0x9b => return Some((Action::Clear, Self::CsiEntry)),
            0x9d => return Some((Action::OscBegin, Self::Osc)),
            _ => return None,
        };
        let action = match (self, code) {
            (Self::Osc, _) => Action::OscEnd,
            (Self::DcsPassthrough, _) => Action::DcsEnd,
            (_, 0x1b) => Action::Clear,
            (_, 0x9c) => Action::Ignore,
            _ => Action::Execute,
        };
        Some((action, next))
    }

    /// Any other character up to DEL.
    fn on_ascii(self, code: u32) -> (Action, Self) {
        let is_control = code < 0x20;
        match self {
            Self::Ground if is_control => (Action::Execute, self),
            Self::Ground if code == 0x7f => (Action::Ignore, self),
            Self::Ground => (Action::Print, self),
            Self::Osc if code == 0x07 => (Action::OscEnd, Self::Ground),
            Self::Osc if is_control => (Action::Ignore, self),
            Self::Osc => (Action::OscPut, self),
            Self::OtherString | Self::DcsIgnore | Self::DcsPassthrough => (Action::Ignore, self),
            Self::DcsEntry | Self::DcsParameter | Self::DcsIntermediate => {
                (Action::Ignore, self.in_dcs(code))
            }
            _ if is_control => (Action::Execute, self),
            _ if code == 0x7f => (Action::Ignore, self),
            Self::Escape | Self::EscapeIntermediate => self.in_escape(code),
            Self::CsiEntry | Self::CsiParameter | Self::CsiIntermediate | Self::CsiIgnore => {
                self.in_csi(code)
            }
        }
    }

    /// A character beyond ASCII: it breaks a sequence off.
    const fn on_other(self) -> (Action, Self) {
        match self {
            Self::Ground => (Action::Print, self),
            Self::Osc => (Action::OscPut, self),
            Self::CsiIgnore | Self::DcsIgnore | Self::DcsPassthrough => (Action::Ignore, self),
            _ => (Action::Ignore, Self::Ground),
        }
    }

    fn in_escape(self, code: u32) -> (Action, Self) {
        match (self, code) {
            (_, 0x20..=0x2f) => (Action::Collect, Self::EscapeIntermediate),
            (Self::Escape, 0x5b) => (Action::Clear, Self::CsiEntry),
            (Self::Escape, 0x5d) => (Action::OscBegin, Self::Osc),
            (Self::Escape, 0x50) => (Action::Clear, Self::DcsEntry),
            (Self::Escape, 0x58 | 0x5e | 0x5f) => (Action::Ignore, Self::OtherString),
            _ => (Action::Escape, Self::Ground),
        }
    }

    fn in_csi(self, code: u32) -> (Action, Self) {
        match (self, code) {
            (Self::CsiIgnore, 0x40..) => (Action::Ignore, Self::Ground),
            (Self::CsiIgnore, _) => (Action::Ignore, self),
            (_, 0x40..) => (Action::Csi, Self::Ground),
            (_, 0x20..=0x2f) => (Action::Collect, Self::CsiIntermediate),
            (Self::CsiIntermediate, _) => (Action::Ignore, Self::CsiIgnore),
            (_, 0x30..=0x3b) => (Action::Parameter, Self::CsiParameter),
            (Self::CsiEntry, _) => (Action::Collect, Self::CsiParameter),
            _ => (Action::Ignore, Self::CsiIgnore),
        }
    }

    fn in_dcs(self, code: u32) -> Self {
        match (self, code) {
            (_, 0x00..=0x1f | 0x7f) => self,
            (_, 0x40..) => Self::DcsPassthrough,
            (_, 0x20..=0x2f) => Self::DcsIntermediate,
            (Self::DcsIntermediate, _) => Self::DcsIgnore,
            (Self::DcsParameter, 0x3c..) => Self::DcsIgnore,
            _ => Self::DcsParameter,
        }
    }
}
