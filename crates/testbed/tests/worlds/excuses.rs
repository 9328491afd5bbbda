//! Rows of the excuse table in real worlds: what they excuse, what they do not, and what a world then comes to.

use crate::common;
use crate::faults::{lines, planned_upgrade, schedule};

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

/// The violations of a law, each as the objects that it names and its row.
fn violations(result: &WorldResult, oracle: &str) -> Vec<(String, Option<&'static str>)> {
    let of = result.violations.iter().filter(|violation| violation.oracle == oracle);
    let objects = |objects: &[oracles::ObjectRef]| objects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    of.map(|violation| (objects(&violation.finding.objects), violation.excused)).collect()
}

const GROUP: &str = "SeiNodeDeployment pacific-1-rpc";
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
fn the_same_binary_excuses_nothing_once_the_incumbents_have_stopped_at_the_upgrade() {
    let result = run_with("hardfork/wrong-image-tag", "bootstrap", &[], &[]);
    assert_eq!(violations(&result, "not-converged"), [(GROUP.to_owned(), None)]);
    assert_eq!(result.outcome, Outcome::Stuck);
}

#[test]
fn a_group_that_a_person_deletes_is_asked_for_nothing_any_more() {
    let deleted = r#"{"when": {"at": "20min"}, "what": {"switch-races": "group-deleted"}}"#;
    let result = planned_upgrade(&[deleted]);
    assert_eq!(violations(&result, "not-converged"), []);
    assert_eq!(violations(&result, "no-endpoint").iter().filter(|(_, row)| row.is_none()).count(), 0, "its Service goes first");
    assert_eq!(result.outcome, Outcome::Converged, "{:?}", result.violations);
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
