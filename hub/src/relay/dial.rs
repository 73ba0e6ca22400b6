//! One dial through a site: the secret sealed to the key that the site made for it, the host key that the target shows,
//! and the site's word.
//!
//! For sessions and for an administrator's test. The secret exists here only between the store and its seal.

use openpam_ids::{SessionId, TargetId};
use openpam_link::channel::Channel;
use openpam_link::seal::{self, DIAL_INFO};
use openpam_proto::attach::{
    AttachHeader, Closed, DialKey, OpenShell, Opened, SealedSecret, Secret, ToHub, ToSite,
};
use openpam_proto::desktop::{self, Gateway, Look, OpenDesktop, RemoteApp, Security, WakeOnLan};
use openpam_proto::end::{EndCode, Hop, StepName};
use serde_json::json;
use tracing::{Instrument, debug_span};

use super::closed;
use super::connect::{lost, offline, store_failed};
use super::host_key::HostKeyLine;
use crate::app::Hub;
use crate::auth::Caller;
use crate::desktop::DesktopSecurity;
use crate::mesh::links::SiteLink;
use crate::store::kinds::{CredentialKind, Protocol};
use crate::store::targets::Dial;
use crate::store::{StoreError, host_keys};

/// The site has this long to reach the target and sign in there.
const DIAL_TIMEOUT_S: u32 = 20;
/// What shells are told their terminal is.
const TERM: &str = "xterm-256color";

/// What the site is to open, without limits.
#[must_use]
pub fn shell(hub: &Hub, dial: &Dial, user: &str) -> OpenShell {
    OpenShell {
        hostname: dial.hostname.clone(),
        port: dial.port,
        username: dial.username.clone(),
        credential_id: dial.credential_id,
        term: TERM.to_owned(),
        host_keys: dial.host_keys.iter().map(|key| key.public_key.clone()).collect(),
        grace_s: u32::try_from(hub.config.session_grace.as_secs()).unwrap_or(u32::MAX),
        dial_timeout_s: DIAL_TIMEOUT_S,
        user: user.to_owned(),
        target: dial.name.clone(),
        longest_s: None,
        idle_s: None,
        old_algorithms: dial.old_algorithms,
        test: false,
        ends_ms: None,
        policy: None,
        desktop: desktop(dial),
    }
}

/// How it is opened, if it is a desktop.
fn desktop(dial: &Dial) -> Option<OpenDesktop> {
    let protocol = match dial.protocol {
        Protocol::Ssh => return None,
        Protocol::Rdp => desktop::Protocol::Rdp,
        Protocol::Vnc => desktop::Protocol::Vnc,
    };
    let settings = dial.desktop.clone().unwrap_or_default();
    Some(OpenDesktop {
        protocol,
        security: match settings.security {
            DesktopSecurity::Any => Security::Any,
            DesktopSecurity::Nla => Security::Nla,
            DesktopSecurity::Tls => Security::Tls,
            DesktopSecurity::Rdp => Security::Rdp,
        },
        domain: settings.domain,
        keyboard_layout: settings.keyboard_layout.map(|layout| layout.as_str().to_owned()),
        initial_program: settings.initial_program,
        remote_app: settings.remote_app.map(|app| RemoteApp {
            program: app.program,
            dir: app.dir,
            args: app.args,
        }),
        console: settings.console,
        color_depth: settings.color_depth,
        look: Look {
            wallpaper: settings.wallpaper,
            theming: settings.theming,
            font_smoothing: settings.font_smoothing,
            full_window_drag: settings.full_window_drag,
            desktop_composition: settings.desktop_composition,
            menu_animations: settings.menu_animations,
        },
        printer: settings.printer,
        gateway: settings.gateway.map(|gateway| Gateway {
            hostname: gateway.hostname,
            port: gateway.port,
            domain: gateway.domain,
            username: gateway.username,
        }),
        wake_on_lan: settings.wake_on_lan.map(|wake| WakeOnLan {
            mac: wake.mac,
            broadcast: Some(wake.broadcast.to_string()),
            wait_seconds: wake.wait_seconds,
        }),
    })
}

/// Why a site can't open this target.
#[must_use]
pub fn too_old(dial: &Dial, link: &SiteLink) -> Option<Closed> {
    if dial.protocol == Protocol::Ssh || link.opens_desktops() {
        return None;
    }
    let message = "the site's satellite is too old to open desktops; an administrator must update it";
    Some(closed(EndCode::SiteForbids, message, Hop::Site, true))
}

