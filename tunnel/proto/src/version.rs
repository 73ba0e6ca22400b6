//! Protocol versions: what this build speaks and whom it accepts.
//!
//! A satellite may be older or newer than its hub by two minor versions; new fields and new messages do not
//! need a new version, since both sides skip what they do not know.

/// The ALPN of a tunnel. Always wants a client certificate.
pub const ALPN_TUNNEL: &[u8] = b"openpam/1";
/// The ALPN of enrolment. Can do nothing but join.
pub const ALPN_JOIN: &[u8] = b"openpam-join/1";
/// The ALPN of renewal. Takes an expired certificate, and can do nothing but renew it and say the time.
pub const ALPN_RENEW: &[u8] = b"openpam-renew/1";

/// Minor version of `openpam/1` that this build speaks.
pub const MINOR: u16 = 5;
/// From this one on a satellite ends sessions at the limits of their grants.
pub const MINOR_OF_LIMITS: u16 = 1;
/// From this one on it tries a target without a session.
pub const MINOR_OF_TESTS: u16 = 1;
/// From this one on it ends sessions when their window does.
pub const MINOR_OF_WINDOWS: u16 = 2;
/// From this one on it holds its zone's policy, and decides by it.
pub const MINOR_OF_POLICY: u16 = 3;
/// From this one on it does commands, and holds tunnels to several hubs.
pub const MINOR_OF_COMMANDS: u16 = 4;
/// From this one on it opens desktops.
pub const MINOR_OF_DESKTOPS: u16 = 5;
/// How many minor versions a peer may be away.
pub const MINOR_SPAN: u16 = 2;

/// Whether a peer with that minor version is spoken to.
#[must_use]
pub fn accepts(peer_minor: u16) -> bool {
    peer_minor.abs_diff(MINOR) <= MINOR_SPAN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_up_to_two_minors_away_are_accepted() {
        assert!(accepts(MINOR));
        assert!(accepts(MINOR + 2));
        assert!(!accepts(MINOR + 3));
    }
}
