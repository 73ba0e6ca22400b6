//! Why a decision is as it is: the decision itself, and how each grant that covers the user and the target stands alone.
//!
//! It asks [`decide`] and nothing else, so that what is explained is what is decided.

use jiff::Timestamp;
use openpam_ids::GrantId;

use crate::{Authorization, Denial, Grant, Moment, Object, Subject, Target, Transfer, User, decide};

/// A decision and what it was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// As [`decide`] makes it.
    pub decision: Result<Authorization, Denial>,
    /// The grants that cover the user and the target, in the order in which they came.
    pub grants: Vec<Weighed>,
}

/// How one grant stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// Which.
    pub id: GrantId,
    /// For whom.
    pub subject: Subject,
    /// On what.
    pub object: Object,
    /// Whether it holds, were it the only one, and everything enabled.
    pub stands: Stands,
    /// For so many seconds it goes on at a site that has lost its hub.
    pub offline_seconds: u32,
    /// What may pass between a desktop and its user's computer.
    pub transfer: Transfer,
    /// Until when that is; `None` while the hub is there.
    pub away_until: Option<Timestamp>,
    /// Whether its terms are those that count.
    pub counts: bool,
}

/// Whether a grant holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It holds.
    Holds {
        /// The first moment at which it does not any more; `None`: it always does.
        until: Option<Timestamp>,
    },
    /// None of its windows is open.
    Closed {
        /// When one opens; `None`: never.
        opens: Option<Timestamp>,
    },
    /// The site has been without its hub for longer than it allows.
    HubAway,
}

/// Decides as [`decide`], and says what of.
#[must_use]
pub fn explain<'a>(
    user: &User,
    target: &Target,
    grants: impl IntoIterator<Item = &'a Grant>,
    moment: impl Into<Moment>,
) -> Explanation {
    let moment = moment.into();
    let covering: Vec<_> = grants.into_iter().filter(|grant| grant.covers(user, target)).collect();
    let decision = decide(user, target, covering.iter().copied(), moment);
    let counting = decision.as_ref().ok().map(Authorization::grant_id);
    let (user, target) = (
        User { enabled: true, ..user.clone() },
        Target { enabled: true, zone_enabled: true, ..target.clone() },
    );
    let weighed = |grant: &Grant| Weighed {
        id: grant.id,
        subject: grant.subject,
        object: grant.object.clone(),
        stands: stands(decide(&user, &target, [grant], moment)),
        offline_seconds: grant.terms.offline_seconds,
        transfer: grant.terms.transfer,
        away_until: moment.away_since.map(|since| grant.terms.allow_away_until(since)),
        counts: counting == Some(grant.id),
    };
    let grants = covering.into_iter().map(weighed).collect();
    Explanation { decision, grants }
}

