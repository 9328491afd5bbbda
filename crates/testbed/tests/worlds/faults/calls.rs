//! Faults at calls: on the right call, on the right side of its effect.

use testbed::history::{Entry, Happened};

use super::{assert_all_befell, calls, lines, planned_upgrade};

const CREATE: &str = r#""verb": "create", "kind": "SeiNode", "name": "pacific-1-rpc-g2-1", "during": "create-entrant-nodes""#;

fn at(moment: &str, what: &str) -> String {
    format!(r#"{{"when": {{"call": {{{CREATE}, "moment": "{moment}"}}}}, "what": {what}}}"#)
}

#[test]
fn a_lost_reply_leaves_the_object_and_the_retry_finds_it() {
    let result = planned_upgrade(&[&at("after", r#"{"api-server": {"timeout": {"calls": 1}}}"#)]);
    assert_all_befell(&result);
    let creates: Vec<_> = calls(&result).into_iter().filter(|call| call.starts_with("Create SeiNode pacific-1-rpc-g2-1")).collect();
    let timeout = "Create SeiNode pacific-1-rpc-g2-1: Timeout: request did not complete within the allotted timeout";
    assert_eq!(creates, [timeout], "the next try reads the node and goes on");
    assert_eq!(lines(&result, "SeiNode pacific-1-rpc-g2-1 is created").len(), 1);
}

#[test]
fn a_call_that_fails_before_its_effect_is_made_again_and_again_until_the_fault_is_over() {
    let result = planned_upgrade(&[&at("before", r#"{"api-server": {"unavailable": {"calls": 3}}}"#)]);
    assert_all_befell(&result);
    let all = calls(&result);
    let refused = all.iter().filter(|call| call.ends_with("the server is currently unable to handle the request")).count();
    assert_eq!(refused, 3);
    assert_eq!(all.iter().filter(|call| **call == "Create SeiNode pacific-1-rpc-g2-1").count(), 1);
}

#[test]
fn a_crash_before_a_write_leaves_no_trace_of_it_and_the_next_leader_makes_it() {
    let result = planned_upgrade(&[&at("before", r#"{"controller": "crash"}"#)]);
    assert_all_befell(&result);
    assert_eq!(lines(&result, "the operator's process is started again and leads").len(), 1);
    assert_eq!(calls(&result).iter().filter(|call| **call == "Create SeiNode pacific-1-rpc-g2-1").count(), 1);
}

#[test]
fn a_crash_after_a_write_leaves_it_done() {
    let (before, after) =
        (planned_upgrade(&[&at("before", r#"{"controller": "crash"}"#)]), planned_upgrade(&[&at("after", r#"{"controller": "crash"}"#)]));
    let created = |result| lines(result, "SeiNode pacific-1-rpc-g2-1 is created");
    let leads = |result| lines(result, "started again and leads");
    assert!(created(&after) < leads(&after), "the create landed before the crash");
    assert!(created(&before) > leads(&before), "the next leader made it");
}

#[test]
fn a_create_that_its_client_retried_is_answered_already_exists() {
    let result = planned_upgrade(&[&at("after", r#"{"api-server": "create-retried"}"#)]);
    assert_all_befell(&result);
    assert!(calls(&result).contains(&"Create SeiNode pacific-1-rpc-g2-1: pacific-1-rpc-g2-1 already exists".to_owned()));
    assert!(!lines(&result, "create-entrant-nodes done").is_empty());
}

#[test]
fn slow_calls_are_slow_while_the_fault_lasts() {
    let slow = r#"{"when": {"task": {"type": "create-entrant-nodes", "is": "Pending"}}, "what": {"api-server": {"slow-calls": {"by": "20s", "lasts": "5min"}}}}"#;
    let result = planned_upgrade(&[slow]);
    assert_all_befell(&result);
    let at = |wanted: &dyn Fn(&Entry) -> bool| result.history.iter().find(|(_, entry)| wanted(entry)).expect("it is in the history").0;
    let struck = at(&|entry| matches!(entry, Entry::Fault { .. }));
    let done = at(&|entry| matches!(entry, Entry::Noticed(Happened::Task { task, .. }) if &**task == "create-entrant-nodes"));
    let took = done.since(struck).as_secs();
    assert!(took >= 60, "two creates and the record of the task at the least, one after the other");
    assert_eq!(took % 20, 0, "each takes 20 s more than its milliseconds");
}

#[test]
fn a_submission_to_a_cut_off_sidecar_takes_the_clients_ten_seconds() {
    let cut = r#"{"when": {"phase": {"kind": "SeiNode", "name": "pacific-1-rpc-g2-1", "is": "Initializing"}}, "what": {"cluster": {"sidecar-cut": {"node": "pacific-1-rpc-g2-1", "lasts": "20min"}}}}"#;
    let (with, without) = (planned_upgrade(&[cut]), planned_upgrade(&[]));
    assert_all_befell(&with);
    let restored = |result| lines(result, "pacific-1-rpc-g2-1: snapshot-restore done").first().expect("restored").clone();
    assert!(restored(&with) > restored(&without), "{} after {}", restored(&with), restored(&without));
    assert!(with.counters.all_reconciles() < without.counters.all_reconciles(), "polls that wait 10 s for a timeout are fewer");
}
