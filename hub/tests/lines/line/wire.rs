//! The wire: a thread for each direction, which takes packets from one interface and gives them to the other.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::crossing::{Crossing, Manners};

/// How soon a thread sees that the wire is dropped.
const LONGEST_WAIT: Duration = Duration::from_millis(50);
/// So many packets are taken before those that are due go out.
const BATCH: usize = 32;
/// No packet is larger.
const LARGEST_PACKET: usize = 65_536;

enum Change {
    Manners(Manners),
    ForgetConnections,
}

pub(crate) struct Wire {
    /// One for each thread, which ends with it.
    changes: Vec<Sender<Change>>,
    threads: Vec<JoinHandle<()>>,
}

impl Wire {
    pub(crate) fn start(hub: File, site: File) -> Self {
        let mut wire = Self { changes: Vec::new(), threads: Vec::new() };
        let copy = |file: &File| file.try_clone().expect("a handle");
        wire.carry("to-site", 0x9e37_79b9_7f4a_7c15, copy(&hub), copy(&site));
        wire.carry("to-hub", 0xd1b5_4a32_d192_ed03, site, hub);
        wire
    }

    fn carry(&mut self, name: &str, seed: u64, from: File, to: File) {
        let (sender, changes) = mpsc::channel();
        let thread = std::thread::Builder::new().name(name.to_owned());
        let carry = move || carry(&from, &to, Crossing::new(seed), &changes);
        self.threads.push(thread.spawn(carry).expect("a thread"));
        self.changes.push(sender);
    }

    pub(crate) fn set(&self, manners: &Manners) {
        self.tell(|| Change::Manners(manners.clone()));
    }

    pub(crate) fn forget_connections(&self) {
        self.tell(|| Change::ForgetConnections);
    }

    fn tell(&self, change: impl Fn() -> Change) {
        for thread in &self.changes {
            thread.send(change()).expect("the wire carries on while its interfaces are there");
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.changes.clear();
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}

fn carry(mut from: &File, mut to: &File, mut crossing: Crossing, changes: &Receiver<Change>) {
    let mut buffer = vec![0; LARGEST_PACKET];
    loop {
        while let Some(packet) = crossing.leave(Instant::now()) {
            // An interface that is down or full takes none: lost, as on any line.
            let _ = to.write(&packet);
        }
        wait(from, crossing.next_leaves());
        loop {
            match changes.try_recv() {
                Ok(Change::Manners(manners)) => crossing.set(manners),
                Ok(Change::ForgetConnections) => crossing.forget_connections(),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return,
            }
        }
        for _ in 0..BATCH {
            match from.read(&mut buffer) {
                Ok(bytes) => crossing.enter(&buffer[..bytes], Instant::now()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                // The interface is gone.
                Err(_) => return,
            }
        }
    }
}

/// Waits for a packet, but not beyond `until`.
fn wait(from: &File, until: Option<Instant>) {
    let wait = until.map_or(LONGEST_WAIT, |until| until.saturating_duration_since(Instant::now()));
    let wait = Timespec::try_from(wait.min(LONGEST_WAIT)).expect("a short time");
    // An interrupted wait is a short one.
    let _ = poll(&mut [PollFd::new(&from, PollFlags::IN)], Some(&wait));
}
