//! `plan-regression`: a plan only goes forward, and does each thing once.
//!
//! Followed are the plans as they are stored, by id: a stale write may also bring back a plan that its owner's status no longer had. Each
//! task in turn becomes Complete and stays so; a plan that is Complete or Failed stays exactly as it is.
//!
//! *Effective calls of a task* are those that change something: writes of the kind that its type makes, of the objects that its parameters
//! name, and its submissions to sidecars. The task is the first that is not Complete in the plan that the calling reconcile has read, or has itself
//! stored in its place. What the executor and the reconciler write about themselves (task and plan status, phases, conditions, networking) is no call of a task, but
//! for the one field of the group's status that switch-traffic is about. A sidecar that is given a task's id again does nothing while it has
//! the task at work or completed; where the task has failed it runs again, and that is a second effective call.

use crate::call::{Called, OperatorCall};
use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use api::plan::{PlanPhase, PlannedTask, TaskStatus, plan_of};
use api::task::{ControllerTask, Task};
use api::{AnyObject, ResourceVersion, SeiNodeDeployment, TaskPlan};
use simchain::Happening;
use simkube::{Actor, StoreChange, Verb};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "plan-regression",
    class: Class::Safety,
    law: "tasks complete in order; a completed task or a terminal plan never changes back; at most 1 + maxRetries effective calls per (task id, object, verb)",
};

/// How far each plan has come, and which calls each task has made.
#[derive(Clone, Debug, Default)]
pub struct PlanRegression {
    plans: BTreeMap<Uuid, Reached>,
    calls: BTreeMap<CallKind, Vec<EventNumber>>,
    /// The owners that were last given another plan by their own reconcile, each with the version that it had read.
    replanned: BTreeMap<ObjectRef, (Option<ResourceVersion>, AnyObject)>,
}

/// How far a plan has come.
#[derive(Clone, Debug)]
struct Reached {
    phase: PlanPhase,
    tasks: Vec<TaskStatus>,
    event: EventNumber,
}

/// What counts as the same call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct CallKind {
    task: Uuid,
    object: ObjectRef,
    verb: Option<Verb>,
}

impl PlanRegression {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        match (fact, sight.call) {
            (Fact::Stored(change), call) => {
                self.follow_plan(sight, change, docket);
                if let (Some(call), Actor::Operator(_)) = (call, change.actor) {
                    self.follow_replanning(call, change);
                    self.count_write(sight, call, change, docket);
                }
            }
            (Fact::Chain { node, what: Happening::TaskStarted { .. }, .. }, Some(call)) if call.called == Called::Sidecar => {
                if let Some(task) = self.task(call).cloned() {
                    self.count(sight, call, &task, ObjectRef::node(*node), None, docket);
                }
            }
            _ => {}
        }
    }

    fn follow_plan(&mut self, sight: &Sight<'_>, change: &StoreChange, docket: &mut Docket) {
        let Some(new) = &change.new else { return };
        let Some(plan) = plan_of(new) else { return };
        if change.old.as_ref().is_some_and(|old| Arc::ptr_eq(&old.status, &new.status)) {
            return;
        }
        let Some(id) = plan.id else { return };
        let before = self.plans.get(&id);
        if let Some(wrong) = before.and_then(|before| went_back(before, plan)).or_else(|| out_of_order(before, plan)) {
            let events = before.map(|before| before.event).into_iter().chain([sight.event]).collect();
            let message = format!("{} {}: {wrong}", new.info.kind, new.meta.name());
            let objects = vec![ObjectRef::new(new.info.kind, new.meta.key.name.clone())];
            docket.violated(&LAW, sight.now, Finding { since: sight.now, objects, events, message });
        }
        let tasks = plan.tasks.iter().map(|task| task.status).collect();
        self.plans.insert(id, Reached { phase: plan.phase, tasks, event: sight.event });
    }

    fn follow_replanning(&mut self, call: &OperatorCall, change: &StoreChange) {
        let Some(new) = change.new.as_ref().filter(|new| new.meta.uid == call.primary.meta.uid) else { return };
        let (Some(read), Some(stored)) = (plan_of(&call.primary), plan_of(new)) else { return };
        if stored.id != read.id {
            self.replanned.insert(owner(call), (call.primary.meta.resource_version, new.clone()));
        }
    }

    /// The task that a reconcile carries out.
    fn task<'a>(&'a self, call: &'a OperatorCall) -> Option<&'a PlannedTask> {
        let replanned = || self.replanned.get(&owner(call)).filter(|(read, _)| *read == call.primary.meta.resource_version);
        let replanned = if self.replanned.is_empty() { None } else { replanned() };
        plan_of(replanned.map_or(&call.primary, |(_, stored)| stored))?.current_task()
    }

    fn count_write(&mut self, sight: &Sight<'_>, call: &OperatorCall, change: &StoreChange, docket: &mut Docket) {
        let Called::Api { verb, .. } = call.called else { return };
        let Some(task) = self.task(call).filter(|task| makes(&task.task, verb, change)).cloned() else { return };
        let object = change.object();
        self.count(sight, call, &task, ObjectRef::new(object.info.kind, object.meta.key.name.clone()), Some(verb), docket);
    }

    fn count(
        &mut self,
        sight: &Sight<'_>,
        call: &OperatorCall,
        task: &PlannedTask,
        object: ObjectRef,
        verb: Option<Verb>,
        docket: &mut Docket,
    ) {
        let allowed = usize::try_from(1 + task.max_retries).unwrap_or(1);
        let calls = self.calls.entry(CallKind { task: task.id, object: object.clone(), verb }).or_default();
        calls.push(sight.event);
        if calls.len() != allowed + 1 {
            return;
        }
        let owner = owner(call);
        let done = verb.map_or_else(|| "a submission to the sidecar".to_owned(), |verb| format!("{verb:?}"));
        let message = format!(
            "{} of {owner} has made {} effective calls where {allowed} are allowed: {done} of {object}",
            task.task.type_name(),
            calls.len()
        );
        let objects = if owner == object { vec![owner] } else { vec![owner, object] };
        docket.violated(&LAW, sight.now, Finding { since: sight.now, objects, events: calls.clone(), message });
    }
}

