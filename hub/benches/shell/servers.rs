//! What was started and has to be ended: an installation on loopback or with its site beyond a line.

use std::net::Ipv4Addr;

use anyhow::ensure;
use serde_json::Value;

use crate::system::target::Target;
use crate::system::zone::Zone;
use crate::system::{Place, World};
use crate::wan_line::Line as WanLine;

/// Fields fall in this order: the line last, under all that stands at its far end.
pub(crate) struct Servers {
    /// Its satellite's tunnel is QUIC.
    pub(crate) world: World,
    /// A second zone, whose satellite may use TCP alone.
    pub(crate) over_tcp: Option<Zone>,
    /// The sshd for `ssh -J`. It stands where the satellites stand.
    pub(crate) jump: Option<Target>,
    /// To the site.
    pub(crate) line: Option<WanLine>,
}

impl Servers {
    /// Hub, satellite and target on loopback, nothing else.
    pub(crate) async fn alone() -> Self {
        Self::alone_with(&[]).await
    }

    /// The same, with settings of the satellite.
    pub(crate) async fn alone_with(settings: &[(&'static str, String)]) -> Self {
        let place = Place { satellite_settings: settings.to_vec(), ..Place::default() };
        Self { world: World::start_in(place).await, over_tcp: None, jump: None, line: None }
    }

    /// Everything on loopback, with the second zone or without.
    pub(crate) async fn near(over_tcp: bool) -> Self {
        let mut servers = Self::alone().await;
        servers.add_jump(Ipv4Addr::LOCALHOST, Vec::new()).await;
        if over_tcp {
            servers.add_zone_over_tcp(Place::default()).await;
        }
        servers
    }

    /// Everything but the hub at the far end of the line.
    pub(crate) async fn far(line: WanLine) -> Self {
        Self::far_with(line, &[]).await
    }

    /// The same, with settings of the satellites.
    pub(crate) async fn far_with(line: WanLine, settings: &[(&'static str, String)]) -> Self {
        let place = Place {
            tunnel_host: line.hub_address.to_string(),
            site_prefix: line.prefix(),
            satellite_settings: settings.to_vec(),
            ..Place::default()
        };
        let world = World::start_in(place.clone()).await;
        let (address, prefix) = (line.site_address, line.prefix());
        let mut servers = Self { world, over_tcp: None, jump: None, line: Some(line) };
        servers.add_jump(address, prefix).await;
        servers.add_zone_over_tcp(place).await;
        servers
    }

    async fn add_jump(&mut self, address: Ipv4Addr, prefix: Vec<String>) {
        let folder = self.world.folder.path().join("jump");
        self.jump = Some(Target::start_at(&folder, address, prefix).await);
    }

    async fn add_zone_over_tcp(&mut self, place: Place) {
        let mut place = place;
        place.satellite_settings.push(("OPENPAM_TRANSPORT", "tcp".to_owned()));
        let state = self.world.folder.path().join("satellite-tcp");
        self.over_tcp = Some(Zone::start(&self.world.admin, "plant-8", state, &place).await);
    }

    /// Fails unless each tunnel stands over what its column says.
    pub(crate) async fn check_transports(&self) -> anyhow::Result<()> {
        let rows = self.world.admin.get("/api/v1/admin/satellites").await;
        let zones = [(&self.world.zone_id, "quic")].into_iter();
        for (zone_id, due) in zones.chain(self.over_tcp.iter().map(|zone| (&zone.id, "tcp"))) {
            let mut items = rows.get("items").and_then(Value::as_array).into_iter().flatten();
            let word = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
            let row = items.find(|row| word(row, "zone_id").as_ref() == Some(zone_id));
            let transport = row.and_then(|row| word(row, "transport")).unwrap_or_default();
            ensure!(transport == due, "a tunnel that shall stand over {due} stands over {transport:?}");
        }
        Ok(())
    }

    /// Ends everything in order.
    pub(crate) async fn stop(self) {
        if let Some(mut zone) = self.over_tcp {
            zone.satellite.stop().await;
        }
        if let Some(mut jump) = self.jump {
            jump.stop().await;
        }
        self.world.stop().await;
    }
}
