//! Rows of the excuse table on old binaries that do not stop at the upgrade: how far they reach.

use super::{rows, run_with, violations};
use crate::faults::rehearsed;
use std::collections::BTreeSet;

const UPGRADE: &str = "hardfork/planned-upgrade";
const PAST: &str = r#"{"when": {"at": "20min"}, "what": {"binary": "runs-past-upgrade"}}"#;

#[test]
fn an_old_binary_excuses_the_pod_of_a_node_that_has_just_been_deleted() {
    let scaled = r#"{"when": {"height": 198750500}, "what": {"person": {"scales": {"to": 1, "backAfter": "3min"}}}}"#;
    let result = rehearsed(UPGRADE, 23627, &[PAST, scaled]);
    for law in ["old-binary-past-halt", "lineage-diverged"] {
        assert_eq!(rows(&result, law), BTreeSet::from([Some("runs-past-upgrade")]), "{law}");
    }
}

#[test]
fn an_operator_that_is_down_before_it_has_made_entrants_excuses_clients_of_an_old_binary_from_then_on() {
    let down = |at: &str| format!(r#"{{"when": {{"at": "{at}"}}, "what": {{"controller": {{"outage": {{"lasts": "2h"}}}}}}}}"#);
    let halts = r#"{"when": {"at": "20min"}, "what": {"chain": {"halts-at-upgrade": {"lasts": "1h"}}}}"#;
    let law = "dead-fork-serving";
    let first_row = |at: &str| violations(&run_with(UPGRADE, "halt-signal", &[], &[PAST, halts, &down(at)]), law)[0].1;
    assert_eq!(first_row("30min"), Some("runs-on-unknown"), "it was down when they diverged");
    assert_eq!(first_row("71min"), None, "it went down a minute after");
}

#[test]
fn timers_that_are_late_give_the_operator_as_much_longer() {
    let faults = [
        r#"{"when": {"call": {"verb": "get", "kind": "Sidecar", "name": "pacific-1-rpc-g2-1", "during": "await-condition", "nth": 1, "moment": "before"}}, "what": {"controller": {"delayed-requeue": {"by": "40s", "lasts": "1h"}}}}"#,
        r#"{"when": {"task": {"of": "pacific-1-rpc-g2-1", "type": "config-apply", "is": "Complete"}}, "what": {"binary": "runs-past-upgrade"}}"#,
    ];
    assert_eq!(rows(&rehearsed(UPGRADE, 15281, &faults), "dead-fork-serving"), BTreeSet::from([Some("runs-on-unknown")]));
}

#[test]
fn calls_that_take_longer_and_clients_that_follow_late_give_it_longer_too() {
    let slow = r#"{"when": {"at": "69min"}, "what": {"api-server": {"slow-calls": {"by": "10s", "lasts": "10min"}}}}"#;
    let late = r#"{"when": {"at": "69min"}, "what": {"switch-races": {"endpoints-lag": {"by": "90s", "lasts": "1h"}}}}"#;
    for (seed, fault) in [(3, slow), (33, late)] {
        assert_eq!(rows(&rehearsed(UPGRADE, seed, &[PAST, fault]), "dead-fork-serving"), BTreeSet::from([Some("runs-on-unknown")]));
    }
    let halts = r#"{"when": {"at": "20min"}, "what": {"chain": {"halts-at-upgrade": {"lasts": "1h"}}}}"#;
    let never = rows(&run_with(UPGRADE, "halt-signal", &[], &[PAST, halts, slow]), "dead-fork-serving");
    assert!(never.contains(&None), "its nodes are not on their way across the upgrade: {never:?}");
}

#[test]
fn an_entrant_that_a_person_deletes_is_not_missed_where_clients_are_sent_to_incumbents_that_have_diverged() {
    let faults = [
        r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNode", "name": "pacific-1-rpc-g2-0", "during": "mark-ready", "nth": 2, "moment": "before"}}, "what": {"person": {"deletes-entrant": {"node": "pacific-1-rpc-g2-0"}}}}"#,
        r#"{"when": {"task": {"of": "pacific-1-rpc-g2-0", "type": "config-apply", "is": "Pending"}}, "what": {"binary": "runs-past-upgrade"}}"#,
    ];
    assert_eq!(rows(&rehearsed(UPGRADE, 13702, &faults), "no-endpoint"), BTreeSet::from([Some("only-leaving")]));
}