/// The object whose reconcile makes a call.
fn owner(call: &OperatorCall) -> ObjectRef {
    ObjectRef::new(call.primary.info.kind, call.primary.meta.key.name.clone())
}

/// What has gone back since the plan was last seen, if anything.
fn went_back(before: &Reached, plan: &TaskPlan) -> Option<String> {
    let ended = before.phase != PlanPhase::Active;
    if ended && plan.phase != before.phase {
        return Some(format!("a plan that was {:?} is {:?}", before.phase, plan.phase));
    }
    let (at, was) = before.tasks.iter().enumerate().find(|(at, was)| {
        let kept = plan.tasks.get(*at).is_some_and(|task| task.status == **was);
        !kept && (ended || **was == TaskStatus::Complete)
    })?;
    Some(match plan.tasks.get(at) {
        Some(task) => format!("{} was {was:?} and is {:?}", task.task.type_name(), task.status),
        None => format!("task {at} was {was:?} and is no longer there"),
    })
}

/// The task that has become Complete before one that precedes it, if there is one.
fn out_of_order(before: Option<&Reached>, plan: &TaskPlan) -> Option<String> {
    let complete = |task: &PlannedTask| task.status == TaskStatus::Complete;
    let first_open = plan.tasks.iter().position(|task| !complete(task))?;
    let was_complete = |at: usize| before.and_then(|before| before.tasks.get(at)).is_some_and(|status| *status == TaskStatus::Complete);
    let (_, early) = plan.tasks.iter().enumerate().skip(first_open).find(|(at, task)| complete(task) && !was_complete(*at))?;
    Some(format!("{} is Complete before {}", early.task.type_name(), plan.tasks[first_open].task.type_name()))
}

/// Whether a task of this type makes such a write.
fn makes(task: &Task, verb: Verb, change: &StoreChange) -> bool {
    let Task::Controller(task) = task else { return false };
    let object = change.object();
    let is = |of: Verb, kind: &str, name: &str| verb == of && object.info.kind == kind && object.meta.name() == name;
    let any = |of: Verb, names: &[Arc<str>]| names.iter().any(|name| is(of, "SeiNode", name));
    match task {
        ControllerTask::CreateEntrantNodes(params) => any(Verb::Create, &params.node_names),
        ControllerTask::SwitchTraffic(params) => switches(change, &params.entrant_revision),
        ControllerTask::TeardownNodes(params) => any(Verb::Delete, &params.node_names),
        ControllerTask::DeployBootstrapService(params) => is(Verb::Create, "Service", &params.service_name),
        ControllerTask::DeployBootstrapJob(params) => is(Verb::Create, "Job", &params.job_name),
        ControllerTask::TeardownBootstrap(params) => {
            is(Verb::Delete, "Job", &params.job_name) || is(Verb::Delete, "Service", &params.service_name)
        }
        ControllerTask::CollectAndSetPeers(params) => any(Verb::Patch, &params.node_names),
        ControllerTask::CreateExporter(params) => {
            is(Verb::Create, "SeiNode", &params.exporter_name) || is(Verb::Delete, "SeiNode", &params.exporter_name)
        }
        ControllerTask::TeardownExporter(params) => is(Verb::Delete, "SeiNode", &params.exporter_name),
        ControllerTask::AwaitNodesRunning(_)
        | ControllerTask::SubmitHaltSignal(_)
        | ControllerTask::AwaitNodesAtHeight(_)
        | ControllerTask::AwaitNodesCaughtUp(_)
        | ControllerTask::AwaitBootstrapComplete(_)
        | ControllerTask::AwaitExporterRunning(_)
        | ControllerTask::SubmitExportState(_) => false,
    }
}

/// Whether the change makes a revision the active one.
fn switches(change: &StoreChange, revision: &str) -> bool {
    let active = |object: &Option<AnyObject>| {
        let status = object.as_ref()?.status_as::<SeiNodeDeployment>()?;
        Some(*status.deployment.as_ref()?.incumbent_revision == *revision)
    };
    active(&change.new) == Some(true) && active(&change.old) == Some(false)
}
