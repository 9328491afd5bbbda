//! Claims, volumes and where they are attached.

use super::*;

fn uses(name: &str, claim: &str) -> Object<Pod> {
    pod(name, with_claim(pod_spec(container("main")), claim))
}

fn volumes_deleted(world: &World) -> usize {
    world.told.iter().filter(|(_, output)| matches!(output, Output::VolumeDeleted { .. })).count()
}

fn machine(world: &World, pod: &str) -> Option<String> {
    world.get::<Pod>(pod).spec.node_name.clone()
}

fn unschedulable(world: &World, pod: &str) -> bool {
    let status = world.get::<Pod>(pod).status;
    status
        .conditions
        .iter()
        .flatten()
        .any(|c| c.type_ == "PodScheduled" && c.status == "False" && c.reason.as_deref() == Some("Unschedulable"))
}

#[test]
fn a_container_is_told_the_uid_of_the_claim_behind_its_data() {
    let mut world = World::new(quick());
    world.create(claim("data"));
    world.create(uses("web-0", "data"));
    world.rest();
    let volume = world.told.iter().find_map(|(_, output)| match output {
        Output::Start(start) => Some(start.volume),
        _ => None,
    });
    assert_eq!(volume, Some(world.get::<PersistentVolumeClaim>("data").meta.uid));
}

#[test]
fn a_claim_is_protected_while_a_pod_names_it_completed_pods_included() {
    let mut world = World::new(quick()).program("main", Program { exits: vec![(5, 0)], ..Program::default() });
    let mut completed = uses("web-0", "data");
    completed.spec_mut().restart_policy = Some("Never".to_owned());
    world.create(claim("data"));
    world.create(completed);
    world.rest();
    assert_eq!(world.phase("web-0").as_deref(), Some("Succeeded"));
    world.delete::<PersistentVolumeClaim>("data");
    world.rest();
    assert!(world.get::<PersistentVolumeClaim>("data").meta.deleting.is_some());
    world.delete::<Pod>("web-0");
    world.rest();
    assert!(world.find::<PersistentVolumeClaim>("data").is_none());
    assert_eq!(volumes_deleted(&world), 1);
}

#[test]
fn an_unused_claim_goes_at_once_and_leaves_no_data() {
    let mut world = World::new(quick());
    world.create(claim("data"));
    world.rest();
    world.delete::<PersistentVolumeClaim>("data");
    world.rest();
    assert!(world.find::<PersistentVolumeClaim>("data").is_none());
    assert_eq!(volumes_deleted(&world), 0, "it never had a volume");
}

#[test]
fn a_volume_is_attached_to_another_machine_only_after_it_was_detached_from_the_first() {
    let profile = ClusterProfile { attach: Span::seconds(8, 8), detach: Span::seconds(20, 20), zones: 1, machines: 2, ..quick() };
    let mut world = World::new(profile);
    world.create(claim("data"));
    world.create(uses("web-0", "data"));
    world.rest();
    world.create(uses("web-1", "data"));
    world.rest();
    assert_ne!(machine(&world, "web-0"), machine(&world, "web-1"), "a chain node has its machine for itself");
    assert_eq!(world.starts("main").len(), 1, "the volume is on the other machine");
    world.delete::<Pod>("web-0");
    world.run_until_holds("the end of the first pod", |world| world.find::<Pod>("web-0").is_none());
    let gone = world.now;
    world.run_until_holds("the second start", |world| world.starts("main").len() == 2);
    assert!(world.now.since(gone) >= Duration::from_secs(28), "{}", world.now);
}

#[test]
fn a_pod_without_room_waits_until_a_machine_is_free() {
    let mut world = World::new(ClusterProfile { zones: 1, machines: 1, ..quick() });
    world.create(claim("a"));
    world.create(claim("b"));
    world.create(uses("web-0", "a"));
    world.rest();
    world.create(uses("web-1", "b"));
    world.rest();
    assert!(unschedulable(&world, "web-1"));
    world.delete::<Pod>("web-0");
    world.rest();
    assert_eq!(world.phase("web-1").as_deref(), Some("Running"));
}

#[test]
fn volumes_move_slower_from_the_moment_at_which_they_are_told_to_and_no_longer() {
    let profile = || ClusterProfile { zones: 1, machines: 2, ..quick() };
    let moves = |attach: u64, detach: u64, healed: bool| {
        let mut world = World::new(profile());
        world.cluster.delay_volumes(Duration::from_secs(attach), Duration::from_secs(detach));
        if healed {
            world.cluster.delay_volumes(Duration::ZERO, Duration::ZERO);
        }
        world.create(claim("data"));
        world.create(uses("web-0", "data"));
        world.rest();
        let first = world.starts("main")[0];
        world.create(uses("web-1", "data"));
        world.rest();
        world.delete::<Pod>("web-0");
        world.run_until_holds("the end of the first pod", |world| world.find::<Pod>("web-0").is_none());
        let gone = world.now;
        world.run_until_holds("the second start", |world| world.starts("main").len() == 2);
        (first.since(SimTime::ZERO).as_secs(), world.now.since(gone).as_secs())
    };
    assert_eq!(moves(0, 0, false), (0, 0));
    assert_eq!(moves(100, 0, false), (100, 100));
    assert_eq!(moves(0, 300, false), (0, 300));
    assert_eq!(moves(100, 300, true), (0, 0));
}
