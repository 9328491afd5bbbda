//! Claims about the life of an entrant: C06 (its bootstrap), C07 (what a bootstrap leaves), C08 (the first block of the new binary), C10 (what
//! Running means), C27 (it needs no incumbents).

use crate::court::Court;
use crate::rollout::{Rollout, about, image_of, pod_of, stored_pod};
use api::group::StrategyType;
use api::kinds::Job;
use api::node::NodePhase;
use api::plan::{PlanPhase, TaskStatus, plan_of};
use api::{AnyObject, Height, Kind, KindInfo, ObjectKey, SeiNode, names};
use oracles::{Fact, Sight, is_bootstrap};
use simchain::Happening;
use simkube::{PodId, StoreChange};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is remembered of each entrant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lifecycle {
    entrants: BTreeMap<Arc<str>, Entrant>,
}

#[derive(Clone, Debug, Default)]
struct Entrant {
    /// The height at which its bootstrap's seid ended with status 0.
    bootstrapped: Option<Height>,
    /// Whether its own seid has executed a block.
    executed: bool,
    /// How often an upgrade's migrations ran in it.
    upgrades: u32,
    /// Whether no incumbent served when a seid of its own started.
    alone: bool,
}

impl Lifecycle {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, rollout: &Rollout, court: &mut Court) {
        match fact {
            Fact::Chain { node, pod, what } if rollout.entrants.contains(*node) => {
                let entrant = self.entrants.entry(Arc::from(*node)).or_default();
                if is_bootstrap(sight, *pod) {
                    entrant.bootstraps(sight, node, what, rollout, court);
                } else {
                    entrant.runs(sight, node, *pod, what, rollout, court);
                }
            }
            Fact::Stored(change) => {
                finds_nobody(sight, change, rollout, court);
                self.job_ended(sight, change, rollout, court);
                self.enters_running(sight, change, rollout, court);
            }
            _ => {}
        }
    }

    fn job_ended(&self, sight: &Sight<'_>, change: &StoreChange, rollout: &Rollout, court: &mut Court) {
        let Some(new) = change.new.as_ref().filter(|new| new.info.kind == Job::INFO.kind) else { return };
        let Some(end) = ended(new).filter(|end| change.old.as_ref().and_then(ended) != Some(*end)) else { return };
        let node = rollout.entrants.iter().find(|node| names::bootstrap_job(node) == new.meta.name());
        let (Some(node), Some(target)) = (node, rollout.last_old()) else { return };
        let reached = self.entrants.get(node).and_then(|entrant| entrant.bootstrapped);
        match end {
            Ended::Complete if reached == Some(target) => court.test("C06"),
            Ended::Complete => {
                let height = reached.map_or_else(|| "an unknown height".to_owned(), |height| format!("height {height}"));
                let message = format!("the bootstrap Job of {node} is Complete with its state at {height} instead of {target}");
                court.refute("C06", "bootstrap-overshoot", sight.now, about(sight, node, message));
            }
            Ended::Failed if !rollout.disturbed && !sight.failure_allowed => {
                court.refute(
                    "C06",
                    "bootstrap-overshoot",
                    sight.now,
                    about(sight, node, format!("the bootstrap Job of {node} is Failed without any fault")),
                );
            }
            Ended::Failed => {}
        }
    }

    fn enters_running(&mut self, sight: &Sight<'_>, change: &StoreChange, rollout: &Rollout, court: &mut Court) {
        let phase = |object: &AnyObject| object.status_as::<SeiNode>()?.phase;
        let Some(new) = change.new.as_ref().filter(|new| rollout.entrants.contains(&new.meta.key.name)) else { return };
        if phase(new) != Some(NodePhase::Running) || change.old.as_ref().and_then(phase) == Some(NodePhase::Running) {
            return;
        }
        let node = &new.meta.key.name;
        court.test("C10");
        let pod = pod_of(sight, node);
        let view = pod.and_then(|pod| sight.chain.view(sight.now, simchain::PodId(pod.0)));
        let lacks = match (rollout.strategy, rollout.halt, view) {
            (_, _, None) => Some("no seid of it runs".to_owned()),
            (_, _, Some(view)) if *view.image != *rollout.wanted => Some(format!("its seid is of {}", view.image)),
            (StrategyType::HardFork, Some(halt), Some(view)) if view.app < halt => {
                Some(format!("its state is at height {}, below block {halt}", view.app))
            }
            (StrategyType::BlueGreen, ..) if !pod.is_some_and(|pod| sight.serves(pod)) => Some("it does not serve".to_owned()),
            _ => None,
        };
        if let Some(lacks) = lacks {
            court.refute(
                "C10",
                "running-lies",
                sight.now,
                about(sight, node, format!("SeiNode {node} enters phase Running while {lacks}")),
            );
        }
    }
}

