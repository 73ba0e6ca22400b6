//! The recorder's thread: from outputs to sealed chunks, for all sessions.
//!
//! It sleeps until something was recorded, then once until the tick, and wakes in between only for a flood or an
//! end. Whatever it has no key for stays in its queue.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Instant;

use bytes::Bytes;
use openpam_ids::SessionId;
use tokio::sync::oneshot;

use super::RecordingInfo;
use super::budget::{Budget, SessionBudget};
use super::chunk::{Chain, ChunkError, Chunker, Compression};
use super::pace::Pace;
use super::track::Track;
use crate::spool::{self, Spool};

/// What sessions tell the thread.
pub(super) enum Order {
    Begin(Box<RecordingInfo>, Arc<SessionBudget>),
    Output(SessionId, u64, Bytes),
    Resize(SessionId, u64, u16, u16),
    Finish(SessionId, u64),
    Key(Vec<u8>),
    Flush(oneshot::Sender<()>),
    Stop,
}

struct Session {
    budget: Arc<SessionBudget>,
    track: Track,
    chunker: Chunker,
    /// Whether something was recorded since the last tick.
    dirty: bool,
    finished: bool,
}

pub(super) struct Encoding {
    incoming: Receiver<Order>,
    /// Taken from the queue, not yet done: for want of a key.
    held: VecDeque<Order>,
    budget: Arc<Budget>,
    spool: Spool,
    key: Option<Vec<u8>>,
    sessions: HashMap<SessionId, Session>,
    dirty: Vec<SessionId>,
    compression: Compression,
    pace: Pace,
    stopping: bool,
}

impl Encoding {
    pub(super) fn new(
        incoming: Receiver<Order>,
        budget: Arc<Budget>,
        spool: Spool,
        key: Option<Vec<u8>>,
        compression: Compression,
    ) -> Self {
        Self {
            incoming,
            held: VecDeque::new(),
            budget,
            spool,
            key,
            sessions: HashMap::new(),
            dirty: Vec::new(),
            compression,
            pace: Pace::default(),
            stopping: false,
        }
    }

    pub(super) fn run(mut self) {
        while !self.stopping {
            self.take_orders();
            if self.pace.tick(Instant::now()) {
                self.tick();
            }
            self.sleep();
        }
        self.tick();
    }

    fn take_orders(&mut self) {
        loop {
            match self.incoming.try_recv() {
                Ok(order) if self.key.is_some() => self.obey(order),
                Ok(order) => self.obey_without_key(order),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => return self.stopping = true,
            }
        }
    }

    fn sleep(&mut self) {
        match self.pace.wait(Instant::now()) {
            Some(wait) => std::thread::park_timeout(wait),
            None => {
                self.budget.fall_asleep();
                // Looked at again after saying so, so that no order is slept over.
                match self.incoming.try_recv() {
                    Ok(order) if self.key.is_some() => self.obey(order),
                    Ok(order) => self.obey_without_key(order),
                    Err(TryRecvError::Empty) if !self.stopping => std::thread::park(),
                    Err(_) => {}
                }
                self.budget.wake();
            }
        }
    }

    fn obey_without_key(&mut self, order: Order) {
        match order {
            Order::Key(key) => {
                self.key = Some(key);
                for order in std::mem::take(&mut self.held) {
                    self.obey(order);
                }
            }
            Order::Flush(done) if self.held.is_empty() => self.spool.order(spool::Order::Flush(done)),
            Order::Stop => self.stopping = true,
            order => self.held.push_back(order),
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Begin(info, budget) => self.begin(&info, budget),
            Order::Output(id, at_ms, bytes) => self.output(id, at_ms, &bytes),
            Order::Resize(id, at_ms, cols, rows) => {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.track.resize(&mut session.chunker.lines, at_ms, cols, rows);
                    self.recorded(id);
                }
            }
            Order::Finish(id, at_ms) => {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.track.finish(&mut session.chunker.lines, at_ms);
                    session.finished = true;
                    self.recorded(id);
                    self.pace.finished(Instant::now());
                }
            }
            Order::Key(key) => self.change_key(key),
            Order::Flush(done) => {
                self.tick();
                self.spool.order(spool::Order::Flush(done));
            }
            Order::Stop => self.stopping = true,
        }
    }

    /// What was recorded before is sealed to the key before.
    fn change_key(&mut self, key: Vec<u8>) {
        if self.key.as_ref() != Some(&key) {
            self.tick();
            self.key = Some(key);
        }
    }

    fn begin(&mut self, info: &RecordingInfo, budget: Arc<SessionBudget>) {
        let mut chunker = Chunker::new(Chain::begin(info.session_id));
        let track = Track::begin(&mut chunker.lines, info);
        self.sessions
            .insert(info.session_id, Session { budget, track, chunker, dirty: false, finished: false });
        self.recorded(info.session_id);
    }

    fn output(&mut self, id: SessionId, at_ms: u64, bytes: &[u8]) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.track.output(&mut session.chunker.lines, at_ms, bytes);
        let all_may_go_on = self.budget.give_back(&session.budget, bytes.len());
        if session.chunker.is_due() {
            session.track.close_line(&mut session.chunker.lines);
            let key = self.key.as_deref().unwrap_or_default();
            let until_ms = session.track.until_ms();
            let spool = &self.spool;
            let done = session.chunker.compress(&mut self.compression, key, until_ms, &mut |chunk| {
                spool.order(spool::Order::Chunk(chunk));
            });
            complain(id, done);
        }
        if all_may_go_on {
            self.sessions.values().for_each(|session| session.budget.wake());
        }
        self.recorded(id);
    }

    fn recorded(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.get_mut(&id)
            && !std::mem::replace(&mut session.dirty, true)
        {
            self.dirty.push(id);
            self.pace.recorded(Instant::now());
        }
    }

    /// Seals what every session recorded, and makes it durable together.
    fn tick(&mut self) {
        if self.dirty.is_empty() {
            return;
        }
        let key = self.key.as_deref().unwrap_or_default();
        for id in std::mem::take(&mut self.dirty) {
            let Some(session) = self.sessions.get_mut(&id) else { continue };
            session.dirty = false;
            session.track.close_line(&mut session.chunker.lines);
            let (until_ms, last) = (session.track.until_ms(), session.finished);
            let spool = &self.spool;
            let done =
                session.chunker.finish_chunk(&mut self.compression, key, until_ms, last, &mut |chunk| {
                    spool.order(spool::Order::Chunk(chunk));
                });
            complain(id, done);
            if last {
                self.sessions.remove(&id);
            }
        }
        self.spool.order(spool::Order::Sync);
    }
}

fn complain(id: SessionId, done: Result<(), ChunkError>) {
    if let Err(error) = done {
        tracing::error!(session = %id, %error, alarm = true, "a part of a recording is lost");
    }
}
