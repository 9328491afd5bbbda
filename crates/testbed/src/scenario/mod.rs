//! A scenario: a cluster, a chain, a group of nodes, what a person does to it, and what is expected to come of it.

mod heights;
mod hostile;
mod read;
mod schema;

pub use read::{check_schedule, ground, read, read_schedule};
pub use schema::schema;

use api::Height;
use faults::Schedule;
use planner::Design;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use simchain::ChainProfile;
use simcore::SimTime;
use simkube::ClusterProfile;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A scenario that has been read and checked.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its path below `scenarios/`, without extension.
    pub name: Arc<str>,
    /// What it shows.
    pub about: String,
    /// The name by which the luck of its settled start is drawn.
    pub settled_as: Arc<str>,
    /// What the cluster is like.
    pub cluster: Arc<ClusterProfile>,
    /// What the chain is like.
    pub chain: Arc<ChainProfile>,
    /// The group as it is before the first action.
    pub group: api::Group,
    /// What a person does, in order of time.
    pub timeline: Arc<[Action]>,
    /// What befalls it.
    pub schedule: Schedule,
    /// Under which designs it is run, and what is expected of each.
    pub runs: Vec<Run>,
}

impl Scenario {
    /// The halt heights of its specs: the group's own, and those that a person writes into it.
    pub fn halt_heights(&self) -> Vec<Height> {
        let first = self.group.spec.update_strategy.as_ref().and_then(|strategy| Some(strategy.hard_fork.as_ref()?.halt_height));
        let written = self.timeline.iter().filter_map(|action| match &action.act {
            Act::Patch(patch) => patch.pointer("/spec/updateStrategy/hardFork/haltHeight")?.as_u64().map(Height),
            _ => None,
        });
        first.into_iter().chain(written).collect()
    }
}

/// One run of a scenario.
#[derive(Clone, Debug)]
pub struct Run {
    /// The design, decisions changed included.
    pub design: Design,
    /// The seeds whose histories are kept as snapshots.
    pub seeds: Vec<u64>,
    /// What is expected.
    pub expect: Expectation,
}

/// A scenario file as written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    /// What the scenario shows, for people.
    about: String,
    /// The name of the scenario whose settled start this one has, with its luck; its own when absent. For what was made from another.
    #[serde(default)]
    settled_as: Option<String>,
    /// The cluster, where it differs from the default profile.
    #[serde(default)]
    cluster: ClusterProfile,
    /// The chain, where it differs from the default profile.
    #[serde(default)]
    chain: ChainProfile,
    /// The group's manifest; read again as one, strictly, with its places in the file.
    #[serde(rename = "group")]
    _group: Value,
    /// What a person does, in order of time.
    #[serde(default)]
    timeline: Vec<Action>,
    /// What befalls it: each fault with the trigger at which it strikes.
    #[serde(default)]
    faults: Schedule,
    /// Under which designs it is run.
    runs: Vec<RunFile>,
}

/// One run as written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RunFile {
    /// The design's name.
    design: String,
    /// Decisions that differ from the design's, by name.
    #[serde(default)]
    with: BTreeMap<String, String>,
    /// The seeds whose histories are kept as snapshots.
    #[serde(default = "first_seed")]
    seeds: Vec<u64>,
    /// What is expected.
    #[serde(default)]
    expect: Expectation,
}

fn first_seed() -> Vec<u64> {
    vec![1]
}

/// What a run is expected to show. What is not said is not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Expectation {
    /// How the world ends.
    pub outcome: Option<Outcome>,
    /// Exactly which laws are violated without an excuse, in any order.
    pub violations: Option<Vec<String>>,
    /// What the world says of claims, by id; claims that are not named are not checked.
    #[serde(default)]
    pub claims: BTreeMap<String, ExpectedVerdict>,
}

/// What a world is to say of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExpectedVerdict {
    /// Its precondition comes about, and nothing refutes it.
    Holds,
    /// What it denies is seen.
    Refuted,
    /// Its precondition does not come about, or what it denies is excused.
    Untested,
}

impl ExpectedVerdict {
    /// What a world has said.
    pub fn of(verdict: Option<&claims::Verdict>) -> Self {
        match verdict {
            None | Some(claims::Verdict::Untested) => Self::Untested,
            Some(claims::Verdict::Holds) => Self::Holds,
            Some(claims::Verdict::Refuted(_)) => Self::Refuted,
        }
    }
}

/// How a world ended. The first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A safety law was broken without an excuse.
    Violated,
    /// A liveness law was broken without an excuse.
    Stuck,
    /// It rests in a failure state that its faults allow, with the incumbents serving.
    FailedSafe,
    /// The group is what its spec asks for.
    Converged,
}

impl Outcome {
    /// Its name in files and results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Violated => "violated",
            Self::Stuck => "stuck",
            Self::FailedSafe => "failed-safe",
            Self::Converged => "converged",
        }
    }
}

/// Something a person does.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// When, counted from the scenario's start.
    #[serde(with = "simcore::duration_text")]
    #[schemars(with = "String")]
    at: Duration,
    /// What.
    #[serde(flatten)]
    pub act: Act,
}

impl Action {
    /// The moment of the action.
    pub fn at(&self) -> SimTime {
        SimTime::ZERO + self.at
    }
}

/// The things a person can do.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Act {
    /// `kubectl patch --type merge` of the group: an object with `spec`.
    Patch(Value),
    /// `kubectl delete` of the group, of a SeiNode or of a pod.
    Delete(DeleteTarget),
    /// The operator's own process ends, and is started again.
    RestartOperator(OperatorEnding),
    /// The operator's own process stalls for this long: nothing of it runs, and its lease is not renewed.
    StallOperator(Stall),
}

/// How the operator's process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OperatorEnding {
    /// By SIGTERM: it gives its lease back.
    Stop,
    /// At once: its lease runs out.
    Crash,
}

/// How long the operator's process stalls, such as `6min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Stall(
    #[serde(with = "simcore::duration_text")]
    #[schemars(with = "String")]
    pub Duration,
);

/// What is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DeleteTarget {
    /// The group itself.
    Group,
    /// A SeiNode of the group's namespace, by its name: an orphaned entrant, as the design document's recovery has it, or an incumbent.
    SeiNode(Arc<str>),
    /// A pod of the group's namespace, by its name: what owns it makes another.
    Pod(Arc<str>),
}

impl Act {
    /// The action in words.
    pub fn describe(&self) -> Arc<str> {
        match self {
            Self::Patch(patch) => format!("patches the group: {}", patch.get("spec").unwrap_or(patch)).into(),
            Self::Delete(DeleteTarget::Group) => "deletes the group".into(),
            Self::RestartOperator(OperatorEnding::Stop) => "stops the operator's process".into(),
            Self::RestartOperator(OperatorEnding::Crash) => "kills the operator's process".into(),
            Self::StallOperator(Stall(wait)) => format!("stalls the operator's process for {}", simcore::print_duration(*wait)).into(),
            Self::Delete(DeleteTarget::SeiNode(name)) => format!("deletes SeiNode {name}").into(),
            Self::Delete(DeleteTarget::Pod(name)) => format!("deletes pod {name}").into(),
        }
    }
}
