//! `new-binary-before-halt`: a binary with the handler executes nothing before the halt height.

use super::{NEW, OLD, of_chain, oracles_of, planned_upgrade, started, told};
use simchain::Happening;
use std::time::Duration;

#[test]
fn new_binary_before_halt_fires_once_for_a_node_that_keeps_trying_and_not_at_the_halt_height() {
    let (scenario, world) = planned_upgrade();
    let halt = scenario.chain.upgrades[0].height;
    let (start, early, late) = (started(NEW), Happening::FirstBlock { height: halt.minus(1) }, Happening::FirstBlock { height: halt });
    let now = Duration::ZERO;
    let fired = told(&world, &[(now, of_chain(&start)), (now, of_chain(&early)), (now, of_chain(&early))]);
    assert_eq!(oracles_of(&fired), ["new-binary-before-halt"]);
    assert!(told(&world, &[(now, of_chain(&start)), (now, of_chain(&late))]).is_empty());
    assert!(told(&world, &[(now, of_chain(&started(OLD))), (now, of_chain(&early))]).is_empty());
}