impl Entrant {
    fn bootstraps(&mut self, sight: &Sight<'_>, node: &str, what: &Happening, rollout: &Rollout, court: &mut Court) {
        match what {
            Happening::SeidStarted { image, .. } if rollout.is_fork() && !rollout.edited && !rollout.old_images.is_empty() => {
                court.test("C06");
                if !rollout.old_images.contains(&**image) {
                    court.refute(
                        "C06",
                        "entrant-misconfigured",
                        sight.now,
                        about(sight, node, format!("the bootstrap of {node} runs {image}")),
                    );
                }
            }
            Happening::PassedHaltHeight { height, halt_height } => {
                let message = format!("the bootstrap of {node} has executed block {height}, beyond its target {halt_height}");
                court.refute("C06", "bootstrap-overshoot", sight.now, about(sight, node, message));
            }
            Happening::SeidExited { code: 0, app, .. } => self.bootstrapped = Some(*app),
            _ => {}
        }
    }

    fn runs(&mut self, sight: &Sight<'_>, node: &str, pod: PodId, what: &Happening, rollout: &Rollout, court: &mut Court) {
        match what {
            Happening::SeidStarted { app, .. } => {
                self.alone |= rollout.incumbents_serving(sight) == 0;
                if self.bootstrapped.is_some() && !self.executed {
                    left_behind(sight, node, *app, rollout, court);
                }
            }
            Happening::FirstBlock { height } if !self.executed => {
                self.executed = true;
                self.first_block(sight, node, pod, *height, rollout, court);
            }
            Happening::UpgradeApplied { height, .. } => {
                self.upgrades += 1;
                if self.upgrades > 1 {
                    court.refute(
                        "C08",
                        "plan-regression",
                        sight.now,
                        about(sight, node, format!("the upgrade at {height} runs again in {node}")),
                    );
                }
            }
            Happening::InConsensus { .. } if self.alone => court.test("C27"),
            _ => {}
        }
    }

    fn first_block(&self, sight: &Sight<'_>, node: &str, pod: PodId, height: Height, rollout: &Rollout, court: &mut Court) {
        let Some(halt) = rollout.halt.filter(|_| !rollout.edited) else { return };
        let image = stored_pod(sight, pod).and_then(image_of);
        court.test("C08");
        if height != halt || image.as_deref() != Some(&*rollout.wanted) {
            let image = image.as_deref().unwrap_or("an unknown image");
            let message = format!("the first block that {node} executes after its bootstrap is {height}, by {image}, instead of {halt}");
            court.refute("C08", "new-binary-before-halt", sight.now, about(sight, node, message));
        }
    }
}

/// An entrant that fails for want of peers while no incumbent serves, though the network has others.
fn finds_nobody(sight: &Sight<'_>, change: &StoreChange, rollout: &Rollout, court: &mut Court) {
    let Some(new) = change.new.as_ref().filter(|new| rollout.entrants.contains(&new.meta.key.name)) else { return };
    if !failed_for_peers(new) || change.old.as_ref().is_some_and(failed_for_peers) || rollout.incumbents_serving(sight) > 0 {
        return;
    }
    if !rollout.disturbed && !sight.failure_allowed {
        let node = new.meta.name();
        court.refute(
            "C27",
            "not-converged",
            sight.now,
            about(sight, node, format!("entrant {node} finds no peers while no incumbent serves")),
        );
    }
}

/// Whether a node's plan has failed at discover-peers.
pub(crate) fn failed_for_peers(node: &AnyObject) -> bool {
    let failed = plan_of(node).filter(|plan| plan.phase == PlanPhase::Failed);
    let task = failed.and_then(|plan| plan.tasks.iter().find(|task| task.status == TaskStatus::Failed));
    task.is_some_and(|task| task.task.type_name() == "discover-peers")
}

/// What a bootstrap has left when the node's own seid starts. Its Service has the name of the node's own, which is there by then: that the one
/// is gone is not to be seen.
fn left_behind(sight: &Sight<'_>, node: &str, app: Height, rollout: &Rollout, court: &mut Court) {
    let Some(target) = rollout.last_old() else { return };
    court.test("C07");
    let stored =
        |info: &'static KindInfo, name: String| sight.cluster.object(info, &ObjectKey::new(sight.group.namespace.clone(), name)).is_some();
    let mut wrong = Vec::new();
    if stored(&const { Job::INFO }, names::bootstrap_job(node)) {
        wrong.push("its bootstrap Job still exists".to_owned());
    }
    if app != target {
        wrong.push(format!("its volume holds state through {app} instead of {target}"));
    }
    if !wrong.is_empty() {
        let message = format!("when seid of {node} starts, {}", wrong.join(" and "));
        court.refute("C07", "leftover", sight.now, about(sight, node, message));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Complete,
    Failed,
}

/// How a stored Job has ended, if it has.
pub(crate) fn ended(job: &AnyObject) -> Option<Ended> {
    let conditions = job.status_as::<Job>()?.conditions.as_ref()?;
    let holds = |kind: &str| conditions.iter().any(|condition| condition.type_ == kind && condition.status == "True");
    match () {
        () if holds("Complete") => Some(Ended::Complete),
        () if holds("Failed") => Some(Ended::Failed),
        () => None,
    }
}
