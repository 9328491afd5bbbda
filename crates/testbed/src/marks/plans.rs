//! Marks of plans: how they end, what is lost on the way, and what happens in the middle of one.

use super::{Mark, Passed};
use crate::history::{Happened, Stored};
use api::plan::{PlanPhase, TaskStatus};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every plan as far as it has come, by owner.
#[derive(Clone, Debug, Default)]
pub(super) struct PlansSeen(BTreeMap<Arc<str>, Plan>);

#[derive(Clone, Debug)]
struct Plan {
    of_group: bool,
    active: bool,
    tasks: Vec<Arc<str>>,
    complete: usize,
}

impl Plan {
    fn is_at(&self, task: &str) -> bool {
        self.active && self.tasks.get(self.complete).is_some_and(|at| **at == *task)
    }
}

impl PlansSeen {
    /// Looks at a change that a reader of objects would notice.
    pub fn see(&mut self, happened: &Happened, passed: &mut Passed) {
        match happened {
            Happened::PlanStored { owner, tasks } => {
                let of_group = tasks.first().is_some_and(|task| &**task == "create-entrant-nodes");
                let plan = Plan { of_group, active: true, tasks: tasks.clone(), complete: 0 };
                if self.0.insert(owner.clone(), plan).is_some_and(|before| before.of_group) {
                    passed.note(Mark::SecondPlan);
                }
            }
            Happened::Task { owner, status: TaskStatus::Complete, .. } => {
                self.0.get_mut(owner).into_iter().for_each(|plan| plan.complete += 1);
            }
            Happened::PlanPhase { owner, phase } => {
                let Some(plan) = self.0.get_mut(owner) else { return };
                plan.active = *phase == PlanPhase::Active;
                match (phase, plan.of_group) {
                    (PlanPhase::Complete, true) => passed.note(Mark::PlanCompleted),
                    (PlanPhase::Failed, true) => passed.note(Mark::PlanFailed),
                    (PlanPhase::Failed, false) => passed.note(Mark::NodePlanFailed),
                    _ => {}
                }
            }
            Happened::PlanCleared { owner } => {
                self.0.get_mut(owner).into_iter().for_each(|plan| plan.active = false);
                passed.note(Mark::PlanCleared);
            }
            Happened::Phase { kind: "SeiNodeDeployment", phase: "Degraded", .. } => passed.note(Mark::GroupDegraded),
            Happened::Phase { kind: "SeiNode", phase: "Failed", .. } => passed.note(Mark::NodeFailed),
            _ => {}
        }
    }

    /// A reconcile failed on a conflict.
    pub fn conflict(&self, owner: &str, passed: &mut Passed) {
        if let Some(plan) = self.0.get(owner).filter(|plan| plan.active) {
            let last = plan.complete == plan.tasks.len();
            passed.note(if last { Mark::ConflictOnLastWrite } else { Mark::ConflictOnTaskRecord });
        }
    }

    /// A person did something.
    pub fn acted(&self, refused: bool, passed: &mut Passed) {
        if refused {
            passed.note(Mark::RefusedEdit);
        } else if self.group().is_some() {
            passed.note(Mark::EditDuringPlan);
        }
    }

    /// An object changed.
    pub fn stored(&self, how: Stored, kind: &str, name: &str, passed: &mut Passed) {
        match (how, kind) {
            (Stored::Deleting, "SeiNodeDeployment") if self.group().is_some() => passed.note(Mark::GroupDeletedDuringPlan),
            (Stored::Removed, "Job") => {
                let plan = name.strip_suffix("-bootstrap").and_then(|node| self.0.get(node));
                if plan.is_some_and(|plan| plan.is_at("await-bootstrap-complete")) {
                    passed.note(Mark::JobGoneUnseen);
                }
            }
            _ => {}
        }
    }

    /// A fault struck.
    pub fn struck(&self, passed: &mut Passed) {
        let Some(plan) = self.group() else { return };
        if plan.is_at("switch-traffic") {
            passed.note(Mark::StruckBeforeSwitch);
        } else if plan.tasks.iter().take(plan.complete).any(|task| &**task == "switch-traffic") {
            passed.note(Mark::StruckAfterSwitch);
        }
    }

    /// The group's plan, if it is active.
    fn group(&self) -> Option<&Plan> {
        self.0.values().find(|plan| plan.of_group && plan.active)
    }
}
