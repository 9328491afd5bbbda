//! Rows of the excuse table in real worlds: what they excuse, what they do not, and what a world then comes to.

mod binaries;
mod diverged;
mod irreplaceable;
mod unheard;
mod unmade;
mod unreached;
mod unseen;

use crate::common;
use crate::faults::{planned_upgrade, rehearsed, rehearsed_but, schedule};
use std::collections::BTreeSet;
use testbed::history::History;
use testbed::scenario::{self, Outcome};
use testbed::world::Polls;
use testbed::{Settled, WorldResult};

/// A scenario with words of its file exchanged, under the first of its designs with that name, with some faults.
fn run_with(name: &str, design: &str, exchange: &[(&str, &str)], faults: &[&str]) -> WorldResult {
    let file = common::root().join(format!("scenarios/{name}.yaml"));
    let mut text = std::fs::read_to_string(&file).expect("a readable scenario");
    for (word, by) in exchange {
        assert!(text.contains(word), "{word}");
        text = text.replacen(word, by, 1);
    }
    let scenario = scenario::read(&file, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let run = scenario.runs.iter().find(|run| &*run.design.name == design).expect("the scenario runs under the design");
    let settled = Settled::new(&scenario, &run.design, Polls::Elided).expect("the scenario settles");
    settled.run_under(1, &schedule(faults), History::kept()).expect("the testbed does not fail")
}

/// The planned upgrade by the design of remedies, with some faults.
fn planned_upgrade_rehearsed(faults: &[&str]) -> WorldResult {
    rehearsed("hardfork/planned-upgrade", 1, faults)
}

/// The image change by the design of remedies, with some faults.
fn image_change_rehearsed(faults: &[&str]) -> WorldResult {
    rehearsed(IMAGE_CHANGE, 1, faults)
}

/// The violations of a law, each as the objects that it names and its row.
fn violations(result: &WorldResult, oracle: &str) -> Vec<(String, Option<&'static str>)> {
    let of = result.violations.iter().filter(|violation| violation.oracle == oracle);
    let objects = |objects: &[oracles::ObjectRef]| objects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    of.map(|violation| (objects(&violation.finding.objects), violation.excused)).collect()
}

/// The rows that excuse the violations of a law; `None` among them stands for violations without an excuse. Empty without violations.
fn rows(result: &WorldResult, oracle: &str) -> BTreeSet<Option<&'static str>> {
    violations(result, oracle).into_iter().map(|(_, row)| row).collect()
}

const IMAGE_CHANGE: &str = "bluegreen/image-change";
const GROUP: &str = "SeiNodeDeployment pacific-1-rpc";

#[test]
fn a_node_without_peers_is_excused_for_what_it_serves_and_the_others_are_not() {
    let cut = r#"{"when": {"at": "2min"}, "what": {"cluster": {"peers-cut": {"node": "pacific-1-rpc-0", "lasts": "5min"}}}}"#;
    let stale = violations(&run_with("bluegreen/image-change", "blue-green", &[], &[cut]), "stale-serving");
    assert!(matches!(stale.as_slice(), [(objects, Some("no-peers"))] if objects.contains("pacific-1-rpc-0")), "{stale:?}");
}

#[test]
fn a_node_without_peers_is_excused_to_its_end_where_its_group_is_deleted() {
    let none = r#"{"when": {"call": {"verb": "create", "kind": "PersistentVolumeClaim", "name": "data-pacific-1-rpc-g2-1", "nth": 1, "moment": "after"}}, "what": {"bootstrap": {"peers-not-found": {"lasts": "3min"}}}}"#;
    let restarted = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-0", "nth": 1, "moment": "before"}}, "what": {"premature-halt": {"restarted": {"node": "pacific-1-rpc-1"}}}}"#;
    let deleted = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-1", "nth": 2, "moment": "after"}}, "what": {"switch-races": "group-deleted"}}"#;
    assert_eq!(rows(&rehearsed(IMAGE_CHANGE, 20116, &[none, restarted, deleted]), "stale-serving"), BTreeSet::from([Some("no-peers")]));
}

