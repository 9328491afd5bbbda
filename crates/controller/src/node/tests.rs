//! Tests of the node reconciler.

use crate::testing::fixtures::{bootstrapping_spec, full_node_spec, new_node, node};
use crate::testing::{Fake, key, operator};
use crate::{Controller, ReconcileError, Requeue};
use api::condition;
use api::kinds::{Job, PersistentVolumeClaim, Pod, Service, StatefulSet};
use api::names::NODE_FINALIZER;
use api::node::{
    FullNode, LabelPeers, NodePhase, PeerSource, Replayer, ResultExport, S3Snapshot, SnapshotGeneration, SnapshotSource, StaticPeers,
};
use api::plan::{PlanPhase, TaskStatus};
use api::{Height, Labels, Meta, Node, Object, ObjectKey, SeiNode, SeiNodeSpec, Time};
use k8s_openapi::api::batch::v1::JobCondition;
use k8s_openapi::api::core::v1::PodSpec;
use ports::{ApiError, SidecarError, TaskReport, TaskState};
use std::sync::Arc;
use std::time::Duration;

fn reconcile(fake: &Fake) -> Result<Requeue, ReconcileError> {
    fake.reconcile(&operator("halt-signal", &[]), Controller::Node, "solo")
}

fn with(node: Node) -> Fake {
    let fake = Fake::default();
    fake.put(node);
    fake
}

/// A cluster with the node in a phase, its claim there.
fn in_phase(spec: SeiNodeSpec, phase: NodePhase) -> Fake {
    let fake = with(node(spec));
    reconcile(&fake).unwrap();
    fake.change::<SeiNode>("solo", |node| node.status_mut().phase = Some(phase));
    fake.log();
    fake
}

fn answer(fake: &Fake, state: TaskState) {
    *fake.report.borrow_mut() = Ok(TaskReport { state, error: (state == TaskState::Failed).then(|| "boom".into()) });
}

fn snapshotter() -> SeiNodeSpec {
    let full_node = FullNode { snapshot: None, snapshot_generation: Some(SnapshotGeneration { keep_recent: 5 }) };
    SeiNodeSpec { full_node: Some(full_node), ..full_node_spec() }
}

#[test]
fn the_first_reconciles_make_their_calls_in_the_order_of_the_steps() {
    let fake = with(new_node(full_node_spec()));
    assert_eq!(reconcile(&fake), Ok(Requeue::NOW));
    let first = [
        "update SeiNode solo",
        "create PersistentVolumeClaim data-solo",
        "patch-status SeiNode solo if unchanged",
        "event PhaseTransition solo",
    ];
    assert_eq!(fake.log(), first);
    assert_eq!(fake.have::<SeiNode>("solo").status.phase, Some(NodePhase::Initializing));
    assert!(fake.have::<PersistentVolumeClaim>("data-solo").meta.controller().is_some());

    assert_eq!(reconcile(&fake), Ok(Requeue::After(Duration::from_secs(5))));
    let second = [
        "apply StatefulSet solo as seinode-controller",
        "apply Service solo as seinode-controller",
        "submit configure-genesis to solo with id",
    ];
    assert_eq!(fake.log(), second);
}

#[test]
fn a_node_runs_when_its_plan_is_complete() {
    let fake = with(new_node(full_node_spec()));
    answer(&fake, TaskState::Completed);
    for _ in 0..6 {
        assert_eq!(reconcile(&fake), Ok(Requeue::NOW));
    }
    let node = fake.have::<SeiNode>("solo");
    assert_eq!(node.status.phase, Some(NodePhase::Running));
    assert_eq!(node.status.plan.as_ref().unwrap().phase, PlanPhase::Complete, "the plan is never cleared");
}

#[test]
fn a_node_fails_when_its_plan_fails() {
    let fake = in_phase(full_node_spec(), NodePhase::Initializing);
    answer(&fake, TaskState::Failed);
    assert_eq!(reconcile(&fake), Ok(Requeue::NOW));
    let status = fake.have::<SeiNode>("solo").status;
    assert_eq!((status.phase, status.plan.as_ref().unwrap().phase), (Some(NodePhase::Failed), PlanPhase::Failed));
}

