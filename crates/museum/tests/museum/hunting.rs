//! The hunt: the same on any number of threads, blind to what is no defect, and not taken in by luck.

use faults::Profile;
use museum::{Census, Exhibit, Hunt, Report, Strategy, all, bases};
use std::num::NonZeroUsize;
use testbed::history::History;

fn exhibit(name: &str) -> Exhibit {
    all().into_iter().find(|exhibit| exhibit.name == name).expect("an exhibit of that name")
}

fn hunt(exhibits: &[Exhibit], budget: u64, jobs: usize) -> Report {
    let jobs = NonZeroUsize::new(jobs).expect("not 0");
    Report::of(Hunt { seed: 0, budget, jobs }, exhibits, &|_| ()).expect("it runs")
}

#[test]
fn a_hunt_comes_to_the_same_on_one_thread_and_on_three() {
    let exhibits = ["never-scales-down", "failed-node-tries-again", "restores-the-newest-snapshot", "gone-is-an-error"].map(exhibit);
    let [one, three] = [1, 3].map(|jobs| museum::to_json(&hunt(&exhibits, 12, jobs)));
    assert_eq!(one, three);
}

#[test]
fn a_variant_that_is_bent_nowhere_has_the_histories_of_the_faithful_design() {
    for base in bases(&all()) {
        let unbent = Exhibit { base, bends: &[], ..exhibit("no-gates") };
        let (faithful, variant) = (base.stage(Profile::Swarm).expect("it settles"), unbent.stage(Profile::Swarm).expect("it settles"));
        for seed in 0..3 {
            let schedule = faithful.schedule(seed);
            assert_eq!(variant.schedule(seed), schedule);
            let [one, other] = [&faithful, &variant].map(|stage| stage.settled.run_under(seed, &schedule, History::default()));
            let (one, other) = (one.expect("no failure"), other.expect("no failure"));
            assert_eq!(one.history_hash, other.history_hash, "{} under {}, seed {seed}", base.scenario, base.design_name());
        }
    }
}

#[test]
fn what_is_no_defect_escapes_every_strategy_and_says_so() {
    let unbent = Exhibit { bends: &[], ..exhibit("no-gates") };
    let report = hunt(&[unbent], 20, 2);
    assert_eq!(report.undetected(), ["no-gates"]);
    assert!(report.hunted[0].seen_by.is_empty());
    assert_eq!(Strategy::ALL.map(|strategy| report.median(strategy)), [None; 3]);
    assert!(museum::text(&report).contains("1 of 1 exhibits escaped: no-gates"));
}

#[test]
fn an_oracle_that_no_other_one_stands_in_for_is_told_with_what_would_escape() {
    let report = hunt(&["never-scales-down", "image-is-no-change"].map(exhibit), 40, 2);
    assert_eq!(report.seen_only_by("replica-count"), ["never-scales-down"]);
    assert!(report.seen_by("lineage-diverged") == ["image-is-no-change"] && report.seen_only_by("lineage-diverged").is_empty());
    assert_eq!(report.undetected(), [""; 0]);
    assert_eq!(report.hunted[0].after(Strategy::Sweep), Some(1), "the first world of a sweep has no fault");
}

#[test]
fn a_difference_in_an_oracle_that_the_faithful_design_sets_off_too_counts_only_beyond_luck() {
    let worlds = |variant_only: usize, base_only: usize, both: usize| {
        let mut census = Census::default();
        let (broken, quiet) = (["no-endpoint"].into(), [].into());
        (0..variant_only).for_each(|_| census.add(&broken, &quiet));
        (0..base_only).for_each(|_| census.add(&quiet, &broken));
        (0..both).for_each(|_| census.add(&broken, &broken));
        census
    };
    assert!(worlds(1, 0, 0).of("no-endpoint").tells(), "the faithful design never violates it");
    assert!(!worlds(10, 0, 1).of("no-endpoint").tells() && worlds(11, 0, 1).of("no-endpoint").tells());
    assert!(!worlds(20, 8, 0).of("no-endpoint").tells() && worlds(20, 3, 0).of("no-endpoint").tells());
    assert!(!worlds(0, 40, 0).of("no-endpoint").tells(), "seen less often is not seen");
    assert!(worlds(0, 0, 0).trusts("no-endpoint") && !worlds(0, 1, 0).trusts("no-endpoint"));
}
