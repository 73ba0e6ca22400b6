//! Sign-in: throttling, cookies, sign-out, disabled users, other origins.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use openpam_hub::changes::Change;
use openpam_hub::store::{sign_ins, users};
use openpam_policy::Role;
use serde_json::json;

use crate::harness::world::{Who, World};
use crate::harness::{Answer, PASSWORD, TestHub};

async fn login(test: &TestHub, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password });
    test.call("POST", "/api/v1/auth/login", None, Some(&body)).await
}

#[tokio::test]
async fn a_right_password_signs_in_whatever_the_case_of_the_name() {
    let test = TestHub::start().await;
    test.user("ann", Role::User).await;
    let answer = login(&test, " Ann ", PASSWORD).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let me = test.get("/api/v1/auth/me", &answer.cookie()).await.json();
    assert_eq!((me["username"].as_str(), me["role"].as_str()), (Some("ann"), Some("user")));
    assert!(me["last_login_at"].as_str().is_some_and(|at| at.ends_with('Z')));
}

#[tokio::test]
async fn wrong_name_wrong_password_and_disabled_account_look_the_same() {
    let test = TestHub::start().await;
    let ann = test.user("ann", Role::User).await;
    let wrong = login(&test, "ann", "wrong horse battery").await;
    let unknown = login(&test, "eve", PASSWORD).await;
    let mut db = test.hub.pool.acquire().await.expect("a connection");
    let mut account = users::hold(&mut db, ann).await.expect("the books").expect("ann").fields;
    account.enabled = false;
    users::change(&mut db, ann, &account).await.expect("disables");
    drop(db);
    let disabled = login(&test, "ann", PASSWORD).await;
    assert_eq!(wrong.code(), "bad_credentials");
    for other in [unknown, disabled] {
        assert_eq!((other.status, other.text), (wrong.status, wrong.text.clone()));
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_and_says_when_to_come_back() {
    let test = TestHub::start().await;
    test.user("ann", Role::User).await;
    for _ in 0..10 {
        assert_eq!(login(&test, "ann", "wrong horse battery").await.status, 401);
    }
    let refused = login(&test, "ann", PASSWORD).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "too_many_attempts"));
    let seconds: u64 = refused.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=900).contains(&seconds));
}

#[tokio::test]
async fn signing_out_kills_the_cookie_and_tells_the_relay() {
    let world = World::new().await;
    let mut changes = world.test.hub.changes.listen();
    let cookie = world.cookie(Who::User).await.expect("signed in");
    let answer = world.test.call("POST", "/api/v1/auth/logout", Some(&cookie), None).await;
    assert_eq!(answer.status, 204);
    assert!(answer.headers["set-cookie"].to_str().expect("text").contains("Max-Age=0"));
    assert_eq!(world.test.get("/api/v1/auth/me", &cookie).await.status, 401);
    assert!(matches!(changes.try_recv(), Ok(Change::SignedOut(_))));
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once_and_cannot_be_oneself() {
    let world = World::new().await;
    let mut changes = world.test.hub.changes.listen();
    let user = world.cookie(Who::User).await.expect("signed in");
    let admin = world.cookie(Who::Admin).await;
    let switch = |id: openpam_ids::UserId| {
        let (path, admin, test) = (format!("/api/v1/admin/users/{id}"), admin.clone(), &world.test);
        async move { test.call("PATCH", &path, admin.as_deref(), Some(&json!({ "enabled": false }))).await }
    };
    assert_eq!(switch(world.user).await.status, 200);
    assert_eq!(world.test.get("/api/v1/auth/me", &user).await.status, 401);
    assert_eq!(changes.try_recv(), Ok(Change::UserDisabled(world.user)));
    assert_eq!(switch(world.admin).await.code(), "own_account");
}

#[tokio::test]
async fn an_idle_or_old_sign_in_is_over() {
    let test = TestHub::start().await;
    let ann = test.user("ann", Role::User).await;
    for column in ["last_used_at", "expires_at"] {
        let cookie = test.signed_in(ann).await;
        assert_eq!(test.get("/api/v1/auth/me", &cookie).await.status, 200);
        let age = format!("UPDATE sign_in_sessions SET {column} = NOW() - INTERVAL '31 minutes'");
        sqlx::query(sqlx::AssertSqlSafe(age)).execute(&test.hub.pool).await.expect("ages");
        assert_eq!(test.get("/api/v1/auth/me", &cookie).await.status, 401, "{column}");
    }
    assert_eq!(sign_ins::forget_old(&test.hub.pool).await.expect("tidies"), 0);
}

#[tokio::test]
async fn another_pages_request_is_refused_although_the_cookie_is_right() {
    let world = World::new().await;
    let cookie = world.cookie(Who::Admin).await.expect("signed in");
    let request = |method: &str, origin: &str| {
        let mut request = Request::builder().method(method).uri("/api/v1/auth/me");
        if method == "POST" {
            request = request.uri("/api/v1/auth/logout");
        }
        request = request.header("host", "localhost:8080").header("cookie", &cookie).header("origin", origin);
        request.body(Body::empty()).expect("a request")
    };
    let refused = world.test.send(request("POST", "http://evil.example")).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "wrong_origin"));
    assert_eq!(world.test.send(request("GET", "http://evil.example")).await.status, 200);
    assert_eq!(world.test.send(request("POST", "http://localhost:8080")).await.status, 204);
}

#[tokio::test]
async fn a_websocket_from_another_page_is_refused() {
    let world = World::new().await;
    let cookie = world.cookie(Who::User).await.expect("signed in");
    let request = Request::builder()
        .uri(format!("/api/ws/connect/ssh/{}", world.target))
        .header("host", "localhost:8080")
        .header("cookie", cookie)
        .header("upgrade", "websocket")
        .header("origin", "http://evil.example");
    let answer = world.test.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "wrong_origin"));
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_cookie_is_secure_and_the_clients_address_is_kept() {
    let mut test = TestHub::with("listen = \"0.0.0.0:8080\"\ntrusted_proxies = [\"10.0.0.1\"]").await;
    test.user("ann", Role::User).await;
    let login = |forwarded: bool| {
        let mut request = Request::post("/api/v1/auth/login").header("content-type", "application/json");
        if forwarded {
            request = request.header("x-forwarded-for", "198.51.100.7").header("x-forwarded-proto", "https");
        }
        let body = json!({ "username": "ann", "password": PASSWORD }).to_string();
        request.body(Body::from(body)).expect("a request")
    };
    test.peer = SocketAddr::from(([10, 0, 0, 1], 1));
    let answer = test.send(login(true)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let set = answer.headers["set-cookie"].to_str().expect("text");
    assert!(set.starts_with("__Host-openpam_session=") && set.contains("; Secure"), "{set}");
    let ip: String = sqlx::query_scalar("SELECT client_ip FROM sign_in_sessions")
        .fetch_one(&test.hub.pool)
        .await
        .expect("one sign-in");
    assert_eq!(ip, "198.51.100.7");
    test.peer = SocketAddr::from(([192, 0, 2, 1], 1));
    assert_eq!(test.send(login(true)).await.status, 403, "plain HTTP from elsewhere is refused");
}

#[tokio::test]
async fn many_sign_ins_at_once_wait_their_turn() {
    let test = TestHub::start().await;
    test.user("ann", Role::User).await;
    let all = futures::future::join_all((0..8).map(|_| login(&test, "ann", PASSWORD)));
    let answers = tokio::time::timeout(Duration::from_secs(30), all).await.expect("in time");
    assert!(answers.iter().all(|answer| answer.status == 200));
}