fn stands(alone: Result<Authorization, Denial>) -> Stands {
    match alone {
        Ok(authorization) => Stands::Holds { until: authorization.away_ends().or(authorization.ends()) },
        Err(Denial::OutsideWindow { opens }) => Stands::Closed { opens },
        Err(Denial::HubAway) => Stands::HubAway,
        // Not of one that covers both.
        Err(Denial::UserDisabled | Denial::NotGranted | Denial::TargetDisabled | Denial::ZoneDisabled) => {
            Stands::Closed { opens: None }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use openpam_ids::{GroupId, TargetId, UserId, ZoneId};
    use proptest::prelude::*;

    use super::*;
    use crate::{Terms, When, Window};

    const NOON: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn minutes(count: i64) -> Timestamp {
        NOON.checked_add(SignedDuration::from_mins(count)).expect("a time")
    }

    fn user(enabled: bool) -> User {
        User { id: UserId::from_bytes([1; 16]), enabled, groups: vec![GroupId::from_bytes([1; 16])] }
    }

    fn target(enabled: bool) -> Target {
        Target {
            id: TargetId::from_bytes([1; 16]),
            zone_id: ZoneId::from_bytes([1; 16]),
            enabled,
            zone_enabled: true,
            labels: Vec::new(),
        }
    }

    fn any_when() -> impl Strategy<Value = When> {
        prop_oneof![
            Just(When::Always),
            (-30..30_i64, 1..30_i64, 1..30_i64, 1..30_i64).prop_map(|(start, long, apart, next)| {
                let window = |start, end| Window { start: minutes(start), end: minutes(end) };
                let again = start + long + apart;
                When::Within(vec![window(start, start + long), window(again, again + next)])
            }),
        ]
    }

    fn any_grant() -> impl Strategy<Value = Grant> {
        (0..3_u8, any::<bool>(), 0..3_u8, any::<bool>(), 0..120_u32, any_when()).prop_map(
            |(who, is_user, what, is_target, offline_minutes, when)| {
                let (who, what) = ([who; 16], [what; 16]);
                let subject = if is_user {
                    Subject::User(UserId::from_bytes(who))
                } else {
                    Subject::Group(GroupId::from_bytes(who))
                };
                let object = if is_target {
                    Object::Target(TargetId::from_bytes(what))
                } else {
                    Object::Zone(ZoneId::from_bytes(what))
                };
                let terms = Terms { offline_seconds: offline_minutes * 60, ..Terms::default() };
                Grant { id: GrantId::from_bytes([0; 16]), subject, object, terms, when }
            },
        )
    }

    fn numbered(grants: Vec<Grant>) -> Vec<Grant> {
        let number = |(id, grant): (usize, Grant)| {
            let id = GrantId::from_bytes([u8::try_from(id).unwrap_or_default(); 16]);
            Grant { id, ..grant }
        };
        grants.into_iter().enumerate().map(number).collect()
    }

    proptest! {
        #[test]
        fn what_is_explained_is_what_is_decided(
            grants in prop::collection::vec(any_grant(), 0..8).prop_map(numbered),
            on in any::<[bool; 2]>(),
            away in prop::option::of(-90..1_i64),
        ) {
            let (user, target) = (user(on[0]), target(on[1]));
            let moment = Moment { now: NOON, away_since: away.map(minutes) };
            let explained = explain(&user, &target, &grants, moment);
            let decided = decide(&user, &target, &grants, moment);
            prop_assert_eq!(&explained.decision, &decided);

            let counting: Vec<_> = explained.grants.iter().filter(|grant| grant.counts).collect();
            let by = decided.as_ref().ok().map(Authorization::grant_id);
            prop_assert_eq!(counting.iter().map(|grant| grant.id).collect::<Vec<_>>(), Vec::from_iter(by));
            let holding = |grant: &Weighed| matches!(grant.stands, Stands::Holds { .. });
            prop_assert!(counting.into_iter().all(holding));
            if on == [true; 2] {
                prop_assert_eq!(explained.grants.iter().any(holding), decided.is_ok());
            }
            for grant in &explained.grants {
                if let Stands::Holds { until: Some(until) } = grant.stands {
                    prop_assert!(until > NOON);
                    prop_assert!(grant.away_until.is_none_or(|away| until <= away));
                }
                prop_assert_eq!(grant.away_until.is_some(), away.is_some());
            }
        }
    }

    #[test]
    fn of_somebody_who_is_disabled_it_still_says_what_they_were_granted() {
        let grant = Grant {
            id: GrantId::from_bytes([7; 16]),
            subject: Subject::User(user(true).id),
            object: Object::Target(target(true).id),
            terms: Terms::default(),
            when: When::Always,
        };
        let explained = explain(&user(false), &target(true), [&grant], NOON);
        assert_eq!(explained.decision, Err(Denial::UserDisabled));
        let [weighed] = explained.grants.as_slice() else { panic!("one grant") };
        assert_eq!((weighed.stands, weighed.counts), (Stands::Holds { until: None }, false));
    }
}
