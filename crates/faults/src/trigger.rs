//! When a fault strikes.
//!
//! Calls are counted only if they are effective: if they would change the server's, a sidecar's or the chain's state, or if a sidecar answers
//! them differently from the last time. So polls that change nothing, made or computed, never move a fault.

use crate::lapse::Lapse;
use api::Height;
use api::plan::TaskStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

/// The moment at which a fault strikes: the first at which this holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Trigger {
    /// So long after the scenario's start.
    At(Lapse),
    /// When the chain has made this block.
    Height(Height),
    /// When a task reaches a status.
    Task(TaskTrigger),
    /// When an object enters a phase.
    Phase(PhaseTrigger),
    /// At the operator's n-th effective call of a kind.
    Call(CallTrigger),
    /// At the n-th effective call of one reconcile.
    Write(WriteTrigger),
}

/// A task of a plan reaches a status.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaskTrigger {
    /// The object whose plan it is; absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Arc<str>>,
    /// The task's type.
    #[serde(rename = "type")]
    pub task: Arc<str>,
    /// The status. `Pending` is reached when the plan is stored, and again when the task is to be retried.
    pub is: TaskStatus,
}

/// An object enters a phase.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PhaseTrigger {
    /// `SeiNode`, `SeiNodeDeployment` or `Pod`.
    pub kind: Arc<str>,
    /// Its name; a Job's pod goes by the Job's name.
    pub name: Arc<str>,
    /// The phase.
    pub is: Arc<str>,
}

/// The operator makes an effective call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallTrigger {
    /// What it does.
    pub verb: Verb,
    /// The object's kind; `Sidecar` for a node's sidecar.
    pub kind: Arc<str>,
    /// The object's name, a sidecar's node; absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Arc<str>>,
    /// The type of the task that the caller's plan is at; absent: any, and none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<Arc<str>>,
    /// Which of these calls, from 1.
    #[serde(default = "first")]
    pub nth: NonZeroU32,
    /// Before or after it takes effect.
    #[serde(default)]
    pub moment: Moment,
}

/// A reconcile makes its n-th effective call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WriteTrigger {
    /// Whose reconcile.
    pub controller: Worker,
    /// Of which object; absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Arc<str>>,
    /// Which of its calls, from 1.
    #[serde(default = "first")]
    pub nth: NonZeroU32,
    /// Before or after it takes effect.
    #[serde(default)]
    pub moment: Moment,
}

fn first() -> NonZeroU32 {
    NonZeroU32::MIN
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// POST of an object.
    Create,
    /// PUT of an object.
    Update,
    /// Merge patch of metadata and spec.
    Patch,
    /// Merge patch of the status.
    PatchStatus,
    /// Server-side apply.
    Apply,
    /// DELETE of an object.
    Delete,
    /// Any of the above.
    Write,
    /// POST of a task to a sidecar.
    Submit,
    /// GET of a task from a sidecar, answered differently from the last time.
    Get,
}

/// On which side of a call's effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// It has been decided on, and has changed nothing.
    #[default]
    Before,
    /// It has landed, and its reply is under way.
    After,
}

/// One of the operator's two controllers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Worker {
    /// Of SeiNodeDeployments.
    Group,
    /// Of SeiNodes.
    Node,
}

impl Trigger {
    /// Whether it is an effective call of the operator.
    pub fn is_call(&self) -> bool {
        matches!(self, Self::Call(_) | Self::Write(_))
    }

    /// Whether it is a moment that is known beforehand, and no happening.
    pub fn is_set(&self) -> bool {
        matches!(self, Self::At(_) | Self::Height(_))
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(after) => write!(f, "{after} after the start"),
            Self::Height(height) => write!(f, "at height {height}"),
            Self::Task(TaskTrigger { of: None, task, is }) => write!(f, "when {task} is {is:?}"),
            Self::Task(TaskTrigger { of: Some(of), task, is }) => write!(f, "when {task} of {of} is {is:?}"),
            Self::Phase(PhaseTrigger { kind, name, is }) => write!(f, "when {kind} {name} is {is}"),
            Self::Call(call) => call.fmt(f),
            Self::Write(WriteTrigger { controller, of, nth, moment }) => {
                write!(f, "{moment} the {} of one reconcile", Ordinal(*nth, "effective call"))?;
                match of {
                    Some(name) => write!(f, " of {name}"),
                    None => write!(f, " of any {}", if *controller == Worker::Group { "group" } else { "node" }),
                }
            }
        }
    }
}

impl fmt::Display for CallTrigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verb, kind, name, during, nth, moment } = self;
        write!(f, "{moment} the {} {kind}", Ordinal(*nth, &format!("effective {verb} of")))?;
        if let Some(name) = name {
            write!(f, " {name}")?;
        }
        during.as_ref().map_or(Ok(()), |task| write!(f, " during {task}"))
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::PatchStatus => "status patch",
            Self::Apply => "apply",
            Self::Delete => "delete",
            Self::Write => "write",
            Self::Submit => "task submission",
            Self::Get => "changed answer",
        })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before => "before",
            Self::After => "after",
        })
    }
}

struct Ordinal<'a>(NonZeroU32, &'a str);

impl fmt::Display for Ordinal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.get();
        let ending = match (n % 10, n % 100) {
            (_, 11..=13) => "th",
            (1, _) => "st",
            (2, _) => "nd",
            (3, _) => "rd",
            _ => "th",
        };
        write!(f, "{n}{ending} {}", self.1)
    }
}
