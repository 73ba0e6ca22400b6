//! The REST API under `/api/v1`: thin handlers that extract, call and answer, and their OpenAPI document.

pub mod account;
pub mod admin;
pub mod audit;
pub mod auth;
mod document;
pub mod events;
pub mod export;
pub mod health;
pub mod input;
pub mod outages;
pub mod page;
pub mod problem;
pub mod profiles;
pub mod recordings;
pub mod schedules;
pub mod sessions;
pub mod targets;
pub mod terms;
pub mod traces;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

#[derive(OpenApi)]
#[openapi(info(
    title = "OpenPAM hub",
    description = "Sign in at /api/v1/auth/login; the cookie it sets carries everything else. \
                   Errors are problem documents (RFC 9457) with a stable `code`."
))]
struct Document;

/// All routes of the API, and their OpenAPI document.
pub fn routes() -> (Router<AppState>, utoipa::openapi::OpenApi) {
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(auth::login))
        .routes(routes!(auth::me))
        .routes(routes!(auth::logout))
        .routes(routes!(account::list, account::end_all))
        .routes(routes!(account::end))
        .routes(routes!(account::change_password))
        .routes(routes!(targets::list))
        .routes(routes!(targets::read))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::read, sessions::end))
        .routes(routes!(recordings::list))
        .routes(routes!(recordings::text))
        .routes(routes!(recordings::cast))
        .routes(routes!(recordings::guac))
        .routes(routes!(audit::list))
        .routes(routes!(events::list))
        .routes(routes!(profiles::person))
        .routes(routes!(profiles::target))
        .routes(routes!(export::sessions))
        .routes(routes!(export::events))
        .routes(routes!(outages::list))
        .routes(routes!(outages::read))
        .routes(routes!(schedules::access::list, schedules::access::create))
        .routes(routes!(schedules::access::active))
        .routes(routes!(schedules::calendar::windows))
        .routes(routes!(schedules::when::validate))
        .routes(routes!(schedules::access::read, schedules::access::change, schedules::access::cancel))
        .routes(routes!(traces::tell))
        .routes(routes!(openapi))
        .merge(admin::routes())
        .split_for_parts();
    let router = router.route("/health", get(health::health)).route("/ready", get(health::ready));
    (router, document)
}

/// The OpenAPI document as JSON.
#[must_use]
pub fn document() -> String {
    let (_, mut document) = routes();
    document::complete(&mut document);
    document.to_pretty_json().unwrap_or_default()
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "openapi", responses((status = OK, body = serde_json::Value)))]
async fn openapi(State(hub): State<AppState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], hub.openapi.clone())
}
