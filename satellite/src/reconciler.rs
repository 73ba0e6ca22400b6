//! Holds every running session against the policy: when another one counts, when the line to the hub is lost or back, and
//! every few seconds.
//!
//! Idempotent and without input: a session that may go on is told until when, one that may not is ended. Between two rounds
//! each session counts its own ends down on the monotonic clock.

use std::time::Duration;

use openpam_policy::Moment;
use openpam_proto::end::Hop;

use crate::host::Host;
use crate::policy::{Held, ends_by};
use crate::session::command::{Command, Subject};
use crate::session::limits::Until;

/// Without a nudge it runs this often.
const PERIOD: Duration = Duration::from_secs(5);
/// A session that had no room for what it was told is told again.
const AGAIN: Duration = Duration::from_millis(100);

/// Runs until the program stops.
pub async fn run(host: Host) {
    let mut policy = host.policies().watch();
    let mut line = host.board().watch();
    loop {
        let held = policy.borrow_and_update().clone();
        line.borrow_and_update();
        let told = held.is_none_or(|held| reconcile(&host, &held));
        tokio::select! {
            changed = policy.changed() => if changed.is_err() { return },
            changed = line.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(if told { PERIOD } else { AGAIN }) => {}
        }
    }
}

/// Whether every session was told.
fn reconcile(host: &Host, held: &Held) -> bool {
    let moment = host.moment();
    let mut told = true;
    for (subject, commands) in host.by_policy() {
        told &= commands.try_send(judge(host, held, &subject, moment)).is_ok();
    }
    told
}

fn judge(host: &Host, held: &Held, subject: &Subject, moment: Moment) -> Command {
    let (decided, basis) = held.decide(subject.user_id, subject.target_id, moment);
    match decided {
        Ok(authorization) => Command::Allow(Until::of(&authorization, host.clock()), basis),
        Err(denial) => {
            let (code, message) = ends_by(denial);
            Command::End { code, message: message.to_owned(), hop: Hop::Site, basis: Some(basis) }
        }
    }
}
