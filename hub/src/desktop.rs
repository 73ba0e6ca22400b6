//! How a desktop is opened: what an administrator says of a target of RDP or VNC besides its address.
//!
//! All of it becomes arguments of guacd at the site. So every text is bounded in length and in what it may hold, here, before
//! it is kept. It holds no secret, and it opens nothing: a dial only reads it.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::store::kinds::Protocol;
use crate::text::deceives;

mod words;

pub use words::{DesktopSecurity, KeyboardLayout};

/// Longest name of a domain, a host or an account, in characters.
const MAX_NAME: usize = 255;
/// Longest path or name of a program, in characters: that of Windows.
const MAX_PATH: usize = 260;
/// Longest line of commands or arguments, in characters.
const MAX_LINE: usize = 1024;
/// Nobody waits longer for a machine that wakes up.
const MAX_WAKE_SECONDS: u16 = 300;
/// Bits that a picture's colours may have.
const COLOR_DEPTHS: [u8; 3] = [8, 16, 24];

/// How a desktop is opened. What is left out is as is usual; of VNC nothing but the depth of colours can be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DesktopSettings {
    /// How the connection is secured, and whether one signs in before the desktop is there; `any`: as the target wants it.
    #[serde(skip_serializing_if = "is_usual")]
    pub security: DesktopSecurity,
    /// The Windows domain of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 255)]
    pub domain: Option<String>,
    /// Which keys the target believes to have; absent: `en-us-qwerty`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyboard_layout: Option<KeyboardLayout>,
    /// Runs instead of the desktop, and ends it when it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1024)]
    pub initial_program: Option<String>,
    /// A single program that the target publishes, without a desktop around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_app: Option<RemoteApp>,
    /// The session at the machine's own screen, instead of one beside it.
    #[serde(skip_serializing_if = "is_usual")]
    pub console: bool,
    /// Bits of a colour: 8, 16 or 24; absent: as guacd and the target agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 8, maximum = 24)]
    pub color_depth: Option<u8>,
    /// The picture behind everything.
    #[serde(skip_serializing_if = "is_usual")]
    pub wallpaper: bool,
    /// Styled windows and controls.
    #[serde(skip_serializing_if = "is_usual")]
    pub theming: bool,
    /// Smooth text. It alone is on where nothing is said.
    #[serde(skip_serializing_if = "is_on")]
    pub font_smoothing: bool,
    /// A window shows what is in it while it is moved.
    #[serde(skip_serializing_if = "is_usual")]
    pub full_window_drag: bool,
    /// Transparent windows and shadows.
    #[serde(skip_serializing_if = "is_usual")]
    pub desktop_composition: bool,
    /// Menus open and close in motion.
    #[serde(skip_serializing_if = "is_usual")]
    pub menu_animations: bool,
    /// The desktop has a printer: what is printed there comes to the user as a PDF, where a grant lets files from it.
    #[serde(skip_serializing_if = "is_usual")]
    pub printer: bool,
    /// A Remote Desktop Gateway through which the target is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<DesktopGateway>,
    /// The target sleeps and is woken first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wake_on_lan: Option<WakeOnLan>,
}

/// A program that the target publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoteApp {
    /// As it is published: `||name`, or a path.
    #[schema(min_length = 1, max_length = 260)]
    pub program: String,
    /// Where it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 260)]
    pub dir: Option<String>,
    /// What it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1024)]
    pub args: Option<String>,
}

/// A Remote Desktop Gateway. One signs in there with the password of the target's credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DesktopGateway {
    /// DNS name or address, as the site knows it.
    #[schema(min_length = 1, max_length = 255)]
    pub hostname: String,
    /// TCP port; absent: 443.
    #[serde(default = "https")]
    #[schema(minimum = 1, maximum = 65535)]
    pub port: u16,
    /// The Windows domain of the account there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 255)]
    pub domain: Option<String>,
    /// The account there; absent: that of the credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 255)]
    pub username: Option<String>,
}

