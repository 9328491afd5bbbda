//! What a machine's loss and return mean for a pod on it.
//!
//! A lost machine has lost its power: every container ends at once, and nobody reports it. When the machine is back, its kubelet finds dead
//! containers and an old sandbox, and starts the pod anew inside (`computePodActions` with `podSandboxChanged`), init containers first; a pod
//! that is never restarted has failed.

use super::container::{Exit, Restart, Role, State};
use super::pod::PodLife;
use crate::boundary::{Output, Signal};
use crate::workloads::step::Step;

impl PodLife {
    /// The machine loses its power.
    pub fn power_off(&mut self, step: &mut Step<'_, '_>) {
        self.off = true;
        self.pulling = None;
        for index in 0..self.containers.len() {
            let id = self.container_id(index);
            let container = &mut self.containers[index];
            match &container.state {
                State::Running(running) => {
                    container.state = State::Exited(Exit::unseen(running, step.now()));
                    step.cx.tell(Output::Signal { id, signal: Signal::Kill });
                }
                State::BackOff(exit) => container.state = State::Exited(*exit),
                State::Waiting | State::Exited(_) => {}
            }
        }
    }

    /// The machine is back.
    pub fn power_on(&mut self, step: &Step<'_, '_>) {
        self.off = false;
        let has_run = self.containers.iter().any(|container| container.runs > 0);
        if self.terminal.is_some() || self.deadline.is_some() || !has_run {
            return;
        }
        if self.policy == Restart::Never {
            self.deadline = Some(step.now());
            return;
        }
        self.address = None;
        self.initialized = false;
        for container in &mut self.containers {
            if let State::Exited(exit) = container.state
                && (container.role != Role::Main || container.is_restarted(self.policy, exit.code))
            {
                container.previous = Some(exit);
                container.state = State::Waiting;
            }
        }
    }
}
