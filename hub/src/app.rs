//! The hub put together: what all parts share, and the router over it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use openpam_ids::HubId;
use openpam_link::traces::page::PageTraces;
use sqlx::PgPool;
use tokio::sync::Notify;
use tower_http::catch_panic::CatchPanicLayer;

use crate::api::problem::Problem;
use crate::api::{self, input};
use crate::auth::password::Passwords;
use crate::auth::throttle::Throttle;
use crate::auth::{gate, origin};
use crate::bus::keep::Bus;
use crate::changes::Changes;
use crate::config::Config;
use crate::instances::Instances;
use crate::keys::Keys;
use crate::leader::Leader;
use crate::mesh::join_limit::JoinLimit;
use crate::mesh::links::Links;
use crate::metrics::Metrics;
use crate::policy::Policies;
use crate::policy::offer::Offers;
use crate::recordings::Recordings;
use crate::secrets::SecretStore;
use crate::sites::Sites;
use crate::store::installation::{Installation, Restored};
use crate::{headers, relay, request_id, web_pages, witness};

/// What handlers share.
pub type AppState = Arc<Hub>;

/// One hub instance. Everything in it is a handle; what changes is owned elsewhere.
pub struct Hub {
    /// Which instance.
    pub id: HubId,
    /// Raised when the installation is restored from a backup.
    pub epoch: u64,
    /// The last restore.
    pub restored: Option<Restored>,
    /// As loaded at the start.
    pub config: Config,
    /// The certificate authority and the recording key.
    pub keys: Keys,
    /// The books.
    pub pool: PgPool,
    /// Where secrets live.
    pub secrets: SecretStore,
    /// The password checker.
    pub passwords: Passwords,
    /// The memory of failed sign-ins.
    pub throttle: Throttle,
    /// Tells the relay what has just changed.
    pub changes: Changes,
    /// The joins of the last minute.
    pub join_limit: JoinLimit,
    /// The connected sites.
    pub sites: Sites,
    /// The ways to the sites, for the relay.
    pub links: Links,
    /// How far the books are, as this instance has signed it last; for satellites to hold.
    pub countersigned: witness::Told,
    /// A site is back that was without its hub.
    pub outages: Notify,
    /// The newest policy of each zone.
    pub policies: Policies,
    /// Policies on their way to their sites.
    pub offers: Offers,
    /// The bus to sites and to whoever listens.
    pub bus: Bus,
    /// The recordings' content.
    pub recordings: Recordings,
    /// The hubs on these books.
    pub instances: Instances,
    /// Whether this one leads among them.
    pub leader: Leader,
    /// What the hub counts.
    pub metrics: Metrics,
    /// What pages measured, for the collector of traces, if one is named.
    pub page_traces: Option<PageTraces>,
    /// The OpenAPI document.
    pub openapi: String,
    /// Whether satellites can connect; set by the mesh, read by `/ready`.
    pub tunnel_listening: AtomicBool,
}

impl Hub {
    /// Puts a hub together.
    ///
    /// # Errors
    /// If the system gives no randomness, or the place of recordings cannot be had.
    pub fn new(
        id: HubId,
        installation: Installation,
        config: Config,
        keys: Keys,
        pool: PgPool,
        secrets: SecretStore,
    ) -> anyhow::Result<AppState> {
        Ok(Arc::new(Self {
            id,
            epoch: installation.epoch,
            restored: installation.restored,
            recordings: Recordings::new(&config, keys.recording.clone(), pool.clone())?,
            join_limit: JoinLimit::new(config.joins_per_minute),
            config,
            keys,
            pool,
            secrets,
            passwords: Passwords::new()?,
            throttle: Throttle::default(),
            changes: Changes::default(),
            sites: Sites::default(),
            links: Links::default(),
            countersigned: witness::Told::default(),
            outages: Notify::new(),
            policies: Policies::default(),
            offers: Offers::default(),
            bus: Bus::default(),
            instances: Instances::default(),
            leader: Leader::default(),
            metrics: Metrics::default(),
            page_traces: PageTraces::new(),
            openapi: api::document(),
            tunnel_listening: AtomicBool::new(false),
        }))
    }
}

/// Everything that is served on `listen`: the API behind the gate, and the pages.
pub fn router(hub: AppState) -> Router {
    Router::new()
        .merge(api::routes().0)
        .route("/api/ws/connect/{protocol}/{target_id}", get(relay::connect))
        .fallback(elsewhere)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(input::MAX_BODY_BYTES))
        .layer(from_fn_with_state(Arc::clone(&hub), gate::gate))
        .layer(from_fn(headers::secure))
        .layer(from_fn_with_state(Arc::clone(&hub), origin::see))
        .layer(CatchPanicLayer::custom(|_| Problem::internal().into_response()))
        .layer(from_fn_with_state(Arc::clone(&hub), request_id::number))
        .with_state(hub)
}

async fn elsewhere(State(_): State<AppState>, request: Request) -> Response {
    if request.uri().path().starts_with("/api/") {
        return Problem::not_found("path").into_response();
    }
    web_pages::answer(&request)
}
