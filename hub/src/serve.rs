//! `openpam-hub serve`: starts the parts in order, waits for SIGINT or SIGTERM, stops them in reverse order.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use openpam_link::listener::{Listener, TunnelPort};
use openpam_link::traces::page::PageTraces;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::app::{AppState, Hub, router};
use crate::auth::Peer;
use crate::books;
use crate::bus;
use crate::changes;
use crate::commands;
use crate::config::Config;
use crate::instance::Instance;
use crate::instances;
use crate::kept;
use crate::keys::Keys;
use crate::leader;
use crate::mesh;
use crate::metrics;
use crate::outages;
use crate::own_zones;
use crate::policy;
use crate::postgres::Managed;
use crate::recordings::{index, retention};
use crate::schedules;
use crate::secrets::SecretStore;
use crate::store::{self, installation, leases, sign_ins};
use crate::web_listener::WebListener;
use crate::witness;

/// Open requests get this long to finish.
const DRAIN_PATIENCE: Duration = Duration::from_secs(5);
/// Satellites are told that the hub goes; this long.
const TUNNEL_PATIENCE: Duration = Duration::from_secs(1);
const WATCH_DATABASE_EVERY: Duration = Duration::from_millis(500);
const TIDY_EVERY: Duration = Duration::from_secs(3600);
const REREAD_KEYS_EVERY: Duration = Duration::from_secs(5);
const RENEW_IDENTITY_EVERY: Duration = Duration::from_secs(24 * 3600);

/// Runs the hub until it is told to stop.
///
/// # Errors
/// What kept it from starting, in one chain.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let instance = Instance::claim(&config.data_dir)?;
    books::ensure_restored(&config)?;
    let (pool, managed) = open_books(&config).await?;
    let (keys, secrets) = open_secrets(&config, &pool).await?;
    let installation = installation::read(&pool).await?;
    let hub = Hub::new(instance.id(), installation, config, keys, pool, secrets)?;

    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let web = WebListener::bind(&hub.config, &hub.keys).await?;
    let address = web.address();
    tasks.spawn(serve_web(web, hub.clone(), stop.clone()));
    serve_metrics(&mut tasks, &hub, stop.clone()).await?;
    tasks.spawn(tidy(hub.clone(), stop.clone()));
    tasks.spawn(witness::run(hub.clone(), stop.clone()));
    tasks.spawn(policy::issue::run(hub.clone(), stop.clone()));
    tasks.spawn(outages::run(hub.clone(), stop.clone()));
    tasks.spawn(leader::run(hub.clone(), stop.clone()));
    tasks.spawn(index::run(hub.recordings.clone(), hub.leader.clone(), stop.clone()));
    tasks.spawn(retention::run(hub.clone(), stop.clone()));
    tasks.spawn(schedules::run(hub.clone(), stop.clone()));
    tasks.spawn(commands::run(hub.clone(), stop.clone()));
    tasks.spawn(changes::run(hub.clone(), stop.clone()));
    instances::look(&hub).await?;
    let tunnels = listen_for_tunnels(&hub).await?;
    tasks.spawn(instances::run(hub.clone(), stop.clone()));
    tasks.spawn(renew_identity(hub.clone(), tunnels.clone(), stop.clone()));
    tasks.spawn(own_zones::run(hub.clone(), stop.clone()));
    let database = managed.map(|managed| tokio::spawn(watch_database(managed, stop.clone())));
    let bus = tokio::spawn(bus::keep::run(hub.clone(), stop.clone()));

    say_ready(&hub, address)?;
    tokio::select! {
        _ = terminate.recv() => info!("SIGTERM: stopping"),
        _ = interrupt.recv() => info!("SIGINT: stopping"),
    }
    stop.cancel();
    tunnels.close(TUNNEL_PATIENCE).await;
    let drained = timeout(DRAIN_PATIENCE, async { while tasks.join_next().await.is_some() {} }).await.is_ok();
    if !drained {
        warn!("open connections were cut off");
        tasks.shutdown().await;
    }
    if bus.await.is_err() {
        warn!("the bus was not kept to the end");
    }
    hub.pool.close().await;
    flush_traces(hub.clone()).await;
    if let Some(database) = database
        && let Ok(managed) = database.await
        && managed.stop().await
    {
        warn!("PostgreSQL had to be stopped by force");
    }
    drop(instance);
    info!("stopped");
    Ok(())
}

