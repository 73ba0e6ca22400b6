//! One's own account: where one is signed in, and one's password.

use axum::http::StatusCode;
use openpam_hub::changes::Change;
use serde_json::{Value, json};

use crate::harness::world::{Who, World};
use crate::harness::{Answer, PASSWORD};

const NEW: &str = "another long password";

async fn me(world: &World, cookie: &str) -> StatusCode {
    world.test.get("/api/v1/auth/me", cookie).await.status
}

async fn sign_ins(world: &World, cookie: &str) -> Vec<Value> {
    let list = world.test.get("/api/v1/auth/sign-ins", cookie).await.json();
    list["items"].as_array().expect("items").clone()
}

async fn change(world: &World, cookie: &str, current: &str, new: &str) -> Answer {
    let body = json!({ "current": current, "new": new });
    world.test.call("PUT", "/api/v1/auth/password", Some(cookie), Some(&body)).await
}

#[tokio::test]
async fn one_sees_ones_sign_ins_and_ends_one_or_all() {
    let world = World::new().await;
    let here = world.cookie(Who::User).await.expect("signed in");
    let there = world.cookie(Who::User).await.expect("signed in");
    let elsewhere = world.cookie(Who::User).await.expect("signed in");
    let others = world.cookie(Who::Stranger).await.expect("signed in");
    let list = sign_ins(&world, &there).await;
    let current: Vec<_> = list.iter().map(|row| row["current"] == true).collect();
    assert_eq!(current, [false, true, false], "newest first");
    assert_eq!((&list[0]["client_ip"], &list[0]["user_agent"]), (&json!("127.0.0.1"), &json!("a test")));

    let mut changes = world.test.hub.changes.listen();
    let newest = format!("/api/v1/auth/sign-ins/{}", list[0]["id"].as_str().expect("an id"));
    let ended = world.test.call("DELETE", &newest, Some(&here), None).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert!(matches!(changes.recv().await, Ok(Change::SignedOut(_))));
    assert_eq!(me(&world, &elsewhere).await, StatusCode::UNAUTHORIZED);
    assert_eq!(world.test.call("DELETE", &newest, Some(&here), None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(sign_ins(&world, &here).await.len(), 2);

    let all = world.test.call("DELETE", "/api/v1/auth/sign-ins", Some(&here), None).await;
    assert_eq!(all.status, StatusCode::NO_CONTENT);
    assert!(all.headers["set-cookie"].to_str().is_ok_and(|cookie| cookie.contains("Max-Age=0")), "{all:?}");
    for ended in [&here, &there] {
        assert_eq!(me(&world, ended).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(me(&world, &others).await, StatusCode::OK);
}

#[tokio::test]
async fn a_new_password_takes_the_current_one_and_signs_the_other_browsers_out() {
    let world = World::new().await;
    let here = world.cookie(Who::User).await.expect("signed in");
    let there = world.cookie(Who::User).await.expect("signed in");
    for (current, new, field) in [(PASSWORD, "short", "new"), ("not the current one", NEW, "current")] {
        let refused = change(&world, &here, current, new).await;
        assert_eq!(
            (refused.status, refused.json()["field"].as_str()),
            (StatusCode::BAD_REQUEST, Some(field))
        );
    }
    assert_eq!(me(&world, &there).await, StatusCode::OK);
    assert_eq!(change(&world, &here, PASSWORD, NEW).await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        (me(&world, &here).await, me(&world, &there).await),
        (StatusCode::OK, StatusCode::UNAUTHORIZED)
    );
    assert_eq!(change(&world, &here, NEW, PASSWORD).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn guessing_the_current_password_is_slowed_down_as_signing_in_is() {
    let world = World::new().await;
    let here = world.cookie(Who::User).await.expect("signed in");
    for _ in 0..10 {
        assert_eq!(change(&world, &here, "not the current one", NEW).await.status, StatusCode::BAD_REQUEST);
    }
    let refused = change(&world, &here, PASSWORD, NEW).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "too_many_attempts")
    );
}

#[tokio::test]
async fn a_directory_keeps_its_passwords() {
    let world = World::new().await;
    let here = world.cookie(Who::User).await.expect("signed in");
    sqlx::query("UPDATE users SET entra_id = 'directory:1', password_hash = NULL WHERE id = $1")
        .bind(world.user.uuid())
        .execute(&world.test.hub.pool)
        .await
        .expect("a directory's account");
    let refused = change(&world, &here, PASSWORD, NEW).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "wrong_state"));
    let admin = world.cookie(Who::Admin).await;
    let path = format!("/api/v1/admin/users/{}", world.user);
    let reset = json!({ "password": NEW });
    let refused = world.test.call("PATCH", &path, admin.as_deref(), Some(&reset)).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "wrong_state"));
    assert_eq!(world.test.get("/api/v1/auth/me", &here).await.json()["has_password"], false);
}
