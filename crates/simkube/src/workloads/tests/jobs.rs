//! The Job controller: what it tells the containers of a pod, and when.

use super::*;

fn conditions(world: &World) -> Vec<String> {
    world.get::<Job>("work").status.conditions.iter().flatten().map(|condition| condition.type_.clone()).collect()
}

fn has(world: &World, kind: &str) -> bool {
    world.find::<Job>("work").is_some_and(|job| job.status.conditions.iter().flatten().any(|condition| condition.type_ == kind))
}

fn exits(code: i32) -> Program {
    Program { exits: vec![(30, code)], ..Program::default() }
}

#[test]
fn a_job_completes_although_its_pod_has_a_sidecar_that_never_ends() {
    let mut world = World::new(quick()).program("main", exits(0)).program("helper", Program { obeys: Some(5), ..Program::default() });
    world.create(job(PodSpec { init_containers: Some(vec![sidecar("helper")]), ..pod_spec(container("main")) }));
    world.run_until_holds("completion", |world| has(world, "Complete"));
    assert_eq!(conditions(&world), ["SuccessCriteriaMet", "Complete"]);
    let status = world.get::<Job>("work").status;
    assert_eq!((status.succeeded, status.failed, status.active), (Some(1), None, None));
    let ended = world.starts("main")[0] + Duration::from_secs(30);
    let [(told, helper, Signal::Terminate)] = &world.signals()[..] else { panic!("{:?}", world.signals()) };
    assert_eq!((*told, helper.as_str()), (ended, "helper"));
    assert!(world.now.since(ended) >= Duration::from_secs(5), "the pod ends only after its sidecar has stopped");
}
