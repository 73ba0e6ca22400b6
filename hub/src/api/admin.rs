//! What admins keep: `/api/v1/admin/*`. Every handler here takes an [`crate::auth::Admin`], but for those
//! of what auditors look at, too: they take a [`crate::auth::Reader`].

pub mod access;
pub mod access_alone;
pub mod bus;
pub(crate) mod change;
pub mod commands;
pub mod credentials;
pub mod endings;
pub mod grants;
pub mod groups;
pub mod reaching;
pub mod satellites;
pub mod targets;
pub mod tokens;
pub mod users;
pub mod zones;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(zones::list, zones::create))
        .routes(routes!(zones::read, zones::change, zones::delete))
        .routes(routes!(targets::list, targets::create))
        .routes(routes!(targets::read, targets::change, targets::delete))
        .routes(routes!(reaching::test))
        .routes(routes!(reaching::accept))
        .routes(routes!(reaching::refuse))
        .routes(routes!(credentials::list, credentials::create))
        .routes(routes!(credentials::read, credentials::change, credentials::delete))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::read, users::change, users::delete))
        .routes(routes!(endings::of_user))
        .routes(routes!(endings::in_zone))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::read, groups::change, groups::delete))
        .routes(routes!(groups::add_member, groups::remove_member))
        .routes(routes!(grants::list, grants::create))
        .routes(routes!(grants::read, grants::change, grants::delete))
        .routes(routes!(access::explain))
        .routes(routes!(access_alone::list))
        .routes(routes!(bus::read))
        .routes(routes!(satellites::list))
        .routes(routes!(satellites::read))
        .routes(routes!(satellites::revoke))
        .routes(routes!(satellites::release))
        .routes(routes!(satellites::readmit))
        .routes(routes!(commands::list))
        .routes(routes!(commands::create))
        .routes(routes!(commands::read, commands::withdraw))
        .routes(routes!(commands::output))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::read))
        .routes(routes!(tokens::revoke))
}
