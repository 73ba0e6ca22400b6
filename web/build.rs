//! Says what to do where the pages were not built yet; they are embedded by the library.

fn main() {
    println!("cargo:rerun-if-changed=out");
    let index = std::path::Path::new("out/index.html");
    assert!(index.exists(), "the pages are missing: build them with deploy/dev/build-web");
}
