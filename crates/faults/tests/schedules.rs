//! Schedules that are drawn or written: they print, read back as themselves, and can strike.

use api::Height;
use api::plan::TaskStatus;
use faults::{
    CallTrigger, Fault, Ground, Lapse, Moment, Opportunities, PhaseTrigger, Profile, Schedule, Stretch, TaskTrigger, Trigger, Verb, Worker,
    WriteTrigger, catalogue,
};
use proptest::prelude::*;
use simcore::SimTime;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

const OLD: &str = "sei:v1";
const NEW: &str = "sei:v2";
const START: Height = Height(1000);

fn ground() -> Ground<'static> {
    Ground { group: "rpc", start: START, images: vec![OLD, NEW] }
}

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + Duration::from_secs(seconds)
}

fn create(name: &str) -> CallTrigger {
    let (kind, name) = ("SeiNode".into(), Some(name.into()));
    CallTrigger {
        verb: Verb::Create,
        kind,
        name,
        during: Some("create-entrant-nodes".into()),
        nth: NonZeroU32::MIN,
        moment: Moment::Before,
    }
}

/// A scenario in which everything can strike.
fn rich() -> Opportunities {
    let (all, bootstrap) = (Stretch { from: at(600), to: at(4000) }, Stretch { from: at(610), to: at(3000) });
    let submit = CallTrigger { verb: Verb::Submit, kind: "Sidecar".into(), name: Some("rpc-g2-0".into()), during: None, ..create("") };
    let answer = CallTrigger { verb: Verb::Get, ..submit.clone() };
    let status =
        CallTrigger { verb: Verb::PatchStatus, kind: "SeiNodeDeployment".into(), name: Some("rpc".into()), during: None, ..create("") };
    let task = |of: &str, task: &str| TaskTrigger { of: Some(of.into()), task: task.into(), is: TaskStatus::Complete };
    let phase = |kind: &str, name: &str, is: &str| PhaseTrigger { kind: kind.into(), name: name.into(), is: is.into() };
    Opportunities {
        group: "rpc".into(),
        replicas: 2,
        incumbents: vec!["rpc-0".into(), "rpc-1".into()],
        entrants: vec!["rpc-g2-0".into(), "rpc-g2-1".into()],
        wanted_image: NEW.into(),
        first_image: OLD.into(),
        start_height: START,
        upgrade: Some(Height(9000)),
        snapshots: true,
        load_balancer: true,
        rollout: Some(all),
        bootstraps: vec![("rpc-g2-0".into(), bootstrap), ("rpc-g2-1".into(), bootstrap)],
        switch: Some(Stretch { from: at(3000), to: at(4000) }),
        calls: vec![(at(600), create("rpc-g2-0")), (at(601), create("rpc-g2-1")), (at(700), submit), (at(800), answer), (at(3100), status)],
        writes: vec![(
            at(620),
            WriteTrigger { controller: Worker::Node, of: Some("rpc-g2-0".into()), nth: NonZeroU32::MIN, moment: Moment::Before },
        )],
        tasks: vec![
            (at(605), task("rpc", "submit-halt-signal")),
            (at(900), task("rpc-g2-0", "config-apply")),
            (at(3200), task("rpc", "switch-traffic")),
        ],
        phases: vec![(at(650), phase("Pod", "rpc-g2-0-bootstrap", "Running")), (at(3300), phase("SeiNode", "rpc-g2-0", "Running"))],
        heights: (0..64).map(|n| (at(600 + n * 50), Height(2000 + n * 125))).collect(),
        standings: Vec::new(),
    }
}

/// Opportunities with some of what is rich taken away.
fn poorer(without: u16) -> Opportunities {
    let (mut o, lacks) = (rich(), |bit: u16| without & (1 << bit) != 0);
    let clear: [fn(&mut Opportunities); 11] = [
        |o| o.upgrade = None,
        |o| o.bootstraps.clear(),
        |o| o.switch = None,
        |o| o.calls.clear(),
        |o| o.tasks.clear(),
        |o| o.entrants.clear(),
        |o| o.heights.clear(),
        |o| o.rollout = None,
        |o| (o.load_balancer, o.snapshots) = (false, false),
        |o| o.writes.clear(),
        |o| o.phases.clear(),
    ];
    (0..).zip(clear).filter(|(bit, _)| lacks(*bit)).for_each(|(_, clear)| clear(&mut o));
    o
}

fn reads_back(schedule: &Schedule) {
    let text = serde_json::to_string(schedule).expect("a schedule prints");
    assert_eq!(serde_json::from_str::<Schedule>(&text).expect(&text), *schedule, "{text}");
}

