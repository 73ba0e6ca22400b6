//! Programs on a machine whose clock is wrong: by libfaketime, as environment.
//!
//! Monotonic time stays what it is, as on a real machine. It needs the package faketime.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

pub(crate) type Settings = Vec<(&'static str, String)>;

/// Settings under which a program takes `time` for the machine's: an offset such as `-21d`, or where its clock begins,
/// as `@1970-01-02 00:00:00`.
pub(crate) fn machine_at(time: &str) -> Settings {
    vec![
        ("LD_PRELOAD", library().display().to_string()),
        ("FAKETIME", time.to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ("NO_FAKE_STAT", "1".to_owned()),
    ]
}

/// The same for a hub and the PostgreSQL that it starts, which inherits nothing: its programs go through scripts in
/// `folder`.
pub(crate) fn hub_at(time: &str, folder: &Path) -> Settings {
    let real = newest_programs();
    let settings = machine_at(time);
    let exports = settings.iter().map(|(name, value)| format!("export {name}='{value}'\n"));
    let exports = exports.collect::<String>();
    for program in ["initdb", "postgres"] {
        let script = folder.join(program);
        let text = format!("#!/bin/sh\n{exports}exec {} \"$@\"\n", real.join(program).display());
        std::fs::write(&script, text).expect("a script");
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).expect("permissions");
    }
    let programs = ("OPENPAM_POSTGRES_BIN_DIR", folder.display().to_string());
    settings.into_iter().chain([programs]).collect()
}

fn library() -> PathBuf {
    // Below the folder of the machine's architecture.
    let found =
        below("/usr/lib").map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
    found.expect("libfaketimeMT.so.1; install the package faketime")
}

fn newest_programs() -> PathBuf {
    let version = |path: &PathBuf| path.parent().and_then(Path::file_name)?.to_str()?.parse::<u32>().ok();
    let folders = below("/usr/lib/postgresql").map(|version| version.join("bin"));
    folders.filter(|bin| bin.join("postgres").exists()).max_by_key(version).expect("PostgreSQL's programs")
}

fn below(folder: &str) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path())
}
