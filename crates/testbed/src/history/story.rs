//! A history as a story: one line an event, virtual time first, in the words of people who run nodes on Kubernetes.
//!
//! Told are phases, plans and tasks, pods, traffic and heights. Single writes and calls are not, nor conflicts of a node's reconcile: it works on
//! a newer copy milliseconds later. A group's conflicts are told, since what it had meant to write is lost.

use super::entry::{Entry, Happened, Stored};
use crate::outcome::WorldResult;
use crate::scenario::Outcome;
use api::plan::{PlanPhase, TaskStatus};
use claims::{Refutation, Verdict};
use controller::Controller;
use oracles::Violation;
use simchain::Happening;
use simcore::SimTime;
use simkube::Actor;
use std::fmt::Write as _;
use std::sync::Arc;

/// Tells a history, a line an entry that is worth one.
pub fn tell(entries: &[(SimTime, Entry)]) -> String {
    let mut story = String::new();
    for (at, entry) in entries {
        if let Some(line) = line(entry) {
            writeln!(story, "{at}  {line}").expect("a string takes what is written");
        }
    }
    story
}

/// The line of an entry that is worth one.
pub(crate) fn line(entry: &Entry) -> Option<String> {
    Some(match entry {
        Entry::Stored { how, kind, name, .. } => stored(*how, kind, name)?,
        Entry::Noticed(happened) => noticed(happened)?,
        Entry::Call { .. } => return None,
        Entry::Event { kind, name, reason, message } => {
            if matches!(*reason, "PhaseTransition" | "SeiNodeCreated" | "SeiNodeDeleted" | "PlanStarted") {
                return None;
            }
            format!("{kind} {name}: event {reason}: {message}")
        }
        Entry::ReconcileFailed { controller: Controller::Node, conflict: true, .. } => return None,
        Entry::ReconcileFailed { name, error, .. } => format!("{name}: reconcile failed: {error}"),
        Entry::ContainerStarted { pod, container, restarts } => match restarts {
            0 => return None,
            n => format!("{pod}: container {container} restarts (restart {n})"),
        },
        Entry::ContainerExited { pod, container, code } => match (&**container, code) {
            ("seid-init", 0) => return None,
            _ => format!("{pod}: container {container} exits with code {code}"),
        },
        Entry::Chain { node, what } => format!("{node}: {}", chain(what)?),
        Entry::DataPlane { service, pods } => match pods.as_slice() {
            [] => format!("{service}: clients reach nobody"),
            pods => format!("{service}: clients reach {}", list(pods)),
        },
        Entry::Acted { what, refused: None } => format!("operator: {what}"),
        Entry::Acted { what, refused: Some(why) } => format!("operator: {what}: refused: {why}"),
        Entry::Operator { what } => format!("the operator's process {what}"),
        Entry::Fault { what, how } => format!("** fault {how}: {what}"),
        Entry::Violated(violation) => format!("!! {}: {}{}", violation.oracle, violation.finding.message, excuse(violation)),
    })
}

/// Any entry in words: its line, or what the story leaves out.
pub fn words(entry: &Entry) -> String {
    line(entry).unwrap_or_else(|| match entry {
        Entry::Stored { how, kind, name, actor, .. } => {
            let how = match how {
                Stored::Created => "is created",
                Stored::Changed => "is changed",
                Stored::Deleting => "is being deleted",
                Stored::Removed => "is gone",
            };
            format!("{kind} {name} {how} by {}", who(*actor))
        }
        Entry::Call { verb, kind, name, error } => {
            let name = name.as_deref().map_or_else(String::new, |name| format!(" {name}"));
            let came_to = error.as_deref().map_or_else(|| "takes effect".to_owned(), |error| format!("is refused: {error}"));
            format!("the operator's {} of {kind}{name} {came_to}", format!("{verb:?}").to_lowercase())
        }
        Entry::Event { kind, name, reason, message } => format!("{kind} {name}: event {reason}: {message}"),
        Entry::ReconcileFailed { name, error, .. } => format!("{name}: reconcile failed: {error}"),
        Entry::ContainerStarted { pod, container, .. } => format!("{pod}: container {container} starts"),
        Entry::ContainerExited { pod, container, code } => format!("{pod}: container {container} exits with code {code}"),
        Entry::Chain { node, what } => format!("{node}: {what:?}"),
        told => format!("{told:?}"),
    })
}

fn who(actor: Actor) -> &'static str {
    match actor {
        Actor::Operator(_) => "the operator",
        Actor::Person => "a person",
        Actor::System(name) => name,
    }
}

fn excuse(violation: &Violation) -> String {
    violation.excused.map_or_else(String::new, |row| format!(" (excused: {row})"))
}

fn list(names: &[Arc<str>]) -> String {
    names.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ")
}

fn stored(how: Stored, kind: &str, name: &str) -> Option<String> {
    let told = matches!(kind, "SeiNode" | "SeiNodeDeployment" | "Job" | "StatefulSet" | "PersistentVolumeClaim" | "Pod");
    let how = match how {
        Stored::Created if told && kind != "Pod" => "is created",
        Stored::Deleting if told => "is being deleted",
        Stored::Removed if told => "is gone",
        _ => return None,
    };
    Some(format!("{kind} {name} {how}"))
}

