//! Profiles draw as many faults as they say, of as many groups; and so does breeding.

use crate::common;

use faults::{Breeder, Draw, Opportunities, Parent, Profile, Schedule, Trigger};
use std::collections::BTreeSet;
use testbed::Settled;
use testbed::scenario::{Scenario, ground};
use testbed::world::Polls;

fn planned_upgrade() -> (Scenario, Settled) {
    let scenario = common::scenarios().into_iter().find(|scenario| &*scenario.name == "hardfork/planned-upgrade").expect("the scenario");
    let settled = Settled::new(&scenario, &scenario.runs[0].design, Polls::Elided).expect("the scenario settles");
    (scenario, settled)
}

#[test]
fn swarm_leaves_half_of_the_groups_out_and_single_draws_one_fault() {
    let (_, settled) = planned_upgrade();
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

/// A parent's child, by the luck of a seed.
fn child(seed: u64, profile: Profile, offered: &Opportunities, parent: &Parent<'_>, other: &Schedule) -> Schedule {
    Breeder { draw: Draw::new(seed, "guided"), profile, offered }.child(parent, other)
}

#[test]
fn bred_schedules_keep_to_their_profile_and_could_stand_in_a_file() {
    let (scenario, settled) = planned_upgrade();
    let offered = settled.opportunities().expect("fault-free worlds end");
    let known: BTreeSet<String> = offered.triggers().map(|(_, trigger)| format!("{trigger:?}")).collect();
    let mut at_places = 0;
    for profile in Profile::all().filter(|profile| *profile != Profile::None) {
        for seed in 0..40 {
            let schedule = profile.draw(seed, &offered);
            let (_, of_world) = settled.offered_under(seed, &schedule).expect("the testbed does not fail");
            let new = of_world.triggers().map(|(_, trigger)| trigger).filter(|trigger| !known.contains(&format!("{trigger:?}")));
            let places: Vec<Trigger> = new.collect();
            let parent = Parent { schedule: &schedule, places: &places };
            let bred = child(seed, profile, &offered, &parent, &schedule);
            assert_eq!(bred, child(seed, profile, &offered, &parent, &schedule), "by its seed alone");
            assert!(bred.0.len() <= profile.most(), "{profile}: {}", bred.0.len());
            bred.check(&ground(scenario.group.name(), &scenario.chain)).unwrap_or_else(|why| panic!("{profile}, seed {seed}: {why:?}"));
            if let Profile::Only(group) = profile {
                assert!(bred.0.iter().all(|fault| fault.what.group() == group), "{profile}");
            }
            at_places += bred.0.iter().filter(|fault| places.iter().any(|place| same_but_for_the_side(&fault.when, place))).count();
        }
    }
    assert!(at_places > 20, "faults strike where only the parent's world came: {at_places}");
}

#[test]
fn a_child_gets_new_faults_loses_old_ones_and_takes_over_those_of_another() {
    let (_, settled) = planned_upgrade();
    let offered = settled.opportunities().expect("fault-free worlds end");
    let drawn = |seeds: std::ops::Range<u64>| seeds.map(|seed| Profile::Heavy.draw(seed, &offered)).find(|schedule| schedule.0.len() == 6);
    let (own, other) = (drawn(0..100).expect("six faults"), drawn(100..200).expect("six others"));
    let parent = Parent { schedule: &own, places: &[] };
    let children: Vec<_> = (0..200).map(|seed| child(seed, Profile::Heavy, &offered, &parent, &other)).collect();
    let which = |holds: &dyn Fn(&Schedule) -> bool| children.iter().filter(|child| holds(child)).count();
    assert!(which(&|child| child.0.iter().any(|fault| other.0.contains(fault))) > 10, "spliced");
    assert!(which(&|child| child.0.iter().any(|fault| !own.0.contains(fault) && !other.0.contains(fault))) > 100, "added or changed");
    assert!(which(&|child| !own.0.iter().all(|fault| child.0.contains(fault))) > 50, "left out or changed");
    assert!(which(&|child| own.0.iter().filter(|fault| child.0.contains(fault)).count() >= 3) == 200, "a child is like its parent");
}

/// Whether two triggers are one place: a call's two sides are.
fn same_but_for_the_side(one: &Trigger, other: &Trigger) -> bool {
    match (one, other) {
        (Trigger::Call(one), Trigger::Call(other)) => faults::CallTrigger { moment: other.moment, ..one.clone() } == *other,
        (Trigger::Write(one), Trigger::Write(other)) => faults::WriteTrigger { moment: other.moment, ..one.clone() } == *other,
        (one, other) => one == other,
    }
}
