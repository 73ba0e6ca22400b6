//! Opening a new session: the key for its one dial, reaching the target while the secret is fetched, sign-in,
//! the books, and then its owner task.
//!
//! Nothing of a session that failed stays but its event. Driven by `attach` for a header with `open`.

use openpam_link::channel::{Channel, ChannelReader, ChannelWriter, Incoming};
use openpam_link::seal::{DIAL_INFO, SealKey};
use openpam_link::traces;
use openpam_policy::Terms;
use openpam_proto::attach::{
    AttachHeader, DialKey, End, HostKeySeen, OpenShell, Secret, Step, ToHub, ToSite,
};
use openpam_proto::desktop::{OpenDesktop, Protocol, Quality, Transfer, View};
use openpam_proto::end::{EndCode, Hop, StepName};
use openpam_proto::event::{Basis, Event, SessionEnded, SessionOpened};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span, debug_span};

use crate::desktop;
use crate::desktop::dial::Way;
use crate::desktop::drive::Drive;
use crate::desktop::guacd::Connection;
use crate::host::{Host, NoPlace, Place};
use crate::policy;
use crate::reach::Reach;
use crate::recorder::{RecordingInfo, Shows};
use crate::session::attach::{refuse, relay};
use crate::session::command::Subject;
use crate::session::dial::{self as ssh, DialFailure, Shell, SignedIn};
use crate::session::life::{Life, closed};
use crate::session::limits::{Allowed, Until};
use crate::session::owner::Owner;

/// The window of a desktop that nobody looks at: one that is only tried.
const SMALLEST: View = View { width: 640, height: 480, dpi: 96, quality: Quality::Auto };

/// Tries what a session would need, short of a shell: nothing is booked, and nobody is attached.
pub async fn test(host: &Host, mut channel: Channel, header: &AttachHeader, shell: &OpenShell) {
    let span = span("test target", header);
    let trying = async {
        match &shell.desktop {
            Some(desktop) => {
                let way = way(host, header, shell, desktop, (Transfer::default(), None))?;
                sign_in_desktop(&mut channel, header, &way).await.map(|_| ())
            }
            None => sign_in(&mut channel, header, shell, host.reach()).await.map(|_| ()),
        }
    };
    let signed_in = trying.instrument(span.clone()).await;
    note(&span, &signed_in);
    drop(span);
    let said = match signed_in {
        Ok(_) => closed(EndCode::Exited, "the target let the account in", Hop::Target, true),
        Err(failure) => {
            tell_other_key(&mut channel.writer, &failure).await;
            closed(failure.code, &failure.message, failure.hop, true)
        }
    };
    refuse(channel.writer, said).await;
}

/// Opens a session as `shell` says and attaches the channel to it.
pub async fn open(host: Host, mut channel: Channel, header: &AttachHeader, shell: &OpenShell) {
    let subject = Subject {
        session_id: header.session_id,
        user_id: header.user_id,
        target_id: header.target_id,
        credential_id: shell.credential_id,
        desktop: shell.desktop.is_some(),
        grace: seconds(shell.grace_s),
        allowed: Allowed::default(),
        basis: None,
    };
    let span = span(if shell.desktop.is_some() { "open desktop" } else { "open shell" }, header);
    let (allowed, basis) = match allowed(&host, header, shell).instrument(span.clone()).await {
        Ok(allowed) => allowed,
        Err((said, basis)) => {
            span.record("error.type", said.code.as_str());
            span.record("otel.status_code", "ERROR");
            let DialFailure { code, message, .. } = &said;
            tracing::warn!(session = %subject.session_id, code = code.as_str(), message, "no session");
            let ended = SessionEnded { basis, ..never_opened(&subject, &said) };
            host.journal().record(Event::SessionEnded(ended));
            return refuse(channel.writer, closed(said.code, &said.message, said.hop, true)).await;
        }
    };
    let subject = Subject { allowed, basis, ..subject };
    let (place, commands) = match host.place(subject.clone()) {
        Ok(place) => place,
        Err(reason) => return refuse(channel.writer, no_place(&reason)).await,
    };
    let opening = async {
        let opened = dial(&mut channel, header, shell, &host, subject.allowed.transfer).await?;
        book(&host, &subject, header, opened).instrument(debug_span!("write journal")).await
    };
    let opened = opening.instrument(span.clone()).await;
    note(&span, &opened);
    drop(span);
    let dialled = match opened {
        Ok(dialled) => dialled,
        Err(failure) => {
            let DialFailure { code, message, .. } = &failure;
            tracing::warn!(session = %subject.session_id, code = code.as_str(), message, "no session");
            host.journal().record(Event::SessionEnded(never_opened(&subject, &failure)));
            tell_other_key(&mut channel.writer, &failure).await;
            return refuse(channel.writer, closed(failure.code, &failure.message, failure.hop, true)).await;
        }
    };
    tracing::info!(session = %subject.session_id, user = shell.user, target = shell.target, "session opened");
    let info = RecordingInfo {
        session_id: header.session_id,
        shows: match &dialled {
            Dialled::Shell(_) => {
                Shows::Terminal { cols: header.cols, rows: header.rows, term: shell.term.clone() }
            }
            Dialled::Desktop(_) => Shows::Desktop,
        },
        user: shell.user.clone(),
        target: shell.target.clone(),
        begun_ms: crate::clock::now_ms(),
    };
    let Some(session) = host.find(header.session_id) else { return };
    let life = Life::new(subject, host.recorder().begin(info), place.activity(), &host);
    match dialled {
        Dialled::Shell(shell) => {
            let owner = Owner::new(life, shell, (header.cols, header.rows), &host, commands);
            spawn(owner.run(), place);
        }
        Dialled::Desktop(desktop) => {
            let Desktop { connection, transfer, drive } = *desktop;
            let shown = (header.view.unwrap_or(SMALLEST), transfer, drive);
            let owner = desktop::owner::Owner::new(life, connection, shown, &host, commands);
            spawn(owner.run(), place);
        }
    }
    relay(channel, header, session, true).await;
}

