//! The session host: every living session of this site, and what new ones need.
//!
//! It holds handles, not state: each session's own task owns that. Driven by lanes and the control channel.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use openpam_ids::SessionId;
use openpam_policy::Moment;
use openpam_proto::control::LiveSession;
use openpam_proto::end::{EndCode, Hop, NoticeCode};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::time::Instant;

use crate::clock::SiteClock;
use crate::commands::Commands;
use crate::config::Limits;
use crate::desktop::drive::Drives;
use crate::desktop::health::Guacd;
use crate::journal::Journal;
use crate::policy::Policies;
use crate::reach::Reach;
use crate::recorder::Recorder;
use crate::session::activity::Activity;
use crate::session::command::{COMMAND_QUEUE, Command, Subject};
use crate::session::spill::SpillSpace;
use crate::status::board::LineBoard;
use crate::store::Store;

/// Every living session of this site. Clones are cheap.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    sessions: Mutex<HashMap<SessionId, Entry>>,
    /// Where events become durable.
    store: Store,
    journal: Journal,
    recorder: Recorder,
    limits: Limits,
    reach: Reach,
    guacd: Guacd,
    drives: Option<Drives>,
    spill_space: SpillSpace,
    clock: SiteClock,
    policies: Policies,
    board: LineBoard,
    commands: Commands,
    /// Whether new sessions are refused because the program is about to stop.
    draining: AtomicBool,
    /// Whether new sessions are refused because as many recordings wait for the hub as may.
    spool_full: AtomicBool,
    /// Told whenever a session gives its place back.
    left: Notify,
}

struct Entry {
    subject: Subject,
    activity: Arc<Activity>,
    commands: mpsc::Sender<Command>,
    attachments: Arc<Semaphore>,
    watchers: Arc<Semaphore>,
}

/// A living session.
#[derive(Clone)]
pub struct Found {
    /// Who and what.
    pub subject: Subject,
    /// The way to its owner task.
    pub commands: mpsc::Sender<Command>,
    /// One permit for each browser that may be on it.
    pub attachments: Arc<Semaphore>,
    /// One permit for each that may watch it.
    pub watchers: Arc<Semaphore>,
}

/// Why there is no place for a session.
#[derive(Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// As many sessions as may be.
    Limit,
    /// That id is in use.
    Exists,
    /// The disk is full.
    DiskFull,
    /// As many recordings wait for the hub as may.
    SpoolFull,
    /// The program is about to stop.
    Draining,
}

/// A session's place in the host; dropping it gives the place back.
pub struct Place {
    host: Host,
    session_id: SessionId,
    activity: Arc<Activity>,
}

impl Place {
    /// Where the session says what happens in it.
    #[must_use]
    pub fn activity(&self) -> Arc<Activity> {
        self.activity.clone()
    }
}

impl Host {
    /// A host without sessions.
    #[must_use]
    pub fn new(
        store: Store,
        journal: Journal,
        recorder: Recorder,
        limits: Limits,
        (reach, guacd, drives): (Reach, Guacd, Option<Drives>),
        spill_space: SpillSpace,
        (clock, policies, board): (SiteClock, Policies, LineBoard),
    ) -> Self {
        Self(Arc::new(Inner {
            sessions: Mutex::default(),
            store,
            journal,
            recorder,
            limits,
            reach,
            guacd,
            drives,
            spill_space,
            clock,
            policies,
            board,
            commands: Commands::default(),
            draining: AtomicBool::new(false),
            spool_full: AtomicBool::new(false),
            left: Notify::new(),
        }))
    }

    /// What the hub orders beside sessions.
    #[must_use]
    pub fn commands(&self) -> &Commands {
        &self.0.commands
    }

    /// Bounds of the site's sessions.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// What sessions may reach.
    #[must_use]
    pub fn reach(&self) -> &Reach {
        &self.0.reach
    }

    /// The site's guacd.
    #[must_use]
    pub fn guacd(&self) -> &Guacd {
        &self.0.guacd
    }

    /// Where desktops get drives; `None`: they have none.
    #[must_use]
    pub fn drives(&self) -> Option<&Drives> {
        self.0.drives.as_ref()
    }

    /// Where sessions put what they print while nobody is attached.
    #[must_use]
    pub fn spill_space(&self) -> &SpillSpace {
        &self.0.spill_space
    }

    /// What time it is here.
    #[must_use]
    pub fn clock(&self) -> &SiteClock {
        &self.0.clock
    }

    /// What the site decides by.
    #[must_use]
    pub fn policies(&self) -> &Policies {
        &self.0.policies
    }

    /// How the line to the hub is.
    #[must_use]
    pub fn board(&self) -> &LineBoard {
        &self.0.board
    }

