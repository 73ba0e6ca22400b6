//! What is known of each satellite that was not revoked: from the books, and from this hub's tunnel to it.

use super::Family;
use crate::app::Hub;
use crate::sites::LiveTunnel;
use crate::store::satellites::Satellite;

type Value = fn(&Satellite, Option<&LiveTunnel>) -> Option<f64>;

/// Name, what it says, and where that is found. All are gauges.
const GAUGES: [(&str, &str, Value); 14] = [
    ("openpam_satellite_connected", "Whether it has a tunnel to this hub", |_, tunnel| {
        Some(f64::from(u8::from(tunnel.is_some())))
    }),
    ("openpam_satellite_quarantined", "Whether its identity was used twice", |row, _| {
        Some(f64::from(u8::from(row.quarantined)))
    }),
    ("openpam_satellite_last_seen_seconds", "When it was last heard of, in seconds since 1970", |row, _| {
        row.last_seen.map(|at| at.as_ms() as f64 / 1e3)
    }),
    (
        "openpam_satellite_certificate_expires_seconds",
        "Until when its certificate is good, in seconds since 1970",
        |row, _| row.certificate_expires_at.map(|at| at.as_ms() as f64 / 1e3),
    ),
    ("openpam_satellite_sessions", "Sessions that it holds", |_, tunnel| {
        tunnel.map(|tunnel| tunnel.sessions as f64)
    }),
    ("openpam_satellite_round_trip_seconds", "Round trip to it", |_, tunnel| Some(tunnel?.rtt_ms? / 1e3)),
    (
        "openpam_satellite_loss_ratio",
        "Share of packets that were lost on the way to it in the last minute",
        |_, tunnel| Some(f64::from(tunnel?.loss_permille?) / 1e3),
    ),
    ("openpam_satellite_clock_skew_seconds", "How far its clock is ahead of the hub's", |_, tunnel| {
        Some(tunnel?.clock_skew_ms? as f64 / 1e3)
    }),
    ("openpam_satellite_spool_bytes", "Recorded bytes that wait there", |_, tunnel| {
        Some(tunnel?.health.as_ref()?.spool_bytes as f64)
    }),
    ("openpam_satellite_events_waiting", "Audit events that wait there", |_, tunnel| {
        Some(tunnel?.health.as_ref()?.events_waiting as f64)
    }),
    ("openpam_satellite_disk_free_bytes", "Free bytes of the disk with its state", |_, tunnel| {
        Some(tunnel?.health.as_ref()?.disk_free_bytes? as f64)
    }),
    ("openpam_satellite_disk_bytes", "Size of that disk", |_, tunnel| {
        Some(tunnel?.health.as_ref()?.disk_bytes? as f64)
    }),
    ("openpam_satellite_desktops", "Whether targets of its zone are desktops", |row, _| {
        Some(f64::from(u8::from(row.has_desktops)))
    }),
    (
        "openpam_satellite_guacd_up",
        "Whether its guacd answers, if desktops may be opened there",
        |_, tunnel| Some(f64::from(u8::from(tunnel?.health.as_ref()?.guacd.as_ref()?.here))),
    ),
];

pub(super) fn families(hub: &Hub, rows: &[Satellite]) -> Vec<Family> {
    let known: Vec<_> = rows
        .iter()
        .filter(|row| !row.revoked)
        .map(|row| (labels(row), row, hub.sites.state(row.id)))
        .collect();
    let family = |(name, help, value): (&'static str, &'static str, Value)| {
        let samples = known
            .iter()
            .filter_map(|(labels, row, tunnel)| Some((labels.clone(), value(row, tunnel.as_ref())?)));
        Family { name, kind: "gauge", help, samples: samples.collect() }
    };
    GAUGES.map(family).into()
}

fn labels(row: &Satellite) -> String {
    format!("{{zone=\"{}\",satellite=\"{}\"}}", escaped(&row.zone), escaped(&row.name))
}

/// A label's value may hold anything but a bare backslash, quote or line feed.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_inside_its_label() {
        assert_eq!(escaped("a\"} 1\nup 0 \\"), "a\\\"} 1\\nup 0 \\\\");
    }
}
