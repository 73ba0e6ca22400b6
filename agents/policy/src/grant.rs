//! Grants: who may open what.

use openpam_ids::{GrantId, GroupId, TargetId, UserId, ZoneId};

use crate::{Label, Target, Terms, User, When};

/// Who a grant is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// One person.
    User(UserId),
    /// Everybody in a group.
    Group(GroupId),
}

/// What a grant opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// One target.
    Target(TargetId),
    /// Every target of a zone, also those added later.
    Zone(ZoneId),
    /// Every target with this label, in every zone, also those that get it later.
    Label(Label),
}

/// One grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its row.
    pub id: GrantId,
    /// Who.
    pub subject: Subject,
    /// What.
    pub object: Object,
    /// How.
    pub terms: Terms,
    /// When.
    pub when: When,
}

impl Grant {
    pub(crate) fn covers(&self, user: &User, target: &Target) -> bool {
        let who = match self.subject {
            Subject::User(id) => id == user.id,
            Subject::Group(id) => user.groups.contains(&id),
        };
        let what = match &self.object {
            Object::Target(id) => *id == target.id,
            Object::Zone(id) => *id == target.zone_id,
            Object::Label(label) => target.labels.contains(label),
        };
        who && what
    }
}