/// How a machine is woken over its network (a magic packet, UDP port 9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WakeOnLan {
    /// Of its network card: six pairs of hexadecimal digits.
    #[schema(examples("00:1a:2b:3c:4d:5e"))]
    pub mac: String,
    /// Where the packet goes; absent: to everybody in the satellite's own network.
    #[serde(default = "everybody")]
    #[schema(value_type = String, examples("10.20.0.255"))]
    pub broadcast: IpAddr,
    /// So long it is waited for, at most five minutes; absent: one.
    #[serde(default = "a_minute")]
    #[schema(minimum = 0, maximum = 300)]
    pub wait_seconds: u16,
}

impl Default for DesktopSettings {
    fn default() -> Self {
        Self {
            security: DesktopSecurity::Any,
            domain: None,
            keyboard_layout: None,
            initial_program: None,
            remote_app: None,
            console: false,
            color_depth: None,
            wallpaper: false,
            theming: false,
            font_smoothing: true,
            full_window_drag: false,
            desktop_composition: false,
            menu_animations: false,
            printer: false,
            gateway: None,
            wake_on_lan: None,
        }
    }
}

/// What cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {why}")]
pub struct Wrong {
    /// Where, such as `desktop.gateway.port`.
    pub field: String,
    /// Why, without the field's name.
    pub why: String,
}

impl DesktopSettings {
    /// What is kept of a target that is opened so: nothing for a shell, and what is usual for a desktop of which nothing is
    /// said.
    ///
    /// # Errors
    /// [`Wrong`] for what guacd is not to get, and for what this protocol does not know.
    pub fn for_target(protocol: Protocol, wanted: Option<Self>) -> Result<Option<Self>, Wrong> {
        match (protocol, wanted) {
            (Protocol::Ssh, None) => Ok(None),
            (Protocol::Ssh, Some(_)) => Err(wrong("", "is for targets of RDP and VNC: this one is a shell")),
            (Protocol::Rdp | Protocol::Vnc, None) => Ok(Some(Self::default())),
            (Protocol::Rdp, Some(wanted)) => wanted.checked().map(Some),
            (Protocol::Vnc, Some(wanted)) => {
                wanted.must_be_of_vnc()?;
                wanted.checked().map(Some)
            }
        }
    }

    fn must_be_of_vnc(&self) -> Result<(), Wrong> {
        // What is as usual is not written.
        let said = serde_json::to_value(self).unwrap_or_default();
        let other = said.as_object().into_iter().flatten().find(|(field, _)| field.as_str() != "color_depth");
        other.map_or(Ok(()), |(field, _)| Err(wrong(field, "is for targets of RDP: VNC does not know it")))
    }

    fn checked(mut self) -> Result<Self, Wrong> {
        domain("domain", self.domain.as_deref())?;
        line("initial_program", self.initial_program.as_deref(), MAX_LINE)?;
        if let Some(RemoteApp { program, dir, args }) = &self.remote_app {
            line("remote_app.program", Some(program), MAX_PATH)?;
            line("remote_app.dir", dir.as_deref(), MAX_PATH)?;
            line("remote_app.args", args.as_deref(), MAX_LINE)?;
            if self.initial_program.is_some() {
                return Err(wrong("initial_program", "cannot stand beside remote_app: give one of them"));
            }
        }
        if self.color_depth.is_some_and(|bits| !COLOR_DEPTHS.contains(&bits)) {
            return Err(wrong("color_depth", "is 8, 16 or 24"));
        }
        if let Some(gateway) = &self.gateway {
            host("gateway.hostname", &gateway.hostname)?;
            domain("gateway.domain", gateway.domain.as_deref())?;
            line("gateway.username", gateway.username.as_deref(), MAX_NAME)?;
            if gateway.port == 0 {
                return Err(wrong("gateway.port", "is 1 to 65535"));
            }
        }
        if let Some(wake) = &mut self.wake_on_lan {
            wake.mac = mac(&wake.mac).ok_or_else(|| {
                wrong("wake_on_lan.mac", "has six pairs of hexadecimal digits, such as 00:1a:2b:3c:4d:5e")
            })?;
            if wake.wait_seconds > MAX_WAKE_SECONDS {
                return Err(wrong("wake_on_lan.wait_seconds", "is 0 to 300 (five minutes)"));
            }
        }
        Ok(self)
    }
}

