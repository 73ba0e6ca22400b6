//! What strangers ask on the tunnel port: joins, renewals, the time.

use openpam_link::ca;
use openpam_link::listener::Request;
use openpam_proto::token::JoinToken;
use openpam_proto::version::{ALPN_JOIN, ALPN_RENEW, ALPN_TUNNEL};

use crate::input::Input;

/// The first byte chooses the protocol, the rest is what was sent.
pub fn feed(data: &[u8]) {
    let mut input = Input::new(data);
    let protocol = match input.byte() % 3 {
        0 => ALPN_JOIN,
        1 => ALPN_RENEW,
        _ => ALPN_TUNNEL,
    };
    match Request::read(protocol, input.rest()) {
        Ok(Request::Join(request)) => {
            let _ = ca::request_key_sha256(&request.csr);
            let _ = JoinToken::secret_hash(&request.secret());
        }
        Ok(Request::Renew(request)) => {
            let _ = ca::request_key_sha256(&request.csr);
        }
        Ok(Request::Time) | Err(_) => {}
    }
}
