//! A tap before guacd, through which all ways lead: how long guacd waits for the answer to each of its frames. That is
//! what guacd itself goes by when it decides how often it draws.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::BytesMut;
use openpam_proto::guacamole::{self, Instruction};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use crate::figures::ms;

/// Read at once.
const READ_BYTES: usize = 64 * 1024;
/// More frames than this wait for no answer.
const MAX_SAID: usize = 256;

pub(crate) struct Tap {
    pub(crate) port: u16,
    heard: Arc<Mutex<Answers>>,
    task: AbortHandle,
}

/// Milliseconds to each answer.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Of those who had the desktop opened.
    pub(crate) openers: Vec<f64>,
    /// Of those who joined it.
    pub(crate) joiners: Vec<f64>,
}

impl Tap {
    pub(crate) async fn before(guacd: (Ipv4Addr, u16)) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let heard = Arc::new(Mutex::new(Answers::default()));
        let tells = heard.clone();
        let serve = async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(pass(near, guacd, tells.clone()));
            }
        };
        Ok(Self { port, heard, task: tokio::spawn(serve).abort_handle() })
    }

    /// What was heard since this was asked last.
    pub(crate) fn take(&self) -> Answers {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection, until either end is gone.
async fn pass(
    mut near: TcpStream,
    guacd: (Ipv4Addr, u16),
    heard: Arc<Mutex<Answers>>,
) -> std::io::Result<()> {
    let mut far = TcpStream::connect(guacd).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (mut up, mut down) = (BytesMut::new(), BytesMut::new());
    let (mut said, mut joins) = (VecDeque::new(), false);
    loop {
        let (before_up, before_down) = (up.len(), down.len());
        up.reserve(READ_BYTES);
        down.reserve(READ_BYTES);
        tokio::select! {
            read = near.read_buf(&mut up) => {
                let now = Instant::now();
                if read? == 0 {
                    return Ok(());
                }
                far.write_all(up.get(before_up..).unwrap_or_default()).await?;
                each(&mut up, |next| match next.opcode() {
                    "select" => joins = next.argument(0).starts_with('$'),
                    "sync" => {
                        let of = |(time, _): &(String, Instant)| time == next.argument(0);
                        if let Some(index) = said.iter().position(of)
                            && let Some((_, at)) = said.drain(..=index).next_back()
                        {
                            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                            let answers = if joins { &mut heard.joiners } else { &mut heard.openers };
                            answers.push(ms(now - at));
                        }
                    }
                    _ => {}
                });
            }
            read = far.read_buf(&mut down) => {
                let now = Instant::now();
                if read? == 0 {
                    return Ok(());
                }
                near.write_all(down.get(before_down..).unwrap_or_default()).await?;
                each(&mut down, |next| {
                    if next.opcode() == "sync" && said.len() < MAX_SAID {
                        said.push_back((next.argument(0).to_owned(), now));
                    }
                });
            }
        }
    }
}

/// Shows the whole instructions, and leaves the rest. What is none is passed on all the same.
fn each(bytes: &mut BytesMut, see: impl FnMut(Instruction<'_>)) {
    let count = guacamole::whole(bytes, usize::MAX, see).unwrap_or(bytes.len());
    let _ = bytes.split_to(count);
}
