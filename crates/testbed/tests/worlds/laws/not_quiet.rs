//! `not-quiet`.

use super::stage::{by, calm, key};
use crate::common;
use api::node::{FullNode, SnapshotSource, StateSync};
use api::{Meta, Node, SeiNodeSpec};
use simkube::{Actor, Request};
use testbed::history::History;
use testbed::world::{HORIZON, Polls};
use testbed::{Settled, WorldResult};

/// A node whose planner never accepts it: a bootstrap image without a snapshot to restore.
fn refused_for_ever() -> Node {
    let snapshot =
        SnapshotSource { state_sync: Some(StateSync::default()), bootstrap_image: Some("old".into()), ..SnapshotSource::default() };
    let full_node = Some(FullNode { snapshot: Some(snapshot), snapshot_generation: None });
    let spec = SeiNodeSpec { chain_id: "pacific-1".into(), image: "new".into(), full_node, ..SeiNodeSpec::default() };
    Node::new(Meta::new(key("refused")), spec)
}

#[test]
fn a_reconcile_that_fails_for_ever_breaks_it_and_names_the_object() {
    let mut world = calm();
    by(&mut world, Actor::Person, Request::Create(refused_for_ever().into_any()));
    let result = world.finish(HORIZON, 7).expect("the testbed does not fail");
    assert!(result.livelock.is_some());
    let quiet = result.violations.iter().find(|violation| violation.oracle == "not-quiet").expect("it does not come to rest");
    assert_eq!(quiet.finding.objects.iter().map(ToString::to_string).collect::<Vec<_>>(), ["SeiNode refused"]);
}

fn ends(scenario: &str, seed: u64) -> WorldResult {
    let scenario = common::scenarios().into_iter().find(|known| &*known.name == scenario).expect("the scenario");
    let settled = Settled::new(&scenario, &scenario.runs[0].design, Polls::Elided).expect("it settles");
    settled.run(seed, History::default()).expect("the testbed does not fail")
}

fn breaks_it(result: &WorldResult) -> bool {
    result.violations.iter().any(|violation| violation.oracle == "not-quiet")
}

/// A finding: discover-peers was done by the pod of the node's deleted namesake, so configure-state-sync fails for want of peers, and is
/// submitted again at every poll. No container starts and no reconcile fails.
#[test]
fn a_task_that_fails_and_is_submitted_again_for_ever_breaks_it() {
    let result = ends("chain/archive-state-syncs", 4);
    assert!(result.livelock.is_some() && breaks_it(&result));
}

#[test]
fn a_pod_that_crashes_for_ever_while_the_operator_looks_on_does_not() {
    let result = ends("chain/old-binary-at-u", 7);
    assert!(result.livelock.is_some() && !breaks_it(&result));
}
