//! Rows of the excuse table on nodes that stand still or lag behind, and that nothing tells of yet.

use super::{IMAGE_CHANGE, planned_upgrade_rehearsed, rows, run_with};
use crate::faults::{planned_upgrade, rehearsed};
use std::collections::BTreeSet;

#[test]
fn a_binary_that_gets_stuck_while_it_is_called_ready_excuses_a_deletion_and_not_one_before_it_was_at_the_tip() {
    let sticks = r#"{"when": {"at": "20min"}, "what": {"binary": {"panics-after-upgrade": {"blocks": 600}}}}"#;
    let law = "incumbent-deleted-early";
    assert_eq!(rows(&planned_upgrade_rehearsed(&[sticks]), law), BTreeSet::from([Some("behind-unseen")]));
    assert_eq!(rows(&planned_upgrade(&[sticks]), law), BTreeSet::from([None]), "its entrants had executed nothing yet");
}

#[test]
fn entrants_that_stop_or_are_as_slow_as_the_chain_excuse_a_deletion_and_clients_that_still_reach_incumbents_do_not() {
    let law = "incumbent-deleted-early";
    let stops =
        r#"{"when": {"at": "4749s"}, "what": {"premature-halt": {"interrupted": {"node": "pacific-1-rpc-g2-0", "signal": "SIGTERM"}}}}"#;
    let fast = r#"{"when": {"height": 198749261}, "what": {"chain": {"upgrade-early": {"blocks": 10000, "blockMillis": 100}}}}"#;
    for (seed, fault) in [(3, stops), (78, fast)] {
        assert_eq!(rows(&rehearsed("hardfork/planned-upgrade", seed, &[fault]), law), BTreeSet::from([Some("behind-unseen")]));
    }
    let paused = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNodeDeployment", "name": "pacific-1-rpc", "during": "switch-traffic", "nth": 1, "moment": "after"}}, "what": {"person": {"pauses": {"lasts": "2h"}}}}"#;
    let at_once = rows(&run_with(IMAGE_CHANGE, "blue-green", &[], &[paused]), law);
    assert!(at_once.contains(&None), "its entrants are at the tip by then, and it does not wait until clients have left: {at_once:?}");
}

#[test]
fn a_node_whose_next_block_no_peer_keeps_is_excused_while_it_is_hardly_behind_and_one_that_has_diverged_is_not() {
    let law = "dead-fork-serving";
    let pruned = r#"{"when": {"call": {"verb": "get", "kind": "Sidecar", "name": "pacific-1-rpc-g2-1", "during": "mark-ready", "nth": 1, "moment": "before"}}, "what": {"bootstrap": {"peers-pruned": {"keep": 1, "lasts": "5min"}}}}"#;
    let slow = r#"{"when": {"call": {"verb": "submit", "kind": "Sidecar", "name": "pacific-1-rpc-g2-0", "during": "snapshot-restore", "nth": 1, "moment": "before"}}, "what": {"chain": {"slow-blocks": {"blocks": 128, "blockMillis": 10000}}}}"#;
    assert_eq!(rows(&rehearsed("bluegreen/image-change", 86454, &[pruned, slow]), law), BTreeSet::from([Some("pruned-unseen")]));
    let past = r#"{"when": {"at": "20min"}, "what": {"binary": "runs-past-upgrade"}}"#;
    let always = r#"{"when": {"at": "20min"}, "what": {"bootstrap": {"peers-pruned": {"keep": 100, "lasts": "1h"}}}}"#;
    let halts = r#"{"when": {"at": "20min"}, "what": {"chain": {"halts-at-upgrade": {"lasts": "1h"}}}}"#;
    let diverged = run_with("hardfork/planned-upgrade", "halt-signal", &[], &[past, halts, always]);
    assert_eq!(rows(&diverged, law), BTreeSet::from([None]));
}

#[test]
fn an_entrant_on_its_way_does_not_tell_that_the_only_one_that_is_ready_is_stuck() {
    let scaled = r#"{"when": {"call": {"verb": "submit", "kind": "Sidecar", "name": "pacific-1-rpc-g2-0", "during": "mark-ready", "nth": 2, "moment": "before"}}, "what": {"person": {"scales": {"to": 1, "backAfter": "90s"}}}}"#;
    let cancelled = r#"{"when": {"at": "1h"}, "what": {"chain": "upgrade-cancelled"}}"#;
    let panics = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-0", "nth": 1, "moment": "after"}}, "what": {"binary": {"panics-after-upgrade": {"blocks": 512}}}}"#;
    let gaps = rows(&rehearsed("hardfork/planned-upgrade", 16220, &[scaled, cancelled, panics]), "no-endpoint");
    assert_eq!(gaps, BTreeSet::from([Some("stuck-unseen")]));
}

#[test]
fn a_node_is_excused_for_what_it_lacks_until_it_has_had_its_peers_back_for_as_long_as_its_probe_takes() {
    let cut = r#"{"when": {"call": {"verb": "submit", "kind": "Sidecar", "name": "pacific-1-rpc-g2-1", "during": "mark-ready", "nth": 1, "moment": "before"}}, "what": {"bootstrap": {"peers-not-found": {"lasts": "90s"}}}}"#;
    let lost = r#"{"when": {"call": {"verb": "submit", "kind": "Sidecar", "name": "pacific-1-rpc-g2-1", "during": "configure-genesis", "nth": 1, "moment": "before"}}, "what": {"cluster": {"machine-lost": {"under": "pacific-1-rpc-0", "returnsAfter": "20s"}}}}"#;
    let late = r#"{"when": {"at": "20min"}, "what": {"switch-races": {"data-plane-lag": {"by": "90s", "lasts": "3min"}}}}"#;
    let stale = |faults: &[&str]| rows(&rehearsed(IMAGE_CHANGE, 10220, faults), "stale-serving");
    assert_eq!(stale(&[cut, lost, late]), BTreeSet::from([Some("no-peers")]));
}

#[test]
fn a_node_whose_peers_all_stopped_at_the_upgrade_is_excused_though_it_has_just_been_deleted() {
    let lost = r#"{"when": {"phase": {"kind": "SeiNode", "name": "pacific-1-rpc-1", "is": "Initializing"}}, "what": {"bootstrap": {"machine-lost": {"node": "pacific-1-rpc-g2-1", "returnsAfter": "3min"}}}}"#;
    let scaled = r#"{"when": {"at": "3692s"}, "what": {"person": {"scales": {"to": 3, "backAfter": "10min"}}}}"#;
    let stale = rows(&rehearsed("hardfork/planned-upgrade", 311_961, &[lost, scaled]), "stale-serving");
    assert_eq!(stale, BTreeSet::from([Some("peers-upgrade")]));
}
