//! A file of the corpus: one violation of one shape, with everything that makes its world, so that it can be run again anywhere.
//!
//! Violations have one shape if they are of the same oracle, design and scenario, and their schedules have the same faults, whatever their
//! timing. The scenario stands in the file as text, and the schedule as written faults: neither the scenario's file nor the way in which
//! schedules are drawn needs to be what it was.

use crate::Stage;
use faults::{Profile, Schedule};
use manifest::{Positions, Problems, yaml};
use planner::Design;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use testbed::WorldResult;
use testbed::scenario::{Scenario, read as read_scenario};

/// The version of the format.
const VERSION: u64 = 1;

/// A violation and the world that showed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// The law that was broken.
    pub oracle: String,
    /// What was wrong.
    pub message: String,
    /// When, in seconds of virtual time from the scenario's start.
    pub at: f64,
    /// The world's seed.
    pub seed: u64,
    /// The faults that it met.
    pub faults: Schedule,
    /// The hash of its whole history.
    pub history_hash: String,
}

/// A file of the corpus that has been read and checked.
#[derive(Clone, Debug)]
pub struct CorpusFile {
    /// What was found.
    pub found: Found,
    /// How many worlds had shown this shape when the file was written.
    pub hits: u64,
    /// The scenario.
    pub scenario: Scenario,
    /// The design.
    pub design: Design,
    /// The profile by which the schedule was drawn.
    pub profile: Profile,
    /// The build of `rehearse` that wrote the file.
    pub code: String,
}

/// A file as written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    version: u64,
    oracle: String,
    message: String,
    at: f64,
    hits: u64,
    scenario: String,
    design: String,
    #[serde(default)]
    with: Vec<String>,
    profile: String,
    seed: u64,
    history_hash: String,
    code: String,
    #[serde(default)]
    faults: Schedule,
    scenario_text: String,
}

impl Found {
    /// What a world has shown that is not excused: the first violation of each oracle.
    pub fn all(result: &WorldResult) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for violation in &result.violations {
            let told = result.violation_json(violation);
            if crate::tally::excuse(&told).is_some() || found.iter().any(|found| found.oracle == violation.oracle) {
                continue;
            }
            found.push(Self {
                oracle: violation.oracle.to_owned(),
                message: violation.finding.message.clone(),
                at: told["at"].as_f64().unwrap_or_default(),
                seed: result.seed,
                faults: Schedule(result.faults.iter().map(|record| record.fault.clone()).collect()),
                history_hash: result.history_hash.clone(),
            });
        }
        found
    }
}

/// The last field of a file: a block that reads as the scenario's own file, where YAML can hold the text so.
fn scenario_text(text: &str) -> String {
    let plain = |c: char| c == '\n' || !(c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'));
    if !text.ends_with('\n') || !text.chars().all(plain) {
        return yaml::print(&json!({ "scenarioText": text }));
    }
    let lines = text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") });
    format!("scenarioText: |2+\n{}", lines.collect::<String>())
}

impl CorpusFile {
    /// Reads a file of the corpus.
    ///
    /// # Errors
    /// Everything that is wrong with it, with line and field.
    pub fn read(path: &Path, bytes: &[u8]) -> Result<Self, Problems> {
        let name = path.display().to_string();
        let (file, positions) = manifest::parse::<File>(&name, bytes)?;
        let refuse = |field: &str, expected: &str| Problems::of_field(&name, &positions, field, expected);
        if file.version != VERSION {
            return Err(refuse("version", &format!("expected {VERSION}, the version that this build reads")));
        }
        if !oracles::LAWS.iter().any(|law| law.id == file.oracle) {
            return Err(refuse("oracle", &format!("there is no oracle {:?}; rehearse oracles lists them", file.oracle)));
        }
        if file.history_hash.len() != 32 || !file.history_hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refuse("historyHash", "expected 32 hexadecimal digits"));
        }
        let profile = Profile::named(&file.profile).ok_or_else(|| {
            let known: Vec<_> = Profile::all().map(Profile::name).collect();
            refuse("profile", &format!("there is no profile {:?}; expected one of {}", file.profile, known.join(", ")))
        })?;
        let design = design_of(&file, &refuse)?;
        let scenario = scenario_of(&name, &positions, &file)?;
        if let Err((field, expected)) = file.faults.check(scenario.group.name(), scenario.chain.start_height) {
            return Err(refuse(&format!("faults{field}"), &expected));
        }
        let File { oracle, message, at, hits, seed, history_hash, code, faults, .. } = file;
        let found = Found { oracle, message, at, seed, faults, history_hash };
        Ok(Self { found, hits, scenario, design, profile, code })
    }
}

fn design_of(file: &File, refuse: &impl Fn(&str, &str) -> Problems) -> Result<Design, Problems> {
    let mut design = Design::preset(&file.design).ok_or_else(|| {
        let known: Vec<_> = Design::presets().iter().map(|design| design.name.to_string()).collect();
        refuse("design", &format!("there is no design {:?}; expected one of {}", file.design, known.join(", ")))
    })?;
    for (index, change) in file.with.iter().enumerate() {
        design = design.with(change).map_err(|why| refuse(&format!("with[{index}]"), &why))?;
    }
    Ok(design)
}

fn scenario_of(name: &str, positions: &Positions, file: &File) -> Result<Scenario, Problems> {
    let path = Stage::path_of(&file.scenario);
    let scenario = read_scenario(&path, file.scenario_text.as_bytes())
        .map_err(|problems| Problems::of_field(name, positions, "scenarioText", format!("within it, {problems}")))?;
    if *scenario.name == *file.scenario {
        return Ok(scenario);
    }
    let expected = format!("expected the name of a scenario, its path below scenarios/ such as {:?}", scenario.name);
    Err(Problems::of_field(name, positions, "scenario", expected))
}

/// What all files of one campaign have in common.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub scenario: Arc<str>,
    pub text: Arc<str>,
    pub design: Arc<str>,
    pub profile: &'static str,
    pub code: String,
}

impl Origin {
    /// The name of a shape's file, without its extension.
    pub fn file_name(&self, found: &Found) -> String {
        let shape = simcore::stable_hash(&(&*found.oracle, &*self.design, &*self.scenario, found.faults.shape()));
        format!("{}--{}--{shape:016x}", found.oracle, self.design.replace([',', '='], "-"))
    }

    /// The text of a shape's file.
    pub fn to_yaml(&self, found: &Found, hits: u64) -> String {
        let mut decisions = self.design.split(',');
        let preset = decisions.next().unwrap_or_default();
        let fields = json!({
            "version": VERSION,
            "oracle": found.oracle,
            "message": found.message,
            "at": found.at,
            "hits": hits,
            "scenario": self.scenario,
            "design": preset,
            "with": decisions.collect::<Vec<_>>(),
            "profile": self.profile,
            "seed": found.seed,
            "historyHash": found.history_hash,
            "code": self.code,
            "faults": found.faults,
        });
        format!("{}{}", yaml::print(&fields), scenario_text(&self.text))
    }
}
