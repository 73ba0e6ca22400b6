//! Groups of users.

use openpam_ids::{GroupId, UserId};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor};

use super::change::{Held, Named, must_stand};
use super::{Page, StoreError};
use crate::time::Time;

/// A group and who is in it.
#[derive(Clone, Debug)]
pub struct Group {
    /// Which.
    pub id: GroupId,
    /// Its name, unique.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Who is in it.
    pub members: Vec<UserId>,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed; members come and go without that.
    pub updated_at: Time,
    /// Its changes so far.
    pub version: i64,
}

/// What of a group can be changed.
#[derive(Clone, Debug, Serialize)]
pub struct Fields {
    /// Its name.
    pub name: String,
    /// For people.
    pub description: Option<String>,
}

/// One group.
///
/// # Errors
/// [`StoreError`].
pub async fn find(db: impl PgExecutor<'_>, id: GroupId) -> Result<Option<Group>, StoreError> {
    Ok(select(db, Some(id), Page { limit: 1, after: None }).await?.pop())
}

/// All groups, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(db: impl PgExecutor<'_>, page: Page) -> Result<Vec<Group>, StoreError> {
    select(db, None, page).await
}

async fn select(
    db: impl PgExecutor<'_>,
    only: Option<GroupId>,
    page: Page,
) -> Result<Vec<Group>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT g.id, g.name, g.description, g.created_at AS "created_at: Time",
                  g.updated_at AS "updated_at: Time", g.version,
                  ARRAY(SELECT m.user_id FROM group_members m WHERE m.group_id = g.id ORDER BY m.user_id) AS "members!"
             FROM groups g
            WHERE ($1::uuid IS NULL OR g.id = $1) AND ($2::uuid IS NULL OR g.id < $2)
            ORDER BY g.id DESC LIMIT $3"#,
        only.map(GroupId::uuid),
        page.after,
        page.rows(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Group {
            id: row.id.into(),
            name: row.name,
            description: row.description,
            members: row.members.into_iter().map(Into::into).collect(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
        .collect())
}

/// Makes a group.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the name is taken.
pub async fn create(
    db: &mut PgConnection,
    name: &str,
    description: Option<&str>,
) -> Result<GroupId, StoreError> {
    let id = GroupId::generate();
    sqlx::query!(
        "INSERT INTO groups (id, name, description) VALUES ($1, $2, $3)",
        id.uuid(),
        name,
        description,
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// Holds a group for a change; `None`: there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(db: &mut PgConnection, id: GroupId) -> Result<Option<Held<Fields>>, StoreError> {
    let row =
        sqlx::query!("SELECT version, name, description FROM groups WHERE id = $1 FOR UPDATE", id.uuid())
            .fetch_optional(db)
            .await?;
    Ok(row.map(|row| Held {
        version: row.version,
        fields: Fields { name: row.name, description: row.description },
    }))
}

/// Changes a group that is held.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the name is taken.
pub async fn change(db: &mut PgConnection, id: GroupId, fields: &Fields) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE groups SET name = $2, description = $3, version = version + 1, updated_at = NOW() WHERE id = $1",
        id.uuid(),
        fields.name,
        fields.description,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes a group that is held, with its grants and memberships. No table of the books names it; the chain of events
/// has its name.
///
/// # Errors
/// [`StoreError`].
pub async fn delete(db: &mut PgConnection, id: GroupId) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM groups WHERE id = $1", id.uuid()).execute(db).await?;
    Ok(())
}

/// Puts a user into a group; they may be in it already.
///
/// # Errors
/// [`StoreError::Dangling`] without the group or the user.
pub async fn add_member(db: &mut PgConnection, group: GroupId, user: UserId) -> Result<(), StoreError> {
    must_stand(db, Named::User(user)).await?;
    sqlx::query!(
        "INSERT INTO group_members (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        group.uuid(),
        user.uuid(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes a user out of a group; `false`: they were not in it.
///
/// # Errors
/// [`StoreError`].
pub async fn remove_member(db: &mut PgConnection, group: GroupId, user: UserId) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "DELETE FROM group_members WHERE group_id = $1 AND user_id = $2",
        group.uuid(),
        user.uuid(),
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}
