//! The values of the arguments that guacd asks for, by their names. One that is not named here stays empty, which means
//! guacd's own default: nothing is recorded there, written there, or shared with it.

use std::net::IpAddr;
use std::path::Path;

use openpam_proto::attach::OpenShell;
use openpam_proto::desktop::{OpenDesktop, Protocol, Quality, Transfer, View};
use zeroize::Zeroizing;

const YES: &str = "true";

/// What a desktop is opened with.
pub struct Arguments<'a> {
    /// The session's.
    pub open: &'a OpenShell,
    /// The desktop's part of it.
    pub desktop: &'a OpenDesktop,
    /// The one address that the site let through.
    pub address: IpAddr,
    /// That of the gateway before it.
    pub gateway: Option<IpAddr>,
    /// The fingerprint of the certificate that the target showed.
    pub fingerprint: Option<&'a str>,
    /// The account's password.
    pub password: &'a Zeroizing<String>,
    /// The first browser's window.
    pub view: View,
    /// What may pass.
    pub transfer: Transfer,
    /// What the desktop sees as a drive.
    pub drive: Option<&'a Path>,
}

/// What drive and printer are called on a desktop.
const NAME: &str = "OpenPAM";

impl Arguments<'_> {
    /// The value of the argument `name`; `None`: guacd's default.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Zeroizing<String>> {
        if name == "password" {
            return Some(self.password.clone());
        }
        let value = match self.desktop.protocol {
            Protocol::Rdp => self.common(name).or_else(|| self.rdp(name)),
            Protocol::Vnc => self.common(name),
            Protocol::Unknown => None,
        };
        value.map(Zeroizing::new)
    }

    fn common(&self, name: &str) -> Option<String> {
        match name {
            "hostname" => Some(self.address.to_string()),
            "port" => Some(self.open.port.to_string()),
            "username" => Some(self.open.username.clone()),
            "color-depth" => self.desktop.color_depth.map(|bits| bits.to_string()),
            // One that may only be pasted into is the filter's to keep: what guacd keeps back, nobody is told of. Where neither
            // may be, the desktop sees no clipboard of ours at all.
            "disable-copy" => yes(!self.transfer.copy && !self.transfer.paste),
            "disable-paste" => yes(!self.transfer.paste),
            // Of a desktop that is opened so; guacd 1.3 does not ask.
            "force-lossless" => yes(self.view.quality == Quality::Text),
            _ => None,
        }
    }

    fn rdp(&self, name: &str) -> Option<String> {
        let OpenDesktop { security, domain, keyboard_layout, initial_program, remote_app, console, .. } =
            self.desktop;
        let (look, gateway, app) = (self.desktop.look, self.desktop.gateway.as_ref(), remote_app.as_ref());
        match name {
            "width" => Some(self.view.width.to_string()),
            "height" => Some(self.view.height.to_string()),
            "dpi" => Some(self.view.dpi.to_string()),
            "security" => Some(security.as_str().to_owned()),
            // The satellite has compared the certificate itself: guacd trusts none that is not of a public authority. Before
            // 1.6 it can't be told which one to trust; from then on it is, and this is left out.
            "ignore-cert" => yes(true),
            "cert-fingerprints" => self.fingerprint.map(str::to_owned),
            "resize-method" => Some("display-update".to_owned()),
            "client-name" => Some("OpenPAM".to_owned()),
            "domain" => domain.clone(),
            "server-layout" => keyboard_layout.clone(),
            "initial-program" => initial_program.clone(),
            "console" => yes(*console),
            "remote-app" => app.map(|app| app.program.clone()),
            "remote-app-dir" => app.and_then(|app| app.dir.clone()),
            "remote-app-args" => app.and_then(|app| app.args.clone()),
            "enable-wallpaper" => yes(look.wallpaper),
            "enable-theming" => yes(look.theming),
            "enable-font-smoothing" => yes(look.font_smoothing),
            "enable-full-window-drag" => yes(look.full_window_drag),
            "enable-desktop-composition" => yes(look.desktop_composition),
            "enable-menu-animations" => yes(look.menu_animations),
            "enable-drive" => yes(self.drive.is_some()),
            "drive-name" => Some(NAME.to_owned()),
            "drive-path" => self.drive.map(|path| path.display().to_string()),
            "disable-download" => yes(!self.transfer.download),
            "disable-upload" => yes(!self.transfer.upload),
            // What is printed leaves the desktop as a file.
            "enable-printing" => yes(self.desktop.printer && self.transfer.download),
            "printer-name" => Some(NAME.to_owned()),
            "gateway-hostname" => self.gateway.map(|address| address.to_string()),
            "gateway-port" => gateway.map(|gateway| gateway.port.to_string()),
            "gateway-domain" => gateway.and_then(|gateway| gateway.domain.clone()),
            "gateway-username" => {
                gateway.map(|gateway| gateway.username.clone().unwrap_or_else(|| self.open.username.clone()))
            }
            "gateway-password" => gateway.map(|_| self.password.to_string()),
            _ => None,
        }
    }
}

/// The value of an argument for a member that joins a desktop that stands.
#[must_use]
pub fn of_member(name: &str, watches: bool, transfer: Transfer) -> Option<Zeroizing<String>> {
    let value = match name {
        "read-only" => yes(watches),
        "disable-copy" => yes(watches),
        "disable-paste" => yes(watches || !transfer.paste),
        "disable-download" | "disable-upload" => yes(true),
        _ => None,
    };
    value.map(Zeroizing::new)
}

fn yes(is: bool) -> Option<String> {
    is.then(|| YES.to_owned())
}
