//! Reads from a change of the store what a person watching objects would notice.

use super::entry::{Entry, Happened, Stored};
use api::kinds::{Job, Pod, Service};
use api::plan::TaskPlan;
use api::{AnyObject, Labels, Meta, SeiNode, SeiNodeDeployment};
use k8s_openapi::api::core::v1::{ContainerStatus, PodStatus};
use simkube::StoreChange;
use std::sync::Arc;

/// Tells every entry that a change is worth.
pub fn observe(change: &StoreChange, tell: &mut impl FnMut(Entry)) {
    let object = change.object();
    let name = display_name(&object.meta);
    let kind = object.info.kind;
    let version = object.meta.resource_version.map_or(0, |version| version.0);
    tell(Entry::Stored { how: how(change), kind, name: name.clone(), version, actor: change.actor });
    let Some(new) = &change.new else { return };
    let old = change.old.as_ref();
    let mut notice = |happened| tell(Entry::Noticed(happened));
    match kind {
        "SeiNodeDeployment" => group(&name, old, new, &mut notice),
        "SeiNode" => node(&name, old, new, &mut notice),
        "Pod" => pod(&name, old, new, &mut notice),
        "Job" => job(&name, old, new, &mut notice),
        "Service" => service(&name, old, new, &mut notice),
        _ => {}
    }
}

fn how(change: &StoreChange) -> Stored {
    let deleting = |object: &Option<AnyObject>| object.as_ref().is_some_and(|object| object.meta.deleting.is_some());
    match (&change.old, &change.new) {
        (None, _) => Stored::Created,
        (_, None) => Stored::Removed,
        _ if deleting(&change.new) && !deleting(&change.old) => Stored::Deleting,
        _ => Stored::Changed,
    }
}

/// The name without the part that the server drew.
pub fn display_name(meta: &Meta) -> Arc<str> {
    match &meta.generate_name {
        Some(stem) => stem.trim_end_matches('-').into(),
        None => meta.key.name.clone(),
    }
}

fn group(name: &Arc<str>, old: Option<&AnyObject>, new: &AnyObject, notice: &mut impl FnMut(Happened)) {
    let old = old.and_then(AnyObject::status_as::<SeiNodeDeployment>);
    let Some(new) = new.status_as::<SeiNodeDeployment>() else { return };
    plan(name, old.and_then(|old| old.plan.as_ref()), new.plan.as_ref(), notice);
    if let Some(phase) = new.phase.filter(|phase| old.and_then(|old| old.phase) != Some(*phase)) {
        notice(Happened::Phase { kind: "SeiNodeDeployment", name: name.clone(), phase: group_phase(phase) });
    }
}

fn group_phase(phase: api::group::GroupPhase) -> &'static str {
    use api::group::GroupPhase as Phase;
    match phase {
        Phase::Pending => "Pending",
        Phase::Initializing => "Initializing",
        Phase::Ready => "Ready",
        Phase::Upgrading => "Upgrading",
        Phase::Degraded => "Degraded",
        Phase::Failed => "Failed",
        Phase::Terminating => "Terminating",
    }
}

fn node(name: &Arc<str>, old: Option<&AnyObject>, new: &AnyObject, notice: &mut impl FnMut(Happened)) {
    let old = old.and_then(AnyObject::status_as::<SeiNode>);
    let Some(new) = new.status_as::<SeiNode>() else { return };
    plan(name, old.and_then(|old| old.plan.as_ref()), new.plan.as_ref(), notice);
    if let Some(phase) = new.phase.filter(|phase| old.and_then(|old| old.phase) != Some(*phase)) {
        notice(Happened::Phase { kind: "SeiNode", name: name.clone(), phase: node_phase(phase) });
    }
}

fn node_phase(phase: api::node::NodePhase) -> &'static str {
    use api::node::NodePhase as Phase;
    match phase {
        Phase::Pending => "Pending",
        Phase::Initializing => "Initializing",
        Phase::Running => "Running",
        Phase::Failed => "Failed",
        Phase::Terminating => "Terminating",
    }
}