    /// The moment at which something is decided now.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
        Moment { now: at(self.0.clock.now_ms()), away_since: self.away_since_ms().map(at) }
    }

    /// Since when the site has been without its hub: milliseconds since 1970 UTC; `None`: it is not.
    #[must_use]
    pub fn away_since_ms(&self) -> Option<i64> {
        self.0.board.away_since_ms(self.0.policies.version(), self.0.clock.now_ms())
    }

    /// The sessions that stand by the site's policy, and the ways to them.
    #[must_use]
    pub fn by_policy(&self) -> Vec<(Subject, mpsc::Sender<Command>)> {
        let sessions = self.lock();
        let entries = sessions.values().filter(|entry| entry.subject.basis.is_some());
        entries.map(|entry| (entry.subject.clone(), entry.commands.clone())).collect()
    }

    /// Whether no session lives.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// How many sessions live, dials included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether new sessions are refused because the program is about to stop.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    /// Refuses new sessions, or takes them again.
    pub fn set_draining(&self, draining: bool) {
        self.0.draining.store(draining, Ordering::Relaxed);
    }

    /// Whether new sessions are refused because as many recordings wait for the hub as may.
    #[must_use]
    pub fn is_spool_full(&self) -> bool {
        self.0.spool_full.load(Ordering::Relaxed)
    }

    /// Refuses new sessions for that reason, or takes them again; whether it was so before.
    pub fn set_spool_full(&self, full: bool) -> bool {
        self.0.spool_full.swap(full, Ordering::Relaxed)
    }

    /// Tells every browser something about its session. One that does not take it in time is not waited for.
    pub fn notify_all(&self, code: NoticeCode, message: &str) {
        for entry in self.lock().values() {
            let _ = entry.commands.try_send(Command::Notify(code, message.to_owned()));
        }
    }

    /// Where events become durable.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Books events soon.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// Records sessions.
    #[must_use]
    pub fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }

    /// Takes a place for a new session.
    ///
    /// # Errors
    /// [`NoPlace`].
    pub fn place(&self, subject: Subject) -> Result<(Place, mpsc::Receiver<Command>), NoPlace> {
        if self.is_draining() {
            return Err(NoPlace::Draining);
        }
        if self.0.store.is_tight() {
            return Err(NoPlace::DiskFull);
        }
        if self.is_spool_full() {
            return Err(NoPlace::SpoolFull);
        }
        let session_id = subject.session_id;
        let (handle, commands) = mpsc::channel(COMMAND_QUEUE);
        let mut sessions = self.lock();
        if sessions.contains_key(&session_id) {
            return Err(NoPlace::Exists);
        }
        if sessions.len() >= self.0.limits.sessions {
            return Err(NoPlace::Limit);
        }
        let attachments = Arc::new(Semaphore::new(self.0.limits.attachments_per_session));
        let watchers = Arc::new(Semaphore::new(self.0.limits.watchers_per_session));
        let activity = Arc::new(Activity::new(Instant::now()));
        let entry = Entry { subject, activity: activity.clone(), commands: handle, attachments, watchers };
        sessions.insert(session_id, entry);
        drop(sessions);
        Ok((Place { host: self.clone(), session_id, activity }, commands))
    }

    /// The session, if it lives.
    #[must_use]
    pub fn find(&self, session_id: SessionId) -> Option<Found> {
        self.lock().get(&session_id).map(|entry| Found {
            subject: entry.subject.clone(),
            commands: entry.commands.clone(),
            attachments: entry.attachments.clone(),
            watchers: entry.watchers.clone(),
        })
    }

    /// Ends a session; `false` if it is not here.
    pub async fn end(&self, session_id: SessionId, code: EndCode, message: String, hop: Hop) -> bool {
        match self.find(session_id) {
            Some(found) => {
                let end = Command::End { code, message, hop, basis: None };
                found.commands.send(end).await.is_ok()
            }
            None => false,
        }
    }

    /// Ends every session.
    pub async fn end_all(&self, code: EndCode, message: &str, hop: Hop) {
        let ids = self.lock().keys().copied().collect::<Vec<_>>();
        for session_id in ids {
            self.end(session_id, code, message.to_owned(), hop).await;
        }
    }

    /// Waits until no session is left and everything about them is durable.
    pub async fn finish(&self) {
        loop {
            let mut left = std::pin::pin!(self.0.left.notified());
            // Listens before it looks: a session that leaves in between is not missed.
            left.as_mut().enable();
            if self.lock().is_empty() {
                break;
            }
            left.await;
        }
        self.0.journal.flush().await;
        self.0.recorder.flush().await;
    }

    /// Every living session, for the hub.
    #[must_use]
    pub fn inventory(&self) -> Vec<LiveSession> {
        let sessions = self.lock();
        let entries = sessions.values().map(|entry| LiveSession {
            session_id: entry.subject.session_id,
            user_id: entry.subject.user_id,
            target_id: entry.subject.target_id,
        });
        entries.collect()
    }

    /// What happens in every living session.
    #[must_use]
    pub fn activities(&self) -> Vec<(SessionId, Arc<Activity>)> {
        self.lock().iter().map(|(id, entry)| (*id, entry.activity.clone())).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, Entry>> {
        // Nothing panics while holding it; if something did, the map is still a map.
        self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.host.lock().remove(&self.session_id);
        self.host.0.left.notify_waiters();
    }
}
