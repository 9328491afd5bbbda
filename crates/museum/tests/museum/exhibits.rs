//! What is on show: named once, seen by its own oracle where it says, and not by the faithful design's fault.

use faults::{Profile, Schedule};
use museum::{Exhibit, Mutation, Pair, Shown, all};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;
use testbed::history::History;

#[test]
fn there_are_at_least_thirty_exhibits_each_with_a_name_of_its_own_and_an_oracle_that_exists() {
    let exhibits = all();
    let names: BTreeSet<&str> = exhibits.iter().map(|exhibit| exhibit.name).collect();
    assert_eq!(names.len(), exhibits.len(), "names are unique");
    assert!(exhibits.len() >= 30, "{}", exhibits.len());
    for exhibit in &exhibits {
        assert!(oracles::LAWS.iter().any(|law| law.id == exhibit.oracle), "{}: there is no oracle {}", exhibit.name, exhibit.oracle);
        assert!(!exhibit.bends.is_empty() && exhibit.defect.ends_with('.'), "{}", exhibit.name);
    }
}

#[test]
fn each_way_to_break_an_operator_has_made_an_exhibit() {
    for mutation in Mutation::ALL {
        assert!(all().iter().any(|exhibit| exhibit.mutation == mutation), "{}", mutation.name());
    }
}

#[test]
fn every_exhibit_is_seen_by_its_own_oracle_in_the_world_that_it_names_and_the_faithful_design_is_not_seen_there() {
    let wrong: Vec<String> = all().iter().filter_map(|exhibit| is_as_shown(exhibit).err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn is_as_shown(exhibit: &Exhibit) -> Result<(), String> {
    let base = exhibit.base.stage(Profile::Swarm).expect("the base settles");
    let (seed, schedule) = match exhibit.shown {
        Shown::FaultFree(seed) => (seed, base.scenario.schedule.clone()),
        Shown::Swarm(seed) => (seed, base.schedule(seed)),
        Shown::TwoFaults(_) => return Ok(()),
    };
    let variant = exhibit.stage(Profile::Swarm).expect("the variant settles");
    let broken = |stage: &explore::Stage, schedule: &Schedule| {
        stage.settled.run_under(seed, schedule, History::default()).expect("the testbed does not fail").broken()
    };
    let (faithful, bent) = (broken(&base, &schedule), broken(&variant, &schedule));
    if bent.contains(exhibit.oracle) && !faithful.contains(exhibit.oracle) {
        return Ok(());
    }
    Err(format!("{}: {} in {:?}: variant {bent:?}, faithful {faithful:?}", exhibit.name, exhibit.oracle, exhibit.shown))
}

#[test]
fn the_planted_defect_is_found_by_a_sweep_of_two_faults_and_not_by_one_of_single_faults() {
    let pair = Pair::sweep(&museum::RETRIES_FROM_MEMORY, 1, NonZeroUsize::new(2).expect("not 0")).expect("it runs").expect("it is a pair");
    assert_eq!((pair.variant.failed.len(), pair.base.failed.len()), (0, 0));
    assert!(pair.variant.schedules[1] > 20 && pair.variant.schedules[2] > 400, "{:?}", pair.variant.schedules);
    assert_eq!((pair.showing(0), pair.showing(1)), (0, 0), "no single fault shows it");
    assert!(pair.showing(2) > 0 && pair.holds());
    assert!(!pair.base.oracles.contains_key("replica-count"), "the faithful design withstands every pair: {:?}", pair.base.oracles);
    assert_eq!(pair.variant.oracles["replica-count"].first.0.len(), 2);
}

#[test]
fn the_document_lists_the_exhibits_as_they_are() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/museum.md");
    let document = std::fs::read_to_string(file).expect("docs/museum.md");
    let table = museum::list_markdown(&all());
    assert!(document.contains(&table), "docs/museum.md: expected the output of `rehearse museum --list --markdown`:\n{table}");
}
