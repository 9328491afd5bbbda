//! Step 9: what is observed of the group, computed anew and written against the base.

use super::base::Base;
use super::plan::has_failed;
use super::selector::INCUMBENTS_GO_ON;
use super::{children, conditions, external_service, plan_in_progress, selector};
use crate::Operator;
use crate::conditions::Saying;
use api::group::condition_type::{EXTERNAL_SERVICE_READY, NODES_READY};
use api::group::{GroupPhase, NetworkingStatus, NodeStatus};
use api::kinds::Service;
use api::node::NodePhase;
use api::{Group, Node};
use executor::ready::runs_steadily;
use executor::{overdue, read};
use planner::group::{carries, template_hash};
use planner::{Children, ProgressDeadline, Traffic};
use ports::{ApiError, Ports};

/// Computes and writes the status.
pub async fn update<P: Ports>(ports: &P, operator: &Operator, base: &Base, group: &mut Group) -> Result<(), ApiError> {
    let nodes = children::selected(ports, operator, group).await?;
    let census = Census::of(ports, operator, group, &nodes);
    if !plan_in_progress(group) {
        let (generation, hash) = (group.meta.generation, template_hash(&group.spec.template.spec));
        let status = group.status_mut();
        status.observed_generation = generation;
        status.template_hash = Some(hash);
    }
    let (phase, replicas) = (phase(group, census), group.spec.replicas);
    let status = group.status_mut();
    status.ready_replicas = Some(census.ready);
    status.replicas = Some(replicas);
    status.nodes = told(&nodes);
    status.phase = Some(phase);
    observe_service(ports, operator, group).await;
    conditions::set(ports, group, nodes_ready(census));
    base.patch(ports, operator.design.status_base, group).await
}

/// Brings up to date, in memory, what is known of the nodes, where the selector hangs on it.
pub async fn look_at_nodes<P: Ports>(ports: &P, operator: &Operator, group: &mut Group) -> Result<(), ApiError> {
    if operator.design.traffic != Traffic::EveryReadyNode {
        return Ok(());
    }
    if !group.status.deployment.as_ref().is_some_and(selector::is_switched) {
        conditions::remove(group, INCUMBENTS_GO_ON);
        return Ok(());
    }
    let nodes = children::owned(ports, operator, group, &selector::of_group(group)).await?;
    let told = told(&nodes);
    if group.status.nodes != told {
        group.status_mut().nodes = told;
    }
    if selector::waits_for_entrants(group)
        && let Some(plan) = &group.status.plan
        && executor::incumbents_go_on(ports, plan, nodes).await
    {
        let message = "incumbents are beyond the fork, as the network is";
        conditions::set(ports, group, Saying { kind: INCUMBENTS_GO_ON, holds: true, reason: "BeyondFork", message });
    }
    Ok(())
}

fn told(nodes: &[Node]) -> Vec<NodeStatus> {
    nodes.iter().map(|node| NodeStatus { name: node.meta.key.name.clone(), phase: node.status.phase }).collect()
}

/// How many nodes are wanted, there, running and failed, and whether one is stuck for good.
#[derive(Clone, Copy)]
struct Census {
    wanted: i32,
    all: i32,
    ready: i32,
    failed: i32,
    stuck: bool,
}

impl Census {
    /// Where nodes are known by what they carry, only those that carry the template are ready.
    fn of<P: Ports>(ports: &P, operator: &Operator, group: &Group, nodes: &[Node]) -> Self {
        let counts = |node: &Node| operator.design.children == Children::ByName || carries(&node.spec, &group.spec.template.spec);
        let mut census = Self { wanted: group.spec.replicas, all: 0, ready: 0, failed: 0, stuck: false };
        let has_deadline = operator.design.progress_deadline == ProgressDeadline::Hours;
        for node in nodes {
            census.stuck |= has_deadline && overdue::is_hopeless(ports, node);
            census.all += 1;
            census.ready += i32::from(runs_steadily(ports, node) && counts(node));
            census.failed += i32::from(node.status.phase == Some(NodePhase::Failed));
        }
        census
    }
}

/// The phase of a group with a plan in progress.
pub fn phase_under_plan(group: &Group) -> GroupPhase {
    if group.status.deployment.is_some() { GroupPhase::Upgrading } else { GroupPhase::Initializing }
}

fn phase(group: &Group, census: Census) -> GroupPhase {
    if plan_in_progress(group) {
        phase_under_plan(group)
    } else if has_failed(group) {
        GroupPhase::Degraded
    } else if census.all == 0 {
        GroupPhase::Pending
    } else if census.ready == census.wanted {
        GroupPhase::Ready
    } else if census.failed == census.all {
        GroupPhase::Failed
    } else if census.stuck || (census.failed > 0 && census.ready > 0) {
        GroupPhase::Degraded
    } else {
        GroupPhase::Initializing
    }
}

fn nodes_ready(census: Census) -> Saying<'static> {
    let saying = |holds, reason, message| Saying { kind: NODES_READY, holds, reason, message };
    if census.ready >= census.wanted {
        saying(true, "AllNodesReady", "all nodes are running")
    } else if census.failed > 0 {
        saying(false, "NodesFailed", "some nodes failed")
    } else {
        saying(false, "NodesInitializing", "some nodes are not running yet")
    }
}

/// `networkingStatus` and ExternalServiceReady, from the cached Service. Without a Service in the spec there is neither.
async fn observe_service<P: Ports>(ports: &P, operator: &Operator, group: &mut Group) {
    if external_service::wanted(group).is_none() {
        conditions::remove(group, EXTERNAL_SERVICE_READY);
        group.status_mut().networking_status = None;
        return;
    }
    let key = external_service::key(group);
    let found = read::one::<P, Service>(ports, operator.design.reads, &key).await;
    let ingress = found.as_ref().map(|service| external_service::ingress(service).to_vec()).unwrap_or_default();
    let saying = |holds, reason, message| Saying { kind: EXTERNAL_SERVICE_READY, holds, reason, message };
    let verdict = match &found {
        Err(ApiError::NotFound(_)) => saying(false, "ServiceNotFound", "the external Service does not exist"),
        Err(_) => saying(false, "FetchError", "the external Service cannot be read"),
        Ok(_) if external_service::wants_load_balancer(group) && ingress.is_empty() => external_service::pending(),
        Ok(_) => saying(true, "ServiceReady", "the external Service exists"),
    };
    conditions::set(ports, group, verdict);
    group.status_mut().networking_status = Some(NetworkingStatus { external_service_name: Some(key.name), load_balancer_ingress: ingress });
}
