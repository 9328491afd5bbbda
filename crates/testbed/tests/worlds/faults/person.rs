//! A person with kubectl: what they do takes effect as on a real cluster, and it is told as theirs.

use super::{assert_all_befell, blue_green, lines, planned_upgrade};
use simkube::Actor;
use testbed::WorldResult;
use testbed::history::{Entry, Stored};

/// The moment at which an entrant's bootstrap pod runs, under `planned-upgrade`.
const BOOTSTRAPPING: &str = r#"{"phase": {"kind": "Pod", "name": "pacific-1-rpc-g2-1-bootstrap", "is": "Running"}}"#;
/// Long before the rollout.
const AT_REST: &str = r#"{"at": "1min"}"#;

fn fault(when: &str, what: &str) -> String {
    format!(r#"{{"when": {when}, "what": {{"person": {what}}}}}"#)
}

/// How objects changed by a person's hand: how, kind and name.
fn by_hand(result: &WorldResult) -> Vec<(Stored, &'static str, &str)> {
    let of = |entry: &'_ Entry| matches!(entry, Entry::Stored { actor: Actor::Person, .. });
    let changes = result.history.iter().map(|(_, entry)| entry).filter(|entry| of(entry));
    changes
        .filter_map(|entry| match entry {
            Entry::Stored { how, kind, name, .. } => Some((*how, *kind, &**name)),
            _ => None,
        })
        .collect()
}

/// Whether the story has these lines in this order.
fn tells_in_order(result: &WorldResult, wanted: &[&str]) -> bool {
    let story = testbed::history::tell(&result.history);
    let mut told = story.lines();
    wanted.iter().all(|wanted| told.any(|line| line.contains(wanted)))
}

#[test]
fn an_entrant_that_a_person_deletes_goes_with_all_that_it_owns_and_the_plan_does_not_make_it_again() {
    let result = planned_upgrade(&[&fault(BOOTSTRAPPING, r#"{"deletes-entrant": {"node": "pacific-1-rpc-g2-1"}}"#)]);
    assert_all_befell(&result);
    let story = [
        "SeiNode pacific-1-rpc-g2-1 is being deleted",
        "operator: deletes SeiNode pacific-1-rpc-g2-1",
        "SeiNode pacific-1-rpc-g2-1 is gone",
        "Job pacific-1-rpc-g2-1-bootstrap is gone",
        "Pod pacific-1-rpc-g2-1-bootstrap is gone",
        "PersistentVolumeClaim data-pacific-1-rpc-g2-1 is gone",
    ];
    assert!(tells_in_order(&result, &story));
    assert_eq!(lines(&result, "SeiNode pacific-1-rpc-g2-1 is created").len(), 1, "create-entrant-nodes was done before");
    assert!(by_hand(&result).contains(&(Stored::Deleting, "SeiNode", "pacific-1-rpc-g2-1")));
}

#[test]
fn an_incumbent_that_a_person_deletes_is_made_again_unless_a_plan_is_at_work() {
    let delete = r#"{"deletes-incumbent": {"node": "pacific-1-rpc-1"}}"#;
    let (at_rest, at_work) = (planned_upgrade(&[&fault(AT_REST, delete)]), planned_upgrade(&[&fault(BOOTSTRAPPING, delete)]));
    for (result, made_again) in [(at_rest, 1), (at_work, 0)] {
        assert_all_befell(&result);
        assert!(tells_in_order(&result, &["operator: deletes SeiNode pacific-1-rpc-1", "SeiNode pacific-1-rpc-1 is gone"]));
        assert_eq!(lines(&result, "SeiNode pacific-1-rpc-1 is created").len(), made_again);
    }
}

#[test]
fn a_bootstraps_job_that_a_person_deletes_takes_its_pod_with_it() {
    let result = planned_upgrade(&[&fault(BOOTSTRAPPING, r#"{"deletes-job": {"node": "pacific-1-rpc-g2-1"}}"#)]);
    assert_all_befell(&result);
    let story = [
        "Job pacific-1-rpc-g2-1-bootstrap is gone",
        "operator: deletes Job pacific-1-rpc-g2-1-bootstrap",
        "Pod pacific-1-rpc-g2-1-bootstrap is being deleted",
        "Pod pacific-1-rpc-g2-1-bootstrap is gone",
    ];
    assert!(tells_in_order(&result, &story), "kubectl deletes in the background, where a bare DELETE of a Job would orphan its pod");
}

#[test]
fn a_claim_that_a_person_deletes_stays_as_long_as_a_pod_uses_it() {
    let result = planned_upgrade(&[&fault(BOOTSTRAPPING, r#"{"deletes-pvc": {"node": "pacific-1-rpc-g2-1"}}"#)]);
    assert_all_befell(&result);
    let story = [
        "PersistentVolumeClaim data-pacific-1-rpc-g2-1 is being deleted",
        "operator: deletes PersistentVolumeClaim data-pacific-1-rpc-g2-1",
        "Pod pacific-1-rpc-g2-1-bootstrap is gone",
        "PersistentVolumeClaim data-pacific-1-rpc-g2-1 is gone",
    ];
    assert!(tells_in_order(&result, &story));
}

#[test]
fn a_selector_that_a_person_edits_is_taken_back_by_the_operators_next_apply() {
    let edit = fault(BOOTSTRAPPING, r#""edits-service""#);
    let result = planned_upgrade(&[&edit]);
    assert_all_befell(&result);
    let story = [
        "fault strikes: a person edits the external Service's selector",
        "pacific-1-rpc-external selects sei.io/nodedeployment=pacific-1-rpc",
        "operator: patches Service pacific-1-rpc-external",
        "pacific-1-rpc-external selects sei.io/nodedeployment=pacific-1-rpc,sei.io/revision=1",
    ];
    assert!(tells_in_order(&result, &story));
    let at_rest = planned_upgrade(&[&fault(AT_REST, r#""edits-service""#)]);
    assert_eq!(lines(&at_rest, "(no change)").len(), 1, "before the rollout the selector is the group's label alone");
    assert_eq!(lines(&at_rest, "fault finds nothing to befall").len(), 1);
}

#[test]
fn a_group_that_a_person_scales_up_and_back_has_one_more_node_for_a_while() {
    let result = blue_green(&[&fault(AT_REST, r#"{"scales": {"to": 3, "backAfter": "5min"}}"#)]);
    assert_all_befell(&result);
    let story = [
        r#"00:01:00.000  operator: patches the group: {"replicas":3}"#,
        "SeiNode pacific-1-rpc-2 is created",
        "00:06:00.000  ** fault is over",
        r#"00:06:00.000  operator: patches the group: {"replicas":2}"#,
        "SeiNode pacific-1-rpc-2 is gone",
    ];
    assert!(tells_in_order(&result, &story));
}

#[test]
fn an_operator_that_a_person_pauses_does_nothing_until_it_is_scaled_up_again() {
    let result = planned_upgrade(&[&fault(BOOTSTRAPPING, r#"{"pauses": {"lasts": "1h"}}"#)]);
    assert_all_befell(&result);
    let struck = result.faults[0].struck.as_ref().expect("it struck");
    let healed = struck.healed.expect("it is over");
    assert_eq!(healed.since(struck.at).as_secs(), 3600);
    let is_call = |entry: &Entry| matches!(entry, Entry::Call { .. });
    let between = |after, before| result.history.iter().any(|(at, entry)| is_call(entry) && *at > after && *at <= before);
    assert!(!between(struck.at, healed), "no call is made, and none was in flight");
    assert!(between(healed, result.ended));
    assert_eq!(lines(&result, "the operator's process is started again and leads").len(), 1);
}

#[test]
fn a_pause_of_a_paused_operator_changes_nothing_and_a_process_that_boots_meanwhile_waits() {
    let pause = |at: &str| fault(&format!(r#"{{"at": "{at}"}}"#), r#"{"pauses": {"lasts": "1h"}}"#);
    let crash = r#"{"when": {"at": "299s"}, "what": {"controller": "crash"}}"#;
    let result = planned_upgrade(&[crash, &pause("5min"), &pause("10min")]);
    assert_eq!(
        result.faults.iter().map(|record| record.struck.as_ref().is_some_and(|struck| struck.befell)).collect::<Vec<_>>(),
        [true, true, false]
    );
    let leads = lines(&result, "the operator's process is started again and leads");
    assert!(leads.len() == 1 && leads[0].starts_with("01:05:0"), "{leads:?}");
}

#[test]
fn a_crash_at_the_call_at_which_a_person_pauses_the_operator_finds_its_process_gone() {
    let when = r#"{"call": {"verb": "create", "kind": "SeiNode", "moment": "after"}}"#;
    let others = ["\"crash\"", r#"{"outage": {"lasts": "2h"}}"#, r#"{"two-leaders": {"stalls": "2min"}}"#];
    for other in others {
        let other = format!(r#"{{"when": {when}, "what": {{"controller": {other}}}}}"#);
        let pause = fault(when, r#"{"pauses": {"lasts": "1h"}}"#);
        let befell = |faults: &[&str]| {
            let result = planned_upgrade(faults);
            let records = result.faults.iter().map(|record| record.struck.as_ref().is_some_and(|struck| struck.befell));
            records.collect::<Vec<_>>()
        };
        assert_eq!(befell(&[&pause, &other]), [true, false], "{other}");
        assert_eq!(befell(&[&other, &pause]), [true, true], "{other}");
    }
}

#[test]
fn an_invalid_spec_is_refused_and_changes_nothing() {
    let result = planned_upgrade(&[&fault(BOOTSTRAPPING, r#""applies-invalid-spec""#)]);
    assert_all_befell(&result);
    assert_eq!(lines(&result, "refused: SeiNodeDeployment.sei.io \"pacific-1-rpc\" is invalid").len(), 1);
    assert_eq!(by_hand(&result).len(), 1, "the scenario's own patch");
}
