//! The line of JSON on the satellite's local socket, and its answer.

use openpam_satellite::local::Request;
use openpam_satellite::status::Status;

/// `data` is the line.
pub fn feed(data: &[u8]) {
    if let Ok(request) = serde_json::from_slice::<Request>(data) {
        let line = serde_json::to_vec(&request).expect("plain data");
        assert_eq!(serde_json::from_slice::<Request>(&line).expect("reads back"), request);
    }
    if let Ok(status) = serde_json::from_slice::<Status>(data) {
        let line = serde_json::to_vec(&status).expect("plain data");
        assert_eq!(serde_json::from_slice::<Status>(&line).expect("reads back"), status);
    }
}
