//! The operator's own process crashes, stalls, or knows less than it should.

use super::Blow;
use crate::world::process::Ending;
use crate::world::sim::Sim;
use faults::{ControllerFault, What};
use simkube::ProcessId;
use std::time::Duration;

/// What is about to happen to a process in the middle of a reconcile: what it does from there on, at this very moment, it does not do any
/// more, or does later.
#[derive(Clone, Copy, Debug)]
pub(in crate::world) enum Doom {
    /// It ends.
    Ends(ProcessId),
    /// It stalls.
    Stalls(ProcessId, Duration),
}

impl Sim {
    /// A fault is about to strike a process in the middle of a reconcile, unless the process is gone and only its call lands.
    pub(in crate::world) fn doom(&mut self, index: usize, process: ProcessId) {
        if self.process(process).is_none() {
            return;
        }
        let doom = match &self.faults.records[index].fault.what {
            What::Controller(ControllerFault::Crash | ControllerFault::Outage { .. }) => Doom::Ends(process),
            What::Controller(ControllerFault::TwoLeaders { stalls }) => Doom::Stalls(process, stalls.0),
            _ => return,
        };
        if !matches!(self.faults.doom, Some(Doom::Ends(_))) {
            self.faults.doom = Some(doom);
        }
    }

    /// By how much faults lengthen a wait that a work queue begins: what a reconcile asks for, or a back-off. Timers that run already are not
    /// touched (a named shortcut).
    pub(in crate::world) fn requeue_delay(&self) -> Duration {
        let of = |what: &What| match what {
            What::Controller(ControllerFault::DelayedRequeue { by, .. }) => by.0,
            _ => Duration::ZERO,
        };
        self.faults.open().map(of).sum()
    }

    pub(super) fn strike_controller(&mut self, fault: &ControllerFault) -> Blow {
        let Some(process) = self.struck_process(fault) else { return Blow::at_once(false, Vec::new()) };
        match fault {
            ControllerFault::Crash => {
                self.end_process(process, Ending::Crash, Duration::ZERO);
                Blow::at_once(true, Vec::new())
            }
            ControllerFault::Outage { lasts } => {
                self.end_process(process, Ending::Crash, lasts.0);
                Blow::lasting(true, Vec::new(), lasts.0)
            }
            ControllerFault::TwoLeaders { stalls } => {
                self.stall_process(process, stalls.0);
                Blow::lasting(true, Vec::new(), stalls.0)
            }
            ControllerFault::DelayedRequeue { lasts, .. } => Blow::lasting(true, Vec::new(), lasts.0),
            ControllerFault::StaleCache { kind, lasts } => {
                let befell = self.cluster.hold_caches(process, kind.as_deref(), self.now + lasts.0, false);
                Blow::lasting(befell, Vec::new(), lasts.0)
            }
            ControllerFault::MissedEvents { lasts } => {
                let befell = self.cluster.hold_caches(process, None, self.now + lasts.0, true);
                Blow::lasting(befell, Vec::new(), lasts.0)
            }
        }
    }

    /// The process in whose reconcile the fault struck, if it is one that decides how that goes on; else the one that leads. `None` if it is
    /// gone, by another fault of the same moment too.
    fn struck_process(&mut self, fault: &ControllerFault) -> Option<ProcessId> {
        let process = match (fault, self.faults.doom) {
            (ControllerFault::Crash | ControllerFault::Outage { .. }, Some(Doom::Ends(process)))
            | (ControllerFault::TwoLeaders { .. }, Some(Doom::Stalls(process, _))) => {
                self.faults.doom = None;
                Some(process)
            }
            (ControllerFault::TwoLeaders { .. }, Some(Doom::Ends(process))) => Some(process),
            _ => self.leader(),
        };
        process.filter(|id| self.process(*id).is_some())
    }

    pub(super) fn heal_controller(&mut self, fault: &ControllerFault) {
        if let ControllerFault::StaleCache { .. } | ControllerFault::MissedEvents { .. } = fault {
            self.kube(|cluster, cx| cluster.release_caches(cx));
        }
    }
}
