//! Rows on an operator that does not run, hears late, or whose clock is wrong, in real worlds.

use super::{IMAGE_CHANGE, rows};
use crate::faults::{rehearsed, rehearsed_but};
use std::collections::BTreeSet;

const UPGRADE: &str = "hardfork/planned-upgrade";

#[test]
fn a_node_that_stops_while_the_operator_is_down_is_excused_for_being_called_running() {
    let past = r#"{"when": {"call": {"verb": "create", "kind": "SeiNode", "name": "pacific-1-rpc-g2-1", "during": "create-entrant-nodes", "nth": 1, "moment": "after"}}, "what": {"binary": "runs-past-upgrade"}}"#;
    let down = r#"{"when": {"at": "75min"}, "what": {"controller": {"outage": {"lasts": "10min"}}}}"#;
    let killed = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNode", "name": "pacific-1-rpc-g2-0", "during": "await-bootstrap-complete", "nth": 1, "moment": "before"}}, "what": {"cluster": {"liveness-kill": {"node": "pacific-1-rpc-0", "container": "sidecar"}}}}"#;
    let lies = |faults: &[&str]| rows(&rehearsed(UPGRADE, 40468, faults), "running-lies");
    assert_eq!(lies(&[past, down, killed]), BTreeSet::from([Some("operator-down")]));
    assert_eq!(lies(&[past, killed]), BTreeSet::new(), "an operator that runs takes it back");
}

#[test]
fn a_machine_that_is_lost_where_a_node_has_just_come_up_is_told_late_while_sidecars_on_it_are_waited_for() {
    let past = r#"{"when": {"task": {"of": "pacific-1-rpc-g2-1", "type": "deploy-bootstrap-job", "is": "Pending"}}, "what": {"binary": "runs-past-upgrade"}}"#;
    let lost = r#"{"when": {"call": {"verb": "get", "kind": "Sidecar", "name": "pacific-1-rpc-g2-1", "during": "mark-ready", "nth": 3, "moment": "after"}}, "what": {"cluster": {"zone-lost": {"under": "pacific-1-rpc-g2-1", "returnsAfter": "90s"}}}}"#;
    assert_eq!(rows(&rehearsed(UPGRADE, 122_227, &[past, lost]), "running-lies"), BTreeSet::from([Some("told-late")]));
    assert_eq!(rows(&rehearsed(UPGRADE, 122_227, &[past]), "running-lies"), BTreeSet::new());
}

#[test]
fn slow_calls_excuse_a_phase_that_is_taken_back_late() {
    let drained =
        r#"{"when": {"height": 198750103}, "what": {"cluster": {"machine-drained": {"under": "pacific-1-rpc-0", "reopensAfter": "90s"}}}}"#;
    let late = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-0", "nth": 1, "moment": "after"}}, "what": {"chain": {"slow-blocks": {"blocks": 1, "blockMillis": 2000}}}}"#;
    let past = r#"{"when": {"call": {"verb": "get", "kind": "Sidecar", "name": "pacific-1-rpc-g2-1", "during": "mark-ready", "nth": 1, "moment": "after"}}, "what": {"binary": "runs-past-upgrade"}}"#;
    let slow = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNode", "name": "pacific-1-rpc-g2-0", "during": "await-condition", "nth": 1, "moment": "before"}}, "what": {"api-server": {"slow-calls": {"by": "20s", "lasts": "10min"}}}}"#;
    let stalls = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-1", "nth": 1, "moment": "before"}}, "what": {"controller": {"two-leaders": {"stalls": "2s"}}}}"#;
    let faults = [drained, late, past, slow, stalls];
    assert_eq!(rows(&rehearsed(UPGRADE, 202_573, &faults), "running-lies"), BTreeSet::from([Some("told-late")]));
}

#[test]
fn a_machine_that_is_lost_while_watches_are_broken_is_told_by_the_next_look() {
    let deaf = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-1", "nth": 1, "moment": "after"}}, "what": {"controller": {"missed-events": {"lasts": "90s"}}}}"#;
    let back = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-1", "nth": 1, "moment": "after"}}, "what": {"switch-races": {"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.0"}}}}"#;
    let lost = r#"{"when": {"phase": {"kind": "Pod", "name": "pacific-1-rpc-g2-1-0", "is": "Pending"}}, "what": {"cluster": {"machine-lost": {"under": "pacific-1-rpc-1", "returnsAfter": "40s"}}}}"#;
    let lies = |faults: &[&str]| rows(&rehearsed(IMAGE_CHANGE, 128_109, faults), "ready-lies");
    assert_eq!(lies(&[deaf, back, lost]), BTreeSet::from([Some("told-late")]));
    assert_eq!(lies(&[back, lost]), BTreeSet::new(), "a watch tells at once");
}

#[test]
fn a_clock_that_jumps_over_the_time_in_which_clients_leave_excuses_a_deletion_and_not_one_that_waits_for_nothing() {
    let ahead = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNodeDeployment", "name": "pacific-1-rpc", "during": "teardown-nodes", "nth": 1, "moment": "before"}}, "what": {"cluster": {"clock-skew": {"by": "5min", "ahead": true, "lasts": "1s"}}}}"#;
    let early = |decisions: &[&str]| rows(&rehearsed_but(decisions, IMAGE_CHANGE, 16874, &[ahead]), "incumbent-deleted-early");
    assert_eq!(early(&[]), BTreeSet::from([Some("clock-ahead")]));
    assert_eq!(early(&["teardown=at-once"]), BTreeSet::from([None]));
}
