//! Light satellites: real identities and tunnels, no sessions, all in this process.

use openpam_link::ca;
use openpam_link::channel::Channel;
use openpam_link::dial::{DialOptions, Dialler, Hint};
use openpam_link::identity::NodeIdentity;
use openpam_link::lane::Lane;
use openpam_link::tls::system_clock;
use openpam_link::tunnel::Tunnel;
use openpam_proto::channel::{ChannelHeader, ControlHeader};
use openpam_proto::control::{Hello, ToHub, ToSite, Welcome};
use openpam_proto::lane::{Control, LaneHeader};
use openpam_proto::token::JoinToken;
use openpam_proto::version;
use serde_json::json;

use crate::system::api::Api;
use crate::system::{Place, id};

/// One light satellite.
pub(crate) struct Light {
    identity: NodeIdentity,
    dialler: Dialler,
    /// Its zone.
    pub(crate) zone_id: String,
}

/// A light satellite whose hub welcomed it.
pub(crate) struct Welcomed {
    pub(crate) tunnel: Tunnel,
    pub(crate) lane: Lane,
    pub(crate) control: Channel,
    pub(crate) welcome: Welcome,
}

/// A hub that lets many join at once.
pub(crate) fn place() -> Place {
    let hub_settings = vec![
        ("OPENPAM_JOINS_PER_MINUTE", "100000".to_owned()),
        ("OPENPAM_JOINS_PER_MINUTE_PER_ADDRESS", "100000".to_owned()),
    ];
    Place { hub_settings, ..Place::default() }
}

impl Light {
    /// Makes a zone and joins it.
    pub(crate) async fn join(admin: &Api, number: usize) -> Self {
        let zone_id = id(&admin.create("zones", json!({"name": format!("plant-{number}")})).await);
        let token = admin.create("tokens", json!({"zone_id": zone_id})).await;
        let token = JoinToken::decode(token["token"].as_str().expect("a token")).expect("decodes");
        let (key, csr) = ca::new_request().expect("requests");
        let dialler = Dialler::new(token.addresses.clone(), DialOptions::default(), system_clock());
        let joined = dialler.join(&token, csr, "0".to_owned(), format!("box-{number}")).await.expect("joins");
        let chain = joined.chain.iter().map(|cert| cert.to_vec().into()).collect();
        Self { identity: NodeIdentity::new(chain, joined.root.to_vec().into(), key), dialler, zone_id }
    }

    /// Dials the hub and introduces itself.
    pub(crate) async fn connect(&self) -> Option<Welcomed> {
        self.connect_with(None).await
    }

    /// With that key for the bus.
    pub(crate) async fn connect_with(&self, bus_key: Option<String>) -> Option<Welcomed> {
        let dialled = self.dialler.tunnel(&self.identity, Hint::default()).await.ok()?;
        let tunnel = dialled.tunnel;
        let lane = tunnel.open_lane(LaneHeader::Control(Control {})).await.ok()?;
        let mut control = lane.open_channel(&ChannelHeader::Control(ControlHeader {})).await.ok()?;
        let hello = Hello {
            minor: version::MINOR,
            version: "0".to_owned(),
            time_ms: 0,
            sessions: Vec::new(),
            transport_note: None,
            reach: None,
            countersigned: Vec::new(),
            policy: None,
            bus_key,
        };
        control.writer.send(&ToHub::Hello(hello)).await.ok()?;
        match control.reader.next_message().await {
            Ok(Some(ToSite::Welcome(welcome))) => Some(Welcomed { tunnel, lane, control, welcome }),
            _ => None,
        }
    }
}