fn wrong(field: &str, why: impl Into<String>) -> Wrong {
    let dot = if field.is_empty() { "" } else { "." };
    Wrong { field: format!("desktop{dot}{field}"), why: why.into() }
}

fn fits(text: &str, most: usize, allowed: impl Fn(char) -> bool) -> bool {
    let blank = text.trim().is_empty();
    !blank && text.chars().count() <= most && text.chars().all(allowed)
}

/// One line, of which everything can be seen.
fn line(field: &str, text: Option<&str>, most: usize) -> Result<(), Wrong> {
    let good = text.is_none_or(|text| fits(text, most, |c| !deceives(c)));
    let why = || format!("has 1 to {most} characters in one line, none of them invisible");
    if good { Ok(()) } else { Err(wrong(field, why())) }
}

fn domain(field: &str, text: Option<&str>) -> Result<(), Wrong> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let good = text.is_none_or(|text| fits(text, MAX_NAME, allowed));
    let why = || format!("has 1 to {MAX_NAME} letters, digits and . - _");
    if good { Ok(()) } else { Err(wrong(field, why())) }
}

fn host(field: &str, text: &str) -> Result<(), Wrong> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
    if fits(text, MAX_NAME, allowed) { Ok(()) } else { Err(wrong(field, "is a DNS name or an IP address")) }
}

/// As it is kept: in small letters, between colons.
fn mac(text: &str) -> Option<String> {
    let pairs: Vec<&str> = text.split([':', '-']).collect();
    let good = |pair: &&str| pair.len() == 2 && pair.chars().all(|c| c.is_ascii_hexdigit());
    (pairs.len() == 6 && pairs.iter().all(good)).then(|| pairs.join(":").to_ascii_lowercase())
}

fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

const fn is_on(value: &bool) -> bool {
    *value
}

const fn https() -> u16 {
    443
}

const fn everybody() -> IpAddr {
    IpAddr::V4(Ipv4Addr::BROADCAST)
}

