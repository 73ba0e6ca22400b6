//! From a WebSocket to an `attach` channel: the right, the credential, the way to the site, and the site's word.
//!
//! What a session dials comes only out of an [`openpam_policy::Authorization`].

use std::time::{Duration, Instant};

use openpam_ids::{AttachmentId, CredentialId, SessionId, ZoneId};
use openpam_link::channel::Channel;
use openpam_policy::{Authorization, Denial};
use openpam_proto::attach::{AttachHeader, Closed, OpenShell, Opened, Resumes, ToHub, Watch};
use openpam_proto::end::{EndCode, Hop, StepName};
use openpam_proto::snapshot::PolicyVersion;
use serde_json::json;
use tokio::sync::mpsc;
use tracing::{Instrument, debug_span};

use super::{Request, closed, dial};
use crate::app::Hub;
use crate::changes::Change;
use crate::mesh::links::{LinkError, SiteLink};
use crate::policy;
use crate::store::access::{self, AccessError};
use crate::store::targets::{self, Dial};
use crate::store::{StoreError, sessions};
use crate::time::Time;

/// A site that holds tunnels to other hubs has one to this one this soon.
const WAY_PATIENCE: Duration = Duration::from_secs(2);
/// An event that a site has on its disk is in the books this soon.
const EVENT_PATIENCE: Duration = Duration::from_secs(1);

/// A channel whose attachment stands.
pub struct Connected {
    /// The session.
    pub session_id: SessionId,
    /// This attachment.
    pub attachment_id: AttachmentId,
    /// The session's zone.
    pub zone_id: ZoneId,
    /// Its name, for people.
    pub zone: String,
    /// Whether this attachment only watches.
    pub watches: bool,
    /// The way to its site.
    pub link: SiteLink,
    /// The channel.
    pub channel: Channel,
    /// What the site said.
    pub opened: Opened,
}

/// Opens a new session. Steps are told as they are done.
///
/// # Errors
/// The close to send instead.
pub async fn open(
    hub: &Hub,
    request: &Request,
    authorization: &Authorization,
    session_id: SessionId,
    steps: &mpsc::Sender<StepName>,
) -> Result<Connected, Closed> {
    let _ = steps.try_send(StepName::Policy);
    let dial = targets::dial(&hub.pool, authorization, request.credential).await.map_err(store_failed)?;
    let dial = dial.ok_or_else(|| {
        let message = "no enabled credential is stored for this target; an administrator must add one";
        closed(EndCode::CredentialRejected, message, Hop::Hub, true)
    })?;
    if dial.protocol != request.protocol {
        let message =
            format!("this target speaks {}; open it from the list of targets", dial.protocol.as_str());
        return Err(closed(EndCode::Internal, &message, Hop::Hub, true));
    }
    let link = way(hub, authorization.zone_id()).await.ok_or_else(|| offline(&dial.zone, true))?;
    if let Some(too_old) = dial::too_old(&dial, &link) {
        return Err(too_old);
    }
    if authorization.terms().limit() && !link.keeps_limits() {
        let message = "your grant limits this session, and the site's satellite is too old to keep that; \
                       an administrator must update it";
        return Err(closed(EndCode::SiteForbids, message, Hop::Site, true));
    }
    if authorization.ends().is_some() && !link.keeps_windows() {
        let message = "your grant holds for a time only, and the site's satellite is too old to keep that; \
                       an administrator must update it";
        return Err(closed(EndCode::SiteForbids, message, Hop::Site, true));
    }
    let policy = policy_for(hub, authorization.zone_id(), &link).await?;
    book(hub, request, authorization, &link, session_id, dial.credential_id).await?;
    let mut connected =
        dial_site(hub, request, (&dial, authorization, policy), link, session_id, steps).await;
    match &mut connected {
        Ok(connected) => {
            hub.sites.dialled(request.target_id, true);
            hub.changes.tell_others(Change::SessionBegan(connected.link.satellite_id(), session_id));
        }
        Err(closed) => {
            // No session came about, so there is nothing to come back to.
            closed.ended = true;
            if closed.code == EndCode::TargetUnreachable {
                hub.sites.dialled(request.target_id, false);
            }
            close_book(hub, session_id, closed).await;
        }
    }
    connected
}

/// Where an attachment goes on whose tunnel was lost.
pub struct Resuming {
    /// The first output byte that the browser was not given.
    pub from: u64,
    /// Columns and rows of its terminal.
    pub size: (u16, u16),
    /// Which attachment.
    pub resumes: Resumes,
}

/// Attaches to a session that exists.
///
/// # Errors
/// The close to send instead.
pub async fn attach(hub: &Hub, request: &Request, session_id: SessionId) -> Result<Connected, Closed> {
    attach_with(hub, request, header(request, session_id, None)).await
}

