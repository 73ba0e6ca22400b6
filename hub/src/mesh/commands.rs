//! The commands of one satellite, as its tunnel carries them: each is sent once over a tunnel, both ways, and what its site says
//! of it goes into the books. What the books do not take is asked for again.

use std::collections::HashSet;

use openpam_ids::{CommandId, SatelliteId};
use openpam_proto::command::{Finding, MAX_FINDINGS, Order, Outcome, Progress, Withdraw};
use openpam_proto::control::ToSite;
use serde_json::{Value, json};

use crate::app::Hub;
use crate::commands::over;
use crate::store::kinds::CommandState;
use crate::store::{StoreError, commands};
use crate::text::plain;
use crate::time::Time;

/// Longest of what a site says in words.
const MAX_WORDS: usize = 500;
/// Longest name or code.
const MAX_NAME: usize = 60;

/// What was sent over one tunnel and is not over.
pub struct Orders<'a> {
    hub: &'a Hub,
    satellite: SatelliteId,
    /// The satellite knows commands.
    able: bool,
    sent: HashSet<CommandId>,
}

impl<'a> Orders<'a> {
    /// Of a tunnel over which nothing was sent yet.
    #[must_use]
    pub fn new(hub: &'a Hub, satellite: SatelliteId, able: bool) -> Self {
        Self { hub, satellite, able, sent: HashSet::new() }
    }

    /// What is to be said to the satellite now.
    pub async fn due(&mut self) -> Vec<ToSite> {
        if !self.able {
            return Vec::new();
        }
        match self.read().await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(satellite = %self.satellite, %error, "commands to a site could not be read; it is tried again");
                Vec::new()
            }
        }
    }

    async fn read(&mut self) -> Result<Vec<ToSite>, StoreError> {
        let unfinished = commands::unfinished(&self.hub.pool, self.satellite).await?;
        let wanted: HashSet<_> = unfinished.iter().map(|command| command.id).collect();
        let stopped = self.sent.difference(&wanted).copied();
        let mut due: Vec<_> = stopped.map(|command_id| ToSite::Withdraw(Withdraw { command_id })).collect();
        self.sent.retain(|id| wanted.contains(id));
        let now_ms = Time::now().as_ms();
        let mut new = Vec::new();
        for command in unfinished.iter().filter(|command| !self.sent.contains(&command.id)) {
            let left_ms =
                u64::try_from(command.expires_at.as_ms().saturating_sub(now_ms)).unwrap_or_default();
            if left_ms > 0 {
                new.push(command.id);
                due.push(ToSite::Order(Order {
                    command_id: command.id,
                    kind: command.kind.as_str().to_owned(),
                    left_ms,
                    session_id: command.session_id.map(Into::into),
                    message: Some(format!("ended by {}", command.user)),
                }));
            }
        }
        if unfinished.iter().any(|command| command.state == CommandState::Waiting) {
            commands::sent(&self.hub.pool, &new).await?;
        }
        self.sent.extend(new);
        Ok(due)
    }

    /// The satellite works on one.
    pub async fn progress(&self, progress: Progress) {
        let (percent, step) = (progress.percent.min(100).into(), plain(&progress.step, MAX_WORDS));
        let kept = commands::progress(&self.hub.pool, progress.command_id, self.satellite, percent, &step);
        if let Err(error) = kept.await {
            tracing::debug!(satellite = %self.satellite, %error, "the progress of a command was not kept");
        }
    }

    /// The satellite says that one is over.
    pub async fn outcome(&mut self, outcome: Outcome) {
        let id = outcome.command_id;
        // Whether it is kept now or asked for again, it is said anew if the books still have it as unfinished.
        self.sent.remove(&id);
        if let Err(error) = self.keep(outcome).await {
            tracing::warn!(satellite = %self.satellite, command = %id, %error, "what came of a command was not kept; it is asked for again");
        }
    }

    async fn keep(&self, outcome: Outcome) -> Result<(), StoreError> {
        let (id, satellite_id) = (outcome.command_id, self.satellite);
        let failed = outcome.failed.map(|code| plain(&code, MAX_NAME));
        let message = plain(&outcome.message, MAX_WORDS);
        let findings: Vec<_> = outcome.findings.into_iter().take(MAX_FINDINGS).map(shown).collect();
        let findings = Value::Array(findings);
        let mut tx = self.hub.pool.begin().await?;
        let kept = commands::Outcome {
            id,
            satellite_id,
            failed: failed.as_deref(),
            message: &message,
            findings: &findings,
        };
        if let Some((kind, ordered_by)) = commands::finish(&mut tx, kept).await? {
            let state = if failed.is_some() { "failed" } else { "done" };
            let detail = json!({
                "id": id, "satellite_id": satellite_id, "kind": kind, "ordered_by": ordered_by, "state": state,
                "code": failed, "message": message,
            });
            over(self.hub, &mut tx, id, detail).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn shown(finding: Finding) -> Value {
    let level = match finding.level.as_str() {
        level @ ("ok" | "warning") => level,
        _ => "failed",
    };
    json!({
        "check": plain(&finding.check, MAX_NAME),
        "level": level,
        "found": plain(&finding.found, MAX_WORDS),
        "advice": plain(&finding.advice, MAX_WORDS),
    })
}
