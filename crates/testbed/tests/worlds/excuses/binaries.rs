//! What a binary excuses that cannot cross the fork, or that runs on where it should stop.

use super::{GROUP, planned_upgrade_rehearsed, rows, run_with, violations};
use crate::faults::{lines, planned_upgrade, rehearsed};
use std::collections::BTreeSet;
use testbed::scenario::Outcome;

const VERSION: &str = "      version: v6.3.1\n";

#[test]
fn an_image_that_cannot_be_pulled_excuses_an_unfinished_rollout_while_the_incumbents_serve() {
    let missing = format!("{VERSION}      exists: false\n");
    let result = run_with("bluegreen/image-change", "blue-green", &[(VERSION, &missing)], &[]);
    assert_eq!(violations(&result, "not-converged"), [(GROUP.to_owned(), Some("defective-binary"))]);
    let count = violations(&result, "replica-count");
    assert!(matches!(count.as_slice(), [(_, None)]), "the table does not excuse what remains beside it: {count:?}");
    assert_eq!(result.outcome, Outcome::Stuck);
    let told = lines(&result, "!! not-converged");
    assert!(told.len() == 1 && told[0].ends_with("(excused: defective-binary)"), "{told:?}");
    let json = result.to_json();
    assert_eq!(json["excused"]["defective-binary"], 1);
    assert!(testbed::history::tell_end(&result).contains("excused by defective-binary: 1 of these"));
}

#[test]
fn a_binary_that_panics_at_its_start_excuses_its_nodes_and_not_a_design_that_deletes_the_others() {
    let panics = format!("{VERSION}      panicsAtStart: true\n");
    let result = run_with("bluegreen/image-change", "blue-green", &[(VERSION, &panics)], &[]);
    let lies = ["SeiNode pacific-1-rpc-g2-0", "SeiNode pacific-1-rpc-g2-1"].map(|node| (node.to_owned(), Some("defective-binary")));
    assert_eq!(violations(&result, "running-lies"), lies);
    let others = |oracle| violations(&result, oracle).iter().all(|(_, row)| row.is_none());
    assert!(others("incumbent-deleted-early") && others("not-converged"), "{:?}", result.violations);
    assert_eq!(result.outcome, Outcome::Violated);
}

#[test]
fn the_same_binary_excuses_an_unfinished_fork_by_a_row_of_its_own_once_the_incumbents_have_stopped_at_it() {
    let result = run_with("hardfork/wrong-image-tag", "bootstrap", &[], &[]);
    assert_eq!(violations(&result, "not-converged"), [(GROUP.to_owned(), Some("nothing-past-the-fork"))]);
    let others = result.violations.iter().filter(|violation| violation.oracle != "not-converged");
    assert!(others.clone().count() > 0 && others.clone().all(|violation| violation.excused.is_none()), "{:?}", result.violations);
}

#[test]
fn an_upgrade_that_was_moved_excuses_the_nodes_that_were_made_for_its_old_height_and_no_others() {
    let moved = r#"{"when": {"at": "20min"}, "what": {"chain": {"upgrade-moved": {"by": 5000}}}}"#;
    let law = "new-binary-before-halt";
    let made = violations(&planned_upgrade(&[moved]), law);
    assert!(!made.is_empty() && made.iter().all(|(_, row)| *row == Some("halt-height-off")), "{made:?}");
    let not_made = violations(&run_with("hardfork/planned-upgrade", "halt-signal", &[], &[moved]), law);
    assert!(!not_made.is_empty() && not_made.iter().all(|(_, row)| row.is_none()), "they were given no target: {not_made:?}");
}

#[test]
fn a_halt_before_the_commit_excuses_a_new_binary_that_executes_the_block_and_a_halt_that_is_early_does_not() {
    let slips = |slip: &str| {
        let fault = format!(
            r#"{{"when": {{"at": "11min"}}, "what": {{"premature-halt": {{"halt-slips": {{"slip": "{slip}", "lasts": "2h"}}}}}}}}"#
        );
        rows(&planned_upgrade(&[&fault]), "new-binary-before-halt")
    };
    let [before, early] = ["before-commit", "one-early"].map(slips);
    assert_eq!(before, BTreeSet::from([Some("halt-before-commit")]));
    assert_eq!(early, BTreeSet::from([None]), "a sidecar sees that the target was not reached");
}

#[test]
fn an_old_binary_that_runs_past_the_upgrade_excuses_itself_and_clients_until_a_new_one_has_gone_on() {
    let fault = r#"{"when": {"at": "20min"}, "what": {"binary": "runs-past-upgrade"}}"#;
    let result = planned_upgrade(&[fault]);
    for law in ["old-binary-past-halt", "lineage-diverged"] {
        assert_eq!(rows(&result, law), BTreeSet::from([Some("runs-past-upgrade")]), "{law}");
    }
    assert!(violations(&result, "incumbent-deleted-early").iter().all(|(_, row)| row.is_none()), "{:?}", result.violations);
    let halts = r#"{"when": {"at": "20min"}, "what": {"chain": {"halts-at-upgrade": {"lasts": "1h"}}}}"#;
    let law = "dead-fork-serving";
    let unexcused = rows(&run_with("hardfork/planned-upgrade", "halt-signal", &[], &[fault, halts]), law);
    assert_eq!(unexcused, BTreeSet::from([None]), "no entrant is on its way there");
    assert_eq!(rows(&planned_upgrade_rehearsed(&[fault, halts]), law), BTreeSet::from([Some("runs-on-unknown")]));
}

