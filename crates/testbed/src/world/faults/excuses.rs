//! Which faults with a row in the excuse table have fired, and how far each reaches: what people have taken and not given back, which
//! machines were lost together, whether the wanted binary works, whether the chain goes on.

use super::irreplaceable::Irreplaceable;
use super::machines::loses_machines;
use super::unreached::GAP;
use crate::world::sim::Sim;
use api::kinds::{Job, PersistentVolumeClaim, Pod, Service};
use api::{AnyObject, Kind, KindInfo, Labels, ObjectKey, SeiNode, SeiNodeDeployment, names};
use faults::{BinaryFault, PersonFault, SwitchRacesFault, What};
use oracles::{EventNumber, Fired, ObjectRef, Scope, Violation};
use simchain::Happening;
use simchain::profile::{Binary, Upgrade};
use simcore::SimTime;
use simkube::{Actor, PodId, StoreChange};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// What excuses hang on, as far as the world at a later moment does not show it.
#[derive(Clone, Debug, Default)]
pub(in crate::world) struct Excuses {
    taken: Vec<Taken>,
    outages: Vec<Outage>,
    pub(super) downs: Vec<Down>,
    pub(super) refusals: Vec<Down>,
    /// When the operator last wrote the group.
    pub(super) written: Option<SimTime>,
    /// When the external Service was last given another selector.
    pub(super) selected: Option<SimTime>,
    /// When a person who had scaled the group last took that back, and the entry of the history that tells it.
    pub(super) scaled_back: Option<(SimTime, EventNumber)>,
    pub(super) irreplaceable: Irreplaceable,
    /// When a person last deleted the last of the group's nodes.
    pub(super) emptied: Option<SimTime>,
    /// When a node with a binary that has an upgrade was first beyond its block, and not far behind the network.
    pub(super) crossed: Option<SimTime>,
}

impl Excuses {
    /// Whether nothing has struck that they hang on.
    pub fn are_none(&self) -> bool {
        self.taken.is_empty() && self.outages.is_empty()
    }

    /// Whether a person has taken a node, or its volume, so shortly before that its pod may still be stopping for it.
    pub(super) fn has_just_taken(&self, node: &str, now: SimTime) -> bool {
        self.taken.iter().filter(|taken| now < taken.at + STOPPING).any(|taken| match taken.info.kind {
            "SeiNode" => *taken.key.name == *node,
            "PersistentVolumeClaim" => *taken.key.name == names::data_claim(node),
            _ => false,
        })
    }

    /// When a person last took a node, or its volume.
    pub(super) fn last_taken(&self) -> Option<SimTime> {
        self.taken.iter().filter(|taken| matches!(taken.info.kind, "SeiNode" | "PersistentVolumeClaim")).map(|taken| taken.at).max()
    }

    /// Since when no process of the operator runs, if none does now.
    pub(super) fn down_since(&self) -> Option<SimTime> {
        self.downs.last().filter(|down| down.back.is_none()).map(|down| down.at)
    }

    /// Since when an operator that runs could know of something: not while none does, and from the moment on at which one runs again.
    pub(super) fn told_since(&self, happened: Option<SimTime>) -> Option<SimTime> {
        match self.downs.last() {
            Some(Down { back: None, .. }) => None,
            Some(Down { back: Some(back), .. }) => happened.map(|at| at.max(*back)),
            None => happened,
        }
    }
}

/// What a person has deleted or edited.
#[derive(Clone, Debug)]
struct Taken {
    at: SimTime,
    event: EventNumber,
    info: &'static KindInfo,
    key: ObjectKey,
    restored: Option<SimTime>,
}

/// The loss of every machine with a serving node.
#[derive(Clone, Debug)]
struct Outage {
    at: SimTime,
    event: EventNumber,
    machines: BTreeSet<Arc<str>>,
    /// When the first of them was back.
    back: Option<SimTime>,
}

/// A time in which no process of the operator ran, or every effective call of it was refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Down {
    pub(super) at: SimTime,
    pub(super) event: EventNumber,
    /// When one did again, or was heard.
    pub(super) back: Option<SimTime>,
}

/// How long a pod may take to stop, and the operator to clear away what a lost volume leaves.
pub(super) const STOPPING: Duration = Duration::from_secs(60);

/// What was noted of a fault before it struck.
pub(super) struct Before {
    event: EventNumber,
    took: bool,
    serving: BTreeSet<Arc<str>>,
}

