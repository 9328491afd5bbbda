//! Refuses schedules that could never strike: unknown names, triggers that cannot come, faults at triggers that do not suit them.
//!
//! What a schedule names must be able to exist in the scenario: nodes by the operator's own naming, kinds and verbs that the operator uses, types
//! of tasks, phases. Whether a trigger then comes is the world's business; one that never did is reported.

use crate::kinds::{ApiServerFault, BootstrapFault, CACHED, ControllerFault, What};
use crate::schedule::{Fault, Schedule};
use crate::trigger::{CallTrigger, Moment, PhaseTrigger, TaskTrigger, Trigger, Verb, WriteTrigger};
use api::Height;
use api::task::{ControllerTask, SidecarTask};

/// A field, relative to the schedule, and what was expected of it.
pub type Refusal = (String, String);

/// Kinds that the operator writes.
const WRITTEN: [&str; 9] = [
    "SeiNodeDeployment",
    "SeiNode",
    "StatefulSet",
    "Job",
    "Service",
    "PersistentVolumeClaim",
    "HTTPRoute",
    "AuthorizationPolicy",
    "ServiceMonitor",
];
const GROUP_PHASES: [&str; 7] = ["Pending", "Initializing", "Ready", "Upgrading", "Degraded", "Failed", "Terminating"];
const NODE_PHASES: [&str; 5] = ["Pending", "Initializing", "Running", "Failed", "Terminating"];
const POD_PHASES: [&str; 4] = ["Pending", "Running", "Succeeded", "Failed"];

impl Schedule {
    /// Checks a schedule for a group whose chain starts at a height.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn check(&self, group: &str, start: Height) -> Result<(), Refusal> {
        for (index, fault) in self.0.iter().enumerate() {
            fault.check(group, start).map_err(|(field, expected)| (format!("[{index}].{field}"), expected))?;
        }
        Ok(())
    }
}

impl Fault {
    fn check(&self, group: &str, start: Height) -> Result<(), Refusal> {
        check_trigger(&self.when, group, start).map_err(|(field, expected)| (format!("when.{field}"), expected))?;
        self.check_suits()?;
        check_what(&self.what, group).map_err(|(field, expected)| (format!("what.{field}"), expected))
    }

    /// Whether the trigger suits what happens at it.
    fn check_suits(&self) -> Result<(), Refusal> {
        let What::ApiServer(fault) = &self.what else { return Ok(()) };
        if !fault.befalls_its_call() {
            return Ok(());
        }
        let (verb, moment, field) = match &self.when {
            Trigger::Call(call) => (Some(call.verb), call.moment, "when.call"),
            Trigger::Write(write) => (None, write.moment, "when.write"),
            _ => return refuse("when", "expected call or write: this fault befalls the call at which it strikes"),
        };
        if matches!(verb, Some(Verb::Submit | Verb::Get)) {
            return refuse(&format!("{field}.verb"), "expected a call to the API server, which this fault befalls");
        }
        match fault {
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
}

fn refuse(field: &str, expected: &str) -> Result<(), Refusal> {
    Err((field.to_owned(), expected.to_owned()))
}

fn one_of(field: &str, value: &str, known: &[&str]) -> Result<(), Refusal> {
    if known.contains(&value) {
        return Ok(());
    }
    Err((field.to_owned(), format!("there is no {value:?} here; expected one of {}", known.join(", "))))
}

fn check_trigger(trigger: &Trigger, group: &str, start: Height) -> Result<(), Refusal> {
    match trigger {
        Trigger::At(_) => Ok(()),
        Trigger::Height(height) if *height <= start => {
            Err(("height".to_owned(), format!("expected a height above {start}, at which the chain starts")))
        }
        Trigger::Height(_) => Ok(()),
        Trigger::Task(TaskTrigger { of, task, .. }) => {
            of.as_deref().map_or(Ok(()), |of| check_owner("task.of", of, group))?;
            check_task("task.type", task)
        }
        Trigger::Phase(PhaseTrigger { kind, name: _, is }) => match &**kind {
            "SeiNodeDeployment" => one_of("phase.is", is, &GROUP_PHASES),
            "SeiNode" => one_of("phase.is", is, &NODE_PHASES),
            "Pod" => one_of("phase.is", is, &POD_PHASES),
            kind => one_of("phase.kind", kind, &["SeiNodeDeployment", "SeiNode", "Pod"]),
        },
        Trigger::Call(call) => check_call(call),
        Trigger::Write(WriteTrigger { of, .. }) => of.as_deref().map_or(Ok(()), |of| check_owner("write.of", of, group)),
    }
}

fn check_call(call: &CallTrigger) -> Result<(), Refusal> {
    let to_sidecar = matches!(call.verb, Verb::Submit | Verb::Get);
    match (&*call.kind, to_sidecar) {
        ("Sidecar", false) => return refuse("call.verb", "expected submit or get: a sidecar takes no other calls"),
        ("Sidecar", true) => {}
        (_, true) => return refuse("call.kind", "expected Sidecar, the only one that is asked so"),
        (kind, false) => {
            let known: Vec<_> = WRITTEN.into_iter().chain(["Sidecar"]).collect();
            one_of("call.kind", kind, &known)?;
        }
    }
    call.during.as_deref().map_or(Ok(()), |task| check_task("call.during", task))
}

fn check_task(field: &str, task: &str) -> Result<(), Refusal> {
    let known: Vec<_> = ControllerTask::TYPES.iter().chain(SidecarTask::TYPES).copied().collect();
    one_of(field, task, &known)
}

/// A plan's owner: the group or one of its nodes.
fn check_owner(field: &str, name: &str, group: &str) -> Result<(), Refusal> {
    if name == group { Ok(()) } else { check_node(field, name, group) }
}

/// A node of the group, by the operator's naming: `{group}-{ordinal}`, and `{group}-g{generation}-{ordinal}` for an entrant.
fn check_node(field: &str, name: &str, group: &str) -> Result<(), Refusal> {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let rest = name.strip_prefix(group).and_then(|rest| rest.strip_prefix('-'));
    let is_node = rest.is_some_and(|rest| match rest.strip_prefix('g').and_then(|rest| rest.split_once('-')) {
        Some((generation, ordinal)) => number(generation) && number(ordinal),
        None => number(rest),
    });
    if is_node {
        return Ok(());
    }
    let expected = format!("{name:?} can be no node of the group; expected {group}-0, or {group}-g2-0 for an entrant of generation 2");
    Err((field.to_owned(), expected))
}

/// Checks the nodes and tasks that a fault names.
fn check_what(what: &What, group: &str) -> Result<(), Refusal> {
    let written = serde_json::to_value(what).expect("a fault has a written form");
    let named = written.as_object().and_then(|groups| groups.iter().next()).and_then(|(group, fault)| {
        let (name, fields) = fault.as_object()?.iter().next()?;
        Some((format!("{group}.{name}"), fields.as_object()?.clone()))
    });
    if let Some((path, fields)) = named {
        for field in ["node", "under"] {
            if let Some(node) = fields.get(field).and_then(serde_json::Value::as_str) {
                check_node(&format!("{path}.{field}"), node, group)?;
            }
        }
    }
    match what {
        What::Bootstrap(BootstrapFault::SidecarTaskFails { task, .. }) => {
            one_of("bootstrap.sidecar-task-fails.task", task, SidecarTask::TYPES)
        }
        What::Controller(ControllerFault::StaleCache { kind: Some(kind), .. }) => one_of("controller.stale-cache.kind", kind, &CACHED),
        _ => Ok(()),
    }
}