fn noticed(happened: &Happened) -> Option<String> {
    Some(match happened {
        Happened::Phase { kind, name, phase } => format!("{kind} {name} is {phase}"),
        Happened::PlanStored { owner, tasks } => format!("{owner}: plan: {}", list(tasks)),
        Happened::Task { owner, task, status, error } => match (status, error) {
            (TaskStatus::Complete, _) => format!("{owner}: {task} done"),
            (TaskStatus::Failed, Some(error)) => format!("{owner}: {task} failed: {error}"),
            (TaskStatus::Failed, None) => format!("{owner}: {task} failed"),
            (TaskStatus::Pending, _) => format!("{owner}: {task} is tried again"),
        },
        Happened::PlanPhase { owner, phase } => match phase {
            PlanPhase::Complete => format!("{owner}: plan complete"),
            PlanPhase::Failed => format!("{owner}: plan failed"),
            PlanPhase::Active => format!("{owner}: plan active"),
        },
        Happened::PlanCleared { owner } => format!("{owner}: plan cleared"),
        Happened::PodPhase { pod, phase, machine } => match machine {
            Some(machine) => format!("pod {pod} is {phase} on {machine}"),
            None => format!("pod {pod} is {phase}"),
        },
        Happened::PodReady { pod, ready: true } => format!("pod {pod} is Ready"),
        Happened::PodReady { pod, ready: false } => format!("pod {pod} is no longer Ready"),
        Happened::ImageMissing { pod, container, image } => format!("{pod}: container {container} waits: image {image} cannot be pulled"),
        Happened::JobEnded { job, condition } => format!("Job {job} is {condition}"),
        Happened::Selector { service, selector } => format!("{service} selects {selector}"),
    })
}

fn chain(what: &Happening) -> Option<String> {
    Some(match what {
        Happening::SeidStarted { image, app, halt_height } => {
            let version = image.rsplit(':').next().unwrap_or(image);
            match halt_height {
                Some(halt) => format!("seid {version} starts at height {app}, to halt at {halt}"),
                None => format!("seid {version} starts at height {app}"),
            }
        }
        Happening::DataDirectoryLocked => "seid finds its data directory locked".to_owned(),
        Happening::RpcUp { store } => format!("RPC answers at height {store}"),
        Happening::InConsensus { app } => format!("follows the tip from height {app}"),
        Happening::FirstBlock { .. } => return None,
        Happening::UpgradeApplied { name, height } => format!("upgrade {name} applied at height {height}"),
        Happening::Panicked { message, height, stuck: false } => format!("panics at height {height}: {message}"),
        Happening::Panicked { message, height, stuck: true } => format!("panics at height {height} and stays stuck: {message}"),
        Happening::Executed { height, image } => format!("{} executed block {height}", image.rsplit(':').next().unwrap_or(image)),
        Happening::SeidExited { code, app, store } => format!("seid exits with code {code} (app height {app}, block store {store})"),
        Happening::StateSynced { height } => format!("state sync lands at height {height}"),
        Happening::Diverged { height, wedged: false } => format!("block {height} shows that its state is not the network's"),
        Happening::Diverged { height, wedged: true } => {
            format!("block {height} shows that its state is not the network's; it drops its peers and stays where it is")
        }
        Happening::DoubleSigned { key, height } => format!("double signing with key {key} at height {height}"),
        Happening::PassedHaltHeight { height, halt_height } => format!("executed block {height}, beyond its halt height {halt_height}"),
        Happening::LineageParted { height } => format!("its state is not the network's from block {height} on"),
        Happening::TaskStarted { .. } => return None,
        Happening::TaskEnded { kind, error: Some(error), .. } => format!("sidecar task {kind} failed: {error}"),
        Happening::TaskEnded { kind, height: Some(height), .. } => format!("sidecar task {kind} brought it to height {height}"),
        Happening::TaskEnded { .. } => return None,
    })
}

/// Tells what a world ended in and what is to be said about it.
pub fn tell_end(result: &WorldResult) -> String {
    let mut text = String::new();
    let mut say = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    let outcome = match result.outcome {
        Outcome::Violated => "violated",
        Outcome::Stuck => "stuck",
        Outcome::FailedSafe => "failed safe",
        Outcome::Converged => "converged",
    };
    match result.livelock {
        None => say(format!("outcome: {outcome}; at rest since {}", result.ended)),
        Some(cycle) => say(format!("outcome: {outcome}; repeats itself every {} s since before {}", cycle.as_secs(), result.ended)),
    }
    say(format!("group: {}", result.end.group_phase.as_deref().unwrap_or("gone")));
    let selector: Vec<_> = result.end.selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
    say(format!("selector: {}", selector.join(",")));
    for node in &result.end.seinodes {
        let phase = node.phase.as_deref().unwrap_or("without a phase");
        let serving = result.end.serving.iter().find(|serving| serving.node == node.name);
        let serves = serving.map_or_else(|| "does not serve".to_owned(), |serving| format!("serves at height {}", serving.height));
        say(format!("node {}: {phase}, {}, {serves}", node.name, node.image));
    }
    for leftover in &result.end.leftovers {
        say(format!("left over: {leftover}"));
    }
    for violation in &result.violations {
        say(format!("violation: {} at {}: {}{}", violation.oracle, violation.at, violation.finding.message, excuse(violation)));
    }
    for (row, count) in result.excused() {
        say(format!("excused by {row}: {count} of these"));
    }
    for (claim, verdict) in &result.claims {
        match verdict {
            Verdict::Holds => say(format!("claim: {claim} holds")),
            Verdict::Untested => {}
            Verdict::Refuted(Refutation { violation, .. }) => {
                say(format!("claim: {claim} is refuted at {}: {}", violation.at, violation.finding.message))
            }
        }
    }
    text
}
