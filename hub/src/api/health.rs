//! `/health`: the process answers. `/ready`: it can do its work.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::problem::Problem;
use crate::app::AppState;
use crate::store;

/// Always 200.
pub async fn health() -> impl IntoResponse {
    Json(json!({ "status": "ok" }))
}

/// 200 when the database answers and the tunnel listener stands, else 503.
pub async fn ready(State(hub): State<AppState>) -> Response {
    if store::ping(&hub.pool).await.is_err() {
        return Problem::unavailable("database_unavailable", "the database does not answer").into_response();
    }
    if !hub.tunnel_listening.load(Ordering::Acquire) {
        return Problem::unavailable("tunnels_unavailable", "the tunnel listener does not stand")
            .into_response();
    }
    Json(json!({ "status": "ready" })).into_response()
}
