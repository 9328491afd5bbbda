//! The order of steps, and what the status says.

use super::{DONE_FOR_NOW, all_run, reconcile, started};
use crate::testing::Fake;
use crate::testing::fixtures::{group, new_group};
use crate::{ReconcileError, Requeue};
use api::condition::{self, ConditionStatus};
use api::group::GroupPhase;
use api::group::condition_type::NODES_READY;
use api::node::NodePhase;
use api::{SeiNode, SeiNodeDeployment};
use planner::group::template_hash;
use ports::ApiError;

#[test]
fn a_group_that_is_gone_is_left_alone() {
    let fake = Fake::default();
    assert_eq!(reconcile(&fake), Ok(Requeue::Done));
    assert!(fake.log().is_empty());
}

#[test]
fn a_first_reconcile_makes_its_calls_in_the_order_of_the_steps() {
    let fake = Fake::default();
    fake.put(new_group(2));
    assert_eq!(reconcile(&fake), Ok(DONE_FOR_NOW));
    let calls = [
        "patch SeiNodeDeployment rpc",
        "list HTTPRoute",
        "get AuthorizationPolicy rpc",
        "get ServiceMonitor rpc",
        "create SeiNode rpc-0",
        "event SeiNodeCreated rpc",
        "create SeiNode rpc-1",
        "event SeiNodeCreated rpc",
        "get ServiceMonitor rpc",
        "patch-status SeiNodeDeployment rpc if unchanged",
    ];
    assert_eq!(fake.log(), calls);
}

#[test]
fn the_status_counts_nodes_and_remembers_generation_and_template() {
    let fake = started(new_group(2));
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    assert_eq!((status.phase, status.replicas, status.ready_replicas), (Some(GroupPhase::Initializing), Some(2), Some(0)));
    assert_eq!(status.observed_generation, Some(1));
    assert_eq!(status.template_hash, Some(template_hash(&group(2).spec.template.spec)));

    all_run(&fake);
    fake.time.set(1_000_060);
    reconcile(&fake).unwrap();
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    assert_eq!((status.phase, status.ready_replicas), (Some(GroupPhase::Ready), Some(2)));
    let ready = condition::find(&status.conditions, NODES_READY).unwrap();
    assert_eq!((&*ready.reason, ready.last_transition_time.unix()), ("AllNodesReady", 1_000_060));
}

#[test]
fn the_nodes_condition_keeps_its_time_while_its_status_stays() {
    let fake = started(group(2));
    fake.change::<SeiNode>("rpc-0", |node| node.status_mut().phase = Some(NodePhase::Failed));
    fake.time.set(1_000_060);
    reconcile(&fake).unwrap();
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    let ready = condition::find(&status.conditions, NODES_READY).unwrap();
    assert_eq!((ready.status, &*ready.reason), (ConditionStatus::False, "NodesFailed"));
    assert_eq!(ready.last_transition_time.unix(), 1_000_000);
}

#[test]
fn the_phase_follows_the_nodes() {
    use NodePhase::{Failed, Initializing, Running};
    let cases = [
        ([Running, Running], GroupPhase::Ready),
        ([Failed, Failed], GroupPhase::Failed),
        ([Failed, Running], GroupPhase::Degraded),
        ([Failed, Initializing], GroupPhase::Initializing),
        ([Running, Initializing], GroupPhase::Initializing),
    ];
    for (phases, expected) in cases {
        let fake = started(group(2));
        for (name, phase) in ["rpc-0", "rpc-1"].into_iter().zip(phases) {
            fake.change::<SeiNode>(name, |node| node.status_mut().phase = Some(phase));
        }
        reconcile(&fake).unwrap();
        assert_eq!(fake.have::<SeiNodeDeployment>("rpc").status.phase, Some(expected), "{phases:?}");
    }
}

#[test]
fn a_stale_cache_makes_the_status_patch_conflict() {
    let fake = started(group(1));
    fake.freeze();
    fake.change::<SeiNodeDeployment>("rpc", |group| group.status_mut().ready_replicas = Some(7));
    assert_eq!(reconcile(&fake), Err(ReconcileError::Api(ApiError::Conflict("rpc".into()))));
    assert_eq!(fake.have::<SeiNodeDeployment>("rpc").status.ready_replicas, Some(7));
}

#[test]
fn a_failed_child_ends_the_reconcile_without_a_status() {
    let fake = Fake::default();
    fake.put(group(1));
    fake.fail("create SeiNode rpc-0", ApiError::Unavailable);
    assert_eq!(reconcile(&fake), Err(ReconcileError::Api(ApiError::Unavailable)));
    assert_eq!(fake.log().last().unwrap(), "create SeiNode rpc-0");
}

#[test]
fn a_failed_monitor_ends_the_reconcile_without_a_status() {
    let fake = started(group(1));
    fake.change::<SeiNodeDeployment>("rpc", |group| {
        let monitor = api::group::Monitoring { service_monitor: Some(api::group::ServiceMonitorSpec::default()) };
        group.spec_mut().monitoring = Some(monitor);
    });
    fake.fail("apply ServiceMonitor rpc as seinodedeployment-controller", ApiError::Timeout);
    assert!(reconcile(&fake).is_err());
    assert!(!fake.log().iter().any(|call| call.starts_with("patch-status")));
}
