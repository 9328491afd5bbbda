//! The abstract states that a world passes through: what a coverage counts, and what a guided search looks for.
//!
//! No two worlds are ever in the same state: ids, moments and heights differ. Two states are *abstractly* the same if an operator who looks at
//! the rollout would say that it stands at the same point. So this is kept:
//!
//! - of the group its phase, whether it is being deleted, the phase of its plan and the task that it is at, and whether a rollout is noted;
//! - of each node its *role*, its phase, whether it is being deleted, the phase of its plan and the task that it is at;
//! - of each of a node's pods whether it is the bootstrap Job's, how far it is in its life, whether clients are sent to it, and what its seid
//!   does: silent, syncing, at the tip, behind it as far as laws tell apart, wedged, diverged; and whether it has executed the upgrade's height;
//! - the roles that the external Service's selector chooses;
//! - where the chain is beside the upgrade's height H: long before, near, at H - 1, past it; or that it stands still.
//!
//! This is left out, each for a reason. *Moments, heights, ids, counts of restarts*: with them everything is new for ever. *Ordinals*: which
//! of two nodes of one role is ahead is luck, so the nodes of a role are a multiset, and so are the pods of a node. *Generations*: a role is
//! one of three, whatever the generation is called: made as the group's child, made by the newest rollout, made by an older one. *Everything
//! that these follow from*: StatefulSets, Jobs, claims, machines, caches and queues of the operator; a fault in them shows as soon as it
//! reaches a node. *What has happened before*: a state is a moment, not a way.
//!
//! A state is 64 bits, a stable hash of the above; two that differ are taken for one with a chance of 2^-64 a pair. It is taken after every
//! event that changed a group, node, pod or Service, or whom clients reach, or in which a node's programs did something; what merely elapses,
//! such as a lag that grows, is seen at the next. A swarm world of the planned upgrade passes through some eighty of them, a thousand such
//! worlds through some thousands.

use api::group::GroupPhase;
use api::kinds::{Pod, Service};
use api::node::NodePhase;
use api::plan::{PlanPhase, TaskPlan};
use api::{AnyObject, Height, Kind, Labels, SeiNode, SeiNodeDeployment, names};
use oracles::{Sight, is_ready};
use rustc_hash::FxHashSet;
use simcore::stable_hash;
use simkube::PodId;
use std::time::Duration;

/// How many blocks from the upgrade's height are near it: two minutes of them.
const NEAR: u64 = 300;
/// A next block that is so far away makes the chain stand still.
const STILL: Duration = Duration::from_secs(60);

/// The abstract states of a world so far.
#[derive(Clone, Debug)]
pub struct States {
    seen: FxHashSet<u64>,
    /// Whether something has changed since the last look.
    changed: bool,
}

impl Default for States {
    fn default() -> Self {
        Self { seen: FxHashSet::default(), changed: true }
    }
}

impl States {
    /// A stored object has changed.
    pub(crate) fn stored(&mut self, kind: &str) {
        self.changed |= [SeiNodeDeployment::INFO.kind, SeiNode::INFO.kind, Pod::INFO.kind, Service::INFO.kind].contains(&kind);
    }

    /// A node's programs did something, or clients go elsewhere.
    pub(crate) fn happened(&mut self) {
        self.changed = true;
    }

    /// Looks at the world after an event, if something has changed.
    pub(crate) fn look(&mut self, sight: &Sight<'_>) {
        if std::mem::take(&mut self.changed) {
            self.seen.insert(fingerprint(sight));
        }
    }

    /// All of them, in rising order.
    pub fn sorted(&self) -> Vec<u64> {
        let mut states: Vec<u64> = self.seen.iter().copied().collect();
        states.sort_unstable();
        states
    }
}