fn plan(owner: &Arc<str>, old: Option<&TaskPlan>, new: Option<&TaskPlan>, notice: &mut impl FnMut(Happened)) {
    let Some(new) = new else {
        if old.is_some() {
            notice(Happened::PlanCleared { owner: owner.clone() });
        }
        return;
    };
    let Some(old) = old.filter(|old| old.id == new.id) else {
        let tasks = new.tasks.iter().map(|task| task.task.type_name().into()).collect();
        return notice(Happened::PlanStored { owner: owner.clone(), tasks });
    };
    for (_, new) in old.tasks.iter().zip(&new.tasks).filter(|(old, new)| old.status != new.status) {
        let (task, error) = (new.task.type_name().into(), new.error.clone());
        notice(Happened::Task { owner: owner.clone(), task, status: new.status, error });
    }
    if old.phase != new.phase {
        notice(Happened::PlanPhase { owner: owner.clone(), phase: new.phase });
    }
}

fn pod(name: &Arc<str>, old: Option<&AnyObject>, new: &AnyObject, notice: &mut impl FnMut(Happened)) {
    let before = old.and_then(AnyObject::status_as::<Pod>);
    let Some(status) = new.status_as::<Pod>() else { return };
    let machine = machine_of(new).filter(|machine| old.and_then(machine_of) != Some(machine));
    let phase = status.phase.as_deref().unwrap_or("Pending");
    let old_phase = before.map(|before| before.phase.as_deref().unwrap_or("Pending"));
    if old_phase != Some(phase) || machine.is_some() {
        notice(Happened::PodPhase { pod: name.clone(), phase: phase.into(), machine: machine.map(Into::into) });
    }
    let ready =
        |status: &PodStatus| status.conditions.iter().flatten().any(|condition| condition.type_ == "Ready" && condition.status == "True");
    if before.is_some_and(ready) != ready(status) {
        notice(Happened::PodReady { pod: name.clone(), ready: ready(status) });
    }
    for container in containers(status).filter(|container| lacks_image(container)) {
        let lacked = before.is_some_and(|before| containers(before).any(|old| old.name == container.name && lacks_image(old)));
        if !lacked {
            let (container, image) = (container.name.as_str().into(), container.image.as_str().into());
            notice(Happened::ImageMissing { pod: name.clone(), container, image });
        }
    }
}

fn machine_of(pod: &AnyObject) -> Option<&str> {
    pod.spec_as::<Pod>()?.node_name.as_deref()
}

fn containers(status: &PodStatus) -> impl Iterator<Item = &ContainerStatus> {
    status.init_container_statuses.iter().chain(&status.container_statuses).flatten()
}

fn lacks_image(container: &ContainerStatus) -> bool {
    let waiting = container.state.as_ref().and_then(|state| state.waiting.as_ref()).and_then(|waiting| waiting.reason.as_deref());
    matches!(waiting, Some("ErrImagePull" | "ImagePullBackOff" | "ErrImageNeverPull"))
}

fn job(name: &Arc<str>, old: Option<&AnyObject>, new: &AnyObject, notice: &mut impl FnMut(Happened)) {
    let ended = |job: &AnyObject| {
        let conditions = job.status_as::<Job>()?.conditions.as_ref()?;
        let terminal = conditions.iter().find(|c| c.status == "True" && (c.type_ == "Complete" || c.type_ == "Failed"))?;
        Some(match &terminal.reason {
            Some(reason) => format!("{} ({reason})", terminal.type_),
            None => terminal.type_.clone(),
        })
    };
    if let Some(condition) = ended(new).filter(|_| old.and_then(ended).is_none()) {
        notice(Happened::JobEnded { job: name.clone(), condition: condition.into() });
    }
}

fn service(name: &Arc<str>, old: Option<&AnyObject>, new: &AnyObject, notice: &mut impl FnMut(Happened)) {
    let Some(new) = selector_of(new).filter(|_| name.ends_with("-external")) else { return };
    if old.and_then(selector_of) != Some(new) {
        let pairs: Vec<_> = new.iter().map(|(key, value)| format!("{key}={value}")).collect();
        notice(Happened::Selector { service: name.clone(), selector: pairs.join(",").into() });
    }
}

fn selector_of(service: &AnyObject) -> Option<&Labels> {
    service.spec_as::<Service>()?.selector.as_ref()
}
