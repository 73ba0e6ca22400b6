//! What Prometheus is told, and the alert rules and the dashboard that stand on it.

use std::collections::{BTreeMap, BTreeSet};

use crate::system::{World, eventually};

const RULES: &str = include_str!("../../../deploy/prometheus/openpam.rules.yml");
const DASHBOARD: &str = include_str!("../../../deploy/grafana/openpam.json");

/// Each line's name with its labels, and its value.
async fn scrape(world: &World) -> BTreeMap<String, f64> {
    let text = reqwest::get(world.hub.metrics_url()).await.expect("answers").text().await.expect("text");
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            (name.to_owned(), value.parse().unwrap_or_else(|error| panic!("{line}: {error}")))
        })
        .collect()
}

fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c == '_'));
    words.filter(|word| word.starts_with("openpam_")).collect()
}

#[tokio::test]
async fn every_alert_and_panel_stands_on_a_metric_that_is_told_and_a_site_that_is_away_shows() {
    let mut world = World::start().await;
    let used = names(RULES).union(&names(DASHBOARD)).copied().collect::<BTreeSet<_>>();
    assert!(
        serde_json::from_str::<serde_json::Value>(DASHBOARD).is_ok_and(|board| board["panels"].is_array())
    );
    let told = eventually("every metric of the rules and the dashboard is told", || async {
        let told = scrape(&world).await;
        let all = told.keys().map(String::as_str).collect::<Vec<_>>().join(" ");
        let missing: Vec<_> = used.difference(&names(&all)).map(|name| (*name).to_owned()).collect();
        if !missing.is_empty() {
            eprintln!("not told yet: {missing:?}");
        }
        missing.is_empty().then_some(told)
    })
    .await;
    let of_site = |told: &BTreeMap<String, f64>, name: &str| {
        let start = format!("openpam_satellite_{name}{{zone=\"plant-7\",");
        told.iter().find(|(line, _)| line.starts_with(&start)).map(|(_, value)| *value)
    };
    assert_eq!(of_site(&told, "connected"), Some(1.0));
    assert!(
        of_site(&told, "disk_free_bytes") > Some(0.0) && of_site(&told, "clock_skew_seconds") < Some(30.0)
    );
    assert_eq!((told["openpam_books_up"], told["openpam_tunnels"]), (1.0, 1.0));

    world.satellite.stop().await;
    eventually("it shows that the site is away", || async {
        let told = scrape(&world).await;
        let away = of_site(&told, "connected") == Some(0.0) && of_site(&told, "disk_free_bytes").is_none();
        away.then_some(())
    })
    .await;
    world.stop().await;
}

/// Every question that a panel asks, in the form of recording rules, with its variable filled in.
fn questions() -> String {
    let board: serde_json::Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let panels = board["panels"].as_array().expect("panels").iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array()).flatten();
    let rules = targets.enumerate().map(|(number, target)| {
        let question = target["expr"].as_str().expect("an expression").replace("$zone", ".*");
        format!("  - record: panel:{number}\n    expr: {}\n", serde_json::json!(question))
    });
    format!("groups:\n- name: dashboard\n  rules:\n{}", rules.collect::<String>())
}

#[test]
fn prometheus_understands_the_rules_and_what_the_dashboard_asks() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("rules.yml", RULES.to_owned()), ("dashboard.yml", questions())] {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("writes");
        let checked = std::process::Command::new("promtool").args(["check", "rules"]).arg(&file).output();
        let checked = checked.expect("promtool runs: deploy/dev/setup test installs it");
        let said = String::from_utf8_lossy(&checked.stdout);
        assert!(checked.status.success(), "{name}: {said}{}", String::from_utf8_lossy(&checked.stderr));
    }
}
