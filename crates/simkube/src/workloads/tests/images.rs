//! Images that come and go between two tries of a pull.

use super::*;

fn waiting(world: &World, pod: &str) -> Option<String> {
    let status = world.get::<Pod>(pod).status;
    status.container_statuses.as_ref()?[0].state.as_ref()?.waiting.as_ref()?.reason.clone()
}

impl World {
    fn image(&mut self, exists: bool) {
        self.act(|cluster, cx| cluster.set_image_exists(cx, "image:1", exists));
    }
}

fn one_machine() -> World {
    World::new(ClusterProfile { zones: 1, machines: 1, ..quick() })
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
