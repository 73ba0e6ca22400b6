//! Groups of users.

use openpam_ids::{GroupId, UserId};
use sqlx::{PgConnection, PgPool};

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
}

/// One group.
///
/// # Errors
/// [`StoreError`].
pub async fn find(pool: &PgPool, id: GroupId) -> Result<Option<Group>, StoreError> {
    Ok(select(pool, Some(id), Page { limit: 1, after: None }).await?.pop())
}

/// All groups, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &PgPool, page: Page) -> Result<Vec<Group>, StoreError> {
    select(pool, None, page).await
}

async fn select(pool: &PgPool, only: Option<GroupId>, page: Page) -> Result<Vec<Group>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT g.id, g.name, g.description, g.created_at AS "created_at: Time",
                  ARRAY(SELECT m.user_id FROM group_members m WHERE m.group_id = g.id ORDER BY m.user_id) AS "members!"
             FROM groups g
            WHERE ($1::uuid IS NULL OR g.id = $1) AND ($2::uuid IS NULL OR g.id < $2)
            ORDER BY g.id DESC LIMIT $3"#,
        only.map(GroupId::uuid),
        page.after,
        page.rows(),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Group {
            id: row.id.into(),
            name: row.name,
            description: row.description,
            members: row.members.into_iter().map(Into::into).collect(),
            created_at: row.created_at,
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

/// Puts a user into a group; they may be in it already.
///
/// # Errors
/// [`StoreError::Dangling`] without the group or the user.
pub async fn add_member(db: &mut PgConnection, group: GroupId, user: UserId) -> Result<(), StoreError> {
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
