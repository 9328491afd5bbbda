//! On which stage many worlds are run: a design, with changes, in a scenario; and on how many threads.

use super::input::{design, jobs, profile, read_scenario, scenario_for};
use crate::exit::Exit;
use explore::Stage;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// How a stage is named on the command line.
#[derive(clap::Args)]
pub struct StageArguments {
    /// The design under test; rehearse designs lists them.
    #[arg(long)]
    design: String,
    /// Change a decision of the design, as DECISION=VALUE; may be repeated.
    #[arg(long, value_name = "DECISION=VALUE")]
    with: Vec<String>,
    /// The scenario's file [default: the planned upgrade; for a design that answers BlueGreen, the image change].
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// On how many threads [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
}

impl StageArguments {
    /// The stage, with the fault profile of a name.
    ///
    /// # Errors
    /// Why there is none, told already.
    pub fn set(&self, of: &str, json: bool) -> Result<Stage, Exit> {
        let (design, profile) = (design(&self.design, &self.with)?, profile(of)?);
        let file = self.scenario.clone().unwrap_or_else(|| scenario_for(&design));
        let (scenario, text) = read_scenario(&file, json)?;
        Stage::set(scenario, text, design, profile).map_err(|error| {
            eprintln!("rehearse: {}: {error}", file.display());
            Exit::Testbed
        })
    }

    /// The number of threads.
    pub fn jobs(&self) -> NonZeroUsize {
        jobs(self.jobs)
    }
}
