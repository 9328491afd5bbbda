//! Tasks of a rollout where the design `rehearsed` decides.

use crate::fake::Fake;
use crate::samples::{PLAN, group_with, names, node, plan};
use api::condition::{self, Condition, ConditionStatus};
use api::kinds::Pod;
use api::node::NodePhase;
use api::plan::{PlanPhase, TaskStatus};
use api::task::{
    AwaitNodesRunning, ControllerTask, CreateEntrantNodes, HardForkInjection, NodeNames, SubTaskPurpose, SwitchTraffic, sub_task_id,
    task_id,
};
use api::{Group, Height, Meta, Node, Object, ObjectKey, SeiNode, SeiNodeDeployment, SidecarTask, Task, Time};
use executor::ready::{STARTED_OVER, has_run};
use executor::{NOW, POLL, overdue};
use k8s_openapi::api::core::v1::PodCondition;
use planner::Design;
use ports::TaskState;
use std::sync::Arc;
use uuid::Uuid;

const HOUR: i64 = 3600;
const ENTRANTS: [&str; 2] = ["rpc-g2-0", "rpc-g2-1"];

/// The task that makes the entrants of a rollout across a fork.
pub fn create_entrants(incumbent_image: &str, halt_height: Height) -> ControllerTask {
    ControllerTask::CreateEntrantNodes(Arc::new(entrants_of(incumbent_image, halt_height)))
}

pub fn entrants_of(incumbent_image: &str, halt_height: Height) -> CreateEntrantNodes {
    CreateEntrantNodes {
        group_name: "rpc".into(),
        namespace: "sei".into(),
        entrant_revision: "2".into(),
        node_names: names(&ENTRANTS),
        hard_fork: Some(HardForkInjection { incumbent_image: incumbent_image.into(), halt_height }),
    }
}

/// A rollout across a fork at height 500, whose entrants are being made as they are wanted, and that is at this task.
pub fn rollout(task: ControllerTask) -> (Fake, Group) {
    let fake = Fake::default();
    *fake.design.borrow_mut() = Some(Design::preset("rehearsed").expect("a preset"));
    let create = create_entrants("sei:v6.3.0", Height(500));
    let mut group = group_with(&fake, plan(vec![create.into(), task.into()]));
    let entrants_begun = fake.advance(&mut group);
    assert_eq!(entrants_begun, Ok(Some(NOW)));
    assert_eq!(group.status.plan.as_ref().map(|plan| plan.tasks[0].status), Some(TaskStatus::Complete));
    fake.take_log();
    (fake, group)
}

pub fn switch() -> ControllerTask {
    ControllerTask::SwitchTraffic(Arc::new(SwitchTraffic {
        group_name: "rpc".into(),
        namespace: "sei".into(),
        entrant_revision: "2".into(),
    }))
}

pub fn await_running() -> ControllerTask {
    ControllerTask::AwaitNodesRunning(Arc::new(AwaitNodesRunning {
        group_name: "rpc".into(),
        namespace: "sei".into(),
        expected: 2,
        node_names: names(&ENTRANTS),
    }))
}

/// The id under which an entrant's sidecar is asked for the height.
pub fn asked(node: &str, task: &str) -> Uuid {
    sub_task_id(node, SubTaskPurpose::AwaitHeight, task_id(PLAN, task, 1))
}

fn not_ready_since(fake: &Fake, name: &str, since: i64) {
    says(fake, name, NodePhase::Initializing, ConditionStatus::False, since);
}

/// A node that is in this phase, and whose condition Ready has said so since a moment.
pub fn says(fake: &Fake, name: &str, phase: NodePhase, ready: ConditionStatus, since: i64) {
    fake.change::<SeiNode>(name, |node| {
        let status = node.status_mut();
        status.phase = Some(phase);
        condition::set(&mut status.conditions, readiness(ready, "Pod", since));
    });
}

/// A condition Ready that has said so since a moment.
fn readiness(status: ConditionStatus, reason: &str, since: i64) -> Condition {
    Condition {
        last_transition_time: Time::from_unix(since),
        message: "as it is".into(),
        observed_generation: None,
        reason: reason.into(),
        status,
        kind: "Ready".into(),
    }
}

#[test]
fn traffic_is_switched_when_one_entrant_has_stored_the_block_after_the_forks_and_stayed_ready_and_not_before() {
    let (fake, mut group) = rollout(switch());
    ENTRANTS.iter().for_each(|entrant| fake.sidecar(entrant));
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)), "nobody is there yet");
    for entrant in ENTRANTS {
        let submitted = fake.submitted(entrant);
        assert!(
            matches!(&submitted[0].task, SidecarTask::AwaitCondition(wait) if wait.target_height == Height(501) && wait.action.is_none()),
            "{submitted:?}"
        );
    }
    assert_eq!(group.status.deployment.as_ref().map(|rollout| &*rollout.incumbent_revision), Some("1"));
    fake.report("rpc-g2-1", asked("rpc-g2-1", "switch-traffic"), TaskState::Completed, None);
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)), "it is not ready");
    says(&fake, "rpc-g2-1", NodePhase::Running, ConditionStatus::True, 1000);
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    assert_eq!(group.status.deployment.as_ref().map(|rollout| &*rollout.incumbent_revision), Some("2"));
}

