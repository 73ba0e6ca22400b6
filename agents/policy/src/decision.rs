//! The decision: may this user open this target at this moment, by which grant, and until when.

use jiff::Timestamp;
use openpam_ids::{GrantId, GroupId, TargetId, UserId, ZoneId};

use crate::{Grant, Label, Moment, Standing, Terms};

/// What is known of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// Whether the account is enabled.
    pub enabled: bool,
    /// The groups they are in.
    pub groups: Vec<GroupId>,
}

/// What is known of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub id: TargetId,
    /// Where it stands.
    pub zone_id: ZoneId,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Whether its zone is enabled.
    pub zone_enabled: bool,
    /// Its labels.
    pub labels: Vec<Label>,
}

/// The right to open a session of this user on this target. Only [`decide`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    user_id: UserId,
    target_id: TargetId,
    zone_id: ZoneId,
    grant_id: GrantId,
    terms: Terms,
    ends: Option<Timestamp>,
    away_ends: Option<Timestamp>,
}

impl Authorization {
    /// Who may open it.
    #[must_use]
    pub const fn user_id(&self) -> UserId {
        self.user_id
    }

    /// What may be opened.
    #[must_use]
    pub const fn target_id(&self) -> TargetId {
        self.target_id
    }

    /// Where it stands.
    #[must_use]
    pub const fn zone_id(&self) -> ZoneId {
        self.zone_id
    }

    /// By which grant.
    #[must_use]
    pub const fn grant_id(&self) -> GrantId {
        self.grant_id
    }

    /// On which terms.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The first moment at which no grant holds any more; `None`: there is always one.
    #[must_use]
    pub const fn ends(&self) -> Option<Timestamp> {
        self.ends
    }

    /// The first moment at which no grant that holds allows the site to be without its hub for so long; `None` while the hub
    /// is there, or if [`Self::ends`] comes first.
    #[must_use]
    pub const fn away_ends(&self) -> Option<Timestamp> {
        self.away_ends
    }
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The account is disabled.
    #[error("the user is disabled")]
    UserDisabled,
    /// No grant covers this user and this target.
    #[error("no grant covers this user and this target")]
    NotGranted,
    /// Granted, but the target is disabled.
    #[error("the target is disabled")]
    TargetDisabled,
    /// Granted, but the target's zone is disabled.
    #[error("the target's zone is disabled")]
    ZoneDisabled,
    /// Granted, but not at this time.
    #[error("no grant for this target holds at this time")]
    OutsideWindow {
        /// When one holds next.
        opens: Option<Timestamp>,
    },
    /// Granted, but the site has been without its hub for longer than a grant allows.
    #[error("no grant for this target holds for so long without the hub")]
    HubAway,
}

