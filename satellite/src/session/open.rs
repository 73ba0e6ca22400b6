//! Opening a new session: the key for its one dial, reaching the target while the secret is fetched, sign-in,
//! the books, and then its owner task.
//!
//! Nothing of a session that failed stays but its event. Driven by `attach` for a header with `open`.

use openpam_link::channel::{Channel, ChannelReader, ChannelWriter, Incoming};
use openpam_link::seal::{DIAL_INFO, SealKey};
use openpam_link::traces;
use openpam_proto::attach::{
    AttachHeader, DialKey, End, HostKeySeen, OpenShell, Secret, Step, ToHub, ToSite,
};
use openpam_proto::end::{EndCode, Hop, StepName};
use openpam_proto::event::{Basis, Event, SessionEnded, SessionOpened};
use std::time::Duration;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span, debug_span};

use crate::host::{Host, NoPlace};
use crate::policy;
use crate::reach::Reach;
use crate::recorder::RecordingInfo;
use crate::session::attach::{refuse, relay};
use crate::session::command::Subject;
use crate::session::dial::{self, DialFailure, Shell, SignedIn};
use crate::session::limits::{Allowed, Until};
use crate::session::owner::{Owner, closed};

/// Tries what a session would need, short of a shell: nothing is booked, and nobody is attached.
pub async fn test(host: &Host, mut channel: Channel, header: &AttachHeader, shell: &OpenShell) {
    let span = span("test target", header);
    let signed_in = sign_in(&mut channel, header, shell, host.reach()).instrument(span.clone()).await;
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
        grace: seconds(shell.grace_s),
        allowed: Allowed::default(),
        basis: None,
    };
    let span = span("open shell", header);
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
        let opened = open_shell(&mut channel, header, shell, host.reach()).await?;
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
        cols: header.cols,
        rows: header.rows,
        user: shell.user.clone(),
        target: shell.target.clone(),
        term: shell.term.clone(),
        begun_ms: crate::clock::now_ms(),
    };
    let recorder = host.recorder().begin(info);
    let owner =
        Owner::new(subject, dialled, (header.cols, header.rows), recorder, place.activity(), &host, commands);
    let Some(session) = host.find(header.session_id) else { return };
    tokio::spawn(async move {
        owner.run().await;
        drop(place);
    });
    relay(channel, header, session, true).await;
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
        return Ok((Allowed { longest, idle, until }, None));
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
    shell: Shell,
) -> Result<Shell, DialFailure> {
    let event = Event::SessionOpened(SessionOpened {
        about: subject.about(),
        credential_id: Some(subject.credential_id),
        client_ip: header.client_ip.clone(),
        basis: subject.basis.clone(),
    });
    match host.store().record(event).await {
        Ok(_) => Ok(shell),
        Err(error) => {
            tracing::error!(%error, "a session could not be booked");
            let message = "the site cannot store audit events; its disk may be full".to_owned();
            Err(DialFailure { code: EndCode::DiskFull, hop: Hop::Site, message, other_key: None })
        }
    }
}

async fn open_shell(
    channel: &mut Channel,
    header: &AttachHeader,
    shell: &OpenShell,
    site: &Reach,
) -> Result<Shell, DialFailure> {
    let signed_in = sign_in(channel, header, shell, site).await?;
    tokio::select! {
        opened = signed_in.shell(shell, header.cols, header.rows).instrument(debug_span!("start shell")) => opened,
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
    let Channel { reader, writer } = channel;
    let key = SealKey::generate().map_err(|error| internal(&error.to_string()))?;
    let dial_key = DialKey { public_key: key.public().to_vec().into() };
    tell(writer, ToHub::DialKey(dial_key)).await?;
    tell(writer, step(StepName::Site, started)).await?;
    // The target is reached while the hub fetches the secret.
    let secret = async {
        let patience = seconds(shell.dial_timeout_s);
        let late = |_| internal("the hub did not send the secret in time");
        tokio::time::timeout(patience, secret(reader, &key, header)).await.map_err(late)?
    };
    let secret = secret.instrument(debug_span!("wait for secret"));
    let reach = dial::reach(shell, site).instrument(debug_span!("reach target"));
    let (reached, secret) = tokio::try_join!(reach, secret)?;
    if let Some(line) = &reached.seen_key {
        tell(writer, ToHub::HostKeySeen(HostKeySeen { line: line.clone() })).await?;
    }
    let signed_in = tokio::select! {
        signed_in = reached.sign_in(shell, secret).instrument(debug_span!("sign in")) => signed_in?,
        gone = abandoned(reader) => return Err(gone),
    };
    tell(writer, step(StepName::Target, started)).await?;
    Ok(signed_in)
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
    let message = "the browser left before the shell was open".to_owned();
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
