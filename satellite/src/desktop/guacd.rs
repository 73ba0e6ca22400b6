//! guacd: connecting, and the handshake, up to a connection's first instruction.
//!
//! Arguments are named by guacd and answered by name, so that any version from 1.3 on gets what it asks for. The secret
//! goes out in one write and is wiped after.

use std::time::Duration;

use bytes::{Buf, BytesMut};
use openpam_proto::desktop::View;
use openpam_proto::guacamole::{self, Instruction, MAX_INSTRUCTION_BYTES, Malformed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

/// guacd answers within this; it does before it looks for the target.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection that ends is looked for this often.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The protocol's newest version that is spoken here, as guacd writes it.
const NEWEST: Version = Version(1, 5, 0);
/// From this one on guacd wants to know who is there.
const NAMES_USERS: Version = Version(1, 5, 0);
/// From this one on it asks for the browser's time zone.
const ASKS_TIMEZONE: Version = Version(1, 1, 0);
/// What browsers decode.
const IMAGES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];
/// What browsers play: signed samples of 16 bits, as they are.
const AUDIO: [&str; 1] = ["audio/L16"];

/// Why there is no connection to guacd.
#[derive(Debug, thiserror::Error)]
pub enum GuacdError {
    /// Nothing answers there.
    #[error("{0}")]
    Away(#[from] std::io::Error),
    /// It does not answer in time.
    #[error("it does not answer")]
    Silent,
    /// What it says is not its protocol.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// It says something else than expected.
    #[error("it says {0:?} where {1:?} is expected")]
    Unexpected(String, &'static str),
    /// It refuses.
    #[error("it refuses: {0}")]
    Refused(String),
}

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u16, u16, u16);

impl Version {
    /// Of the first argument's name, such as `VERSION_1_3_0`; without one it is the oldest.
    fn of(name: &str) -> Self {
        let mut numbers = name.trim_start_matches("VERSION_").split('_').map(|number| number.parse().ok());
        let mut next = || numbers.next().flatten();
        match (next(), next(), next()) {
            (Some(major), Some(minor), Some(patch)) => Self(major, minor, patch),
            _ => Self(1, 0, 0),
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VERSION_{}_{}_{}", self.0, self.1, self.2)
    }
}

/// A member of a connection of guacd's.
pub struct Connection {
    /// guacd's name for the connection: others join it by that.
    pub id: String,
    /// Its way.
    pub stream: TcpStream,
    /// What was read of it already.
    pub read: BytesMut,
}

/// What a new member says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Introduction<'a> {
    /// Its window.
    pub view: View,
    /// Who it is.
    pub user: &'a str,
}

/// Asks guacd at `address` for `what`, a protocol or a connection's id, with the value of each argument that it names.
///
/// # Errors
/// [`GuacdError`].
pub async fn connect(
    address: &str,
    what: &str,
    introduction: Introduction<'_>,
    value: impl Fn(&str) -> Option<Zeroizing<String>>,
) -> Result<Connection, GuacdError> {
    let guacd = Greeted::at(address, what).await?;
    tokio::time::timeout(PATIENCE, guacd.connect(introduction, value))
        .await
        .map_err(|_| GuacdError::Silent)?
}

/// Waits until guacd has that connection no more.
pub async fn until_gone(address: &str, id: &str) {
    while let Ok(Ok(_)) = tokio::time::timeout(PATIENCE, Greeted::at(address, id)).await {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What guacd waits for: that a frame was drawn, and that somebody is there. Who says nothing for 15 s is let go, also on a
/// desktop on which nothing moves.
#[must_use]
pub fn answer(said: Instruction<'_>) -> Option<String> {
    match said.opcode() {
        "sync" => Some(guacamole::instruction(&["sync", said.argument(0)])),
        "nop" => Some(guacamole::instruction(&["nop"])),
        _ => None,
    }
}

/// guacd, which has said what it wants to know.
struct Greeted {
    stream: TcpStream,
    read: BytesMut,
    version: Version,
    names: Vec<String>,
}

impl Greeted {
    async fn at(address: &str, what: &str) -> Result<Self, GuacdError> {
        let greet = async {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let mut guacd = Self { stream, read: BytesMut::new(), version: NEWEST, names: Vec::new() };
            guacd.say(&["select", what]).await?;
            guacd.names = guacd.hear("args").await?;
            guacd.version = guacd.names.first().map_or(NEWEST, |name| Version::of(name)).min(NEWEST);
            Ok(guacd)
        };
        tokio::time::timeout(PATIENCE, greet).await.map_err(|_| GuacdError::Silent)?
    }

    async fn connect(
        mut self,
        Introduction { view, user }: Introduction<'_>,
        value: impl Fn(&str) -> Option<Zeroizing<String>>,
    ) -> Result<Connection, GuacdError> {
        let numbers = [view.width, view.height, view.dpi].map(|number| number.to_string());
        let [width, height, dpi] = numbers.each_ref().map(String::as_str);
        let mut said = Zeroizing::new(String::with_capacity(MAX_INSTRUCTION_BYTES));
        guacamole::push(&mut said, &["size", width, height, dpi]);
        guacamole::push(&mut said, &[&["audio"][..], &AUDIO].concat());
        guacamole::push(&mut said, &["video"]);
        guacamole::push(&mut said, &[&["image"][..], &IMAGES].concat());
        if self.version >= ASKS_TIMEZONE {
            guacamole::push(&mut said, &["timezone", "UTC"]);
        }
        if self.version >= NAMES_USERS {
            guacamole::push(&mut said, &["name", user]);
        }
        let version = self.version.to_string();
        let values = self.names.iter().map(|name| {
            let own = name.starts_with("VERSION_").then(|| Zeroizing::new(version.clone()));
            own.or_else(|| value(name)).unwrap_or_default()
        });
        let values = values.collect::<Vec<_>>();
        let connect =
            [&["connect"][..], &values.iter().map(|value| value.as_str()).collect::<Vec<_>>()].concat();
        guacamole::push(&mut said, &connect);
        self.stream.write_all(said.as_bytes()).await?;
        let id = self.hear("ready").await?.into_iter().next().unwrap_or_default();
        Ok(Connection { id, stream: self.stream, read: self.read })
    }

    async fn say(&mut self, elements: &[&str]) -> Result<(), GuacdError> {
        Ok(self.stream.write_all(guacamole::instruction(elements).as_bytes()).await?)
    }

    /// The arguments of the next instruction, which must be `opcode`.
    async fn hear(&mut self, opcode: &'static str) -> Result<Vec<String>, GuacdError> {
        loop {
            if let Some(said) = Instruction::first(&self.read)? {
                let arguments = said.arguments().map(str::to_owned).collect::<Vec<_>>();
                let (heard, length) = (said.opcode().to_owned(), said.text().len());
                self.read.advance(length);
                return match heard.as_str() {
                    heard if heard == opcode => Ok(arguments),
                    "error" => Err(GuacdError::Refused(arguments.into_iter().next().unwrap_or_default())),
                    _ => Err(GuacdError::Unexpected(heard, opcode)),
                };
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_written_and_never_newer_than_what_is_spoken_here() {
        assert_eq!(Version::of("VERSION_1_3_0").to_string(), "VERSION_1_3_0");
        assert_eq!(Version::of("VERSION_1_10_2").min(NEWEST), NEWEST);
        assert_eq!(Version::of("hostname"), Version(1, 0, 0), "before 1.1.0 there was none");
        assert!(Version::of("VERSION_1_3_0") < NAMES_USERS);
    }
}
