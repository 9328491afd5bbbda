//! Stages and folders of the tests' own.

use explore::{Campaign, Header, Ledger, LedgerError, Search, Seeds, Stage};
use faults::Profile;
use planner::Design;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The planned upgrade under a design, with faults of a profile.
pub fn stage(design: &str, profile: Profile) -> Stage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/hardfork/planned-upgrade.yaml");
    let text: Arc<str> = std::fs::read_to_string(&path).expect("a readable scenario").into();
    staged(&text, design, profile)
}

/// A scenario's text under a design.
pub fn staged(text: &Arc<str>, design: &str, profile: Profile) -> Stage {
    let path = Path::new("scenarios/hardfork/planned-upgrade.yaml");
    let scenario = testbed::scenario::read(path, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let design = Design::preset(design).expect("a preset").with("status-base=refreshed").expect("a decision");
    Stage::set(scenario, text.clone(), design, profile).expect("the scenario settles")
}

/// The image change under blue-green, as faithful as can be: its worlds are short.
pub fn image_change(profile: Profile) -> Stage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/bluegreen/image-change.yaml");
    let text: Arc<str> = std::fs::read_to_string(&path).expect("a readable scenario").into();
    let scenario = testbed::scenario::read(&path, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    Stage::set(scenario, text, Design::preset("blue-green").expect("a preset"), profile).expect("the scenario settles")
}

/// A campaign of seeds on two threads.
pub fn campaign(from: u64, to: u64) -> Campaign {
    Campaign {
        seeds: Seeds { from, to },
        search: Search::Blind,
        jobs: NonZeroUsize::new(2).expect("not 0"),
        twice: false,
        violations: true,
    }
}

/// An empty folder.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("a folder of this test's own");
    }
    folder
}

/// The ledger of a campaign in a folder.
pub fn ledger(folder: &Path, stage: &Stage, campaign: &Campaign) -> Result<Ledger, LedgerError> {
    Ledger::open(folder, stage, &Header::new(stage, campaign.seeds, campaign.twice, 500, "this build".to_owned()).under(campaign.search))
}

/// Every file below a folder with what it holds, but for the lock.
pub fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != ".lock") {
                let content = std::fs::read_to_string(&path).expect("text");
                files.push((path.strip_prefix(folder).expect("below it").to_owned(), content));
            }
        }
    }
    files.sort();
    files
}
