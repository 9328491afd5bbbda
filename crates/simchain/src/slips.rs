//! Signals that slip: what goes wrong when a sidecar stops its seid at a height.
//!
//! A slip is laid up for a node and used up by the next stop of its seid.

use crate::Context;
use crate::boundary::{PodId, Signal};
use crate::chain::Chain;
use crate::event::{Due, Event};
use crate::sidecar::Ask;
use simcore::Subject;
use std::time::Duration;
use uuid::Uuid;

/// What goes wrong with the signal by which a sidecar stops seid at a height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignalSlip {
    /// It comes at once, whatever the height.
    Early,
    /// It comes again.
    Twice {
        /// So long after the first.
        after: Duration,
    },
    /// It comes late.
    Late {
        /// How much.
        by: Duration,
    },
    /// It never comes, though the task completes.
    Never,
}

impl Chain {
    /// What a sidecar asks of seid, after whatever goes wrong with it.
    pub(crate) fn slip(&mut self, cx: &mut Context<'_>, pod: PodId, task: Uuid, ask: Ask) -> Ask {
        let Some(node) = self.pods.get(&pod).map(|pod| pod.node.clone()).filter(|_| ask == Ask::Terminate) else { return ask };
        match self.signal_slips.remove(&node) {
            None | Some(SignalSlip::Early) => ask,
            Some(SignalSlip::Twice { after }) => {
                let event = Event(Due::SignalAgain { node: node.clone() });
                cx.after(after, Subject::of(&("signal again", &*node)), event);
                ask
            }
            Some(SignalSlip::Late { by }) => {
                self.with_sidecar(cx, pod, |sidecar, _, env| sidecar.stop_later(task, by, env));
                Ask::Nothing
            }
            Some(SignalSlip::Never) => {
                self.with_sidecar(cx, pod, |sidecar, _, env| sidecar.say_done(task, env));
                Ask::Nothing
            }
        }
    }

    /// A sidecar that is to stop seid early does so, if it waits to.
    pub(crate) fn hasten(&mut self, cx: &mut Context<'_>, node: &str) {
        if self.signal_slips.get(node) != Some(&SignalSlip::Early) {
            return;
        }
        for pod in self.pods_with_seid(node) {
            if self.with_sidecar(cx, pod, |sidecar, _, env| sidecar.stop_now(env)) == Some(true) {
                self.signal_slips.remove(node);
                self.with_seid(cx, pod, |seid, env| seid.signal_process(env, Signal::Terminate));
                self.settle(cx, pod);
            }
        }
    }
}
