//! The socket in the state folder through which the same program, started by a person, talks to the one that runs.
//!
//! One request and one answer, a line of JSON each. Only whoever may enter the folder reaches it; it listens on no
//! network.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::status::Status;

/// The socket's name.
pub const SOCKET: &str = "control.sock";
/// A request is a few words, an answer a page.
const MAX_LINE_BYTES: u64 = 64 * 1024;
/// Who connects says something this soon.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// People at the same time; further ones wait.
const MAX_VISITORS: usize = 8;

/// What is asked of the program that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// How are you?
    Status,
    /// Take no new session, tell the browsers that theirs will end.
    Drain {
        /// In how many seconds at the latest.
        within_s: u64,
    },
    /// Take new sessions again.
    Resume,
}

/// Answers requests.
pub trait Desk: Clone + Send + Sync + 'static {
    /// The status after the request was done.
    fn answer(&self, request: Request) -> impl Future<Output = Status> + Send;
}

/// Why the program that runs was not reached.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// Nothing listens: it does not run, or with another state folder.
    #[error("{}: no openpam-satellite is running with this state folder", .0.display())]
    NotRunning(PathBuf),
    /// It listens but does not answer as expected.
    #[error("the running openpam-satellite does not answer: {0}")]
    Broken(String),
}

/// Asks the program that runs with that state folder.
///
/// # Errors
/// [`LocalError`].
pub async fn ask(folder: &Path, request: Request) -> Result<Status, LocalError> {
    let socket = UnixStream::connect(folder.join(SOCKET)).await;
    let mut socket = socket.map_err(|_| LocalError::NotRunning(folder.to_owned()))?;
    let exchange = async {
        let mut line = serde_json::to_vec(&request)?;
        line.push(b'\n');
        socket.write_all(&line).await?;
        let mut answer = Vec::new();
        (&mut socket).take(MAX_LINE_BYTES).read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(serde_json::from_slice(&answer)?)
    };
    match timeout(REQUEST_TIMEOUT, exchange).await {
        Ok(answer) => answer.map_err(|error| LocalError::Broken(error.to_string())),
        Err(_) => Err(LocalError::Broken("no answer in time".to_owned())),
    }
}

/// Serves the socket until dropped.
///
/// # Errors
/// If it cannot be made.
pub fn listen(folder: &Path) -> std::io::Result<UnixListener> {
    let path = folder.join(SOCKET);
    // Left by a run that was killed: the folder's lock says that nobody else is here.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers whoever comes.
pub async fn serve(listener: UnixListener, desk: impl Desk) {
    let visitors = std::sync::Arc::new(Semaphore::new(MAX_VISITORS));
    loop {
        let Ok(permit) = visitors.clone().acquire_owned().await else { return };
        let Ok((socket, _)) = listener.accept().await else {
            tokio::time::sleep(REQUEST_TIMEOUT).await;
            continue;
        };
        let desk = desk.clone();
        tokio::spawn(async move {
            if let Err(error) = visit(socket, desk).await {
                tracing::debug!(%error, "a request on the local socket failed");
            }
            drop(permit);
        });
    }
}

async fn visit(mut socket: UnixStream, desk: impl Desk) -> std::io::Result<()> {
    let mut line = String::new();
    let (read, mut write) = socket.split();
    let mut read = BufReader::new(read.take(MAX_LINE_BYTES));
    timeout(REQUEST_TIMEOUT, read.read_line(&mut line)).await??;
    let request = serde_json::from_str(&line)?;
    let status = desk.answer(request).await;
    write.write_all(&serde_json::to_vec(&status)?).await
}
