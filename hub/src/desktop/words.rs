//! The closed vocabularies of a desktop's settings: what guacd takes, word for word.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! words {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:tt,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// The word itself.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

words! {
    /// How a connection of RDP is secured (`security`).
    #[derive(Default)]
    pub enum DesktopSecurity {
        /// As the target wants it.
        #[default]
        Any = "any",
        /// Network Level Authentication: one signs in before there is a desktop.
        Nla = "nla",
        /// TLS.
        Tls = "tls",
        /// RDP's own encryption, for old machines.
        Rdp = "rdp",
    }
}

words! {
    /// Which keys a target of RDP believes to have (`server-layout`). An older guacd does not know the last of them, and takes
    /// English (US) then.
    pub enum KeyboardLayout {
        /// English (US).
        EnUs = "en-us-qwerty",
        /// English (UK).
        EnGb = "en-gb-qwerty",
        /// German.
        DeDe = "de-de-qwertz",
        /// German (Switzerland).
        DeCh = "de-ch-qwertz",
        /// French.
        FrFr = "fr-fr-azerty",
        /// French (Belgium).
        FrBe = "fr-be-azerty",
        /// French (Switzerland).
        FrCh = "fr-ch-qwertz",
        /// Spanish.
        EsEs = "es-es-qwerty",
        /// Spanish (Latin America).
        EsLatam = "es-latam-qwerty",
        /// Italian.
        ItIt = "it-it-qwerty",
        /// Portuguese (Brazil).
        PtBr = "pt-br-qwerty",
        /// Danish.
        DaDk = "da-dk-qwerty",
        /// Swedish.
        SvSe = "sv-se-qwerty",
        /// Hungarian.
        HuHu = "hu-hu-qwertz",
        /// Turkish (Q).
        TrTr = "tr-tr-qwerty",
        /// Japanese.
        JaJp = "ja-jp-qwerty",
        /// None of these: characters are sent as such. Shortcuts may not work.
        Failsafe = "failsafe",
        /// Norwegian.
        NoNo = "no-no-qwerty",
        /// French (Canada).
        FrCa = "fr-ca-qwerty",
        /// Canadian (multilingual).
        CaMulti = "ca-multi-qwerty",
        /// Polish.
        PlPl = "pl-pl-qwerty",
        /// Czech.
        CsCz = "cs-cz-qwertz",
        /// Portuguese.
        PtPt = "pt-pt-qwerty",
        /// Romanian.
        RoRo = "ro-ro-qwerty",
        /// Russian.
        RuRu = "ru-ru-qwerty",
    }
}
