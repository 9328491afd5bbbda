//! Rows on clients who are sent to nobody who serves, in real worlds.

use super::{image_change_rehearsed, planned_upgrade_rehearsed, rows, run_with, violations};

use crate::faults::{rehearsed, rehearsed_but};

use std::collections::BTreeSet;
use testbed::scenario::Outcome;

#[test]
fn clients_that_follow_late_are_excused_from_the_upgrade_on_and_not_where_incumbents_could_have_waited() {
    let late = r#"{"when": {"at": "20min"}, "what": {"switch-races": {"data-plane-lag": {"by": "40s", "lasts": "2h"}}}}"#;
    let law = "no-endpoint";
    assert_eq!(rows(&planned_upgrade_rehearsed(&[late]), law), BTreeSet::from([Some("clients-follow-late")]));
    assert_eq!(rows(&run_with("traffic/clients-follow-late", "blue-green", &[], &[]), law), BTreeSet::from([None]));
}

#[test]
fn lost_machines_excuse_that_clients_reach_nobody_until_one_is_back() {
    let lose = |node: &str, back: &str| {
        format!(
            r#"{{"when": {{"at": "20min"}}, "what": {{"cluster": {{"machine-lost": {{"under": "pacific-1-rpc-{node}", "returnsAfter": "{back}"}}}}}}}}"#
        )
    };
    let lag = r#"{"when": {"task": {"type": "switch-traffic", "is": "Complete"}}, "what": {"switch-races": {"data-plane-lag": {"by": "40s", "lasts": "1h"}}}}"#;
    let gaps = |faults: &[&str]| {
        let result = run_with("bluegreen/image-change", "blue-green", &[], faults);
        violations(&result, "no-endpoint").into_iter().map(|(_, row)| row).collect::<Vec<_>>()
    };
    assert_eq!(
        gaps(&[&lose("0", "3h"), &lose("1", "3h"), lag]),
        [Some("machines-lost")],
        "clients follow late to the first entrant that serves"
    );
    assert_eq!(gaps(&[&lose("0", "3h"), &lose("1", "10min"), lag]), [None], "one is back");
    assert_eq!(gaps(&[&lose("0", "3h"), lag]), [None], "the other goes on serving");
}

#[test]
fn entrants_that_get_stuck_after_the_switch_excuse_clients_that_are_sent_to_them_where_incumbents_still_serve() {
    let faults = [
        r#"{"when": {"height": 198750103}, "what": {"chain": "upgrade-cancelled"}}"#,
        r#"{"when": {"at": "0s"}, "what": {"binary": {"panics-after-upgrade": {"blocks": 512}}}}"#,
    ];
    assert_eq!(rows(&rehearsed("hardfork/planned-upgrade", 1966, &faults), "no-endpoint"), BTreeSet::from([Some("stuck-unseen")]));
}

#[test]
fn clients_that_follow_five_seconds_late_follow_later_than_the_law_allows() {
    let late = r#"{"when": {"at": "20min"}, "what": {"switch-races": {"endpoints-lag": {"by": "5s", "lasts": "2h"}}}}"#;
    assert_eq!(rows(&planned_upgrade_rehearsed(&[late]), "no-endpoint"), BTreeSet::from([Some("clients-follow-late")]));
}

