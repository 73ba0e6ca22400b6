//! Why a tunnel is closed, said by whoever closes: QUIC's application error code, or a message over TCP.

/// The reasons, as numbers on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum CloseCode {
    /// Nothing is wrong: shutting down, or done.
    Normal = 0,
    /// The peer broke the protocol.
    Protocol = 1,
    /// The satellite was revoked.
    Revoked = 2,
    /// The hub does not know this satellite.
    Unknown = 3,
    /// The versions are too far apart.
    Version = 4,
    /// A newer tunnel of the same satellite took its place.
    Replaced = 5,
    /// No client certificate where one is needed.
    Unauthenticated = 6,
    /// Too much at once; try again later.
    Busy = 7,
    /// The satellite's certificate is not valid any more: renew it, then connect again.
    CertificateExpired = 8,
    /// The satellite's identity was used twice; an administrator decides.
    Quarantined = 9,
}

impl CloseCode {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The reason behind a number; one this build does not know reads as `Normal`, which means: connect again.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        match number {
            1 => Self::Protocol,
            2 => Self::Revoked,
            3 => Self::Unknown,
            4 => Self::Version,
            5 => Self::Replaced,
            6 => Self::Unauthenticated,
            7 => Self::Busy,
            8 => Self::CertificateExpired,
            9 => Self::Quarantined,
            _ => Self::Normal,
        }
    }

    /// Its stable name, for logs and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Protocol => "protocol",
            Self::Revoked => "satellite_revoked",
            Self::Unknown => "satellite_unknown",
            Self::Version => "version",
            Self::Replaced => "replaced",
            Self::Unauthenticated => "unauthenticated",
            Self::Busy => "busy",
            Self::CertificateExpired => "certificate_expired",
            Self::Quarantined => "quarantined",
        }
    }
}