/// A node beside the entrants that runs.
pub fn incumbent(fake: &Fake, group: &Group, name: &'static str) {
    node(fake, name, NodePhase::Running);
    fake.change::<SeiNode>(name, |node| node.meta_mut().owners = Arc::from([group.owner_ref()]));
}

#[test]
fn all_entrants_are_waited_for_where_an_incumbent_goes_on_beyond_the_fork() {
    for goes_on in [false, true] {
        let (fake, mut group) = rollout(switch());
        incumbent(&fake, &group, "rpc-0");
        ["rpc-0", "rpc-g2-0", "rpc-g2-1"].into_iter().for_each(|node| fake.sidecar(node));
        if goes_on {
            fake.report("rpc-0", asked("rpc-0", "switch-traffic"), TaskState::Completed, None);
        }
        let switched = ENTRANTS.map(|entrant| {
            fake.report(entrant, asked(entrant, "switch-traffic"), TaskState::Completed, None);
            says(&fake, entrant, NodePhase::Running, ConditionStatus::True, 1000);
            fake.advance(&mut group).expect("it is written");
            group.status.deployment.as_ref().is_some_and(|rollout| &*rollout.incumbent_revision == "2")
        });
        assert_eq!(switched, [!goes_on, true]);
        let asked = &fake.submitted("rpc-0")[0].task;
        assert!(
            matches!(asked, SidecarTask::AwaitCondition(wait) if wait.target_height == Height(502)),
            "the fork's second block: {asked:?}"
        );
    }
}

#[test]
fn a_rollout_is_given_up_when_an_entrant_has_been_ready_for_eight_hours_and_none_has_come_across_the_fork() {
    for somebody_is_past in [false, true] {
        let (fake, mut group) = rollout(switch());
        ENTRANTS.iter().for_each(|entrant| fake.sidecar(entrant));
        says(&fake, "rpc-g2-0", NodePhase::Running, ConditionStatus::True, 1000);
        fake.now.set(1000 + 8 * HOUR - 1);
        assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
        if somebody_is_past {
            fake.report("rpc-g2-1", asked("rpc-g2-1", "switch-traffic"), TaskState::Completed, None);
        }
        fake.now.set(1000 + 8 * HOUR);
        assert_eq!(fake.advance(&mut group), Ok(somebody_is_past.then_some(POLL)), "one that is past it may become ready");
        let failed = group.status.plan.as_ref().is_some_and(|plan| plan.phase == PlanPhase::Failed);
        assert_eq!(failed, !somebody_is_past);
    }
}

#[test]
fn no_entrant_is_made_for_a_fork_that_incumbents_have_bootstrapped_themselves_across() {
    for (halt_height, refused) in [(Height(101), true), (Height(100), true), (Height(102), false)] {
        let fake = Fake::default();
        *fake.design.borrow_mut() = Some(Design::preset("rehearsed").expect("a preset"));
        let mut group = group_with(&fake, plan(vec![create_entrants("sei:v6.4.0", halt_height).into()]));
        node(&fake, "rpc-0", NodePhase::Running); // Of image v6.4.0, bootstrapped with another up to block 100.
        fake.change::<SeiNode>("rpc-0", |node| node.meta_mut().owners = Arc::from([group.owner_ref()]));
        fake.advance(&mut group).expect("it is written");
        assert_eq!(group.status.plan.as_ref().map(|plan| plan.phase == PlanPhase::Failed), Some(refused), "{halt_height}");
        assert_eq!(fake.stored::<SeiNode>("rpc-g2-0").is_none(), refused);
    }
}

#[test]
fn a_rollout_is_given_up_when_an_entrant_that_ran_has_not_been_ready_for_eight_hours() {
    let (fake, mut group) = rollout(await_running());
    not_ready_since(&fake, "rpc-g2-1", 1000);
    fake.now.set(1000 + 8 * HOUR - 1);
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    fake.now.set(1000 + 8 * HOUR);
    assert_eq!(fake.advance(&mut group), Ok(None));
    let plan = group.status.plan.as_ref().expect("a plan");
    assert_eq!(plan.phase, PlanPhase::Failed);
    assert_eq!(plan.failed_task_detail.as_ref().map(|detail| &*detail.error), Some("node rpc-g2-1 has not become ready for hours"));
}

