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

#[test]
fn slow_calls_give_the_operator_the_time_of_all_that_its_one_worker_makes_before_the_switch() {
    let past = r#"{"when": {"call": {"verb": "get", "kind": "Sidecar", "name": "pacific-1-rpc-g2-0", "during": "snapshot-restore", "nth": 1, "moment": "after"}}, "what": {"binary": "runs-past-upgrade"}}"#;
    let slow = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNode", "name": "pacific-1-rpc-g2-1", "during": "teardown-bootstrap", "nth": 1, "moment": "after"}}, "what": {"api-server": {"slow-calls": {"by": "10s", "lasts": "5min"}}}}"#;
    assert_eq!(rows(&rehearsed(UPGRADE, 105_779, &[past, slow]), "stale-serving"), BTreeSet::from([Some("runs-on-unknown")]));
}

#[test]
fn an_entrant_whose_sidecar_cannot_be_asked_does_not_tell_that_it_is_across() {
    let evicted = r#"{"when": {"at": "50min"}, "what": {"bootstrap": {"evicted": {"node": "pacific-1-rpc-g2-1"}}}}"#;
    let past = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-0", "nth": 1, "moment": "before"}}, "what": {"binary": "runs-past-upgrade"}}"#;
    let silent = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNode", "name": "pacific-1-rpc-g2-1", "during": "mark-ready", "nth": 1, "moment": "before"}}, "what": {"sidecar": {"unreachable": {"node": "pacific-1-rpc-g2-0", "lasts": "90s"}}}}"#;
    let down = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-0", "nth": 1, "moment": "after"}}, "what": {"controller": {"outage": {"lasts": "40s"}}}}"#;
    let deleted = r#"{"when": {"at": "39min"}, "what": {"person": {"deletes-entrant": {"node": "pacific-1-rpc-g2-1"}}}}"#;
    let faults = [evicted, past, silent, down, deleted];
    assert_eq!(rows(&rehearsed(UPGRADE, 128_508, &faults), "stale-serving"), BTreeSet::from([Some("runs-on-unknown")]));
}

#[test]
fn where_only_pods_that_have_diverged_are_left_a_selector_matches_none_of_them() {
    let past = r#"{"when": {"at": "0s"}, "what": {"binary": "runs-past-upgrade"}}"#;
    let deleted = r#"{"when": {"call": {"verb": "get", "kind": "Sidecar", "name": "pacific-1-rpc-g2-1", "during": "config-apply", "nth": 4, "moment": "after"}}, "what": {"person": {"deletes-entrant": {"node": "pacific-1-rpc-g2-0"}}}}"#;
    let lost = r#"{"when": {"at": "1h"}, "what": {"cluster": {"machine-lost": {"under": "pacific-1-rpc-g2-1", "returnsAfter": "20min"}}}}"#;
    let law = "selector-matches-nothing";
    assert_eq!(rows(&rehearsed(UPGRADE, 22752, &[past, deleted, lost]), law), BTreeSet::from([Some("diverged-alone")]));
    assert_eq!(rows(&rehearsed(UPGRADE, 22752, &[past, lost]), law), BTreeSet::new());
}

#[test]
fn an_entrant_that_was_bootstrapped_beyond_the_upgrade_is_excused_for_clients_that_are_sent_to_it() {
    let moved = r#"{"when": {"task": {"of": "pacific-1-rpc", "type": "await-nodes-running", "is": "Complete"}}, "what": {"switch-races": {"halt-height-edited": {"by": 1}}}}"#;
    let crashes = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNode", "name": "pacific-1-rpc-g2-0", "during": "await-condition", "nth": 1, "moment": "after"}}, "what": {"bootstrap": {"crashes": {"node": "pacific-1-rpc-g2-1", "exitCode": 139, "afterBlocks": 1000}}}}"#;
    let past = r#"{"when": {"task": {"of": "pacific-1-rpc", "type": "teardown-nodes", "is": "Pending"}}, "what": {"binary": "runs-past-upgrade"}}"#;
    let halts = r#"{"when": {"height": 198748038}, "what": {"chain": {"halts-at-upgrade": {"lasts": "20min"}}}}"#;
    let rows = rows(&rehearsed(UPGRADE, 58971, &[moved, crashes, past, halts]), "dead-fork-serving");
    assert!(rows.contains(&Some("bootstrapped-beyond")) && !rows.contains(&None), "{rows:?}");
}
