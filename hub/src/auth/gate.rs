//! The gate before everything under `/api/`: nobody passes but to sign in and to read the OpenAPI document.
//!
//! It stands before routing, so that a new route is closed without anybody thinking of it, and before the body.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{Caller, Seen, cookie, origin};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::relay;
use crate::store::sign_ins;
use crate::time::Time;

/// What nobody may reach: method and path.
pub const OPEN: [(&str, &str); 2] = [("POST", "/api/v1/auth/login"), ("GET", "/api/v1/openapi.json")];

/// The middleware.
pub async fn gate(State(hub): State<AppState>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/api/") {
        return next.run(request).await;
    }
    let open = OPEN.iter().any(|(method, open)| request.method().as_str() == *method && path == *open);
    let Some(seen) = request.extensions().get::<Seen>().copied() else {
        return Problem::internal().into_response();
    };
    if !open {
        let token = cookie::token_hash(request.headers(), seen.https);
        match recognize(&hub, token, seen).await {
            Ok(caller) => drop(request.extensions_mut().insert(caller)),
            // A browser cannot read what a refused upgrade says: the relay says it, and nothing else.
            Err(problem) if problem.is_unavailable() && path.starts_with(relay::PATH) => {}
            Err(problem) => return problem.into_response(),
        }
    }
    if !origin::is_own_page(request.method(), request.headers(), seen.https) {
        return Problem::other_origin().into_response();
    }
    next.run(request).await
}

async fn recognize(hub: &Hub, token: Option<[u8; 32]>, seen: Seen) -> Result<Caller, Problem> {
    let token = token.ok_or_else(Problem::not_signed_in)?;
    let sign_in = sign_ins::find(&hub.pool, &token, hub.config.sign_in_idle).await?;
    let sign_in = sign_in.ok_or_else(Problem::not_signed_in)?;
    if sign_in.last_used_at.after(sign_ins::TOUCH_EVERY) < Time::now() {
        sign_ins::touch(&hub.pool, sign_in.id).await?;
    }
    Ok(Caller {
        user_id: sign_in.user_id,
        username: sign_in.username,
        role: sign_in.role,
        sign_in_id: sign_in.id,
        client_ip: seen.client_ip,
    })
}
