//! Images: pull policies, images that cannot be pulled, and the back-off until they can.

use super::*;

fn waiting(world: &World, pod: &str) -> Option<String> {
    let status = world.get::<Pod>(pod).status;
    status.container_statuses.as_ref()?[0].state.as_ref()?.waiting.as_ref()?.reason.clone()
}

fn with_policy(policy: &str) -> Container {
    Container { image_pull_policy: Some(policy.to_owned()), ..container("main") }
}

impl World {
    fn image(&mut self, exists: bool) {
        self.act(|cluster, cx| cluster.set_image_exists(cx, "image:1", exists));
    }
}

fn one_machine() -> World {
    World::new(ClusterProfile { zones: 1, machines: 1, ..quick() })
}

/// Images, "ImagePullBackOff": the failure is shown first, then the back-off.
#[test]
fn an_image_that_does_not_exist_fails_to_be_pulled_and_is_then_backed_off_from() {
    let mut world = one_machine();
    world.image(false);
    world.create(pod("web-0", pod_spec(container("main"))));
    world.run_until_holds("a failed pull", |world| waiting(world, "web-0").as_deref() == Some("ErrImagePull"));
    world.run_for(3);
    assert_eq!(waiting(&world, "web-0").as_deref(), Some("ImagePullBackOff"));
    assert_eq!(world.phase("web-0").as_deref(), Some("Pending"));
    world.rest();
    assert!(world.starts("main").is_empty());
}

/// `flowcontrol.Backoff` of 10 s up to 300 s: tries at 10, 30, 70, 150, 310, 610 s.
#[test]
fn an_image_that_appears_is_pulled_at_the_next_try_after_10_20_40_up_to_300_seconds() {
    for (appears, tried) in [(5, 10), (11, 30), (60, 70), (311, 610), (611, 910)] {
        let mut world = one_machine();
        world.image(false);
        world.create(pod("web-0", pod_spec(container("main"))));
        world.run_until_holds("a failed pull", |world| waiting(world, "web-0").is_some_and(|reason| reason == "ErrImagePull"));
        let failed = world.now;
        world.run_for(appears);
        world.image(true);
        world.rest();
        let waited = world.starts("main")[0].since(failed).as_secs();
        assert_eq!(waited, tried, "it appears after {appears} s");
        assert!(world.is_ready("web-0"));
    }
}

/// An image that goes again before the next try is missed again.
#[test]
fn a_try_that_finds_the_image_gone_again_fails_like_the_first() {
    let mut world = one_machine();
    world.image(false);
    world.create(pod("web-0", pod_spec(container("main"))));
    world.run_for(5);
    world.image(true);
    world.image(false);
    world.rest();
    assert_eq!(waiting(&world, "web-0").as_deref(), Some("ImagePullBackOff"));
}

/// Images, "Image pull policy": IfNotPresent needs no registry for an image that is there.
#[test]
fn an_image_on_the_machine_is_used_although_the_registry_has_lost_it() {
    let mut world = one_machine();
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    world.image(false);
    world.create(pod("web-1", pod_spec(container("main"))));
    world.rest();
    assert!(world.is_ready("web-1"));
}

/// Images, "Image pull policy": Always asks the registry every time a container is started.
#[test]
fn the_policy_always_fails_without_the_registry_even_if_the_image_is_there() {
    let mut world = one_machine();
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    world.image(false);
    world.create(pod("web-1", pod_spec(with_policy("Always"))));
    world.rest();
    assert_eq!(waiting(&world, "web-1").as_deref(), Some("ImagePullBackOff"));
}

/// Images, "Image pull policy": Never does not pull; what another pod has pulled will do.
#[test]
fn the_policy_never_waits_until_someone_else_has_pulled_the_image() {
    let mut world = one_machine();
    world.create(pod("web-0", pod_spec(with_policy("Never"))));
    world.rest();
    assert_eq!(waiting(&world, "web-0").as_deref(), Some("ErrImageNeverPull"));
    world.create(pod("web-1", pod_spec(container("main"))));
    world.rest();
    assert!(world.is_ready("web-0") && world.is_ready("web-1"));
}

/// A pod that waits for an image ends at once when it is deleted.
#[test]
fn a_pod_in_image_back_off_can_be_deleted() {
    let mut world = one_machine();
    world.image(false);
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    world.delete::<Pod>("web-0");
    world.rest();
    assert!(world.pods().is_empty());
}
