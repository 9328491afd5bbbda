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
    /// A fault is about to strike a process in the middle of a reconcile.
    pub(in crate::world) fn doom(&mut self, index: usize, process: ProcessId) {
        let doom = match &self.faults.records[index].fault.what {
            What::Controller(ControllerFault::Crash | ControllerFault::Outage { .. }) => Doom::Ends(process),
            What::Controller(ControllerFault::TwoLeaders { stalls }) => Doom::Stalls(process, stalls.0),
            _ => return,
        };
        if !matches!(self.faults.doom, Some(Doom::Ends(_))) {
            self.faults.doom = Some(doom);
        }
    }

    /// By how much faults lengthen the wait that a reconcile asks for.
    pub(in crate::world) fn requeue_delay(&self) -> Duration {
        let of = |what: &What| match what {
            What::Controller(ControllerFault::DelayedRequeue { by, .. }) => by.0,
            _ => Duration::ZERO,
        };
        self.faults.open().map(of).sum()
    }

    pub(super) fn strike_controller(&mut self, fault: &ControllerFault) -> Blow {
        let doomed = match self.faults.doom.take() {
            Some(Doom::Ends(process) | Doom::Stalls(process, _)) => Some(process),
            None => self.leader(),
        };
        let Some(process) = doomed else { return Blow::at_once(false, Vec::new()) };
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
            ControllerFault::StaleCache { .. } | ControllerFault::MissedEvents { .. } => Blow::at_once(false, Vec::new()),
        }
    }

    pub(super) fn heal_controller(&mut self, _fault: &ControllerFault) {}
}
