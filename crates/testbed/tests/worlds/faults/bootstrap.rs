//! Faults of bootstraps: each shows in the history as it would on a real cluster, and the world ends.

use super::{assert_all_befell, assert_elision_changes_nothing, lines, moment, planned_upgrade};

/// A fault of the second entrant's bootstrap while its seid catches up, before it follows the tip.
fn catching_up(what: &str) -> String {
    format!(r#"{{"when": {{"at": "40min"}}, "what": {{"bootstrap": {what}}}}}"#)
}

/// A fault before any entrant has begun.
fn before_all(what: &str) -> String {
    format!(r#"{{"when": {{"at": "9min"}}, "what": {{"bootstrap": {what}}}}}"#)
}

#[test]
fn a_bootstrap_that_crashes_after_some_blocks_fails_its_job_and_its_node() {
    let result = planned_upgrade(&[&catching_up(r#"{"crashes": {"node": "pacific-1-rpc-g2-1", "exitCode": 2, "afterBlocks": 100}}"#)]);
    assert_all_befell(&result);
    assert_eq!(lines(&result, "pacific-1-rpc-g2-1: seid exits with code 2").len(), 1);
    assert!(!lines(&result, "Job pacific-1-rpc-g2-1-bootstrap is Failed").is_empty());
    assert!(!lines(&result, "SeiNode pacific-1-rpc-g2-1 is Failed").is_empty());
}

#[test]
fn a_bootstrap_that_is_starved_or_evicted_fails_its_job() {
    for what in [r#"{"out-of-memory": {"node": "pacific-1-rpc-g2-1"}}"#, r#"{"evicted": {"node": "pacific-1-rpc-g2-1"}}"#] {
        let result = planned_upgrade(&[&catching_up(what)]);
        assert_all_befell(&result);
        assert!(!lines(&result, "Job pacific-1-rpc-g2-1-bootstrap is Failed").is_empty(), "{what}");
    }
}

#[test]
fn a_machine_lost_under_a_bootstrap_takes_its_seid_with_it() {
    let result = planned_upgrade(&[&catching_up(r#"{"machine-lost": {"node": "pacific-1-rpc-g2-1", "returnsAfter": "10min"}}"#)]);
    assert_all_befell(&result);
    assert!(!lines(&result, "pacific-1-rpc-g2-1: seid exits with code 137").is_empty());
}

#[test]
fn an_image_that_is_missing_for_a_while_keeps_bootstraps_waiting_for_as_long() {
    let result = planned_upgrade(&[&before_all(r#"{"image-missing": {"lasts": "10min"}}"#)]);
    assert_all_befell(&result);
    assert!(!lines(&result, "image ghcr.io/sei-protocol/sei:v6.3.0 cannot be pulled").is_empty());
    assert!(!lines(&result, "create-entrant-nodes done").is_empty());
}

#[test]
fn snapshots_that_are_missing_too_new_or_corrupt_fail_their_restore() {
    for what in ["snapshot-missing", "snapshot-too-new", "snapshot-corrupt"] {
        let result = planned_upgrade(&[&before_all(&format!(r#"{{"{what}": {{"lasts": "2h"}}}}"#))]);
        assert_all_befell(&result);
        assert!(!lines(&result, "sidecar task snapshot-restore failed").is_empty(), "{what}");
    }
}

#[test]
fn a_slow_snapshot_is_slow() {
    let restored = |result: &testbed::WorldResult| moment(result, "pacific-1-rpc-g2-1: snapshot-restore done");
    let slow = planned_upgrade(&[&before_all(r#"{"snapshot-slow": {"takes": "1h", "lasts": "30min"}}"#)]);
    assert_all_befell(&slow);
    assert!(restored(&slow) > restored(&planned_upgrade(&[])));
}

#[test]
fn a_sidecar_task_fails_as_often_as_it_is_said_to() {
    let result = planned_upgrade(&[&before_all(r#"{"sidecar-task-fails": {"task": "configure-genesis", "times": 1}}"#)]);
    assert_all_befell(&result);
    assert_eq!(lines(&result, "sidecar task configure-genesis failed: injected failure").len(), 1);
}

#[test]
fn peers_that_are_gone_are_not_found_and_pruned_ones_do_not_help() {
    let gone = planned_upgrade(&[&before_all(r#"{"peers-not-found": {"lasts": "1h"}}"#)]);
    assert_all_befell(&gone);
    assert!(!lines(&gone, "sidecar task discover-peers failed").is_empty());
    let pruned = planned_upgrade(&[&before_all(r#"{"peers-pruned": {"keep": 100, "lasts": "1h"}}"#)]);
    assert_all_befell(&pruned);
    let tip = |result: &testbed::WorldResult| lines(result, "follows the tip from").len();
    assert!(tip(&pruned) < tip(&planned_upgrade(&[])), "below every peer's oldest block nobody gets anywhere");
}

#[test]
fn a_bootstrap_that_stands_still_comes_to_the_tip_later() {
    let tip = |result: &testbed::WorldResult| moment(result, "pacific-1-rpc-g2-1: follows the tip");
    let stalled = planned_upgrade(&[&catching_up(r#"{"stalls": {"node": "pacific-1-rpc-g2-1", "lasts": "10min"}}"#)]);
    assert_all_befell(&stalled);
    assert!(tip(&stalled) > tip(&planned_upgrade(&[])));
}

#[test]
fn eliding_polls_changes_nothing_under_faults_of_bootstraps() {
    let of = |what: &str| vec![before_all(what)];
    assert_elision_changes_nothing(&[
        vec![catching_up(r#"{"crashes": {"node": "pacific-1-rpc-g2-1", "exitCode": 2, "afterBlocks": 100}}"#)],
        of(r#"{"snapshot-missing": {"lasts": "2h"}}"#),
        of(r#"{"peers-pruned": {"keep": 100, "lasts": "1h"}}"#),
        of(r#"{"image-missing": {"lasts": "10min"}}"#),
    ]);
}
