//! A sweep runs every placement, and no more.

mod parting;

use explore::Stage;
use faults::{Group, Profile, Schedule, Trigger, What};
use planner::Design;
use simcore::SimTime;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use sweep::{Certificate, Sweep, places};
use testbed::history::History;

fn stage(scenario: &str, design: &str) -> Stage {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(scenario);
    let text: Arc<str> = std::fs::read_to_string(&file).expect("a readable scenario").into();
    let scenario = testbed::scenario::read(&file, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    Stage::set(scenario, text, Design::preset(design).expect("a preset"), Profile::None).expect("it settles")
}

/// A whole rollout.
static STAGE: LazyLock<Stage> = LazyLock::new(|| stage("bluegreen/image-change.yaml", "blue-green"));

/// A pod that is restarted: a history of few points.
static SHORT: LazyLock<Stage> = LazyLock::new(|| stage("chain/running-pod-restarts.yaml", "halt-signal"));

fn letters(group: Group, name: &str) -> Vec<What> {
    What::alphabet(&[group], STAGE.offered()).into_iter().filter(|what| what.id().ends_with(name)).collect()
}

fn sweep(stage: &Stage, alphabet: Vec<What>, k: usize, jobs: usize) -> Certificate {
    sweep_of(stage, alphabet, k, jobs, true)
}

fn sweep_of(stage: &Stage, alphabet: Vec<What>, k: usize, jobs: usize, merging: bool) -> Certificate {
    let jobs = NonZeroUsize::new(jobs).expect("not 0");
    Sweep { stage, seed: 1, alphabet, k, jobs, merging, code: "this build".to_owned() }.run(&|_, _| ()).expect("it runs")
}

#[test]
fn an_alphabet_has_each_fault_once_for_each_target() {
    let alphabet = What::alphabet(&Group::ALL, STAGE.offered());
    let kinds: BTreeSet<String> = alphabet.iter().map(What::id).collect();
    assert!(kinds.len() >= 60, "most kinds can strike here: {}", kinds.len());
    assert_eq!(letters(Group::Controller, "/crash").len(), 1);
    assert_eq!(letters(Group::Cluster, "/machine-lost").len(), 4, "two incumbents and two entrants");
    assert_eq!(alphabet, What::alphabet(&Group::ALL, STAGE.offered()));
}

#[test]
fn with_one_fault_as_many_schedules_are_run_as_there_are_faults_times_places_less_the_refused() {
    let alphabet = What::alphabet(&[Group::Controller, Group::ApiServer], STAGE.offered());
    let faults = u64::try_from(alphabet.len()).expect("a count");
    let certificate = sweep_of(&SHORT, alphabet, 1, 2, false);
    let (_, offered) = SHORT.settled.offered_under(1, &Schedule::default()).expect("no failure");
    assert_eq!(certificate.places, places(&offered).len());
    let placements = faults * u64::try_from(certificate.places).expect("a count");
    assert_eq!(certificate.schedules, [1, placements - certificate.refused[1]]);
    assert!(certificate.refused[1] > 0, "what befalls a call can wait only for a call");
    assert_eq!(certificate.failed, []);
}

#[test]
fn every_place_of_a_sweep_is_reached_and_what_a_certificate_names_breaks_its_oracle() {
    let crash = letters(Group::Controller, "/crash");
    let certificate = sweep(&STAGE, crash.clone(), 1, 2);
    let (_, offered) = STAGE.settled.offered_under(1, &Schedule::default()).expect("no failure");
    for place in places(&offered) {
        let fault = faults::Fault { when: place.when.clone(), what: crash[0].clone() };
        let result = STAGE.settled.run_under(1, &Schedule(vec![fault]), History::default()).expect("no failure");
        let struck = result.faults[0].struck.as_ref().map(|struck| struck.at);
        // A height comes some time between the moment at which it is looked at and its block before that.
        let from = if matches!(place.when, Trigger::Height(_)) { SimTime::ZERO } else { place.at };
        assert!(struck.is_some_and(|at| at >= from), "{}: {struck:?}", place.when);
    }
    for (oracle, breaking) in &certificate.oracles {
        let result = STAGE.settled.run_under(1, &breaking.first, History::default()).expect("no failure");
        assert!(result.broken().contains(oracle), "{oracle}");
        assert_eq!(breaking.first.0.len(), breaking.resilience, "{oracle}");
    }
}

#[test]
fn a_second_fault_is_placed_in_the_history_that_the_first_has_changed_and_not_before_it() {
    let letter = letters(Group::Controller, "/crash");
    let one = sweep_of(&SHORT, letter.clone(), 1, 2, false);
    let two = sweep_of(&SHORT, letter, 2, 2, false);
    assert_eq!(two.schedules[..2], one.schedules[..]);
    assert!(two.schedules[2] > one.schedules[1] && two.schedules[2] < one.schedules[1] * one.schedules[1], "{:?}", two.schedules);
    assert_eq!(two.merged, [0, 0, 0]);
    for (oracle, breaking) in &one.oracles {
        assert_eq!(two.oracles[oracle].resilience, breaking.resilience, "what one fault breaks needs no second");
    }
}

#[test]
fn what_is_merged_would_have_broken_the_same_oracles_with_as_many_faults() {
    let alphabet = || [letters(Group::Controller, "/crash"), letters(Group::Controller, "/missed-events")].concat();
    let (every, merged) = (sweep_of(&SHORT, alphabet(), 2, 2, false), sweep(&SHORT, alphabet(), 2, 2));
    assert_eq!(merged.schedules[2] + merged.merged[2], every.schedules[2], "each placement is run or merged");
    assert!(merged.schedules[2] < every.schedules[2] / 2, "much is merged: {:?} of {:?}", merged.schedules, every.schedules);
    let resilience = |certificate: &Certificate| -> Vec<_> {
        certificate.oracles.iter().map(|(oracle, breaking)| (*oracle, breaking.resilience)).collect()
    };
    assert_eq!(resilience(&merged), resilience(&every));
    assert_eq!(merged.distinct_ends, every.distinct_ends);
}

#[test]
fn single_faults_that_strike_after_the_same_event_are_run_once_and_come_to_all_the_same_ends() {
    let alphabet = || What::alphabet(&[Group::Controller, Group::ApiServer, Group::Sidecar], STAGE.offered());
    let (every, merged) = (sweep_of(&STAGE, alphabet(), 1, 2, false), sweep(&STAGE, alphabet(), 1, 2));
    assert_eq!(merged.schedules[1] + merged.merged[1], every.schedules[1], "each placement is run or merged");
    assert!(merged.merged[1] > every.schedules[1] / 5, "much is merged: {:?} of {:?}", merged.merged, every.schedules);
    let first = |certificate: &Certificate| -> Vec<_> {
        certificate.oracles.iter().map(|(oracle, breaking)| (*oracle, breaking.resilience, breaking.first.clone())).collect()
    };
    assert_eq!(first(&merged), first(&every));
    assert_eq!(merged.distinct_ends, every.distinct_ends);
}

#[test]
fn a_certificate_does_not_depend_on_threads() {
    let alphabet = || What::alphabet(&[Group::Controller], SHORT.offered());
    assert_eq!(sweep(&SHORT, alphabet(), 1, 1), sweep(&SHORT, alphabet(), 1, 3));
    let crash = || letters(Group::Controller, "/crash");
    assert_eq!(sweep(&SHORT, crash(), 2, 1), sweep(&SHORT, crash(), 2, 3));
}
