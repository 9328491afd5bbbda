//! The tasks of a rollout: controller.md, section 5.

use crate::faithful;
use crate::fake::Fake;
use crate::samples::{PLAN, group, names, node};
use api::group::StrategyType;
use api::kinds::Service;
use api::names::label;
use api::node::{FullNode, NodePhase, SnapshotSource, StateSync};
use api::plan::{PlanPhase, TaskStatus};
use api::task::{
    AwaitAction, AwaitNodesAtHeight, AwaitNodesRunning, ControllerTask, CreateEntrantNodes, HardForkInjection, NodeNames, SidecarTask,
    SubTaskPurpose, SubmitHaltSignal, SwitchTraffic, sub_task_id, task_id,
};
use api::{Group, Height, Meta, Object, ObjectKey, SeiNode, SeiNodeDeployment};
use executor::{NOW, POLL};
use k8s_openapi::api::core::v1::ServiceSpec;
use ports::{ApiError, TaskState};
use std::sync::Arc;

fn create(hard_fork: Option<HardForkInjection>) -> ControllerTask {
    ControllerTask::CreateEntrantNodes(Arc::new(CreateEntrantNodes {
        group_name: "rpc".into(),
        namespace: "sei".into(),
        entrant_revision: "2".into(),
        node_names: names(&["rpc-g2-0", "rpc-g2-1"]),
        hard_fork,
    }))
}

fn await_running(node_names: &[&str]) -> ControllerTask {
    ControllerTask::AwaitNodesRunning(Arc::new(AwaitNodesRunning {
        group_name: "rpc".into(),
        namespace: "sei".into(),
        expected: 2,
        node_names: names(node_names),
    }))
}

fn error(group: &Group) -> Option<&str> {
    group.status.plan.as_ref().and_then(|plan| plan.failed_task_detail.as_ref()).map(|detail| &*detail.error)
}

fn task_status(group: &Group) -> TaskStatus {
    group.status.plan.as_ref().expect("a plan").tasks[0].status
}

#[test]
fn entrants_get_the_template_with_labels_of_their_own_and_none_of_the_templates() {
    let fake = Fake::default();
    let mut group = group(&fake, create(None));
    group.spec_mut().template.metadata = Some(api::group::TemplateMeta {
        labels: [("sei.io/role".to_owned(), "rpc".to_owned())].into(),
        annotations: [("note".to_owned(), "x".to_owned())].into(),
    });
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    let entrant = fake.stored::<SeiNode>("rpc-g2-1").expect("created");
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    assert_eq!(*entrant.meta.labels, pairs(&[(label::GROUP, "rpc"), (label::ORDINAL, "1"), (label::REVISION, "2")]));
    assert_eq!(entrant.spec.pod_labels, pairs(&[("team", "rpc"), (label::GROUP, "rpc"), (label::REVISION, "2")]));
    assert!(entrant.meta.annotations.is_empty() && entrant.meta.finalizers.is_empty());
    assert!(entrant.meta.is_controlled_by(group.meta.uid));
    assert_eq!(entrant.spec.full_node, group.spec.template.spec.full_node, "nothing is injected");
}

#[test]
fn a_node_that_exists_is_taken_for_an_entrant_whatever_its_owner_and_spec() {
    let fake = Fake::default();
    let stranger = node(&fake, "rpc-g2-0", NodePhase::Running);
    let mut group = group(&fake, create(None));
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    assert_eq!(fake.stored("rpc-g2-0"), Some(stranger));
    assert_eq!(fake.take_log()[0], "create SeiNode rpc-g2-1");
}

#[test]
fn a_node_that_the_cache_does_not_show_yet_is_fine_too() {
    let fake = Fake::default();
    node(&fake, "rpc-g2-0", NodePhase::Running);
    fake.hidden.borrow_mut().insert("rpc-g2-0");
    let mut group = group(&fake, create(None));
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    assert_eq!(fake.take_log()[..2], ["create SeiNode rpc-g2-0", "create SeiNode rpc-g2-1"]);
}

#[test]
fn an_entrant_that_is_refused_is_tried_again_and_again() {
    let fake = Fake::default();
    fake.fail("create SeiNode rpc-g2-0", ApiError::Invalid("chainId is too short".into()));
    let mut group = group(&fake, create(None));
    assert_eq!((fake.advance(&mut group), fake.advance(&mut group)), (Ok(Some(POLL)), Ok(Some(POLL))));
    assert_eq!(fake.take_log(), ["create SeiNode rpc-g2-0"; 2]);
}

