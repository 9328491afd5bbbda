//! An entrant's bootstrap goes wrong: its process, its machine, its image, its snapshot, its peers or its sidecar's tasks.

use super::machines::has_ended;
use super::{Blow, Ends};
use crate::world::sim::Sim;
use api::kinds::Pod;
use api::{AnyObject, Height, Kind, Object, SeiNode, names};
use faults::{BootstrapFault, Lapse, What};
use oracles::ObjectRef;
use planner::objects::SEID;
use simchain::profile::OddSnapshot;
use simchain::{Interference, TaskFault};
use simcore::Span;
use std::sync::Arc;

impl Sim {
    pub(super) fn strike_bootstrap(&mut self, fault: &BootstrapFault) -> Blow {
        match fault {
            BootstrapFault::Crashes { node, after_blocks, .. } => self.crash_bootstrap_after(node, *after_blocks),
            BootstrapFault::OutOfMemory { node } => self.starve_bootstrap(node),
            BootstrapFault::Evicted { node } => self.evict_bootstrap(node),
            BootstrapFault::MachineLost { node, returns_after } => {
                let machine = self.bootstrap_pod(node).and_then(|pod| pod.spec.node_name.as_deref().map(Arc::from));
                self.lose_machines(machine.into_iter().collect(), returns_after.0)
            }
            BootstrapFault::ImageMissing { lasts } => self.lose_image(*lasts),
            BootstrapFault::SnapshotMissing { lasts }
            | BootstrapFault::SnapshotCorrupt { lasts }
            | BootstrapFault::SnapshotSlow { lasts, .. } => {
                let odd = odd_snapshot(fault).expect("it is a fault of snapshots");
                self.interfere(Interference::Snapshot(odd));
                Blow::lasting(true, Vec::new(), lasts.0)
            }
            BootstrapFault::SnapshotTooNew { lasts } => {
                let Some(target) = self.highest_target() else { return Blow::at_once(false, Vec::new()) };
                self.interfere(Interference::OldestSnapshot(target.plus(1)));
                Blow::lasting(true, Vec::new(), lasts.0)
            }
            BootstrapFault::SidecarTaskFails { node, task, times } => {
                let kind = task.clone();
                let times = times.map(std::num::NonZeroU32::get);
                self.interfere(Interference::FailTask(TaskFault { node: node.clone(), kind, times }));
                let objects = node.iter().flat_map(super::node).collect();
                Blow { befell: true, objects, ends: if times.is_some() { Ends::AtOnce } else { Ends::Never } }
            }
            BootstrapFault::PeersNotFound { lasts } => {
                self.interfere(Interference::PeersGone { count: usize::MAX, lasts: lasts.0 });
                Blow::lasting(true, Vec::new(), lasts.0)
            }
            BootstrapFault::PeersPruned { keep, lasts } => {
                self.interfere(Interference::PeersKeep(Some(*keep)));
                Blow::lasting(true, Vec::new(), lasts.0)
            }
            BootstrapFault::Stalls { node, lasts } => {
                let befell = self.bootstrap_pod(node).is_some();
                if befell {
                    self.cut_off_from_peers(node);
                }
                Blow::lasting(befell, super::node(node), lasts.0)
            }
        }
    }

    pub(super) fn heal_bootstrap(&mut self, fault: &BootstrapFault, objects: &[ObjectRef]) {
        match fault {
            BootstrapFault::Crashes { node, exit_code, .. } if self.bootstrap_pod(node).is_some() => {
                self.interfere(Interference::EndSeid { node: node.clone(), code: i32::from(*exit_code) });
            }
            BootstrapFault::MachineLost { .. } => self.return_machines(objects),
            BootstrapFault::ImageMissing { .. } if !self.still(|fault| matches!(fault, BootstrapFault::ImageMissing { .. })) => {
                let image = self.setup.first_image.clone();
                self.kube(|cluster, cx| cluster.set_image_exists(cx, &image, true));
            }
            BootstrapFault::SnapshotMissing { .. } | BootstrapFault::SnapshotCorrupt { .. } | BootstrapFault::SnapshotSlow { .. } => {
                let odd = odd_snapshot(fault).expect("it is a fault of snapshots");
                self.interfere(Interference::SnapshotMended(odd));
            }
            BootstrapFault::SnapshotTooNew { .. } if !self.still(|fault| matches!(fault, BootstrapFault::SnapshotTooNew { .. })) => {
                let usual = self.setup.chain.snapshots.oldest;
                self.interfere(Interference::OldestSnapshot(usual));
            }
            BootstrapFault::PeersPruned { .. } if !self.still(|fault| matches!(fault, BootstrapFault::PeersPruned { .. })) => {
                self.interfere(Interference::PeersKeep(None));
            }
            BootstrapFault::Stalls { node, .. } => self.reconnect_to_peers(node),
            _ => {}
        }
    }

