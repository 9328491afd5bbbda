//! An entrant's bootstrap goes wrong: its process, its machine, its image, its snapshot, its peers or its sidecar's tasks.

use super::{Kind, Layer, What};
use crate::draw::Draw;
use crate::lapse::Lapse;
use crate::opportunities::{Opportunities, Stretch};
use crate::schedule::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Faults of a bootstrap.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum BootstrapFault {
    /// seid of a bootstrap ends by itself, so many blocks after it is told to.
    Crashes {
        /// The entrant.
        node: Arc<str>,
        /// Its exit code.
        exit_code: u8,
        /// How many blocks it executes before.
        after_blocks: u64,
    },
    /// The kernel kills seid of a bootstrap for want of memory.
    OutOfMemory {
        /// The entrant.
        node: Arc<str>,
    },
    /// The kubelet evicts a bootstrap's pod because its machine is short of something.
    Evicted {
        /// The entrant.
        node: Arc<str>,
    },
    /// The machine under a bootstrap loses its power.
    MachineLost {
        /// The entrant.
        node: Arc<str>,
        /// When the machine is back.
        returns_after: Lapse,
    },
    /// The registry lacks the image that bootstraps run.
    ImageMissing {
        /// For how long.
        lasts: Lapse,
    },
    /// The bucket has no snapshots.
    SnapshotMissing {
        /// For how long.
        lasts: Lapse,
    },
    /// The bucket has lost every snapshot at or below the bootstraps' target; newer ones are there.
    SnapshotTooNew {
        /// For how long.
        lasts: Lapse,
    },
    /// Snapshots cannot be restored.
    SnapshotCorrupt {
        /// For how long.
        lasts: Lapse,
    },
    /// Restoring a snapshot takes long.
    SnapshotSlow {
        /// How long a restore that begins now takes.
        takes: Lapse,
        /// For how long restores are slow.
        lasts: Lapse,
    },
    /// Sidecar tasks of a type fail as soon as they begin.
    SidecarTaskFails {
        /// The node; absent: every node.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<Arc<str>>,
        /// The task's type.
        task: Arc<str>,
        /// How many fail; absent: all from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times: Option<NonZeroU32>,
    },
    /// All external peers are gone.
    PeersNotFound {
        /// For how long.
        lasts: Lapse,
    },
    /// All external peers have pruned the blocks that a restored snapshot needs next.
    PeersPruned {
        /// How many blocks each keeps.
        keep: u64,
        /// For how long.
        lasts: Lapse,
    },
    /// seid of a bootstrap stands still.
    Stalls {
        /// The entrant.
        node: Arc<str>,
        /// For how long.
        lasts: Lapse,
    },
}

impl From<BootstrapFault> for What {
    fn from(fault: BootstrapFault) -> Self {
        Self::Bootstrap(fault)
    }
}

impl fmt::Display for BootstrapFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crashes { node, exit_code, after_blocks } => {
                write!(f, "seid of {node}'s bootstrap exits with code {exit_code} after {after_blocks} more blocks")
            }
            Self::OutOfMemory { node } => write!(f, "seid of {node}'s bootstrap is killed for want of memory"),
            Self::Evicted { node } => write!(f, "the pod of {node}'s bootstrap is evicted by its kubelet"),
            Self::MachineLost { node, returns_after } => {
                write!(f, "the machine under {node}'s bootstrap is lost, back after {returns_after}")
            }
            Self::ImageMissing { lasts } => write!(f, "the bootstraps' image cannot be pulled for {lasts}"),
            Self::SnapshotMissing { lasts } => write!(f, "no snapshot is in the bucket for {lasts}"),
            Self::SnapshotTooNew { lasts } => write!(f, "only snapshots above the target are in the bucket for {lasts}"),
            Self::SnapshotCorrupt { lasts } => write!(f, "no snapshot can be restored for {lasts}"),
            Self::SnapshotSlow { takes, lasts } => write!(f, "restoring a snapshot takes {takes}, for {lasts}"),
            Self::SidecarTaskFails { node, task, times } => {
                let of = node.as_ref().map_or_else(String::new, |node| format!(" of {node}"));
                match times {
                    Some(times) => write!(f, "the next {times} {task}{of} fail"),
                    None => write!(f, "every {task}{of} fails from now on"),
                }
            }
            Self::PeersNotFound { lasts } => write!(f, "no external peer is there for {lasts}"),
            Self::PeersPruned { keep, lasts } => write!(f, "external peers keep {keep} blocks only, for {lasts}"),
            Self::Stalls { node, lasts } => write!(f, "seid of {node}'s bootstrap stands still for {lasts}"),
        }
    }
}

