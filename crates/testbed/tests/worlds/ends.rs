//! When a world is over: not while a deadline is to come, nor while the network's nodes are still to be upgraded, and with a livelock counted by
//! its shortest round.

use crate::common;
use crate::faults::schedule;

use planner::Design;
use simcore::SimTime;
use std::time::Duration;
use testbed::history::History;
use testbed::scenario::{self, Outcome};
use testbed::world::Polls;
use testbed::{Settled, WorldResult};

/// A scenario with its text changed, at its start under a design.
fn settled(scenario: &str, design: &str, change: impl Fn(String) -> String) -> Settled {
    let file = common::root().join("scenarios").join(scenario).with_extension("yaml");
    let text = change(std::fs::read_to_string(&file).expect("a scenario"));
    let scenario = scenario::read(&file, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let design = Design::preset(design).expect("a preset");
    Settled::new(&scenario, &design, Polls::Elided).expect("the scenario settles")
}

/// The first seed's world of it.
fn world(scenario: &str, design: &str, change: impl Fn(String) -> String) -> WorldResult {
    settled(scenario, design, change).run(1, History::default()).expect("the testbed does not fail")
}

#[test]
fn a_rollout_that_waits_for_a_deadline_is_not_at_rest_before_it() {
    let result = world("bluegreen/image-change", "rehearsed", |text| text);
    assert_eq!(result.outcome, Outcome::Converged, "clients were given their time, and then the incumbents went");
}

#[test]
fn a_livelock_is_counted_from_the_last_time_that_the_world_was_in_its_state() {
    let result = world("bootstrap/evicted", "bootstrap", |text| text);
    let cycle = result.livelock.expect("the incumbents panic at the upgrade for ever");
    let longest_back_off = Duration::from_secs(300);
    assert!(cycle < 3 * longest_back_off, "both incumbents restart, and no more: {cycle:?}");
}

/// Two nodes are refused their plans for ever, each tried again after a thousand seconds, while the incumbents restart every five minutes.
#[test]
fn a_round_lasts_until_every_key_that_fails_has_been_tried_again() {
    let settled = settled("state-sync/hard-fork-without-a-snapshot", "bootstrap", |text| text);
    for seed in 0..20 {
        let result = settled.run(seed, History::default()).expect("the testbed does not fail");
        assert!(result.livelock.is_some(), "the incumbents panic at the upgrade for ever");
        assert!(result.violations.iter().any(|violation| violation.oracle == "not-quiet"), "seed {seed}: the operator is never quiet");
    }
}

#[test]
fn a_round_in_which_a_deadline_passes_is_no_livelock_yet() {
    let settled = settled("hardfork/planned-upgrade", "rehearsed", |text| text);
    let pause = r#"{"when": {"task": {"of": "pacific-1-rpc-0", "type": "mark-ready", "is": "Pending"}}, "what": {"controller": {"outage": {"lasts": "40s"}}}}"#;
    let faults = serde_json::from_str(&format!(r#"[{{"when": {{"at": "0s"}}, "what": {{"binary": "wrong-image-tag"}}}}, {pause}]"#))
        .expect("a schedule");
    let result = settled.run_under(560, &faults, History::default()).expect("the testbed does not fail");
    assert_eq!(result.outcome, Outcome::FailedSafe, "the entrants are waited for through one deadline after the other, and given up then");
}

#[test]
fn nothing_repeats_itself_before_the_last_node_of_the_network_is_upgraded() {
    let ended_with = |delay: &str| {
        let slow =
            |text: String| text.replace("  blockTime: 400ms\n", &format!("  blockTime: 400ms\n  peers:\n    upgradeAfter: {delay}\n"));
        let result = world("hardfork/planned-upgrade", "halt-signal", slow);
        assert!(result.livelock.is_some(), "incumbents and entrants panic for ever");
        result.ended
    };
    let upgrade = SimTime::ZERO + Duration::from_secs(70 * 60);
    assert!(ended_with("4h..5h") > upgrade + Duration::from_secs(4 * 3600));
    assert!(ended_with("1min..2min") < upgrade + Duration::from_secs(3600), "and not long after it");
}

#[test]
fn a_world_whose_nodes_have_their_peers_back_does_not_rest_before_they_have_what_those_held_back() {
    let gone = r#"{"when": {"task": {"of": "pacific-1-rpc-g2-0", "type": "mark-ready", "is": "Complete"}}, "what": {"bootstrap": {"peers-not-found": {"lasts": "10min"}}}}"#;
    let alone = settled("bluegreen/image-change", "rehearsed", |text| text.replace("replicas: 2", "replicas: 1"));
    let result = alone.run_under(2, &schedule(&[gone]), History::default()).expect("the testbed does not fail");
    assert_eq!(result.outcome, Outcome::Converged, "{:?}", result.violations);
}
