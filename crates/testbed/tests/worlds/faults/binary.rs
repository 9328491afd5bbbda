//! Defects of a binary: permanent, and each visible where it bites.

use super::{assert_all_befell, assert_elision_changes_nothing, lines, planned_upgrade, scenario_named, schedule, settled};
use planner::Design;
use testbed::Settled;
use testbed::history::History;
use testbed::world::Polls;

fn defect(what: &str) -> String {
    format!(r#"{{"when": {{"at": "1min"}}, "what": {{"binary": {what}}}}}"#)
}

#[test]
fn a_new_binary_panics_at_its_start_at_the_upgrade_or_after_it() {
    let result = planned_upgrade(&[&defect(r#""panics-at-upgrade""#)]);
    assert_all_befell(&result);
    assert!(!lines(&result, "panics at height 198750500 and stays stuck: the binary panics on this block").is_empty());
    let result = planned_upgrade(&[&defect(r#"{"panics-after-upgrade": {"blocks": 100}}"#)]);
    assert_all_befell(&result);
    assert!(!lines(&result, "panics at height 198750600").is_empty());
    let result = planned_upgrade(&[&defect(r#""panics-at-start""#)]);
    assert_all_befell(&result);
    assert!(lines(&result, "upgrade v6.4.0 applied").is_empty());
}

#[test]
fn a_wrong_tag_keeps_the_new_nodes_from_starting() {
    let result = planned_upgrade(&[&defect(r#""wrong-image-tag""#)]);
    assert_all_befell(&result);
    assert!(!lines(&result, "image ghcr.io/sei-protocol/sei:v6.4.0 cannot be pulled").is_empty());
}

#[test]
fn an_old_binary_that_runs_past_the_upgrade_comes_to_another_state() {
    let past = schedule(&[&defect(r#""runs-past-upgrade""#)]);
    let result = settled("hardfork/planned-upgrade", "halt-signal").run_under(1, &past, History::kept()).expect("no failure");
    assert_all_befell(&result);
    assert!(!lines(&result, "shows that its state is not the network's").is_empty());
}

#[test]
fn a_binary_refuses_to_run_before_a_minor_upgrade_once_it_is_told_to_and_a_major_one_anyway() {
    let refuses = schedule(&[&defect(r#""refuses-below-upgrade""#)]);
    let scenario = scenario_named("chain/new-binary-before-u-minor");
    let design = Design::preset("blue-green").expect("a preset").with("status-base=refreshed").expect("a decision");
    let run = |faults| {
        Settled::new(&scenario, &design, Polls::Elided).expect("it settles").run_under(1, faults, History::kept()).expect("no failure")
    };
    let result = run(&refuses);
    assert_all_befell(&result);
    assert!(!lines(&result, "BINARY UPDATED BEFORE TRIGGER").is_empty());
    assert!(lines(&run(&schedule(&[])), "BINARY UPDATED BEFORE TRIGGER").is_empty());
    let major = planned_upgrade(&[&defect(r#""refuses-below-upgrade""#)]);
    assert!(major.faults[0].struck.as_ref().is_some_and(|struck| !struck.befell), "it does so by itself");
}

#[test]
fn eliding_polls_changes_nothing_under_defects_of_binaries() {
    assert_elision_changes_nothing(&[vec![defect(r#""panics-at-start""#)], vec![defect(r#""wrong-image-tag""#)]]);
}