#[test]
fn a_rollout_is_given_up_when_all_incumbents_have_been_down_for_eight_hours_and_no_entrant_runs() {
    for (entrant_runs, given_up) in [(false, true), (true, false)] {
        let (fake, mut group) = rollout(await_running());
        let uid = group.meta.uid;
        for name in ["rpc-0", "rpc-1"] {
            node(&fake, name, NodePhase::Initializing);
            fake.change::<SeiNode>(name, |node| node.meta_mut().owners = Arc::from([group.owner_ref()]));
            not_ready_since(&fake, name, 0);
        }
        if entrant_runs {
            fake.change::<SeiNode>("rpc-g2-0", |node| node.status_mut().phase = Some(NodePhase::Running));
        }
        fake.now.set(8 * HOUR);
        fake.advance(&mut group).expect("it is written");
        assert_eq!(uid, group.meta.uid);
        assert_eq!(group.status.plan.as_ref().map(|plan| plan.phase == PlanPhase::Failed), Some(given_up), "{entrant_runs}");
    }
}

#[test]
fn an_incumbent_that_is_being_deleted_is_not_one_that_is_down() {
    let (fake, mut group) = rollout(await_running());
    incumbent(&fake, &group, "rpc-0");
    not_ready_since(&fake, "rpc-0", 0);
    fake.change::<SeiNode>("rpc-0", |node| node.meta_mut().deleting = Some(Time::from_unix(8 * HOUR)));
    fake.now.set(8 * HOUR);
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)), "another is made in its place");
}

/// A node whose bootstrap ended at moment 0, and that has not been ready since.
pub fn waiting(retries: i64) -> Node {
    let fake = Fake::default();
    let mut node = node(&fake, "rpc-g2-0", NodePhase::Initializing);
    let teardown = ControllerTask::TeardownBootstrap(Arc::new(api::task::TeardownBootstrap {
        job_name: "rpc-g2-0-bootstrap".into(),
        service_name: "rpc-g2-0".into(),
        namespace: "sei".into(),
    }));
    let mut plan = plan(vec![teardown.into(), Task::Sidecar(SidecarTask::MarkReady)]);
    for task in &mut plan.tasks {
        task.submitted_at = Some(Time::from_unix(0));
        task.retry_count = retries;
    }
    plan.tasks[0].status = TaskStatus::Complete;
    plan.tasks[1].submitted_at = Some(Time::from_unix(100 * HOUR)); // At every look, until it is complete.
    node.status_mut().plan = Some(plan);
    node
}

#[test]
fn a_node_that_is_past_its_bootstrap_for_four_hours_starts_over_once_and_is_hopeless_after_eight() {
    let at = |seconds| {
        let fake = Fake::default();
        fake.now.set(seconds);
        fake
    };
    let (first, failed_before) = (waiting(0), waiting(1));
    for node in [&first, &failed_before] {
        assert!(!overdue::starts_over(&at(4 * HOUR - 1), node) && overdue::starts_over(&at(4 * HOUR), node));
    }
    let mut second = waiting(1);
    second.status_mut().conditions.push(readiness(ConditionStatus::False, STARTED_OVER, 0));
    assert!(!overdue::starts_over(&at(100 * HOUR), &second), "once");
    assert!(!has_run(&second), "it has not been ready yet");
    for node in [&first, &failed_before, &second] {
        assert!(!overdue::is_hopeless(&at(8 * HOUR - 1), node) && overdue::is_hopeless(&at(8 * HOUR), node));
    }
    let mut later = first.clone();
    later.status_mut().plan.as_mut().expect("a plan").tasks.insert(1, {
        let mut done = first.status.plan.as_ref().expect("a plan").tasks[0].clone();
        (done.task, done.submitted_at) = (Arc::new(Task::Sidecar(SidecarTask::ConfigureGenesis)), Some(Time::from_unix(HOUR)));
        done
    });
    assert!(!overdue::is_hopeless(&at(8 * HOUR), &later) && overdue::is_hopeless(&at(9 * HOUR), &later), "it has come on since");
    let mut running = first;
    running.status_mut().phase = Some(NodePhase::Running);
    assert!(!overdue::is_hopeless(&at(100 * HOUR), &running));
}

