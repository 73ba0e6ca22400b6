//! Rebuilds the library when a migration is added: they are embedded by name.

fn main() {
    println!("cargo:rerun-if-changed=../migrations/hub");
}
