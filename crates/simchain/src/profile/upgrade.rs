//! What changes a chain's rules at a height: upgrade plans, which live in chain state, and code forks, which do not.

use api::Height;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use simcore::Span;
use std::sync::Arc;

/// A planned upgrade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Upgrade {
    /// Its name, as binaries know it.
    pub name: Arc<str>,
    /// U: the first block of the new binary.
    pub height: Height,
    /// Whether a binary that knows it refuses to run before it.
    pub kind: UpgradeKind,
    /// Whether it adds or deletes stores.
    #[serde(default)]
    pub adds_or_deletes_stores: bool,
    /// What comes of it when stores change and the upgrade-info file was not there at start.
    #[serde(default)]
    pub without_info_file: MissedStores,
    /// The block in which its proposal passed: the plan is in state for later blocks. 0: since ever. At or above its height: it never happens.
    #[serde(default)]
    pub passed_at: Height,
    /// Later proposals that move or cancel it, in the order in which they pass.
    #[serde(default)]
    pub changes: Vec<PlanChange>,
    /// How long after U the next block comes, where it differs from [`ChainProfile::resume_after`].
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub resume_after: Option<Span>,
}

impl Upgrade {
    /// An upgrade whose proposal passed long ago, without store changes.
    pub fn new(name: impl Into<Arc<str>>, height: Height, kind: UpgradeKind) -> Self {
        Self {
            name: name.into(),
            height,
            kind,
            adds_or_deletes_stores: false,
            without_info_file: MissedStores::default(),
            passed_at: Height(0),
            changes: Vec::new(),
            resume_after: None,
        }
    }

    /// The height of the plan that is in state when a block is executed, or at which it was carried out before; `None`: no plan.
    pub fn planned_for(&self, block: Height) -> Option<Height> {
        self.plan(|passed_at| passed_at < block)
    }

    /// U: the height at which the plan takes effect, all changes included; `None`: never.
    pub fn applies_at(&self) -> Option<Height> {
        self.plan(|_| true)
    }

    /// The blocks in which its proposals pass.
    pub fn proposals(&self) -> impl Iterator<Item = Height> {
        [self.passed_at].into_iter().chain(self.changes.iter().map(|change| change.passed_at))
    }

    /// The plan after those proposals that have been `seen`. One that passes at or after the plan's height comes too late.
    fn plan(&self, seen: impl Fn(Height) -> bool) -> Option<Height> {
        let first = (self.passed_at, Some(self.height));
        let proposals = [first].into_iter().chain(self.changes.iter().map(|change| (change.passed_at, change.height)));
        let mut plan: Option<Height> = None;
        for (passed_at, height) in proposals.filter(|(passed_at, _)| seen(*passed_at)) {
            if plan.is_some_and(|due| passed_at >= due) {
                break;
            }
            plan = height.filter(|height| *height > passed_at);
        }
        plan
    }
}

/// A proposal that changes a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PlanChange {
    /// The block in which it passes: the change is in state for later blocks.
    pub passed_at: Height,
    /// The plan's new height; absent: the plan is cancelled.
    #[serde(default)]
    pub height: Option<Height>,
}

/// What comes of a store change that a process missed because it did not find the upgrade-info file when it started (chain.md, section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MissedStores {
    /// It executes U, and its state differs from the network's: seen at U + 1.
    #[default]
    Diverges,
    /// A binary that has the handler does not start on state from before U.
    FailsAtStart,
}

/// Major or minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum UpgradeKind {
    /// A binary that knows it panics on blocks before it.
    Major,
    /// A binary that knows it runs before it too.
    Minor,
}

/// A change of execution at an exact height, without plan or guard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CodeFork {
    /// Its name, as binaries carry it.
    pub name: Arc<str>,
    /// The first block executed the new way.
    pub height: Height,
}