impl Sim {
    /// The row of the excuse table that excuses a violation, if one does.
    pub(in crate::world) fn excuse(&self, violation: &Violation) -> Option<&'static str> {
        oracles::excuse(violation, &self.fired())
    }

    /// When the chain makes its last block, if the group's halt height lies beyond it: the rollout then waits for ever, though it may rest
    /// before.
    pub(in crate::world) fn waits_for_ever_from(&self) -> Option<SimTime> {
        let last = self.setup.chain.halts_for_ever_at?;
        let halt = self.sight().group_spec()?.update_strategy.as_ref()?.hard_fork.as_ref()?.halt_height;
        self.chain.time_of(last).filter(|_| halt > last)
    }

    /// When the chain made its last block, if it has halted for ever; or will, while all that the world does is wait for a later one.
    fn chain_over(&self) -> Option<SimTime> {
        let halted = self.setup.chain.halts_for_ever_at.and_then(|last| self.chain.time_of(last)).filter(|at| *at <= self.now);
        halted.or_else(|| self.waits_for_ever_from().filter(|_| self.rests()))
    }

    /// A fault is about to strike: what excuses may ask of the world as it was.
    pub(super) fn before_blow(&mut self, event: EventNumber, what: &What) -> Before {
        let taken = self.taken_by(what);
        let took = taken.is_some();
        if let Some((info, key)) = taken {
            self.faults.excuses.taken.push(Taken { at: self.now, event, info, key, restored: None });
        }
        Before { event, took, serving: if loses_machines(what) { self.serving_machines() } else { BTreeSet::new() } }
    }

    /// It has struck.
    pub(super) fn after_blow(&mut self, before: Before, what: &What, befell: bool) {
        let Before { event, took, serving: machines } = before;
        if took && !befell {
            self.faults.excuses.taken.pop();
        }
        if befell && !machines.is_empty() && machines.iter().all(|machine| self.cluster.is_lost(machine)) {
            self.faults.excuses.outages.push(Outage { at: self.now, event, machines, back: None });
        }
        if befell {
            self.note_taking(what);
        }
    }

    /// A fault is over: machines may be back.
    pub(super) fn note_returns(&mut self) {
        let (now, cluster) = (self.now, &self.cluster);
        for outage in self.faults.excuses.outages.iter_mut().filter(|outage| outage.back.is_none()) {
            outage.back = outage.machines.iter().any(|machine| !cluster.is_lost(machine)).then_some(now);
        }
    }

    /// A process of the operator has begun to run, or ceased to.
    pub(in crate::world) fn note_operator(&mut self) {
        let runs = self.processes.iter().any(|process| process.stalled_until().is_none());
        let down = self.faults.excuses.downs.last_mut().filter(|down| down.back.is_none());
        match down {
            Some(down) if runs => down.back = Some(self.now),
            None if !runs => {
                let event = self.history.last_number();
                self.faults.excuses.downs.push(Down { at: self.now, event, back: None });
            }
            _ => {}
        }
    }

    /// The API server begins to refuse the operator's effective calls, or ceases to.
    pub(super) fn note_refusals(&mut self) {
        let refuses = self.refuses_calls();
        let refusals = &mut self.faults.excuses.refusals;
        match refusals.last_mut().filter(|refusal| refusal.back.is_none()) {
            Some(refusal) if !refuses => refusal.back = Some(self.now),
            None if refuses => refusals.push(Down { at: self.now, event: self.history.last_number(), back: None }),
            _ => {}
        }
    }

    /// A node has executed a block, or has caught up: the first beyond an upgrade, perhaps, with a binary that has it, and not far behind.
    pub(in crate::world) fn note_crossing(&mut self, pod: simkube::PodId, happening: &Happening) {
        let tells = matches!(happening, Happening::Executed { .. } | Happening::InConsensus { .. });
        if !tells || self.faults.excuses.crossed.is_some() {
            return;
        }
        let Some(view) = self.chain.view(self.now, simchain::PodId(pod.0)) else { return };
        let sight = self.sight();
        let crosses =
            |upgrade: &Upgrade| upgrade.applies_at().is_some_and(|fork| view.app > fork) && sight.handles(&view.image, &upgrade.name);
        if sight.serves(pod) && sight.profile.upgrades.iter().any(crosses) {
            self.faults.excuses.crossed = Some(self.now);
        }
    }

    /// A change of the store may give back what a person has taken, and may be the operator's word on the group.
    pub(in crate::world) fn note_restored(&mut self, change: &StoreChange) {
        self.note_run(change);
        let Some(new) = &change.new else { return };
        if new.info.kind == SeiNodeDeployment::INFO.kind && matches!(change.actor, Actor::Operator(_)) {
            self.faults.excuses.written = Some(self.now);
        }
        let selector = |object: &AnyObject| object.spec_as::<Service>().and_then(|spec| spec.selector.clone());
        if new.meta.key == self.setup.external
            && new.info.kind == Service::INFO.kind
            && change.old.as_ref().map(selector) != Some(selector(new))
        {
            self.faults.excuses.selected = Some(self.now);
        }
        for taken in &mut self.faults.excuses.taken {
            if taken.restored.is_some() || taken.info.kind != new.info.kind || taken.key != new.meta.key || new.meta.deleting.is_some() {
                continue;
            }
            let edited = Labels::from([(names::label::GROUP.to_owned(), self.setup.group.name.to_string())]);
            let as_left = new.spec_as::<Service>().is_some_and(|spec| spec.selector.as_ref() == Some(&edited));
            taken.restored = (!as_left).then_some(self.now);
        }
    }

    /// What a fault has a person take away or change, beyond what is there to be edited.
    fn taken_by(&self, what: &What) -> Option<(&'static KindInfo, ObjectKey)> {
        let (info, name): (&'static KindInfo, Arc<str>) = match what {
            What::Person(PersonFault::DeletesEntrant { node } | PersonFault::DeletesIncumbent { node }) => {
                (&const { SeiNode::INFO }, node.clone())
            }
            What::Person(PersonFault::DeletesJob { node }) => (&const { Job::INFO }, names::bootstrap_job(node).into()),
            What::Person(PersonFault::DeletesPvc { node }) => (&const { PersistentVolumeClaim::INFO }, names::data_claim(node).into()),
            What::Person(PersonFault::EditsService) => (&const { Service::INFO }, self.setup.external.name.clone()),
            What::SwitchRaces(SwitchRacesFault::GroupDeleted) => (&const { SeiNodeDeployment::INFO }, self.setup.group.name.clone()),
            _ => return None,
        };
        Some((info, ObjectKey::new(self.setup.group.namespace.clone(), name)))
    }

    /// The machines on which nodes serve.
    fn serving_machines(&self) -> BTreeSet<Arc<str>> {
        let sight = self.sight();
        let serving = sight.pods().filter(|pod| pod.meta.uid.is_some_and(|uid| sight.serves(PodId(uid))));
        serving.filter_map(|pod| pod.spec_as::<Pod>()?.node_name.as_deref().map(Arc::from)).collect()
    }

    /// Every fault with a row that has fired.
    fn fired(&self) -> Vec<Fired> {
        let Excuses { taken, outages, .. } = &self.faults.excuses;
        let taken = taken.iter().map(|taken| Fired {
            row: &oracles::PERSON_INTERFERES,
            at: if taken.info.kind == SeiNodeDeployment::INFO.kind { taken.at - GAP } else { taken.at },
            event: taken.event,
            scope: Scope::Object(ObjectRef::new(taken.info.kind, taken.key.name.clone())),
            until: taken.restored,
        });
        let outages = outages.iter().map(|outage| Fired {
            row: &oracles::MACHINES_LOST,
            at: outage.at,
            event: outage.event,
            scope: Scope::All,
            until: outage.back,
        });
        let over = self.chain_over().map(|at| Fired {
            row: &oracles::CHAIN_OVER,
            at,
            event: EventNumber::default(),
            scope: Scope::All,
            until: None,
        });
        taken.chain(outages).chain(over).chain(self.unheard()).chain(self.defective_binary()).chain(self.impossible()).collect()
    }

    /// The defect of the binary that the group wants, if it has one.
    fn defective_binary(&self) -> Option<Fired> {
        let image = &self.sight().group_spec()?.template.spec.image;
        let (at, event) = self.defect(image)?;
        let sight = self.sight();
        let nodes = sight.nodes().into_iter().filter(|node| node.spec.image == *image).map(|node| node.meta.key.name.clone()).collect();
        let scope = Scope::NodesAndGroup { nodes, group: Some(sight.group_ref()), incumbents_serve: oracles::others_serve(&sight, image) };
        Some(Fired { row: &oracles::DEFECTIVE_BINARY, at, event, scope, until: None })
    }

    /// When an image's binary was given a defect, by the event that tells it; one that the scenario says it has always had.
    pub(super) fn defect(&self, image: &str) -> Option<(SimTime, EventNumber)> {
        let born_so = |binary: &Binary| *binary.image == *image && (binary.is_defective() || !binary.exists);
        if self.setup.chain.binaries.iter().any(born_so) {
            return Some((SimTime::MIN, EventNumber::default()));
        }
        if !self.chain.is_defective(image) && !self.cluster.lacks_image(image) {
            return None;
        }
        self.first_struck(is_defect).map(|first| (first.at, first.event))
    }
}

/// Whether it is a defect that the excuse table names.
pub(super) fn is_defect(what: &What) -> bool {
    let What::Binary(fault) = what else { return false };
    match fault {
        BinaryFault::PanicsAtUpgrade | BinaryFault::PanicsAtStart | BinaryFault::PanicsAfterUpgrade { .. } | BinaryFault::WrongImageTag => {
            true
        }
        BinaryFault::RefusesBelowUpgrade | BinaryFault::RunsPastUpgrade => false,
    }
}
