//! When faults strike: the moments at which the world tells the schedule that something has happened.

use super::Faults;
use crate::history::{Entry, Happened, entries_of};
use crate::world::events::Event;
use crate::world::info_of;
use crate::world::process::Who;
use crate::world::sim::Sim;
use api::ObjectKey;
use api::plan::{TaskStatus, plan_of};
use controller::Controller;
use faults::{CallTrigger, Moment, PhaseTrigger, TaskTrigger, Trigger, Verb, Worker, WriteTrigger};
use ports::TaskState;
use simcore::Rank;
use simkube::StoreChange;
use std::sync::Arc;
use uuid::Uuid;

/// An effective call, as triggers see it.
#[derive(Clone, Debug)]
pub(in crate::world) struct SeenCall {
    pub who: Who,
    pub key: ObjectKey,
    pub verb: Verb,
    pub kind: &'static str,
    pub name: Option<Arc<str>>,
    /// The type of the task that the caller's plan was at.
    pub task: Option<Arc<str>>,
    /// Its place among the calls of its reconcile, from 1.
    pub place: u32,
}

impl Faults {
    /// Whether any fault waits for a call.
    pub fn await_calls(&self) -> bool {
        self.await_calls > 0
    }

    /// Whether any fault waits for a change of an object.
    pub fn await_changes(&self) -> bool {
        self.await_changes > 0
    }
}

impl Sim {
    /// The faults that a call sets off, on one side of its effect.
    pub(in crate::world) fn set_off_by_call(&mut self, call: &SeenCall, moment: Moment) -> Vec<usize> {
        let mut set_off = Vec::new();
        for index in 0..self.faults.records.len() {
            if self.faults.waits(index) && self.faults.counts(index, call, moment) {
                set_off.push(index);
            }
        }
        set_off
    }

    /// The type of the task that the plan of a reconcile's object is at.
    pub(in crate::world) fn current_task(&self, controller: Controller, key: &ObjectKey) -> Option<Arc<str>> {
        let stored = self.cluster.object(info_of(controller), key)?;
        Some(plan_of(stored)?.current_task()?.task.type_name().into())
    }

    /// A change of the store may be what faults wait for.
    pub(in crate::world) fn set_off_by_change(&mut self, change: &StoreChange) {
        if !self.faults.await_changes() {
            return;
        }
        let mut happened = Vec::new();
        entries_of(change, &mut |entry| {
            if let Entry::Noticed(noticed) = entry {
                happened.push(noticed);
            }
        });
        for index in 0..self.faults.records.len() {
            let when = &self.faults.records[index].fault.when;
            if self.faults.waits(index) && happened.iter().any(|noticed| is_awaited(when, noticed)) {
                self.strike_now(index);
            }
        }
    }

    /// Schedules every fault that waits for a height; to be called again when blocks come otherwise than they would have.
    pub(in crate::world) fn expect_heights(&mut self) {
        for index in 0..self.faults.records.len() {
            if let Trigger::Height(height) = self.faults.records[index].fault.when
                && self.faults.waits(index)
                && let Some(at) = self.chain.time_of(height)
            {
                self.faults.calm_from = self.faults.calm_from.max(at);
                self.push(at.max(self.now), Rank::World, super::FIRST, Event::Strike(index));
            }
        }
    }

    /// A sidecar has answered a query for a task. If the answer is another than the last time, faults may wait for it.
    pub(in crate::world) fn note_answer(&mut self, node: &Arc<str>, task: Uuid, state: Option<TaskState>) {
        if !self.faults.await_calls() && self.recorder.is_none() {
            return;
        }
        if self.faults.answered.insert((node.clone(), task), state) != Some(state) {
            self.answered_anew(node);
        }
    }

    /// Whether the height that a fault waits for has come; yes for one that waits for something else. Otherwise it is expected again.
    pub(super) fn height_has_come(&mut self, index: usize) -> bool {
        let Trigger::Height(height) = self.faults.records[index].fault.when else { return true };
        let come = self.chain.network_height(self.now) >= height;
        if !come && let Some(at) = self.chain.time_of(height) {
            self.push(at.max(self.now), Rank::World, super::FIRST, Event::Strike(index));
        }
        come
    }
}

impl Faults {
    /// Counts a call for a trigger; whether it is the one that the trigger waits for.
    fn counts(&mut self, index: usize, call: &SeenCall, moment: Moment) -> bool {
        let (is_meant, nth) = match &self.records[index].fault.when {
            Trigger::Call(trigger) => {
                let is_meant = is_sort(trigger, call.verb, call.kind, call.name.as_ref(), call.task.as_ref());
                (trigger.moment == moment && is_meant, trigger.nth.get())
            }
            Trigger::Write(trigger) => return trigger.moment == moment && is_write(trigger, call),
            _ => return false,
        };
        let seen = &mut self.waiting[index].seen;
        *seen += u32::from(is_meant);
        is_meant && *seen == nth
    }
}

/// Whether calls are of the sort that a trigger waits for.
pub(super) fn is_sort(trigger: &CallTrigger, verb: Verb, kind: &str, name: Option<&Arc<str>>, task: Option<&Arc<str>>) -> bool {
    let of_verb = trigger.verb == verb || (trigger.verb == Verb::Write && !matches!(verb, Verb::Submit | Verb::Get));
    of_verb
        && *trigger.kind == *kind
        && trigger.name.as_ref().is_none_or(|wanted| name == Some(wanted))
        && trigger.during.as_ref().is_none_or(|during| task == Some(during))
}

/// A controller, as schedules name it.
pub(super) fn worker_of(controller: Controller) -> Worker {
    match controller {
        Controller::Group => Worker::Group,
        Controller::Node => Worker::Node,
    }
}

fn is_write(trigger: &WriteTrigger, call: &SeenCall) -> bool {
    trigger.controller == worker_of(call.who.controller)
        && trigger.of.as_ref().is_none_or(|of| *of == call.key.name)
        && trigger.nth.get() == call.place
}

fn is_awaited(when: &Trigger, noticed: &Happened) -> bool {
    match (when, noticed) {
        (Trigger::Task(TaskTrigger { of, task, is }), Happened::Task { owner, task: changed, status, .. }) => {
            of.as_ref().is_none_or(|of| of == owner) && task == changed && is == status
        }
        (Trigger::Task(TaskTrigger { of, task, is: TaskStatus::Pending }), Happened::PlanStored { owner, tasks }) => {
            of.as_ref().is_none_or(|of| of == owner) && tasks.contains(task)
        }
        (Trigger::Phase(PhaseTrigger { kind, name, is }), Happened::Phase { kind: of, name: named, phase }) => {
            **kind == **of && name == named && **is == **phase
        }
        (Trigger::Phase(PhaseTrigger { kind, name, is }), Happened::PodPhase { pod, phase, .. }) => {
            **kind == *"Pod" && name == pod && is == phase
        }
        _ => false,
    }
}