#[test]
fn clients_that_follow_late_are_excused_before_the_upgrade_too_where_all_that_is_left_has_just_become_ready() {
    let late = r#"{"when": {"at": "10min"}, "what": {"switch-races": {"endpoints-lag": {"by": "40s", "lasts": "1h"}}}}"#;
    let restarted = |node| format!(r#"{{"when": {{"at": "11min"}}, "what": {{"premature-halt": {{"restarted": {{"node": "{node}"}}}}}}}}"#);
    let (first, second) = (restarted("pacific-1-rpc-0"), restarted("pacific-1-rpc-1"));
    let rows = rows(&image_change_rehearsed(&[late, &first, &second]), "no-endpoint");
    assert_eq!(rows, BTreeSet::from([Some("clients-follow-late")]));
}

#[test]
fn pods_that_somebody_stops_while_the_others_machine_is_lost_are_excused_and_those_that_the_operator_deletes_early_are_not() {
    let lost = |node, when: &str| {
        format!(r#"{{"when": {when}, "what": {{"cluster": {{"machine-lost": {{"under": "{node}", "returnsAfter": "3min"}}}}}}}}"#)
    };
    let stopped = r#"{"when": {"at": "12min"}, "what": {"premature-halt": {"restarted": {"node": "pacific-1-rpc-1"}}}}"#;
    let result = image_change_rehearsed(&[&lost("pacific-1-rpc-0", r#"{"at": "12min"}"#), stopped]);
    assert_eq!(rows(&result, "no-endpoint"), BTreeSet::from([Some("only-leaving")]));
    let cut = r#"{"when": {"at": "9min"}, "what": {"cluster": {"peers-cut": {"node": "pacific-1-rpc-0", "lasts": "5min"}}}}"#;
    assert_eq!(rows(&image_change_rehearsed(&[cut, stopped]), "no-endpoint"), BTreeSet::from([Some("only-leaving")]));

    let switched = r#"{"task": {"of": "pacific-1-rpc", "type": "teardown-nodes", "is": "Complete"}}"#;
    let both = ["pacific-1-rpc-g2-0", "pacific-1-rpc-g2-1"].map(|node| lost(node, switched));
    let result = run_with("bluegreen/image-change", "blue-green", &[], &[&both[0], &both[1]]);
    assert_eq!(rows(&result, "no-endpoint"), BTreeSet::from([None]));
}

#[test]
fn entrants_that_are_lost_together_after_the_switch_are_excused_and_incumbents_that_are_lost_while_nobody_selects_the_entrants_are_not() {
    let lost = |nodes: [&str; 2], at: &str| {
        nodes.map(|node| {
            format!(r#"{{"when": {{"at": "{at}"}}, "what": {{"cluster": {{"machine-lost": {{"under": "pacific-1-rpc-{node}", "returnsAfter": "3min"}}}}}}}}"#)
        })
    };
    let law = "no-endpoint";
    let [first, second] = lost(["g2-0", "g2-1"], "49min");
    let result = image_change_rehearsed(&[&first, &second]);
    assert_eq!((rows(&result, law), result.outcome), (BTreeSet::from([Some("only-leaving")]), Outcome::Converged));
    let [first, second] = lost(["0", "1"], "46min");
    let result = rehearsed_but(&["traffic=active-revision"], "bluegreen/image-change", 1, &[&first, &second]);
    assert_eq!(rows(&result, law), BTreeSet::from([None]));
}

#[test]
fn clients_that_come_back_late_to_the_incumbents_are_excused_where_the_operator_sends_them_back() {
    let late = r#"{"when": {"at": "20min"}, "what": {"switch-races": {"endpoints-lag": {"by": "20s", "lasts": "2h"}}}}"#;
    let [first, second] = ["0", "1"].map(|node| {
        format!(r#"{{"when": {{"at": "49min"}}, "what": {{"cluster": {{"container-killed": {{"node": "pacific-1-rpc-g2-{node}", "container": "seid"}}}}}}}}"#)
    });
    let (faults, law) = ([late, &first, &second], "no-endpoint");
    assert_eq!(rows(&image_change_rehearsed(&faults), law), BTreeSet::from([Some("clients-follow-late")]));
    let stays = rehearsed_but(&["traffic=active-revision"], "bluegreen/image-change", 1, &faults);
    assert!(rows(&stays, law).contains(&None), "{:?}", stays.violations);
}

#[test]
fn an_entrant_that_came_across_alone_and_is_given_up_is_excused_where_incumbents_have_diverged_and_no_other_can_come() {
    let past = r#"{"when": {"at": "20min"}, "what": {"binary": "runs-past-upgrade"}}"#;
    let later = r#"{"when": {"at": "65min"}, "what": {"bootstrap": {"stalls": {"node": "pacific-1-rpc-g2-1", "lasts": "1h"}}}}"#;
    let lacks = r#"{"when": {"at": "100min"}, "what": {"binary": "wrong-image-tag"}}"#;
    let result = planned_upgrade_rehearsed(&[past, later, lacks]);
    assert_eq!(rows(&result, "no-endpoint"), BTreeSet::from([Some("given-up-past-the-fork")]));
}

#[test]
fn entrants_that_get_stuck_beyond_their_own_fork_excuse_a_deletion_and_those_that_get_stuck_at_it_do_not() {
    let law = "incumbent-deleted-early";
    let faults = [
        r#"{"when": {"task": {"of": "pacific-1-rpc-g2-0", "type": "deploy-bootstrap-service", "is": "Complete"}}, "what": {"switch-races": {"halt-height-edited": {"by": -1000}}}}"#,
        r#"{"when": {"at": "0s"}, "what": {"binary": "panics-at-upgrade"}}"#,
        r#"{"when": {"at": "0s"}, "what": {"chain": "upgrade-cancelled"}}"#,
    ];
    let result = rehearsed("hardfork/planned-upgrade", 23731, &faults);
    assert_eq!(rows(&result, "no-endpoint"), BTreeSet::from([Some("stuck-unseen")]));
    assert_eq!(rows(&result, law), BTreeSet::from([Some("behind-unseen")]));
    let at_it = rows(&run_with("hardfork/planned-upgrade", "bootstrap", &[], &[faults[1]]), law);
    assert_eq!(at_it, BTreeSet::from([None]));
}

#[test]
fn a_group_whose_nodes_are_behind_when_all_peers_stop_at_the_upgrade_is_excused_for_being_called_ready() {
    let faults = [
        r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNodeDeployment", "name": "pacific-1-rpc", "during": "await-nodes-running", "nth": 1, "moment": "before"}}, "what": {"person": {"deletes-incumbent": {"node": "pacific-1-rpc-0"}}}}"#,
        r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-1", "nth": 1, "moment": "before"}}, "what": {"chain": {"upgrade-moved": {"by": 1000}}}}"#,
        r#"{"when": {"call": {"verb": "get", "kind": "Sidecar", "name": "pacific-1-rpc-g2-1", "during": "mark-ready", "nth": 1, "moment": "before"}}, "what": {"switch-races": {"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.0"}}}}"#,
        r#"{"when": {"call": {"verb": "submit", "kind": "Sidecar", "name": "pacific-1-rpc-g2-0", "during": "discover-peers", "nth": 1, "moment": "after"}}, "what": {"bootstrap": {"peers-not-found": {"lasts": "1h"}}}}"#,
        r#"{"when": {"call": {"verb": "submit", "kind": "Sidecar", "name": "pacific-1-rpc-g2-0", "during": "await-condition", "nth": 1, "moment": "before"}}, "what": {"cluster": {"liveness-kill": {"node": "pacific-1-rpc-1", "container": "seid"}}}}"#,
    ];
    assert_eq!(rows(&rehearsed("hardfork/planned-upgrade", 16114, &faults), "ready-lies"), BTreeSet::from([Some("peers-upgrade")]));
}

#[test]
fn entrants_that_have_their_peers_back_just_after_the_switch_are_excused_until_they_are_seen_to_be_behind() {
    let gone = r#"{"when": {"at": "1487s"}, "what": {"bootstrap": {"peers-not-found": {"lasts": "5min"}}}}"#;
    assert_eq!(rows(&rehearsed("bluegreen/image-change", 34434, &[gone]), "no-endpoint"), BTreeSet::from([Some("only-leaving")]));
}

#[test]
fn entrants_that_have_had_no_peers_yet_excuse_neither_clients_without_anybody_nor_a_deletion() {
    let cut = |node: &str| {
        format!(
            r#"{{"when": {{"task": {{"of": "{node}", "type": "config-validate", "is": "Complete"}}}}, "what": {{"cluster": {{"peers-cut": {{"node": "{node}", "lasts": "2h"}}}}}}}}"#
        )
    };
    let faults = ["pacific-1-rpc-g2-0", "pacific-1-rpc-g2-1"].map(cut);
    let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
    let gate = |decisions: &[&str], law| rows(&rehearsed_but(decisions, "bluegreen/image-change", 1, &faults), law);
    for law in ["no-endpoint", "incumbent-deleted-early"] {
        assert_eq!(gate(&["caught-up=sidecar-ready"], law), BTreeSet::from([None]), "their height tells: {law}");
        assert_eq!(gate(&[], law), BTreeSet::new(), "{law}");
    }
}

#[test]
fn slow_calls_excuse_that_clients_are_sent_back_late_to_incumbents_that_they_had_left() {
    let slow = r#"{"when": {"call": {"verb": "submit", "kind": "Sidecar", "name": "pacific-1-rpc-g2-0", "during": "config-apply", "nth": 1, "moment": "after"}}, "what": {"api-server": {"slow-calls": {"by": "2s", "lasts": "20min"}}}}"#;
    let one = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-0", "nth": 1, "moment": "after"}}, "what": {"switch-races": {"replicas-edited": {"to": 1}}}}"#;
    let crashes = r#"{"when": {"call": {"verb": "delete", "kind": "SeiNode", "name": "pacific-1-rpc-1", "during": "teardown-nodes", "nth": 1, "moment": "before"}}, "what": {"switch-races": {"entrant-crashes": {"node": "pacific-1-rpc-g2-0"}}}}"#;
    let gaps = |faults: &[&str]| rows(&rehearsed("bluegreen/image-change", 107_834, faults), "no-endpoint");
    assert_eq!(gaps(&[slow, one, crashes]), BTreeSet::from([Some("clients-follow-late")]));
    assert_eq!(gaps(&[one, crashes]), BTreeSet::new());
}

#[test]
fn a_selector_matches_nobody_where_a_person_has_taken_the_last_node_until_another_has_been_ready() {
    let one = r#"{"when": {"at": "1h"}, "what": {"switch-races": {"replicas-edited": {"to": 1}}}}"#;
    let deleted = r#"{"when": {"phase": {"kind": "SeiNode", "name": "pacific-1-rpc-1", "is": "Terminating"}}, "what": {"person": {"deletes-entrant": {"node": "pacific-1-rpc-g2-0"}}}}"#;
    let law = "selector-matches-nothing";
    assert_eq!(rows(&rehearsed("hardfork/planned-upgrade", 202_874, &[one, deleted]), law), BTreeSet::from([Some("nobody-left")]));
    assert_eq!(rows(&rehearsed("hardfork/planned-upgrade", 202_874, &[one]), law), BTreeSet::new());
}

#[test]
fn a_machine_that_is_lost_just_when_the_other_node_was_started_anew_for_an_edit_excuses_clients_who_reach_nobody() {
    let lost = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-0", "nth": 1, "moment": "after"}}, "what": {"cluster": {"zone-lost": {"under": "pacific-1-rpc-g2-1", "returnsAfter": "20min"}}}}"#;
    let edited = r#"{"when": {"height": 198745301}, "what": {"switch-races": "second-rollout"}}"#;
    let back = r#"{"when": {"call": {"verb": "get", "kind": "Sidecar", "name": "pacific-1-rpc-g2-1", "during": "configure-genesis", "nth": 1, "moment": "after"}}, "what": {"switch-races": {"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.0"}}}}"#;
    let gaps = |faults: &[&str]| rows(&rehearsed("hardfork/planned-upgrade", 18165, faults), "no-endpoint");
    assert_eq!(gaps(&[lost, edited, back]), BTreeSet::from([Some("call-on-its-way")]));
    assert_eq!(gaps(&[edited, back]), BTreeSet::new());
}
