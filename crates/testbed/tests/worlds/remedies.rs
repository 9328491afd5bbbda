//! What the design of remedies does in worlds that showed what it lacked.

use crate::faults::{lines, rehearsed};

use std::collections::BTreeSet;
use testbed::scenario::Outcome;

#[test]
fn clients_are_sent_to_the_incumbents_again_while_no_entrant_of_a_blue_green_rollout_runs() {
    let restarts = |node: &str| {
        let when = r#""when": {"task": {"of": "pacific-1-rpc", "type": "switch-traffic", "is": "Complete"}}"#;
        format!(r#"{{{when}, "what": {{"cluster": {{"container-killed": {{"node": "{node}", "container": "seid"}}}}}}}}"#)
    };
    let (first, second) = (restarts("pacific-1-rpc-g2-0"), restarts("pacific-1-rpc-g2-1"));
    let result = rehearsed("bluegreen/image-change", 1, &[&first, &second]);
    assert_eq!((result.outcome, result.violations.len()), (Outcome::Converged, 0), "{:?}", result.violations);
}

#[test]
fn an_entrant_that_crashes_after_a_cancelled_upgrade_leaves_clients_to_the_incumbents_that_go_on() {
    let cancelled = r#"{"when": {"at": "20min"}, "what": {"chain": "upgrade-cancelled"}}"#;
    let later = r#"{"when": {"at": "65min"}, "what": {"bootstrap": {"stalls": {"node": "pacific-1-rpc-g2-1", "lasts": "1h"}}}}"#;
    let crashes = r#"{"when": {"at": "90min"}, "what": {"switch-races": {"entrant-crashes": {"node": "pacific-1-rpc-g2-0"}}}}"#;
    let result = rehearsed("hardfork/planned-upgrade", 1, &[cancelled, later, crashes]);
    assert!(result.violations.iter().all(|violation| violation.oracle != "no-endpoint"), "{:?}", result.violations);
}

#[test]
fn clients_are_sent_to_incumbents_that_go_on_beyond_a_cancelled_upgrade_while_no_entrant_runs() {
    let crashes = r#"{"when": {"at": "76min"}, "what": {"switch-races": {"entrant-crashes": {"node": "pacific-1-rpc-g2-0"}}}}"#;
    let one = r#"{"when": {"call": {"verb": "get", "kind": "Sidecar", "name": "pacific-1-rpc-g2-1", "during": "configure-genesis", "nth": 1, "moment": "after"}}, "what": {"switch-races": {"replicas-edited": {"to": 1}}}}"#;
    let cancelled = r#"{"when": {"task": {"of": "pacific-1-rpc-g2-1", "type": "snapshot-restore", "is": "Pending"}}, "what": {"chain": "upgrade-cancelled"}}"#;
    let result = rehearsed("hardfork/planned-upgrade", 116_066, &[crashes, one, cancelled]);
    assert!(result.violations.iter().all(|violation| violation.oracle != "no-endpoint"), "{:?}", result.violations);
}

#[test]
fn a_node_that_is_made_while_the_others_wait_for_an_edit_comes_across_the_fork_as_they_did() {
    let edited = r#"{"when": {"at": "75min"}, "what": {"switch-races": "second-rollout"}}"#;
    let deleted = r#"{"when": {"task": {"of": "pacific-1-rpc", "type": "teardown-nodes", "is": "Complete"}}, "what": {"person": {"deletes-entrant": {"node": "pacific-1-rpc-g2-0"}}}}"#;
    let result = rehearsed("hardfork/planned-upgrade", 1, &[edited, deleted]);
    assert_eq!((result.outcome, result.violations.len()), (Outcome::Converged, 0), "{:?}", result.violations);
}

#[test]
fn a_node_that_has_failed_with_its_rollout_stays_to_be_seen_though_fewer_are_asked_for() {
    let one = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-0", "nth": 1, "moment": "before"}}, "what": {"switch-races": {"replicas-edited": {"to": 1}}}}"#;
    let fails = r#"{"when": {"write": {"controller": "group", "of": "pacific-1-rpc", "nth": 1, "moment": "after"}}, "what": {"bootstrap": {"sidecar-task-fails": {"task": "mark-ready"}}}}"#;
    let restarted = r#"{"when": {"height": 198743083}, "what": {"premature-halt": {"restarted": {"node": "pacific-1-rpc-1"}}}}"#;
    let result = rehearsed("hardfork/planned-upgrade", 306_182, &[one, fails, restarted]);
    for law in ["failure-hidden", "replica-count"] {
        assert!(result.violations.iter().all(|violation| violation.oracle != law), "{:?}", result.violations);
    }
}

#[test]
fn of_nodes_that_are_lost_together_each_is_written_down_before_the_sidecar_of_one_is_asked() {
    let past = r#"{"when": {"height": 198749419}, "what": {"binary": "runs-past-upgrade"}}"#;
    let lost =
        r#"{"when": {"height": 198750974}, "what": {"cluster": {"zone-lost": {"under": "pacific-1-rpc-1", "returnsAfter": "90s"}}}}"#;
    let result = rehearsed("hardfork/planned-upgrade", 4657, &[past, lost]);
    assert!(result.violations.iter().all(|violation| violation.oracle != "running-lies"), "{:?}", result.violations);
}

#[test]
fn a_process_that_stood_still_in_the_middle_of_a_reconcile_touches_nothing_of_the_node_that_has_taken_its_nodes_place() {
    let again = r#"{"when": {"task": {"of": "pacific-1-rpc-g2-1", "type": "config-validate", "is": "Pending"}}, "what": {"switch-races": "second-rollout"}}"#;
    let stalls = r#"{"when": {"call": {"verb": "apply", "kind": "StatefulSet", "name": "pacific-1-rpc-g2-1", "during": "snapshot-restore", "nth": 1, "moment": "after"}}, "what": {"controller": {"two-leaders": {"stalls": "10min"}}}}"#;
    let result = rehearsed("bluegreen/image-change", 2200, &[again, stalls]);
    assert!(result.violations.iter().all(|violation| violation.oracle != "foreign-object"), "{:?}", result.violations);
}

#[test]
fn a_process_that_stood_still_before_it_made_a_stateful_set_leaves_that_of_the_node_that_has_taken_its_nodes_place_alone() {
    let edited = r#"{"when": {"phase": {"kind": "SeiNode", "name": "pacific-1-rpc-g2-0", "is": "Initializing"}}, "what": {"switch-races": "overrides-edited"}}"#;
    for verb in ["create", "apply"] {
        let stalls = format!(
            r#"{{"when": {{"call": {{"verb": "{verb}", "kind": "StatefulSet", "name": "pacific-1-rpc-g2-1", "during": "snapshot-restore", "nth": 1, "moment": "before"}}}}, "what": {{"controller": {{"two-leaders": {{"stalls": "10min"}}}}}}}}"#
        );
        let result = rehearsed("bluegreen/image-change", 37876, &[&stalls, edited]);
        assert!(result.violations.iter().all(|violation| violation.oracle != "foreign-object"), "{verb}: {:?}", result.violations);
    }
}

#[test]
fn a_node_has_no_volume_before_the_pod_of_an_earlier_node_of_its_name_is_gone() {
    let again = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-1", "nth": 1, "moment": "before"}}, "what": {"switch-races": "second-rollout"}}"#;
    let pauses = r#"{"when": {"call": {"verb": "create", "kind": "Service", "name": "pacific-1-rpc-g2-0", "during": "snapshot-restore", "nth": 1, "moment": "before"}}, "what": {"person": {"pauses": {"lasts": "1s"}}}}"#;
    let result = rehearsed("bluegreen/image-change", 30110, &[again, pauses]);
    assert_eq!((result.outcome, result.violations.len()), (Outcome::Converged, 0), "{:?}", result.violations);
}

#[test]
fn a_node_that_was_getting_its_image_in_place_when_a_blue_green_rollout_began_goes_on_serving_where_that_image_is_broken() {
    let edited =
        r#"{"when": {"height": 198741499}, "what": {"switch-races": {"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.1"}}}}"#;
    let broken = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNodeDeployment", "name": "pacific-1-rpc", "during": "create-entrant-nodes", "nth": 1, "moment": "before"}}, "what": {"binary": "panics-at-start"}}"#;
    let result = rehearsed("bluegreen/image-change", 23971, &[broken, edited]);
    assert!(result.violations.iter().all(|violation| violation.excused.is_some()), "{:?}", result.violations);
}

#[test]
fn an_entrant_whose_bootstrap_has_failed_before_starts_over_for_being_late_all_the_same() {
    let slips = r#"{"when": {"at": "22min"}, "what": {"premature-halt": {"halt-slips": {"slip": "before-commit", "lasts": "1h"}}}}"#;
    let [fails_0, fails_1] = ["0", "1"].map(|node| {
        format!(r#"{{"when": {{"at": "50min"}}, "what": {{"bootstrap": {{"out-of-memory": {{"node": "pacific-1-rpc-g2-{node}"}}}}}}}}"#)
    });
    let result = rehearsed("hardfork/planned-upgrade", 1, &[slips, &fails_0, &fails_1]);
    assert_eq!(result.outcome, Outcome::Converged, "{:?}", result.violations);
}

#[test]
fn a_service_whose_only_entrant_is_lost_after_the_switch_selects_the_incumbents_until_it_is_made_again() {
    let stalls = r#"{"when": {"at": "20min"}, "what": {"bootstrap": {"stalls": {"node": "pacific-1-rpc-g2-0", "lasts": "2h"}}}}"#;
    let deleted = r#"{"when": {"at": "80min"}, "what": {"person": {"deletes-entrant": {"node": "pacific-1-rpc-g2-1"}}}}"#;
    let result = rehearsed("hardfork/planned-upgrade", 1, &[stalls, deleted]);
    assert_eq!(result.outcome, Outcome::Converged, "{:?}", result.violations);
    let selects = lines(&result, "pacific-1-rpc-external selects");
    let whole_group: Vec<bool> = selects.iter().map(|line| !line.contains("sei.io/revision")).collect();
    assert_eq!(whole_group, [false, true, false, true], "{selects:?}");
}

#[test]
fn an_operator_that_stalled_while_it_took_a_bootstrap_down_leaves_the_nodes_own_service_alone() {
    let stalls = r#"{"when": {"call": {"verb": "delete", "kind": "Job", "name": "pacific-1-rpc-g2-0-bootstrap", "during": "teardown-bootstrap", "nth": 1, "moment": "before"}}, "what": {"controller": {"two-leaders": {"stalls": "10min"}}}}"#;
    let result = rehearsed("hardfork/planned-upgrade", 1, &[stalls]);
    assert_eq!((result.outcome, result.violations.len()), (Outcome::Converged, 0), "{:?}", result.violations);
}

#[test]
fn the_last_incumbent_that_a_person_deletes_does_not_end_its_rollout() {
    let one = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNodeDeployment", "name": "pacific-1-rpc", "during": "create-entrant-nodes", "nth": 1, "moment": "before"}}, "what": {"switch-races": {"replicas-edited": {"to": 1}}}}"#;
    let deleted = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNode", "name": "pacific-1-rpc-g2-0", "during": "discover-peers", "nth": 1, "moment": "after"}}, "what": {"person": {"deletes-incumbent": {"node": "pacific-1-rpc-0"}}}}"#;
    let result = rehearsed("bluegreen/image-change", 24332, &[one, deleted]);
    assert_eq!(result.outcome, Outcome::Converged, "{:?}", result.violations);
}

#[test]
fn an_entrant_that_starts_over_on_a_lost_volume_and_gets_no_image_ends_its_rollout_in_the_end() {
    let lost = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNode", "name": "pacific-1-rpc-g2-1", "during": "mark-ready", "nth": 1, "moment": "after"}}, "what": {"cluster": {"zone-lost": {"under": "pacific-1-rpc-0", "returnsAfter": "10min"}}}}"#;
    let deleted = r#"{"when": {"at": "20min"}, "what": {"person": {"deletes-pvc": {"node": "pacific-1-rpc-g2-0"}}}}"#;
    let wrong = r#"{"when": {"call": {"verb": "get", "kind": "Sidecar", "name": "pacific-1-rpc-g2-0", "during": "configure-genesis", "nth": 1, "moment": "after"}}, "what": {"binary": "wrong-image-tag"}}"#;
    let result = rehearsed("bluegreen/image-change", 7627, &[lost, deleted, wrong]);
    assert!(result.violations.iter().all(|violation| violation.oracle != "replica-count"), "{:?}", result.violations);
}

#[test]
fn an_entrant_that_state_synced_long_before_the_fork_is_not_given_up_for_waiting_for_it() {
    let late = r#"{"when": {"at": "11min"}, "what": {"chain": {"upgrade-late": {"blockMillis": 4000}}}}"#;
    let result = rehearsed("state-sync/hard-fork-without-a-snapshot", 1, &[late]);
    assert_eq!(result.outcome, Outcome::Converged, "{:?}", result.violations);
}

#[test]
fn a_node_that_has_failed_is_not_the_right_one_where_an_old_one_serves() {
    let fewer = r#"{"when": {"at": "13h"}, "what": {"switch-races": {"replicas-edited": {"to": 1}}}}"#;
    let result = rehearsed("chain/snapshot-expired", 1, &[fewer]);
    assert_eq!(result.broken(), BTreeSet::new());
}

#[test]
fn where_a_person_deletes_all_nodes_after_a_failed_rollout_others_are_made() {
    let panics = r#"{"when": {"at": "50min"}, "what": {"binary": {"panics-after-upgrade": {"blocks": 1000}}}}"#;
    let result = rehearsed("recovery/after-a-panic-at-the-upgrade", 135, &[panics]);
    assert_eq!(result.end.seinodes.len(), 2, "{:?}", result.end);
    assert_eq!(result.broken(), BTreeSet::new());
}

#[test]
fn a_node_that_the_api_server_refuses_for_what_it_says_ends_its_rollout_at_once() {
    let cancelled = r#"{"when": {"at": "45min"}, "what": {"chain": "upgrade-cancelled"}}"#;
    let result = rehearsed("spec/halt-height-one", 1, &[cancelled]);
    assert_eq!(result.end.group_phase.as_deref(), Some("Degraded"));
    assert!(!result.broken().contains("lost-update"), "{:?}", result.violations);
}
