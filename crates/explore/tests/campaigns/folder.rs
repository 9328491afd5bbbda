//! The folder of a campaign: it goes on where it was, and refuses what it does not understand.

use crate::common::{campaign, files, folder, ledger, stage, staged};
use explore::{Campaign, CorpusFile, Header, Ledger, LedgerError, Stage, Tally};
use faults::Profile;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use testbed::Settled;
use testbed::history::History;
use testbed::world::Polls;

/// Runs a campaign in a folder, until about so many worlds are done.
fn run(folder: &Path, stage: &Stage, campaign: &Campaign, worlds: usize) -> Tally {
    let mut ledger = ledger(folder, stage, campaign).expect("a folder for it");
    let asked = AtomicUsize::new(0);
    let stop = || asked.fetch_add(1, Ordering::SeqCst) >= worlds;
    campaign.run(stage, Some(&mut ledger), &stop, &mut |_, _| ()).expect("the campaign runs").tally
}

/// The corpus alone: how the journal cuts the seeds into pieces is no result.
fn corpus(folder: &Path) -> Vec<(std::path::PathBuf, String)> {
    files(&folder.join("corpus"))
}

#[test]
fn stopped_again_and_again_a_campaign_ends_like_one_that_never_was() {
    let stage = stage("bootstrap", Profile::Light);
    let campaign = campaign(10, 130);
    let (whole, parts) = (folder("whole"), folder("parts"));
    let at_once = run(&whole, &stage, &campaign, usize::MAX);
    let mut runs = 0;
    let in_parts = loop {
        runs += 1;
        let tally = run(&parts, &stage, &campaign, 17);
        if tally.worlds == 120 {
            break tally;
        }
        assert!(runs < 100, "every run does something");
    };
    assert!(runs > 3, "it was stopped: {runs}");
    assert_eq!(at_once, in_parts);
    assert_eq!(corpus(&whole), corpus(&parts));
    assert!(corpus(&whole).len() > 5, "there is something in it");
}

