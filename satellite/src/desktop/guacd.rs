//! guacd: connecting, and the handshake, up to a connection's first instruction.
//!
//! Arguments are named by guacd and answered by name, so that any version from 1.3 on gets what it asks for. The secret
//! goes out in one write and is wiped after.

use std::io::{self, ErrorKind};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use futures::future::join_all;
use openpam_proto::desktop::View;
use openpam_proto::guacamole::{self, Instruction, MAX_INSTRUCTION_BYTES, Malformed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zeroize::Zeroizing;

use super::health::Guacd;
use super::wire::{Reader, Wire, Writer};
use crate::session::dial::plain;

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
/// An argument that guacd has from 1.6.0 on, whose protocol is 1.5.0's.
const OF_1_6: &str = "cert-fingerprints";
/// What desktops are opened with.
const PROTOCOLS: [&str; 2] = ["rdp", "vnc"];
/// A connection that guacd does not have.
const NOBODYS: &str = "$openpam-looks-whether-guacd-answers";
/// What browsers decode.
const IMAGES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];
/// What browsers play: signed samples of 16 bits, as they are.
const AUDIO: [&str; 1] = ["audio/L16"];

/// Why there is no connection to guacd.
#[derive(Debug, thiserror::Error)]
pub enum GuacdError {
    /// Nothing answers there.
    #[error("{}", plain(.0))]
    Away(#[from] io::Error),
    /// It lets go of whoever comes.
    #[error("it closes each connection at once: it may want TLS (guacd_tls), or is no guacd")]
    LetsGo,
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
    /// What it says.
    pub reader: Reader,
    /// What is said to it.
    pub writer: Writer,
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

/// What a guacd offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// It is of this version, or of a newer one that says no more.
    pub version: Option<String>,
    /// Of `rdp` and `vnc` those that it has.
    pub protocols: Vec<String>,
}

/// Whether a guacd answers there: whoever asks for a connection that it does not have is let go at once.
///
/// # Errors
/// [`GuacdError`].
pub async fn answers(wire: &Wire) -> Result<(), GuacdError> {
    match Greeted::at(wire, NOBODYS).await {
        Err(GuacdError::Away(error)) if error.kind() == ErrorKind::UnexpectedEof => Ok(()),
        Ok(_) | Err(GuacdError::Refused(_) | GuacdError::Unexpected(..)) => Ok(()),
        Err(error) => Err(lets_go(error)),
    }
}

/// One that closes the connection before it has said anything wants TLS, or is none.
fn lets_go(error: GuacdError) -> GuacdError {
    use ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    match error {
        GuacdError::Away(error) if matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof) => {
            GuacdError::LetsGo
        }
        error => error,
    }
}

/// What the guacd there offers.
///
/// # Errors
/// [`GuacdError`], if what answers there is none.
pub async fn offers(wire: &Wire) -> Result<Offer, GuacdError> {
    let asked = PROTOCOLS.map(|protocol| async move { (protocol, Greeted::at(wire, protocol).await) });
    let (mut offer, mut why_not) = (Offer::default(), None);
    for (protocol, greeted) in join_all(asked).await {
        match greeted {
            Ok(mut guacd) => {
                offer.version = offer.version.max(Some(guacd.version()));
                offer.protocols.push(protocol.to_owned());
                // What is no instruction: else its process waits a while for the rest.
                let _ = guacd.writer.write_all(b";").await;
                let _ = guacd.writer.flush().await;
            }
            // So it does with a protocol that is not installed.
            Err(GuacdError::Silent | GuacdError::Refused(_)) => {}
            Err(error) => why_not = Some(error),
        }
    }
    match why_not.filter(|_| offer.protocols.is_empty()) {
        Some(error) => Err(lets_go(error)),
        None => Ok(offer),
    }
}

/// Asks `guacd` for `what`, a protocol or a connection's id, with the value of each argument that it names.
///
/// # Errors
/// [`GuacdError`].
pub async fn connect(
    guacd: &Guacd,
    what: &str,
    introduction: Introduction<'_>,
    value: impl Fn(&str) -> Option<Zeroizing<String>>,
) -> Result<Connection, GuacdError> {
    let connected = async {
        let greeted = Greeted::at(guacd.wire(), what).await?;
        let connected = tokio::time::timeout(PATIENCE, greeted.connect(introduction, value)).await;
        connected.map_err(|_| GuacdError::Silent)?
    };
    let connected = connected.await;
    guacd.wanted(connected.as_ref().err());
    connected
}