/// The abstract state of a world at a moment.
pub fn fingerprint(sight: &Sight<'_>) -> u64 {
    let upgrade = sight.chain.profile().upgrades.iter().filter_map(simchain::profile::Upgrade::applies_at).min();
    let members = members(sight, upgrade);
    let selected = selected(sight, &members);
    let mut nodes: Vec<u64> = members.iter().map(|member| stable_hash(&member.state)).collect();
    nodes.sort_unstable();
    stable_hash(&(group(sight), selected, position(sight, upgrade), nodes))
}

/// How far a plan is: its phase, and the type of the task that it is at.
type Step<'a> = Option<(PlanPhase, Option<&'a str>)>;

fn step(plan: Option<&TaskPlan>) -> Step<'_> {
    plan.map(|plan| (plan.phase, plan.current_task().map(|task| task.task.type_name())))
}

/// What a group is at.
#[derive(Hash)]
struct GroupState<'a> {
    phase: Option<GroupPhase>,
    deleting: bool,
    plan: Step<'a>,
    rollout_noted: bool,
}

fn group<'a>(sight: &Sight<'a>) -> Option<GroupState<'a>> {
    let object = sight.cluster.object(&SeiNodeDeployment::INFO, sight.group)?;
    let status = object.status_as::<SeiNodeDeployment>()?;
    Some(GroupState {
        phase: status.phase,
        deleting: object.meta.deleting.is_some(),
        plan: step(status.plan.as_ref()),
        rollout_noted: status.deployment.is_some(),
    })
}

/// What made a node.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    /// The group itself: one of its children.
    Child,
    /// The newest rollout of those whose nodes are there.
    Newest,
    /// A rollout before that.
    Older,
}

/// What a node is at.
#[derive(Hash)]
struct NodeState<'a> {
    role: Role,
    /// Absent if only a pod of the node is left.
    object: Option<(Option<NodePhase>, bool, Step<'a>)>,
    pods: Vec<u64>,
}

/// A node, with what is needed to find it.
struct Member<'a> {
    name: &'a str,
    labels: Option<&'a Labels>,
    state: NodeState<'a>,
}

/// The nodes, and those of which only pods are left.
fn members<'a>(sight: &Sight<'a>, upgrade: Option<Height>) -> Vec<Member<'a>> {
    let group = &*sight.group.name;
    let mut members: Vec<Member<'a>> = sight.cluster.objects(&SeiNode::INFO).map(member).collect();
    for pod in sight.cluster.objects(&Pod::INFO) {
        let Some(node) = pod.meta.labels.get(names::label::NODE) else { continue };
        let state = stable_hash(&pod_state(sight, pod, upgrade));
        match members.iter_mut().find(|member| member.name == node) {
            Some(member) => member.state.pods.push(state),
            None => {
                members.push(Member { name: node, labels: None, state: NodeState { role: Role::Child, object: None, pods: vec![state] } })
            }
        }
    }
    let newest = members.iter().filter_map(|member| generation(group, member.name)).max();
    for Member { name, state, .. } in &mut members {
        state.pods.sort_unstable();
        state.role = match generation(group, name) {
            None => Role::Child,
            of if of == newest => Role::Newest,
            Some(_) => Role::Older,
        };
    }
    members
}

fn member(node: &AnyObject) -> Member<'_> {
    let status = node.status_as::<SeiNode>();
    let phase = status.and_then(|status| status.phase);
    let object = (phase, node.meta.deleting.is_some(), step(status.and_then(|status| status.plan.as_ref())));
    Member {
        name: &node.meta.key.name,
        labels: node.spec_as::<SeiNode>().map(|spec| &spec.pod_labels),
        state: NodeState { role: Role::Child, object: Some(object), pods: Vec::new() },
    }
}

/// The generation whose rollout made a node of that name; `None` for the group's children.
fn generation(group: &str, node: &str) -> Option<i64> {
    let (generation, _) = node.strip_prefix(group)?.strip_prefix("-g")?.split_once('-')?;
    generation.parse().ok()
}

/// What a pod is at.
#[derive(Hash)]
struct PodState {
    of_job: bool,
    life: Life,
    reached: bool,
    seid: SeidState,
    /// Whether seid has executed the block of the upgrade's height.
    past: bool,
}