#[test]
fn a_stateful_set_that_cannot_be_applied_keeps_the_plan_where_it_is() {
    let fake = in_phase(full_node_spec(), NodePhase::Initializing);
    fake.fail("apply StatefulSet solo as seinode-controller", ApiError::Unavailable);
    assert_eq!(reconcile(&fake), Err(ReconcileError::Api(ApiError::Unavailable)));
    assert_eq!(fake.log(), ["apply StatefulSet solo as seinode-controller"]);
}

#[test]
fn an_initializing_node_without_a_plan_is_an_error() {
    let fake = in_phase(full_node_spec(), NodePhase::Initializing);
    fake.change::<SeiNode>("solo", |node| node.status_mut().plan = None);
    assert!(reconcile(&fake).is_err());
    assert!(fake.find::<StatefulSet>("solo").is_some(), "it is applied all the same");
}

#[test]
fn a_node_that_needs_a_bootstrap_has_no_stateful_set_until_the_bootstrap_is_torn_down() {
    let fake = with(new_node(bootstrapping_spec()));
    answer(&fake, TaskState::Completed);
    let torn_down = |fake: &Fake| {
        let plan = fake.have::<SeiNode>("solo").status.plan.clone();
        plan.is_some_and(|plan| plan.has_completed("teardown-bootstrap"))
    };
    let mut early = 0;
    for _ in 0..40 {
        let before = torn_down(&fake);
        reconcile(&fake).unwrap();
        let applied = fake.log().contains(&"apply StatefulSet solo as seinode-controller".to_owned());
        assert_eq!(applied, before, "it is applied from the first reconcile after the teardown on");
        early += u32::from(!before && fake.find::<Job>("solo-bootstrap").is_some());
        if fake.find::<Job>("solo-bootstrap").is_some() {
            fake.change::<Job>("solo-bootstrap", |job| {
                let done = JobCondition { type_: "Complete".into(), status: "True".into(), ..Default::default() };
                job.status_mut().conditions = Some(vec![done]);
            });
        }
        if fake.have::<SeiNode>("solo").status.phase == Some(NodePhase::Running) {
            break;
        }
    }
    assert!(early > 0, "the Job was there first");
    assert!(torn_down(&fake) && fake.find::<StatefulSet>("solo").is_some() && fake.find::<Service>("solo").is_some());
    assert!(fake.find::<Job>("solo-bootstrap").is_none());
    assert_eq!(fake.have::<SeiNode>("solo").status.phase, Some(NodePhase::Running));
}

#[test]
fn label_peers_become_sorted_names_without_the_node_itself() {
    let labels = Labels::from([("net".to_owned(), "a".to_owned())]);
    let source = PeerSource { label: Some(LabelPeers { selector: labels.clone(), namespace: None }), ..Default::default() };
    let mut own = node(SeiNodeSpec { peers: vec![source], ..full_node_spec() });
    own.meta_mut().labels = Arc::new(labels);
    let fake = with(own.clone());
    for name in ["b", "a"] {
        let mut peer = own.clone();
        peer.meta_mut().key = ObjectKey::new("default", name);
        fake.put(peer);
    }
    reconcile(&fake).unwrap();
    let solo = fake.have::<SeiNode>("solo");
    let peers: Vec<&str> = solo.status.resolved_peers.iter().map(AsRef::as_ref).collect();
    assert_eq!(peers, ["a-0.a.default.svc.cluster.local", "b-0.b.default.svc.cluster.local"]);
    let log = fake.log();
    assert_eq!(&log[..2], ["patch-status SeiNode solo if unchanged", "create PersistentVolumeClaim data-solo"]);
    reconcile(&fake).unwrap();
    assert!(!fake.log()[0].starts_with("patch-status"), "nothing changed");
}

#[test]
fn an_invalid_spec_is_an_error_before_anything_is_made() {
    let mut spec = bootstrapping_spec();
    spec.full_node.as_mut().unwrap().snapshot.as_mut().unwrap().s3 = None;
    let fake = with(node(spec));
    assert!(matches!(reconcile(&fake), Err(ReconcileError::Plan(_))));
    assert!(fake.log().is_empty());
}

