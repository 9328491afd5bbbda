//! `plan-regression`, `failure-hidden`, `lost-update`, `foreign-object`: what controllers write, and of which objects.
//!
//! Each is broken by a request that the operator's process is made to send.

use super::planned_upgrade;
use api::kinds::{PersistentVolumeClaim, Service};
use api::node::NodePhase;
use api::plan::{PlanPhase, TaskStatus};
use api::{AnyObject, Kind, Labels, ObjectKey, SeiNode, SeiNodeDeployment, names};
use oracles::{Called, OperatorCall};
use ports::{DeleteOptions, Precondition};
use simcore::SimTime;
use simkube::{Actor, ProcessId, Request};
use std::sync::Arc;
use std::time::Duration;
use testbed::world::{Sim, World};

const OPERATOR: ProcessId = ProcessId(1);

fn key(name: &str) -> ObjectKey {
    ObjectKey::new("default", name)
}

fn stored(sim: &Sim, info: &'static api::KindInfo, name: &str) -> AnyObject {
    sim.sight().cluster.object(info, &key(name)).cloned().expect("it is there")
}

fn group(sim: &Sim) -> AnyObject {
    stored(sim, &SeiNodeDeployment::INFO, "pacific-1-rpc")
}

/// Lets the operator send a request in the reconcile of an object.
fn sends(world: &mut World, primary: AnyObject, request: Request) {
    let call = OperatorCall { process: OPERATOR, primary, called: Called::of(&request) };
    world.act(|sim| sim.carry_out(request, call)).expect("the request is granted");
}

fn broken(world: &World, oracle: &str) -> usize {
    world.look(|sim| sim.violations().iter().filter(|violation| violation.oracle == oracle).count())
}

/// The planned upgrade under halt-signal one minute into the rollout: its plan is at await-nodes-running.
fn in_the_rollout() -> World {
    let (scenario, mut world) = planned_upgrade();
    world.run_until(Some(scenario.timeline[0].at() + Duration::from_secs(60)));
    world
}

#[test]
fn plan_regression_fires_when_a_completed_task_is_pending_again() {
    let mut world = in_the_rollout();
    assert_eq!(broken(&world, "plan-regression"), 0);
    let base = world.look(group);
    let mut desired = base.typed::<SeiNodeDeployment>().expect("a group");
    let plan = desired.status_mut().plan.as_mut().expect("a plan");
    assert_eq!((plan.phase, plan.tasks[0].status), (PlanPhase::Active, TaskStatus::Complete));
    plan.tasks[0].status = TaskStatus::Pending;
    let request = Request::PatchStatus { base: base.clone(), desired: desired.into_any(), precondition: Precondition::None };
    sends(&mut world, base, request);
    assert_eq!(broken(&world, "plan-regression"), 1);
}

#[test]
fn failure_hidden_fires_when_a_failed_node_runs_again_though_nobody_did_anything() {
    let mut world = in_the_rollout();
    let write = |world: &mut World, phase| {
        let base = world.look(|sim| stored(sim, &SeiNode::INFO, "pacific-1-rpc-g2-0"));
        let mut desired = base.typed::<SeiNode>().expect("a node");
        desired.status_mut().phase = Some(phase);
        let request = Request::PatchStatus { base: base.clone(), desired: desired.into_any(), precondition: Precondition::None };
        sends(world, base, request);
    };
    write(&mut world, NodePhase::Failed);
    assert_eq!(broken(&world, "failure-hidden"), 0, "it is told");
    write(&mut world, NodePhase::Running);
    assert_eq!(broken(&world, "failure-hidden"), 1);
}

#[test]
fn lost_update_fires_for_a_write_from_an_old_copy_over_anothers_change_and_not_beside_it() {
    let overwrite = |theirs: &'static str, ours: &'static str| {
        let (_, mut world) = planned_upgrade();
        world.run_until(Some(SimTime::ZERO + Duration::from_secs(60)));
        let labelled = |base: &AnyObject, label: &str, value: &str| {
            let mut labels: Labels = (*base.meta.labels).clone();
            labels.insert(label.into(), value.into());
            let mut desired = base.typed::<SeiNode>().expect("a node");
            desired.meta_mut().labels = Arc::new(labels);
            Request::Patch { base: base.clone(), desired: desired.into_any(), precondition: Precondition::None }
        };
        let base = world.look(|sim| stored(sim, &SeiNode::INFO, "pacific-1-rpc-0"));
        let persons = labelled(&base, theirs, "person");
        world.act(|sim| sim.request(persons, Actor::Person)).expect("the patch is granted");
        let operators = labelled(&base, ours, "operator");
        sends(&mut world, base, operators);
        broken(&world, "lost-update")
    };
    assert_eq!((overwrite("team", "team"), overwrite("team", "tier")), (1, 0));
}

#[test]
fn foreign_object_fires_once_for_a_write_to_what_another_object_owns() {
    let (_, mut world) = planned_upgrade();
    world.run_until(Some(SimTime::ZERO + Duration::from_secs(60)));
    let delete = |info, name: &str| Request::Delete { info, key: key(name), options: DeleteOptions::default() };
    let group = world.look(group);
    sends(&mut world, group.clone(), delete(&const { Service::INFO }, "pacific-1-rpc-external"));
    assert_eq!(broken(&world, "foreign-object"), 0, "its own Service");
    sends(&mut world, group, delete(&const { PersistentVolumeClaim::INFO }, &names::data_claim("pacific-1-rpc-0")));
    assert_eq!(broken(&world, "foreign-object"), 1, "its node's claim");
}
