//! People with a grant on one target.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::system::api::Api;
use crate::system::shell::{Progress, Shell};
use crate::system::{PASSWORD, World, id};

pub(crate) struct Person {
    pub(crate) api: Api,
    pub(crate) id: String,
    pub(crate) grant: String,
}

impl Person {
    /// Somebody new, with a grant on these terms.
    pub(crate) async fn new(world: &World, name: &str, terms: Value) -> Self {
        let row = json!({"username": name, "password": PASSWORD, "role": "user"});
        let user = id(&world.admin.create("users", row).await);
        let mut grant = json!({"user_id": user, "target_id": world.target_id});
        grant.as_object_mut().expect("an object").extend(terms.as_object().expect("an object").clone());
        let grant = id(&world.admin.create("grants", grant).await);
        Self { api: Api::sign_in(&world.hub.url(), name, PASSWORD).await, id: user, grant }
    }

    /// A shell of theirs, or the close that came instead.
    pub(crate) async fn open(&self, world: &World) -> Result<Shell, Value> {
        let path = format!("/api/ws/connect/ssh/{}?cols=80&rows=24", world.target_id);
        Shell::attach(&self.api, &path, Progress::default()).await
    }

    /// Another grant than before.
    pub(crate) async fn change_grant(&self, world: &World, change: Value) {
        patch(world, &format!("grants/{}", self.grant), change).await;
    }
}

/// Changes something as the admin.
pub(crate) async fn patch(world: &World, path: &str, change: Value) {
    let changed = world.admin.request("PATCH", &format!("/api/v1/admin/{path}"), Some(&change)).await;
    assert!(changed.status().is_success(), "{}", changed.text().await.expect("text"));
}

/// A schedule that began an hour ago and ends so many seconds from now.
pub(crate) fn ends_in(seconds: i64) -> Value {
    let now = Timestamp::now();
    let at = |seconds| now.checked_add(SignedDuration::from_secs(seconds)).expect("in range");
    json!({"schedule": {"start_time": at(-3600), "end_time": at(seconds)}})
}

pub(crate) fn session(shell: &Shell) -> String {
    shell.progress.session_id.clone().expect("an id")
}
