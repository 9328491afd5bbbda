//! `not-converged`: in the end the group is what its spec asks for.

use super::planned_upgrade;
use std::time::Duration;

#[test]
fn not_converged_is_silent_at_the_settled_start_and_speaks_when_another_image_is_wanted() {
    let (scenario, mut world) = planned_upgrade();
    assert_eq!(world.look(|sim| oracles::unconverged(&sim.sight())), None);
    world.run_until(Some(scenario.timeline[0].at() + Duration::from_secs(1)));
    let missing = world.look(|sim| oracles::unconverged(&sim.sight())).expect("the new image is not there");
    assert!(missing.contains("0 of 2 nodes serving") && missing.contains("Upgrading"), "{missing}");
}