#[test]
fn every_file_of_a_corpus_is_the_world_that_it_tells_of() {
    let stage = stage("bootstrap", Profile::Swarm);
    let folder = folder("replayed");
    run(&folder, &stage, &campaign(0, 40), usize::MAX);
    let files = corpus(&folder);
    assert!(files.len() > 10, "{}", files.len());
    for (name, text) in files {
        let file = CorpusFile::read(&name, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(file.design, stage.design);
        let settled = Settled::new(&file.scenario, &file.design, Polls::Elided).expect("it settles");
        let result = settled.run_under(file.found.seed, &file.found.faults, History::default()).expect("it runs");
        assert_eq!(result.history_hash, file.found.history_hash, "{}", name.display());
        let violation = result.violations.iter().find(|violation| violation.oracle == file.found.oracle).expect("the oracle is violated");
        assert_eq!(violation.finding.message, file.found.message);
    }
}

#[test]
fn a_line_that_was_cut_short_is_run_again() {
    let stage = stage("bootstrap", Profile::Light);
    let campaign = campaign(0, 60);
    let (whole, torn) = (folder("never-torn"), folder("torn"));
    let expected = run(&whole, &stage, &campaign, usize::MAX);
    run(&torn, &stage, &campaign, usize::MAX);
    let journal = torn.join("journal");
    for cut in [1, 20, 500] {
        let text = std::fs::read_to_string(&journal).expect("a journal");
        std::fs::write(&journal, &text[..text.len() - cut]).expect("writable");
        let opened = ledger(&torn, &stage, &campaign).expect("a torn line is no obstacle");
        assert!(opened.repaired() > 0, "{cut}");
        assert!(opened.to_do().is_some(), "some worlds are to be run again");
        drop(opened);
        assert_eq!(run(&torn, &stage, &campaign, usize::MAX), expected);
        assert_eq!(corpus(&torn), corpus(&whole));
    }
}

#[test]
fn a_journal_or_a_corpus_that_someone_changed_is_refused_and_left_alone() {
    let stage = stage("bootstrap", Profile::Light);
    let (campaign, folder) = (campaign(0, 60), folder("changed"));
    run(&folder, &stage, &campaign, usize::MAX);
    let refused = |path: &Path, text: &str, by: &str| {
        let before = std::fs::read_to_string(path).expect("text");
        assert!(before.contains(text), "{text}");
        std::fs::write(path, before.replacen(text, by, 1)).expect("writable");
        let all = files(&folder);
        let error = ledger(&folder, &stage, &campaign).err().expect("it is refused");
        assert!(matches!(error, LedgerError::Corrupt { .. }), "{error}");
        assert_eq!(files(&folder), all, "nothing is written");
        std::fs::write(path, before).expect("writable");
        error.to_string()
    };
    let told = refused(&folder.join("journal"), "\"worlds\":", "\"words\":");
    assert!(told.contains("journal: line 2: this line is not what was written"), "{told}");
    let (name, _) = corpus(&folder).remove(0);
    let file = folder.join("corpus").join(&name);
    let told = refused(&file, "seed: ", "sead: ");
    assert!(told.contains(&format!("{}", name.display())) && told.contains("sead"), "{told}");
    let told = refused(&file, "message: ", "message: not ");
    assert!(told.contains("another violation than the journal"), "{told}");
    // Deleted files are drawn from the journal again.
    let before = corpus(&folder);
    std::fs::remove_dir_all(folder.join("corpus")).expect("removable");
    drop(ledger(&folder, &stage, &campaign).expect("a corpus that is gone is no obstacle"));
    assert_eq!(corpus(&folder), before);
}

#[test]
fn another_campaign_in_the_same_folder_is_refused_with_what_is_different() {
    let (light, swarm) = (stage("bootstrap", Profile::Light), stage("bootstrap", Profile::Swarm));
    let (campaign, folder) = (campaign(0, 20), folder("taken"));
    run(&folder, &light, &campaign, usize::MAX);
    let all = files(&folder);
    let refused = |stage: &Stage, campaign: &Campaign, code: &str, expected: &str| {
        let header = Header::new(stage, campaign.seeds, campaign.twice, 500, code.to_owned());
        let told = Ledger::open(&folder, stage, &header).err().expect("it is refused").to_string();
        assert!(told.contains(expected) && told.contains("journal"), "{told}");
        assert_eq!(files(&folder), all, "nothing is written");
    };
    let longer = Campaign { seeds: explore::Seeds { from: 0, to: 21 }, ..campaign };
    refused(&swarm, &campaign, "this build", "--profile is light there, and swarm here");
    refused(&light, &longer, "this build", "--seeds is 0..20 there, and 0..21 here");
    refused(&light, &campaign, "that build", "the build of rehearse, which is another, is this build there");
    refused(&light, &Campaign { twice: true, ..campaign }, "this build", "--check-determinism is false there");
    let edited = staged(&format!("{}\n# A remark.\n", light.text).into(), "bootstrap", Profile::Light);
    refused(&edited, &campaign, "this build", "the scenario's text, which has been changed");
}

#[test]
fn a_folder_is_for_one_process_at_a_time() {
    let stage = stage("bootstrap", Profile::None);
    let (campaign, folder) = (campaign(0, 2), folder("busy"));
    let held = ledger(&folder, &stage, &campaign).expect("a folder for it");
    assert!(matches!(ledger(&folder, &stage, &campaign), Err(LedgerError::Busy(_))));
    drop(held);
    assert!(ledger(&folder, &stage, &campaign).is_ok());
}

#[test]
fn shapes_beyond_the_limit_are_counted_and_not_kept() {
    let stage = stage("bootstrap", Profile::Swarm);
    let (campaign, folder) = (campaign(0, 60), folder("limited"));
    let header = Header::new(&stage, campaign.seeds, false, 3, "this build".to_owned());
    let mut ledger = Ledger::open(&folder, &stage, &header).expect("a folder for it");
    campaign.run(&stage, Some(&mut ledger), &|| false, &mut |_, _| ()).expect("the campaign runs");
    let of = |oracle: &str| corpus(&folder).iter().filter(|(name, _)| name.to_string_lossy().starts_with(oracle)).count();
    assert_eq!(of("not-converged"), 3);
    assert!(ledger.unkept() > 0);
    let hits: u64 = corpus(&folder).iter().map(|(name, text)| CorpusFile::read(name, text.as_bytes()).expect("readable").hits).sum();
    let found: u64 = ledger.tally().oracles.values().map(|broken| broken.worlds).sum();
    assert_eq!(hits + ledger.unkept(), found, "every world with a violation is counted once");
}
