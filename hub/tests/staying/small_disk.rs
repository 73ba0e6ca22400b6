//! A small disk in memory for a site, that can be filled to the last byte. It needs root.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::system::World;

/// A file system of its own; it goes with this value.
pub(crate) struct SmallDisk(PathBuf);

impl SmallDisk {
    pub(crate) fn mount(at: PathBuf) -> Self {
        std::fs::create_dir_all(&at).expect("a folder");
        run(Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs"]).arg(&at));
        Self(at)
    }

    /// Takes all the room that is left.
    pub(crate) fn fill(&self) {
        let mut file = File::create(self.ballast()).expect("a file");
        for piece in [64 * 1024, 512] {
            while file.write_all(&vec![7; piece]).is_ok() {}
        }
    }

    pub(crate) fn make_room(&self) {
        std::fs::remove_file(self.ballast()).expect("removes");
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a program that a failed test left behind may still write there.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn run(command: &mut Command) {
    assert!(command.status().expect("runs").success(), "{command:?} failed; this test needs root");
}

/// Moves the satellite onto the small disk. A join there is refused: nothing could be recorded.
pub(crate) async fn move_to(world: &mut World, disk: &Path) {
    world.satellite.stop().await;
    let from = std::mem::replace(&mut world.satellite.state, disk.to_owned());
    run(Command::new("cp").arg("-a").arg(from.join(".")).arg(disk));
    world.satellite.run();
    world.until_reachable().await;
}
