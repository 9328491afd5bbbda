//! `old-binary-past-halt`: a binary without the handler executes nothing from the halt height on.

use super::{NEW, OLD, of_chain, oracles_of, planned_upgrade, told};
use simchain::Happening;
use std::time::Duration;

#[test]
fn old_binary_past_halt_fires_at_the_halt_height_and_not_before_it() {
    let (scenario, world) = planned_upgrade();
    let halt = scenario.chain.upgrades[0].height;
    let executed = |height, image: &str| Happening::Executed { height, image: image.into() };
    let fire = |what: &Happening| told(&world, &[(Duration::ZERO, of_chain(what))]);
    assert_eq!(oracles_of(&fire(&executed(halt, OLD))), ["old-binary-past-halt"]);
    assert!(fire(&executed(halt.minus(1), OLD)).is_empty());
    assert!(fire(&executed(halt, NEW)).is_empty());
}
