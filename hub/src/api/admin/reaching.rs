//! Whether a target can be reached and who it is: a test of the way to it, and the host key that it shows.

use axum::Json;
use axum::extract::State;
use openpam_ids::{CredentialId, TargetId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::targets::{Target, one};
use crate::api::input::{self, Body, Id};
use crate::api::problem::Problem;
use crate::app::{AppState, Hub};
use crate::auth::{Admin, Caller};
use crate::relay::test;
use crate::store::host_keys;

/// What to test.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestRequest {
    /// With this credential; else with the oldest that is enabled.
    #[schema(value_type = Option<Uuid>)]
    credential_id: Option<CredentialId>,
}

/// What came of a test.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestResult {
    /// Whether the target let the account in.
    ok: bool,
    /// The account that was tried.
    username: Option<String>,
    /// The steps that were done, in order.
    steps: Vec<TestStep>,
    /// Why it went no further: a code of the wire contract.
    code: Option<String>,
    /// Where: `hub`, `site` or `target`.
    hop: Option<String>,
    /// What happened and what to do.
    message: Option<String>,
}

/// A step that was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestStep {
    /// `credential`, `site` or `target`.
    name: String,
    /// Since the begin.
    elapsed_ms: u64,
}

/// A host key to decide about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyDecision {
    /// As it was shown, `SHA256:…`: refused if the target showed yet another one meanwhile.
    fingerprint: String,
}

/// Try a target without opening a session: its site reaches it, compares its host key and signs in. A failure is an answer
/// too, with the hop where it failed.
#[utoipa::path(post, path = "/api/v1/admin/targets/{id}/test", operation_id = "test_target", tag = "targets", params(("id" = Uuid, Path)),
    request_body = TestRequest,
    responses((status = OK, body = TestResult), (status = NOT_FOUND, body = Problem)))]
pub async fn test(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<TargetId>,
    Body(wanted): Body<TestRequest>,
) -> Result<Json<TestResult>, Problem> {
    let target = one(&hub, id).await?;
    let tested = test::test(&hub, &admin, id, wanted.credential_id).await?;
    let result = TestResult {
        ok: tested.failed.is_none(),
        username: tested.username,
        steps: tested
            .steps
            .into_iter()
            .map(|(name, elapsed_ms)| TestStep { name: name.to_string(), elapsed_ms })
            .collect(),
        code: tested.failed.as_ref().map(|closed| closed.code.to_string()),
        hop: tested.failed.as_ref().map(|closed| closed.hop.to_string()),
        message: tested.failed.map(|closed| closed.message),
    };
    let mut tx = hub.pool.begin().await?;
    let detail = json!({ "id": id, "name": target.name(), "username": result.username, "ok": result.ok, "code": result.code });
    admin.record(&hub, &mut tx, "target.tested", detail).await?;
    tx.commit().await?;
    Ok(Json(result))
}

/// Accept the other host key that a target showed: it is the only known one from now on.
#[utoipa::path(post, path = "/api/v1/admin/targets/{id}/host-key/accept", operation_id = "accept_host_key", tag = "targets", params(("id" = Uuid, Path)),
    request_body = KeyDecision,
    responses((status = OK, body = Target), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
pub async fn accept(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<TargetId>,
    Body(decision): Body<KeyDecision>,
) -> Result<Json<Target>, Problem> {
    decide(&hub, &admin, id, &decision, Word::Accept).await
}

/// Refuse the other host key that a target showed. The known ones stay; it is told again when it is shown again.
#[utoipa::path(post, path = "/api/v1/admin/targets/{id}/host-key/refuse", operation_id = "refuse_host_key", tag = "targets", params(("id" = Uuid, Path)),
    request_body = KeyDecision,
    responses((status = OK, body = Target), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
pub async fn refuse(
    State(hub): State<AppState>,
    Admin(admin): Admin,
    Id(id): Id<TargetId>,
    Body(decision): Body<KeyDecision>,
) -> Result<Json<Target>, Problem> {
    decide(&hub, &admin, id, &decision, Word::Refuse).await
}

/// What an admin says of another host key.
#[derive(Clone, Copy)]
enum Word {
    Accept,
    Refuse,
}

async fn decide(
    hub: &Hub,
    admin: &Caller,
    id: TargetId,
    decision: &KeyDecision,
    word: Word,
) -> Result<Json<Target>, Problem> {
    let fingerprint = input::fingerprint(&decision.fingerprint)?;
    let target = one(hub, id).await?;
    let mut tx = hub.pool.begin().await?;
    let (kind, detail) = match word {
        Word::Accept => {
            let before = host_keys::accept(&mut tx, id, fingerprint).await?;
            let before = before.ok_or_else(|| Problem::changed_meanwhile("host key"))?;
            let detail =
                json!({ "id": id, "name": target.name(), "accepted": fingerprint, "before": before });
            ("target.host_key_accepted", detail)
        }
        Word::Refuse if host_keys::refuse(&mut tx, id, fingerprint).await? => {
            let detail = json!({ "id": id, "name": target.name(), "refused": fingerprint });
            ("target.host_key_refused", detail)
        }
        Word::Refuse => return Err(Problem::changed_meanwhile("host key")),
    };
    admin.record(hub, &mut tx, kind, detail).await?;
    tx.commit().await?;
    Ok(Json(one(hub, id).await?))
}
