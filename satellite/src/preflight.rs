//! What keeps a satellite from its hub, found out by doing it: real handshakes with the real hub, and a look at the
//! machine. It writes nothing.
//!
//! `join` begins with it, `doctor` ends with it.

use std::path::Path;

use openpam_link::check::{self, Hub, Verdict, size, span};
use openpam_link::dial::Checked;

use crate::clock::{self, Reading, SiteClock};
use crate::health;

/// With less free space nothing can be recorded.
const LEAST_FREE_BYTES: u64 = 64 * 1024 * 1024;
/// With less, a site that is cut off for long will run out.
const LITTLE_FREE_BYTES: u64 = 1024 * 1024 * 1024;
/// A clock that differs by more is worth a word.
const SKEW_MS: u64 = 60 * 1000;

/// Looks at everything and tells each verdict as it is found. A clock that is unknown is set to the hub's time.
pub async fn run(
    folder: &Path,
    hub: Hub<'_>,
    clock: &SiteClock,
    mut tell: impl FnMut(&Verdict),
) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let mut say = |verdict: Verdict| {
        tell(&verdict);
        verdicts.push(verdict);
    };
    say(permissions(folder));
    say(disk(folder));
    say(check::names(hub.addresses, hub.options).await);
    let line = check::line(hub, &clock.for_tls()).await;
    for verdict in line.verdicts {
        say(verdict);
    }
    if let Some(checked) = line.answered {
        say(skew(&checked, clock));
    }
    verdicts
}

fn existing(folder: &Path) -> &Path {
    folder.ancestors().find(|path| path.exists()).unwrap_or(folder)
}

fn permissions(folder: &Path) -> Verdict {
    use rustix::fs::{Access, access};
    const CHECK: &str = "permissions";
    match access(existing(folder), Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => Verdict::ok(CHECK, format!("{} can be written", folder.display())),
        Err(error) => Verdict::failed(
            CHECK,
            "state",
            format!("{}: {error}", existing(folder).display()),
            "run this as the satellite's own user (sudo -u openpam-satellite), or choose another --state",
        ),
    }
}

fn disk(folder: &Path) -> Verdict {
    const CHECK: &str = "disk";
    let Some(disk) = health::disk(existing(folder)) else {
        return Verdict::warning(CHECK, "its free space is not known", "");
    };
    let found = format!("{} free of {}", size(disk.free_bytes), size(disk.bytes));
    match disk.free_bytes {
        free if free < LEAST_FREE_BYTES => {
            Verdict::failed(CHECK, "disk_full", found, "make room: sessions cannot be recorded")
        }
        free if free < LITTLE_FREE_BYTES => Verdict::warning(
            CHECK,
            found,
            "recordings wait here while the hub is out of reach: more room lasts longer",
        ),
        _ => Verdict::ok(CHECK, found),
    }
}

fn skew(checked: &Checked, clock: &SiteClock) -> Verdict {
    const CHECK: &str = "clock skew";
    let half_ms = i64::try_from(checked.took.as_millis() / 2).unwrap_or_default();
    let skew_ms = clock::now_ms().saturating_add(half_ms).saturating_sub(checked.time_ms);
    let words = if skew_ms.unsigned_abs() < SKEW_MS {
        format!("{skew_ms} ms")
    } else {
        let how = if skew_ms < 0 { "behind" } else { "ahead of" };
        format!("this machine is {} {how} the hub", span(skew_ms.unsigned_abs()))
    };
    if clock.look() == Reading::Unknown {
        clock.set(checked.time_ms);
        let advice =
            "the hub's time is used; set the clock (timedatectl set-ntp true) and see to its battery";
        return Verdict::warning(CHECK, words, advice);
    }
    match skew_ms.unsigned_abs() {
        skew if skew < SKEW_MS => Verdict::ok(CHECK, words),
        _ => Verdict::warning(CHECK, words, "set the clock: timedatectl set-ntp true"),
    }
}
