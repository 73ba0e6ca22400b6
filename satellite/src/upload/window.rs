//! What of one recording is on its way to the hub. Pure: sequence numbers only.

/// Chunks on their way without a receipt; further ones wait.
pub(super) const WINDOW: u64 = 8;

/// A receipt for a chunk that was never sent, or a wish for one the hub must have had.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hub acknowledged chunk {seq}, which is not on its way")]
pub(super) struct BadReceipt {
    seq: u64,
}

/// The window of one recording's upload.
#[derive(Debug)]
pub(super) struct Window {
    /// The first chunk without a receipt.
    stored: u64,
    /// The next chunk to send.
    next: u64,
    /// Whether one was sent.
    begun: bool,
}

impl Window {
    /// Begins at what the hub wants.
    pub(super) const fn begin(wanted: u64) -> Self {
        Self { stored: wanted, next: wanted, begun: false }
    }

    /// The next chunk to send, and how many more may be on their way.
    pub(super) const fn room(&self) -> (u64, u64) {
        (self.next, WINDOW - (self.next - self.stored))
    }

    /// The hub wants chunks that are not here any more, as one that was restored from a backup does: begin at that one
    /// instead. `false`: it is too late for that.
    pub(super) const fn skip_to(&mut self, seq: u64) -> bool {
        let begins = !self.begun && seq > self.next;
        if begins {
            (self.stored, self.next) = (seq, seq);
        }
        begins
    }

    /// Chunk [`Window::room`] was sent.
    pub(super) const fn sent(&mut self) {
        self.begun = true;
        self.next += 1;
    }

    /// The hub has everything up to `seq`.
    pub(super) const fn receipt(&mut self, seq: u64) -> Result<(), BadReceipt> {
        if seq >= self.next {
            return Err(BadReceipt { seq });
        }
        // A repeated receipt says nothing new.
        if seq >= self.stored {
            self.stored = seq + 1;
        }
        Ok(())
    }

    /// The first chunk without a receipt.
    pub(super) const fn stored(&self) -> u64 {
        self.stored
    }

    /// Whether every chunk that was sent has its receipt.
    pub(super) const fn is_settled(&self) -> bool {
        self.stored == self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_window_is_on_its_way() {
        let mut window = Window::begin(5);
        for seq in 5..5 + WINDOW {
            assert_eq!(window.room(), (seq, WINDOW - (seq - 5)));
            window.sent();
        }
        assert_eq!(window.room().1, 0);
        window.receipt(6).expect("was sent");
        assert_eq!((window.room().1, window.stored(), window.is_settled()), (2, 7, false));
        window.receipt(4 + WINDOW).expect("was sent");
        assert!(window.is_settled());
    }

    #[test]
    fn what_is_not_here_any_more_is_skipped_at_the_begin_alone() {
        let mut window = Window::begin(2);
        assert!(!window.skip_to(2) && window.skip_to(5));
        assert_eq!((window.room().0, window.stored(), window.is_settled()), (5, 5, true));
        window.sent();
        assert!(!window.skip_to(9));
    }

    #[test]
    fn a_receipt_for_what_was_never_sent_is_refused_and_a_repeated_one_harmless() {
        let mut window = Window::begin(0);
        assert_eq!(window.receipt(0), Err(BadReceipt { seq: 0 }));
        window.sent();
        assert_eq!((window.receipt(0), window.receipt(0)), (Ok(()), Ok(())));
        assert_eq!(window.stored(), 1);
    }
}
