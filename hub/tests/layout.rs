//! Imports point one way: the table of who may import whom, held against `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Each crate of the workspace and the crates of the workspace it may depend on.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("openpam-ids", &[]),
    ("openpam-policy", &["openpam-ids"]),
    ("openpam-scheduling", &["openpam-ids", "openpam-policy"]),
    ("openpam-proto", &["openpam-ids"]),
    ("openpam-link", &["openpam-ids", "openpam-proto"]),
    ("openpam-web", &[]),
    ("openpam-satellite", &["openpam-ids", "openpam-policy", "openpam-proto", "openpam-link", "openpam-web"]),
    (
        "openpam-hub",
        &[
            "openpam-ids",
            "openpam-policy",
            "openpam-scheduling",
            "openpam-proto",
            "openpam-link",
            "openpam-web",
        ],
    ),
    // Nobody imports it.
    (
        "openpam-fuzz",
        &[
            "openpam-ids",
            "openpam-policy",
            "openpam-proto",
            "openpam-link",
            "openpam-satellite",
            "openpam-hub",
        ],
    ),
];

#[test]
fn every_crate_imports_only_what_the_table_allows() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--locked"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let table: BTreeMap<_, BTreeSet<_>> =
        MAY_IMPORT.iter().map(|(name, may)| (*name, may.iter().copied().collect())).collect();
    let packages = metadata["packages"].as_array().expect("packages");
    let names: BTreeSet<_> =
        packages.iter().map(|package| package["name"].as_str().expect("a name")).collect();
    assert_eq!(names, table.keys().copied().collect(), "the table does not list the workspace's crates");
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        // Tests of the whole system may start anything; what is built and shipped may not import it.
        let imports = package["dependencies"]
            .as_array()
            .expect("dependencies")
            .iter()
            .filter(|dependency| dependency["kind"].is_null());
        let imports: BTreeSet<_> = imports
            .map(|dependency| dependency["name"].as_str().expect("a name"))
            .filter(|import| names.contains(import))
            .collect();
        let allowed = &table[name];
        assert!(
            imports.is_subset(allowed),
            "{name} imports {:?}",
            imports.difference(allowed).collect::<Vec<_>>()
        );
    }
}
