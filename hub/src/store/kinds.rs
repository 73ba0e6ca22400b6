//! The small closed vocabularies of the books, as the specification's CHECK constraints have them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! kinds {
    ($(#[$doc:meta])* pub enum $name:ident, otherwise $other:ident { $($(#[$vdoc:meta])* $variant:ident = $text:tt,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// The name in the books and on the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        /// From a column; its CHECK constraint admits nothing else.
        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() { $($text => Self::$variant,)+ _ => Self::$other }
            }
        }
    };
}

kinds! {
    /// What serves a zone.
    pub enum ZoneType, otherwise Satellite {
        /// The hub's own network.
        Hub = "hub",
        /// A site.
        Satellite = "satellite",
    }
}

kinds! {
    /// How a target is opened.
    pub enum Protocol, otherwise Ssh {
        /// A shell.
        Ssh = "ssh",
        /// A desktop.
        Rdp = "rdp",
        /// A desktop, as whoever sits before it sees it.
        Vnc = "vnc",
    }
}

impl Protocol {
    /// Whether what is opened is a desktop, and not a shell.
    #[must_use]
    pub const fn is_desktop(self) -> bool {
        matches!(self, Self::Rdp | Self::Vnc)
    }
}

kinds! {
    /// What kind of secret a credential has.
    pub enum CredentialKind, otherwise Password {
        /// A password.
        Password = "password",
        /// A private key in OpenSSH or PEM form.
        PrivateKey = "private_key",
    }
}

kinds! {
    /// Where a session stands (`audit_logs.session_status`).
    pub enum SessionStatus, otherwise Failed {
        /// It runs.
        Active = "active",
        /// It ended as its user or program meant it to.
        Completed = "completed",
        /// It never came about, or broke.
        Failed = "failed",
        /// It was ended by somebody or something else.
        Terminated = "terminated",
    }
}

kinds! {
    /// Which transport carries a satellite's tunnel.
    pub enum Transport, otherwise Tcp {
        /// QUIC.
        Quic = "quic",
        /// TLS over TCP.
        Tcp = "tcp",
    }
}

kinds! {
    /// What a site is ordered to do (`site_commands.kind`).
    pub enum CommandKind, otherwise Diagnose {
        /// End a session.
        End = "end",
        /// See whether a session is there to be watched.
        Watch = "watch",
        /// Look for everything that may be wrong.
        Diagnose = "diagnose",
        /// Send the newest part of the satellite's own log.
        CollectLogs = "collect_logs",
    }
}

kinds! {
    /// Where a command to a site stands (`site_commands.state`).
    pub enum CommandState, otherwise Failed {
        /// For its site, which is away.
        Waiting = "waiting",
        /// It is on its way.
        Sent = "sent",
        /// The site works on it.
        Running = "running",
        /// It is done.
        Done = "done",
        /// It failed.
        Failed = "failed",
        /// Its time ran out.
        Expired = "expired",
        /// Somebody took it back.
        Withdrawn = "withdrawn",
    }
}
