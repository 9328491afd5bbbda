//! Faults of halting: signals, halt heights that are missed, and sidecars that stop seid at the wrong time.

use super::{assert_all_befell, assert_elision_changes_nothing, lines, planned_upgrade, schedule, settled};
use testbed::WorldResult;
use testbed::history::History;

fn at(minutes: u32, what: &str) -> String {
    format!(r#"{{"when": {{"at": "{minutes}min"}}, "what": {{"premature-halt": {what}}}}}"#)
}

fn halt_signal(faults: &[&str]) -> WorldResult {
    settled("hardfork/planned-upgrade", "halt-signal").run_under(1, &schedule(faults), History::kept()).expect("the testbed does not fail")
}

#[test]
fn a_signal_ends_seid_with_the_code_that_it_deserves() {
    let interrupted =
        |signal: &str| planned_upgrade(&[&at(5, &format!(r#"{{"interrupted": {{"node": "pacific-1-rpc-0", "signal": "{signal}"}}}}"#))]);
    for (signal, code) in [("SIGINT", 0), ("SIGTERM", 0), ("SIGKILL", 137)] {
        let result = interrupted(signal);
        assert_all_befell(&result);
        assert!(!lines(&result, &format!("pacific-1-rpc-0: seid exits with code {code}")).is_empty(), "{signal}");
    }
}

#[test]
fn a_halt_that_slips_by_a_block_leaves_other_state() {
    let height = |slip: &str| {
        let result = planned_upgrade(&[&at(30, &format!(r#"{{"halt-slips": {{"slip": "{slip}", "lasts": "2h"}}}}"#))]);
        assert_all_befell(&result);
        lines(&result, "pacific-1-rpc-g2-1: seid exits with code").first().expect("the bootstrap ends").clone()
    };
    assert!(height("one-early").contains("app height 198750498"), "{}", height("one-early"));
    assert!(height("before-commit").contains("app height 198750498"), "{}", height("before-commit"));
    assert!(height("one-late").contains("exits with code 2"), "the block above is the upgrade's: {}", height("one-late"));
}

#[test]
fn a_restarted_pod_comes_back() {
    let result = planned_upgrade(&[&at(5, r#"{"restarted": {"node": "pacific-1-rpc-0"}}"#)]);
    assert_all_befell(&result);
    assert!(!lines(&result, "Pod pacific-1-rpc-0-0 is gone").is_empty());
    assert!(!lines(&result, "pod pacific-1-rpc-0-0 is Running").is_empty());
}

#[test]
fn slips_of_the_halt_signal_wait_for_a_plan_that_sends_one() {
    for what in ["signal-early", "signal-never"] {
        let result = halt_signal(&[&at(1, &format!(r#"{{"{what}": {{"node": "pacific-1-rpc-0"}}}}"#))]);
        assert_all_befell(&result);
    }
    for (what, field) in [("signal-twice", "after"), ("signal-late", "by")] {
        let result = halt_signal(&[&at(1, &format!(r#"{{"{what}": {{"node": "pacific-1-rpc-0", "{field}": "10s"}}}}"#))]);
        assert_all_befell(&result);
    }
}

#[test]
fn eliding_polls_changes_nothing_under_faults_of_halting() {
    assert_elision_changes_nothing(&[
        vec![at(5, r#"{"interrupted": {"node": "pacific-1-rpc-0", "signal": "SIGKILL"}}"#)],
        vec![at(30, r#"{"halt-slips": {"slip": "one-early", "lasts": "2h"}}"#)],
        vec![at(5, r#"{"restarted": {"node": "pacific-1-rpc-0"}}"#)],
    ]);
}