/// What was reached: a shell, or a desktop.
enum Dialled {
    Shell(Shell),
    Desktop(Box<Desktop>),
}

struct Desktop {
    connection: Connection,
    transfer: Transfer,
    drive: Option<Drive>,
}

/// Runs a session's owner task, which gives its place back at its end.
fn spawn(run: impl Future<Output = ()> + Send + 'static, place: Place) {
    tokio::spawn(async move {
        run.await;
        drop(place);
    });
}

/// What a grant lets pass between a desktop and its browser.
const fn transfer(terms: &Terms) -> Transfer {
    let openpam_policy::Transfer { copy, paste, download, upload } = terms.transfer;
    Transfer { copy, paste, download, upload }
}

/// The drive of a desktop whose grant lets files pass, where there can be one. Without it none do.
fn drive(
    host: &Host,
    header: &AttachHeader,
    desktop: &OpenDesktop,
    transfer: &mut Transfer,
) -> Option<Drive> {
    let wanted = desktop.protocol == Protocol::Rdp && (transfer.download || transfer.upload);
    let opened = host.drives().filter(|_| wanted).map(|drives| drives.open(header.session_id));
    let drive = opened.and_then(|opened| {
        let noted =
            |error| tracing::error!(%error, "a desktop gets no drive: look at the setting guacd_drive");
        opened.map_err(noted).ok()
    });
    if drive.is_none() {
        (transfer.download, transfer.upload) = (false, false);
    }
    drive
}

/// What the site's own policy allows; of a hub that is too old to issue one, what that hub says.
async fn allowed(
    host: &Host,
    header: &AttachHeader,
    shell: &OpenShell,
) -> Result<(Allowed, Option<Basis>), (DialFailure, Option<Basis>)> {
    let Some(wanted) = shell.policy else {
        let window = shell.ends_ms.map(|ends_ms| Instant::now() + host.clock().until(ends_ms));
        let until = Until { window, away: None };
        let (longest, idle) = (shell.longest_s.map(seconds), shell.idle_s.map(seconds));
        return Ok((Allowed { longest, idle, until, transfer: Transfer::default() }, None));
    };
    let refused = |code, message: &str| DialFailure {
        code,
        hop: Hop::Site,
        message: message.to_owned(),
        other_key: None,
    };
    let held = host.policies().at_least(wanted).instrument(debug_span!("wait for policy")).await;
    let held = held.ok_or_else(|| {
        let message = if host.policies().is_refused(wanted) {
            "the site could not take its newest policy; an administrator must look at the site's page"
        } else {
            "the site has not received its newest policy yet; try again in a moment"
        };
        (refused(EndCode::PolicyStale, message), None)
    })?;
    let (decided, basis) = held.decide(header.user_id, header.target_id, host.moment());
    match decided {
        Ok(authorization) => {
            let terms = authorization.terms();
            let allowed = Allowed {
                longest: terms.max_session_seconds.map(seconds),
                idle: terms.idle_seconds.map(seconds),
                until: Until::of(&authorization, host.clock()),
                transfer: transfer(terms),
            };
            Ok((allowed, Some(basis)))
        }
        Err(denial) => {
            let (code, message) = policy::refuses_by(denial);
            Err((refused(code, message), Some(basis)))
        }
    }
}

