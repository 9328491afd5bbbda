//! What a campaign says does not depend on threads.

use crate::common::{campaign, stage};
use explore::{Campaign, Progress, Stage};
use faults::Profile;
use simcore::stable_hash;
use std::num::NonZeroUsize;

/// Everything that a campaign tells in order, and its sum.
fn told(stage: &Stage, campaign: &Campaign) -> (Vec<String>, Progress) {
    let mut lines = Vec::new();
    let progress = campaign.run(stage, None, &|| false, &mut |_, batch| lines.extend(batch.violations.lines().map(ToOwned::to_owned)));
    (lines, progress.expect("the campaign runs"))
}

#[test]
fn one_thread_and_three_tell_the_same_violations_in_the_same_order() {
    let stage = stage("bootstrap", Profile::Swarm);
    let on = |jobs| told(&stage, &Campaign { jobs: NonZeroUsize::new(jobs).expect("not 0"), ..campaign(0, 120) });
    let ((alone, one), (together, three)) = (on(1), on(3));
    assert_eq!(alone, together);
    assert_eq!(one.tally, three.tally);
    assert_eq!(one.tally.worlds, 120);
    assert!(alone.len() > 50, "faithful designs break laws under chaos: {}", alone.len());
    let seeds: Vec<u64> =
        alone.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["seed"].as_u64().expect("a seed")).collect();
    assert!(seeds.is_sorted(), "by seed");
}

/// The hash of the hashes of 2 000 histories.
fn combined(stage: &Stage, jobs: usize) -> u64 {
    let mut hashes = Vec::new();
    let work = |piece: explore::Seeds| {
        let hash = |seed| stage.run(seed, false).map_or_else(|failure| failure, |result| result.history_hash);
        (piece.from..piece.to).map(hash).collect::<Vec<_>>()
    };
    let seeds = explore::Seeds { from: 0, to: 200 };
    let jobs = NonZeroUsize::new(jobs).expect("not 0");
    explore::in_order(jobs, seeds, &work, |piece| {
        hashes.extend(piece);
        std::ops::ControlFlow::Continue(())
    })
    .expect("threads");
    assert_eq!(hashes.len(), 200);
    stable_hash(&hashes)
}

#[test]
fn two_hundred_swarm_worlds_on_one_thread_and_on_two_have_the_same_histories() {
    let stage = stage("bootstrap", Profile::Swarm);
    assert_eq!(combined(&stage, 1), combined(&stage, 2));
}

#[test]
fn told_to_stop_a_campaign_ends_without_a_gap() {
    let stage = stage("halt-signal", Profile::Light);
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let stop = || asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) >= 40;
    let mut next = 0;
    let progress = campaign(0, 1000)
        .run(&stage, None, &stop, &mut |_, batch| {
            assert_eq!(batch.seeds.from, next);
            next = batch.seeds.to;
        })
        .expect("the campaign runs");
    assert_eq!(progress.tally.worlds, next);
    assert!((1..=40).contains(&next), "{next}");
}
