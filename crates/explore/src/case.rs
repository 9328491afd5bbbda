//! A case: one world with a violation, as a file that replays anywhere.
//!
//! It holds all that the world is made from, the scenario's own text included, and what came of it. A person may edit it; whatever is edited
//! is checked as a scenario is.

use faults::Schedule;
use manifest::Problems;
use planner::Design;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use testbed::WorldResult;
use testbed::scenario::Scenario;

/// The form of a case's file.
const FORM: u32 = 1;

/// One world and what came of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The scenario.
    pub scenario: Scenario,
    /// Its text.
    pub text: String,
    /// The design, decisions changed included.
    pub design: Design,
    /// The seed.
    pub seed: u64,
    /// The faults.
    pub schedule: Schedule,
    /// The hash that the history had; absent: nobody says.
    pub history_hash: Option<String>,
}

/// A case as written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    version: u32,
    /// The law that was broken, when, and what was wrong: for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    oracle: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    scenario: String,
    design: String,
    seed: u64,
    /// The profile that drew the faults: for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    faults: Schedule,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    history_hash: Option<String>,
    /// The scenario's file, word for word.
    scenario_text: String,
}

impl Case {
    /// The case's file, for one violation of a result.
    pub fn print(&self, result: &WorldResult, violation: usize, profile: &str) -> String {
        let violation = &result.violations[violation];
        let file = File {
            version: FORM,
            oracle: Some(violation.oracle.to_owned()),
            at: Some(violation.at.to_string()),
            message: Some(violation.finding.message.clone()),
            scenario: self.scenario.name.to_string(),
            design: self.design.name.to_string(),
            seed: self.seed,
            profile: Some(profile.to_owned()),
            faults: self.schedule.clone(),
            history_hash: Some(result.history_hash.clone()),
            scenario_text: self.text.clone(),
        };
        manifest::yaml::print(&serde_json::to_value(&file).expect("a case has a written form"))
    }

    /// Reads a case.
    ///
    /// # Errors
    /// Every problem with file, line and field.
    pub fn read(path: &Path, bytes: &[u8]) -> Result<Self, Problems> {
        let name = path.display().to_string();
        let (file, positions) = manifest::parse::<File>(&name, bytes)?;
        let problem = |field: &str, expected: &str| Problems::of_field(&name, &positions, field, expected);
        if file.version != FORM {
            return Err(problem("version", &format!("expected {FORM}, the form that this code reads")));
        }
        let scenario_path = PathBuf::from("scenarios").join(format!("{}.yaml", file.scenario));
        let mut scenario = testbed::scenario::read(&scenario_path, file.scenario_text.as_bytes())
            .map_err(|problems| problem("scenarioText", &format!("expected a scenario; {problems}")))?;
        scenario.name = Arc::from(file.scenario.as_str());
        let design = design_named(&file.design).map_err(|expected| problem("design", &expected))?;
        testbed::scenario::check_schedule(&name, &positions, &file.faults, scenario.group.name(), &scenario.chain)?;
        let File { seed, faults: schedule, history_hash, scenario_text: text, .. } = file;
        Ok(Self { scenario, text, design, seed, schedule, history_hash })
    }
}

/// The design of a name as results write it: a preset, and decisions that differ, each as `decision=value` after a comma.
///
/// # Errors
/// What is known instead.
pub fn design_named(name: &str) -> Result<Design, String> {
    let mut parts = name.split(',');
    let preset = parts.next().unwrap_or_default();
    let mut design = Design::preset(preset).ok_or_else(|| {
        let known: Vec<_> = Design::presets().iter().map(|design| design.name.to_string()).collect();
        format!("there is no design {preset:?}; expected one of {}", known.join(", "))
    })?;
    for change in parts {
        design = design.with(change)?;
    }
    Ok(design)
}

/// The scenario that a design is explored in when none is named: the first of its strategy.
pub fn default_scenario(design: &Design) -> &'static str {
    match design.answers {
        api::group::StrategyType::HardFork => "scenarios/hardfork/planned-upgrade.yaml",
        api::group::StrategyType::BlueGreen => "scenarios/bluegreen/image-change.yaml",
    }
}
