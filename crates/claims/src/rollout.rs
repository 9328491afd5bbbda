//! The rollout that a world is in, as claims need to know it.

use api::group::StrategyType;
use api::kinds::{Pod, Service};
use api::plan::{PlanPhase, TaskStatus, plan_of};
use api::{AnyObject, Height, Kind, Node, ObjectKey, SeiNodeDeployment, names};
use oracles::{Fact, ObjectRef, Sight, id_of, ordinal_of};
use simcore::SimTime;
use simkube::{Actor, PodId, StoreChange};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A rollout, from its detection on.
#[derive(Clone, Debug)]
pub(crate) struct Rollout {
    /// When the operator detected it.
    pub began: SimTime,
    pub strategy: StrategyType,
    /// The first block that needs the new binary.
    pub halt: Option<Height>,
    /// Without those that are to go since the group is scaled down.
    pub incumbents: BTreeSet<Arc<str>>,
    pub entrants: BTreeSet<Arc<str>>,
    pub entrant_revision: Arc<str>,
    /// What the incumbents' pods ran when it began.
    pub old_images: BTreeSet<String>,
    pub wanted: Arc<str>,
    pub replicas: usize,
    /// Whether the template restores an s3 snapshot.
    pub restores: bool,
    /// Whether the chain had made block H when it began.
    pub late: bool,
    /// Whether the spec has been edited since.
    pub edited: bool,
    /// Whether a fault has struck so far.
    pub disturbed: bool,
    /// When every task before switch-traffic was complete.
    pub gates_passed: Option<SimTime>,
    /// When the operator pointed the Service at the entrants.
    pub switched: Option<SimTime>,
    /// When switch-traffic was complete: from then on incumbents are torn down.
    pub teardown: Option<SimTime>,
    /// How and when its plan ended.
    pub ended: Option<(SimTime, PlanPhase)>,
}

/// The rollouts of a world; the last one is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rollouts {
    current: Option<Rollout>,
    disturbed: bool,
}

impl Rollouts {
    /// The rollout in progress, or the last; none any more once the group is deleted: then nothing is claimed of it.
    pub fn current(&self) -> Option<&Rollout> {
        self.current.as_ref()
    }

    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>) {
        match fact {
            Fact::Stored(change) => {
                self.follow_group(sight, change);
                if let Some(rollout) = &mut self.current {
                    rollout.follow_service(sight, change);
                }
            }
            Fact::Disturbed => {
                self.disturbed = true;
                if let Some(rollout) = &mut self.current {
                    rollout.disturbed = true;
                }
            }
            _ => {}
        }
    }

    fn follow_group(&mut self, sight: &Sight<'_>, change: &StoreChange) {
        let Some(new) = change.new.as_ref().filter(|new| new.meta.key == *sight.group) else { return };
        if new.meta.deleting.is_some() {
            self.current = None;
            return;
        }
        let Some(status) = new.status_as::<SeiNodeDeployment>() else { return };
        if let Some(deployment) = &status.deployment {
            let entrants: BTreeSet<Arc<str>> = deployment.entrant_nodes.iter().cloned().collect();
            if self.current.as_ref().is_none_or(|rollout| rollout.entrants != entrants) {
                self.current = Rollout::begun(sight, entrants, deployment.entrant_revision.clone(), self.disturbed);
            }
        }
        if let Some(rollout) = &mut self.current {
            let generation = |object: &AnyObject| object.meta.generation;
            rollout.edited |= change.old.as_ref().is_some_and(|old| generation(old) != generation(new));
            rollout.follow_plan(sight.now, change.old.as_ref(), new);
        }
    }
}

