//! Slows down guessing: failures per account and per address within a window, in memory, bounded.
//!
//! An attempt counts from its begin, so that many at once are no way around; a success gives it back. State is
//! lost with the process, which costs an attacker more than it gives. Time comes in as an argument.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures are remembered so long.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// An account then rests. Ten guesses in a quarter of an hour find no password of twelve characters.
const PER_ACCOUNT: usize = 10;
/// An address then rests; an office behind one address makes mistakes too.
const PER_ADDRESS: usize = 30;
/// Names or addresses remembered at once; when full, those whose failures are oldest are forgotten.
const MAX_KEYS: usize = 10_000;

/// The memory of failures.
#[derive(Debug, Default)]
pub struct Throttle {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    accounts: HashMap<String, Vec<Instant>>,
    addresses: HashMap<IpAddr, Vec<Instant>>,
}

/// Too many failures; come back later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// How long to wait.
    pub retry_after: Duration,
}

impl Throttle {
    /// Counts an attempt, or refuses it.
    ///
    /// # Errors
    /// [`TooMany`] if account or address has to rest; the attempt is not counted then.
    pub fn begin(&self, account: &str, address: IpAddr, now: Instant) -> Result<(), TooMany> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        check(&mut table.accounts, &account.to_owned(), PER_ACCOUNT, now)?;
        check(&mut table.addresses, &address, PER_ADDRESS, now)?;
        note(&mut table.accounts, account.to_owned(), now);
        note(&mut table.addresses, address, now);
        Ok(())
    }

    /// The attempt succeeded: the account's failures are forgotten, the address keeps its others.
    pub fn succeeded(&self, account: &str, address: IpAddr) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.accounts.remove(account);
        if let Some(failures) = table.addresses.get_mut(&address) {
            failures.pop();
        }
    }
}

fn check<K: Eq + Hash>(
    table: &mut HashMap<K, Vec<Instant>>,
    key: &K,
    limit: usize,
    now: Instant,
) -> Result<(), TooMany> {
    let Some(failures) = table.get_mut(key) else { return Ok(()) };
    failures.retain(|at| now.saturating_duration_since(*at) < WINDOW);
    match failures.first() {
        Some(oldest) if failures.len() >= limit => {
            Err(TooMany { retry_after: WINDOW.saturating_sub(now.saturating_duration_since(*oldest)) })
        }
        _ => Ok(()),
    }
}

fn note<K: Eq + Hash + Clone>(table: &mut HashMap<K, Vec<Instant>>, key: K, now: Instant) {
    if table.len() >= MAX_KEYS && !table.contains_key(&key) {
        table.retain(|_, failures| {
            failures.last().is_some_and(|at| now.saturating_duration_since(*at) < WINDOW)
        });
        if table.len() >= MAX_KEYS
            && let Some(oldest) =
                table.iter().min_by_key(|(_, at)| at.last().copied()).map(|(key, _)| key.clone())
        {
            table.remove(&oldest);
        }
    }
    table.entry(key).or_default().push(now);
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(last: u8) -> IpAddr {
        Ipv4Addr::new(10, 0, 0, last).into()
    }

    #[test]
    fn an_account_rests_after_ten_failures_from_anywhere_and_comes_back() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        for attempt in 0..10 {
            throttle.begin("ann", address(attempt), start).expect("not yet");
        }
        let refused = throttle.begin("ann", address(99), start + Duration::from_secs(60)).expect_err("rests");
        assert_eq!(refused.retry_after, WINDOW - Duration::from_secs(60));
        throttle.begin("bob", address(1), start).expect("others go on");
        throttle.begin("ann", address(99), start + WINDOW).expect("comes back");
    }

    #[test]
    fn an_address_rests_after_thirty_failures_on_any_accounts() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for attempt in 0..30 {
            throttle.begin(&format!("user{attempt}"), address(1), now).expect("not yet");
        }
        assert!(throttle.begin("another", address(1), now).is_err());
        assert!(throttle.begin("another", address(2), now).is_ok());
    }

    #[test]
    fn a_success_forgives_the_account() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..3 {
            for _ in 0..9 {
                throttle.begin("ann", address(1), now).expect("not yet");
            }
            throttle.succeeded("ann", address(1));
        }
    }

    #[test]
    fn memory_stays_bounded() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..MAX_KEYS as u32 + 10 {
            let address = Ipv4Addr::from(number).into();
            throttle.begin(&number.to_string(), address, now).expect("each for the first time");
        }
        assert_eq!(throttle.table.lock().expect("lock").accounts.len(), MAX_KEYS);
    }
}