const fn a_minute() -> u16 {
    60
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(protocol: Protocol, said: Value) -> Result<DesktopSettings, String> {
        let wanted = serde_json::from_value(said).map_err(|error| error.to_string())?;
        let kept = DesktopSettings::for_target(protocol, Some(wanted)).map_err(|wrong| wrong.to_string())?;
        Ok(kept.expect("a desktop"))
    }

    #[test]
    fn what_is_as_usual_is_not_written_and_comes_back() {
        let usual = DesktopSettings::default();
        assert_eq!(serde_json::to_value(&usual).expect("JSON"), json!({}));
        assert_eq!(DesktopSettings::for_target(Protocol::Vnc, None), Ok(Some(usual.clone())));
        assert_eq!(DesktopSettings::for_target(Protocol::Ssh, None), Ok(None));
        let whole = json!({
            "security": "nla", "domain": "PLANT", "keyboard_layout": "de-de-qwertz", "console": true,
            "remote_app": { "program": "||historian", "dir": "C:\\Apps", "args": "/line 3; \"a,b\"" },
            "color_depth": 16, "wallpaper": true, "theming": true, "font_smoothing": false,
            "full_window_drag": true, "desktop_composition": true, "menu_animations": true,
            "gateway": { "hostname": "gate.plant", "port": 8443, "domain": "PLANT", "username": "svc" },
            "wake_on_lan": { "mac": "00:1a:2b:3c:4d:5e", "broadcast": "10.20.0.255", "wait_seconds": 90 },
        });
        let kept = read(Protocol::Rdp, whole.clone()).expect("good");
        assert_eq!(serde_json::to_value(&kept).expect("JSON"), whole);
        let short = json!({ "gateway": { "hostname": "g" }, "wake_on_lan": { "mac": "00-1A-2B-3C-4D-5E" } });
        let kept = read(Protocol::Rdp, short).expect("good");
        assert_eq!(kept.gateway.expect("a gateway").port, 443);
        let wake = kept.wake_on_lan.expect("how it is woken");
        assert_eq!((wake.mac.as_str(), wake.wait_seconds), ("00:1a:2b:3c:4d:5e", 60));
        assert_eq!(wake.broadcast.to_string(), "255.255.255.255");
    }

    #[test]
    fn what_guacd_is_not_to_get_is_refused_with_the_fields_name() {
        let long = "x".repeat(1025);
        let wake = |more: Value| {
            let mut wake = json!({ "mac": "00:1a:2b:3c:4d:5e" });
            wake.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
            json!({ "wake_on_lan": wake })
        };
        for (said, says) in [
            (json!({ "security": "none" }), "unknown variant"),
            (json!({ "keyboard_layout": "xx-xx" }), "unknown variant"),
            (json!({ "recording-path": "/tmp" }), "unknown field"),
            (json!({ "domain": "" }), "desktop.domain"),
            (json!({ "domain": "a b" }), "desktop.domain"),
            (json!({ "domain": "x".repeat(256) }), "desktop.domain"),
            (json!({ "initial_program": "a\nb" }), "desktop.initial_program"),
            (json!({ "initial_program": "a\u{202e}b" }), "desktop.initial_program"),
            (json!({ "initial_program": long }), "desktop.initial_program"),
            (json!({ "initial_program": " " }), "desktop.initial_program"),
            (json!({ "remote_app": {} }), "missing field"),
            (json!({ "remote_app": { "program": "" } }), "desktop.remote_app.program"),
            (json!({ "remote_app": { "program": "||a", "dir": "\0" } }), "desktop.remote_app.dir"),
            (json!({ "remote_app": { "program": "||a", "args": long } }), "desktop.remote_app.args"),
            (
                json!({ "remote_app": { "program": "||a" }, "initial_program": "b" }),
                "desktop.initial_program cannot stand",
            ),
            (json!({ "color_depth": 32 }), "desktop.color_depth"),
            (json!({ "gateway": { "hostname": "a b" } }), "desktop.gateway.hostname"),
            (json!({ "gateway": { "hostname": "a", "port": 0 } }), "desktop.gateway.port"),
            (json!({ "gateway": { "hostname": "a", "domain": ";" } }), "desktop.gateway.domain"),
            (json!({ "gateway": { "hostname": "a", "username": "\u{7}" } }), "desktop.gateway.username"),
            (json!({ "gateway": { "hostname": "a", "password": "x" } }), "unknown field"),
            (wake(json!({ "mac": "00:1a:2b:3c:4d" })), "desktop.wake_on_lan.mac"),
            (wake(json!({ "mac": "00:1a:2b:3c:4d:5g" })), "desktop.wake_on_lan.mac"),
            (wake(json!({ "broadcast": "plant" })), "invalid IP address"),
            (wake(json!({ "wait_seconds": 301 })), "desktop.wake_on_lan.wait_seconds"),
        ] {
            let refused = read(Protocol::Rdp, said.clone()).expect_err(&said.to_string());
            assert!(refused.contains(says), "{said}: {refused}");
        }
    }

    #[test]
    fn vnc_knows_the_depth_of_colours_alone_and_a_shell_nothing() {
        assert_eq!(read(Protocol::Vnc, json!({ "color_depth": 8 })).expect("good").color_depth, Some(8));
        for (said, says) in [
            (json!({ "color_depth": 9 }), "desktop.color_depth is 8"),
            (json!({ "security": "tls" }), "desktop.security is for targets of RDP"),
            (json!({ "color_depth": 8, "wallpaper": true }), "desktop.wallpaper is for"),
            (json!({ "font_smoothing": false }), "desktop.font_smoothing is for"),
        ] {
            let refused = read(Protocol::Vnc, said.clone()).expect_err(&said.to_string());
            assert!(refused.contains(says), "{said}: {refused}");
        }
        let refused = read(Protocol::Ssh, json!({})).expect_err("a shell");
        assert!(refused.contains("desktop is for targets of RDP and VNC"), "{refused}");
    }
}
