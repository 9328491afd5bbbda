//! What exhibits are made with: typed looks at objects and requests that pass by.

use api::names::label;
use api::plan::PlannedTask;
use api::task::ControllerTask;
use api::{AnyObject, Group, Kind, Node, Object, SeiNode, SeiNodeDeployment, Task, TaskPlan};
use simkube::Request;
use std::sync::Arc;

/// The object with a change, if it is of kind `K`; else as it is.
pub fn changed<K: Kind>(object: AnyObject, change: impl FnOnce(&mut Object<K>)) -> AnyObject {
    match object.typed::<K>() {
        Some(mut typed) => {
            change(&mut typed);
            typed.into_any()
        }
        None => object,
    }
}

/// What a request writes, if it writes an object of kind `K`.
pub fn written<K: Kind>(request: &Request) -> Option<Object<K>> {
    match request {
        Request::Create(object) | Request::Update(object) | Request::Apply { object, .. } => object.typed(),
        Request::Patch { desired, .. } | Request::PatchStatus { desired, .. } => desired.typed(),
        _ => None,
    }
}

/// The request with a change in what it writes, if that is an object of kind `K`; else as it is.
pub fn writing<K: Kind>(request: Request, change: impl FnOnce(&mut Object<K>)) -> Request {
    match request {
        Request::Create(object) => Request::Create(changed(object, change)),
        Request::Update(object) => Request::Update(changed(object, change)),
        Request::Apply { manager, object } => Request::Apply { manager, object: changed(object, change) },
        Request::Patch { base, desired, precondition } => Request::Patch { base, desired: changed(desired, change), precondition },
        Request::PatchStatus { base, desired, precondition } => {
            Request::PatchStatus { base, desired: changed(desired, change), precondition }
        }
        other => other,
    }
}

/// The request with another plan, if it is the one that stores a group's new plan; else as it is.
pub fn planning_group(request: Request, change: impl FnOnce(&mut TaskPlan)) -> Request {
    let (before, after) = statuses::<SeiNodeDeployment>(&request);
    let is_new = before.is_some_and(|before: Group| before.status.plan.is_none()) && after.is_some_and(|after| after.status.plan.is_some());
    if !is_new {
        return request;
    }
    writing(request, |group: &mut Group| {
        if let Some(plan) = &mut group.status_mut().plan {
            change(plan);
        }
    })
}

/// The request with another plan, if it is the one that stores a node's new plan and that has such a task; else as it is.
pub fn planning_node(request: Request, with: &str, change: impl FnOnce(&mut TaskPlan)) -> Request {
    let (before, after) = statuses::<SeiNode>(&request);
    let is_new = before.is_some_and(|before: Node| before.status.plan.is_none());
    let has_task = after.and_then(|after| after.status.plan.clone()).is_some_and(|plan| place(&plan, with).is_some());
    if !(is_new && has_task) {
        return request;
    }
    writing(request, |node: &mut Node| {
        if let Some(plan) = &mut node.status_mut().plan {
            change(plan);
        }
    })
}

/// What a status patch is a difference from, and what it leads to.
pub fn statuses<K: Kind>(request: &Request) -> (Option<Object<K>>, Option<Object<K>>) {
    match request {
        Request::PatchStatus { base, desired, .. } => (base.typed(), desired.typed()),
        _ => (None, None),
    }
}

/// Where the first task of a type stands.
pub fn place(plan: &TaskPlan, task: &str) -> Option<usize> {
    plan.tasks.iter().position(|planned| is(planned, task))
}

/// Whether a task is of a type.
pub fn is(planned: &PlannedTask, task: &str) -> bool {
    planned.task.type_name() == task
}

/// Moves a task to the place of another.
pub fn move_to(plan: &mut TaskPlan, task: &str, place_of: &str) {
    if let (Some(from), Some(to)) = (place(plan, task), place(plan, place_of)) {
        let planned = plan.tasks.remove(from);
        plan.tasks.insert(to, planned);
    }
}

/// Changes the parameters of the operator's own tasks.
pub fn rewrite(plan: &mut TaskPlan, change: impl Fn(&mut ControllerTask)) {
    for planned in &mut plan.tasks {
        if let Task::Controller(task) = Arc::make_mut(&mut planned.task) {
            change(task);
        }
    }
}

/// Whether the request deletes an object of kind `K`.
pub fn deletes<K: Kind>(request: &Request) -> bool {
    matches!(request, Request::Delete { info, .. } if info.kind == K::INFO.kind)
}

/// Whether the request creates an object of kind `K`.
pub fn creates<K: Kind>(request: &Request) -> bool {
    matches!(request, Request::Create(object) if object.info.kind == K::INFO.kind)
}

/// Whether an object is a node whose ordinal is at or above a number of replicas.
pub fn is_beyond(object: &AnyObject, replicas: i32) -> bool {
    let ordinal = object.meta.labels.get(label::ORDINAL).and_then(|ordinal| ordinal.parse::<i32>().ok());
    object.info.kind == SeiNode::INFO.kind && ordinal.is_some_and(|ordinal| ordinal >= replicas)
}
