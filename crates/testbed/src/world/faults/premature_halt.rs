//! A seid stops before its halt height, beyond it, or is told to at the wrong time.

use super::Blow;
use crate::world::sim::Sim;
use api::kinds::Pod;
use api::{Kind, ObjectKey, names};
use faults::{HaltSlip, Interrupt, PrematureHaltFault, What};
use ports::DeleteOptions;
use simchain::profile::HaltSemantics;
use simchain::{Interference, Signal, SignalSlip};
use simkube::{Actor, Request};
use std::sync::Arc;

impl Sim {
    pub(super) fn strike_halt(&mut self, fault: &PrematureHaltFault) -> Blow {
        let slips = |sim: &mut Self, node: &Arc<str>, slip| {
            let befell = sim.exists(node) && sim.interfere(Interference::SignalSlips { node: node.clone(), slip });
            Blow::at_once(befell, super::node(node))
        };
        match fault {
            PrematureHaltFault::Interrupted { node, signal } => {
                let befell = self.interfere(Interference::SignalSeid { node: node.clone(), signal: signal_of(*signal) });
                Blow::at_once(befell, super::node(node))
            }
            PrematureHaltFault::HaltSlips { slip, lasts } => {
                self.interfere(Interference::Halts(semantics_of(*slip)));
                Blow::lasting(true, Vec::new(), lasts.0)
            }
            PrematureHaltFault::SignalEarly { node } => slips(self, node, SignalSlip::Early),
            PrematureHaltFault::SignalTwice { node, after } => slips(self, node, SignalSlip::Twice { after: after.0 }),
            PrematureHaltFault::SignalLate { node, by } => slips(self, node, SignalSlip::Late { by: by.0 }),
            PrematureHaltFault::SignalNever { node } => slips(self, node, SignalSlip::Never),
            PrematureHaltFault::Restarted { node } => self.restart_pod_of(node),
        }
    }

    pub(super) fn heal_halt(&mut self, fault: &PrematureHaltFault) {
        if !matches!(fault, PrematureHaltFault::HaltSlips { .. }) {
            return;
        }
        let still = self.faults.open().find_map(|what| match what {
            What::PrematureHalt(PrematureHaltFault::HaltSlips { slip, .. }) => Some(semantics_of(*slip)),
            _ => None,
        });
        let semantics = still.unwrap_or(self.setup.chain.halt.semantics);
        self.interfere(Interference::Halts(semantics));
    }

    /// Deletes the pod of a node's StatefulSet, which makes another in its place.
    fn restart_pod_of(&mut self, node: &Arc<str>) -> Blow {
        let key = ObjectKey::new(self.setup.group.namespace.clone(), names::pod(node));
        let request = Request::Delete { info: &const { Pod::INFO }, key, options: DeleteOptions::default() };
        let befell = self.request(request, Actor::Person).is_ok();
        Blow::at_once(befell, super::node(node))
    }
}

fn signal_of(signal: Interrupt) -> Signal {
    match signal {
        Interrupt::Sigint => Signal::Interrupt,
        Interrupt::Sigterm => Signal::Terminate,
        Interrupt::Sigkill => Signal::Kill,
    }
}

fn semantics_of(slip: HaltSlip) -> HaltSemantics {
    match slip {
        HaltSlip::OneEarly => HaltSemantics::OneBlockEarly,
        HaltSlip::OneLate => HaltSemantics::OneBlockLate,
        HaltSlip::BeforeCommit => HaltSemantics::BeforeCommit,
    }
}
