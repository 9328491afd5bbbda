//! The StatefulSet controller: identity, replacement, rollouts.

use super::*;

fn revision(world: &World) -> String {
    world.get::<Pod>("web-0").meta.labels["controller-revision-hash"].clone()
}

/// A container that is ready once its program serves `/ready`.
fn probed() -> Container {
    Container { readiness_probe: Some(probe(80, "/ready")), ..container("main") }
}

fn set_image(world: &mut World, image: &str) {
    world.change::<StatefulSet>("web", |set| {
        set.spec_mut().template.spec.as_mut().expect("a spec").containers[0].image = Some(image.to_owned());
    });
}

#[test]
fn a_pod_of_a_stateful_set_has_a_stable_name_hostname_and_labels() {
    let mut world = World::new(quick());
    world.create(stateful_set(pod_spec(container("main"))));
    world.rest();
    let pod = world.get::<Pod>("web-0");
    assert_eq!((pod.spec.hostname.as_deref(), pod.spec.subdomain.as_deref()), (Some("web-0"), Some("web")));
    assert_eq!(pod.meta.labels["statefulset.kubernetes.io/pod-name"], "web-0");
    assert_eq!(pod.meta.labels["apps.kubernetes.io/pod-index"], "0");
    assert_eq!(pod.meta.labels["app"], "web");
    let set = world.get::<StatefulSet>("web");
    assert!(pod.meta.is_controlled_by(set.meta.uid));
    let status = &set.status;
    assert_eq!((status.replicas, status.ready_replicas, status.updated_replicas), (1, Some(1), Some(1)));
    assert_eq!(status.current_revision, status.update_revision);
    assert_eq!(status.observed_generation, set.meta.generation);
}

#[test]
fn a_deleted_pod_is_replaced_under_its_name_only_once_it_is_gone() {
    let mut world = World::new(quick()).program("main", Program { obeys: Some(20), ..Program::default() });
    world.create(stateful_set(pod_spec(container("main"))));
    world.rest();
    let first = world.get::<Pod>("web-0").meta.uid;
    world.delete::<Pod>("web-0");
    let deleted = world.now;
    world.run_for(19);
    assert_eq!(world.get::<Pod>("web-0").meta.uid, first, "it is still terminating");
    world.rest();
    assert_ne!(world.get::<Pod>("web-0").meta.uid, first);
    assert_eq!(world.starts("main").len(), 2);
    assert!(world.starts("main")[1].since(deleted) >= Duration::from_secs(20));
}

#[test]
fn a_new_template_replaces_a_ready_pod() {
    let mut world = World::new(quick());
    world.create(stateful_set(pod_spec(container("main"))));
    world.rest();
    let before = revision(&world);
    set_image(&mut world, "image:2");
    world.rest();
    assert_ne!(revision(&world), before);
    assert_eq!(world.get::<Pod>("web-0").spec.containers[0].image.as_deref(), Some("image:2"));
    let status = world.get::<StatefulSet>("web").status;
    assert_eq!(status.current_revision.as_ref(), Some(&revision(&world)));
}

#[test]
fn an_identical_template_reuses_the_earlier_revision() {
    let mut world = World::new(quick());
    world.create(stateful_set(pod_spec(container("main"))));
    world.rest();
    let first = revision(&world);
    set_image(&mut world, "image:2");
    world.rest();
    set_image(&mut world, "image:1");
    world.rest();
    assert_eq!(revision(&world), first);
}

#[test]
fn a_pod_that_never_becomes_ready_blocks_every_later_revision_until_it_is_deleted() {
    let mut world = World::new(quick());
    world.create(stateful_set(pod_spec(probed())));
    world.rest();
    let stuck = world.get::<Pod>("web-0").meta.uid;
    for image in ["image:2", "image:1"] {
        set_image(&mut world, image);
        world.rest();
        assert_eq!(world.get::<Pod>("web-0").meta.uid, stuck, "a rollback is blocked too");
    }
    set_image(&mut world, "image:3");
    world.rest();
    let status = world.get::<StatefulSet>("web").status;
    assert_eq!((status.updated_replicas, status.ready_replicas), (Some(0), Some(0)));
    world.delete::<Pod>("web-0");
    world.rest();
    assert_eq!(world.get::<Pod>("web-0").spec.containers[0].image.as_deref(), Some("image:3"));
}

#[test]
fn a_strategy_of_on_delete_waits_for_someone_to_delete_the_pod() {
    let mut world = World::new(quick());
    let mut set = stateful_set(pod_spec(container("main")));
    set.spec_mut().update_strategy.get_or_insert_default().type_ = Some("OnDelete".to_owned());
    world.create(set);
    world.rest();
    set_image(&mut world, "image:2");
    world.rest();
    assert_eq!(world.get::<Pod>("web-0").spec.containers[0].image.as_deref(), Some("image:1"));
}
