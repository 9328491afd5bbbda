//! Real worlds for laws to watch, and hands that reach into them: a person's, the operator's in one of its reconciles, anybody else's.

use crate::common;

use api::kinds::Service;
use api::{AnyObject, Kind, KindInfo, Meta, Object, ObjectKey, SeiNodeDeployment};
use k8s_openapi::api::core::v1::{ServicePort, ServiceSpec};
use oracles::{Called, EndVerdicts, OperatorCall, Sight};
use ports::{DeleteOptions, Precondition};
use simcore::SimTime;
use simkube::{Actor, Answer, ProcessId, Request};
use std::sync::Arc;
use std::time::Duration;
use testbed::Settled;
use testbed::history::History;
use testbed::world::{Polls, World};

/// The group of most scenarios.
pub const GROUP: &str = "pacific-1-rpc";

/// The world of a scenario's first run, some time after its start.
pub fn world(scenario: &str, after: Duration) -> World {
    let scenario = common::scenarios().into_iter().find(|known| &*known.name == scenario).expect("the scenario");
    let mut world = Settled::new(&scenario, &scenario.runs[0].design, Polls::Elided).expect("it settles").world(7, History::default());
    world.run_until(Some(SimTime::ZERO + after));
    world
}

/// A patch release a minute after it was applied: a plan is at work.
pub fn rollout() -> World {
    world("bluegreen/image-change", Duration::from_secs(660))
}

/// A group that nobody has touched.
pub fn calm() -> World {
    world("bluegreen/image-change", Duration::from_secs(60))
}

pub fn key(name: &str) -> ObjectKey {
    ObjectKey::new("default", name)
}

/// A stored object.
pub fn stored<K: Kind>(world: &World, name: &str) -> Object<K> {
    world.look(|sim| any(sim.sight(), &const { K::INFO }, name)).typed().expect("of that kind")
}

fn any(sight: Sight<'_>, info: &'static KindInfo, name: &str) -> AnyObject {
    sight.cluster.object(info, &key(name)).expect("it is stored").clone()
}

/// The group as the copy of a reconcile.
pub fn group(world: &World) -> AnyObject {
    stored::<SeiNodeDeployment>(world, GROUP).into_any()
}

/// A request of the operator's, made in the reconcile of an object as that reconcile has read it.
pub fn by_operator(world: &mut World, primary: AnyObject, request: Request) -> Answer {
    let (called, sent) = (Called::of(&request), world.look(|sim| sim.sight().event));
    let call = OperatorCall { process: ProcessId(1), primary, called, sent };
    world.act(|sim| sim.carry_out(request, call))
}

/// A request of somebody else's, which succeeds.
pub fn by(world: &mut World, actor: Actor, request: Request) {
    world.act(|sim| sim.request(request, actor)).expect("it is not refused");
}

/// A Service that nobody of the scenario makes.
pub fn service(name: &str) -> Object<Service> {
    let ports = vec![ServicePort { port: 80, ..ServicePort::default() }];
    let selector = [("app".to_owned(), "other".to_owned())].into();
    Object::new(Meta::new(key(name)), ServiceSpec { ports: Some(ports), selector: Some(selector), ..ServiceSpec::default() })
}

pub fn delete<K: Kind>(name: &str) -> Request {
    Request::Delete { info: &const { K::INFO }, key: key(name), options: DeleteOptions::default() }
}

/// A patch of metadata and spec.
pub fn patch<K: Kind>(base: &Object<K>, change: impl FnOnce(&mut Object<K>)) -> Request {
    let mut desired = base.clone();
    change(&mut desired);
    Request::Patch { base: base.clone().into_any(), desired: desired.into_any(), precondition: Precondition::None }
}

/// A patch of the status.
pub fn patch_status<K: Kind>(base: &Object<K>, change: impl FnOnce(&mut K::Status)) -> Request {
    let mut desired = base.clone();
    change(desired.status_mut());
    Request::PatchStatus { base: base.clone().into_any(), desired: desired.into_any(), precondition: Precondition::None }
}

/// Sets a label.
pub fn label<K: Kind>(object: &mut Object<K>, name: &str, value: &str) {
    Arc::make_mut(&mut object.meta_mut().labels).insert(name.to_owned(), value.to_owned());
}

/// The operator changes the status of an object in that object's own reconcile.
pub fn operator_writes_status<K: Kind>(world: &mut World, name: &str, change: impl FnOnce(&mut K::Status)) {
    let base = stored::<K>(world, name);
    by_operator(world, base.clone().into_any(), patch_status(&base, change)).expect("it is not refused");
}

/// The laws that have been broken so far, in order.
pub fn broken(world: &World) -> Vec<&'static str> {
    world.look(|sim| sim.violations().iter().map(|violation| violation.oracle).collect())
}

/// What laws of the end would say if nothing more happened.
pub fn broken_at_rest(world: &World) -> Vec<&'static str> {
    world.look(|sim| of(&EndVerdicts::at_rest(&sim.sight())))
}

/// The laws that verdicts speak of.
pub fn of(verdicts: &EndVerdicts) -> Vec<&'static str> {
    verdicts.found().iter().map(|(law, _)| law.id).collect()
}
