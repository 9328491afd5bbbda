//! Faults of the operator's own process: what it does not hear, hears late, or does late.

use super::{assert_all_befell, assert_elision_changes_nothing, lines, moment, planned_upgrade, schedule, settled};

use simcore::SimTime;
use std::time::Duration;
use testbed::WorldResult;
use testbed::history::History;

const ENTRANT: &str = "pacific-1-rpc-g2-0";

/// A fault as soon as the plan of the rollout is stored.
fn at_the_plan(what: &str) -> String {
    format!(r#"{{"when": {{"task": {{"type": "create-entrant-nodes", "is": "Pending"}}}}, "what": {{"controller": {what}}}}}"#)
}

/// How long after the fault struck something was told first.
fn since_the_strike(result: &WorldResult, told: &str) -> Duration {
    let struck = result.faults[0].struck.as_ref().expect("it struck").at;
    moment(result, told).since(struck)
}

fn seconds(range: std::ops::Range<u64>) -> std::ops::Range<Duration> {
    Duration::from_secs(range.start)..Duration::from_secs(range.end)
}

#[test]
fn a_stale_cache_of_nodes_hides_the_entrants_until_it_hears_again() {
    let result = planned_upgrade(&[&at_the_plan(r#"{"stale-cache": {"kind": "SeiNode", "lasts": "90s"}}"#)]);
    assert_all_befell(&result);
    assert!(since_the_strike(&result, &format!("SeiNode {ENTRANT} is created")) < Duration::from_secs(1), "the group's plan is seen");
    assert!(seconds(90..91).contains(&since_the_strike(&result, &format!("{ENTRANT}: plan: "))));
    assert_eq!(lines(&result, "** fault is over").len(), 1);
}

#[test]
fn a_stale_cache_of_another_kind_hides_nothing_of_the_nodes() {
    let result = planned_upgrade(&[&at_the_plan(r#"{"stale-cache": {"kind": "StatefulSet", "lasts": "90s"}}"#)]);
    assert!(since_the_strike(&result, &format!("{ENTRANT}: plan: ")) < Duration::from_secs(1));
}

#[test]
fn when_all_caches_are_stale_the_group_does_not_see_its_own_plan_either() {
    let result = planned_upgrade(&[&at_the_plan(r#"{"stale-cache": {"lasts": "90s"}}"#)]);
    assert_all_befell(&result);
    assert!(since_the_strike(&result, &format!("{ENTRANT}: plan: ")) >= Duration::from_secs(90));
    assert!(since_the_strike(&result, &format!("SeiNode {ENTRANT} is created")) >= Duration::from_secs(90));
}

#[test]
fn a_process_that_is_started_again_has_fresh_caches_before_the_stale_ones_would_have_heard() {
    let stale = at_the_plan(r#"{"stale-cache": {"kind": "SeiNode", "lasts": "10min"}}"#);
    let crash = r#"{"when": {"at": "605s"}, "what": {"controller": "crash"}}"#;
    let result = planned_upgrade(&[&stale, crash]);
    assert_all_befell(&result);
    let planned = moment(&result, &format!("{ENTRANT}: plan: "));
    assert!(planned.since(moment(&result, "started again and leads")) < Duration::from_secs(1), "{planned}");
    assert!(planned < SimTime::ZERO + Duration::from_secs(650));
}

#[test]
fn what_was_missed_is_known_from_the_list_that_follows() {
    let result = planned_upgrade(&[&at_the_plan(r#"{"missed-events": {"lasts": "3min"}}"#)]);
    assert_all_befell(&result);
    assert!(seconds(180..181).contains(&since_the_strike(&result, &format!("{ENTRANT}: plan: "))));
}

#[test]
fn a_watch_that_closes_while_the_caches_hear_nothing_brings_nothing_sooner() {
    let stale = at_the_plan(r#"{"stale-cache": {"kind": "SeiNode", "lasts": "3min"}}"#);
    let closed = r#"{"when": {"at": "660s"}, "what": {"api-server": "watch-closed"}}"#;
    let result = planned_upgrade(&[&stale, closed]);
    assert_all_befell(&result);
    assert!(seconds(180..181).contains(&since_the_strike(&result, &format!("{ENTRANT}: plan: "))));
}

#[test]
fn late_timers_make_polls_rarer_while_the_fault_lasts() {
    let delayed = r#"{"when": {"at": "700s"}, "what": {"controller": {"delayed-requeue": {"by": "3min", "lasts": "2h"}}}}"#;
    let (with, without) = (planned_upgrade(&[delayed]), planned_upgrade(&[]));
    assert_all_befell(&with);
    let configured = |result: &WorldResult| {
        moment(result, &format!("{ENTRANT}: configure-genesis done")).since(moment(result, &format!("{ENTRANT}: snapshot-restore done")))
    };
    assert!(configured(&without) < Duration::from_secs(10));
    assert!(seconds(365..366).contains(&configured(&with)), "at once and 5 s, each three minutes later: {:?}", configured(&with));
}

#[test]
fn late_timers_delay_the_retry_after_an_error_too() {
    let refused = r#"{"when": {"call": {"verb": "create", "kind": "Job", "name": "pacific-1-rpc-g2-0-bootstrap"}}, "what": {"api-server": {"internal-error": {"calls": 1}}}}"#;
    let delayed = r#"{"when": {"at": "500s"}, "what": {"controller": {"delayed-requeue": {"by": "20s", "lasts": "1h"}}}}"#;
    let created = |faults: &[&str]| moment(&planned_upgrade(faults), "Job pacific-1-rpc-g2-0-bootstrap is created");
    let (late, soon) = (created(&[refused, delayed]), created(&[refused]));
    assert!(late.since(soon) >= Duration::from_secs(15), "{late} instead of {soon}");
}

#[test]
fn a_process_that_stalls_again_while_it_stalls_comes_back_once_and_has_one_successor() {
    let stall = |at: &str, lasts: &str| {
        format!(r#"{{"when": {{"at": "{at}"}}, "what": {{"controller": {{"two-leaders": {{"stalls": "{lasts}"}}}}}}}}"#)
    };
    let result = planned_upgrade(&[&stall("600s", "20min"), &stall("700s", "20min")]);
    assert_all_befell(&result);
    assert_eq!(lines(&result, "started again and leads").len(), 1);
    let ends = moment(&result, "loses its lease and ends");
    assert!(ends > SimTime::ZERO + Duration::from_secs(1900), "not before the second stall is over: {ends}");
}

/// The call was sent before its process died, and lands on its own: there is nobody left to strike.
#[test]
fn a_crash_at_a_call_whose_process_is_gone_finds_nobody() {
    let stalls = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNodeDeployment", "nth": 3}}, "what": {"controller": {"two-leaders": {"stalls": "90s"}}}}"#;
    let crash = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNodeDeployment", "during": "create-entrant-nodes", "moment": "after"}}, "what": {"controller": "crash"}}"#;
    let settled = settled("hardfork/planned-upgrade", "bootstrap");
    let result = settled.run_under(2698, &schedule(&[stalls, crash]), History::kept()).expect("the testbed does not fail");
    let befell: Vec<_> = result.faults.iter().map(|record| record.struck.as_ref().map(|struck| struck.befell)).collect();
    assert_eq!(befell, [Some(true), Some(false)], "the stalled process sends its call when it has lost its lease");
}

#[test]
fn eliding_polls_changes_nothing_under_faults_of_the_operators_process() {
    let delayed = r#"{"when": {"at": "700s"}, "what": {"controller": {"delayed-requeue": {"by": "90s", "lasts": "1h"}}}}"#;
    assert_elision_changes_nothing(&[
        vec![at_the_plan(r#"{"stale-cache": {"kind": "SeiNode", "lasts": "90s"}}"#)],
        vec![at_the_plan(r#"{"stale-cache": {"lasts": "10min"}}"#), delayed.to_owned()],
        vec![at_the_plan(r#"{"missed-events": {"lasts": "5min"}}"#)],
        vec![delayed.to_owned()],
    ]);
}