#[test]
fn the_proposed_hard_fork_injects_image_and_height_into_the_snapshot() {
    let fake = Fake::default();
    let injection = HardForkInjection { incumbent_image: "sei:v6.3.0".into(), halt_height: Height(500) };
    let mut group = group(&fake, create(Some(injection)));
    fake.advance(&mut group).expect("created");
    let entrant = fake.stored::<SeiNode>("rpc-g2-0").expect("created");
    let snapshot = entrant.spec.snapshot().expect("the template has one");
    assert_eq!(snapshot.bootstrap_image.as_deref(), Some("sei:v6.3.0"));
    assert_eq!(snapshot.s3.as_ref().map(|s3| s3.target_height), Some(Height(499)));
    assert_eq!(entrant.spec.image, "sei:v6.4.0");
}

#[test]
fn an_incumbent_image_that_could_not_be_read_leaves_no_bootstrap_image() {
    let fake = Fake::default();
    let injection = HardForkInjection { incumbent_image: "".into(), halt_height: Height(500) };
    let mut group = group(&fake, create(Some(injection)));
    fake.advance(&mut group).expect("created");
    let entrant = fake.stored::<SeiNode>("rpc-g2-0").expect("created");
    let snapshot = entrant.spec.snapshot().expect("the template has one");
    assert_eq!((snapshot.bootstrap_image.as_deref(), snapshot.s3.as_ref().map(|s3| s3.target_height)), (None, Some(Height(499))));
}

#[test]
fn the_injection_leaves_a_template_without_snapshot_alone() {
    let fake = Fake::default();
    let injection = HardForkInjection { incumbent_image: "sei:v6.3.0".into(), halt_height: Height(500) };
    let mut group = group(&fake, create(Some(injection)));
    group.spec_mut().template.spec.full_node = Some(FullNode::default());
    fake.advance(&mut group).expect("created");
    assert_eq!(fake.stored::<SeiNode>("rpc-g2-0").expect("created").spec.snapshot(), None);
}

#[test]
fn entrants_that_state_sync_get_the_incumbents_image_unless_the_design_leaves_it_out() {
    for (change, injected) in [("without-s3=injected", Some("sei:v6.3.0")), ("without-s3=state-synced", None)] {
        let fake = Fake::default();
        *fake.design.borrow_mut() = Some(faithful().with(change).expect("a decision"));
        let injection = HardForkInjection { incumbent_image: "sei:v6.3.0".into(), halt_height: Height(500) };
        let mut group = group(&fake, create(Some(injection)));
        let snapshot = SnapshotSource { state_sync: Some(StateSync {}), ..SnapshotSource::default() };
        group.spec_mut().template.spec.full_node = Some(FullNode { snapshot: Some(snapshot), ..FullNode::default() });
        fake.advance(&mut group).expect("created");
        let entrant = fake.stored::<SeiNode>("rpc-g2-0").expect("created");
        assert_eq!(entrant.spec.snapshot().expect("the template has one").bootstrap_image.as_deref(), injected, "{change}");
    }
}

#[test]
fn await_nodes_running_completes_when_enough_nodes_run() {
    let fake = Fake::default();
    node(&fake, "rpc-g2-0", NodePhase::Running);
    node(&fake, "rpc-g2-1", NodePhase::Initializing);
    let mut group = group(&fake, await_running(&["rpc-g2-0", "rpc-g2-1"]));
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    node(&fake, "rpc-g2-1", NodePhase::Running);
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
}

#[test]
fn await_nodes_running_fails_the_plan_at_a_failed_node() {
    let fake = Fake::default();
    node(&fake, "rpc-g2-0", NodePhase::Running);
    node(&fake, "rpc-g2-1", NodePhase::Failed);
    let mut group = group(&fake, await_running(&["rpc-g2-0", "rpc-g2-1"]));
    assert_eq!(fake.advance(&mut group), Ok(None));
    assert_eq!(error(&group), Some("node rpc-g2-1 is in Failed phase"));
}

#[test]
fn await_nodes_running_judges_nobody_before_all_have_been_read() {
    let fake = Fake::default();
    node(&fake, "rpc-g2-0", NodePhase::Failed);
    let mut group = group(&fake, await_running(&["rpc-g2-0", "rpc-g2-1"]));
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)), "the second node is not there, so the failed first goes unnoticed");
}

#[test]
fn await_nodes_running_without_names_looks_at_the_whole_group() {
    let fake = Fake::default();
    node(&fake, "rpc-0", NodePhase::Running);
    let mut group = group(&fake, await_running(&[]));
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    node(&fake, "anything-with-the-label", NodePhase::Running);
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
}

