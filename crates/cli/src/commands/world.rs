//! Which worlds a command is about: scenario, design and profile, as the command line names them.

use super::input::{read_file, tell};
use crate::exit::Exit;
use faults::Profile;
use planner::Design;
use std::path::PathBuf;
use testbed::scenario::Scenario;

/// Arguments that choose worlds.
#[derive(clap::Args)]
pub struct Which {
    /// The design.
    #[arg(long)]
    design: Option<String>,
    /// Change a decision of the design, as DECISION=VALUE; may be repeated.
    #[arg(long, requires = "design")]
    with: Vec<String>,
    /// The scenario; by default the first one of the design's strategy.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// How faults are drawn: none, light, heavy, swarm, single, or a group of `rehearse faults`.
    #[arg(long)]
    profile: Option<String>,
}

/// A scenario that was read, with its text.
pub struct Read {
    /// The scenario.
    pub scenario: Scenario,
    /// Its file.
    pub text: String,
}

impl Which {
    /// The design.
    pub fn design(&self) -> Result<Design, Exit> {
        let name = self.design.as_deref().ok_or_else(|| refuse("--design: expected the name of a design; see `rehearse designs`"))?;
        design(name, &self.with)
    }

    /// The profile, or the given one.
    pub fn profile(&self, default: Profile) -> Result<Profile, Exit> {
        let Some(name) = &self.profile else { return Ok(default) };
        Profile::named(name).ok_or_else(|| {
            let known: Vec<_> = Profile::all().map(Profile::name).collect();
            refuse(&format!("--profile: there is no profile {name:?}; expected one of {}", known.join(", ")))
        })
    }

    /// The scenario that is named, or that a design is explored in.
    pub fn scenario(&self, design: &Design, json: bool) -> Result<Read, Exit> {
        let file = self.scenario.clone().unwrap_or_else(|| explore::default_scenario(design).into());
        let bytes = read_file(&file)?;
        let scenario = testbed::scenario::read(&file, &bytes).map_err(|problems| tell(&problems, json))?;
        Ok(Read { scenario, text: String::from_utf8_lossy(&bytes).into_owned() })
    }

    /// Whether anything is chosen.
    pub fn is_empty(&self) -> bool {
        self.design.is_none() && self.scenario.is_none() && self.profile.is_none()
    }
}

/// The design of that name, with some decisions changed.
pub fn design(name: &str, changes: &[String]) -> Result<Design, Exit> {
    let mut design = Design::preset(name).ok_or_else(|| {
        let known: Vec<_> = Design::presets().iter().map(|design| design.name.to_string()).collect();
        refuse(&format!("--design: there is no design {name:?}; expected one of {}", known.join(", ")))
    })?;
    for change in changes {
        design = design.with(change).map_err(|why| refuse(&format!("--with: {why}")))?;
    }
    Ok(design)
}

/// Says what is wrong with the command line.
pub fn refuse(why: &str) -> Exit {
    eprintln!("rehearse: {why}");
    Exit::Usage
}
