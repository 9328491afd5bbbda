//! What can be done to a running chain from outside the system under test: faults, each a plain value.

use crate::Context;
use crate::boundary::Signal;
use crate::chain::Chain;
use crate::profile::{HaltSemantics, OddSnapshot};
use api::Height;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Something done to the chain, from now on.
#[derive(Clone, Debug, PartialEq)]
pub enum Interference {
    /// The seid process of a node, not its container, gets a signal, whatever its height.
    SignalSeid {
        /// The node.
        node: Arc<str>,
        /// The signal.
        signal: Signal,
    },
    /// The next block, and all that follow, come so much later.
    Stall {
        /// How much.
        lasts: Duration,
    },
    /// So many blocks after the next one come at another pace.
    Slow {
        /// How many.
        blocks: u64,
        /// The time from each to the next.
        block_time: Duration,
    },
    /// Binaries look at their halt height at another moment.
    Halts(HaltSemantics),
    /// Sidecar tasks of a type fail as soon as they begin.
    FailTask(TaskFault),
    /// A snapshot that is not in the bucket, is slow to restore, or cannot be restored.
    Snapshot(OddSnapshot),
    /// The first so many external peers are gone.
    PeersGone {
        /// How many; at most all.
        count: usize,
        /// For how long.
        lasts: Duration,
    },
    /// An image's binary panics.
    BadBinary {
        /// The image.
        image: Arc<str>,
        /// On this block; absent: when it starts.
        at: Option<Height>,
    },
    /// A node reaches no peer, or does again.
    PeersCut {
        /// The node.
        node: Arc<str>,
        /// Whether it is cut off.
        cut: bool,
    },
    /// A node's sidecar answers an old failure for ever, as an older image does, or runs the task again as its own image does.
    OldFailures {
        /// The node.
        node: Arc<str>,
        /// Whether it answers them.
        stay: bool,
    },
}

/// Sidecar tasks that fail.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskFault {
    /// On this node; absent: on every node.
    pub node: Option<Arc<str>>,
    /// The tasks' type.
    pub kind: Arc<str>,
    /// How often; absent: for ever.
    pub times: Option<u32>,
}

impl TaskFault {
    /// Whether a task that begins is to fail; it counts as one time.
    pub(crate) fn strikes(&mut self, node: &str, kind: &str) -> bool {
        let meant = *self.kind == *kind && self.node.as_deref().is_none_or(|only| only == node) && self.times != Some(0);
        if meant && let Some(times) = &mut self.times {
            *times -= 1;
        }
        meant
    }
}

fn set(nodes: &mut BTreeSet<Arc<str>>, node: Arc<str>, belongs: bool) {
    if belongs {
        nodes.insert(node);
    } else {
        nodes.remove(&node);
    }
}

impl Chain {
    /// Does something to the chain.
    pub fn interfere(&mut self, cx: &mut Context<'_>, what: Interference) {
        let now = cx.now;
        match what {
            Interference::SignalSeid { node, signal } => self.signal_seid_of(cx, &node, signal),
            Interference::Stall { lasts } => self.network.stall(now, lasts),
            Interference::Slow { blocks, block_time } => self.network.slow(now, blocks, block_time),
            Interference::Halts(semantics) => Arc::make_mut(&mut self.profile).halt.semantics = semantics,
            Interference::FailTask(fault) => self.task_faults.push(fault),
            Interference::Snapshot(odd) => Arc::make_mut(&mut self.profile).snapshots.odd.insert(0, odd),
            Interference::PeersCut { node, cut } => set(&mut self.cut_off, node, cut),
            Interference::OldFailures { node, stay } => set(&mut self.old_failures_stay, node, stay),
            Interference::PeersGone { count, lasts } => self.network.lose_peers(count, now, lasts),
            Interference::BadBinary { image, at } => {
                let profile = Arc::make_mut(&mut self.profile);
                for binary in profile.binaries.iter_mut().filter(|binary| binary.image == image) {
                    match at {
                        Some(height) => binary.panics_at = Some(height),
                        None => binary.panics_at_start = true,
                    }
                }
            }
        }
        self.replan(cx);
        self.weigh(cx);
    }
}