/// Dials as `header` says. `done` is told each step.
///
/// # Errors
/// The close that the site said, or the hub.
pub async fn through(
    hub: &Hub,
    caller: &Caller,
    dial: &Dial,
    link: &SiteLink,
    header: AttachHeader,
    done: &(dyn Fn(StepName) + Sync),
) -> Result<(Channel, Opened), Closed> {
    let (session_id, target_id) = (header.session_id, header.target_id);
    let mut channel = link.attach(header).await.map_err(|error| lost(&error))?;
    // One a dial: a site that goes on and on fills no books.
    let mut other_key_kept = false;
    loop {
        match next(&mut channel, &dial.zone).await? {
            ToHub::DialKey(key) => {
                let sealed = seal_secret(hub, dial, session_id, &key).await?;
                done(StepName::Credential);
                let message = ToSite::SealedSecret(sealed);
                channel.writer.send(&message).await.map_err(|_| offline(&dial.zone, true))?;
            }
            ToHub::Step(step) => done(step.name),
            ToHub::HostKeySeen(seen) => pin(hub, target_id, &seen.line).await?,
            ToHub::HostKeyOther(seen) if !other_key_kept => {
                other_key_kept = true;
                keep_other(hub, caller, target_id, dial, &seen.line).await?;
            }
            ToHub::Opened(opened) => return Ok((channel, opened)),
            ToHub::Closed(closed) => return Err(closed),
            _ => {}
        }
    }
}

/// The site's next message.
///
/// # Errors
/// The close to say where there is none.
pub async fn next(channel: &mut Channel, zone: &str) -> Result<ToHub, Closed> {
    match channel.reader.next_message().await {
        Ok(Some(message)) => Ok(message),
        Ok(None) => Err(offline(zone, false)),
        Err(error) => {
            tracing::debug!(%error, "the channel to the site broke while a session was opened");
            Err(offline(zone, false))
        }
    }
}

async fn seal_secret(
    hub: &Hub,
    dial: &Dial,
    session_id: SessionId,
    key: &DialKey,
) -> Result<SealedSecret, Closed> {
    let failed = |message: &str| closed(EndCode::Internal, message, Hop::Hub, true);
    let read = hub.secrets.read(&dial.vault_secret_path).instrument(debug_span!("read secret"));
    let secret = read.await.map_err(|error| {
        tracing::error!(%error, path = dial.vault_secret_path, "a secret could not be read");
        failed("the secret store does not answer; an administrator must look at it")
    })?;
    let secret = secret.ok_or_else(|| {
        let message = "the secret of this credential is missing in the secret store; an administrator must set it again";
        closed(EndCode::CredentialRejected, message, Hop::Hub, true)
    })?;
    let text = zeroize::Zeroizing::new(secret.expose().to_owned());
    let secret = match dial.credential_kind {
        CredentialKind::Password => Secret::Password(text),
        CredentialKind::PrivateKey => Secret::PrivateKey(text),
    };
    let sealed = seal::seal(&key.public_key, DIAL_INFO, session_id.as_bytes(), &secret.to_bytes())
        .map_err(|_| failed("the site's key for this dial is damaged"))?;
    Ok(SealedSecret { enc: sealed.enc.into(), ciphertext: sealed.ciphertext.into() })
}

/// Pins the first key a target shows.
async fn pin(hub: &Hub, target: TargetId, line: &str) -> Result<(), Closed> {
    let key = parse(line)?;
    let pinned = host_keys::pin(&hub.pool, target, &key.algorithm, line, &key.fingerprint).await;
    if pinned.map_err(store_failed)? {
        tracing::info!(%target, fingerprint = key.fingerprint, "host key pinned at first use");
    }
    Ok(())
}

/// Keeps a key that is not the known one for an administrator to decide about, and books that it was shown.
async fn keep_other(
    hub: &Hub,
    caller: &Caller,
    target: TargetId,
    dial: &Dial,
    line: &str,
) -> Result<(), Closed> {
    let HostKeyLine { algorithm, fingerprint } = parse(line)?;
    if dial.host_keys.iter().any(|known| known.fingerprint == fingerprint) {
        return Ok(());
    }
    let kept = async {
        let mut tx = hub.pool.begin().await?;
        if host_keys::offer(&mut tx, target, &algorithm, line, &fingerprint).await? {
            let known: Vec<_> = dial.host_keys.iter().map(|key| &key.fingerprint).collect();
            let detail = json!({ "id": target, "name": dial.name, "offered": fingerprint, "known": known });
            caller.record(hub, &mut tx, "target.host_key_offered", detail).await?;
        }
        tx.commit().await?;
        Ok::<_, StoreError>(())
    };
    kept.await.map_err(store_failed)
}

fn parse(line: &str) -> Result<HostKeyLine, Closed> {
    HostKeyLine::parse(line).ok_or_else(|| {
        closed(EndCode::Internal, "the site reported a host key that is none", Hop::Site, true)
    })
}
