//! How many handshakes are under way: all together, and from one address, so that nobody who only begins them keeps
//! others out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The handshakes of one transport. Clones count together.
#[derive(Clone, Debug)]
pub(crate) struct Handshakes {
    total: usize,
    per_address: usize,
    under_way: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A handshake's place; dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct Slot {
    handshakes: Handshakes,
    address: IpAddr,
}

impl Handshakes {
    pub(crate) fn new(total: usize, per_address: usize) -> Self {
        Self { total, per_address, under_way: Arc::default() }
    }

    /// A place for one more, if there is one.
    pub(crate) fn admit(&self, address: IpAddr) -> Option<Slot> {
        let address = address.to_canonical();
        let mut under_way = self.lock();
        let all: usize = under_way.values().sum();
        let same = under_way.get(&address).copied().unwrap_or_default();
        if all >= self.total || same >= self.per_address {
            return None;
        }
        under_way.insert(address, same + 1);
        drop(under_way);
        Some(Slot { handshakes: self.clone(), address })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut under_way = self.handshakes.lock();
        match under_way.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                under_way.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_does_not_keep_the_others_out() {
        let handshakes = Handshakes::new(3, 2);
        let (one, other): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let held = [handshakes.admit(one).expect("a place"), handshakes.admit(one).expect("a place")];
        assert!(handshakes.admit(one).is_none());
        let third = handshakes.admit(other).expect("a place");
        assert!(handshakes.admit(other).is_none(), "three together");
        drop(held);
        assert!(handshakes.admit(other).is_some() && handshakes.admit(one).is_some());
        drop(third);
        assert!(handshakes.lock().is_empty());
    }
}
