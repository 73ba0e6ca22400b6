//! An administrator tries a target: everything that a session needs, short of a shell. No grant is asked for, since
//! nothing of the target is given.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use openpam_ids::{AttachmentId, CredentialId, SessionId, TargetId};
use openpam_proto::attach::{AttachHeader, Closed, OpenShell};
use openpam_proto::end::{EndCode, Hop, StepName};

use super::{closed, connect, dial};
use crate::app::Hub;
use crate::auth::Caller;
use crate::store::StoreError;
use crate::store::targets;

/// A site that says nothing is given up after this.
const PATIENCE: Duration = Duration::from_secs(45);

/// What came of it.
#[derive(Debug)]
pub struct Tested {
    /// The account that was tried, if there is one.
    pub username: Option<String>,
    /// The steps that were done, each with the milliseconds since the begin.
    pub steps: Vec<(StepName, u64)>,
    /// Why it went no further; `None`: the target let the account in.
    pub failed: Option<Closed>,
}

/// Tries the target with this credential, or with its oldest.
///
/// # Errors
/// [`StoreError`]; everything else is what came of it.
pub async fn test(
    hub: &Hub,
    admin: &Caller,
    target_id: TargetId,
    credential: Option<CredentialId>,
) -> Result<Tested, StoreError> {
    let mut tested = Tested { username: None, steps: Vec::new(), failed: None };
    let Some((zone_id, dial)) = targets::dial_for_test(&hub.pool, target_id, credential).await? else {
        let message = "no enabled credential is stored for this target; add one first";
        tested.failed = Some(closed(EndCode::CredentialRejected, message, Hop::Hub, true));
        return Ok(tested);
    };
    tested.username = Some(dial.username.clone());
    let Some(link) = hub.links.to(zone_id) else {
        tested.failed = Some(connect::offline(&dial.zone, true));
        return Ok(tested);
    };
    if !link.can_test() {
        let message = "the site's satellite is too old to test a target; update it first";
        tested.failed = Some(closed(EndCode::SiteForbids, message, Hop::Site, true));
        return Ok(tested);
    }
    if let Some(too_old) = dial::too_old(&dial, &link) {
        tested.failed = Some(too_old);
        return Ok(tested);
    }
    let header = AttachHeader {
        session_id: SessionId::generate(),
        attachment_id: AttachmentId::generate(),
        user_id: admin.user_id,
        target_id,
        cols: 80,
        rows: 24,
        from: None,
        open: Some(OpenShell { test: true, ..dial::shell(hub, &dial, &admin.username) }),
        client_ip: Some(admin.client_ip.to_string()),
        resumes: None,
        watch: None,
        traceparent: None,
        view: None,
    };
    let begun = Instant::now();
    let steps = Mutex::new(Vec::new());
    let done = |step| {
        let mut steps = steps.lock().unwrap_or_else(PoisonError::into_inner);
        steps.push((step, begun.elapsed().as_millis() as u64));
    };
    let dialled = dial::through(hub, admin, &dial, &link, header, &done);
    tested.failed = match tokio::time::timeout(PATIENCE, dialled).await {
        // A site that knows tests opens nothing.
        Ok(Ok(_)) => Some(closed(EndCode::Internal, "the site opened a session for a test", Hop::Site, true)),
        Ok(Err(closed)) => Some(closed).filter(|closed| closed.code != EndCode::Exited),
        Err(_) => Some(closed(EndCode::ZoneOffline, "the site does not answer", Hop::Site, true)),
    };
    tested.steps = steps.into_inner().unwrap_or_else(PoisonError::into_inner);
    hub.sites.dialled(
        target_id,
        !matches!(&tested.failed, Some(closed) if closed.code == EndCode::TargetUnreachable),
    );
    Ok(tested)
}
