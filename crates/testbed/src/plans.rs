//! Every plan ever stored, with how far each of its tasks came.

use api::plan::{PlanPhase, TaskStatus, plan_of};
use api::{AnyObject, TaskPlan};
use serde::Serialize;
use std::sync::Arc;
use uuid::Uuid;

/// One plan as it last was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanRecord {
    #[serde(skip)]
    id: Option<Uuid>,
    /// The object in whose status it was stored.
    pub owner: Arc<str>,
    /// How far it is.
    pub phase: PlanPhase,
    /// Its tasks, in order.
    pub tasks: Vec<TaskRecord>,
}

/// One task of a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskRecord {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Arc<str>,
    /// How far it is.
    pub status: TaskStatus,
}

/// The plans of a world, in the order in which they were stored.
#[derive(Clone, Debug, Default)]
pub struct Plans(Vec<PlanRecord>);

impl Plans {
    /// Follows a change of an object that may hold a plan. A plan that was there before is no new one.
    pub fn stored(&mut self, old: Option<&AnyObject>, new: &AnyObject) {
        let Some(plan) = plan_of(new) else { return };
        match self.0.iter_mut().rev().find(|held| held.id == plan.id) {
            Some(held) => held.update(plan),
            None if old.and_then(plan_of).is_some_and(|before| before.id == plan.id) => {}
            None => self.0.push(PlanRecord::new(new.meta.key.name.clone(), plan)),
        }
    }

    /// The plans.
    pub fn records(&self) -> &[PlanRecord] {
        &self.0
    }
}

impl PlanRecord {
    fn new(owner: Arc<str>, plan: &TaskPlan) -> Self {
        let tasks = plan.tasks.iter().map(|task| TaskRecord { kind: task.task.type_name().into(), status: task.status }).collect();
        Self { id: plan.id, owner, phase: plan.phase, tasks }
    }

    fn update(&mut self, plan: &TaskPlan) {
        self.phase = plan.phase;
        for (held, task) in self.tasks.iter_mut().zip(&plan.tasks) {
            held.status = task.status;
        }
    }
}
