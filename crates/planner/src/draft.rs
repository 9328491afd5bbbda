//! Tasks in order, before they have ids.

use crate::{Design, FailedTask};
use api::task::task_id;
use api::{PlannedTask, Task, TaskPlan};
use uuid::Uuid;

/// How often the tasks that wait for other validators' artifacts are retried: about 90 minutes at the backoff's ceiling.
pub(crate) const CEREMONY_RETRIES: i64 = 180;

/// How often a node's other sidecar tasks are retried in a design that retries them: about four hours at the backoff's ceiling.
pub(crate) const SIDECAR_RETRIES: i64 = 500;

/// A plan in the making.
#[derive(Default)]
pub(crate) struct Draft {
    tasks: Vec<(Task, i64)>,
    sidecar_retries: i64,
}

impl Draft {
    /// A plan for a node, whose failed sidecar tasks are treated as the design says.
    pub(crate) fn for_node(design: &Design) -> Self {
        let sidecar_retries = match design.failed_task {
            FailedTask::FailsNode => 0,
            FailedTask::Retried => SIDECAR_RETRIES,
        };
        Self { tasks: Vec::new(), sidecar_retries }
    }

    /// Adds a task without retries, but for those that the plan gives to each sidecar task.
    pub(crate) fn task(&mut self, task: impl Into<Task>) -> &mut Self {
        let task = task.into();
        let retries = if matches!(task, Task::Sidecar(_)) { self.sidecar_retries } else { 0 };
        self.retried(task, retries)
    }

    /// Adds a task that waits for what a sidecar does, and may have to send that sidecar something as often as any of its tasks.
    pub(crate) fn awaiting(&mut self, task: impl Into<Task>) -> &mut Self {
        self.retried(task, self.sidecar_retries)
    }

    /// Adds a task that may be retried so many times.
    pub(crate) fn retried(&mut self, task: impl Into<Task>, max_retries: i64) -> &mut Self {
        self.tasks.push((task.into(), max_retries));
        self
    }

    /// The plan: every task gets the id that plan, type and position determine.
    pub(crate) fn plan(self, id: Uuid) -> TaskPlan {
        let number = |(index, (task, max_retries)): (usize, (Task, i64))| {
            let task_id = task_id(id, task.type_name(), index);
            PlannedTask::pending(task, task_id, max_retries)
        };
        TaskPlan::new(id, self.tasks.into_iter().enumerate().map(number).collect())
    }
}
