//! Exploration by swarm reaches what it is meant to reach: every fault of the catalogue befalls something, every mark is passed.
//!
//! An oracle that is silent over worlds in which nothing happens says nothing. So ten thousand swarm worlds of the two first scenarios, under
//! the three designs, are counted once for all tests of this file.

use crate::common;

use faults::{Profile, catalogue};
use planner::Design;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use testbed::history::History;
use testbed::marks::{Mark, Passed};
use testbed::world::Polls;
use testbed::{Settled, WorldResult};

const RUNS: [(&str, &str); 3] =
    [("hardfork/planned-upgrade", "halt-signal"), ("hardfork/planned-upgrade", "bootstrap"), ("bluegreen/image-change", "blue-green")];
const WORLDS: u64 = 10_000;

/// What was met in all worlds.
#[derive(Default)]
struct Met {
    marks: BTreeSet<Mark>,
    befell: BTreeSet<String>,
    drawn: BTreeMap<String, u64>,
    failures: Vec<String>,
}

impl Met {
    fn add(&mut self, result: &WorldResult) {
        let passed: Passed = result.marks;
        self.marks.extend(passed.iter());
        for record in &result.faults {
            let id = record.fault.what.id();
            if record.struck.as_ref().is_some_and(|struck| struck.befell) {
                self.befell.insert(id.clone());
            }
            *self.drawn.entry(id).or_default() += 1;
        }
    }

    fn join(mut self, other: Self) -> Self {
        self.marks.extend(other.marks);
        self.befell.extend(other.befell);
        other.drawn.into_iter().for_each(|(id, count)| *self.drawn.entry(id).or_default() += count);
        self.failures.extend(other.failures);
        self
    }
}

/// Ten thousand swarm worlds, shared evenly by the runs.
fn swarm() -> &'static Met {
    static MET: OnceLock<Met> = OnceLock::new();
    MET.get_or_init(|| {
        let scenarios = common::scenarios();
        RUNS.iter().fold(Met::default(), |met, (name, design)| {
            let scenario = scenarios.iter().find(|scenario| *scenario.name == **name).expect("the scenario");
            let design = Design::preset(design).expect("a preset");
            let settled = Settled::new(scenario, &design, Polls::Elided).expect("the scenario settles");
            let offered = settled.opportunities().expect("fault-free worlds end");
            let run = |seeds: &mut dyn Iterator<Item = u64>| {
                let mut met = Met::default();
                for seed in seeds {
                    match settled.run_under(seed, &Profile::Swarm.draw(seed, &offered), History::default()) {
                        Ok(result) => met.add(&result),
                        Err(failure) => met.failures.push(format!("{name} under {}, seed {seed}: {failure}", design.name)),
                    }
                }
                met
            };
            let share = WORLDS / 3 + 1;
            let (even, odd) = std::thread::scope(|scope| {
                let odd = scope.spawn(|| run(&mut (1..share).step_by(2)));
                (run(&mut (0..share).step_by(2)), odd.join().expect("no world panics"))
            });
            met.join(even).join(odd)
        })
    })
}

#[test]
fn ten_thousand_swarm_worlds_do_not_fail_the_testbed() {
    assert_eq!(swarm().failures, Vec::<String>::new());
}

#[test]
fn every_fault_of_the_catalogue_befalls_something_in_ten_thousand_swarm_worlds() {
    let idle: Vec<_> = (catalogue().map(|(group, kind)| format!("{}/{}", group.name(), kind.name)))
        .filter(|id| !swarm().befell.contains(id))
        .map(|id| format!("{id}, drawn {} times", swarm().drawn.get(&id).unwrap_or(&0)))
        .collect();
    assert!(idle.is_empty(), "these befell nothing: {idle:#?}");
}

#[test]
fn every_mark_is_passed_in_ten_thousand_swarm_worlds() {
    let missed: Vec<_> = Mark::ALL.iter().filter(|mark| !swarm().marks.contains(mark)).map(|mark| mark.name()).collect();
    assert!(missed.is_empty(), "nothing ever came to {missed:#?}");
    assert!(Mark::ALL.len() >= 40, "fewer marks than a good exploration needs");
}

#[test]
fn swarm_leaves_half_of_the_groups_out_and_single_draws_one_fault() {
    let scenario = common::scenarios().into_iter().find(|scenario| &*scenario.name == "hardfork/planned-upgrade").expect("the scenario");
    let settled = Settled::new(&scenario, &scenario.runs[0].design, Polls::Elided).expect("the scenario settles");
    let offered = settled.opportunities().expect("fault-free worlds end");
    let rich: Vec<_> = (0..4000).map(|seed| Profile::Swarm.draw(seed, &offered)).filter(|schedule| schedule.0.len() == 8).collect();
    let groups = |of: &faults::Schedule| of.0.iter().map(|fault| fault.what.group()).collect::<BTreeSet<_>>().len();
    let mean = rich.iter().map(groups).sum::<usize>() * 10 / rich.len();
    assert!((30..50).contains(&mean), "eight faults of all ten groups would be of 5.7 groups in the mean, these are of {mean}/10");
    for seed in 0..1000 {
        assert_eq!(Profile::None.draw(seed, &offered).0.len(), 0);
        assert_eq!(Profile::Single.draw(seed, &offered).0.len(), 1);
        assert!(Profile::Light.draw(seed, &offered).0.len() <= 2 && Profile::Heavy.draw(seed, &offered).0.len() <= 12);
    }
}
