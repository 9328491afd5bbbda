//! Claims about plans and what they are made from: C01 (the four tasks), C03 (the recorded image), C04 (no injection).

use crate::court::Court;
use crate::rollout::{Rollout, about, about_group};
use api::group::StrategyType;
use api::plan::plan_of;
use api::{AnyObject, SeiNode, SeiNodeDeployment, SeiNodeSpec};
use oracles::{Fact, Sight};
use simkube::StoreChange;

/// The tasks of the proposed plan.
const PROPOSED: [&str; 4] = ["create-entrant-nodes", "await-nodes-running", "switch-traffic", "teardown-nodes"];

/// Remembers nothing: plans and entrants are right or wrong when they are stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plans;

impl Plans {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, rollout: &Rollout, court: &mut Court) {
        let Fact::Stored(change) = fact else { return };
        let Some(new) = &change.new else { return };
        if new.meta.key == *sight.group {
            if rollout.is_fork() {
                four_tasks(sight, change.old.as_ref(), new, court);
            }
            recorded_image(sight, change, rollout, court);
        } else if change.old.is_none() && rollout.strategy == StrategyType::BlueGreen && rollout.entrants.contains(&new.meta.key.name) {
            no_injection(sight, new, court);
        }
    }
}

fn four_tasks(sight: &Sight<'_>, old: Option<&AnyObject>, new: &AnyObject, court: &mut Court) {
    let Some(plan) = plan_of(new) else { return };
    if old.and_then(plan_of).is_some_and(|old| old.id == plan.id) {
        return;
    }
    court.test("C01");
    let tasks: Vec<&str> = plan.tasks.iter().map(|task| task.task.type_name()).collect();
    if tasks != PROPOSED {
        court.refute("C01", "plan-regression", sight.now, about_group(sight, sight.now, format!("the plan is {}", tasks.join(", "))));
    }
}

fn recorded_image(sight: &Sight<'_>, change: &StoreChange, rollout: &Rollout, court: &mut Court) {
    let recorded = |object: &AnyObject| object.status_as::<SeiNodeDeployment>()?.deployment.as_ref()?.incumbent_image.clone();
    let Some(image) = change.new.as_ref().and_then(recorded) else { return };
    if change.old.as_ref().and_then(recorded).as_ref() == Some(&image) || rollout.old_images.is_empty() {
        return;
    }
    court.test("C03");
    if !rollout.old_images.contains(&*image) {
        let run = rollout.old_images.iter().cloned().collect::<Vec<_>>().join(" and ");
        let message = format!("the incumbents' image is recorded as {image} while they run {run}");
        court.refute("C03", "entrant-misconfigured", sight.now, about_group(sight, sight.now, message));
    }
}

fn no_injection(sight: &Sight<'_>, entrant: &AnyObject, court: &mut Court) {
    let (Some(spec), Some(group)) = (entrant.spec_as::<SeiNode>(), sight.group_spec()) else { return };
    let bootstrap = |spec: &SeiNodeSpec| spec.snapshot().and_then(|snapshot| snapshot.bootstrap_image.clone());
    court.test("C04");
    if bootstrap(spec) != bootstrap(&group.template.spec) {
        let message = format!("entrant {} is created with bootstrap image {:?}", entrant.meta.name(), bootstrap(spec));
        court.refute("C04", "entrant-misconfigured", sight.now, about(sight, entrant.meta.name(), message));
    }
}
