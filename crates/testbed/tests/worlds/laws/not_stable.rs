//! `not-stable`.

use super::stage::{broken, by, delete, world};
use api::kinds::Pod;
use simkube::Actor;
use std::time::Duration;

/// Nobody does anything in this scenario: it is calm from its start on.
const CALM: &str = "chain/halt-height-stays";
const POD: &str = "pacific-1-rpc-0-0";

fn a_pod_goes(scenario: &str, actor: Actor) -> Vec<&'static str> {
    let mut world = world(scenario, Duration::from_secs(60));
    assert_eq!(broken(&world), [""; 0]);
    by(&mut world, actor, delete::<Pod>(POD));
    broken(&world)
}

#[test]
fn a_pod_that_goes_by_itself_after_convergence_breaks_it() {
    assert_eq!(a_pod_goes(CALM, Actor::System("somebody")), ["not-stable"]);
}

#[test]
fn a_pod_that_a_person_deletes_does_not_nor_does_what_happens_before_the_last_action() {
    assert_eq!(a_pod_goes(CALM, Actor::Person), [""; 0]);
    assert_eq!(a_pod_goes("bluegreen/image-change", Actor::System("somebody")), [""; 0]);
}