#[test]
fn a_claim_that_the_cache_does_not_show_yet_is_an_error() {
    let fake = with(node(full_node_spec()));
    fake.freeze();
    reconcile(&fake).unwrap();
    let error = ApiError::AlreadyExists("data-solo".into());
    assert_eq!(reconcile(&fake), Err(ReconcileError::Api(error)));
}

#[test]
fn a_claim_is_missed_in_every_phase_and_one_that_is_terminating_will_do() {
    let fake = in_phase(full_node_spec(), NodePhase::Failed);
    fake.change::<PersistentVolumeClaim>("data-solo", |claim| {
        claim.meta_mut().finalizers = Arc::from([Arc::from("kubernetes.io/pvc-protection")]);
        claim.meta_mut().deleting = Some(Time::from_unix(5));
    });
    reconcile(&fake).unwrap();
    assert_eq!(fake.log(), ["event NodeFailed solo"]);
    fake.remove::<PersistentVolumeClaim>("data-solo");
    reconcile(&fake).unwrap();
    assert_eq!(fake.log(), ["create PersistentVolumeClaim data-solo", "event NodeFailed solo"]);
}

#[test]
fn what_is_not_there_is_created_and_what_is_there_is_applied_by_a_design_that_knows_namesakes_apart() {
    let fake = in_phase(full_node_spec(), NodePhase::Initializing);
    let step = || fake.reconcile(&operator("rehearsed", &[]), Controller::Node, "solo").map(|_| fake.log());
    let written =
        |log: Vec<String>| log.into_iter().filter(|call| !call.starts_with("get") && !call.starts_with("submit")).collect::<Vec<_>>();
    assert_eq!(step().map(written), Ok(vec!["create StatefulSet solo".to_owned(), "create Service solo".to_owned()]));
    let applied = ["StatefulSet", "Service"].map(|kind| format!("apply {kind} solo as seinode-controller"));
    assert_eq!(step().map(written), Ok(applied.to_vec()));
}

#[test]
fn a_volume_waits_for_the_pod_of_an_earlier_node_of_the_name_to_go() {
    let fake = with(node(full_node_spec()));
    fake.put(Object::<Pod>::new(Meta::new(key("solo-0")), PodSpec::default()));
    let step = || fake.reconcile(&operator("rehearsed", &[]), Controller::Node, "solo");
    assert_eq!(step(), Ok(Requeue::After(executor::POLL)));
    assert!(fake.find::<PersistentVolumeClaim>("data-solo").is_none());
    fake.remove::<Pod>("solo-0");
    assert_eq!(step(), Ok(Requeue::NOW));
    assert!(fake.find::<PersistentVolumeClaim>("data-solo").is_some());
}

#[test]
fn a_failed_node_only_says_so() {
    let fake = in_phase(full_node_spec(), NodePhase::Failed);
    assert_eq!(reconcile(&fake), Ok(Requeue::Done));
    assert_eq!(reconcile(&fake), Ok(Requeue::Done));
    assert_eq!(fake.log(), ["event NodeFailed solo", "event NodeFailed solo"]);
}

#[test]
fn a_running_node_without_monitor_tasks_is_looked_at_every_half_minute_and_not_touched() {
    let fake = in_phase(full_node_spec(), NodePhase::Running);
    assert_eq!(reconcile(&fake), Ok(Requeue::After(Duration::from_secs(30))));
    assert!(fake.log().is_empty());
}

#[test]
fn a_running_snapshotter_submits_its_upload_once_and_polls_it() {
    let fake = in_phase(snapshotter(), NodePhase::Running);
    assert_eq!(reconcile(&fake), Ok(Requeue::After(Duration::from_secs(30))));
    assert_eq!(fake.log(), ["submit snapshot-upload to solo", "patch-status SeiNode solo if unchanged"]);
    assert_eq!(reconcile(&fake), Ok(Requeue::After(Duration::from_secs(30))));
    assert!(fake.log().is_empty());
    *fake.report.borrow_mut() = Err(SidecarError::Unreachable("refused"));
    assert_eq!(reconcile(&fake), Ok(Requeue::After(Duration::from_secs(30))));
    assert_eq!(fake.have::<SeiNode>("solo").status.monitor_tasks["snapshot-upload"].status, TaskStatus::Pending);
}

