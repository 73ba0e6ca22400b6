//! What the OpenAPI document says of every operation alike: how one signs in, and the problems that any of them may
//! answer with. Handlers name only what is their own.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response};

const SCHEME: &str = "sign_in";

/// Operations that anybody may call.
const PUBLIC: [&str; 2] = ["/api/v1/auth/login", "/api/v1/openapi.json"];
/// Paths of admins, and of admins and auditors.
const NOT_FOR_ALL: [&str; 2] = ["/api/v1/admin/", "/api/v1/audit"];

/// Completes the document.
pub(super) fn complete(document: &mut OpenApi) {
    let told = "Set by /api/v1/auth/login. Over HTTPS its name is __Host-openpam_session.";
    let cookie = ApiKeyValue::with_description("openpam_session", told);
    let components = document.components.get_or_insert_default();
    components
        .security_schemes
        .insert(SCHEME.to_owned(), SecurityScheme::ApiKey(ApiKey::Cookie(cookie)).into());
    for (path, item) in &mut document.paths.paths {
        for (reads, operation) in operations(item) {
            complete_operation(path, reads, operation);
        }
    }
}

/// Each operation, and whether it only reads.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    let changing = [put, post, delete, patch].into_iter().flatten().map(|operation| (false, operation));
    get.iter_mut().map(|operation| (true, operation)).chain(changing)
}

fn complete_operation(path: &str, reads: bool, operation: &mut Operation) {
    let is_public = PUBLIC.contains(&path);
    if !is_public {
        operation.security = Some(vec![SecurityRequirement::new(SCHEME, [""; 0])]);
    }
    let has_body = operation.request_body.is_some();
    let has_parameters = operation.parameters.as_ref().is_some_and(|all| !all.is_empty());
    let may_be_refused = !reads || NOT_FOR_ALL.iter().any(|start| path.starts_with(start));
    let common = [
        ("400", has_body || has_parameters, "The request itself is wrong; `field` says where"),
        ("401", !is_public, "Nobody signed in"),
        ("403", may_be_refused, "Not for this caller, or sent by a page of another origin"),
        ("404", path.contains('{'), "Not there, or not the caller's to know"),
        ("413", has_body, "The body has more than 64 KiB"),
        ("503", true, "The database does not answer; try again in a moment"),
    ];
    let responses = &mut operation.responses.responses;
    for (status, _, description) in common.into_iter().filter(|(_, applies, _)| *applies) {
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(Response::new(description)));
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let problem = Content::new(Some(Ref::from_schema_name("Problem")));
            response.content.clear();
            response.content.insert("application/problem+json".to_owned(), problem.into());
        }
    }
}
