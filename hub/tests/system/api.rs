//! The REST API as a signed-in person uses it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde_json::{Value, json};

/// Somebody signed in.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) url: String,
    pub(crate) cookie: String,
    /// The page that its WebSockets claim to come from; the hub itself if not said.
    pub(crate) origin: Option<String>,
    pub(crate) client: reqwest::Client,
    /// How WebSockets get there, where not straight to the hub.
    pub(crate) way: Option<Way>,
}

/// The way through a web server in front of the hub.
#[derive(Clone)]
pub(crate) struct Way {
    /// The person's address.
    pub(crate) from: Ipv4Addr,
    /// Where the web server listens.
    pub(crate) to: SocketAddr,
    pub(crate) tls: Arc<rustls::ClientConfig>,
    /// Headers with which the person lies.
    pub(crate) claims: &'static [(&'static str, &'static str)],
}

impl Api {
    /// Signs in; fails the test if that does not work.
    pub(crate) async fn sign_in(url: &str, user: &str, password: &str) -> Self {
        Self::sign_in_with(reqwest::Client::new(), url, user, password).await
    }

    /// The same with a client of one's own.
    pub(crate) async fn sign_in_with(client: reqwest::Client, url: &str, user: &str, password: &str) -> Self {
        let answer = client
            .post(format!("{url}/api/v1/auth/login"))
            .json(&json!({"username": user, "password": password}))
            .send()
            .await
            .expect("answers");
        assert!(answer.status().is_success(), "sign-in of {user}: {}", answer.status());
        let cookie = answer.headers()["set-cookie"].to_str().expect("text");
        let cookie = cookie.split(';').next().expect("a cookie").to_owned();
        Self { url: url.to_owned(), cookie, origin: None, client, way: None }
    }

    pub(crate) async fn request(&self, method: &str, path: &str, body: Option<&Value>) -> reqwest::Response {
        let method = method.parse().expect("a method");
        let mut request =
            self.client.request(method, format!("{}{path}", self.url)).header("cookie", &self.cookie);
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.expect("answers")
    }

    pub(crate) async fn try_get(&self, path: &str) -> Option<Value> {
        let request = self.client.get(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        let answer = request.send().await.ok().filter(|answer| answer.status().is_success())?;
        answer.json().await.ok()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.request("GET", path, None).await;
        assert!(answer.status().is_success(), "GET {path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        let answer = self.request("GET", path, None).await;
        assert!(answer.status().is_success(), "GET {path}: {}", answer.status());
        answer.text().await.expect("text")
    }

    /// Makes an admin resource.
    pub(crate) async fn create(&self, resource: &str, body: Value) -> Value {
        let path = format!("/api/v1/admin/{resource}");
        let answer = self.request("POST", &path, Some(&body)).await;
        let status = answer.status();
        let row: Value = answer.json().await.expect("JSON");
        assert_eq!(status.as_u16(), 201, "POST {path}: {row}");
        row
    }
}