/// The trace's span of what `header` asks for, below the hub's.
fn span(name: &'static str, header: &AttachHeader) -> Span {
    let span = debug_span!(
        "opening",
        otel.name = name,
        otel.kind = "server",
        otel.status_code = Empty,
        error.r#type = Empty,
        session.id = %header.session_id,
        target.id = %header.target_id,
    );
    traces::continues(&span, header.traceparent.as_deref());
    span
}

fn note<T>(span: &Span, outcome: &Result<T, DialFailure>) {
    if let Err(failure) = outcome {
        span.record("error.type", failure.code.as_str());
        span.record("otel.status_code", "ERROR");
    }
}

/// A session is given only after the books have it.
async fn book(
    host: &Host,
    subject: &Subject,
    header: &AttachHeader,
    dialled: Dialled,
) -> Result<Dialled, DialFailure> {
    let event = Event::SessionOpened(SessionOpened {
        about: subject.about(),
        credential_id: Some(subject.credential_id),
        client_ip: header.client_ip.clone(),
        basis: subject.basis.clone(),
    });
    match host.store().record(event).await {
        Ok(_) => Ok(dialled),
        Err(error) => {
            tracing::error!(%error, "a session could not be booked");
            let message = "the site cannot store audit events; its disk may be full".to_owned();
            Err(DialFailure { code: EndCode::DiskFull, hop: Hop::Site, message, other_key: None })
        }
    }
}

async fn dial(
    channel: &mut Channel,
    header: &AttachHeader,
    shell: &OpenShell,
    host: &Host,
    mut transfer: Transfer,
) -> Result<Dialled, DialFailure> {
    if let Some(desktop) = &shell.desktop {
        let drive = drive(host, header, desktop, &mut transfer);
        let way = way(host, header, shell, desktop, (transfer, drive.as_ref().map(Drive::path)))?;
        let connection = sign_in_desktop(channel, header, &way).await?;
        return Ok(Dialled::Desktop(Box::new(Desktop { connection, transfer, drive })));
    }
    let signed_in = sign_in(channel, header, shell, host.reach()).await?;
    tokio::select! {
        opened = signed_in.shell(shell, header.cols, header.rows).instrument(debug_span!("start shell")) => opened.map(Dialled::Shell),
        gone = abandoned(&mut channel.reader) => Err(gone),
    }
}

async fn sign_in(
    channel: &mut Channel,
    header: &AttachHeader,
    shell: &OpenShell,
    site: &Reach,
) -> Result<SignedIn, DialFailure> {
    let started = Instant::now();
    let (reached, secret) = reach(channel, header, shell, started, ssh::reach(shell, site)).await?;
    tell_seen_key(&mut channel.writer, reached.seen_key.as_ref()).await?;
    let signed_in = reached.sign_in(shell, secret).instrument(debug_span!("sign in"));
    at_target(channel, started, signed_in).await
}

async fn sign_in_desktop(
    channel: &mut Channel,
    header: &AttachHeader,
    way: &Way<'_>,
) -> Result<Connection, DialFailure> {
    let started = Instant::now();
    let (reached, secret) = reach(channel, header, way.open, started, way.reach()).await?;
    tell_seen_key(&mut channel.writer, reached.seen_key.as_ref()).await?;
    let signed_in = way.sign_in(reached, secret).instrument(debug_span!("sign in"));
    at_target(channel, started, signed_in).await
}

/// How a desktop is opened as `header` asks for it.
fn way<'a>(
    host: &'a Host,
    header: &AttachHeader,
    open: &'a OpenShell,
    desktop: &'a OpenDesktop,
    (transfer, drive): (Transfer, Option<&'a Path>),
) -> Result<Way<'a>, DialFailure> {
    if desktop.protocol == Protocol::Unknown {
        return Err(internal("the site's satellite is too old for this target's protocol"));
    }
    let view = header.view.unwrap_or(SMALLEST);
    Ok(Way { open, desktop, guacd: host.guacd(), site: host.reach(), view, transfer, drive })
}

/// Reaches the target while the hub fetches the secret.
async fn reach<T>(
    channel: &mut Channel,
    header: &AttachHeader,
    shell: &OpenShell,
    started: Instant,
    reach: impl Future<Output = Result<T, DialFailure>>,
) -> Result<(T, Secret), DialFailure> {
    let Channel { reader, writer } = channel;
    let key = SealKey::generate().map_err(|error| internal(&error.to_string()))?;
    let dial_key = DialKey { public_key: key.public().to_vec().into() };
    tell(writer, ToHub::DialKey(dial_key)).await?;
    tell(writer, step(StepName::Site, started)).await?;
    let secret = async {
        let patience = seconds(shell.dial_timeout_s);
        let late = |_| internal("the hub did not send the secret in time");
        tokio::time::timeout(patience, secret(reader, &key, header)).await.map_err(late)?
    };
    let secret = secret.instrument(debug_span!("wait for secret"));
    tokio::try_join!(reach.instrument(debug_span!("reach target")), secret)
}

