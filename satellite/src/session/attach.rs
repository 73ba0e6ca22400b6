//! Ties one `attach` channel to a session: frames in become commands, what the session is due goes out.
//!
//! It keeps no state of the session. A malformed frame closes this channel and nothing else.

use std::time::Duration;

use openpam_ids::AttachmentId;
use openpam_link::channel::{Channel, ChannelReader, ChannelWriter, Incoming};
use openpam_proto::attach::{AttachHeader, Closed, ToHub, ToSite};
use openpam_proto::channel::ChannelHeader;
use openpam_proto::end::{EndCode, Hop};
use openpam_proto::limits::TERMINAL_CELLS;
use tokio::sync::mpsc;

use crate::host::{Found, Host};
use crate::session::command::{Attach, Command, OUT_QUEUE};
use crate::session::life::closed;
use crate::session::open;
use crate::session::output::Out;

/// A channel's header must be there this soon.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// After the last word, the hub's last acknowledgements are taken for this long.
const LAST_ACKS: Duration = Duration::from_secs(10);
/// Frames that wait are written together up to this.
const TOGETHER_BYTES: usize = 64 * 1024;

/// Serves one channel of a session's lane until its end.
pub async fn serve(host: Host, mut channel: Channel) {
    let header = tokio::time::timeout(HEADER_TIMEOUT, channel.reader.next_message()).await;
    let Ok(Ok(Some(ChannelHeader::Attach(header)))) = header else {
        tracing::debug!("a session's channel without an attach header");
        return;
    };
    let terminal = TERMINAL_CELLS.contains(&header.cols) && TERMINAL_CELLS.contains(&header.rows);
    if !terminal || header.view.is_some_and(|view| !view.is_possible()) {
        let closed =
            closed(EndCode::Internal, "the size of terminal or window is out of range", Hop::Site, true);
        return refuse(channel.writer, closed).await;
    }
    match &header.open {
        Some(shell) if shell.test => open::test(&host, channel, &header, shell).await,
        Some(shell) => open::open(host, channel, &header, shell).await,
        None => existing(host, channel, header).await,
    }
}

async fn existing(host: Host, channel: Channel, header: AttachHeader) {
    let Some(session) = host.find(header.session_id) else {
        let closed = closed(EndCode::SessionGone, "this session is over", Hop::Site, true);
        return refuse(channel.writer, closed).await;
    };
    let allowed = header.watch.is_some() || session.subject.user_id == header.user_id;
    if !allowed || session.subject.target_id != header.target_id {
        let closed = closed(EndCode::NotGranted, "this is not your session", Hop::Site, true);
        return refuse(channel.writer, closed).await;
    }
    if session.subject.desktop != header.view.is_some() {
        let message =
            if session.subject.desktop { "this session is a desktop" } else { "this session is a shell" };
        return refuse(channel.writer, closed(EndCode::NotGranted, message, Hop::Site, true)).await;
    }
    relay(channel, &header, session, false).await;
}

/// Attaches the channel to the session and carries frames until either is at its end.
pub async fn relay(channel: Channel, header: &AttachHeader, session: Found, opener: bool) {
    let Found { commands, attachments, watchers, .. } = session;
    let watches = header.watch.is_some();
    // Watchers never keep the session's own user out.
    let places = if watches { watchers } else { attachments };
    let Ok(_permit) = places.try_acquire_owned() else {
        let message = "as many browsers as may be are on this session";
        return refuse(channel.writer, closed(EndCode::SessionLimit, message, Hop::Site, false)).await;
    };
    let (out, due) = mpsc::channel(OUT_QUEUE);
    let attach = Attach {
        id: header.attachment_id,
        from: header.from,
        cols: header.cols,
        rows: header.rows,
        view: header.view,
        client_ip: header.client_ip.clone(),
        resumes: header.resumes.clone(),
        watch: header.watch.as_ref().map(|watch| (header.user_id, watch.name.clone())),
        opener,
        out,
    };
    if commands.send(Command::Attach(attach)).await.is_err() {
        let closed = closed(EndCode::SessionGone, "this session is over", Hop::Site, true);
        return refuse(channel.writer, closed).await;
    }
    let Channel { reader, writer } = channel;
    let mut writing = tokio::spawn(write(writer, due));
    let reading = read(reader, header.attachment_id, watches, &commands);
    tokio::pin!(reading);
    tokio::select! {
        () = &mut reading => {}
        _ = &mut writing => {
            // The last word is said; the hub still acknowledges what the browser took.
            let _ = tokio::time::timeout(LAST_ACKS, reading).await;
        }
    }
    writing.abort();
    let _ = commands.send(Command::Detach(header.attachment_id)).await;
}

async fn write(mut writer: ChannelWriter, mut due: mpsc::Receiver<Out>) {
    while let Some(out) = due.recv().await {
        let mut next = Some(out);
        // What waits goes out together.
        while let Some(out) = next {
            match out {
                Out::Message(message) if writer.feed(&message).is_err() => return,
                Out::Message(_) => {}
                Out::Data { offset, bytes } => writer.feed_data(offset, &bytes),
                Out::Closed(closed) => return refuse(writer, closed).await,
            }
            next = if writer.fed() < TOGETHER_BYTES { due.try_recv().ok() } else { None };
        }
        if writer.flush().await.is_err() {
            return;
        }
    }
}

/// Of who only watches nothing is taken but acknowledgements.
async fn read(mut reader: ChannelReader, id: AttachmentId, watches: bool, commands: &mpsc::Sender<Command>) {
    loop {
        let command = match reader.next::<ToSite>().await {
            Ok(Some(Incoming::Data(_) | Incoming::Message(ToSite::Resize(_) | ToSite::End(_))))
                if watches =>
            {
                continue;
            }
            Ok(Some(Incoming::Data(data))) => Command::Input(id, data),
            Ok(Some(Incoming::Message(ToSite::OutputAck(ack)))) => {
                Command::Acknowledge(id, ack.output_offset)
            }
            Ok(Some(Incoming::Message(ToSite::Resize(size))))
                if TERMINAL_CELLS.contains(&size.cols) && TERMINAL_CELLS.contains(&size.rows) =>
            {
                Command::Resize(id, size.cols, size.rows)
            }
            Ok(Some(Incoming::Message(ToSite::End(end)))) => {
                let hop = if end.code == EndCode::ClosedByUser { Hop::Site } else { Hop::Hub };
                Command::End { code: end.code, message: end.message, hop, basis: None }
            }
            Ok(Some(Incoming::Message(_))) => continue,
            Ok(None) => return,
            Err(error) => {
                tracing::debug!(%error, "attachment channel closed");
                return;
            }
        };
        if commands.send(command).await.is_err() {
            return;
        }
    }
}

/// Says why and closes the channel.
pub async fn refuse(mut writer: ChannelWriter, closed: Closed) {
    if writer.send(&ToHub::Closed(closed)).await.is_ok() {
        writer.finish().await;
    }
}
