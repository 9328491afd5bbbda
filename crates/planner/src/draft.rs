//! Tasks in order, before they have ids.

use api::task::task_id;
use api::{PlannedTask, Task, TaskPlan};
use uuid::Uuid;

/// How often the tasks that wait for other validators' artifacts are retried: about 90 minutes at the backoff's ceiling.
pub(crate) const CEREMONY_RETRIES: i64 = 180;

/// A plan in the making.
#[derive(Default)]
pub(crate) struct Draft(Vec<(Task, i64)>);

impl Draft {
    /// Adds a task without retries.
    pub(crate) fn task(&mut self, task: impl Into<Task>) -> &mut Self {
        self.retried(task, 0)
    }

    /// Adds a task that may be retried so many times.
    pub(crate) fn retried(&mut self, task: impl Into<Task>, max_retries: i64) -> &mut Self {
        self.0.push((task.into(), max_retries));
        self
    }

    /// The plan: every task gets the id that plan, type and position determine.
    pub(crate) fn plan(self, id: Uuid) -> TaskPlan {
        let number = |(index, (task, max_retries)): (usize, (Task, i64))| {
            let task_id = task_id(id, task.type_name(), index);
            PlannedTask::pending(task, task_id, max_retries)
        };
        TaskPlan::new(id, self.0.into_iter().enumerate().map(number).collect())
    }
}
