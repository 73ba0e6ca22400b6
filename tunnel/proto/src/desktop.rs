//! What a desktop needs beside what a shell does: how to open it, the browser's window, and what may pass.
//!
//! Its output are whole instructions of Guacamole's protocol ([`crate::guacamole`]), its input too. Every attachment has
//! a picture of its own: the output of one has nothing to do with another's, but that its offsets go on.

use minicbor::{Decode, Encode};

use crate::codec;

/// Windows outside this range are refused: by the hub as malformed, by the satellite too.
pub const PIXELS: std::ops::RangeInclusive<u16> = 16..=8192;
/// Pixels per inch outside this range are refused.
pub const DPI: std::ops::RangeInclusive<u16> = 24..=960;

names! {
    /// What somebody would rather have of a desktop.
    #[derive(Default)]
    pub enum Quality, otherwise Auto {
        /// As the line allows.
        #[default]
        Auto = "auto",
        /// Sharp letters, whatever they cost.
        Text = "text",
        /// As few bytes as may be.
        Low = "low",
    }
}

impl Quality {
    fn is_auto(&self) -> bool {
        *self == Self::Auto
    }
}

/// The browser's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct View {
    /// Pixels of the screen, within [`PIXELS`].
    #[n(0)]
    pub width: u16,
    /// Pixels of the screen, within [`PIXELS`].
    #[n(1)]
    pub height: u16,
    /// Pixels per inch, within [`DPI`].
    #[n(2)]
    pub dpi: u16,
    /// What its user would rather have.
    #[cbor(n(3), with = "codec::name", default, skip_if = "Quality::is_auto")]
    pub quality: Quality,
}

impl View {
    /// Whether it can be.
    #[must_use]
    pub fn is_possible(self) -> bool {
        PIXELS.contains(&self.width) && PIXELS.contains(&self.height) && DPI.contains(&self.dpi)
    }
}

/// What may pass between a desktop and the browser on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Transfer {
    /// The clipboard, from the desktop.
    #[cbor(n(0), default)]
    pub copy: bool,
    /// The clipboard, to the desktop.
    #[cbor(n(1), default)]
    pub paste: bool,
    /// Files, from the desktop.
    #[cbor(n(2), default)]
    pub download: bool,
    /// Files, to the desktop.
    #[cbor(n(3), default)]
    pub upload: bool,
}

names! {
    /// What a desktop is spoken to with.
    pub enum Protocol, otherwise Unknown {
        /// Remote Desktop Protocol.
        Rdp = "rdp",
        /// RFB, RFC 6143.
        Vnc = "vnc",
        /// One that this build does not know: refused.
        Unknown = "unknown",
    }
}

names! {
    /// How an RDP connection is secured.
    pub enum Security, otherwise Nla {
        /// As target and guacd agree.
        Any = "any",
        /// Network Level Authentication: TLS, and the account before the desktop.
        Nla = "nla",
        /// TLS.
        Tls = "tls",
        /// RDP's own encryption, of old targets.
        Rdp = "rdp",
    }
}

/// How a desktop is opened.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct OpenDesktop {
    /// With which protocol.
    #[cbor(n(0), with = "codec::name")]
    pub protocol: Protocol,
    /// RDP: how it is secured.
    #[cbor(n(1), with = "codec::name")]
    pub security: Security,
    /// RDP: the account's domain.
    #[n(2)]
    pub domain: Option<String>,
    /// RDP: the keyboard that the target believes it has, as guacd names them.
    #[n(3)]
    pub keyboard_layout: Option<String>,
    /// RDP: what runs instead of the desktop's own shell.
    #[n(4)]
    pub initial_program: Option<String>,
    /// RDP: one program instead of a desktop.
    #[n(5)]
    pub remote_app: Option<RemoteApp>,
    /// RDP: the target's console, and no session beside it.
    #[cbor(n(6), default)]
    pub console: bool,
    /// Bits of a pixel's colour: 8, 16 or 24.
    #[n(7)]
    pub color_depth: Option<u8>,
    /// RDP: what of the desktop's look is shown.
    #[cbor(n(8), default)]
    pub look: Look,
    /// RDP: the way through a gateway.
    #[n(9)]
    pub gateway: Option<Gateway>,
    /// It is woken first.
    #[n(10)]
    pub wake_on_lan: Option<WakeOnLan>,
    /// RDP: it has a printer, and what is printed there comes as a PDF, where files may.
    #[cbor(n(11), default)]
    pub printer: bool,
}

impl OpenDesktop {
    /// One without settings of its own.
    #[must_use]
    pub const fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            security: Security::Any,
            domain: None,
            keyboard_layout: None,
            initial_program: None,
            remote_app: None,
            console: false,
            color_depth: None,
            look: Look {
                wallpaper: false,
                theming: false,
                font_smoothing: true,
                full_window_drag: false,
                desktop_composition: false,
                menu_animations: false,
            },
            gateway: None,
            wake_on_lan: None,
            printer: false,
        }
    }
}

/// One program of an RDP target.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct RemoteApp {
    /// Its name there, such as `||notepad`.
    #[n(0)]
    pub program: String,
    /// In which folder.
    #[n(1)]
    pub dir: Option<String>,
    /// With which arguments.
    #[n(2)]
    pub args: Option<String>,
}

/// What costs bandwidth and is only for the eye.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Look {
    /// The background picture.
    #[cbor(n(0), default)]
    pub wallpaper: bool,
    /// Themes of windows.
    #[cbor(n(1), default)]
    pub theming: bool,
    /// Smooth letters.
    #[cbor(n(2), default)]
    pub font_smoothing: bool,
    /// Windows show what is in them while they move.
    #[cbor(n(3), default)]
    pub full_window_drag: bool,
    /// Transparent windows.
    #[cbor(n(4), default)]
    pub desktop_composition: bool,
    /// Menus that move.
    #[cbor(n(5), default)]
    pub menu_animations: bool,
}

/// A Remote Desktop Gateway; the target's own account opens it, unless another name is said.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Gateway {
    /// Its host name or address.
    #[n(0)]
    pub hostname: String,
    /// Its TCP port.
    #[n(1)]
    pub port: u16,
    /// The account's domain there.
    #[n(2)]
    pub domain: Option<String>,
    /// The account's name there.
    #[n(3)]
    pub username: Option<String>,
}

/// A target that sleeps.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct WakeOnLan {
    /// Its network card's address, such as `00:1b:44:11:3a:b7`.
    #[n(0)]
    pub mac: String,
    /// Where the packet goes; absent: to everybody on the satellite's network.
    #[n(1)]
    pub broadcast: Option<String>,
    /// How long it takes to come up, in seconds.
    #[n(2)]
    pub wait_seconds: u16,
}

/// What an attachment is told of its desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DesktopOpened {
    /// What may pass.
    #[n(0)]
    pub transfer: Transfer,
    /// The newest window of the session's own user.
    #[n(1)]
    pub view: View,
}
