//! Reading what a person names: files, designs, profiles.

use crate::exit::Exit;
use api::group::StrategyType;
use faults::Profile;
use manifest::Problems;
use planner::Design;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use testbed::scenario::Scenario;

/// Says why something cannot be done as asked.
pub fn refuse(why: &str) -> Exit {
    eprintln!("rehearse: {why}");
    Exit::Usage
}

/// Which build this is, for what must not be taken for another's.
pub fn this_build() -> Result<String, Exit> {
    crate::code::code().map_err(|error| refuse(&format!("the program's own file cannot be read: {error}")))
}

/// Reads a file, or says why it cannot be read.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Exit> {
    std::fs::read(path).map_err(|error| refuse(&format!("{}: {error}", path.display())))
}

/// Tells what is wrong with a file.
pub fn tell(problems: &Problems, json: bool) -> Exit {
    if json {
        crate::exit::print_json(&serde_json::json!({ "version": 1, "problems": problems.list }));
    } else {
        eprintln!("{problems}");
    }
    Exit::Usage
}

/// Reads a scenario's file; gives its text too.
pub fn read_scenario(path: &Path, json: bool) -> Result<(Scenario, Arc<str>), Exit> {
    let bytes = read_file(path)?;
    let scenario = testbed::scenario::read(path, &bytes).map_err(|problems| tell(&problems, json))?;
    let text = String::from_utf8(bytes).expect("a scenario that was read is text");
    Ok((scenario, text.into()))
}

/// The scenario that a design is explored in if none is named: one whose group has the strategy that the design answers.
pub fn scenario_for(design: &Design) -> PathBuf {
    PathBuf::from(match design.answers {
        StrategyType::BlueGreen => "scenarios/bluegreen/image-change.yaml",
        _ => "scenarios/hardfork/planned-upgrade.yaml",
    })
}

/// The design of a name, with decisions changed.
pub fn design(name: &str, changes: &[String]) -> Result<Design, Exit> {
    let mut design = Design::preset(name).map_err(|why| refuse(&format!("--design: {why}")))?;
    for change in changes {
        design = design.with(change).map_err(|why| refuse(&format!("--with: {why}")))?;
    }
    Ok(design)
}

/// The fault profile of a name.
pub fn profile(name: &str) -> Result<Profile, Exit> {
    Profile::named(name).map_err(|why| refuse(&format!("--profile: {why}")))
}

/// How many threads are asked for: one a core, if nothing is said.
pub fn jobs(asked: Option<u16>) -> NonZeroUsize {
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    asked.and_then(|jobs| NonZeroUsize::new(usize::from(jobs))).unwrap_or(cores)
}

/// Refuses two forms of one report.
pub fn one_form(json: bool, markdown: bool) -> Result<(), Exit> {
    if json && markdown {
        return Err(refuse("--markdown and --json are two forms of one report; expected one of them"));
    }
    Ok(())
}