#[test]
fn the_halt_signal_reaches_whom_it_can_and_completes_whatever_happens() {
    let fake = Fake::default();
    node(&fake, "rpc-0", NodePhase::Running);
    node(&fake, "rpc-1", NodePhase::Running);
    fake.sidecar("rpc-1");
    let params = SubmitHaltSignal { namespace: "sei".into(), node_names: names(&["gone", "rpc-0", "rpc-1"]), halt_height: Height(500) };
    let mut group = group(&fake, ControllerTask::SubmitHaltSignal(Arc::new(params)));
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    assert_eq!(task_status(&group), TaskStatus::Complete);
    let [request] = &fake.submitted("rpc-1")[..] else { panic!("one submission") };
    assert_eq!(request.id, Some(sub_task_id("rpc-1", SubTaskPurpose::HaltSignal, task_id(PLAN, "submit-halt-signal", 0))));
    let SidecarTask::AwaitCondition(wait) = &request.task else { panic!("an await-condition") };
    assert_eq!((wait.target_height, wait.action), (Height(500), Some(AwaitAction::SigtermSeid)));
}

fn at_height() -> (Fake, Group, [uuid::Uuid; 2]) {
    let fake = Fake::default();
    for name in ["rpc-g2-0", "rpc-g2-1"] {
        node(&fake, name, NodePhase::Running);
        fake.sidecar(name);
    }
    let entrants = names(&["rpc-g2-0", "rpc-g2-1"]);
    let params = AwaitNodesAtHeight { namespace: "sei".into(), node_names: entrants, target_height: Height(500) };
    let group = group(&fake, ControllerTask::AwaitNodesAtHeight(Arc::new(params)));
    let parent = task_id(PLAN, "await-nodes-at-height", 0);
    let ids = ["rpc-g2-0", "rpc-g2-1"].map(|name| sub_task_id(name, SubTaskPurpose::AwaitHeight, parent));
    (fake, group, ids)
}

#[test]
fn await_nodes_at_height_completes_when_all_entrants_have_told_so() {
    let (fake, mut group, ids) = at_height();
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    fake.report("rpc-g2-0", ids[0], TaskState::Completed, None);
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    fake.report("rpc-g2-1", ids[1], TaskState::Completed, None);
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    let SidecarTask::AwaitCondition(wait) = &fake.submitted("rpc-g2-0")[0].task else { panic!("an await-condition") };
    assert_eq!((wait.target_height, wait.action), (Height(500), None));
}

#[test]
fn await_nodes_at_height_fails_with_an_entrant() {
    let (fake, mut group, ids) = at_height();
    fake.report("rpc-g2-1", ids[1], TaskState::Failed, Some("rpc is gone"));
    assert_eq!(fake.advance(&mut group), Ok(None));
    assert_eq!(error(&group), Some("node rpc-g2-1: rpc is gone"));
}

#[test]
fn await_nodes_at_height_waits_for_an_entrant_that_cannot_be_reached() {
    let (fake, mut group, ids) = at_height();
    fake.report("rpc-g2-0", ids[0], TaskState::Completed, None);
    fake.sidecars.borrow_mut().remove("rpc-g2-1");
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    fake.remove::<SeiNode>("rpc-g2-0");
    fake.take_log();
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    assert!(fake.take_log().is_empty(), "the first entrant is not there, so the attempt ends with it");
}

#[test]
fn await_nodes_caught_up_waits_until_every_sidecar_says_ready() {
    let fake = Fake::default();
    for name in ["rpc-g2-0", "rpc-g2-1"] {
        node(&fake, name, NodePhase::Running);
    }
    let params = NodeNames { namespace: "sei".into(), node_names: names(&["rpc-g2-0", "rpc-g2-1"]) };
    let mut group = group(&fake, ControllerTask::AwaitNodesCaughtUp(Arc::new(params)));
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)), "unreachable");
    fake.sidecar("rpc-g2-0");
    fake.sidecar("rpc-g2-1");
    fake.sidecars.borrow_mut().get_mut("rpc-g2-0").expect("a sidecar").ready = true;
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)), "the second is initializing");
    fake.sidecars.borrow_mut().get_mut("rpc-g2-1").expect("a sidecar").ready = true;
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
}

fn switching() -> (Fake, Group) {
    let fake = Fake::default();
    let params = SwitchTraffic { group_name: "rpc".into(), namespace: "sei".into(), entrant_revision: "2".into() };
    let group = group(&fake, ControllerTask::SwitchTraffic(Arc::new(params)));
    (fake, group)
}

fn active(group: &Group) -> Option<&str> {
    group.status.deployment.as_ref().map(|deployment| &*deployment.incumbent_revision)
}

#[test]
fn switch_traffic_patches_without_a_precondition_and_the_completion_with_one() {
    let (fake, mut group) = switching();
    fake.change::<SeiNodeDeployment>("rpc", |group| group.status_mut().ready_replicas = Some(1));
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    let log = fake.take_log();
    assert_eq!(log[0], "patch status SeiNodeDeployment rpc None");
    assert!(log[1].starts_with("patch status SeiNodeDeployment rpc Version"), "{log:?}");
    let stored = fake.stored::<SeiNodeDeployment>("rpc").expect("stored");
    assert_eq!((active(&stored), stored.status.ready_replicas, task_status(&stored)), (Some("2"), Some(1), TaskStatus::Complete));
}