#[test]
fn an_entrant_that_was_made_before_the_switch_is_left_behind_four_hours_after_it_unless_it_has_failed() {
    let fake = Fake::default();
    let mut entrant = node(&fake, "rpc-g2-0", NodePhase::Running);
    entrant.meta_mut().created = Some(Time::from_unix(100));
    let at = |seconds, entrant: &Node, switched| {
        fake.now.set(seconds);
        overdue::is_left_behind(&fake, entrant, Time::from_unix(switched))
    };
    assert!(!at(200 + 4 * HOUR - 1, &entrant, 200) && at(200 + 4 * HOUR, &entrant, 200));
    assert!(!at(100 * HOUR, &entrant, 99), "made since then, it has had its second chance");
    entrant.status_mut().plan = waiting(1).status.plan.clone();
    entrant.status_mut().plan.as_mut().expect("a plan").tasks[0].submitted_at = Some(Time::from_unix(HOUR));
    assert!(!at(5 * HOUR - 1, &entrant, 200) && at(5 * HOUR, &entrant, 200), "it started over in between");
    entrant.status_mut().phase = Some(NodePhase::Failed);
    assert!(!at(100 * HOUR, &entrant, 200));
}

/// A rollout whose entrants are past the fork, settled and ready, whose traffic was switched, and whose clients have had their time: what is left is to delete
/// `rpc-0`.
fn at_the_teardown() -> (Fake, Group) {
    let teardown = NodeNames { namespace: "sei".into(), node_names: names(&["rpc-0"]) };
    let (fake, mut group) = rollout(ControllerTask::TeardownNodes(Arc::new(teardown)));
    node(&fake, "rpc-0", NodePhase::Running);
    fake.change::<SeiNode>("rpc-0", |node| node.meta_mut().owners = Arc::from([group.owner_ref()]));
    for entrant in ENTRANTS {
        fake.sidecar(entrant);
        fake.sidecars.borrow_mut().get_mut(entrant).expect("it was just made").ready = true;
        fake.report(entrant, asked(entrant, "teardown-nodes"), TaskState::Completed, None);
        says(&fake, entrant, NodePhase::Running, ConditionStatus::True, 0);
        fake.store(Object::<Pod>::new(Meta::new(ObjectKey::new("sei", format!("{entrant}-0"))), Default::default()));
        pod_says(&fake, entrant, "True");
    }
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)), "clients are to have five minutes");
    fake.now.set(HOUR);
    fake.take_log();
    (fake, group)
}

fn pod_says(fake: &Fake, node: &str, ready: &str) {
    fake.change::<Pod>(&format!("{node}-0"), |pod| {
        let condition = PodCondition { type_: "Ready".into(), status: ready.into(), ..PodCondition::default() };
        pod.status_mut().conditions = Some(vec![condition]);
    });
}

#[test]
fn an_incumbent_goes_when_all_entrants_are_ready_and_not_when_only_the_pod_of_one_tells_that_it_is_not() {
    for (said, goes) in [("True", true), ("False", false)] {
        let (fake, mut group) = at_the_teardown();
        pod_says(&fake, "rpc-g2-1", said);
        assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
        assert_eq!(fake.stored::<SeiNode>("rpc-0").is_none(), goes, "{said}");
    }
}

#[test]
fn an_entrant_is_not_made_from_a_spec_that_has_been_edited() {
    for (generation, made) in [(2, true), (3, false)] {
        let (fake, mut group) = rollout(await_running());
        fake.remove::<SeiNode>("rpc-g2-1");
        fake.change::<SeiNodeDeployment>("rpc", |stored| stored.meta_mut().generation = Some(generation));
        assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
        assert_eq!(fake.stored::<SeiNode>("rpc-g2-1").is_some(), made, "{generation}");
    }
}

#[test]
fn an_entrant_that_was_made_after_the_switch_is_given_up_eight_hours_later() {
    let fake = Fake::default();
    let mut entrant = node(&fake, "rpc-g2-0", NodePhase::Initializing);
    entrant.meta_mut().created = Some(Time::from_unix(200));
    let at = |seconds, switched| {
        fake.now.set(seconds);
        overdue::is_lost_behind(&fake, &entrant, Time::from_unix(switched))
    };
    assert!(!at(200 + 8 * HOUR - 1, 100) && at(200 + 8 * HOUR, 100));
    assert!(!at(100 * HOUR, 200), "made before, it has its second chance to come");
}

#[test]
fn what_an_operator_that_comes_back_finds_is_late_only_when_it_has_led_for_as_long() {
    let fake = Fake::default();
    fake.leads_since.set(5 * HOUR);
    let waiting = waiting(0);
    let mut entrant = node(&fake, "rpc-g2-0", NodePhase::Initializing);
    entrant.meta_mut().created = Some(Time::from_unix(0));
    let late_at = |seconds| {
        fake.now.set(seconds);
        [
            overdue::starts_over(&fake, &waiting),
            overdue::is_left_behind(&fake, &entrant, Time::from_unix(1)),
            overdue::is_hopeless(&fake, &waiting),
        ]
    };
    assert_eq!(late_at(9 * HOUR - 1), [false; 3]);
    assert_eq!(late_at(9 * HOUR), [true, true, false]);
    assert_eq!(late_at(13 * HOUR), [true; 3]);
}
