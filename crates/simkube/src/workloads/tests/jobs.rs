//! The Job controller: completion, failure, the time to live.

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

#[test]
fn a_failed_pod_fails_a_job_with_backoff_limit_zero() {
    let mut world = World::new(quick()).program("main", exits(3));
    world.create(job(pod_spec(container("main"))));
    world.run_until_holds("failure", |world| has(world, "Failed"));
    assert_eq!(conditions(&world), ["FailureTarget", "Failed"]);
    let failed = world.get::<Job>("work").status;
    let last = failed.conditions.iter().flatten().last().expect("a condition");
    assert_eq!(last.reason.as_deref(), Some("BackoffLimitExceeded"));
    world.run_for(600);
    assert_eq!(world.starts("main").len(), 1, "there is no second try");
}

#[test]
fn a_failed_init_container_fails_the_pod_of_a_job() {
    let mut world = World::new(quick()).program("init", exits(1));
    world.create(job(PodSpec { init_containers: Some(vec![container("init")]), ..pod_spec(container("main")) }));
    world.run_until_holds("failure", |world| has(world, "Failed"));
    assert_eq!(world.starts("main").len(), 0);
    assert_eq!(world.pods()[0].status.phase.as_deref(), Some("Failed"));
}

#[test]
fn a_deleted_pod_counts_as_failed_but_the_job_fails_only_once_the_pod_has_ended() {
    let mut world = World::new(quick()).program("main", Program { obeys: Some(20), ..Program::default() });
    world.create(job(pod_spec(container("main"))));
    world.run_for(60);
    let name = world.pods()[0].name().to_owned();
    world.delete::<Pod>(&name);
    world.run_for(10);
    assert_eq!(conditions(&world), ["FailureTarget"]);
    world.run_until_holds("failure", |world| has(world, "Failed"));
    assert!(world.pods().is_empty());
}

#[test]
fn a_pod_of_a_job_is_named_and_labelled_after_it_and_held_until_it_is_counted() {
    let mut world = World::new(quick());
    world.create(job(pod_spec(container("main"))));
    world.run_for(60);
    let pod = &world.pods()[0];
    let suffix = pod.name().strip_prefix("work-").expect("the Job's name comes first");
    assert_eq!(suffix.len(), 5);
    assert_eq!(pod.meta.labels["batch.kubernetes.io/job-name"], "work");
    let uid = world.get::<Job>("work").meta.uid.expect("a uid").to_string();
    assert_eq!(pod.meta.labels["batch.kubernetes.io/controller-uid"], uid);
    assert!(pod.meta.has_finalizer("batch.kubernetes.io/job-tracking"));
}

#[test]
fn a_finished_job_is_deleted_with_its_pod_when_its_time_to_live_is_over() {
    let mut world = World::new(quick()).program("main", exits(0));
    world.create(job(pod_spec(container("main"))));
    world.run_until_holds("completion", |world| has(world, "Complete"));
    world.run_for(3599);
    assert!(world.find::<Job>("work").is_some() && world.pods().len() == 1);
    world.rest();
    assert!(world.find::<Job>("work").is_none() && world.pods().is_empty());
}

#[test]
fn a_foreground_deletion_of_a_running_job_ends_its_pod_first() {
    let mut world = World::new(quick()).program("main", Program { obeys: Some(7), ..Program::default() });
    world.create(job(pod_spec(container("main"))));
    world.run_for(60);
    world.delete_with::<Job>("work", Propagation::Foreground);
    world.run_for(5);
    assert!(world.find::<Job>("work").is_some(), "it waits for its pod");
    world.rest();
    assert!(world.find::<Job>("work").is_none() && world.pods().is_empty());
    assert_eq!(world.signals().len(), 1);
}

#[test]
fn a_background_deletion_of_a_job_leaves_no_pod_behind() {
    let mut world = World::new(quick());
    world.create(job(pod_spec(container("main"))));
    world.run_for(60);
    world.delete::<Job>("work");
    world.rest();
    assert!(world.pods().is_empty());
}
