//! What the hub's tests stand on: a throw-away PostgreSQL, a hub over a database of its own, and callers of it.

pub(crate) mod cluster;
pub(crate) mod world;

use std::net::SocketAddr;
use std::sync::OnceLock;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use openpam_hub::app::{AppState, Hub, router};
use openpam_hub::auth::cookie::Token;
use openpam_hub::auth::{Peer, password};
use openpam_hub::config::Config;
use openpam_hub::keys::Keys;
use openpam_hub::secrets::{Secret, SecretStore};
use openpam_hub::store::ways::Ways;
use openpam_hub::store::{installation, sign_ins, users};
use openpam_hub::time::Time;
use openpam_ids::{HubId, UserId};
use openpam_policy::Role;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A hub in this process, without listeners.
pub(crate) struct TestHub {
    pub(crate) hub: AppState,
    router: Router,
    /// The roles of its database.
    pub(crate) ways: Ways,
    /// Data and secrets.
    pub(crate) dir: TempDir,
    /// Where requests come from.
    pub(crate) peer: SocketAddr,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().expect("a problem has a code").to_owned()
    }

    /// The cookie that was set, as a browser would send it.
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers[header::SET_COOKIE].to_str().expect("text");
        set.split(';').next().expect("a pair").to_owned()
    }
}

impl TestHub {
    pub(crate) async fn start() -> Self {
        Self::with("").await
    }

    /// With these lines of configuration.
    pub(crate) async fn with(config: &str) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let dir = tempfile::tempdir().expect("a folder");
        let config =
            Config::from_parts(config, &|_| None, Some(dir.path().join("data"))).expect("a configuration");
        let (pool, ways) = cluster::database().await;
        let secrets = SecretStore::open_sealed(&config.secrets_dir).expect("a sealed store");
        let keys = Keys::open(&config.secrets_dir, config.certificate_lifetime).expect("keys");
        let installation = installation::read(&pool).await.expect("an installation");
        let hub = Hub::new(HubId::generate(), installation, config, keys, pool, secrets).expect("a hub");
        let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
        Self { router: router(hub.clone()), hub, ways, dir, peer }
    }

    pub(crate) async fn user(&self, username: &str, role: Role) -> UserId {
        let new = users::NewUser {
            username: username.to_owned(),
            email: None,
            display_name: None,
            role,
            password_hash: Some(password_hash()),
        };
        let mut db = self.hub.pool.acquire().await.expect("a connection");
        users::create(&mut db, &new).await.expect("a user")
    }

    /// A fresh sign-in, past the password.
    pub(crate) async fn signed_in(&self, user: UserId) -> String {
        let token = Token::generate().expect("random");
        let expires_at = Time::now().after(self.hub.config.sign_in_lifetime);
        let browser = sign_ins::Browser { client_ip: "127.0.0.1", user_agent: Some("a test") };
        let mut db = self.hub.pool.acquire().await.expect("a connection");
        sign_ins::create(&mut db, user, &token.hash(), expires_at, browser).await.expect("signed in");
        let set = token.set_cookie(false);
        set.to_str().expect("text").split(';').next().expect("a pair").to_owned()
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        cookie: Option<&str>,
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080");
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).expect("a request")).await
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.call(Method::GET.as_str(), path, Some(cookie), None).await
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(Peer(self.peer)));
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 16 * 1024 * 1024).await.expect("a body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }
}

/// Hashing takes its time: once per process.
fn password_hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| password::hash_now(&Secret::new(PASSWORD.to_owned())).expect("hashes")).clone()
}
