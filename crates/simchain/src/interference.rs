//! What can be done to a running chain from outside the system under test: faults, each a plain value.

use crate::Context;
use crate::boundary::{PodId, Signal};
use crate::chain::Chain;
use crate::profile::{Binary, HaltSemantics, OddSnapshot, PlanChange, UpgradeKind};
use crate::slips::SignalSlip;
use api::Height;
use simcore::SimTime;
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
    /// A snapshot is as it was before it was made [odd](Interference::Snapshot).
    SnapshotMended(OddSnapshot),
    /// The bucket has lost every snapshot below a height; 0: it has them all.
    OldestSnapshot(Height),
    /// External peers keep no more than so many blocks; `None`: as many as they always do.
    PeersKeep(Option<u64>),
    /// The seid process of a node ends by itself.
    EndSeid {
        /// The node.
        node: Arc<str>,
        /// Its exit code.
        code: i32,
    },
    /// What goes wrong when the sidecar of a node next stops its seid.
    SignalSlips {
        /// The node.
        node: Arc<str>,
        /// What.
        slip: SignalSlip,
    },
    /// The block after the next upgrade's waits so long.
    ResumeAfter {
        /// How long.
        wait: Duration,
    },
    /// A proposal passes in the next block that moves the next upgrade, or cancels it.
    MoveUpgrade {
        /// To this height; absent: it is cancelled.
        to: Option<Height>,
    },
    /// Binaries that know the next upgrade refuse to run before it.
    RefuseBeforeUpgrade,
    /// An image's binary goes on at upgrades that it does not know.
    IgnoreUpgrades {
        /// The image.
        image: Arc<str>,
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
    /// Does something to the chain; whether there was something to do it to.
    pub fn interfere(&mut self, cx: &mut Context<'_>, what: Interference) -> bool {
        let befell = self.try_interfere(cx, what);
        self.replan(cx);
        self.weigh(cx);
        befell
    }

    fn try_interfere(&mut self, cx: &mut Context<'_>, what: Interference) -> bool {
        let now = cx.now;
        match what {
            Interference::SignalSeid { node, signal } => {
                let runs = self.seid_runs(&node);
                self.signal_seid_of(cx, &node, signal);
                return runs;
            }
            Interference::EndSeid { node, code } => return self.end_seid_of(cx, &node, code),
            Interference::Stall { lasts } => self.network.stall(now, lasts),
            Interference::Slow { blocks, block_time } => self.network.slow(now, blocks, block_time),
            Interference::Halts(semantics) => Arc::make_mut(&mut self.profile).halt.semantics = semantics,
            Interference::FailTask(fault) => self.task_faults.push(fault),
            Interference::Snapshot(odd) => Arc::make_mut(&mut self.profile).snapshots.odd.insert(0, odd),
            Interference::SnapshotMended(odd) => {
                let odds = &mut Arc::make_mut(&mut self.profile).snapshots.odd;
                let Some(at) = odds.iter().position(|held| *held == odd) else { return false };
                odds.remove(at);
            }
            Interference::OldestSnapshot(height) => Arc::make_mut(&mut self.profile).snapshots.oldest = height,
            Interference::PeersKeep(blocks) => self.network.keep_at_most(blocks.unwrap_or(u64::MAX)),
            Interference::PeersCut { node, cut } => set(&mut self.cut_off, node, cut),
            Interference::OldFailures { node, stay } => set(&mut self.old_failures_stay, node, stay),
            Interference::PeersGone { count, lasts } => self.network.lose_peers(count, now, lasts),
            Interference::SignalSlips { node, slip } => {
                self.signal_slips.insert(node.clone(), slip);
                self.hasten(cx, &node);
            }
            Interference::ResumeAfter { wait } => {
                let Some((_, upgrade)) = self.next_upgrade(now) else { return false };
                self.network.resume_after(upgrade, wait);
            }
            Interference::MoveUpgrade { to } => return self.move_upgrade(now, to),
            Interference::RefuseBeforeUpgrade => {
                let next = self.next_upgrade(now).filter(|(index, _)| self.profile.upgrades[*index].kind == UpgradeKind::Minor);
                let Some((index, _)) = next else { return false };
                Arc::make_mut(&mut self.profile).upgrades[index].kind = UpgradeKind::Major;
            }
            Interference::IgnoreUpgrades { image } => return self.spoil(&image, |binary| binary.ignores_upgrades = true),
            Interference::BadBinary { image, at } => {
                return self.spoil(&image, |binary| match at {
                    Some(height) => binary.panics_at = Some(height),
                    None => binary.panics_at_start = true,
                });
            }
        }
        true
    }

    /// Changes an image's binary; whether there is one.
    fn spoil(&mut self, image: &str, change: impl Fn(&mut Binary)) -> bool {
        let profile = Arc::make_mut(&mut self.profile);
        let mut binaries = profile.binaries.iter_mut().filter(|binary| *binary.image == *image).peekable();
        let exists = binaries.peek().is_some();
        binaries.for_each(change);
        exists
    }

    /// The pods of a node that have a seid, whether or not its process runs.
    pub(crate) fn pods_with_seid(&self, node: &str) -> Vec<PodId> {
        self.pods.iter().filter(|(_, pod)| &*pod.node == node && pod.seid.is_some()).map(|(id, _)| *id).collect()
    }

    fn end_seid_of(&mut self, cx: &mut Context<'_>, node: &str, code: i32) -> bool {
        let runs = self.seid_runs(node);
        for pod in self.pods_with_seid(node) {
            self.with_seid(cx, pod, |seid, env| seid.breaks(env, code));
        }
        runs
    }

    /// The next upgrade to come: its place in the profile, and its height.
    fn next_upgrade(&self, now: SimTime) -> Option<(usize, Height)> {
        let height = self.network.height(now);
        let to_come = self.profile.upgrades.iter().enumerate().filter_map(|(index, upgrade)| Some((index, upgrade.applies_at()?)));
        to_come.filter(|(_, at)| *at > height).min_by_key(|(_, at)| *at)
    }

    /// A proposal passes in the next block. One that comes too late for the plan, or names a height that has passed, changes nothing.
    fn move_upgrade(&mut self, now: SimTime, to: Option<Height>) -> bool {
        let passes_at = self.network.height(now).plus(1);
        let Some((index, from)) = self.next_upgrade(now).filter(|(_, from)| passes_at < *from) else { return false };
        if to.is_some_and(|to| to <= passes_at.plus(1) || to == from) {
            return false;
        }
        let profile = Arc::make_mut(&mut self.profile);
        profile.upgrades[index].changes.push(PlanChange { passed_at: passes_at, height: to });
        let to = profile.upgrades[index].applies_at();
        let profile = self.profile.clone();
        self.network.move_upgrade(&profile, from, to);
        true
    }
}
