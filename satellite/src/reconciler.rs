//! Holds every running session against the policy: when another one counts, when the line to the hub is lost or back, and
//! every few seconds.
//!
//! Idempotent: a session that may go on is told until when, unless it knows; one that may not is ended. Between two rounds
//! each session counts its own ends down on the monotonic clock.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use openpam_ids::SessionId;
use openpam_proto::end::Hop;
use openpam_proto::event::Basis;

use crate::host::Host;
use crate::policy::{Held, ends_by};
use crate::session::command::Command;
use crate::session::limits::Until;

/// Without a nudge it runs this often: catches a session that opened while the policy changed.
const PERIOD: Duration = Duration::from_secs(5);
/// A session that had no room for what it was told is told again.
const AGAIN: Duration = Duration::from_millis(100);

/// What each session was told last.
type Told = HashMap<SessionId, (Ends, Basis)>;
/// Of its window, and of the time without the hub.
type Ends = (Option<Timestamp>, Option<Timestamp>);

/// Runs until the program stops.
pub async fn run(host: Host) {
    let mut policy = host.policies().watch();
    let mut line = host.board().watch();
    let mut told = Told::new();
    loop {
        let held = policy.borrow_and_update().clone();
        line.borrow_and_update();
        let done = held.is_none_or(|held| reconcile(&host, &held, &mut told));
        tokio::select! {
            changed = policy.changed() => if changed.is_err() { return },
            changed = line.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(if done { PERIOD } else { AGAIN }) => {}
        }
    }
}

/// Whether every session knows.
fn reconcile(host: &Host, held: &Held, told: &mut Told) -> bool {
    let (moment, mut before, mut done) = (host.moment(), std::mem::take(told), true);
    for (subject, commands) in host.by_policy() {
        let (decided, basis) = held.decide(subject.user_id, subject.target_id, moment);
        let (command, last, next) = match decided {
            Ok(authorization) => {
                let ends = (authorization.ends(), authorization.away_ends());
                let last = before.remove(&subject.session_id);
                let command = match last.as_ref().filter(|(last, _)| *last == ends) {
                    Some((_, last)) if *last == basis => None,
                    Some(_) => Some(Command::Stands(basis.clone())),
                    None => Some(Command::Allow(Until::of(&authorization, host.clock()), basis.clone())),
                };
                (command, last, Some((ends, basis)))
            }
            Err(denial) => {
                let (code, message) = ends_by(denial);
                let (message, basis) = (message.to_owned(), Some(basis));
                (Some(Command::End { code, message, hop: Hop::Site, basis }), None, None)
            }
        };
        let heard = command.is_none_or(|command| commands.try_send(command).is_ok());
        done &= heard;
        if let Some(known) = if heard { next } else { last } {
            told.insert(subject.session_id, known);
        }
    }
    done
}
