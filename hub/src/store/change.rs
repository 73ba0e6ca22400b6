//! Changing and deleting rows: held while it is decided, told apart by version, retired where the books name them.

use openpam_ids::{GroupId, TargetId, UserId, ZoneId};
use sqlx::PgConnection;

use super::StoreError;

/// A row that nobody else changes or deletes until the transaction is over.
#[derive(Clone, Debug)]
pub struct Held<T> {
    /// Its changes so far, from 1 on.
    pub version: i64,
    /// What of it can be changed.
    pub fields: T,
}

/// How a row was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// Nothing named it: it is gone.
    Removed,
    /// The books name it: it is disabled, hidden and kept.
    Retired,
}

/// What a new row names: it must stand until the new row does.
#[derive(Clone, Copy, Debug)]
pub enum Named {
    /// A zone.
    Zone(ZoneId),
    /// A target.
    Target(TargetId),
    /// A user.
    User(UserId),
    /// A group.
    Group(GroupId),
}

/// Sees to it that what is named is not deleted, nor retired, before the transaction is over.
///
/// # Errors
/// [`StoreError::Dangling`] if it is not there, or retired.
pub async fn must_stand(db: &mut PgConnection, named: Named) -> Result<(), StoreError> {
    let (found, constraint) = match named {
        Named::Zone(id) => {
            let zone = sqlx::query_scalar!(
                "SELECT id FROM zones WHERE id = $1 AND retired_at IS NULL FOR KEY SHARE",
                id.uuid()
            );
            (zone.fetch_optional(db).await?, "zone_id_fkey")
        }
        Named::Target(id) => {
            let target = sqlx::query_scalar!(
                "SELECT id FROM targets WHERE id = $1 AND retired_at IS NULL FOR KEY SHARE",
                id.uuid()
            );
            (target.fetch_optional(db).await?, "target_id_fkey")
        }
        Named::User(id) => {
            let user = sqlx::query_scalar!(
                "SELECT id FROM users WHERE id = $1 AND retired_at IS NULL FOR KEY SHARE",
                id.uuid()
            );
            (user.fetch_optional(db).await?, "user_id_fkey")
        }
        Named::Group(id) => {
            let group = sqlx::query_scalar!("SELECT id FROM groups WHERE id = $1 FOR KEY SHARE", id.uuid());
            (group.fetch_optional(db).await?, "group_id_fkey")
        }
    };
    match found {
        Some(_) => Ok(()),
        None => Err(StoreError::Dangling { constraint: constraint.to_owned() }),
    }
}