/// How far a pod is in its life.
#[derive(Hash)]
enum Life {
    Unscheduled,
    Starting,
    Running,
    Ready,
    Terminating,
    Succeeded,
    Failed,
}

/// What a pod's seid does.
#[derive(Hash)]
enum SeidState {
    /// It does not run, or its RPC does not answer.
    Silent,
    Syncing,
    /// At most 10 blocks behind.
    AtTip,
    /// At most 300.
    Behind,
    /// More, though it thinks itself in consensus.
    Stale,
    Wedged,
    Diverged,
}

fn pod_state(sight: &Sight<'_>, pod: &AnyObject, upgrade: Option<Height>) -> PodState {
    let id = pod.meta.uid.map(PodId);
    let view = id.and_then(|id| sight.chain.view(sight.now, simchain::PodId(id.0)));
    let past = view.as_ref().zip(upgrade).is_some_and(|(view, upgrade)| view.app >= upgrade);
    let seid = view.map_or(SeidState::Silent, |view| match sight.chain.network_height(sight.now).above(view.store) {
        _ if view.diverged => SeidState::Diverged,
        _ if view.wedged => SeidState::Wedged,
        _ if !view.rpc => SeidState::Silent,
        0..=10 => SeidState::AtTip,
        _ if view.catching_up => SeidState::Syncing,
        11..=300 => SeidState::Behind,
        _ => SeidState::Stale,
    });
    PodState {
        of_job: pod.meta.labels.contains_key(names::label::COMPONENT),
        life: life(pod),
        reached: id.is_some_and(|id| sight.reached().iter().any(|(_, reached)| *reached == id)),
        seid,
        past,
    }
}

fn life(pod: &AnyObject) -> Life {
    let status = pod.status_as::<Pod>();
    match status.and_then(|status| status.phase.as_deref()) {
        Some("Succeeded") => Life::Succeeded,
        Some("Failed") => Life::Failed,
        _ if pod.meta.deleting.is_some() => Life::Terminating,
        Some("Running") if is_ready(pod) => Life::Ready,
        Some("Running") => Life::Running,
        _ if pod.spec_as::<Pod>().is_some_and(|spec| spec.node_name.is_some()) => Life::Starting,
        _ => Life::Unscheduled,
    }
}

/// Whether the external Service is there, and which roles its selector chooses: a bit each.
fn selected(sight: &Sight<'_>, members: &[Member<'_>]) -> Option<u8> {
    let service = sight.cluster.object(&Service::INFO, sight.external)?.spec_as::<Service>()?;
    let Some(selector) = &service.selector else { return Some(0) };
    let chooses = |labels: &Labels| selector.iter().all(|(key, value)| labels.get(key) == Some(value));
    let chosen = members.iter().filter(|member| member.labels.is_some_and(chooses));
    Some(chosen.fold(0, |roles, member| roles | 1 << member.state.role as u8))
}

/// Where the chain is beside the upgrade's height.
#[derive(Hash)]
enum Position {
    Still,
    NoUpgrade,
    LongBefore,
    Near,
    LastBefore,
    Past,
}

/// Where the chain is beside the upgrade's height.
pub(crate) fn nearness(sight: &Sight<'_>) -> u64 {
    stable_hash(&position(sight, sight.chain.profile().upgrades.iter().filter_map(simchain::profile::Upgrade::applies_at).min()))
}

fn position(sight: &Sight<'_>, upgrade: Option<Height>) -> Position {
    let height = sight.chain.network_height(sight.now);
    let next = sight.chain.time_of(height.plus(1));
    if next.is_none_or(|next| next > sight.now + STILL) {
        return Position::Still;
    }
    match upgrade {
        None => Position::NoUpgrade,
        Some(upgrade) if height >= upgrade => Position::Past,
        Some(upgrade) => match upgrade.above(height) {
            1 => Position::LastBefore,
            2..=NEAR => Position::Near,
            _ => Position::LongBefore,
        },
    }
}
