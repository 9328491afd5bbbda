//! Edits while a plan is at work, and traffic that follows late.

use super::{assert_all_befell, blue_green, lines, planned_upgrade, scenario_named, schedule};
use crate::common;
use planner::Design;
use simcore::SimTime;
use simkube::Actor;
use testbed::history::{Entry, Happened, History};
use testbed::scenario;
use testbed::world::Polls;
use testbed::{Settled, WorldResult};

const BOOTSTRAPPING: &str = r#"{"phase": {"kind": "Pod", "name": "pacific-1-rpc-g2-1-bootstrap", "is": "Running"}}"#;
const CAUGHT_UP: &str = r#"{"task": {"type": "await-nodes-caught-up", "is": "Complete"}}"#;
const TORN_DOWN: &str = r#"{"task": {"type": "teardown-nodes", "is": "Complete"}}"#;

fn fault(when: &str, what: &str) -> String {
    format!(r#"{{"when": {when}, "what": {{"switch-races": {what}}}}}"#)
}

/// The moment of the first entry from a moment on that is wanted.
fn first(result: &WorldResult, from: SimTime, wanted: impl Fn(&Entry) -> bool) -> SimTime {
    result.history.iter().find(|(at, entry)| *at >= from && wanted(entry)).expect("it is in the history").0
}

#[test]
fn each_edit_of_the_spec_is_stored_as_the_persons() {
    for (what, patch) in [
        (
            r#"{"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.3.0"}}"#,
            r#"{"template":{"spec":{"image":"ghcr.io/sei-protocol/sei:v6.3.0"}}}"#,
        ),
        (r#"{"halt-height-edited": {"by": -1000}}"#, r#"{"updateStrategy":{"hardFork":{"haltHeight":198749500}}}"#),
        (r#"{"replicas-edited": {"to": 1}}"#, r#"{"replicas":1}"#),
        (r#""overrides-edited""#, r#"{"template":{"spec":{"overrides":{"mempool.size":"6000"}}}}"#),
        (r#""second-rollout""#, r#"{"template":{"spec":{"entrypoint":{"args":["start","--home","/sei","--log_level","info"]}}}}"#),
    ] {
        let result = planned_upgrade(&[&fault(BOOTSTRAPPING, what)]);
        assert_all_befell(&result);
        assert_eq!(lines(&result, &format!("operator: patches the group: {patch}")).len(), 1, "{what}");
    }
}

#[test]
fn an_edit_to_what_is_stored_already_befalls_nothing() {
    let same = [r#"{"image-edited": {"image": "ghcr.io/sei-protocol/sei:v6.4.0"}}"#, r#"{"replicas-edited": {"to": 2}}"#];
    let result = planned_upgrade(&same.map(|what| fault(BOOTSTRAPPING, what)).each_ref().map(String::as_str));
    assert_eq!(lines(&result, "(no change)").len(), 2);
    assert!(result.faults.iter().all(|record| record.struck.as_ref().is_some_and(|struck| !struck.befell)));
}

#[test]
fn a_halt_height_can_only_be_moved_where_there_is_one_and_a_rollout_needs_a_strategy() {
    for what in [r#"{"halt-height-edited": {"by": 1}}"#, r#""second-rollout""#] {
        let result = planned_upgrade(&[&fault(r#"{"at": "1min"}"#, what)]);
        assert_eq!(lines(&result, "fault finds nothing to befall").len(), 1, "{what}");
    }
}

#[test]
fn a_group_that_a_person_deletes_mid_plan_is_gone_with_its_nodes() {
    let result = planned_upgrade(&[&fault(BOOTSTRAPPING, r#""group-deleted""#)]);
    assert_all_befell(&result);
    assert_eq!(lines(&result, "operator: deletes SeiNodeDeployment pacific-1-rpc").len(), 1);
    assert!(result.end.group_phase.is_none() && result.end.seinodes.is_empty(), "{:?}", result.end);
}

#[test]
fn a_second_rollout_at_once_after_the_first_makes_another_generation_of_entrants() {
    let scenario = super::scenario_named("bluegreen/image-change");
    let settled = Settled::new(&scenario, &scenario.runs[1].design, Polls::Elided).expect("the scenario settles");
    let ready = r#"{"phase": {"kind": "SeiNodeDeployment", "name": "pacific-1-rpc", "is": "Ready"}}"#;
    for (when, is_second) in [(ready, true), (TORN_DOWN, false)] {
        let result = settled.run_under(1, &schedule(&[&fault(when, r#""second-rollout""#)]), History::kept()).expect("no failure");
        assert_all_befell(&result);
        let made = lines(&result, "SeiNode pacific-1-rpc-g3-0 is created").len() == 1;
        assert_eq!(made, is_second, "an edit before the plan's end is taken for what the plan has rolled out: {when}");
    }
}

#[test]
fn clients_follow_a_switch_late_while_endpoints_or_the_data_plane_lag() {
    let selects = |entry: &Entry| matches!(entry, Entry::Noticed(Happened::Selector { selector, .. }) if selector.ends_with("revision=2"));
    let follows = |entry: &Entry| matches!(entry, Entry::DataPlane { service, .. } if &**service == "pacific-1-rpc-external");
    let took = |faults: &[&str]| {
        let result = blue_green(faults);
        assert_all_befell(&result);
        let switched = first(&result, SimTime::ZERO, selects);
        (first(&result, switched, follows).since(switched), result)
    };
    assert!(took(&[]).0.as_secs() < 3);
    for lag in ["endpoints-lag", "data-plane-lag"] {
        let (took, result) = took(&[&fault(CAUGHT_UP, &format!(r#"{{"{lag}": {{"by": "40s", "lasts": "10min"}}}}"#))]);
        assert!((40..43).contains(&took.as_secs()), "{lag}: {took:?}");
        assert_eq!(lines(&result, "fault is over").len(), 1);
    }
}

#[test]
fn an_entrant_that_crashes_between_gate_and_switch_is_started_again_by_its_kubelet() {
    let result = blue_green(&[&fault(CAUGHT_UP, r#"{"entrant-crashes": {"node": "pacific-1-rpc-g2-0"}}"#)]);
    assert_all_befell(&result);
    assert_eq!(lines(&result, "pacific-1-rpc-g2-0-0: container seid exits with code 137").len(), 1);
    assert_eq!(lines(&result, "pacific-1-rpc-g2-0-0: container seid restarts (restart 1)").len(), 1);
    let early = planned_upgrade(&[&fault(BOOTSTRAPPING, r#"{"entrant-crashes": {"node": "pacific-1-rpc-g2-1"}}"#)]);
    assert_eq!(lines(&early, "fault finds nothing to befall").len(), 1, "seid waits for its sidecar: there is no process yet");
}

#[test]
fn a_load_balancer_that_is_late_gives_its_address_later_and_can_be_late_only_where_one_is_ordered() {
    let file = common::root().join("scenarios/bluegreen/image-change.yaml");
    let text = std::fs::read_to_string(&file).expect("a readable scenario");
    let ordered = text.replace(
        "        updateStrategy:\n",
        "        networking:\n          service:\n            type: LoadBalancer\n        updateStrategy:\n",
    );
    assert_ne!(text, ordered);
    let scenario = scenario::read(&file, ordered.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let settled = Settled::new(&scenario, &scenario.runs[0].design, Polls::Elided).expect("the scenario settles");
    let address_after = |faults: &[&str]| {
        let result = settled.run_under(1, &schedule(faults), History::kept()).expect("no failure");
        assert_all_befell(&result);
        let by_cloud = |entry: &Entry| matches!(entry, Entry::Stored { kind: "Service", actor: Actor::System("service-controller"), .. });
        result.history.iter().rfind(|(_, entry)| by_cloud(entry)).expect("the Service is told its address").0
    };
    let usual = address_after(&[]);
    let late = r#"{"load-balancer-late": {"by": "10min"}}"#;
    let pending = address_after(&[&fault(r#"{"at": "605s"}"#, late)]);
    assert_eq!(pending.since(usual).as_secs(), 600, "one that is under way");
    let order = r#"{"call": {"verb": "apply", "kind": "Service", "name": "pacific-1-rpc-external"}}"#;
    let to_come = address_after(&[&fault(order, late)]);
    assert_eq!(to_come.since(usual).as_secs(), 600, "one that is not ordered yet");
    let offered = settled.opportunities().expect("no failure");
    assert!(offered.load_balancer, "one comes during the rollout");
}

#[test]
fn eliding_idle_polls_changes_nothing_under_edits_pauses_and_a_late_network() {
    let person = |when: &str, what: &str| format!(r#"{{"when": {when}, "what": {{"person": {what}}}}}"#);
    let schedules = [
        vec![fault(BOOTSTRAPPING, r#""overrides-edited""#), person(r#"{"at": "15min"}"#, r#"{"scales": {"to": 3, "backAfter": "40min"}}"#)],
        vec![person(BOOTSTRAPPING, r#"{"pauses": {"lasts": "20min"}}"#), person(r#"{"at": "20min"}"#, r#""edits-service""#)],
        vec![
            person(BOOTSTRAPPING, r#"{"deletes-entrant": {"node": "pacific-1-rpc-g2-1"}}"#),
            fault(r#"{"at": "50min"}"#, r#""group-deleted""#),
        ],
        vec![
            fault(r#"{"at": "1h"}"#, r#"{"endpoints-lag": {"by": "40s", "lasts": "1h"}}"#),
            person(r#"{"at": "65min"}"#, r#"{"deletes-incumbent": {"node": "pacific-1-rpc-0"}}"#),
        ],
    ];
    let scenario = super::scenario_named("hardfork/planned-upgrade");
    for run in &scenario.runs {
        let [elided, made] = [Polls::Elided, Polls::Made].map(|polls| Settled::new(&scenario, &run.design, polls).expect("it settles"));
        for (seed, faults) in (0..).zip(&schedules) {
            let faults = schedule(&faults.iter().map(String::as_str).collect::<Vec<_>>());
            let [elided, made] = [&elided, &made].map(|settled| settled.run_under(seed, &faults, History::default()).expect("no failure"));
            assert_eq!(elided.history_hash, made.history_hash, "{} {faults:?}", run.design.name);
            assert_eq!(elided.counters.all_reconciles(), made.counters.all_reconciles(), "{} {faults:?}", run.design.name);
        }
    }
}

#[test]
fn endpoints_that_follow_late_take_clients_to_an_entrant_that_knows_no_peers_yet_unless_it_takes_several_answers_to_be_ready() {
    let running = r#"{"phase": {"kind": "SeiNode", "name": "pacific-1-rpc-g2-1", "is": "Running"}}"#;
    let late = fault(running, r#"{"endpoints-lag": {"by": "40s", "lasts": "40s"}}"#);
    let stale = |design: Design| {
        let settled = Settled::new(&scenario_named("bluegreen/image-change"), &design, Polls::Elided).expect("it settles");
        let result = settled.run_under(1, &schedule(&[&late]), History::default()).expect("the testbed does not fail");
        assert_all_befell(&result);
        result.violations.iter().any(|violation| violation.oracle == "stale-serving")
    };
    let rehearsed = Design::preset("rehearsed").expect("a preset");
    assert!(stale(rehearsed.with("arrival=phase").expect("a decision")));
    assert!(!stale(rehearsed));
}