    /// Does something to the chain; whether there was something to do it to.
    pub(super) fn interfere(&mut self, what: Interference) -> bool {
        let befell = self.chain(|chain, cx| chain.interfere(cx, what));
        self.expect_heights();
        befell
    }

    /// Whether another fault of a sort still lasts.
    fn still(&self, is_such: impl Fn(&BootstrapFault) -> bool) -> bool {
        self.faults.open().any(|what| matches!(what, What::Bootstrap(fault) if is_such(fault)))
    }

    /// The pod of a node's bootstrap that is on a machine and has not ended.
    fn bootstrap_pod(&self, node: &Arc<str>) -> Option<Object<Pod>> {
        let is_meant = |pod: &&AnyObject| {
            let label = |key| pod.meta.labels.get(key).map(|value| &**value);
            label(names::label::NODE) == Some(&**node) && label(names::label::COMPONENT) == Some(names::label::BOOTSTRAP)
        };
        let pod = self.cluster.objects(&const { Pod::INFO }).find(is_meant)?.typed::<Pod>()?;
        (pod.spec.node_name.is_some() && !has_ended(&pod)).then_some(pod)
    }

    /// seid of a bootstrap is to end by itself once it has executed some blocks more; if nothing moves it there, never. (A named shortcut: the
    /// moment is the one that was foreseen when the fault struck, whatever speeds it up or slows it down since.)
    fn crash_bootstrap_after(&mut self, node: &Arc<str>, blocks: u64) -> Blow {
        let at = self.bootstrap_pod(node).and_then(|_| self.chain.executes(self.now, node, blocks));
        match at {
            Some(at) => Blow::lasting(true, super::node(node), at.since(self.now)),
            None => Blow::at_once(false, Vec::new()),
        }
    }

    fn starve_bootstrap(&mut self, node: &Arc<str>) -> Blow {
        let container = self.bootstrap_pod(node).and_then(|pod| self.cluster.container(&pod.meta.key, SEID));
        let befell = container.is_some_and(|id| self.kube(|cluster, cx| cluster.oom_kill(cx, id)));
        Blow::at_once(befell, super::node(node))
    }

    fn evict_bootstrap(&mut self, node: &Arc<str>) -> Blow {
        let befell = self.bootstrap_pod(node).is_some_and(|pod| self.kube(|cluster, cx| cluster.pressure_evict(cx, &pod.meta.key)));
        Blow::at_once(befell, super::node(node))
    }

    fn lose_image(&mut self, lasts: Lapse) -> Blow {
        let image = self.setup.first_image.clone();
        self.kube(|cluster, cx| cluster.set_image_exists(cx, &image, false));
        Blow::lasting(true, Vec::new(), lasts.0)
    }

    /// The highest target height that a node of the group restores to, or is about to.
    fn highest_target(&self) -> Option<Height> {
        let nodes = self.cluster.objects(&const { SeiNode::INFO }).filter_map(AnyObject::spec_as::<SeiNode>);
        let of_nodes = nodes.filter_map(|spec| Some(spec.snapshot()?.s3.as_ref()?.target_height));
        let strategy = self.sight().group_spec().and_then(|spec| spec.update_strategy.as_ref());
        let of_fork = strategy.and_then(|strategy| strategy.hard_fork.as_ref()).map(|fork| names::last_old_block(fork.halt_height));
        of_nodes.chain(of_fork).max()
    }
}

/// How every snapshot is while a fault of snapshots lasts.
fn odd_snapshot(fault: &BootstrapFault) -> Option<OddSnapshot> {
    let every = OddSnapshot::default();
    match fault {
        BootstrapFault::SnapshotMissing { .. } => Some(OddSnapshot { missing: true, ..every }),
        BootstrapFault::SnapshotCorrupt { .. } => Some(OddSnapshot { corrupt: true, ..every }),
        BootstrapFault::SnapshotSlow { takes, .. } => Some(OddSnapshot { restore: Span::between(takes.0, takes.0), ..every }),
        _ => None,
    }
}
