//! What an explanation says of worlds whose cause is known.

use explain::{Explanation, NoReturn, explain};
use faults::Schedule;
use planner::Design;
use std::path::Path;
use std::sync::LazyLock;
use testbed::Settled;
use testbed::history::{Entry, History, words};
use testbed::world::{HORIZON, Polls};

/// The planned upgrade under the proposed design, settled.
static PLANNED: LazyLock<Settled> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/hardfork/planned-upgrade.yaml");
    let text = std::fs::read_to_string(&file).expect("a scenario");
    let scenario = testbed::scenario::read(&file, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    Settled::new(&scenario, &Design::preset("bootstrap").expect("a preset"), Polls::Elided).expect("it settles")
});

fn schedule(faults: &[&str]) -> Schedule {
    Schedule(faults.iter().map(|fault| serde_json::from_str(fault).expect(fault)).collect())
}

const EDIT: &str = r#"{"when": {"at": "1h"}, "what": {"switch-races": "overrides-edited"}}"#;

fn explained(seed: u64, schedule: &Schedule, oracle: &'static str) -> Explanation {
    explain(&PLANNED, seed, schedule, oracle, 24).expect("the testbed does not fail").expect("it is violated")
}

#[test]
fn an_edit_that_is_lost_for_ever_is_the_point_of_no_return() {
    let explanation = explained(33, &schedule(&[EDIT]), "lost-update");
    assert_eq!(explanation.at_start, 24, "without the edit no update is lost");
    let NoReturn::Event(last) = explanation.no_return else { panic!("{:?}", explanation.no_return) };
    assert_eq!((last.before, last.after), (24, 0));
    assert_eq!(explanation.turns, [last]);
    let (_, entry) = &explanation.history[usize::try_from(last.event).expect("small")];
    assert!(matches!(entry, Entry::Fault { how: "strikes", .. }), "{}", words(entry));
    assert!(matches!(explanation.history.last(), Some((_, Entry::Violated(violation))) if violation.oracle == "lost-update"));
    let story = explanation.story();
    assert!(story.contains("24 -> 0 X  01:00:00.000  ** fault strikes"), "{story}");
}

#[test]
fn what_a_design_does_in_every_world_has_no_return_from_the_start() {
    let explanation = explained(1, &Schedule::default(), "not-converged");
    assert_eq!(explanation.no_return, NoReturn::Start);
    assert!(explanation.turns.is_empty());
    assert_eq!(explanation.to_json()["point_of_no_return"], "start");
}

#[test]
fn a_world_without_the_violation_has_no_explanation() {
    let none = explain(&PLANNED, 1, &Schedule::default(), "foreign-object", 4).expect("the testbed does not fail");
    assert!(none.is_none());
}

#[test]
fn an_explanation_is_the_same_on_any_number_of_threads() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| explained(3, &Schedule::default(), "incumbent-deleted-early").to_json())
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn a_world_that_is_stopped_at_an_event_and_goes_on_has_the_same_history() {
    let schedule = schedule(&[EDIT]);
    let whole = PLANNED.run_under(33, &schedule, History::kept()).expect("the testbed does not fail");
    for told in [0, 1, 40, whole.history.len() / 2, whole.history.len() - 1] {
        let mut world = PLANNED.world_under(33, &schedule, History::default());
        world.run_past(oracles::EventNumber(told as u64));
        let legs = world.finish(HORIZON, 33).expect("the testbed does not fail");
        assert_eq!(legs.history_hash, whole.history_hash, "stopped at {told}");
    }
}

#[test]
fn a_fault_that_has_not_struck_does_not_strike_in_a_continuation() {
    let schedule = schedule(&[EDIT]);
    let mut world = PLANNED.world_under(33, &schedule, History::kept());
    world.go_on_elsewise(simcore::Seed(5));
    let result = world.finish(HORIZON, 33).expect("the testbed does not fail");
    assert!(result.faults.iter().all(|record| record.struck.is_none()));
    assert!(!result.history.iter().any(|(_, entry)| matches!(entry, Entry::Fault { .. })));
}