/// Attaches a browser again that is still there.
///
/// # Errors
/// As [`attach`].
pub async fn resume(
    hub: &Hub,
    request: &Request,
    session_id: SessionId,
    resuming: Resuming,
) -> Result<Connected, Closed> {
    let Resuming { from, size: (cols, rows), resumes } = resuming;
    let resumes = Some(resumes);
    let header = AttachHeader { from: Some(from), cols, rows, resumes, ..header(request, session_id, None) };
    attach_with(hub, request, header).await
}

async fn attach_with(hub: &Hub, request: &Request, header: AttachHeader) -> Result<Connected, Closed> {
    let mut attached = attach_now(hub, request, header).await;
    if let Err(closed) = &mut attached
        && closed.code == EndCode::Internal
        && closed.hop == Hop::Hub
    {
        // The hub's own trouble ends no session.
        closed.ended = false;
    }
    attached
}

async fn attach_now(hub: &Hub, request: &Request, header: AttachHeader) -> Result<Connected, Closed> {
    let (session_id, attachment_id) = (header.session_id, header.attachment_id);
    let not_theirs = || closed(EndCode::NotGranted, "this is not a session of yours", Hop::Hub, true);
    let row = sessions::find(&hub.pool, session_id).await.map_err(store_failed)?.ok_or_else(not_theirs)?;
    if row.target_id != request.target_id {
        return Err(not_theirs());
    }
    let header = if row.user_id == request.caller.user_id {
        authorize(hub, request).await?;
        header
    } else {
        let watching =
            access::may_watch(&hub.pool, request.caller.user_id).await.map_err(|error| match error {
                AccessError::Denied(Denial::NotGranted) => not_theirs(),
                other => refused(other),
            })?;
        AttachHeader { watch: Some(Watch { name: watching.into_name() }), resumes: None, ..header }
    };
    let watches = header.watch.is_some();
    let link = way(hub, row.zone_id).await.ok_or_else(|| offline(&row.zone, false))?;
    let mut channel = link.attach(header).await.map_err(|error| lost(&error))?;
    loop {
        match dial::next(&mut channel, &row.zone).await? {
            ToHub::Opened(opened) => {
                let (zone_id, zone) = (row.zone_id, row.zone);
                return Ok(Connected {
                    session_id,
                    attachment_id,
                    zone_id,
                    zone,
                    watches,
                    link,
                    channel,
                    opened,
                });
            }
            ToHub::Closed(closed) if closed.code == EndCode::SessionGone => {
                return Err(how_it_ended(hub, session_id, closed).await);
            }
            ToHub::Closed(closed) => return Err(closed),
            _ => {}
        }
    }
}

/// The way to a site. One of several hubs that has only begun waits for it a moment: the site is on its way.
async fn way(hub: &Hub, zone: ZoneId) -> Option<SiteLink> {
    if let Some(link) = hub.links.to(zone) {
        return Some(link);
    }
    if !hub.instances.has_others(hub.id) {
        return None;
    }
    let mut way = hub.links.watch(zone);
    let stands = way.wait_for(Option::is_some);
    tokio::time::timeout(WAY_PATIENCE, stands).await.ok()?.ok()?.clone()
}

/// Asks the policy whether the caller may open the target now.
///
/// # Errors
/// The close to send instead.
pub async fn authorize(hub: &Hub, request: &Request) -> Result<Authorization, Closed> {
    access::authorize(&hub.pool, request.caller.user_id, request.target_id).await.map_err(refused)
}

fn refused(error: AccessError) -> Closed {
    match error {
        AccessError::Store(error) => store_failed(error),
        AccessError::Denied(denial) => denied(denial),
    }
}

fn denied(denial: Denial) -> Closed {
    let outside;
    let (code, message) = match denial {
        Denial::OutsideWindow { opens: Some(opens) } => {
            outside = format!("your access to this target begins on {}", opens.strftime("%F at %H:%M UTC"));
            (EndCode::OutsideWindow, outside.as_str())
        }
        Denial::OutsideWindow { opens: None } => {
            (EndCode::OutsideWindow, "your access to this target is over; ask an administrator for more time")
        }
        Denial::UserDisabled => (EndCode::UserDisabled, "your account is disabled"),
        // Said by sites alone: a hub is never without itself.
        Denial::HubAway => (EndCode::PolicyStale, "the site was without its hub for too long"),
        Denial::NotGranted => {
            (EndCode::NotGranted, "you have no grant for this target; ask an administrator")
        }
        Denial::TargetDisabled => (EndCode::NotGranted, "this target is disabled"),
        Denial::ZoneDisabled => (EndCode::NotGranted, "this target's zone is disabled"),
    };
    closed(code, message, Hop::Hub, true)
}

/// The policy that the site is to decide by, once more and by itself; absent: it is too old for that.
async fn policy_for(hub: &Hub, zone: ZoneId, link: &SiteLink) -> Result<Option<PolicyVersion>, Closed> {
    if !link.keeps_policy() {
        return Ok(None);
    }
    let policy = policy::settled(&hub.pool, &hub.policies, zone).instrument(debug_span!("settle policy"));
    let policy = policy.await.map_err(store_failed)?.ok_or_else(|| {
        let message = "the policy of this site is being worked out; try again in a moment";
        closed(EndCode::PolicyStale, message, Hop::Hub, true)
    })?;
    Ok(Some(policy))
}