impl Rollout {
    fn begun(sight: &Sight<'_>, entrants: BTreeSet<Arc<str>>, entrant_revision: Arc<str>, disturbed: bool) -> Option<Self> {
        let spec = sight.group_spec()?;
        let strategy = spec.update_strategy.as_ref()?;
        let halt = strategy.hard_fork.as_ref().filter(|_| strategy.kind == StrategyType::HardFork).map(|fork| fork.halt_height);
        let stays = |node: &Node| ordinal_of(node).is_none_or(|ordinal| ordinal < spec.replicas);
        let owned = sight.nodes().into_iter().filter(stays).map(|node| node.meta.key.name.clone());
        let incumbents: BTreeSet<_> = owned.filter(|name| !entrants.contains(name)).collect();
        let runs = |node: &Arc<str>| image_of(sight.pod_of(&ObjectKey::new(sight.group.namespace.clone(), node.clone()))?);
        Some(Self {
            began: sight.now,
            strategy: strategy.kind,
            halt,
            old_images: incumbents.iter().filter_map(runs).collect(),
            incumbents,
            entrants,
            entrant_revision,
            wanted: spec.template.spec.image.as_str().into(),
            replicas: usize::try_from(spec.replicas).unwrap_or(0),
            restores: spec.template.spec.snapshot().is_some_and(|snapshot| snapshot.s3.is_some()),
            late: halt.is_some_and(|halt| sight.chain.network_height(sight.now) >= halt),
            edited: false,
            disturbed,
            gates_passed: None,
            switched: None,
            teardown: None,
            ended: None,
        })
    }

    fn follow_plan(&mut self, now: SimTime, old: Option<&AnyObject>, new: &AnyObject) {
        let Some(plan) = plan_of(new) else { return };
        let switch = plan.tasks.iter().position(|task| task.task.type_name() == "switch-traffic");
        let Some(switch) = switch else { return };
        let done = |until: usize| plan.tasks[..until].iter().all(|task| task.status == TaskStatus::Complete);
        if done(switch) {
            self.gates_passed.get_or_insert(now);
        }
        if done(switch + 1) {
            self.teardown.get_or_insert(now);
        }
        let was = old.and_then(plan_of).map(|plan| plan.phase);
        if plan.phase != PlanPhase::Active && was != Some(plan.phase) {
            self.ended.get_or_insert((now, plan.phase));
        }
    }

    fn follow_service(&mut self, sight: &Sight<'_>, change: &StoreChange) {
        let (Some(new), Actor::Operator(_)) = (&change.new, change.actor) else { return };
        if new.meta.key == *sight.external && selects(new, &self.entrant_revision) {
            self.switched.get_or_insert(sight.now);
        }
    }

    /// Which of the entrants are at the tip.
    pub fn at_tip(&self, sight: &Sight<'_>) -> usize {
        self.entrants.iter().filter(|node| pod_of(sight, node).is_some_and(|pod| sight.at_tip(pod))).count()
    }

    /// How many incumbents serve.
    pub fn incumbents_serving(&self, sight: &Sight<'_>) -> usize {
        self.incumbents.iter().filter(|node| pod_of(sight, node).is_some_and(|pod| sight.serves(pod))).count()
    }

    /// Whether it is one across a fork.
    pub fn is_fork(&self) -> bool {
        self.halt.is_some()
    }

    /// The last block of the old binary.
    pub fn last_old(&self) -> Option<Height> {
        self.halt.map(names::last_old_block)
    }
}

/// Whether a Service selects a revision.
pub(crate) fn selects(service: &AnyObject, revision: &str) -> bool {
    (service.spec_as::<Service>())
        .and_then(|spec| spec.selector.as_ref())
        .is_some_and(|selector| selector.get(names::label::REVISION).is_some_and(|held| held == revision))
}

/// The pod of a node's StatefulSet.
pub(crate) fn pod_of(sight: &Sight<'_>, node: &Arc<str>) -> Option<PodId> {
    sight.pod_of(&ObjectKey::new(sight.group.namespace.clone(), node.clone())).map(id_of)
}

/// The stored pod of an id.
pub(crate) fn stored_pod<'a>(sight: &Sight<'a>, pod: PodId) -> Option<&'a AnyObject> {
    sight.cluster.objects(&Pod::INFO).find(|stored| id_of(stored) == pod)
}

/// The image of a pod's seid.
pub(crate) fn image_of(pod: &AnyObject) -> Option<String> {
    pod.spec_as::<Pod>()?.containers.iter().find(|container| container.name == "seid")?.image.clone()
}

/// A finding about one node as of now.
pub(crate) fn about(sight: &Sight<'_>, node: &str, message: String) -> oracles::Finding {
    oracles::Finding { since: sight.now, objects: vec![ObjectRef::node(node)], events: vec![sight.event], message }
}

/// A finding about the group as of now.
pub(crate) fn about_group(sight: &Sight<'_>, since: SimTime, message: String) -> oracles::Finding {
    oracles::Finding { since, objects: vec![sight.group_ref()], events: vec![sight.event], message }
}
