//! What an image brings: which upgrades and forks a seid binary knows, and how a sidecar image treats failed tasks.

use api::Height;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A seid binary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Binary {
    /// The image that carries it.
    pub image: Arc<str>,
    /// Its version, such as `v6.3.0`.
    pub version: String,
    /// The upgrades whose handlers it has: all up to its own.
    #[serde(default)]
    pub handlers: Vec<Arc<str>>,
    /// The code forks it carries.
    #[serde(default)]
    pub code_forks: Vec<Arc<str>>,
    /// Whether the image can be pulled.
    #[serde(default = "yes")]
    pub exists: bool,
    /// Whether it panics when it starts.
    #[serde(default)]
    pub panics_at_start: bool,
    /// Whether it goes on at an upgrade that it does not know, as if there were none.
    #[serde(default)]
    pub ignores_upgrades: bool,
    /// The block whose execution it panics on.
    #[serde(default)]
    pub panics_at: Option<Height>,
}

const fn yes() -> bool {
    true
}

impl Binary {
    /// Whether it has an upgrade's handler.
    pub fn handles(&self, upgrade: &str) -> bool {
        self.handlers.iter().any(|name| &**name == upgrade)
    }

    /// Whether it carries a code fork.
    pub fn carries(&self, fork: &str) -> bool {
        self.code_forks.iter().any(|name| &**name == fork)
    }

    /// Whether it panics of itself, at its start or on some block.
    pub fn is_defective(&self) -> bool {
        self.panics_at_start || self.panics_at.is_some()
    }

    /// Whether its halt races with the blocks that follow as from v6.3.3 on. Versions that do not read count as later.
    pub fn halts_as_from_6_3_3(&self) -> bool {
        Version::read(&self.version).is_none_or(|version| version >= Version(6, 3, 3))
    }
}

/// A release: major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// Reads `v6.3.0` or `6.3.0`, ignoring a suffix such as `-rc1`.
    pub fn read(text: &str) -> Option<Self> {
        let core = text.strip_prefix('v').unwrap_or(text).split(['-', '+']).next()?;
        let mut parts = core.split('.').map(|part| part.parse::<u32>().ok());
        let version = Self(parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(version)
    }
}

/// A sidecar image that behaves unlike the default one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SidecarImage {
    /// The image.
    pub image: Arc<str>,
    /// Whether posting the id of a failed task runs it again (the default image) or leaves its old failure for ever (older ones).
    pub reruns_failed_tasks: bool,
}
