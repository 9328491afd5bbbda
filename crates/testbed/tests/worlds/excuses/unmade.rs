//! Rows on nodes that nothing can be made of, and on what a scenario says from the beginning once something has befallen its world.

use super::{GROUP, rows, violations};
use crate::faults::rehearsed;
use std::collections::BTreeSet;

const NOT_CONVERGED: &str = "not-converged";

fn only(row: &'static str) -> BTreeSet<Option<&'static str>> {
    BTreeSet::from([Some(row)])
}

#[test]
fn more_nodes_than_there_are_machines_for_beside_the_others_excuse_the_group_while_those_serve_or_cannot() {
    let edited = |to: u8| format!(r#"{{"when": {{"at": "12min"}}, "what": {{"switch-races": {{"replicas-edited": {{"to": {to}}}}}}}}}"#);
    let group = |row| vec![(GROUP.to_owned(), Some(row))];
    assert_eq!(violations(&rehearsed("bluegreen/three-replicas", 278, &[&edited(4)]), NOT_CONVERGED), group("no-machine-free"));
    let past_the_fork = rehearsed("hardfork/three-replicas", 278, &[&edited(4)]);
    assert_eq!(violations(&past_the_fork, NOT_CONVERGED), group("nothing-past-the-fork"));
    assert_eq!(rows(&rehearsed("hardfork/three-replicas", 278, &[&edited(2)]), NOT_CONVERGED), BTreeSet::new());
}

#[test]
fn a_person_who_deletes_the_last_nodes_leaves_nothing_by_which_others_come_across_the_fork() {
    let edited = r#"{"when": {"at": "11min"}, "what": {"switch-races": {"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.4.0"}}}}"#;
    let result = rehearsed("recovery/after-a-wrong-tag", 1, &[edited]);
    for law in ["new-binary-before-halt", NOT_CONVERGED] {
        assert_eq!(rows(&result, law), only("nothing-to-go-by"), "{law}");
    }
    let others_left = rehearsed("incumbents/gone", 1, &[edited]);
    assert_eq!(rows(&others_left, "new-binary-before-halt"), BTreeSet::new());
}

#[test]
fn a_binary_that_may_run_before_its_upgrade_and_refuses_excuses_the_nodes_that_have_no_other_to_come_there() {
    let refuses = r#"{"when": {"at": "9min"}, "what": {"binary": "refuses-below-upgrade"}}"#;
    let result = rehearsed("convergence/minor-upgrade-by-blue-green", 1, &[refuses]);
    for law in ["new-binary-before-halt", NOT_CONVERGED] {
        assert_eq!(rows(&result, law), only("refuses-before-upgrade"), "{law}");
    }
    let slips = r#"{"when": {"at": "11min"}, "what": {"premature-halt": {"halt-slips": {"slip": "before-commit", "lasts": "2h"}}}}"#;
    let bootstrapped = rehearsed("hardfork/planned-upgrade", 1, &[refuses, slips]);
    assert_eq!(rows(&bootstrapped, "new-binary-before-halt"), only("halt-before-commit"), "they had another");
}

#[test]
fn a_halt_height_that_never_was_an_upgrades_excuses_what_runs_beyond_it_once_something_has_befallen_the_world() {
    let law = "bootstrap-overshoot";
    let invalid = r#"{"when": {"at": "15min"}, "what": {"person": "applies-invalid-spec"}}"#;
    let tag = r#"{"when": {"at": "12min"}, "what": {"binary": "wrong-image-tag"}}"#;
    assert_eq!(rows(&rehearsed("operator/applies-an-invalid-spec", 6, &[invalid, tag]), law), only("halt-height-off"));
    assert_eq!(rows(&rehearsed("halt/incumbent-restarts-after-halting", 1, &[]), law), BTreeSet::from([None]), "nothing has");
}

#[test]
fn an_incumbent_that_a_person_deletes_where_no_peer_keeps_what_another_needs_excuses_the_group_for_that_one() {
    let deleted =
        |node: &str| format!(r#"{{"when": {{"at": "391min"}}, "what": {{"person": {{"deletes-incumbent": {{"node": "{node}"}}}}}}}}"#);
    let [one, other] = ["pacific-1-rpc-0", "pacific-1-rpc-1"].map(deleted);
    let result = rehearsed("chain/peers-pruned-below-snapshot", 1, &[&one]);
    assert_eq!(rows(&result, NOT_CONVERGED), only("irreplaceable"));
    let both = rehearsed("chain/peers-pruned-below-snapshot", 1, &[&one, &other]);
    assert_eq!(rows(&both, NOT_CONVERGED), only("irreplaceable"));
}

#[test]
fn a_defect_that_strikes_when_a_pod_has_just_come_up_takes_a_node_that_nobody_could_have_marked_ready_yet() {
    let comes_up =
        r#"{"when": {"phase": {"kind": "Pod", "name": "pacific-1-rpc-0-0", "is": "Running"}}, "what": {"binary": "panics-at-start"}}"#;
    assert_eq!(rows(&rehearsed("chain/running-pod-restarts", 1, &[comes_up]), NOT_CONVERGED), only("irreplaceable"));
}

#[test]
fn an_operator_that_neither_hears_nor_looks_is_excused_as_one_that_does_not_run() {
    let late = |by: &str| {
        format!(r#"{{"when": {{"at": "9min"}}, "what": {{"controller": {{"delayed-requeue": {{"by": "{by}", "lasts": "2h"}}}}}}}}"#)
    };
    let deaf = r#"{"when": {"at": "599s"}, "what": {"controller": {"stale-cache": {"lasts": "90s"}}}}"#;
    assert_eq!(rows(&rehearsed("hardfork/planned-upgrade", 1, &[&late("10min"), deaf]), "ready-lies"), only("operator-down"));
    assert_eq!(rows(&rehearsed("hardfork/planned-upgrade", 1, &[&late("10s"), deaf]), "ready-lies"), BTreeSet::new(), "it looks in time");
}