/// Decides whether `user` may open `target` at `moment`, given the grants that stand. Of several that cover it and hold the
/// one with the most generous terms counts, whole: a grant gives, and never takes from what another one gives.
///
/// Who was not granted the target learns nothing about it: [`Denial::NotGranted`] comes before its state.
///
/// # Errors
/// The [`Denial`] that says why not.
pub fn decide<'a>(
    user: &User,
    target: &Target,
    grants: impl IntoIterator<Item = &'a Grant>,
    moment: impl Into<Moment>,
) -> Result<Authorization, Denial> {
    let Moment { now, away_since } = moment.into();
    if !user.enabled {
        return Err(Denial::UserDisabled);
    }
    let covering: Vec<_> = grants.into_iter().filter(|grant| grant.covers(user, target)).collect();
    if covering.is_empty() {
        return Err(Denial::NotGranted);
    }
    if !target.zone_enabled {
        return Err(Denial::ZoneDisabled);
    }
    if !target.enabled {
        return Err(Denial::TargetDisabled);
    }
    let ends = match Standing::of(covering.iter().map(|grant| &grant.when), now) {
        Standing::Open { ends } => ends,
        Standing::Closed { opens } => return Err(Denial::OutsideWindow { opens }),
    };
    let allowed_until = |grant: &Grant| away_since.map(|since| grant.terms.allow_away_until(since));
    let away_ends = match away_since {
        None => None,
        Some(_) => {
            let cut = covering.iter().filter_map(|grant| Some((&grant.when, allowed_until(grant)?)));
            let end = Standing::until(cut, now).ok_or(Denial::HubAway)?;
            Some(end).filter(|end| ends.is_none_or(|ends| *end < ends))
        }
    };
    let holding = covering
        .iter()
        .filter(|grant| grant.when.holds(now) && allowed_until(grant).is_none_or(|until| now < until));
    // The older one of two alike, so that the answer is the same whatever their order.
    let best = |one: &&&Grant, other: &&&Grant| one.terms.compare(&other.terms).then(other.id.cmp(&one.id));
    let grant = holding.max_by(best).ok_or(Denial::NotGranted)?;
    Ok(Authorization {
        user_id: user.id,
        target_id: target.id,
        zone_id: target.zone_id,
        grant_id: grant.id,
        terms: grant.terms.clone(),
        ends,
        away_ends,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Object, Subject, When, Window};

    const NOON: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn minutes(count: i64) -> Timestamp {
        NOON.checked_add(jiff::SignedDuration::from_mins(count)).expect("a time")
    }

    fn within(windows: &[(i64, i64)]) -> Grant {
        let window = |(start, end): &(i64, i64)| Window { start: minutes(*start), end: minutes(*end) };
        Grant {
            when: When::Within(windows.iter().map(window).collect()),
            ..grant(Subject::User(user().id), Object::Target(target().id))
        }
    }

    fn user() -> User {
        User { id: UserId::from_bytes([1; 16]), enabled: true, groups: vec![GroupId::from_bytes([2; 16])] }
    }

    fn target() -> Target {
        Target {
            id: TargetId::from_bytes([3; 16]),
            zone_id: ZoneId::from_bytes([4; 16]),
            enabled: true,
            zone_enabled: true,
            labels: vec![label(0)],
        }
    }

    fn label(number: u8) -> Label {
        format!("line={number}").parse().expect("a label")
    }

    fn grant(subject: Subject, object: Object) -> Grant {
        Grant {
            id: GrantId::from_bytes([5; 16]),
            subject,
            object,
            terms: Terms::default(),
            when: When::Always,
        }
    }

    #[test]
    fn without_a_grant_nothing_opens() {
        assert_eq!(decide(&user(), &target(), &[], NOON), Err(Denial::NotGranted));
    }

    #[test]
    fn user_or_group_and_target_zone_or_label_each_open_it() {
        let (user, target) = (user(), target());
        for subject in [Subject::User(user.id), Subject::Group(user.groups[0])] {
            for object in [Object::Target(target.id), Object::Zone(target.zone_id), Object::Label(label(0))] {
                let authorization = decide(&user, &target, &[grant(subject, object)], NOON).expect("granted");
                assert_eq!(authorization.target_id(), target.id);
                assert_eq!(authorization.grant_id(), GrantId::from_bytes([5; 16]));
            }
        }
    }

    #[test]
    fn anything_disabled_closes_it_and_says_what() {
        let grants = [grant(Subject::User(user().id), Object::Target(target().id))];
        let disabled = User { enabled: false, ..user() };
        assert_eq!(decide(&disabled, &target(), &grants, NOON), Err(Denial::UserDisabled));
        let off = Target { enabled: false, ..target() };
        assert_eq!(decide(&user(), &off, &grants, NOON), Err(Denial::TargetDisabled));
        let off = Target { zone_enabled: false, ..target() };
        assert_eq!(decide(&user(), &off, &grants, NOON), Err(Denial::ZoneDisabled));
        assert_eq!(decide(&user(), &off, &[], NOON), Err(Denial::NotGranted));
    }

    #[test]
    fn the_most_generous_terms_count_whole() {
        let limited = |id: u8, max_session_seconds, idle_seconds, consent: Option<&str>| Grant {
            id: GrantId::from_bytes([id; 16]),
            terms: Terms {
                max_session_seconds,
                idle_seconds,
                consent: consent.map(str::to_owned),
                ..Terms::default()
            },
            ..grant(Subject::User(user().id), Object::Target(target().id))
        };
        let hour = limited(1, Some(3600), None, None);
        let day = limited(2, Some(86_400), Some(600), Some("be careful"));
        let day_too = limited(3, Some(86_400), Some(600), None);
        let free = limited(4, None, None, None);
        for (grants, best) in [
            (vec![&hour, &day], &day),
            (vec![&day, &hour, &day_too], &day_too),
            (vec![&free, &hour, &day], &free),
        ] {
            for turned in [false, true] {
                let mut grants: Vec<Grant> = grants.iter().map(|grant| (*grant).clone()).collect();
                if turned {
                    grants.reverse();
                }
                let authorization = decide(&user(), &target(), &grants, NOON).expect("granted");
                assert_eq!((authorization.grant_id(), authorization.terms()), (best.id, &best.terms));
            }
        }
        let twins = [limited(7, None, None, None), limited(6, None, None, None)];
        assert_eq!(decide(&user(), &target(), &twins, NOON).expect("granted").grant_id(), twins[1].id);
    }

    #[test]
    fn outside_of_its_windows_a_grant_opens_nothing_and_says_when_it_will() {
        let at = |now: i64, grants: &[Grant]| decide(&user(), &target(), grants, minutes(now));
        let shifts = [within(&[(10, 20), (40, 50)])];
        let outside = |minute: Option<i64>| Err(Denial::OutsideWindow { opens: minute.map(minutes) });
        assert_eq!(at(0, &shifts), outside(Some(10)));
        assert_eq!(at(20, &shifts), outside(Some(40)), "its end is behind it");
        assert_eq!(at(50, &shifts), outside(None));
        assert_eq!(at(10, &shifts).expect("open").ends(), Some(minutes(20)));
        let disabled = Target { enabled: false, ..target() };
        let denied = decide(&user(), &disabled, &shifts, NOON);
        assert_eq!(denied, Err(Denial::TargetDisabled), "no time is said of what would not open then either");
    }

    #[test]
    fn where_one_grant_ends_another_goes_on() {
        let end = |grants: &[Grant]| decide(&user(), &target(), grants, NOON).expect("open").ends();
        let (early, late) = (within(&[(-5, 20)]), within(&[(10, 40)]));
        assert_eq!(end(&[early.clone(), late.clone()]), Some(minutes(40)));
        assert_eq!(end(&[late, early.clone(), within(&[(40, 41)])]), Some(minutes(41)));
        assert_eq!(end(&[early.clone(), within(&[(21, 40)])]), Some(minutes(20)), "a minute is missing");
        let always = Grant { when: When::Always, ..early.clone() };
        assert_eq!(end(&[early, always]), None);
    }

    #[test]
    fn terms_of_a_grant_that_does_not_hold_do_not_count() {
        let limited = Terms { max_session_seconds: Some(60), ..Terms::default() };
        let now = Grant { terms: limited.clone(), ..within(&[(-5, 5)]) };
        let later = within(&[(10, 20)]);
        let authorization = decide(&user(), &target(), &[later, now], NOON).expect("open");
        assert_eq!(authorization.terms(), &limited);
    }

    #[test]
    fn without_the_hub_a_grant_holds_as_long_as_it_says() {
        let offline = |minutes: u32, grant: Grant| Grant {
            terms: Terms { offline_seconds: minutes * 60, ..Terms::default() },
            ..grant
        };
        let at = |now: i64, grants: &[Grant]| {
            let moment = Moment { now: minutes(now), away_since: Some(NOON) };
            decide(&user(), &target(), grants, moment).map(|open| (open.ends(), open.away_ends()))
        };
        let always = Grant { when: When::Always, ..within(&[]) };
        let hour = [offline(60, always.clone())];
        assert_eq!(at(59, &hour), Ok((None, Some(minutes(60)))));
        assert_eq!(at(60, &hour), Err(Denial::HubAway));
        assert_eq!(at(0, &[offline(0, always.clone())]), Err(Denial::HubAway));
        let shift = offline(60, within(&[(-10, 30)]));
        assert_eq!(
            at(5, std::slice::from_ref(&shift)),
            Ok((Some(minutes(30)), None)),
            "its window ends first"
        );
        let evening = offline(600, within(&[(20, 90), (100, 200)]));
        assert_eq!(at(5, &[shift.clone(), evening.clone()]), Ok((Some(minutes(90)), None)));
        let short = offline(10, always);
        assert_eq!(at(5, &[short.clone(), shift.clone()]), Ok((None, Some(minutes(30)))));
        assert_eq!(at(95, &[short, evening]), Err(Denial::HubAway));
    }

    #[test]
    fn without_the_hub_the_terms_of_a_spent_grant_do_not_count() {
        let spent = Grant {
            id: GrantId::from_bytes([1; 16]),
            terms: Terms { offline_seconds: 60, ..Terms::default() },
            ..grant(Subject::User(user().id), Object::Target(target().id))
        };
        let limited = Terms { max_session_seconds: Some(60), ..Terms::default() };
        let other = Grant { id: GrantId::from_bytes([2; 16]), terms: limited.clone(), ..spent.clone() };
        let moment = Moment { now: minutes(2), away_since: Some(NOON) };
        let open = decide(&user(), &target(), &[spent, other.clone()], moment).expect("open");
        assert_eq!((open.grant_id(), open.terms()), (other.id, &limited));
    }

    fn small_id() -> impl Strategy<Value = [u8; 16]> {
        (0..3_u8).prop_map(|byte| [byte; 16])
    }

    fn any_grant() -> impl Strategy<Value = Grant> {
        (small_id(), any::<bool>(), small_id(), 0..3_u8).prop_map(|(who, is_user, what, kind)| {
            let subject = if is_user {
                Subject::User(UserId::from_bytes(who))
            } else {
                Subject::Group(GroupId::from_bytes(who))
            };
            let object = match kind {
                0 => Object::Target(TargetId::from_bytes(what)),
                1 => Object::Zone(ZoneId::from_bytes(what)),
                _ => Object::Label(label(what[0])),
            };
            grant(subject, object)
        })
    }

    proptest! {
        #[test]
        fn it_opens_exactly_when_all_is_enabled_and_a_grant_names_both(
            id in small_id(), groups in prop::collection::vec(small_id(), 0..3), on in any::<[bool; 3]>(),
            t in small_id(), z in small_id(), labels in prop::collection::vec(0..3_u8, 0..3), grants in prop::collection::vec(any_grant(), 0..6),
        ) {
            let user = User {
                id: UserId::from_bytes(id),
                enabled: on[0],
                groups: groups.into_iter().map(GroupId::from_bytes).collect(),
            };
            let target = Target {
                id: TargetId::from_bytes(t),
                zone_id: ZoneId::from_bytes(z),
                enabled: on[1],
                zone_enabled: on[2],
                labels: labels.into_iter().map(label).collect(),
            };
            let named = grants.iter().any(|grant| {
                let who = grant.subject == Subject::User(user.id)
                    || user.groups.iter().any(|group| grant.subject == Subject::Group(*group));
                let what = grant.object == Object::Target(target.id)
                    || grant.object == Object::Zone(target.zone_id)
                    || target.labels.iter().any(|label| grant.object == Object::Label(label.clone()));
                who && what
            });
            prop_assert_eq!(decide(&user, &target, &grants, NOON).is_ok(), named && on == [true; 3]);
        }
    }
}
