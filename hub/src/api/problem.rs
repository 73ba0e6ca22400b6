//! Every error of the API in words: RFC 9457 problem documents with a stable `code`. Internals stay inside.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::error;
use utoipa::ToSchema;

use crate::auth::password::PasswordError;
use crate::auth::sign_in::SignInError;
use crate::auth::throttle::TooMany;
use crate::secrets::SecretError;
use crate::sites::EndError;
use crate::store::StoreError;

/// An error, as the client reads it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code says more than a link would.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// HTTP status.
    status: u16,
    /// What happened and what to do.
    detail: String,
    /// Stable, for programs.
    code: &'static str,
    /// Which field of the request, for `invalid_request` and what it names that is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code,
            field: None,
            retry_after: None,
        }
    }

    /// What happened and what to do.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// 400: the request itself is wrong.
    #[must_use]
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
    }

    /// 400: one field of the request is wrong.
    #[must_use]
    pub fn invalid_field(field: &str, detail: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::invalid(detail) }
    }

    /// 401.
    #[must_use]
    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "sign in first")
    }

    /// 403: signed in, but not as somebody who may.
    #[must_use]
    pub fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 403: another site's page sent it.
    #[must_use]
    pub fn other_origin() -> Self {
        Self::new(StatusCode::FORBIDDEN, "wrong_origin", "this request came from a page of another origin")
    }

    /// 404: not there, or not the caller's to know.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    /// 410: it was there, and its time is over.
    #[must_use]
    pub fn deleted_recording() -> Self {
        let detail = "this recording was deleted: its zone kept it as long as it keeps recordings";
        Self::new(StatusCode::GONE, "recording_deleted", detail)
    }

    /// 405.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path does not know that method")
    }

    /// 409: it is there already.
    #[must_use]
    pub fn already_exists(what: &str) -> Self {
        Self::new(StatusCode::CONFLICT, "already_exists", what)
    }

    /// It is not in a state in which this can be done.
    #[must_use]
    pub fn wrong_state(detail: &str) -> Self {
        Self::new(StatusCode::CONFLICT, "wrong_state", detail)
    }

    /// 409: somebody else changed it after the caller looked.
    #[must_use]
    pub fn changed_meanwhile(what: &str) -> Self {
        let detail = format!("somebody changed this {what} meanwhile; look at it again, then change it");
        Self::new(StatusCode::CONFLICT, "changed_meanwhile", detail)
    }

    /// 409: one's own account.
    #[must_use]
    pub fn own_account() -> Self {
        let detail = "an admin cannot disable or delete their own account, nor give up their role";
        Self::new(StatusCode::CONFLICT, "own_account", detail)
    }

    /// 409: no password of this account is known here.
    #[must_use]
    pub fn password_elsewhere() -> Self {
        Self::wrong_state("this account's password is kept by its directory")
    }

    /// 409: nobody could administer any more.
    #[must_use]
    pub fn last_admin() -> Self {
        Self::new(StatusCode::CONFLICT, "last_admin", "this is the last enabled admin")
    }

    /// 413.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "a request body has at most 64 KiB")
    }

    /// 422: the request names something that does not exist.
    #[must_use]
    pub fn unknown(code: &'static str, what: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, format!("there is no such {what}"))
    }

    fn at(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }

    /// 426: the path speaks WebSocket only.
    #[must_use]
    pub fn upgrade_required() -> Self {
        Self::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", "this path speaks WebSocket only")
    }

    /// 429.
    #[must_use]
    pub fn too_many_attempts(wait: TooMany) -> Self {
        let seconds = wait.retry_after.as_secs().max(1);
        let detail = format!("too many attempts; try again in {} minutes", seconds.div_ceil(60));
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", detail);
        Self { retry_after: Some(seconds), ..problem }
    }

    /// 500. What happened is in the log.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the hub failed; its log says why")
    }

    /// 503 with its own code.
    #[must_use]
    pub fn unavailable(code: &'static str, detail: &str) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail);
        Self { retry_after: Some(1), ..problem }
    }

    /// Whether it will do better in a moment.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        self.status == 503
    }

    /// Logs what happened and says nothing of it.
    pub fn hidden(cause: &(dyn std::error::Error + 'static)) -> Self {
        let mut chain = cause.to_string();
        let mut source = cause.source();
        while let Some(inner) = source {
            chain.push_str(": ");
            chain.push_str(&inner.to_string());
            source = inner.source();
        }
        error!(error = chain, "request failed");
        Self::internal()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::AlreadyExists { constraint } => Self::already_exists(match constraint.as_str() {
                "zones_name_key" => "a zone of that name is there already",
                "targets_zone_id_name_key" => "the zone has a target of that name already",
                "credentials_target_id_username_key" => {
                    "the target has a credential for that account already"
                }
                "users_username_key" => "a user of that name is there already",
                "users_email_key" => "a user with that mail address is there already",
                "groups_name_key" => "a group of that name is there already",
                "grants_unique" => "that grant stands already",
                _ => "it is there already",
            }),
            StoreError::Dangling { constraint } => {
                let names = |part| constraint.ends_with(part);
                if names("zone_id_fkey") {
                    Self::unknown("unknown_zone", "zone").at("zone_id")
                } else if names("target_id_fkey") {
                    Self::unknown("unknown_target", "target").at("target_id")
                } else if names("group_id_fkey") {
                    Self::unknown("unknown_group", "group").at("group_id")
                } else if names("user_id_fkey") {
                    Self::unknown("unknown_user", "user").at("user_id")
                } else {
                    Self::unknown("unknown_reference", "thing")
                }
            }
            StoreError::Unavailable(_) => {
                Self::hidden(&error);
                Self::unavailable("database_unavailable", "the database does not answer; try again soon")
            }
            StoreError::Database(_) => Self::hidden(&error),
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<SecretError> for Problem {
    fn from(error: SecretError) -> Self {
        Self::hidden(&error)
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::unavailable("busy", "too many sign-ins at once; try again soon"),
            PasswordError::Failed => Self::hidden(&error),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::BadCredentials => {
                Self::new(StatusCode::UNAUTHORIZED, "bad_credentials", "wrong user name or password")
            }
            SignInError::TooMany(wait) => Self::too_many_attempts(wait),
            SignInError::Password(error) => error.into(),
            SignInError::NoRandomness(error) => Self::hidden(&error),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<EndError> for Problem {
    fn from(error: EndError) -> Self {
        match error {
            EndError::Offline => Self::unavailable(
                "zone_offline",
                "the site is offline; the session ends there by itself when its grace time is over",
            ),
            EndError::NoAnswer => {
                Self::unavailable("site_no_answer", "the site does not answer; try again soon")
            }
            EndError::Unknown => Self::new(
                StatusCode::CONFLICT,
                "session_gone",
                "the site does not have that session any more",
            ),
        }
    }
}