#[test]
fn an_operator_that_is_down_excuses_a_phase_that_it_cannot_take_back_and_one_that_runs_does_not() {
    let down = |at: &str| format!(r#"{{"when": {{"at": "{at}"}}, "what": {{"controller": {{"outage": {{"lasts": "1h"}}}}}}}}"#);
    let lies = |at: &str| violations(&run_with("bluegreen/image-change", "blue-green", &[], &[&down(at)]), "ready-lies");
    let excused = (GROUP.to_owned(), Some("operator-down"));
    assert_eq!(lies("599s").first(), Some(&excused), "it was down before the spec was edited");
    let known = run_with("bluegreen/image-change", "blue-green", &[], &[]);
    assert!(violations(&known, "ready-lies").iter().chain(&lies("30min")).all(|(_, row)| row.is_none()), "{:?}", known.violations);
}

#[test]
fn an_operator_whose_calls_are_refused_for_a_minute_is_excused_as_one_that_is_down_and_one_whose_calls_are_slow_is_not() {
    let slow = r#"{"when": {"at": "599s"}, "what": {"api-server": {"slow-calls": {"by": "20s", "lasts": "20min"}}}}"#;
    let refused = r#"{"when": {"write": {"controller": "group", "of": "pacific-1-rpc", "nth": 1, "moment": "before"}}, "what": {"api-server": {"timeout": {"calls": 5}}}}"#;
    let lies = |faults: &[&str]| violations(&image_change_rehearsed(faults), "ready-lies");
    assert_eq!(lies(&[slow, refused]), [(GROUP.to_owned(), Some("operator-down"))]);
    assert_eq!(lies(&[slow]), []);
    let slower = slow.replace("20s", "70s");
    assert_eq!(lies(&[&slower]), [(GROUP.to_owned(), None)]);
}

#[test]
fn a_group_that_a_person_deletes_is_asked_for_nothing_any_more() {
    let deleted = r#"{"when": {"at": "20min"}, "what": {"switch-races": "group-deleted"}}"#;
    let result = planned_upgrade(&[deleted]);
    assert_eq!(violations(&result, "not-converged"), []);
    assert_eq!(violations(&result, "no-endpoint").iter().filter(|(_, row)| row.is_none()).count(), 0, "its Service goes first");
    assert_eq!(result.outcome, Outcome::Converged, "{:?}", result.violations);
    let just_ready = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNodeDeployment", "name": "pacific-1-rpc", "during": "await-nodes-running", "nth": 5, "moment": "before"}}, "what": {"switch-races": "group-deleted"}}"#;
    let gaps = rows(&rehearsed("hardfork/planned-upgrade", 12629, &[just_ready]), "no-endpoint");
    assert_eq!(
        gaps,
        BTreeSet::from([Some("person-interferes")]),
        "clients would have come to the entrant, which was ready a moment before"
    );
}

#[test]
fn a_node_that_a_person_deletes_is_excused_alone_and_only_until_it_is_made_again() {
    let delete =
        |at| format!(r#"{{"when": {{"at": "{at}"}}, "what": {{"person": {{"deletes-incumbent": {{"node": "pacific-1-rpc-1"}}}}}}}}"#);
    let early = planned_upgrade(&[&delete("1min")]);
    let law = "incumbent-deleted-early";
    assert!(
        violations(&early, law).iter().any(|(objects, row)| objects.contains("SeiNode pacific-1-rpc-1") && row.is_none()),
        "{:?}",
        early.violations
    );
    let late = violations(&planned_upgrade(&[&delete("20min")]), law).into_iter();
    let late: Vec<_> = late.map(|(objects, row)| (objects.ends_with("SeiNode pacific-1-rpc-1"), row)).collect();
    assert!(late.contains(&(true, Some("person-interferes"))) && late.contains(&(false, None)), "{late:?}");
    assert!(!late.contains(&(true, None)) && !late.contains(&(false, Some("person-interferes"))), "{late:?}");
}

#[test]
fn a_chain_that_halts_for_ever_before_the_halt_height_excuses_a_rollout_that_waits_for_it() {
    let halts = |at| format!("  blockTime: 400ms\n  haltsForEverAt: start+{at}\n");
    let run = |at| run_with("hardfork/planned-upgrade", "bootstrap", &[("  blockTime: 400ms\n", &halts(at))], &[]);
    for before in [5000, 9000] {
        let result = run(before);
        assert_eq!(violations(&result, "not-converged"), [(GROUP.to_owned(), Some("chain-over"))], "{before}");
        assert_eq!(result.outcome, Outcome::FailedSafe);
    }
    let beyond = run(50_000);
    assert_eq!(violations(&beyond, "not-converged"), [(GROUP.to_owned(), None)], "the rollout was over long before");
}

#[test]
fn an_edit_while_a_create_is_on_its_way_is_excused_and_one_before_it_was_sent_is_not() {
    let law = "entrant-misconfigured";
    let edited = r#"{"when": {"write": {"controller": "group", "of": "pacific-1-rpc", "nth": 2, "moment": "before"}}, "what": {"switch-races": {"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.0"}}}}"#;
    assert_eq!(rows(&rehearsed(IMAGE_CHANGE, 1, &[edited]), law), BTreeSet::from([Some("call-on-its-way")]));
    let before = r#"{"when": {"task": {"type": "create-entrant-nodes", "is": "Pending"}}, "what": {"switch-races": {"halt-height-edited": {"by": 1000}}}}"#;
    let result = rehearsed_but(&["spec-edit=ignored"], "hardfork/planned-upgrade", 1, &[before]);
    assert_eq!(rows(&result, law), BTreeSet::from([None]), "the plan had been built, the entrants not yet");
}

#[test]
fn replicas_that_a_person_gives_back_while_a_delete_is_on_its_way_excuse_it() {
    let scaled = r#"{"when": {"task": {"of": "pacific-1-rpc-g2-1", "type": "discover-peers", "is": "Complete"}}, "what": {"person": {"scales": {"to": 1, "backAfter": "840s"}}}}"#;
    let slow = r#"{"when": {"at": "16min"}, "what": {"api-server": {"slow-calls": {"by": "20s", "lasts": "1h"}}}}"#;
    let rows = rows(&rehearsed(IMAGE_CHANGE, 29, &[scaled, slow]), "incumbent-deleted-early");
    assert_eq!(rows, BTreeSet::from([Some("call-on-its-way")]));
}

#[test]
fn an_entrant_that_crashes_while_a_delete_is_on_its_way_excuses_that_deletion_and_no_later_one() {
    let law = "incumbent-deleted-early";
    let crash = r#"{"when": {"call": {"verb": "delete", "kind": "SeiNode", "name": "pacific-1-rpc-0", "during": "teardown-nodes", "nth": 1, "moment": "before"}}, "what": {"switch-races": {"entrant-crashes": {"node": "pacific-1-rpc-g2-0"}}}}"#;
    let early = violations(&rehearsed(IMAGE_CHANGE, 1, &[crash]), law);
    assert_eq!(
        early,
        [("SeiNode pacific-1-rpc-0, SeiNode pacific-1-rpc-0".to_owned(), Some("call-on-its-way"))],
        "it sees that before the next"
    );
    let blue_green = rows(&run_with(IMAGE_CHANGE, "blue-green", &[], &[crash]), law);
    assert!(blue_green.contains(&None), "its entrants were not at the tip before: {blue_green:?}");
}

#[test]
fn entrants_that_lose_all_peers_after_the_switch_excuse_a_deletion_and_incumbents_that_lose_theirs_do_not() {
    let law = "incumbent-deleted-early";
    let gone = r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNodeDeployment", "name": "pacific-1-rpc", "during": "switch-traffic", "nth": 1, "moment": "after"}}, "what": {"bootstrap": {"peers-not-found": {"lasts": "10min"}}}}"#;
    assert_eq!(rows(&rehearsed(IMAGE_CHANGE, 1, &[gone]), law), BTreeSet::from([Some("behind-unseen")]));
    let just_back = r#"{"when": {"call": {"verb": "apply", "kind": "Service", "name": "pacific-1-rpc-external", "nth": 1, "moment": "after"}}, "what": {"cluster": {"peers-cut": {"node": "pacific-1-rpc-g2-0", "lasts": "285s"}}}}"#;
    assert_eq!(rows(&rehearsed(IMAGE_CHANGE, 1, &[just_back]), law), BTreeSet::from([Some("behind-unseen")]), "it does not know yet");
    let cut = r#"{"when": {"at": "5min"}, "what": {"cluster": {"peers-cut": {"node": "pacific-1-rpc-0", "lasts": "5h"}}}}"#;
    assert_eq!(rows(&run_with(IMAGE_CHANGE, "blue-green", &[], &[cut]), law), BTreeSet::from([None]));
}

#[test]
fn an_incumbent_that_is_behind_when_all_peers_stop_at_the_upgrade_is_excused_for_being_called_ready() {
    let lost = r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-1", "nth": 1, "moment": "after"}}, "what": {"cluster": {"machine-lost": {"under": "pacific-1-rpc-0", "returnsAfter": "1h"}}}}"#;
    let stale = violations(&rehearsed("hardfork/planned-upgrade", 2998, &[lost]), "stale-serving");
    assert_eq!(stale, [("SeiNode pacific-1-rpc-0, Pod pacific-1-rpc-0-0".to_owned(), Some("peers-upgrade"))]);
}

#[test]
fn a_node_that_has_just_got_its_peers_back_excuses_that_it_ceases_to_be_ready_and_one_that_has_had_them_for_long_does_not() {
    let law = "not-stable";
    let faults = [
        r#"{"when": {"write": {"controller": "node", "of": "pacific-1-rpc-g2-1", "nth": 1, "moment": "after"}}, "what": {"switch-races": {"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.0"}}}}"#,
        r#"{"when": {"call": {"verb": "patch-status", "kind": "SeiNode", "name": "pacific-1-rpc-g2-0", "nth": 1, "moment": "after"}}, "what": {"cluster": {"peers-cut": {"node": "pacific-1-rpc-0", "lasts": "20min"}}}}"#,
        r#"{"when": {"call": {"verb": "create", "kind": "PersistentVolumeClaim", "name": "data-pacific-1-rpc-g2-1", "nth": 1, "moment": "before"}}, "what": {"premature-halt": {"restarted": {"node": "pacific-1-rpc-0"}}}}"#,
    ];
    assert_eq!(rows(&rehearsed(IMAGE_CHANGE, 1211, &faults), law), BTreeSet::from([Some("catching-up")]));
    let cut = r#"{"when": {"at": "1min"}, "what": {"cluster": {"peers-cut": {"node": "pacific-1-rpc-0", "lasts": "2min"}}}}"#;
    assert_eq!(rows(&run_with("chain/halt-height-stays", "halt-signal", &[], &[cut]), law), BTreeSet::from([None]));
}

#[test]
fn an_entrant_on_its_way_that_an_edit_has_made_an_incumbent_is_excused_for_starting_over() {
    let more = r#"{"when": {"height": 198747360}, "what": {"person": {"scales": {"to": 3, "backAfter": "1h"}}}}"#;
    let back = r#"{"when": {"at": "2h"}, "what": {"switch-races": {"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.0"}}}}"#;
    let one = r#"{"when": {"height": 198750275}, "what": {"person": {"scales": {"to": 1, "backAfter": "20min"}}}}"#;
    let early = rows(&rehearsed("hardfork/planned-upgrade", 97125, &[more, back, one]), "incumbent-deleted-early");
    assert_eq!(early, BTreeSet::from([Some("made-incumbent")]));
}