/// Waits until guacd has that connection no more.
pub async fn until_gone(wire: &Wire, id: &str) {
    while let Ok(Ok(_)) = tokio::time::timeout(PATIENCE, Greeted::at(wire, id)).await {
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
    reader: Reader,
    writer: Writer,
    read: BytesMut,
    version: Version,
    names: Vec<String>,
}

impl Greeted {
    async fn at(wire: &Wire, what: &str) -> Result<Self, GuacdError> {
        let greet = async {
            let (reader, writer) = wire.connect().await?;
            Self::over(reader, writer, what).await
        };
        tokio::time::timeout(PATIENCE, greet).await.map_err(|_| GuacdError::Silent)?
    }

    async fn over(reader: Reader, writer: Writer, what: &str) -> Result<Self, GuacdError> {
        let (read, names) = (BytesMut::new(), Vec::new());
        let mut guacd = Self { reader, writer, read, version: NEWEST, names };
        guacd.say(&["select", what]).await?;
        guacd.names = guacd.hear("args").await?;
        guacd.version = guacd.names.first().map_or(NEWEST, |name| Version::of(name)).min(NEWEST);
        Ok(guacd)
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
        // Where the one certificate can be named, no other is let pass.
        let pins = self.names.iter().any(|name| name == OF_1_6) && value(OF_1_6).is_some();
        let values = self.names.iter().map(|name| {
            if pins && name == "ignore-cert" {
                return Zeroizing::default();
            }
            let own = name.starts_with("VERSION_").then(|| Zeroizing::new(version.clone()));
            own.or_else(|| value(name)).unwrap_or_default()
        });
        let values = values.collect::<Vec<_>>();
        let connect =
            [&["connect"][..], &values.iter().map(|value| value.as_str()).collect::<Vec<_>>()].concat();
        guacamole::push(&mut said, &connect);
        self.writer.write_all(said.as_bytes()).await?;
        self.writer.flush().await?;
        let id = self.hear("ready").await?.into_iter().next().unwrap_or_default();
        Ok(Connection { id, reader: self.reader, writer: self.writer, read: self.read })
    }

    /// What it is at least.
    fn version(&self) -> String {
        if self.names.iter().any(|name| name == OF_1_6) {
            return "1.6.0".to_owned();
        }
        let Version(major, minor, patch) = self.names.first().map_or(NEWEST, |name| Version::of(name));
        format!("{major}.{minor}.{patch}")
    }

    async fn say(&mut self, elements: &[&str]) -> Result<(), GuacdError> {
        self.writer.write_all(guacamole::instruction(elements).as_bytes()).await?;
        Ok(self.writer.flush().await?)
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
            if self.reader.read_buf(&mut self.read).await? == 0 {
                return Err(io::Error::from(ErrorKind::UnexpectedEof).into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use openpam_proto::desktop::Quality;

    use super::*;

    #[test]
    fn a_version_is_read_written_and_never_newer_than_what_is_spoken_here() {
        assert_eq!(Version::of("VERSION_1_3_0").to_string(), "VERSION_1_3_0");
        assert_eq!(Version::of("VERSION_1_10_2").min(NEWEST), NEWEST);
        assert_eq!(Version::of("hostname"), Version(1, 0, 0), "before 1.1.0 there was none");
        assert!(Version::of("VERSION_1_3_0") < NAMES_USERS);
    }

    #[tokio::test]
    async fn a_guacd_that_can_be_told_the_certificate_takes_no_other() {
        for (names, told) in [
            (
                "4.args,13.VERSION_1_5_0,11.ignore-cert,17.cert-fingerprints;",
                "7.connect,13.VERSION_1_5_0,0.,9.sha256:ab;",
            ),
            ("4.args,13.VERSION_1_3_0,11.ignore-cert;", "7.connect,13.VERSION_1_3_0,4.true;"),
        ] {
            let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
            let (reader, writer) = tokio::io::split(ours);
            let (reader, writer): (Reader, Writer) = (Box::new(reader), Box::new(writer));
            theirs.write_all(format!("{names}5.ready,2.$1;").as_bytes()).await.expect("room");
            let greeted = Greeted::over(reader, writer, "rdp").await.expect("guacd");
            let introduction = Introduction {
                view: View { width: 800, height: 600, dpi: 96, quality: Quality::Auto },
                user: "mara",
            };
            let value = |name: &str| match name {
                "ignore-cert" => Some(Zeroizing::new("true".to_owned())),
                "cert-fingerprints" => Some(Zeroizing::new("sha256:ab".to_owned())),
                _ => None,
            };
            greeted.connect(introduction, value).await.expect("is ready");
            let mut said = vec![0; 4096];
            let read = theirs.read(&mut said).await.expect("reads");
            let said = String::from_utf8_lossy(said.get(..read).unwrap_or_default()).into_owned();
            assert!(said.ends_with(told), "{said}");
        }
    }
}