/// Opens the tunnel port and serves whoever arrives there.
async fn listen_for_tunnels(hub: &AppState) -> anyhow::Result<TunnelPort> {
    let identity = hub.keys.nodes.authority().issue_hub(hub.id, SystemTime::now())?;
    let options = hub.config.tunnel_options();
    let listener = Listener::bind(hub.config.tunnel_listen, &identity, &hub.keys.reset, options).await?;
    let port = listener.port();
    // Both end with the process: they hold nothing that is not in the books.
    tokio::spawn(mesh::run(hub.clone(), listener));
    tokio::spawn(mesh::enforce::run(hub.clone()));
    tokio::spawn(mesh::elsewhere::run(hub.clone()));
    tokio::spawn(kept::report(hub.clone()));
    hub.tunnel_listening.store(true, Ordering::Relaxed);
    Ok(port)
}

/// A hub that runs for months shows a certificate that is days old, and one of a new intermediate soon after it was
/// rotated.
async fn renew_identity(hub: AppState, port: TunnelPort, stop: CancellationToken) {
    let nodes = &hub.keys.nodes;
    let mut due = Instant::now() + renew_after(&hub);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(REREAD_KEYS_EVERY) => {}
        }
        match nodes.reread() {
            Ok(true) => {
                info!(key_id = nodes.authority().key_id(), "the authority's intermediate was rotated")
            }
            Ok(false) if Instant::now() < due => continue,
            Ok(false) => {}
            Err(error) => {
                warn!(%error, "the rotated authority could not be read");
                continue;
            }
        }
        let renewed = nodes.authority().issue_hub(hub.id, SystemTime::now()).map_err(anyhow::Error::from);
        match renewed.and_then(|identity| Ok(port.renew(&identity)?)) {
            Ok(()) => due = Instant::now() + renew_after(&hub),
            Err(error) => warn!(%error, "the hub's certificate could not be renewed"),
        }
    }
}

/// A quarter of a certificate's life, at most a day.
fn renew_after(hub: &Hub) -> Duration {
    (hub.config.certificate_lifetime / 4).min(RENEW_IDENTITY_EVERY)
}

/// Pages' last spans go out, which takes two seconds at most.
async fn flush_traces(hub: AppState) {
    let flush = spawn_blocking(move || hub.page_traces.as_ref().map(PageTraces::flush));
    if flush.await.is_err() {
        warn!("the last spans of pages were not told");
    }
}

/// The configured database, or the managed one; brought up to date.
async fn open_books(config: &Config) -> anyhow::Result<(PgPool, Option<Managed>)> {
    let (ways, managed) = match books::existing(config)? {
        Some(ways) => (ways, None),
        None => {
            let managed = books::manage(config).await?;
            (managed.ways(), Some(managed))
        }
    };
    ways.migrate().await.context("bringing the database schema up to date")?;
    let pool = store::connect(ways.hub).await.context("connecting to the database")?;
    Ok((pool, managed))
}

/// Opens keys and secrets; where there are none they are made, by one hub of those that start together.
async fn open_secrets(config: &Config, pool: &PgPool) -> anyhow::Result<(Keys, SecretStore)> {
    let _turn =
        leases::writer_of_secrets(pool).await.context("waiting for another hub that writes secrets")?;
    let secrets = SecretStore::open_sealed(&config.secrets_dir)?;
    let keys = Keys::open(&config.secrets_dir, config.certificate_lifetime)?;
    Ok((keys, secrets.shared_by(pool.clone())))
}

fn say_ready(hub: &Hub, address: std::net::SocketAddr) -> std::io::Result<()> {
    let scheme = if hub.config.speaks_https() { "https" } else { "http" };
    let line = format!("openpam-hub ready on {scheme}://{address}\n");
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.flush()
}

async fn serve_web(listener: WebListener, hub: AppState, stop: CancellationToken) {
    let service = router(hub).into_make_service_with_connect_info::<Peer>();
    if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await {
        warn!(%error, "the web listener ended");
    }
}

async fn serve_metrics(
    tasks: &mut JoinSet<()>,
    hub: &AppState,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let address = hub.config.metrics_listen;
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let service = metrics::router(hub.clone());
    tasks.spawn(async move {
        if let Err(error) =
            axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await
        {
            warn!(%error, "the metrics listener ended");
        }
    });
    Ok(())
}

/// Forgets what is of no use any more.
async fn tidy(hub: AppState, stop: CancellationToken) {
    let mut tick = interval(TIDY_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {
                if let Err(error) = sign_ins::forget_old(&hub.pool).await {
                    warn!(%error, "old sign-ins could not be forgotten");
                }
            }
        }
    }
}

/// Keeps the managed PostgreSQL running until the hub stops; gives it back for stopping.
async fn watch_database(mut managed: Managed, stop: CancellationToken) -> Managed {
    let mut tick = interval(WATCH_DATABASE_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return managed,
            _ = tick.tick() => {
                if let Err(error) = managed.keep_running().await {
                    warn!(%error, "PostgreSQL could not be started again");
                }
            }
        }
    }
}
