//! The row on nodes that are missing and cannot be made again, in real worlds.

use super::{IMAGE_CHANGE, image_change_rehearsed, rows, run_with, violations};

use crate::faults::{rehearsed, rehearsed_but};

use std::collections::BTreeSet;

const LAW: &str = "not-converged";

/// From a moment on no sidecar does such a task any more.
fn fails(task: &str, at: &str) -> String {
    format!(r#"{{"when": {{"at": "{at}"}}, "what": {{"bootstrap": {{"sidecar-task-fails": {{"task": "{task}"}}}}}}}}"#)
}

#[test]
fn an_incumbent_that_a_person_deletes_while_no_new_node_can_run_excuses_the_group_for_that_one_and_not_for_two() {
    let fails = r#"{"when": {"at": "1min"}, "what": {"bootstrap": {"sidecar-task-fails": {"task": "config-apply"}}}}"#;
    let delete = r#"{"when": {"at": "20min"}, "what": {"person": {"deletes-incumbent": {"node": "pacific-1-rpc-1"}}}}"#;
    assert_eq!(rows(&image_change_rehearsed(&[fails, delete]), LAW), BTreeSet::from([Some("irreplaceable")]));
    let dies = r#"{"when": {"at": "2h"}, "what": {"person": {"deletes-pvc": {"node": "pacific-1-rpc-1"}}}}"#;
    assert!(!rows(&image_change_rehearsed(&[fails, dies]), LAW).contains(&None));
    let unrelated = violations(&image_change_rehearsed(&[delete]), LAW);
    assert!(unrelated.is_empty(), "a node that can be made again is: {unrelated:?}");
}

#[test]
fn an_incumbent_that_could_have_been_made_again_like_the_other_excuses_no_design_that_made_it_too_late() {
    let defect = r#"{"when": {"at": "15min"}, "what": {"binary": "panics-at-start"}}"#;
    let delete = r#"{"when": {"at": "20min"}, "what": {"person": {"deletes-incumbent": {"node": "pacific-1-rpc-1"}}}}"#;
    let down = r#"{"when": {"at": "21min"}, "what": {"controller": {"outage": {"lasts": "4h"}}}}"#;
    let faults = [defect, delete, down];
    assert_eq!(rows(&image_change_rehearsed(&faults), LAW), BTreeSet::new());
    let result = rehearsed_but(&["hard-fork=halt-signal"], IMAGE_CHANGE, 1, &faults);
    assert_eq!(rows(&result, LAW), BTreeSet::from([None]), "it does not know of which image the incumbents are");
}

#[test]
fn an_incumbent_that_starts_again_when_no_sidecar_can_be_marked_ready_is_excused_and_one_that_could_have_been_marked_before_is_not() {
    let restarted = r#"{"when": {"at": "20min"}, "what": {"premature-halt": {"restarted": {"node": "pacific-1-rpc-1"}}}}"#;
    let never = fails("mark-ready", "1min");
    assert_eq!(rows(&image_change_rehearsed(&[&never, restarted]), LAW), BTreeSet::from([Some("irreplaceable")]));
    let others = fails("config-apply", "1min");
    assert_eq!(rows(&image_change_rehearsed(&[&others, restarted]), LAW), BTreeSet::new(), "it is marked ready again");
    let forgets = r#"{"when": {"at": "5min"}, "what": {"sidecar": {"restarts": {"node": "pacific-1-rpc-1"}}}}"#;
    let later = fails("mark-ready", "8min");
    assert_eq!(rows(&run_with(IMAGE_CHANGE, "blue-green", &[], &[forgets, &later]), LAW), BTreeSet::from([None]));
}

#[test]
fn a_node_that_is_stopped_after_its_binary_broke_is_excused_where_no_incumbent_is_left_unless_they_were_deleted_early() {
    let breaks = |at: &str| format!(r#"{{"when": {{"at": "{at}"}}, "what": {{"binary": "panics-at-start"}}}}"#);
    let stopped = |at: &str| {
        format!(r#"{{"when": {{"at": "{at}"}}, "what": {{"switch-races": {{"entrant-crashes": {{"node": "pacific-1-rpc-g2-0"}}}}}}}}"#)
    };
    let rehearsed = |broken: &str, at: &str| rows(&image_change_rehearsed(&[&breaks(broken), &stopped(at)]), LAW);
    assert_eq!(rehearsed("60min", "61min"), BTreeSet::from([Some("irreplaceable")]));
    assert_eq!(rehearsed("45min", "46min"), BTreeSet::new(), "the incumbents are still there");
    let early = run_with(IMAGE_CHANGE, "blue-green", &[], &[&breaks("80min"), &stopped("81min")]);
    assert_eq!(rows(&early, LAW), BTreeSet::from([None]));
}

#[test]
fn nodes_that_are_asked_for_when_no_new_one_can_run_are_excused_and_those_that_could_have_been_made_before_are_not() {
    let three = r#"{"when": {"at": "11min"}, "what": {"switch-races": {"replicas-edited": {"to": 3}}}}"#;
    assert_eq!(rows(&image_change_rehearsed(&[three, &fails("config-apply", "1min")]), LAW), BTreeSet::from([Some("irreplaceable")]));
    let down = r#"{"when": {"at": "11min"}, "what": {"controller": {"outage": {"lasts": "40min"}}}}"#;
    let begun = [three, down, &fails("config-apply", "20min")];
    assert_eq!(rows(&image_change_rehearsed(&begun), LAW), BTreeSet::from([Some("irreplaceable")]), "a restore takes longer than that");
    let ignored = rehearsed_but(&["spec-edit=ignored"], IMAGE_CHANGE, 1, &[three, &fails("config-apply", "80min")]);
    assert_eq!(rows(&ignored, LAW), BTreeSet::from([None]));
}

#[test]
fn a_node_that_a_person_deletes_and_that_fails_the_same_task_whenever_it_is_made_again_excuses_the_group() {
    let delete = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNodeDeployment", "name": "pacific-1-rpc", "during": "teardown-nodes", "nth": 2, "moment": "after"}}, "what": {"person": {"deletes-entrant": {"node": "pacific-1-rpc-g2-0"}}}}"#;
    let fails = r#"{"when": {"height": 198744609}, "what": {"bootstrap": {"sidecar-task-fails": {"node": "pacific-1-rpc-g2-0", "task": "discover-peers"}}}}"#;
    let unfinished = |faults: &[&str]| rows(&rehearsed(IMAGE_CHANGE, 121_646, faults), LAW);
    assert_eq!(unfinished(&[delete, fails]), BTreeSet::from([Some("irreplaceable")]));
    assert_eq!(unfinished(&[delete]), BTreeSet::new(), "it can be made again");
}
