//! A person's and a target's page: what may be opened by whom, and everything that names them.

use serde_json::{Value, json};

use crate::harness::world::{Who, World};

async fn get(world: &World, path: &str) -> Value {
    let auditor = world.cookie(Who::Auditor).await.expect("signed in");
    let answer = world.test.get(path, &auditor).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn change(world: &World, method: &str, path: &str, body: &Value) -> Value {
    let admin = world.cookie(Who::Admin).await;
    let answer =
        world.test.call(method, &format!("/api/v1/admin/{path}"), admin.as_deref(), Some(body)).await;
    assert!(answer.status.is_success(), "{answer:?}");
    if answer.text.is_empty() { Value::Null } else { answer.json() }
}

#[tokio::test]
async fn who_may_open_what_is_the_same_from_both_sides_and_as_the_policy_decides() {
    let world = World::new().await;
    let session = world.some_session().await;
    change(&world, "PUT", &format!("groups/{}/members/{}", world.group, world.stranger), &json!({})).await;
    change(&world, "PUT", &format!("groups/{}/members/{}", world.group, world.user), &json!({})).await;
    let grant =
        change(&world, "POST", "grants", &json!({ "group_id": world.group, "target_id": world.target }))
            .await;

    let user = get(&world, &format!("/api/v1/audit/users/{}", world.user)).await;
    let right = json!([{ "id": world.target, "name": "press", "zone": "plant-7", "directly": true, "groups": ["fitters"], "in_windows": false }]);
    assert_eq!((&user["may_open"], &user["more"]), (&right, &json!(false)));
    assert_eq!((&user["groups"], &user["sessions"]["total"]), (&json!(["fitters"]), &json!(1)));
    let stranger = get(&world, &format!("/api/v1/audit/users/{}", world.stranger)).await;
    assert_eq!(stranger["may_open"][0]["directly"], json!(false));
    let target = get(&world, &format!("/api/v1/audit/targets/{}", world.target)).await;
    let names: Vec<_> =
        target["opened_by"].as_array().expect("a list").iter().map(|row| &row["name"]).collect();
    assert_eq!(names, [&json!("stranger"), &json!("user")]);
    assert_eq!((&target["accounts"], &target["sessions"]["active"]), (&json!(["root"]), &json!(1)));

    // A right that holds in windows alone is told as such.
    let schedule = json!({ "start_time": "2026-03-02T08:00:00Z", "end_time": "2026-03-02T16:00:00Z" });
    let id = grant["id"].as_str().expect("an id");
    change(&world, "PATCH", &format!("grants/{id}"), &json!({ "schedule": schedule })).await;
    let of = async |user: &dyn std::fmt::Display| {
        get(&world, &format!("/api/v1/audit/users/{user}")).await["may_open"][0]["in_windows"].clone()
    };
    assert_eq!((of(&world.user).await, of(&world.stranger).await), (json!(false), json!(true)));

    // What the policy would refuse stands in neither.
    change(&world, "PATCH", &format!("users/{}", world.stranger), &json!({ "enabled": false })).await;
    let stranger = get(&world, &format!("/api/v1/audit/users/{}", world.stranger)).await;
    assert_eq!((&stranger["may_open"], &stranger["enabled"]), (&json!([]), &json!(false)));
    let target = get(&world, &format!("/api/v1/audit/targets/{}", world.target)).await;
    assert_eq!(target["opened_by"].as_array().map(Vec::len), Some(1));
    change(&world, "PATCH", &format!("zones/{}", world.zone), &json!({ "enabled": false })).await;
    let target = get(&world, &format!("/api/v1/audit/targets/{}", world.target)).await;
    assert_eq!((&target["opened_by"], &target["enabled"]), (&json!([]), &json!(false)));

    // Everything that names them, and only that.
    let kinds = async |about: &dyn std::fmt::Display| {
        let list = get(&world, &format!("/api/v1/audit/events?about={about}")).await;
        let rows = list["items"].as_array().expect("a list").clone();
        rows.into_iter().map(|row| row["kind"].as_str().expect("a kind").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&world.stranger).await, ["user.changed", "group.member_added"]);
    assert_eq!(kinds(&world.target).await, ["grant.created"]);
    assert_eq!(kinds(&world.zone).await, ["zone.changed"]);
    assert_eq!(kinds(&grant["id"].as_str().expect("an id")).await, ["grant.changed", "grant.created"]);
    assert_eq!(kinds(&world.admin).await.len(), 6);
    assert_eq!(kinds(&session).await, Vec::<String>::new());

    let of_zone = async |zone: &dyn std::fmt::Display| {
        get(&world, &format!("/api/v1/audit?zone_id={zone}")).await["items"].as_array().map(Vec::len)
    };
    assert_eq!(of_zone(&world.zone).await, Some(1));
    assert_eq!(of_zone(&world.user).await, Some(0));
}
