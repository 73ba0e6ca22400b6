//! guacd in the words of `status` and `doctor`. A site without one is in order until somebody wants a desktop there.

use std::path::Path;

use openpam_link::check::{Verdict, span};

use crate::desktop::drive::Drives;
use crate::desktop::guacd::Offer;
use crate::desktop::health::{self, Found};
use crate::desktop::wire::Wire;
use crate::local::{self, Request};
use crate::status::GuacdStatus;

const ADVICE: &str =
    "install guacd with libguac-client-rdp and -vnc, start it, and set guacd to where it listens";

/// The row of `status`.
pub(super) fn row(guacd: Option<&GuacdStatus>, now_ms: i64) -> String {
    let Some(guacd) = guacd else {
        return "not looked at: no desktop may be opened, or it was started just now".to_owned();
    };
    let since = span(u64::try_from(now_ms.saturating_sub(guacd.since_ms)).unwrap_or_default());
    let at = at(&guacd.address, guacd.tls);
    match &guacd.error {
        None if guacd.here => {
            format!("{at}, {}, for {since}", offered(guacd.version.as_deref(), &guacd.protocols))
        }
        why if guacd.asked => {
            let why = why.as_deref().unwrap_or("?");
            format!("AWAY for {since}: {at}: {why}; no desktop opens: {ADVICE}")
        }
        why => format!(
            "none for {since}: {at}: {}; shells need none. For desktops: {ADVICE}",
            why.as_deref().unwrap_or("?")
        ),
    }
}

/// What `doctor` finds, by a look of its own.
pub(super) async fn check(folder: &Path, wire: &Wire) -> Verdict {
    const CHECK: &str = "guacd";
    let at = at(wire.address(), wire.is_tls());
    match health::look(wire, None).await {
        Found::Here(Offer { version, protocols }) => {
            let found = format!("{at}, {}", offered(version.as_deref(), &protocols));
            match protocols.as_slice() {
                [_, _] => Verdict::ok(CHECK, found),
                [one] => Verdict::warning(CHECK, found, missing(one)),
                _ => Verdict::warning(CHECK, found, "install libguac-client-rdp and libguac-client-vnc"),
            }
        }
        Found::Away(why) => {
            let running = local::ask(folder, Request::Status).await.ok().and_then(|status| status.guacd);
            match running.is_some_and(|guacd| guacd.asked) {
                true => Verdict::warning(CHECK, format!("{at}: {why}: no desktop opens"), ADVICE),
                false => Verdict::ok(CHECK, format!("none ({at}: {why}): for shells none is needed")),
            }
        }
        Found::Unknown => Verdict::warning(CHECK, format!("{at} was not looked at"), ADVICE),
    }
}

/// What `doctor` finds where desktops get their drives.
pub(super) fn drive(drives: &Drives) -> Verdict {
    const CHECK: &str = "drives";
    let folder = drives.folder().display();
    match drives.check() {
        Ok(()) => Verdict::ok(CHECK, format!("desktops get theirs in {folder}")),
        Err(error) => Verdict::warning(
            CHECK,
            format!("none can be made in {folder}: {error}: no files go to desktops"),
            "make the folder of guacd_drive for the satellite's user and guacd's group, with mode 2710",
        ),
    }
}

fn missing(only: &str) -> &'static str {
    match only {
        "rdp" => "VNC targets need libguac-client-vnc",
        _ => "RDP targets need libguac-client-rdp",
    }
}

fn at(address: &str, tls: bool) -> String {
    if tls { format!("{address} over TLS") } else { address.to_owned() }
}

/// Its version, and what it can do.
fn offered(version: Option<&str>, protocols: &[String]) -> String {
    let protocols = protocols.iter().map(|protocol| protocol.to_uppercase()).collect::<Vec<_>>();
    let can = match protocols.as_slice() {
        [] => "neither RDP nor VNC".to_owned(),
        some => some.join(" and "),
    };
    version.map_or_else(|| can.clone(), |version| format!("version {version} or newer, {can}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_away_is_an_alarm_only_where_somebody_wanted_a_desktop() {
        let here = GuacdStatus {
            address: "127.0.0.1:4822".to_owned(),
            tls: false,
            here: true,
            version: Some("1.3.0".to_owned()),
            protocols: vec!["rdp".to_owned(), "vnc".to_owned()],
            since_ms: 0,
            error: None,
            asked: false,
        };
        let said = row(Some(&here), 60_000);
        assert!(said.starts_with("127.0.0.1:4822, version 1.3.0 or newer, RDP and VNC, for 60 s"), "{said}");
        let error = Some("nothing listens there (connection refused)".to_owned());
        let away = GuacdStatus { here: false, version: None, protocols: Vec::new(), error, ..here };
        let said = row(Some(&away), 60_000);
        assert!(said.contains("shells need none") && said.contains("refused"), "{said}");
        let asked = GuacdStatus { asked: true, tls: true, ..away };
        let said = row(Some(&asked), 60_000);
        assert!(
            said.starts_with("AWAY for") && said.contains("over TLS") && said.contains("install guacd"),
            "{said}"
        );
        assert!(row(None, 0).contains("not looked at"));
    }
}
