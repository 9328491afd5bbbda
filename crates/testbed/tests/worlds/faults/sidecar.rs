//! Faults of a node's sidecar.

use super::{assert_all_befell, assert_elision_changes_nothing, lines, moment, planned_upgrade};

use simcore::SimTime;
use std::time::Duration;
use testbed::WorldResult;

/// Its bootstrap restores from 12 min to 34 min, and its other tasks follow one poll after the other.
const ENTRANT: &str = "pacific-1-rpc-g2-0";
const INCUMBENT: &str = "pacific-1-rpc-0";

fn at(moment: &str, what: &str) -> String {
    format!(r#"{{"when": {{"at": "{moment}"}}, "what": {{"sidecar": {what}}}}}"#)
}

fn on_entrant(moment: &str, what: &str) -> String {
    at(moment, &format!(r#"{{"{what}": {{"node": "{ENTRANT}"}}}}"#))
}

fn minutes(minutes: u64) -> SimTime {
    SimTime::ZERO + Duration::from_secs(60 * minutes)
}

fn restored(result: &WorldResult) -> SimTime {
    moment(result, &format!("{ENTRANT}: sidecar task snapshot-restore brought it to height"))
}

#[test]
fn a_sidecar_that_refuses_connections_stops_its_nodes_plan_until_it_answers_again() {
    let result = planned_upgrade(&[&at("33min", &format!(r#"{{"unreachable": {{"node": "{ENTRANT}", "lasts": "20min"}}}}"#))]);
    assert_all_befell(&result);
    assert!(restored(&result) < minutes(53), "the task itself goes on");
    let done = moment(&result, &format!("{ENTRANT}: snapshot-restore done"));
    assert!(done >= minutes(53) && done < minutes(53) + Duration::from_secs(6), "at the next poll: {done}");
}

#[test]
fn a_slow_sidecar_takes_longer_to_accept_each_task() {
    let slow = |by: &str| at("30min", &format!(r#"{{"slow": {{"node": "{ENTRANT}", "by": "{by}", "lasts": "1h"}}}}"#));
    let result = planned_upgrade(&[&slow("5s")]);
    assert_all_befell(&result);
    let configured = |result: &WorldResult| {
        moment(result, &format!("{ENTRANT}: configure-genesis done")).since(moment(result, &format!("{ENTRANT}: snapshot-restore done")))
    };
    assert_eq!(configured(&planned_upgrade(&[])).as_secs(), 5);
    assert_eq!(configured(&result).as_secs(), 10);
}

#[test]
fn a_client_gives_up_after_ten_seconds_although_its_task_arrives() {
    let slow = at("30min", &format!(r#"{{"slow": {{"node": "{ENTRANT}", "by": "40s", "lasts": "1h"}}}}"#));
    let result = planned_upgrade(&[&slow]);
    assert_all_befell(&result);
    let (done, next) =
        (moment(&result, &format!("{ENTRANT}: snapshot-restore done")), moment(&result, &format!("{ENTRANT}: configure-genesis done")));
    assert_eq!(next.since(done).as_secs(), 15, "ten seconds in vain, a poll later the task that had arrived is done");
}

#[test]
fn a_restarted_sidecar_is_no_longer_ready() {
    let result = planned_upgrade(&[&at("20min", &format!(r#"{{"restarts": {{"node": "{INCUMBENT}"}}}}"#))]);
    assert_all_befell(&result);
    assert_eq!(moment(&result, &format!("{INCUMBENT}-0: container sei-sidecar exits with code 137")), minutes(20));
    assert_eq!(moment(&result, &format!("{INCUMBENT}-0: container sei-sidecar restarts (restart 1)")), minutes(20));
    assert!(moment(&result, &format!("pod {INCUMBENT}-0 is no longer Ready")) >= minutes(20));
}

#[test]
fn a_sidecar_killed_at_work_runs_the_task_again() {
    let result = planned_upgrade(&[&on_entrant("12min", "restarts-at-work")]);
    assert_all_befell(&result);
    let killed = moment(&result, &format!("{ENTRANT}-bootstrap: container sei-sidecar exits with code 137"));
    assert!(killed > minutes(12), "not before its next task: {killed}");
    assert_eq!(killed, moment(&result, "** fault is over"));
    assert_eq!(lines(&result, &format!("{ENTRANT}: sidecar task snapshot-restore")).len(), 1, "it ended once, and well");
    assert!(restored(&result) > killed);
}

#[test]
fn a_sidecar_killed_at_a_task_of_milliseconds_runs_that_again_too() {
    let result = planned_upgrade(&[&on_entrant("2042s", "restarts-at-work")]);
    assert_all_befell(&result);
    let killed = moment(&result, &format!("{ENTRANT}-bootstrap: container sei-sidecar exits with code 137"));
    let ended = |task: &str| moment(&result, &format!("{ENTRANT}: {task} done"));
    assert!(killed > ended("configure-genesis") && ended("config-apply") > killed);
    assert!(!lines(&result, &format!("{ENTRANT}: plan complete")).is_empty());
}

#[test]
fn an_old_failure_that_stays_fails_the_plan_and_one_that_does_not_is_tried_again() {
    let cut =
        format!(r#"{{"when": {{"at": "33min"}}, "what": {{"cluster": {{"peers-cut": {{"node": "{ENTRANT}", "lasts": "10min"}}}}}}}}"#);
    let stays = at("30min", &format!(r#"{{"stale-failure": {{"node": "{ENTRANT}", "lasts": "2h"}}}}"#));
    let (with, without) = (planned_upgrade(&[&cut, &stays]), planned_upgrade(&[&cut]));
    assert_all_befell(&with);
    let failures = |result: &WorldResult| lines(result, &format!("{ENTRANT}: sidecar task discover-peers failed")).len();
    assert!(failures(&without) > 1, "every poll submits it again");
    assert_eq!(failures(&with), 1);
    assert!(!lines(&without, &format!("{ENTRANT}: discover-peers done")).is_empty());
    assert!(lines(&with, &format!("{ENTRANT}: discover-peers done")).is_empty());
    assert!(!lines(&with, &format!("{ENTRANT}: discover-peers failed: no reachable peers found")).is_empty());
}

#[test]
fn a_submission_that_arrives_twice_runs_its_task_once() {
    let (with, without) = (planned_upgrade(&[&on_entrant("12min", "duplicate-submission")]), planned_upgrade(&[]));
    assert_all_befell(&with);
    assert_eq!(with.counters.sidecar_calls, without.counters.sidecar_calls + 1);
    assert_eq!(restored(&with), restored(&without), "the second one finds the task at work");
    let told = |result: &WorldResult| testbed::history::tell(&result.history).lines().filter(|line| !line.contains("**")).count();
    assert_eq!(told(&with), told(&without));
}

#[test]
fn eliding_polls_changes_nothing_under_faults_of_a_sidecar() {
    let of = |what: &str, rest: &str| at("20min", &format!(r#"{{"{what}": {{"node": "{ENTRANT}"{rest}}}}}"#));
    assert_elision_changes_nothing(&[
        vec![of("unreachable", r#", "lasts": "20min""#)],
        vec![of("slow", r#", "by": "10s", "lasts": "1h""#), of("duplicate-submission", "")],
        vec![of("restarts", ""), of("restarts-at-work", "")],
        vec![of("stale-failure", r#", "lasts": "1h""#)],
    ]);
}
