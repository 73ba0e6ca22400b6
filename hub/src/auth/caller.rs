//! Who is calling, as handlers take it: [`Caller`] (anybody signed in), [`Reader`] (auditor or admin), [`Admin`].

use std::net::IpAddr;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use openpam_ids::{SessionId, UserId};
use openpam_policy::Role;
use serde_json::Value;
use sqlx::PgConnection;

use super::SignInId;
use crate::api::problem::Problem;
use crate::app::Hub;
use crate::store::{StoreError, events};

/// Somebody signed in. The gate has put it into the request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub user_id: UserId,
    /// Their user name.
    pub username: String,
    /// What they may do in the console.
    pub role: Role,
    /// By which sign-in.
    pub sign_in_id: SignInId,
    /// From where.
    pub client_ip: IpAddr,
}

/// An admin.
#[derive(Clone, Debug)]
pub struct Admin(pub Caller);

/// An admin or an auditor.
#[derive(Clone, Debug)]
pub struct Reader(pub Caller);

impl Caller {
    /// Whose rows this caller may see: everybody's (`None`), or their own.
    #[must_use]
    pub fn sees_only(&self) -> Option<UserId> {
        (!self.role.reads_all()).then_some(self.user_id)
    }

    /// Appends to the hub's chain of events what this caller did, in the transaction in which it is done.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record(
        &self,
        hub: &Hub,
        db: &mut PgConnection,
        kind: &str,
        detail: Value,
    ) -> Result<(), StoreError> {
        self.tell(hub, db, None, kind, detail).await
    }

    /// As [`Self::record`], about a session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_of(
        &self,
        hub: &Hub,
        db: &mut PgConnection,
        session: SessionId,
        kind: &str,
        detail: Value,
    ) -> Result<(), StoreError> {
        self.tell(hub, db, Some(session), kind, detail).await
    }

    async fn tell(
        &self,
        hub: &Hub,
        db: &mut PgConnection,
        session_id: Option<SessionId>,
        kind: &str,
        detail: Value,
    ) -> Result<(), StoreError> {
        let client_ip = Some(self.client_ip.to_string());
        let fact = events::Fact { kind, user_id: Some(self.user_id), session_id, client_ip, detail };
        events::record(db, hub.id, fact).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::not_signed_in)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = <Caller as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        if caller.role == Role::Admin {
            return Ok(Self(caller));
        }
        Err(Problem::forbidden("only an admin may do this"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = <Caller as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        if caller.role.reads_all() {
            return Ok(Self(caller));
        }
        Err(Problem::forbidden("only an admin or an auditor may see this"))
    }
}
