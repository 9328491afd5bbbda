//! What happens to a rollout when the operator's own process dies, is stopped or stalls.

use crate::common;

use simcore::SimTime;
use std::time::Duration;
use testbed::Settled;
use testbed::history::{Entry, History, Stored};
use testbed::scenario::{self, Scenario};
use testbed::world::{Polls, World};

/// The patch release with one more action; the operator notices the new image at 10 min.
fn with_action(action: &str) -> Scenario {
    let file = common::root().join("scenarios/bluegreen/image-change.yaml");
    let text = std::fs::read_to_string(&file).expect("a scenario").replace("\nruns:", &format!("  - {action}\n\nruns:"));
    scenario::read(&file, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn settled(scenario: &Scenario, polls: Polls) -> Settled {
    Settled::new(scenario, &scenario.runs[0].design, polls).expect("the scenario settles")
}

/// The world a while after its start.
fn after(scenario: &Scenario, wait: Duration) -> World {
    let mut world = settled(scenario, Polls::Elided).world(1, History::kept());
    world.run_until(Some(SimTime::ZERO + wait));
    world
}

/// When the operator's process did what is said of it.
fn moments(world: &World, said: &str) -> Vec<SimTime> {
    let says = |entry: &Entry| matches!(entry, Entry::Operator { what } if *what == said);
    world.look(|sim| sim.history().entries().iter().filter(|(_, entry)| says(entry)).map(|(at, _)| *at).collect())
}

fn leads(world: &World) -> Vec<SimTime> {
    moments(world, "is started again and leads")
}

const KILLED_AT: SimTime = SimTime::from_micros(601_000_000);

#[test]
fn a_killed_process_leaves_its_lease_to_run_out() {
    let world = after(&with_action("{ at: 601s, restartOperator: crash }"), Duration::from_secs(700));
    let [led] = leads(&world)[..] else { panic!("one successor") };
    assert!((Duration::from_secs(16)..Duration::from_secs(23)).contains(&led.since(KILLED_AT)), "{led}");
}

#[test]
fn a_stopped_process_gives_its_lease_back() {
    let world = after(&with_action("{ at: 601s, restartOperator: stop }"), Duration::from_secs(700));
    let [led] = leads(&world)[..] else { panic!("one successor") };
    assert!((Duration::from_secs(1)..=Duration::from_secs(3)).contains(&led.since(KILLED_AT)), "{led}");
}

#[test]
fn the_operator_writes_nothing_between_a_crash_and_the_next_leader() {
    let world = after(&with_action("{ at: 601s, restartOperator: crash }"), Duration::from_secs(3600));
    let [led] = leads(&world)[..] else { panic!("one successor") };
    let in_flight = KILLED_AT + Duration::from_millis(20);
    let calls = |from: SimTime, to: SimTime| {
        let within = |at: SimTime| at > from && at < to;
        world.look(|sim| sim.history().entries().iter().filter(|(at, entry)| within(*at) && matches!(entry, Entry::Call { .. })).count())
    };
    assert_eq!(calls(in_flight, led), 0);
    assert!(calls(led, SimTime::MAX) > 0, "the next leader takes the rollout up");
}

/// The create of an entrant is on its way when its sender dies: it lands all the same, and the successor finds the entrant there.
#[test]
fn a_call_in_flight_at_a_crash_still_lands() {
    let undisturbed = after(&with_action("{ at: 11h, restartOperator: stop }"), Duration::from_secs(700));
    let created = first_entrant(&undisturbed).expect("an entrant");
    let world = after(&with_action(&format!("{{ at: {}ms, restartOperator: crash }}", created.micros() / 1000)), Duration::from_secs(700));
    assert_eq!(first_entrant(&world), Some(created));
    assert!(leads(&world)[0] > created, "it landed while nobody led");
}

fn first_entrant(world: &World) -> Option<SimTime> {
    let is_entrant = |entry: &Entry| match entry {
        Entry::Stored { how: Stored::Created, kind: "SeiNode", name, .. } => name.contains("-g2-"),
        _ => false,
    };
    world.look(|sim| sim.history().entries().iter().find(|(_, entry)| is_entrant(entry)).map(|(at, _)| *at))
}

#[test]
fn a_short_stall_costs_the_process_nothing_but_time() {
    let world = after(&with_action("{ at: 601s, stallOperator: 9s }"), Duration::from_secs(700));
    assert!(leads(&world).is_empty() && moments(&world, "loses its lease and ends").is_empty());
}

#[test]
fn a_process_that_stalled_beyond_its_renew_deadline_ends_when_it_comes_back() {
    let world = after(&with_action("{ at: 601s, stallOperator: 60s }"), Duration::from_secs(700));
    let [lost] = moments(&world, "loses its lease and ends")[..] else { panic!("one process ends") };
    let [led] = leads(&world)[..] else { panic!("one successor") };
    let resumed = KILLED_AT + Duration::from_secs(60);
    assert!(lost > resumed && lost.since(resumed) <= Duration::from_millis(50));
    assert!(led.since(lost) <= Duration::from_secs(3), "nobody had taken the lease, so it was given back");
}

/// Long enough, and the pod is replaced: then two processes believe that they lead.
#[test]
fn a_process_that_comes_back_after_its_replacement_leads_is_effective_beside_it() {
    let world = after(&with_action("{ at: 600100ms, stallOperator: 10min }"), Duration::from_secs(1300));
    let [led] = leads(&world)[..] else { panic!("one successor") };
    let [lost] = moments(&world, "loses its lease and ends")[..] else { panic!("the former leader ends") };
    assert!(led < lost, "for a moment there were two");
}

#[test]
fn eliding_polls_changes_nothing_when_processes_end_and_stall() {
    for action in ["{ at: 611s, restartOperator: crash }", "{ at: 620s, stallOperator: 9s }", "{ at: 630s, stallOperator: 10min }"] {
        let scenario = with_action(action);
        let run = |polls| settled(&scenario, polls).run(3, History::default()).expect("the testbed does not fail");
        let (elided, made) = (run(Polls::Elided), run(Polls::Made));
        assert_eq!(elided.history_hash, made.history_hash, "{action}");
        assert_eq!(elided.counters.all_reconciles(), made.counters.all_reconciles(), "{action}");
    }
}
