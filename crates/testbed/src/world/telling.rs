//! What one part of the world tells is passed on to the others: changes to histories, laws and whoever waits for them, deliveries to the
//! operator's work queues, containers to the chain, and what programs do back to the cluster.

use super::process::Who;
use super::sim::Sim;
use super::worker::Topic;
use crate::history::Entry;
use crate::marks::Mark;
use controller::queue::Priority;
use oracles::Fact;
use simkube::ProcessId;

/// What one part of the world has told, to be passed on.
#[derive(Clone, Debug)]
pub(super) enum Told {
    Kube(simkube::Output),
    Chain(simchain::Output),
}

impl Sim {
    /// Passes on what has been told, in order, until nothing is left.
    pub(super) fn pass_on(&mut self) {
        while let Some(told) = self.told.pop_front() {
            match told {
                Told::Kube(output) => self.pass_on_kube(output),
                Told::Chain(output) => self.pass_on_chain(output),
            }
        }
    }

    fn pass_on_kube(&mut self, output: simkube::Output) {
        use simkube::Output;
        match output {
            Output::Changed(change) => {
                let event = self.history.next_number();
                self.history.stored(self.now, &change);
                if let Some(new) = &change.new {
                    self.plans.stored(change.old.as_ref(), new);
                }
                let (info, meta) = (change.object().info, &change.object().meta);
                if let Some(states) = &mut self.states {
                    states.stored(info.kind);
                }
                self.note_restored(&change);
                self.show(event, &Fact::Stored(&change));
                self.set_off_by_change(&change);
                self.changed(&[Topic::stored(info, &meta.key), Topic::stored_list(info)]);
            }
            Output::Informed { process, delivery } => self.inform(process, &delivery),
            Output::Start(start) => {
                self.counters.container_starts += 1;
                self.start_container(&start);
            }
            Output::Signal { id, signal } => self.signal_container(id, signal),
            Output::VolumeDeleted { volume } => self.chain.delete_volume(simchain::VolumeId(volume)),
            Output::NamesChanged { service } => self.changed(&[Topic::names(&service), Topic::all_names()]),
            Output::NetworkChanged => self.changed(&[Topic::network()]),
            Output::DataPlane { service, pods } => {
                self.something_happened();
                let event = self.history.next_number();
                self.history.push(self.now, Entry::data_plane(&service, &pods));
                self.show(event, &Fact::DataPlane(&service));
            }
            Output::Unmodelled(what) => self.unmodelled(what),
        }
    }

    /// Whoever asked for abstract states has to look again.
    fn something_happened(&mut self) {
        if let Some(states) = &mut self.states {
            states.happened();
        }
    }

    fn inform(&mut self, process: ProcessId, delivery: &simkube::Delivery) {
        let object = delivery.new.as_ref().or(delivery.old.as_ref()).expect("a delivery is of an object");
        self.changed_for(process, &[Topic::cached(object.info, &object.meta.key), Topic::cached_list(object.info)]);
        if self.relists {
            self.mark(Mark::RelistAfterMissedEvents);
        }
        let priority = if delivery.initial { Priority::Low } else { Priority::Normal };
        let mut woken = Vec::new();
        let (namesake, old, new) = (self.setup.design.namesake, delivery.old.as_ref(), delivery.new.as_ref());
        controller::wake::keys(namesake, old, new, &mut |controller, key| woken.push((controller, key)));
        for (controller, key) in woken {
            self.enqueue(Who { process, controller }, &key, priority);
        }
    }

    fn pass_on_chain(&mut self, output: simchain::Output) {
        use simchain::Output;
        match output {
            Output::Exited { id, code } => self.program_exited(id, code),
            Output::Answers { pod, endpoint, ok } => self.endpoint_answers(pod, endpoint, ok),
            Output::SidecarChanged { pod } => self.changed(&[Topic::sidecar(simkube::PodId(pod.0))]),
            Output::Happened { node, pod, what } => {
                self.something_happened();
                if matches!(what, simchain::Happening::TaskStarted { .. }) {
                    self.task_begins(&node);
                }
                self.note_crossing(simkube::PodId(pod.0), &what);
                let event = self.history.next_number();
                self.history.push(self.now, Entry::Chain { node: node.clone(), what: what.clone() });
                self.show(event, &Fact::Chain { node: &node, pod: simkube::PodId(pod.0), what: &what });
            }
            Output::Unmodelled(what) => self.unmodelled(what),
        }
    }
}
