//! The file: its parts by name, and its text in YAML. It knows neither ids nor secrets, and says nothing of the books.
//!
//! Another field of a part is one line here, one in `read`, and one in `apply`; the difference shows it by itself.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use openpam_policy::{Label, Role, Said};
use serde::{Deserialize, Serialize};
use serde_saphyr::options::MergeKeyPolicy;
use serde_saphyr::{Options, Spanned};

use crate::desktop::DesktopSettings;
use crate::store::kinds::{Protocol, ZoneType};

/// Longer files are refused.
pub const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// What the file says it is written for.
const VERSION: u32 = 1;
/// Values of a file: more than [`MAX_BYTES`] can sensibly hold, so that memory is bounded.
const MAX_NODES: usize = 4_000_000;
/// What aliases may unfold to, altogether.
const MAX_UNFOLDED: usize = 100_000;

const HEADER: &str = "\
# The configuration of an OpenPAM hub: zones, targets, users, groups, grants. No credential, password or secret is in it.
# Written by: openpam-hub export FILE
# To see what it would change: openpam-hub apply FILE --dry-run     To change it: openpam-hub apply FILE
# What the books have and this file does not name stays, unless --prune is given. A section or a list of members that is
# left out altogether is left alone even then.
";

/// The whole. A section that is absent says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct File {
    pub(super) version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) zones: Option<Vec<Zone>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) targets: Option<Vec<Target>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) users: Option<Vec<User>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) groups: Option<Vec<Group>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) grants: Option<Vec<Grant>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Zone {
    pub(super) name: String,
    #[serde(rename = "type", default = "satellite")]
    pub(super) zone_type: ZoneType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retention_days: Option<i32>,
    #[serde(default, skip_serializing_if = "is_no")]
    pub(super) legal_hold: bool,
    #[serde(default = "utc", skip_serializing_if = "is_utc")]
    pub(super) timezone: String,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(super) enabled: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    pub(super) zone: String,
    pub(super) name: String,
    pub(super) hostname: String,
    pub(super) protocol: Protocol,
    pub(super) port: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    /// By key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) labels: Vec<Label>,
    #[serde(default, skip_serializing_if = "is_no")]
    pub(super) old_algorithms: bool,
    /// Absent: of a desktop, as is usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) desktop: Option<DesktopSettings>,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(super) enabled: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) username: String,
    pub(super) role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) display_name: Option<String>,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(super) enabled: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    /// User names; absent: says nothing of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) members: Option<Vec<String>>,
}

/// One user or group, one target, zone or label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grant {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<TargetName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<Label>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max_session_seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) idle_seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) consent: Option<String>,
    /// Absent: a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) offline_seconds: Option<u32>,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(super) clipboard_copy: bool,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(super) clipboard_paste: bool,
    #[serde(default, skip_serializing_if = "is_no")]
    pub(super) file_download: bool,
    #[serde(default, skip_serializing_if = "is_no")]
    pub(super) file_upload: bool,
    /// Absent: it always holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) schedule: Option<Said>,
}

/// A target's name is unique in its zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetName {
    pub(super) zone: String,
    pub(super) name: String,
}

const fn satellite() -> ZoneType {
    ZoneType::Satellite
}

fn utc() -> String {
    "UTC".to_owned()
}

