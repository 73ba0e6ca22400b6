//! What an operator would be woken for, in Prometheus' text format (0.0.4), on `metrics_listen` alone. Rules that do
//! wake them are in `deploy/prometheus/`.

mod satellite;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::app::{AppState, Hub};
use crate::bus::keep::Standing;
use crate::store::{Page, bus, satellites};

/// Further ones are not told: nobody has so many.
const MAX_SATELLITES: u16 = 10_000;

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
    /// Batches of events that sites sent on the bus.
    pub batches_by_bus: Counter,
    /// Batches of events that sites sent by the line.
    pub batches_by_line: Counter,
}

/// Routes of the metrics listener.
pub fn router(hub: AppState) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(hub)
}

async fn scrape(State(hub): State<AppState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], render(&hub).await)
}

/// Metrics of one name.
struct Family {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    /// Labels in braces, or nothing.
    samples: Vec<(String, f64)>,
}

impl Family {
    fn one(name: &'static str, kind: &'static str, help: &'static str, value: f64) -> Self {
        Self { name, kind, help, samples: vec![(String::new(), value)] }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, kind, help, samples } = self;
        writeln!(f, "# HELP {name} {help}\n# TYPE {name} {kind}")?;
        samples.iter().try_for_each(|(labels, value)| writeln!(f, "{name}{labels} {value}"))
    }
}

async fn render(hub: &Hub) -> String {
    let rows = satellites::list(&hub.pool, Page { limit: MAX_SATELLITES, after: None }).await;
    let mut families = of_hub(hub, rows.is_ok());
    families.push(bus_up(hub));
    if let Ok(backlog) = bus::backlog(&hub.pool).await {
        let help = "Events of sessions, schedules and users that the bus has not taken yet";
        families.push(Family::one("openpam_bus_waiting", "gauge", help, backlog.events as f64));
    }
    if let Ok(rows) = rows {
        families.extend(satellite::families(hub, &rows));
    }
    families.iter().map(ToString::to_string).collect()
}

fn bus_up(hub: &Hub) -> Family {
    let up = matches!(hub.bus.standing(), Standing::There { .. });
    Family::one("openpam_bus_up", "gauge", "Whether this hub is connected to NATS", f64::from(u8::from(up)))
}

fn of_hub(hub: &Hub, books_answer: bool) -> Vec<Family> {
    let (tunnels, sessions) = hub.sites.count();
    let counter = |name, help, counter: &Counter| Family::one(name, "counter", help, counter.read() as f64);
    let gauge = |name, help, value| Family::one(name, "gauge", help, value);
    let mut families = vec![
        counter("openpam_sign_ins_accepted_total", "Sign-ins that succeeded", &hub.metrics.sign_ins_accepted),
        counter("openpam_sign_ins_refused_total", "Sign-ins refused", &hub.metrics.sign_ins_refused),
        Family {
            name: "openpam_event_batches_total",
            kind: "counter",
            help: "Batches of audit events that sites sent, by which way",
            samples: [("bus", &hub.metrics.batches_by_bus), ("line", &hub.metrics.batches_by_line)]
                .map(|(way, count)| (format!("{{way=\"{way}\"}}"), count.read() as f64))
                .to_vec(),
        },
        gauge(
            "openpam_hubs",
            "Hubs of this installation that are there",
            hub.instances.present().len().max(1) as f64,
        ),
        gauge(
            "openpam_hub_leads",
            "Whether this hub does what is done once in an installation",
            f64::from(u8::from(hub.leader.leads())),
        ),
        gauge("openpam_tunnels", "Satellites connected to this hub", tunnels as f64),
        gauge("openpam_sessions", "Sessions at those satellites", sessions as f64),
        gauge("openpam_books_up", "Whether the database answers", f64::from(u8::from(books_answer))),
        gauge("openpam_database_connections", "Open database connections", f64::from(hub.pool.size())),
        gauge(
            "openpam_intermediate_expires_seconds",
            "Until when the authority's intermediate is good, in seconds since 1970",
            hub.keys.nodes.authority().expires_s() as f64,
        ),
    ];
    if let Some(said) = hub.countersigned.borrow().as_ref() {
        let help = "When the chains of events were countersigned last, in seconds since 1970";
        families.push(gauge("openpam_witnessed_seconds", help, said.at_ms as f64 / 1e3));
    }
    families
}
