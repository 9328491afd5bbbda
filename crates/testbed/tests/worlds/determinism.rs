//! Same scenario, design and seed: same history, whatever runs it.

use crate::common;

use faults::Profile;
use std::fmt::Write as _;
use testbed::history::History;
use testbed::scenario::{Run, Scenario};
use testbed::world::{HORIZON, Polls};
use testbed::{Settled, WorldResult};

/// The scenarios that are run with every poll made as well. Polls that are made cost time.
const WITH_POLLS_MADE: [&str; 20] = [
    "bluegreen/image-change",
    "bluegreen/load-balancer",
    "chain/archive-state-syncs",
    "chain/chain-needs-our-validator",
    "chain/clean-halt-at-tip",
    "chain/code-fork-missed",
    "chain/halt-height-stays",
    "chain/halted-at-u-for-an-hour",
    "chain/new-binary-before-u-major",
    "chain/new-binary-before-u-minor",
    "chain/old-binary-at-u",
    "chain/overshoot-while-catching-up",
    "chain/peers-pruned-below-snapshot",
    "chain/running-pod-restarts",
    "chain/snapshot-expired",
    "chain/stores-after-clean-halt",
    "chain/stores-fail-at-start",
    "chain/validator-double-signs",
    "hardfork/planned-upgrade",
    "hardfork/wrong-image-tag",
];

fn run(settled: &Settled, seed: u64) -> WorldResult {
    settled.run(seed, History::default()).expect("the testbed does not fail")
}

fn settle(scenario: &Scenario, run: &Run, polls: Polls) -> Settled {
    Settled::new(scenario, &run.design, polls).expect("the scenario settles")
}

/// The committed hashes were made by one build on one machine; every other build on every other must find the same.
#[test]
fn a_dozen_worlds_have_the_hashes_that_are_committed() {
    let mut hashes = String::new();
    for scenario in common::scenarios() {
        for planned in &scenario.runs {
            let settled = settle(&scenario, planned, Polls::Elided);
            for seed in [1, 2] {
                let hash = run(&settled, seed).history_hash;
                writeln!(hashes, "{hash}  {}", common::run_name(&scenario, planned, seed)).expect("a string takes what is written");
            }
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(common::root().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("history-hashes", hashes));
    assert!(hashes.lines().count() >= 12, "a dozen at least");
}

#[test]
fn a_world_among_a_hundred_on_two_threads_is_the_world_alone() {
    let scenarios = common::scenarios();
    let scenario = scenarios.iter().find(|scenario| &*scenario.name == "hardfork/planned-upgrade").expect("the scenario");
    let settled = settle(scenario, &scenario.runs[0], Polls::Elided);
    let alone: Vec<_> = (0..100).map(|seed| run(&settled, seed).history_hash).collect();
    let halves = std::thread::scope(|scope| {
        let threads = [0, 1].map(|half| {
            let settled = &settled;
            scope.spawn(move || (0..50).map(|n| run(settled, n * 2 + half).history_hash).collect::<Vec<_>>())
        });
        threads.map(|thread| thread.join().expect("a thread that does not panic"))
    });
    let together: Vec<_> = (0..100_usize).map(|seed| halves[seed % 2][seed / 2].clone()).collect();
    assert_eq!(alone, together);
}

#[test]
fn another_seed_gives_another_history() {
    for scenario in common::scenarios() {
        let settled = settle(&scenario, &scenario.runs[0], Polls::Elided);
        assert_ne!(run(&settled, 1).history_hash, run(&settled, 2).history_hash, "{}", scenario.name);
    }
}

/// An elided poll leaves no trace, and is counted as if it had been made.
#[test]
fn eliding_idle_polls_changes_nothing() {
    for scenario in common::scenarios() {
        if !WITH_POLLS_MADE.contains(&&*scenario.name) {
            continue;
        }
        for planned in &scenario.runs {
            let elided = settle(&scenario, planned, Polls::Elided);
            let made = settle(&scenario, planned, Polls::Made);
            for seed in 0..4 {
                let (elided, made) = (run(&elided, seed), run(&made, seed));
                let name = common::run_name(&scenario, planned, seed);
                assert_eq!(elided.history_hash, made.history_hash, "{name}");
                assert_eq!((elided.ended, elided.outcome), (made.ended, made.outcome), "{name}");
                assert_eq!(elided.counters.all_reconciles(), made.counters.all_reconciles(), "{name}");
                assert_eq!(made.counters.elided_polls, 0, "{name}");
            }
        }
    }
}

/// The horizon only guards: what has ended has ended, and no verdict waits for it.
#[test]
fn no_verdict_changes_when_the_horizon_is_ten_times_as_long() {
    for scenario in common::scenarios() {
        for planned in &scenario.runs {
            let settled = settle(&scenario, planned, Polls::Elided);
            let offered = settled.opportunities().expect("fault-free worlds end");
            for seed in 0..1 {
                let schedule = Profile::Swarm.draw(seed, &offered);
                let within = |horizon| settled.run_within(horizon, seed, &schedule, History::default()).expect("the testbed does not fail");
                let (usual, long) = (within(HORIZON), within(HORIZON * 10));
                let name = common::run_name(&scenario, planned, seed);
                assert_eq!(usual.violations, long.violations, "{name}");
                assert_eq!((usual.outcome, usual.history_hash), (long.outcome, long.history_hash), "{name}");
            }
        }
    }
}
