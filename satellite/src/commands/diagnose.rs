//! `diagnose`: what `openpam-satellite doctor` finds, and what only the running program knows.

use openpam_ids::CommandId;
use openpam_link::check::{Level, Verdict, size, span};
use openpam_proto::command::Finding;

use super::work::Worker;
use super::{Failure, Success};
use crate::clock::Reading;
use crate::report;

/// About so many things are looked at.
const CHECKS: usize = 13;

pub(super) async fn run(worker: &Worker, id: CommandId) -> Result<Success, Failure> {
    let commands = worker.host.commands();
    let folder = worker.state.path();
    let joined = worker.state.membership().map_err(|error| Failure::new("state", error.to_string()))?;
    let mut looked_at = 0;
    let mut verdicts = running(worker).await;
    let told = |verdict: &Verdict| {
        looked_at += 1;
        let percent = (100 * looked_at / CHECKS).min(95);
        commands.progress(id, u8::try_from(percent).unwrap_or(95), verdict.check);
    };
    let host = &worker.host;
    let guacd = host.reach().lets_desktops().then(|| (host.guacd().wire(), host.drives()));
    verdicts.extend(report::doctor(folder, &joined, &worker.dial, guacd, told).await);
    let wrong = verdicts.iter().filter(|verdict| verdict.level != Level::Ok).count();
    let message = match wrong {
        0 => format!("{} checks, all is well", verdicts.len()),
        wrong => format!("{} checks, {wrong} to look at", verdicts.len()),
    };
    Ok(Success { message, findings: verdicts.into_iter().map(finding).collect() })
}

/// What the program itself knows.
async fn running(worker: &Worker) -> Vec<Verdict> {
    let host = &worker.host;
    let policy = match (host.policies().held(), host.policies().refused().borrow().as_ref()) {
        (_, Some((_, reason))) => {
            Verdict::failed("policy", "policy_refused", reason, "look at the hub's log")
        }
        (Some(held), _) => Verdict::ok("policy", format!("version {}", held.version().version)),
        (None, _) => {
            Verdict::failed("policy", "no_policy", "none: no session opens here", "it comes over the tunnel")
        }
    };
    let waiting = match host.store().backlog().await {
        Ok(waiting) => {
            let found =
                format!("{} audit events, {} of recordings", waiting.events, size(waiting.spool_bytes));
            match host.is_spool_full() {
                true => Verdict::failed(
                    "waiting",
                    "spool_full",
                    found,
                    "new sessions are refused until they went up",
                ),
                false => Verdict::ok("waiting", found),
            }
        }
        Err(error) => {
            Verdict::failed("waiting", "store", error.to_string(), "look at the disk of the state folder")
        }
    };
    let sessions = format!("{} of at most {}", host.len(), host.limits().sessions);
    let sessions = match host.is_draining() {
        true => {
            Verdict::warning("sessions", sessions, "new ones are refused: openpam-satellite drain --cancel")
        }
        false => Verdict::ok("sessions", sessions),
    };
    let clock = match host.clock().look() {
        Reading::Sound => Verdict::ok("clock", "runs on"),
        Reading::Unknown => {
            Verdict::warning("clock", "not known; the hub's time is used", "set it, and see to its battery")
        }
        Reading::Jumped { ahead_ms } => {
            let found = format!("it jumped ahead by {}", span(ahead_ms.unsigned_abs()));
            Verdict::warning("clock", found, "set it: timedatectl set-ntp true")
        }
    };
    vec![policy, waiting, sessions, clock]
}

fn finding(verdict: Verdict) -> Finding {
    let level = match verdict.level {
        Level::Ok => "ok",
        Level::Warning => "warning",
        Level::Failed => "failed",
    };
    Finding {
        check: verdict.check.to_owned(),
        level: level.to_owned(),
        found: verdict.found,
        advice: verdict.advice,
    }
}