/// Sidecar tasks that an entrant's way to Running goes through.
const TASKS: [&str; 6] = ["snapshot-restore", "configure-genesis", "config-apply", "discover-peers", "config-validate", "mark-ready"];

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "crashes",
        layer: Layer::Seid,
        draw: |d, o| {
            let (node, stretch) = running(d, o)?;
            let exit_code = *d.pick(&[1, 2, 134, 139]).expect("four codes");
            let after_blocks = *d.pick(&[0, 1, 100, 1000]).expect("four distances");
            d.within(o, stretch, BootstrapFault::Crashes { node, exit_code, after_blocks })
        },
    },
    Kind {
        name: "out-of-memory",
        layer: Layer::Cluster,
        draw: |d, o| running(d, o).and_then(|(node, stretch)| d.within(o, stretch, BootstrapFault::OutOfMemory { node })),
    },
    Kind {
        name: "evicted",
        layer: Layer::Cluster,
        draw: |d, o| bootstrap(d, o).and_then(|(node, stretch)| d.within(o, stretch, BootstrapFault::Evicted { node })),
    },
    Kind {
        name: "machine-lost",
        layer: Layer::Cluster,
        draw: |d, o| {
            let (node, stretch) = bootstrap(d, o)?;
            let returns_after = d.lapse(20, 3600);
            d.within(o, stretch, BootstrapFault::MachineLost { node, returns_after })
        },
    },
    Kind {
        name: "image-missing",
        layer: Layer::Cluster,
        draw: |d, o| early(d, o, |d| BootstrapFault::ImageMissing { lasts: d.lapse(40, 3600) }),
    },
    Kind {
        name: "snapshot-missing",
        layer: Layer::Chain,
        draw: |d, o| early(d, o, |d| BootstrapFault::SnapshotMissing { lasts: d.lapse(40, 3600) }),
    },
    Kind {
        name: "snapshot-too-new",
        layer: Layer::Chain,
        draw: |d, o| early(d, o, |d| BootstrapFault::SnapshotTooNew { lasts: d.lapse(40, 3600) }),
    },
    Kind {
        name: "snapshot-corrupt",
        layer: Layer::Chain,
        draw: |d, o| early(d, o, |d| BootstrapFault::SnapshotCorrupt { lasts: d.lapse(40, 3600) }),
    },
    Kind {
        name: "snapshot-slow",
        layer: Layer::Chain,
        draw: |d, o| early(d, o, |d| BootstrapFault::SnapshotSlow { takes: d.lapse(600, 14_400), lasts: d.lapse(300, 3600) }),
    },
    Kind {
        name: "sidecar-task-fails",
        layer: Layer::Sidecar,
        draw: |d, o| {
            let node = if d.chance(1, 3) { None } else { d.pick(&o.entrants).cloned() };
            let task = (*d.pick(&TASKS).expect("some tasks")).into();
            let times = *d.pick(&[NonZeroU32::new(1), NonZeroU32::new(2), NonZeroU32::new(5), None]).expect("four counts");
            d.anytime(o, BootstrapFault::SidecarTaskFails { node, task, times })
        },
    },
    Kind {
        name: "peers-not-found",
        layer: Layer::Chain,
        draw: |d, o| early(d, o, |d| BootstrapFault::PeersNotFound { lasts: d.lapse(20, 3600) }),
    },
    Kind {
        name: "peers-pruned",
        layer: Layer::Chain,
        draw: |d, o| {
            early(d, o, |d| BootstrapFault::PeersPruned {
                keep: *d.pick(&[100, 1000, 2000]).expect("three counts"),
                lasts: d.lapse(300, 3600),
            })
        },
    },
    Kind {
        name: "stalls",
        layer: Layer::Seid,
        draw: |d, o| {
            let (node, stretch) = running(d, o)?;
            let lasts = d.lapse(40, 7200);
            d.within(o, stretch, BootstrapFault::Stalls { node, lasts })
        },
    },
];

fn bootstrap(d: &mut Draw, o: &Opportunities) -> Option<(Arc<str>, Stretch)> {
    d.pick(&o.bootstraps).cloned()
}

/// The later half of a bootstrap, in which its snapshot is mostly restored and seid runs.
fn running(d: &mut Draw, o: &Opportunities) -> Option<(Arc<str>, Stretch)> {
    let (node, Stretch { from, to }) = bootstrap(d, o)?;
    Some((node, Stretch { from: from + to.since(from) / 2, to }))
}

/// A fault that bites while nodes begin: from the rollout's start to the end of the first bootstrap, or of the rollout.
fn early(d: &mut Draw, o: &Opportunities, what: impl FnOnce(&mut Draw) -> BootstrapFault) -> Option<Fault> {
    let rollout = o.rollout.filter(|_| o.snapshots)?;
    let to = o.bootstraps.iter().map(|(_, stretch)| stretch.to).min().unwrap_or(rollout.to);
    let what = what(d);
    d.within(o, Stretch { from: rollout.from, to }, what)
}
