//! A whole installation whose site lies behind a line: satellite and target beyond it, hub and browser here.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::line::Line;
use crate::system::{Place, World};

/// What a satellite's log says when it sees that its tunnel is gone.
const TUNNEL_IS_DOWN: &str = "tunnel is down";

/// How long a site that is reachable gets to say over which transport.
pub(crate) const SOON: Duration = Duration::from_secs(10);

pub(crate) struct Site {
    /// Falls before its line.
    pub(crate) world: World,
    pub(crate) line: Line,
}

impl Site {
    /// Starts everything behind `line` and waits until the target can be reached. `settings` are the satellite's,
    /// as environment, for joining and running.
    pub(crate) async fn start(line: Line, settings: &[(&'static str, String)]) -> Self {
        let place = Place {
            tunnel_host: line.hub_address.to_string(),
            site_prefix: line.prefix(),
            satellite_settings: settings.to_vec(),
            ..Place::default()
        };
        Self { world: World::start_in(place).await, line }
    }

    /// The same, with the transport that the satellite may use: `quic`, `tcp` or `auto`.
    pub(crate) async fn start_over(line: Line, transport: &str) -> Self {
        Self::start(line, &[("OPENPAM_TRANSPORT", transport.to_owned())]).await
    }

    /// The satellite's row in the API.
    pub(crate) async fn row(&self) -> Value {
        let rows = self.world.admin.get("/api/v1/admin/satellites").await;
        rows["items"][0].clone()
    }

    /// Waits until the tunnel stands over `transport`; how long that took.
    pub(crate) async fn until_over(&self, transport: &str, patience: Duration) -> Duration {
        let is_up = |row: &Value| is_over(row, transport);
        self.until(&format!("the tunnel is up over {transport}"), patience, is_up).await
    }

    /// Waits until the hub no longer thinks that the tunnel stands over `transport`; how long that took.
    pub(crate) async fn until_not_over(&self, transport: &str, patience: Duration) -> Duration {
        let is_gone = |row: &Value| !is_over(row, transport);
        self.until(&format!("the tunnel over {transport} is gone"), patience, is_gone).await
    }

    /// Waits until the satellite's log says once more than `before` times that the tunnel is down.
    pub(crate) async fn until_satellite_notices(&self, before: usize, patience: Duration) -> Duration {
        let begun = Instant::now();
        while self.tunnels_lost() <= before {
            assert!(
                begun.elapsed() < patience,
                "in vain for {patience:?}: the satellite sees that the tunnel is down"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        begun.elapsed()
    }

    /// How often the satellite saw its tunnel go down.
    pub(crate) fn tunnels_lost(&self) -> usize {
        let log = std::fs::read_to_string(self.world.satellite.log()).expect("a log");
        log.matches(TUNNEL_IS_DOWN).count()
    }

    /// Ends everything in order.
    pub(crate) async fn stop(self) {
        self.world.stop().await;
    }

    async fn until(&self, what: &str, patience: Duration, is_so: impl Fn(&Value) -> bool) -> Duration {
        let begun = Instant::now();
        loop {
            let row = self.row().await;
            if is_so(&row) {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < patience, "in vain for {patience:?}: {what}; it is {row}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn is_over(row: &Value, transport: &str) -> bool {
    row["state"] == json!("online") && row["transport"] == json!(transport)
}
