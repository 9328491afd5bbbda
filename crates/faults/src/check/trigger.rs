//! Refuses triggers that cannot come, and such as do not suit what happens at them.

use super::{Ground, Refusal, names, one_of, refuse};
use crate::kinds::{ApiServerFault, What};
use crate::schedule::Fault;
use crate::trigger::{CallTrigger, Moment, PhaseTrigger, TaskTrigger, Trigger, Verb, Worker, WriteTrigger};
use api::task::{ControllerTask, SidecarTask};

/// How many blocks after the start a trigger may wait for: 46 days of them.
const FARTHEST: u64 = 10_000_000;
/// What the operator does to each kind that it writes.
const WRITTEN: [(&str, &[Verb]); 9] = [
    ("SeiNodeDeployment", &[Verb::Update, Verb::Patch, Verb::PatchStatus]),
    ("SeiNode", &[Verb::Create, Verb::Update, Verb::Patch, Verb::PatchStatus, Verb::Delete]),
    ("StatefulSet", &[Verb::Create, Verb::Apply, Verb::Delete]),
    ("Job", &[Verb::Create, Verb::Delete]),
    ("Service", &[Verb::Create, Verb::Patch, Verb::Apply, Verb::Delete]),
    ("PersistentVolumeClaim", &[Verb::Create, Verb::Delete]),
    ("HTTPRoute", &[Verb::Patch, Verb::Apply, Verb::Delete]),
    ("AuthorizationPolicy", &[Verb::Patch, Verb::Apply, Verb::Delete]),
    ("ServiceMonitor", &[Verb::Patch, Verb::Apply, Verb::Delete]),
];
const GROUP_PHASES: [&str; 7] = ["Pending", "Initializing", "Ready", "Upgrading", "Degraded", "Failed", "Terminating"];
const NODE_PHASES: [&str; 5] = ["Pending", "Initializing", "Running", "Failed", "Terminating"];
const POD_PHASES: [&str; 4] = ["Pending", "Running", "Succeeded", "Failed"];
/// Tasks of a node's plan that the operator carries out itself.
const OF_NODES: [&str; 4] = ["deploy-bootstrap-service", "deploy-bootstrap-job", "await-bootstrap-complete", "teardown-bootstrap"];
/// Tasks of a group's plan that a sidecar carries out.
const OF_GROUPS: [&str; 2] = ["assemble-and-upload-genesis", "assemble-genesis-fork"];

pub(super) fn check(trigger: &Trigger, ground: &Ground<'_>) -> Result<(), Refusal> {
    match trigger {
        Trigger::At(_) => Ok(()),
        Trigger::Height(height) if *height <= ground.start || height.above(ground.start) > FARTHEST => {
            let expected = format!("expected a height above {}, at which the chain starts, by at most {FARTHEST}", ground.start);
            Err(("height".to_owned(), expected))
        }
        Trigger::Height(_) => Ok(()),
        Trigger::Task(TaskTrigger { of, task, .. }) => {
            of.as_deref().map_or(Ok(()), |of| names::owner("task.of", of, ground))?;
            one_of("task.type", task, &tasks_of(of.as_deref(), ground))
        }
        Trigger::Phase(PhaseTrigger { kind, name, is }) => {
            match &**kind {
                "SeiNodeDeployment" => one_of("phase.is", is, &GROUP_PHASES),
                "SeiNode" => one_of("phase.is", is, &NODE_PHASES),
                "Pod" => one_of("phase.is", is, &POD_PHASES),
                kind => one_of("phase.kind", kind, &["SeiNodeDeployment", "SeiNode", "Pod"]),
            }?;
            names::object("phase.name", kind, name, ground)
        }
        Trigger::Call(call) => check_call(call, ground),
        Trigger::Write(WriteTrigger { of: None, .. }) => Ok(()),
        Trigger::Write(WriteTrigger { controller: Worker::Group, of: Some(of), .. }) if **of != *ground.group => {
            Err(("write.of".to_owned(), format!("{of:?} is not the group; expected {}, whose reconcile this is", ground.group)))
        }
        Trigger::Write(WriteTrigger { controller: Worker::Group, .. }) => Ok(()),
        Trigger::Write(WriteTrigger { controller: Worker::Node, of: Some(of), .. }) => names::node("write.of", of, ground),
    }
}

/// The types of tasks that a plan of that owner can have.
fn tasks_of(owner: Option<&str>, ground: &Ground<'_>) -> Vec<&'static str> {
    let all = ControllerTask::TYPES.iter().chain(SidecarTask::TYPES).copied();
    let of_node = |task: &&str| OF_NODES.contains(task) || (SidecarTask::TYPES.contains(task) && !OF_GROUPS.contains(task));
    match owner {
        None => all.collect(),
        Some(owner) if owner == ground.group => all.filter(|task| !of_node(task)).collect(),
        Some(_) => all.filter(of_node).collect(),
    }
}

fn check_call(call: &CallTrigger, ground: &Ground<'_>) -> Result<(), Refusal> {
    let to_sidecar = matches!(call.verb, Verb::Submit | Verb::Get);
    match (&*call.kind, to_sidecar) {
        ("Sidecar", false) => return refuse("call.verb", "expected submit or get: a sidecar takes no other calls"),
        ("Sidecar", true) => {}
        (_, true) => return refuse("call.kind", "expected Sidecar, the only one that is asked so"),
        (kind, false) => {
            let Some((_, verbs)) = WRITTEN.iter().find(|(written, _)| *written == kind) else {
                let known: Vec<_> = WRITTEN.iter().map(|(written, _)| *written).chain(["Sidecar"]).collect();
                return one_of("call.kind", kind, &known);
            };
            if call.verb != Verb::Write && !verbs.contains(&call.verb) {
                let known: Vec<_> = verbs.iter().chain([&Verb::Write]).map(|verb| written(*verb)).collect();
                return refuse("call.verb", &format!("the operator makes no such call of a {kind}; expected one of {}", known.join(", ")));
            }
        }
    }
    call.name.as_deref().map_or(Ok(()), |name| names::object("call.name", &call.kind, name, ground))?;
    call.during.as_deref().map_or(Ok(()), |task| one_of("call.during", task, &tasks_of(None, ground)))
}

/// A verb as it stands in files.
fn written(verb: Verb) -> String {
    serde_json::to_value(verb).ok().and_then(|verb| verb.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Whether the trigger suits what happens at it.
pub(super) fn check_suits(fault: &Fault) -> Result<(), Refusal> {
    let What::ApiServer(what) = &fault.what else { return Ok(()) };
    if !what.befalls_its_call() {
        return Ok(());
    }
    let (verb, moment, field) = match &fault.when {
        Trigger::Call(call) => (Some(call.verb), call.moment, "when.call"),
        Trigger::Write(write) => (None, write.moment, "when.write"),
        _ => return refuse("when", "expected call or write: this fault befalls the call at which it strikes"),
    };
    if matches!(verb, Some(Verb::Submit | Verb::Get)) {
        return refuse(&format!("{field}.verb"), "expected a call to the API server, which this fault befalls");
    }
    match what {
        ApiServerFault::CreateRetried if verb != Some(Verb::Create) => refuse(&format!("{field}.verb"), "expected create"),
        ApiServerFault::CreateRetried if moment == Moment::Before => {
            refuse(&format!("{field}.moment"), "expected after: the create has landed")
        }
        ApiServerFault::Conflict { .. } | ApiServerFault::TooManyRequests { .. } if moment == Moment::After => {
            refuse(&format!("{field}.moment"), "expected before: a call so refused has changed nothing")
        }
        _ => Ok(()),
    }
}