#[test]
fn an_image_that_lacks_a_passed_upgrade_excuses_a_group_whose_other_nodes_serve_and_no_design_that_takes_them_away() {
    let law = "not-converged";
    let back = r#"{"when": {"at": "2h"}, "what": {"switch-races": {"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.0"}}}}"#;
    let result = planned_upgrade_rehearsed(&[back]);
    assert_eq!(violations(&result, law), [(GROUP.to_owned(), Some("image-behind-the-fork"))]);
    assert!(result.violations.iter().all(|violation| violation.excused.is_some()), "{:?}", result.violations);
    let before = r#"{"when": {"at": "40min"}, "what": {"switch-races": {"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.0"}}}}"#;
    let nobody_serves = rows(&planned_upgrade_rehearsed(&[before]), law);
    assert!(!nobody_serves.contains(&Some("image-behind-the-fork")), "{nobody_serves:?}");
}

#[test]
fn a_bootstrap_that_diverged_before_a_halt_height_beyond_the_upgrade_excuses_the_count_of_nodes_and_one_at_the_upgrade_does_not() {
    let past = r#"{"when": {"at": "20min"}, "what": {"binary": "runs-past-upgrade"}}"#;
    let edited =
        |by: i64| format!(r#"{{"when": {{"at": "21min"}}, "what": {{"switch-races": {{"halt-height-edited": {{"by": {by}}}}}}}}}"#);
    let law = "replica-count";
    assert_eq!(rows(&planned_upgrade_rehearsed(&[past, &edited(1000)]), law), BTreeSet::from([Some("target-never-reached")]));
    let below = edited(-1);
    for other in [vec![past], vec![past, &below]] {
        assert_eq!(rows(&planned_upgrade_rehearsed(&other), law), BTreeSet::new(), "{other:?}");
    }
}

#[test]
fn nodes_that_have_diverged_are_excused_where_no_rollout_can_come_across_the_upgrade_and_not_where_one_can() {
    let past = r#"{"when": {"at": "20min"}, "what": {"binary": "runs-past-upgrade"}}"#;
    let defective = r#"{"when": {"at": "20min"}, "what": {"binary": {"panics-after-upgrade": {"blocks": 20}}}}"#;
    let edited = r#"{"when": {"at": "20min"}, "what": {"switch-races": {"halt-height-edited": {"by": -1}}}}"#;
    for lost in [defective, edited] {
        let rows = rows(&planned_upgrade_rehearsed(&[past, lost]), "dead-fork-serving");
        assert!(rows.contains(&Some("only-diverged")) && !rows.contains(&None), "{lost}: {rows:?}");
    }
    let halts = r#"{"when": {"at": "20min"}, "what": {"chain": {"halts-at-upgrade": {"lasts": "1h"}}}}"#;
    let come = rows(&planned_upgrade_rehearsed(&[past, halts]), "dead-fork-serving");
    assert!(!come.contains(&Some("only-diverged")), "an entrant comes across: {come:?}");
}

#[test]
fn a_rollout_that_is_lost_just_after_the_incumbents_have_diverged_excuses_them_from_when_they_did() {
    let past = r#"{"when": {"at": "20min"}, "what": {"binary": "runs-past-upgrade"}}"#;
    let edited = |what: &str| format!(r#"{{"when": {{"at": "4215s"}}, "what": {{"switch-races": {what}}}}}"#);
    let back = edited(r#"{"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.0"}}"#);
    for lost in [back, edited(r#"{"halt-height-edited": {"by": -1000}}"#)] {
        let rows = rows(&planned_upgrade_rehearsed(&[past, &lost]), "dead-fork-serving");
        assert_eq!(rows, BTreeSet::from([Some("only-diverged")]), "{lost}");
    }
}

#[test]
fn an_entrant_that_answers_before_it_panics_at_the_upgrade_is_not_one_that_has_come_across() {
    let faults = [
        r#"{"when": {"call": {"verb": "submit", "kind": "Sidecar", "name": "pacific-1-rpc-g2-0", "during": "config-apply", "nth": 1, "moment": "before"}}, "what": {"binary": "runs-past-upgrade"}}"#,
        r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-0", "nth": 1, "moment": "before"}}, "what": {"switch-races": {"halt-height-edited": {"by": -1}}}}"#,
    ];
    let rows = rows(&rehearsed("hardfork/planned-upgrade", 986, &faults), "dead-fork-serving");
    assert_eq!(rows, BTreeSet::from([Some("only-diverged")]));
}

#[test]
fn a_binary_that_panics_long_after_its_group_has_converged_excuses_that_it_does_not_stay_so_from_that_block_on() {
    let law = "not-stable";
    let cancelled = r#"{"when": {"height": 198743000}, "what": {"chain": "upgrade-cancelled"}}"#;
    let panics = r#"{"when": {"at": "11min"}, "what": {"binary": {"panics-after-upgrade": {"blocks": 6000}}}}"#;
    assert_eq!(rows(&planned_upgrade_rehearsed(&[cancelled, panics]), law), BTreeSet::from([Some("panics-later")]));
    let version = "      version: v6.3.0\n";
    let later = format!("{version}      panicsAt: start+100000\n");
    let halts = run_with("chain/halt-height-stays", "halt-signal", &[(version, &later)], &[]);
    assert_eq!(rows(&halts, law), BTreeSet::from([None]), "that block is yet to come");
}

#[test]
fn of_two_defects_the_one_that_struck_first_excuses_from_its_moment_on() {
    let later = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNodeDeployment", "name": "pacific-1-rpc", "during": "switch-traffic", "nth": 2, "moment": "after"}}, "what": {"binary": "wrong-image-tag"}}"#;
    let first = r#"{"when": {"task": {"of": "pacific-1-rpc-g2-1", "type": "configure-genesis", "is": "Complete"}}, "what": {"binary": "panics-at-upgrade"}}"#;
    let stuck = rows(&rehearsed("hardfork/planned-upgrade", 11993, &[later, first]), "dead-fork-serving");
    assert_eq!(stuck, BTreeSet::from([Some("defective-binary")]));
}

#[test]
fn an_operator_that_is_down_when_an_entrant_has_gone_on_beyond_the_upgrade_is_told_once_it_runs_again() {
    let fault = |what: &str| format!(r#"{{"when": {{"at": "20min"}}, "what": {what}}}"#);
    let (past, halts) = (fault(r#"{"binary": "runs-past-upgrade"}"#), fault(r#"{"chain": {"halts-at-upgrade": {"lasts": "3min"}}}"#));
    let down = r#"{"when": {"at": "4210s"}, "what": {"controller": {"outage": {"lasts": "20min"}}}}"#;
    let result = planned_upgrade_rehearsed(&[&past, &halts, down]);
    for law in ["stale-serving", "dead-fork-serving"] {
        assert_eq!(rows(&result, law), BTreeSet::from([Some("runs-on-unknown")]), "{law}");
    }
}

#[test]
fn incumbents_that_run_past_the_upgrade_excuse_a_group_that_wants_them_back_for_being_called_ready() {
    let past = r#"{"when": {"at": "20min"}, "what": {"binary": "runs-past-upgrade"}}"#;
    let back = r#"{"when": {"at": "20min"}, "what": {"switch-races": {"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.0"}}}}"#;
    assert_eq!(
        violations(&planned_upgrade_rehearsed(&[past, back]), "ready-lies").first(),
        Some(&(GROUP.to_owned(), Some("only-diverged")))
    );
    let bootstrap = rows(&planned_upgrade(&[past]), "ready-lies");
    assert!(!bootstrap.contains(&Some("only-diverged")), "{bootstrap:?}");
}

#[test]
fn an_entrant_that_goes_on_beyond_the_upgrade_far_behind_tells_nothing_until_it_has_caught_up() {
    let faults = [
        r#"{"when": {"call": {"verb": "get", "kind": "Sidecar", "name": "pacific-1-rpc-g2-0", "during": "configure-genesis", "nth": 2, "moment": "before"}}, "what": {"binary": "runs-past-upgrade"}}"#,
        r#"{"when": {"call": {"verb": "create", "kind": "Job", "name": "pacific-1-rpc-g2-0-bootstrap", "during": "deploy-bootstrap-job", "nth": 1, "moment": "after"}}, "what": {"api-server": "create-retried"}}"#,
    ];
    let stale = rows(&rehearsed("hardfork/planned-upgrade", 19661, &faults), "stale-serving");
    assert_eq!(stale, BTreeSet::from([Some("peers-upgrade"), Some("runs-on-unknown")]));
}

#[test]
fn an_image_that_lacks_the_upgrade_excuses_a_group_whose_other_nodes_panic_later() {
    let panics = r#"{"when": {"at": "20min"}, "what": {"binary": {"panics-after-upgrade": {"blocks": 1000}}}}"#;
    let back = r#"{"when": {"at": "75min"}, "what": {"switch-races": {"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.0"}}}}"#;
    let unfinished = |faults: &[&str]| rows(&planned_upgrade_rehearsed(faults), "not-converged");
    assert_eq!(unfinished(&[panics, back]), BTreeSet::from([Some("nothing-past-the-fork")]));
    assert_eq!(unfinished(&[back]), BTreeSet::from([Some("image-behind-the-fork")]));
}
