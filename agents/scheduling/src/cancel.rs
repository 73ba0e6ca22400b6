//! Taking schedules back: the rows are kept, and open nothing any more.

use openpam_ids::{ScheduleId, TargetId, UserId};
use sqlx::{Error, PgConnection};

/// Takes a schedule back; `false`: it was already, or there is none.
///
/// # Errors
/// If the books do not answer.
pub async fn cancel(db: &mut PgConnection, id: ScheduleId) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE schedules SET status = 'cancelled', next_change = NULL, version = version + 1, updated_at = NOW()
          WHERE id = $1 AND status <> 'cancelled'",
        id.uuid(),
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}

/// Takes back every schedule of a user, whose account is retired.
///
/// # Errors
/// If the books do not answer.
pub async fn cancel_all_of(db: &mut PgConnection, user: UserId) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE schedules SET status = 'cancelled', next_change = NULL, version = version + 1, updated_at = NOW()
          WHERE user_id = $1 AND status <> 'cancelled'",
        user.uuid(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes back every schedule on a target, which is retired.
///
/// # Errors
/// If the books do not answer.
pub async fn cancel_all_on(db: &mut PgConnection, target: TargetId) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE schedules SET status = 'cancelled', next_change = NULL, version = version + 1, updated_at = NOW()
          WHERE target_id = $1 AND status <> 'cancelled'",
        target.uuid(),
    )
    .execute(db)
    .await?;
    Ok(())
}
