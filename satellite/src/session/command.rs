//! What a session is, and everything that attachments and the host may tell its owner task.

use std::time::Duration;

use openpam_ids::{AttachmentId, CredentialId, EventId, SessionId, TargetId, UserId};
use openpam_proto::attach::Resumes;
use openpam_proto::desktop::View;
use openpam_proto::end::{EndCode, Hop, NoticeCode};
use openpam_proto::event::{About, Basis};
use openpam_proto::frame::Data;
use tokio::sync::mpsc;

use crate::clock;
use crate::session::limits::{Allowed, Until};
use crate::session::output::Out;

/// Frames that wait for an attachment's channel; past it the session stops sending to that attachment.
pub const OUT_QUEUE: usize = 8;
/// Commands that wait for the session; past it the attachment that sends them is not read.
pub const COMMAND_QUEUE: usize = 64;

/// Who and what a session is.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The session.
    pub session_id: SessionId,
    /// Its user.
    pub user_id: UserId,
    /// Its target.
    pub target_id: TargetId,
    /// With which credential.
    pub credential_id: CredentialId,
    /// Whether it is a desktop, and no shell.
    pub desktop: bool,
    /// How long it lives detached.
    pub grace: Duration,
    /// How long it may last, and idle.
    pub allowed: Allowed,
    /// By what the site's policy let it open; none: a hub that is too old to issue one decided alone.
    pub basis: Option<Basis>,
}

impl Subject {
    /// The part that every event about this session carries.
    #[must_use]
    pub fn about(&self) -> About {
        About {
            event_id: EventId::generate(),
            at_ms: clock::now_ms(),
            session_id: self.session_id,
            user_id: self.user_id,
            target_id: self.target_id,
        }
    }
}

/// What attachments and the host tell a session.
#[derive(Debug)]
pub enum Command {
    /// A browser comes.
    Attach(Attach),
    /// Typed bytes.
    Input(AttachmentId, Data),
    /// Output consumed up to an offset.
    Acknowledge(AttachmentId, u64),
    /// Another terminal size.
    Resize(AttachmentId, u16, u16),
    /// The browser or its tunnel is gone.
    Detach(AttachmentId),
    /// Tell the browser something.
    Notify(NoticeCode, String),
    /// The policy lets it go on.
    Allow(Until, Basis),
    /// It lets it go on as it was told, by another policy or grant than before.
    Stands(Basis),
    /// End the session.
    End {
        /// Why.
        code: EndCode,
        /// For people.
        message: String,
        /// Who ends it.
        hop: Hop,
        /// By what the site decided that.
        basis: Option<Basis>,
    },
}

/// A browser that wants to be the session's owner, or to watch it.
#[derive(Debug)]
pub struct Attach {
    /// The attachment.
    pub id: AttachmentId,
    /// From where in the output.
    pub from: Option<u64>,
    /// Terminal columns.
    pub cols: u16,
    /// Terminal rows.
    pub rows: u16,
    /// The browser's window, on a desktop.
    pub view: Option<View>,
    /// The browser's address.
    pub client_ip: Option<String>,
    /// The attachment that it goes on with, after a tunnel was lost.
    pub resumes: Option<Resumes>,
    /// Who only watches, and under which name.
    pub watch: Option<(UserId, String)>,
    /// Whether this attachment opened the session: then there is no screen before the output.
    pub opener: bool,
    /// Where its frames go.
    pub out: mpsc::Sender<Out>,
}