#[test]
fn a_conflict_forgets_the_monitor_task_that_was_just_submitted() {
    let fake = in_phase(snapshotter(), NodePhase::Running);
    fake.fail("patch-status SeiNode solo if unchanged", ApiError::Conflict("solo".into()));
    assert_eq!(reconcile(&fake), Ok(Requeue::NOW));
    assert!(fake.have::<SeiNode>("solo").status.monitor_tasks.is_empty());
    fake.log();
    reconcile(&fake).unwrap();
    assert_eq!(fake.log()[0], "submit snapshot-upload to solo", "it is submitted a second time");
}

fn replayer() -> SeiNodeSpec {
    let s3 = Some(S3Snapshot { target_height: Height(100) });
    let fixed = StaticPeers { addresses: vec!["id@host:26656".into()] };
    let replayer = Replayer {
        snapshot: SnapshotSource { s3, ..Default::default() },
        result_export: Some(ResultExport { canonical_rpc: "http://canonical".into() }),
    };
    let peers = vec![PeerSource { fixed: Some(fixed), ..Default::default() }];
    SeiNodeSpec { full_node: None, replayer: Some(replayer), peers, ..full_node_spec() }
}

#[test]
fn the_end_of_a_result_export_is_a_condition() {
    let ends = |report: Result<TaskReport, SidecarError>| {
        let fake = in_phase(replayer(), NodePhase::Running);
        reconcile(&fake).unwrap();
        *fake.report.borrow_mut() = report;
        fake.log();
        assert_eq!(reconcile(&fake), Ok(Requeue::NOW));
        let log = fake.log();
        let status = fake.have::<SeiNode>("solo").status;
        let task = &status.monitor_tasks["result-export"];
        assert!(task.completed_at.is_some());
        let reason = condition::find(&status.conditions, "ResultExportComplete").unwrap().reason.to_string();
        assert_eq!(reconcile(&fake), Ok(Requeue::After(Duration::from_secs(30))), "it is not submitted again");
        assert!(fake.log().is_empty());
        (task.status, reason, log.last().unwrap().clone())
    };
    let report = |state| Ok(TaskReport { state, error: None });
    let expect = |status, reason: &str, event: &str| (status, reason.to_owned(), format!("event {event} solo"));
    let completed = expect(TaskStatus::Complete, "DivergenceDetected", "MonitorTaskCompleted");
    assert_eq!(ends(report(TaskState::Completed)), completed);
    assert_eq!(ends(report(TaskState::Failed)), expect(TaskStatus::Failed, "TaskFailed", "MonitorTaskFailed"));
    assert_eq!(ends(Err(SidecarError::NotFound)), expect(TaskStatus::Failed, "TaskLost", "MonitorTaskFailed"));
}

fn being_deleted() -> Fake {
    let fake = in_phase(full_node_spec(), NodePhase::Running);
    fake.change::<SeiNode>("solo", |node| node.meta_mut().deleting = Some(Time::from_unix(1_000_000)));
    fake
}

#[test]
fn a_deleted_node_takes_its_claim_along_and_then_goes() {
    let fake = being_deleted();
    assert_eq!(reconcile(&fake), Ok(Requeue::Done));
    let calls = [
        "patch-status SeiNode solo if unchanged",
        "event PhaseTransition solo",
        "delete PersistentVolumeClaim data-solo",
        "update SeiNode solo",
    ];
    assert_eq!(fake.log(), calls);
    assert!(fake.find::<SeiNode>("solo").is_none());
}

#[test]
fn a_claim_that_the_server_no_longer_has_keeps_the_node() {
    let fake = being_deleted();
    fake.freeze();
    fake.remove::<PersistentVolumeClaim>("data-solo");
    assert_eq!(reconcile(&fake), Err(ReconcileError::Api(ApiError::NotFound("data-solo".into()))));
    assert!(fake.have::<SeiNode>("solo").meta.has_finalizer(NODE_FINALIZER));
    fake.thaw();
    assert_eq!(reconcile(&fake), Ok(Requeue::Done), "what the cache does not show either is fine");
    assert!(fake.find::<SeiNode>("solo").is_none());
}
