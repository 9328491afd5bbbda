//! Which world is meant: that of a corpus file, or that of a scenario, a design, a seed and its faults.

use super::input::{design, profile, read_file, read_scenario, refuse, tell};
use crate::exit::Exit;
use explore::{CorpusFile, Stage, tried};
use faults::{Profile, Schedule};
use planner::Design;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use testbed::Settled;
use testbed::scenario::Scenario;
use testbed::world::Polls;

/// How a world is named on the command line.
#[derive(clap::Args)]
pub struct WorldArguments {
    /// A file of a corpus.
    #[arg(required_unless_present = "scenario", conflicts_with_all = ["scenario", "design", "with", "seed", "profile", "faults"])]
    file: Option<PathBuf>,
    /// The scenario's file.
    #[arg(long, value_name = "FILE", requires_all = ["design", "seed"])]
    scenario: Option<PathBuf>,
    /// The design.
    #[arg(long, requires = "scenario")]
    design: Option<String>,
    /// Change a decision of the design, as DECISION=VALUE; may be repeated.
    #[arg(long, value_name = "DECISION=VALUE", requires = "design")]
    with: Vec<String>,
    /// The world's seed.
    #[arg(long, requires = "scenario")]
    seed: Option<u64>,
    /// The fault profile by which its faults are drawn.
    #[arg(long, requires = "scenario")]
    profile: Option<String>,
    /// A file with the list `faults`, beside those that the scenario names, instead of a profile.
    #[arg(long, value_name = "FILE", requires = "scenario", conflicts_with = "profile")]
    faults: Option<PathBuf>,
}

/// A world, about to be run.
pub struct Chosen {
    /// Its scenario, with the text of that.
    pub scenario: Scenario,
    /// See there.
    pub text: Arc<str>,
    /// The design.
    pub design: Design,
    /// The seed.
    pub seed: u64,
    /// All its faults.
    pub schedule: Schedule,
    /// The scenario at its start.
    pub settled: Settled,
    /// The file that it is from, with what that says.
    pub recorded: Option<(PathBuf, CorpusFile)>,
}

impl WorldArguments {
    /// The world that is meant.
    ///
    /// # Errors
    /// Why there is none, told already.
    pub fn choose(&self, json: bool) -> Result<Chosen, Exit> {
        match &self.file {
            Some(file) => recorded(file, json),
            None => self.drawn(json),
        }
    }

    /// The world of a seed.
    fn drawn(&self, json: bool) -> Result<Chosen, Exit> {
        let (Some(file), Some(name), Some(seed)) = (&self.scenario, &self.design, self.seed) else {
            return Err(refuse("expected a file, or --scenario, --design, --seed and --profile or --faults"));
        };
        let of = match (&self.profile, &self.faults) {
            (Some(of), _) => of.as_str(),
            (None, Some(_)) => Profile::None.name(),
            (None, None) => return Err(refuse("expected --profile or --faults: by which faults are drawn, or which they are")),
        };
        let (design, profile) = (design(name, &self.with)?, profile(of)?);
        let (scenario, text) = read_scenario(file, json)?;
        let named = self.faults.as_deref().map(|file| faults_of(file, &scenario, json)).transpose()?;
        let stage = Stage::set(scenario, text, design, profile).map_err(|error| unsettled(&error.to_string()))?;
        let mut schedule = stage.schedule(seed);
        schedule.0.extend(named.into_iter().flat_map(|named| named.0));
        let Stage { scenario, text, design, settled, .. } = stage;
        Ok(Chosen { scenario, text, design, seed, schedule, settled, recorded: None })
    }
}

/// The world of a corpus file.
fn recorded(path: &Path, json: bool) -> Result<Chosen, Exit> {
    let bytes = read_file(path)?;
    let file = CorpusFile::read(path, &bytes).map_err(|problems| tell(&problems, json))?;
    let (scenario, text, design) = (file.scenario.clone(), file.text.clone(), file.design.clone());
    let settled = tried(|| Settled::new(&scenario, &design, Polls::Elided)).map_err(|what| unsettled(&what))?;
    let (seed, schedule) = (file.found.seed, file.found.faults.clone());
    Ok(Chosen { scenario, text, design, seed, schedule, settled, recorded: Some((path.to_owned(), file)) })
}

/// The faults of a schedule's file.
fn faults_of(file: &Path, scenario: &Scenario, json: bool) -> Result<Schedule, Exit> {
    let bytes = read_file(file)?;
    testbed::scenario::read_schedule(file, &bytes, scenario).map_err(|problems| tell(&problems, json))
}

fn unsettled(what: &str) -> Exit {
    eprintln!("rehearse: {what}");
    Exit::Testbed
}
