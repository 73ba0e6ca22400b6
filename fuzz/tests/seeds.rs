//! Makes the seeds of the corpus anew, from real encodings:
//! `cargo test --workspace --test seeds -- --ignored`. Files that it does not name (findings) stay.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

#[path = "seeds/outer.rs"]
mod outer;
#[path = "seeds/wire.rs"]
mod wire;

use std::path::Path;

/// Writes one seed.
fn write(target: &str, name: &str, bytes: impl AsRef<[u8]>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), bytes).expect("a seed");
}

#[test]
#[ignore = "it writes files that are committed"]
fn the_seeds_are_made_anew() {
    wire::messages();
    wire::frames();
    wire::tokens();
    wire::requests();
    wire::lanes();
    wire::offsets();
    outer::policies();
    outer::certificates();
    outer::instructions();
    outer::seals();
    outer::recordings();
    outer::screens();
    outer::texts();
}