async fn book(
    hub: &Hub,
    request: &Request,
    authorization: &Authorization,
    link: &SiteLink,
    id: SessionId,
    credential_id: CredentialId,
) -> Result<(), Closed> {
    let opening = sessions::Opening {
        id,
        authorization,
        credential_id,
        satellite_id: link.satellite_id(),
        client_ip: request.caller.client_ip,
    };
    let booked = async {
        let mut tx = hub.pool.begin().await?;
        sessions::open(&mut tx, opening).await?;
        if let Some(text) = &authorization.terms().consent {
            let detail = json!({ "grant_id": authorization.grant_id(), "text": text });
            request.caller.record_of(hub, &mut tx, id, "session.consented", detail).await?;
        }
        Ok(tx.commit().await?)
    };
    booked.instrument(debug_span!("write books")).await.map_err(store_failed)
}

/// A session that never came about is closed in the books at once; the site's own event then finds it closed.
async fn close_book(hub: &Hub, id: SessionId, why: &Closed) {
    let closing = sessions::Closing {
        id,
        satellite_id: None,
        end_time: Time::now(),
        was_open: false,
        code: why.code,
        message: &why.message,
        input_bytes: 0,
        output_bytes: 0,
    };
    let result = match hub.pool.acquire().await {
        Ok(mut db) => sessions::close(&mut db, closing).await.map(|_| ()),
        Err(error) => Err(error.into()),
    };
    if let Err(error) = result {
        tracing::error!(session = %id, %error, "a failed session stays open in the books until its site reports it");
    }
}

async fn dial_site(
    hub: &Hub,
    request: &Request,
    (dial, authorization, policy): (&Dial, &Authorization, Option<PolicyVersion>),
    link: SiteLink,
    session_id: SessionId,
    steps: &mpsc::Sender<StepName>,
) -> Result<Connected, Closed> {
    let terms = authorization.terms();
    let shell = OpenShell {
        longest_s: terms.max_session_seconds,
        idle_s: terms.idle_seconds,
        ends_ms: authorization.ends().map(|ends| ends.as_millisecond()),
        policy,
        ..dial::shell(hub, dial, &request.caller.username)
    };
    let header = header(request, session_id, Some(shell));
    let attachment_id = header.attachment_id;
    let told = |step| {
        // A browser that does not take its steps does without.
        let _ = steps.try_send(step);
    };
    let (channel, opened) = dial::through(hub, &request.caller, dial, &link, header, &told).await?;
    Ok(Connected {
        session_id,
        attachment_id,
        zone_id: authorization.zone_id(),
        zone: dial.zone.clone(),
        watches: false,
        link,
        channel,
        opened,
    })
}

fn header(request: &Request, session_id: SessionId, open: Option<OpenShell>) -> AttachHeader {
    AttachHeader {
        session_id,
        attachment_id: AttachmentId::generate(),
        user_id: request.caller.user_id,
        target_id: request.target_id,
        cols: request.cols,
        rows: request.rows,
        from: request.offset,
        open,
        client_ip: Some(request.caller.client_ip.to_string()),
        resumes: None,
        watch: None,
        traceparent: None,
        view: request.view,
    }
}

/// The books know how it ended, or will in a moment: the site's event may still be on its way.
async fn how_it_ended(hub: &Hub, session_id: SessionId, gone: Closed) -> Closed {
    let deadline = Instant::now() + EVENT_PATIENCE;
    loop {
        let Ok(Some(row)) = sessions::find(&hub.pool, session_id).await else { return gone };
        if let Some(code) = row.end_code {
            let message = row.error_message.unwrap_or_else(|| "this session is over".to_owned());
            return Closed { code: code.parse().unwrap_or(EndCode::SessionGone), message, ..gone };
        }
        if Instant::now() > deadline {
            return gone;
        }
        tokio::time::sleep(EVENT_PATIENCE / 20).await;
    }
}

/// The zone has no tunnel. `ended` tells whether a session is lost by it.
#[must_use]
pub fn offline(zone: &str, ended: bool) -> Closed {
    let message = format!("site {zone} has no connection to the hub now; it will be back by itself");
    closed(EndCode::ZoneOffline, &message, Hop::Site, ended)
}

/// There is no channel to the site.
pub fn lost(error: &LinkError) -> Closed {
    tracing::debug!(%error, "no channel to the site");
    closed(EndCode::ZoneOffline, "the connection to the site was lost just now; try again", Hop::Site, false)
}

/// What a browser is told when the books fail.
pub fn store_failed(error: StoreError) -> Closed {
    tracing::error!(error = &error as &dyn std::error::Error, "the books do not answer");
    closed(EndCode::Internal, "the hub's database does not answer; try again in a moment", Hop::Hub, true)
}