/// Waits for the target, or until the browser leaves.
async fn at_target<T>(
    channel: &mut Channel,
    started: Instant,
    signing_in: impl Future<Output = Result<T, DialFailure>>,
) -> Result<T, DialFailure> {
    let signed_in = tokio::select! {
        signed_in = signing_in => signed_in?,
        gone = abandoned(&mut channel.reader) => return Err(gone),
    };
    tell(&mut channel.writer, step(StepName::Target, started)).await?;
    Ok(signed_in)
}

async fn tell_seen_key(writer: &mut ChannelWriter, line: Option<&String>) -> Result<(), DialFailure> {
    match line {
        Some(line) => tell(writer, ToHub::HostKeySeen(HostKeySeen { line: line.clone() })).await,
        None => Ok(()),
    }
}

/// The hub keeps the other key for an administrator to decide about.
async fn tell_other_key(writer: &mut ChannelWriter, failure: &DialFailure) {
    if let Some(line) = failure.other_key.clone() {
        // If it is not heard, the next dial tells it again.
        let _ = writer.send(&ToHub::HostKeyOther(HostKeySeen { line })).await;
    }
}

async fn secret(
    reader: &mut ChannelReader,
    key: &SealKey,
    header: &AttachHeader,
) -> Result<Secret, DialFailure> {
    loop {
        match reader.next::<ToSite>().await {
            Ok(Some(Incoming::Message(ToSite::SealedSecret(sealed)))) => {
                let aad = header.session_id.as_bytes();
                let plain = key
                    .open(DIAL_INFO, aad, &sealed.enc, &sealed.ciphertext)
                    .map_err(|error| internal(&error.to_string()))?;
                return Secret::from_bytes(&plain).map_err(|_| internal("the secret is malformed"));
            }
            Ok(Some(Incoming::Message(ToSite::End(end)))) => {
                return Err(told(end));
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return Err(left()),
        }
    }
}

/// Waits until the browser gives up while the target is being opened.
async fn abandoned(reader: &mut ChannelReader) -> DialFailure {
    loop {
        match reader.next::<ToSite>().await {
            Ok(Some(Incoming::Message(ToSite::End(end)))) => {
                return told(end);
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return left(),
        }
    }
}

async fn tell(writer: &mut ChannelWriter, message: ToHub) -> Result<(), DialFailure> {
    writer.send(&message).await.map_err(|_| left())
}

fn seconds(number: u32) -> Duration {
    Duration::from_secs(number.into())
}

fn step(name: StepName, started: Instant) -> ToHub {
    ToHub::Step(Step { name, elapsed_ms: started.elapsed().as_millis() as u64 })
}

fn left() -> DialFailure {
    let message = "the browser left before the session was open".to_owned();
    DialFailure { code: EndCode::ClosedByUser, hop: Hop::Hub, message, other_key: None }
}

fn told(end: End) -> DialFailure {
    DialFailure { code: end.code, hop: Hop::Hub, message: end.message, other_key: None }
}

fn internal(message: &str) -> DialFailure {
    DialFailure { code: EndCode::Internal, hop: Hop::Site, message: message.to_owned(), other_key: None }
}

fn no_place(reason: &NoPlace) -> openpam_proto::attach::Closed {
    match reason {
        NoPlace::Limit => {
            let message = "the site has as many sessions as it can hold; end one, or try later";
            closed(EndCode::SessionLimit, message, Hop::Site, true)
        }
        NoPlace::DiskFull => {
            let message =
                "the site's disk is full: it can record no further session; an administrator must make room";
            closed(EndCode::DiskFull, message, Hop::Site, true)
        }
        NoPlace::SpoolFull => {
            let message = "the site has no more room for recordings that wait for its hub; they go up while it is connected";
            closed(EndCode::DiskFull, message, Hop::Site, true)
        }
        NoPlace::Draining => {
            let message = "the site's satellite is about to be restarted; try again in a few minutes";
            closed(EndCode::SatelliteRestarted, message, Hop::Site, true)
        }
        NoPlace::Exists => {
            closed(EndCode::Internal, "a session with this id exists already", Hop::Site, true)
        }
    }
}

fn never_opened(subject: &Subject, failure: &DialFailure) -> SessionEnded {
    SessionEnded {
        about: subject.about(),
        code: failure.code,
        message: failure.message.clone(),
        exit_status: None,
        exit_signal: None,
        input_bytes: 0,
        output_bytes: 0,
        was_open: false,
        basis: subject.basis.clone(),
    }
}
