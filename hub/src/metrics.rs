//! A handful of counters in Prometheus' text format (0.0.4), on `metrics_listen` alone.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::app::AppState;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the hub counts itself.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Sign-ins that succeeded.
    pub sign_ins_accepted: Counter,
    /// Sign-ins with a wrong name or password.
    pub sign_ins_refused: Counter,
}

/// Routes of the metrics listener.
pub fn router(hub: AppState) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(hub)
}

async fn scrape(State(hub): State<AppState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], render(&hub))
}

fn render(hub: &crate::app::Hub) -> String {
    let (tunnels, sessions) = hub.sites.count();
    let rows = [
        (
            "openpam_sign_ins_accepted_total",
            "counter",
            "Sign-ins that succeeded",
            hub.metrics.sign_ins_accepted.read(),
        ),
        (
            "openpam_sign_ins_refused_total",
            "counter",
            "Sign-ins refused",
            hub.metrics.sign_ins_refused.read(),
        ),
        ("openpam_tunnels", "gauge", "Satellites connected to this hub", tunnels),
        ("openpam_sessions", "gauge", "Sessions at those satellites", sessions),
        ("openpam_database_connections", "gauge", "Open database connections", u64::from(hub.pool.size())),
    ];
    rows.iter()
        .map(|(name, kind, help, value)| {
            format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n")
        })
        .collect()
}