fn is_utc(name: &str) -> bool {
    name == "UTC"
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_yes(value: &bool) -> bool {
    *value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_no(value: &bool) -> bool {
    !*value
}

/// A file as it was read: where in the text each part begins, by section.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) file: File,
    pub(super) lines: Lines,
}

/// The line of each part, by its section's name.
pub(super) type Lines = BTreeMap<&'static str, Vec<u64>>;

#[derive(Deserialize)]
struct OnlyVersion {
    version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spans {
    version: u32,
    zones: Option<Vec<Spanned<Zone>>>,
    targets: Option<Vec<Spanned<Target>>>,
    users: Option<Vec<Spanned<User>>>,
    groups: Option<Vec<Spanned<Group>>>,
    grants: Option<Vec<Spanned<Grant>>>,
}

impl Text {
    /// Reads the text.
    ///
    /// # Errors
    /// With line and column, if it is not one document of this form, of this version.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        ensure!(
            u64::try_from(text.len()).is_ok_and(|bytes| bytes <= MAX_BYTES),
            "the file is longer than 16 MiB"
        );
        // First of all: a later version may have fields that this one does not know.
        let OnlyVersion { version } = serde_saphyr::from_str_with_options(text, options())?;
        if version != VERSION {
            bail!("the file is of version {version}, and this program reads version {VERSION}");
        }
        let spans: Spans = serde_saphyr::from_str_with_options(text, options())?;
        let mut lines = Lines::new();
        let file = File {
            version: spans.version,
            zones: unspan(spans.zones, "zones", &mut lines),
            targets: unspan(spans.targets, "targets", &mut lines),
            users: unspan(spans.users, "users", &mut lines),
            groups: unspan(spans.groups, "groups", &mut lines),
            grants: unspan(spans.grants, "grants", &mut lines),
        };
        Ok(Self { file, lines })
    }
}

fn unspan<T>(parts: Option<Vec<Spanned<T>>>, section: &'static str, lines: &mut Lines) -> Option<Vec<T>> {
    let parts = parts?;
    lines.insert(section, parts.iter().map(|part| part.referenced.line()).collect());
    Some(parts.into_iter().map(|part| part.value).collect())
}

/// One document, each key once, and bounds on what aliases unfold to.
fn options() -> Options {
    let budget = serde_saphyr::budget! {
        max_nodes: MAX_NODES,
        max_events: 2 * MAX_NODES,
    };
    let alias_limits = serde_saphyr::alias_limits! { max_total_replayed_events: MAX_UNFOLDED };
    serde_saphyr::options! {
        budget: budget,
        alias_limits: alias_limits,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    }
}

impl File {
    /// An empty one of the present version.
    pub(super) fn new() -> Self {
        Self { version: VERSION, ..Self::default() }
    }

    /// The text, the same for the same file.
    pub(super) fn to_text(&self) -> anyhow::Result<String> {
        let options = serde_saphyr::ser_options! { folded_wrap_chars: 1_000_000 };
        let body = serde_saphyr::to_string_with_options(self, options).context("writing YAML")?;
        Ok(format!("{HEADER}{body}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_is_read_with_the_line_of_each_part() {
        let text = "# ours\nversion: 1\nzones:\n- name: a\n\n- name: yes\n  enabled: false\n";
        let Text { file, lines } = Text::parse(text).expect("a file");
        let zones = file.zones.expect("zones");
        let [a, yes] = zones.as_slice() else { panic!("{zones:?}") };
        assert_eq!((a.name.as_str(), a.enabled, a.zone_type), ("a", true, ZoneType::Satellite));
        assert_eq!((yes.name.as_str(), yes.enabled), ("yes", false));
        assert_eq!(lines.get("zones"), Some(&vec![4, 6]));
        assert_eq!(file.targets, None);
    }

    proptest! {
        #[test]
        fn whatever_a_text_is_it_comes_back(
            name in any::<String>(), lines in "([ \\t]{0,3}[a-z:#\"'|>-]{0,9} {0,2}[~?&*!%{}]{0,2}[\\n\\r]{0,3}){0,9}",
            long in "[a-z \\\\]{70,200}",
        ) {
            let zone = |name: &String| Zone {
                name: name.clone(),
                zone_type: ZoneType::Hub,
                description: Some(name.clone()),
                retention_days: Some(30),
                legal_hold: true,
                timezone: "Europe/Berlin".to_owned(),
                enabled: false,
            };
            let members = Some(vec![name.clone(), lines.clone(), long.clone()]);
            let group = Group { name: long.clone(), description: Some(String::new()), members };
            let file = File {
                zones: Some(vec![zone(&name), zone(&lines), zone(&long)]),
                groups: Some(vec![group]),
                grants: Some(Vec::new()),
                ..File::new()
            };
            let text = file.to_text().expect("YAML");
            let read = Text::parse(&text).map(|read| read.file).map_err(|error| format!("{error:#}\n{text}"));
            prop_assert_eq!(read, Ok(file));
        }
    }
}
