//! Whether the hubs of an installation see each other, are reached each by itself, and share what they have to.

use std::collections::{BTreeMap, BTreeSet};

use openpam_link::check::Verdict;

use crate::books::Books;
use crate::config::Config;
use crate::store::instances::{self, Instance};

const CHECK: &str = "hubs";

/// The verdicts; none where the books do not answer, which is told by another one.
pub(super) async fn look(config: &Config) -> Vec<Verdict> {
    let Ok(books) = Books::open(config).await else { return Vec::new() };
    let present = instances::present(&books.pool).await;
    books.close().await;
    present.map_or_else(|_| Vec::new(), |present| judge(config, &present))
}

fn judge(config: &Config, present: &[Instance]) -> Vec<Verdict> {
    let hubs = match present.len() {
        0 => return Vec::new(),
        1 => return vec![Verdict::ok(CHECK, "1 is there")],
        more => format!("{more} are there"),
    };
    let mut verdicts = Vec::new();
    let mut of_address: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for hub in present {
        for address in &hub.addresses {
            of_address.entry(address).or_default().insert(hub.id.to_string());
        }
    }
    if let Some((address, _)) = of_address.iter().find(|(_, hubs)| hubs.len() > 1) {
        verdicts.push(Verdict::warning(
            CHECK,
            format!("{address} is said to be the tunnel address of more than one"),
            "set tunnel_addresses of each hub to where satellites reach that one alone",
        ));
    }
    let marks: BTreeSet<_> = present.iter().filter_map(|hub| hub.recordings).collect();
    if marks.len() > 1 {
        verdicts.push(Verdict::failed(
            CHECK,
            "recordings_apart",
            "they keep recordings in different places: what came up to one cannot be read at another",
            "give all of them the same recordings_dir, on a disk that they share, or the same bucket; copy together what is \
             there, and run openpam-hub audit verify",
        ));
    } else if present.iter().any(|hub| hub.recordings.is_none()) {
        verdicts.push(Verdict::warning(
            CHECK,
            "of one it is not known yet where it keeps recordings",
            "look again in a minute; if it stays so, run doctor there",
        ));
    }
    let versions: BTreeSet<_> = present.iter().map(|hub| hub.version.as_str()).collect();
    if versions.len() > 1 {
        verdicts.push(Verdict::warning(
            CHECK,
            format!("they run versions {}", versions.into_iter().collect::<Vec<_>>().join(", ")),
            "bring all of them up to the newest one",
        ));
    }
    if config.nats_url.is_none() {
        verdicts.push(Verdict::warning(
            CHECK,
            "this one has a NATS of its own",
            "set nats_url of all of them to one NATS: whoever listens to events hears them there",
        ));
    }
    if verdicts.is_empty() {
        verdicts.push(Verdict::ok(CHECK, format!("{hubs}, and share what they have to")));
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use openpam_ids::HubId;
    use openpam_link::check::Level;
    use uuid::Uuid;

    use super::*;
    use crate::time::Time;

    fn hub(address: &str, recordings: u128) -> Instance {
        Instance {
            id: HubId::generate(),
            addresses: vec![address.to_owned()],
            version: "1".to_owned(),
            recordings: Some(Uuid::from_u128(recordings)),
            started_at: Time::now(),
        }
    }

    fn found(present: &[Instance], nats: &str) -> Vec<String> {
        let config = Config::from_parts(nats, &|_| None, Some("/srv/hub".into())).expect("a configuration");
        judge(&config, present)
            .into_iter()
            .map(|verdict| {
                let level = if matches!(verdict.level, Level::Ok) { "ok: " } else { "" };
                format!("{level}{}", verdict.found)
            })
            .collect()
    }

    #[test]
    fn hubs_that_share_everything_are_well_and_what_they_do_not_share_is_told() {
        let nats = "nats_url = \"nats://n:4222\"";
        assert_eq!(found(&[hub("a:1", 1)], ""), ["ok: 1 is there"]);
        let well = [hub("a:1", 1), hub("b:1", 1)];
        assert_eq!(found(&well, nats), ["ok: 2 are there, and share what they have to"]);
        let apart = [hub("a:1", 1), Instance { version: "2".to_owned(), ..hub("a:1", 2) }];
        let found = found(&apart, "");
        assert_eq!(found.len(), 4, "{found:#?}");
    }
}
