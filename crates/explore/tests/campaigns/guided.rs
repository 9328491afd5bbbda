//! Guided search: the same on any number of threads and after a stop, replayable, and worth it.

use crate::common::{campaign, files, folder, image_change, ledger, stage};
use explore::{Campaign, CorpusFile, Coverage, GENERATION, Guided, Header, Ledger, Progress, Search, Seeds, Stage};
use faults::{Profile, Schedule};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use testbed::history::History;

fn guided(to: u64) -> Campaign {
    Campaign { search: Search::Guided, ..campaign(0, to) }
}

/// Everything that a campaign tells in order, and how far it came.
fn told(stage: &Stage, campaign: &Campaign) -> (Vec<String>, Progress) {
    let mut lines = Vec::new();
    let progress = campaign.run(stage, None, &|| false, &mut |_, batch| lines.extend(batch.violations.lines().map(ToOwned::to_owned)));
    (lines, progress.expect("the campaign runs"))
}

/// Runs a campaign in a folder, until about so many worlds are done.
fn run(folder: &Path, stage: &Stage, campaign: &Campaign, worlds: usize) -> Progress {
    let mut ledger = ledger(folder, stage, campaign).expect("a folder for it");
    let asked = AtomicUsize::new(0);
    let stop = || asked.fetch_add(1, Ordering::SeqCst) >= worlds;
    campaign.run(stage, Some(&mut ledger), &stop, &mut |_, _| ()).expect("the campaign runs")
}

fn coverage(progress: &Progress) -> &Coverage {
    progress.coverage.as_ref().expect("states are counted")
}

#[test]
fn a_guided_search_on_one_thread_and_on_three_is_the_same_search() {
    let stage = image_change(Profile::Swarm);
    let on = |jobs| told(&stage, &Campaign { jobs: NonZeroUsize::new(jobs).expect("not 0"), ..guided(GENERATION + 60) });
    let ((alone, one), (together, three)) = (on(1), on(3));
    assert_eq!(alone, together);
    assert_eq!(one.tally, three.tally);
    assert_eq!(coverage(&one), coverage(&three));
    assert_eq!((one.tally.worlds, one.tally.failures), (GENERATION + 60, 0));
}

#[test]
fn counting_states_changes_no_world_and_the_first_generation_is_drawn() {
    let stage = image_change(Profile::Swarm);
    let under = |search| told(&stage, &Campaign { search, ..campaign(0, 120) });
    let ((blind, plain), (covered, watched), (bred, first)) = (under(Search::Blind), under(Search::Covered), under(Search::Guided));
    assert_eq!((&blind, &plain.tally), (&covered, &watched.tally));
    assert_eq!((&blind, &plain.tally), (&bred, &first.tally));
    assert_eq!(plain.coverage, None);
    assert_eq!(coverage(&watched), coverage(&first));
    assert_eq!(coverage(&watched).worlds(), 120);
    let twice = told(&stage, &Campaign { twice: true, search: Search::Covered, ..campaign(0, 12) });
    assert_eq!(twice.1.coverage, told(&stage, &Campaign { search: Search::Covered, ..campaign(0, 12) }).1.coverage);
}

#[test]
fn a_guided_search_reaches_more_states_and_shapes_of_violations_than_the_profile_alone() {
    let stage = image_change(Profile::Swarm);
    let under = |search| told(&stage, &Campaign { search, ..campaign(0, 4 * GENERATION) }).1;
    let (drawn, bred) = (under(Search::Covered), under(Search::Guided));
    let (drawn, bred) = (coverage(&drawn), coverage(&bred));
    assert!(bred.states() * 4 > drawn.states() * 5, "{} drawn, {} bred", drawn.states(), bred.states());
    assert!(bred.shapes() * 10 > drawn.shapes() * 11, "{} drawn, {} bred", drawn.shapes(), bred.shapes());
    let [of_drawn, of_bred] = [drawn, bred].map(|coverage| coverage.unseen().expect("an estimate"));
    assert!(of_bred.mass < of_drawn.mass, "{of_drawn:?} {of_bred:?}");
}

#[test]
fn every_file_that_a_guided_search_leaves_is_the_world_that_it_tells_of() {
    let stage = image_change(Profile::Swarm);
    let folder = folder("guided-replayed");
    let campaign = Campaign { seeds: Seeds { from: 0, to: GENERATION + 80 }, ..guided(0) };
    run(&folder, &stage, &campaign, usize::MAX);
    let mut bred = 0;
    for (name, text) in files(&folder.join("corpus")) {
        let file = CorpusFile::read(&name, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
        if file.found.seed < GENERATION {
            continue;
        }
        bred += usize::from(file.found.faults != stage.schedule(file.found.seed));
        assert_eq!((&file.design, &file.text), (&stage.design, &stage.text));
        let result = stage.settled.run_under(file.found.seed, &file.found.faults, History::default()).expect("it runs");
        assert_eq!(result.history_hash, file.found.history_hash, "{}", name.display());
    }
    assert!(bred > 20, "{bred}");
}

#[test]
fn stopped_again_and_again_a_guided_search_ends_like_one_that_never_was() {
    let stage = stage("bootstrap", Profile::Light);
    let campaign = guided(GENERATION + 60);
    let (whole, parts) = (folder("guided-whole"), folder("guided-parts"));
    let at_once = run(&whole, &stage, &campaign, usize::MAX);
    let mut runs = 0;
    let in_parts = loop {
        runs += 1;
        let progress = run(&parts, &stage, &campaign, 80 * runs);
        if progress.tally.worlds == GENERATION + 60 {
            break progress;
        }
        assert!(runs < 20, "every run comes farther");
    };
    assert!(runs > 2, "it was stopped: {runs}");
    assert_eq!(at_once.tally, in_parts.tally);
    assert_eq!(at_once.coverage, in_parts.coverage);
    assert_eq!(files(&whole.join("corpus")), files(&parts.join("corpus")));
    // What worlds a guided search runs is another thing than what a plain one does.
    let header = |search| Header::new(&stage, campaign.seeds, campaign.twice, 500, "this build".to_owned()).under(search);
    let told = Ledger::open(&whole, &stage, &header(Search::Covered)).err().expect("it is refused").to_string();
    assert!(told.contains("--guided is true there, and false here"), "{told}");
}

#[test]
fn a_search_for_something_ends_at_the_first_world_that_shows_it() {
    let stage = image_change(Profile::Swarm);
    let seeds = Seeds { from: 5, to: 5 + 4 * GENERATION };
    let (worlds, found) = Guided::find(&stage, seeds, |result| result.broken().contains("plan-regression")).expect("it is shown");
    assert_eq!(found.seed, seeds.from + worlds - 1);
    let schedule = Schedule(found.faults.iter().map(|record| record.fault.clone()).collect());
    let again = stage.run_under(found.seed, &schedule, false).expect("the testbed does not fail");
    assert_eq!(again.history_hash, found.history_hash);
    let mut seen = 0;
    let none = Guided::find(&stage, Seeds { from: 0, to: 20 }, |_| {
        seen += 1;
        false
    });
    assert_eq!((none.is_none(), seen), (true, 20));
}