/// A trigger of any sort that the ground allows.
fn trigger() -> impl Strategy<Value = Trigger> {
    let node = prop_oneof![Just("rpc-0"), Just("rpc-17"), Just("rpc-g2-0"), Just("rpc-g40-3")].prop_map(Arc::<str>::from);
    let owned = proptest::option::of(node.clone());
    let status = prop_oneof![Just(TaskStatus::Pending), Just(TaskStatus::Complete), Just(TaskStatus::Failed)];
    let task = prop_oneof![Just("config-apply"), Just("mark-ready"), Just("await-bootstrap-complete")].prop_map(Arc::<str>::from);
    let (nth, moment) = (any::<NonZeroU32>(), prop_oneof![Just(Moment::Before), Just(Moment::After)]);
    let verb = prop_oneof![Just(Verb::Create), Just(Verb::PatchStatus), Just(Verb::Delete), Just(Verb::Write)];
    prop_oneof![
        (0_u64..31_536_000_000_000).prop_map(|micros| Trigger::At(Lapse(Duration::from_micros(micros)))),
        (1001_u64..=10_001_000).prop_map(|height| Trigger::Height(Height(height))),
        (owned.clone(), task.clone(), status).prop_map(|(of, task, is)| Trigger::Task(TaskTrigger { of, task, is })),
        node.clone().prop_map(|name| Trigger::Phase(PhaseTrigger { kind: "SeiNode".into(), name, is: "Failed".into() })),
        (verb, owned.clone(), proptest::option::of(task), nth.clone(), moment.clone()).prop_map(|(verb, name, during, nth, moment)| {
            Trigger::Call(CallTrigger { verb, kind: "SeiNode".into(), name, during, nth, moment })
        }),
        (owned, nth, moment).prop_map(|(of, nth, moment)| Trigger::Write(WriteTrigger { controller: Worker::Node, of, nth, moment })),
    ]
}

proptest! {
    #[test]
    fn every_drawn_schedule_can_strike_and_reads_back_as_itself(seed in any::<u64>(), profile in 0..15_usize, without in any::<u16>()) {
        let profile = Profile::all().nth(profile).expect("one of fifteen");
        let opportunities = if seed % 2 == 0 { rich() } else { poorer(without) };
        let schedule = profile.draw(seed, &opportunities);
        reads_back(&schedule);
        prop_assert_eq!(schedule.check(&ground()), Ok(()), "{:?}", schedule);
        prop_assert_eq!(&schedule, &profile.draw(seed, &opportunities), "the same draw again");
    }

    #[test]
    fn every_trigger_with_every_sort_of_fault_reads_back_as_itself(when in trigger(), seed in any::<u64>()) {
        let drawn = Profile::Heavy.draw(seed, &rich()).0.into_iter();
        let schedule = Schedule(drawn.map(|fault| Fault { when: when.clone(), ..fault }).collect());
        reads_back(&schedule);
        let suits = |fault: &Fault| !fault.what.id().starts_with("api-server/");
        let schedule = Schedule(schedule.0.into_iter().filter(suits).collect());
        prop_assert_eq!(schedule.check(&ground()), Ok(()), "{:?}", schedule);
    }
}

#[test]
fn every_fault_of_the_catalogue_is_drawn_where_everything_can_strike_under_its_own_name() {
    let mut seen = BTreeSet::new();
    for seed in 0..2000 {
        for profile in Profile::all() {
            seen.extend(profile.draw(seed, &rich()).0.into_iter().map(|fault| fault.what.id()));
        }
    }
    let all: BTreeSet<_> = catalogue().map(|(group, kind)| format!("{}/{}", group.name(), kind.name)).collect();
    assert_eq!(seen, all);
    assert_eq!(catalogue().count(), all.len(), "names are unique within a group");
}

#[test]
fn a_profile_goes_by_its_name_and_draws_as_many_faults_as_it_says() {
    for profile in Profile::all() {
        assert_eq!(Profile::named(profile.name()), Ok(profile));
    }
    let counts = |profile: Profile| (0..500).map(|seed| profile.draw(seed, &rich()).0.len()).collect::<BTreeSet<_>>();
    assert_eq!(counts(Profile::None), BTreeSet::from([0]));
    assert_eq!(counts(Profile::Single), BTreeSet::from([1]));
    assert_eq!(counts(Profile::Light), (0..=2).collect());
    assert_eq!(counts(Profile::Heavy), (0..=12).collect());
}