#[test]
fn switch_traffic_keeps_its_change_in_memory_after_an_error() {
    let (fake, mut group) = switching();
    fake.fail("patch status", ApiError::Timeout);
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    assert_eq!(active(&group), Some("2"));
    assert_eq!(active(&fake.stored::<SeiNodeDeployment>("rpc").expect("stored")), Some("1"));
    assert_eq!(task_status(&group), TaskStatus::Pending);
}

#[test]
fn switch_traffic_moves_the_selector_itself_if_the_design_says_so() {
    for (change, moved) in [("service-update=later-reconcile", None), ("service-update=in-switch-traffic", Some("2"))] {
        let (fake, mut group) = switching();
        *fake.design.borrow_mut() = Some(faithful().with(change).expect("a decision"));
        let selector = [("sei.io/revision".to_owned(), "1".to_owned())].into();
        let spec = ServiceSpec { selector: Some(selector), ..Default::default() };
        fake.store(Object::<Service>::new(Meta::new(ObjectKey::new("sei", "rpc-external")), spec));
        assert_eq!(fake.advance(&mut group), Ok(Some(NOW)), "{change}");
        let stored = fake.stored::<Service>("rpc-external").expect("stored");
        let selected = stored.spec.selector.as_ref().and_then(|selector| selector.get("sei.io/revision")).map(String::as_str);
        assert_eq!(selected, moved.or(Some("1")), "{change}");
    }
}

#[test]
fn switch_traffic_without_a_service_completes_all_the_same() {
    let (fake, mut group) = switching();
    *fake.design.borrow_mut() = Some(faithful().with("service-update=in-switch-traffic").expect("a decision"));
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
}

#[test]
fn switch_traffic_without_a_rollout_fails_the_plan() {
    let (fake, mut group) = switching();
    group.status_mut().deployment = None;
    fake.advance(&mut group).expect("the failure is written");
    assert_eq!(group.status.plan.as_ref().map(|plan| plan.phase), Some(PlanPhase::Failed));
}

fn tearing_down() -> (Fake, Group) {
    let fake = Fake::default();
    let params = NodeNames { namespace: "sei".into(), node_names: names(&["rpc-0", "rpc-1", "rpc-2"]) };
    let group = group(&fake, ControllerTask::TeardownNodes(Arc::new(params)));
    (fake, group)
}

#[test]
fn teardown_deletes_in_the_background_what_is_still_there() {
    let (fake, mut group) = tearing_down();
    node(&fake, "rpc-0", NodePhase::Running);
    node(&fake, "rpc-2", NodePhase::Running);
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    assert_eq!(fake.take_log()[..2], ["delete SeiNode rpc-0 Background", "delete SeiNode rpc-2 Background"]);
}

#[test]
fn teardown_tries_again_after_an_error() {
    let (fake, mut group) = tearing_down();
    node(&fake, "rpc-0", NodePhase::Running);
    node(&fake, "rpc-1", NodePhase::Running);
    fake.fail("delete SeiNode rpc-0", ApiError::Unavailable);
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    assert!(fake.stored::<SeiNode>("rpc-1").is_some(), "the second is not reached");
}

#[test]
fn a_whole_blue_green_plan_runs_to_its_end() {
    let fake = Fake::default();
    let mut group = group(&fake, create(None));
    group.status_mut().plan = None;
    group.spec_mut().update_strategy = Some(api::group::UpdateStrategy { kind: StrategyType::BlueGreen, hard_fork: None });
    let design = planner::Design::preset("blue-green").expect("a preset");
    group.status_mut().plan = planner::group::plan_for(&group, &design, || PLAN).expect("a plan is built");
    let mut group = fake.store(group);
    node(&fake, "rpc-0", NodePhase::Running);
    node(&fake, "rpc-1", NodePhase::Running);

    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    for name in ["rpc-g2-0", "rpc-g2-1"] {
        fake.change::<SeiNode>(name, |node| node.status_mut().phase = Some(NodePhase::Running));
        fake.sidecar(name);
        fake.sidecars.borrow_mut().get_mut(name).expect("a sidecar").ready = true;
    }
    for _ in 0..5 {
        assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    }
    assert_eq!(group.status.plan.as_ref().map(|plan| plan.phase), Some(PlanPhase::Complete));
    assert_eq!((fake.stored::<SeiNode>("rpc-0"), fake.stored::<SeiNode>("rpc-1")), (None, None));
    assert_eq!(active(&group), Some("2"));
}
