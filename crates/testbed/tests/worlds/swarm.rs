//! Profiles draw as many faults as they say, of as many groups.

use crate::common;

use faults::{Profile, Schedule};
use std::collections::BTreeSet;
use testbed::Settled;
use testbed::world::Polls;

#[test]
fn swarm_leaves_half_of_the_groups_out_and_single_draws_one_fault() {
    let scenario = common::scenarios().into_iter().find(|scenario| &*scenario.name == "hardfork/planned-upgrade").expect("the scenario");
    let settled = Settled::new(&scenario, &scenario.runs[0].design, Polls::Elided).expect("the scenario settles");
    let offered = settled.opportunities().expect("fault-free worlds end");
    let rich: Vec<_> = (0..4000).map(|seed| Profile::Swarm.draw(seed, &offered)).filter(|schedule| schedule.0.len() == 8).collect();
    let groups = |of: &Schedule| of.0.iter().map(|fault| fault.what.group()).collect::<BTreeSet<_>>().len();
    let mean = rich.iter().map(groups).sum::<usize>() * 10 / rich.len();
    assert!((30..50).contains(&mean), "eight faults of all ten groups would be of 5.7 groups in the mean, these are of {mean}/10");
    for seed in 0..1000 {
        assert_eq!(Profile::None.draw(seed, &offered).0.len(), 0);
        assert_eq!(Profile::Single.draw(seed, &offered).0.len(), 1);
        assert!(Profile::Light.draw(seed, &offered).0.len() <= 2 && Profile::Heavy.draw(seed, &offered).0.len() <= 12);
    }
}
