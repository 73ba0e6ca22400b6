//! Hyperlinks (OSC 8). What all those on the screens take together is bounded: a link beyond that is not kept, its
//! text is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the links on a terminal's screens take at most, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// What a link takes besides its text.
const LINK_BYTES: usize = 128;

/// A hyperlink.
#[derive(Debug)]
pub(super) struct Link {
    /// Joins parts of one link.
    pub(super) id: Option<String>,
    pub(super) address: String,
    /// What it counts for.
    bytes: usize,
    taken: Arc<AtomicUsize>,
}

impl PartialEq for Link {
    fn eq(&self, other: &Self) -> bool {
        (&self.id, &self.address) == (&other.id, &other.address)
    }
}

impl Eq for Link {}

impl Drop for Link {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Makes links, as long as there is room for them.
#[derive(Debug, Default)]
pub(super) struct Links {
    taken: Arc<AtomicUsize>,
}

impl Links {
    /// A link; `None` if those that are there leave no room for it.
    pub(super) fn link(&self, id: Option<&str>, address: &str) -> Option<Arc<Link>> {
        let bytes = LINK_BYTES + id.map_or(0, str::len) + address.len();
        let is_room = self.taken.load(Ordering::Relaxed) + bytes <= MAX_BYTES;
        is_room.then(|| {
            self.taken.fetch_add(bytes, Ordering::Relaxed);
            let (id, address) = (id.map(str::to_owned), address.to_owned());
            Arc::new(Link { id, address, bytes, taken: self.taken.clone() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_are_gone_make_room_for_others() {
        let links = Links::default();
        let address = "x".repeat(4000);
        let kept: Vec<_> = std::iter::from_fn(|| links.link(None, &address)).take(1000).collect();
        assert_eq!(kept.len(), MAX_BYTES / (LINK_BYTES + address.len()));
        drop(kept);
        assert!(links.link(Some("id"), &address).is_some());
    }
}
