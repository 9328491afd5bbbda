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
    /// Its text.
    pub text: Arc<str>,
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
        for violation in result.unexcused() {
            if found.iter().any(|found| found.oracle == violation.oracle) {
                continue;
            }
            found.push(Self {
                oracle: violation.oracle.to_owned(),
                message: violation.finding.message.clone(),
                at: testbed::seconds(violation.at),
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
        let profile = Profile::named(&file.profile).map_err(|why| refuse("profile", &why))?;
        let design = design_of(&file, &refuse)?;
        let scenario = scenario_of(&name, &positions, &file)?;
        testbed::scenario::check_schedule(&name, &positions, &file.faults, scenario.group.name(), &scenario.chain)?;
        let File { oracle, message, at, hits, seed, history_hash, code, faults, scenario_text, .. } = file;
        let found = Found { oracle, message, at, seed, faults, history_hash };
        Ok(Self { found, hits, scenario, text: scenario_text.into(), design, profile, code })
    }
}

fn design_of(file: &File, refuse: &impl Fn(&str, &str) -> Problems) -> Result<Design, Problems> {
    let mut design = Design::preset(&file.design).map_err(|why| refuse("design", &why))?;
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
        let (preset, changes) = Design::parts_of(&self.design);
        let fields = json!({
            "version": VERSION,
            "oracle": found.oracle,
            "message": found.message,
            "at": found.at,
            "hits": hits,
            "scenario": self.scenario,
            "design": preset,
            "with": changes,
            "profile": self.profile,
            "seed": found.seed,
            "historyHash": found.history_hash,
            "code": self.code,
            "faults": found.faults,
        });
        format!("{}{}", yaml::print(&fields), scenario_text(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCENARIO: &str = include_str!("../../../scenarios/hardfork/planned-upgrade.yaml");

    fn origin(text: &str) -> Origin {
        let design = Design::preset("bootstrap").and_then(|design| design.with("status-base=refreshed")).expect("a design");
        let (scenario, text, code) = ("hardfork/planned-upgrade".into(), text.into(), "this build".to_owned());
        Origin { scenario, text, design: design.name, profile: "swarm", code }
    }

    fn found() -> Found {
        let faults = json!([
            { "when": { "call": { "verb": "create", "kind": "SeiNode", "moment": "after" } }, "what": { "controller": "crash" } },
            { "when": { "at": "20min" }, "what": { "controller": { "stale-cache": { "lasts": "5min" } } } },
        ]);
        Found {
            oracle: "no-endpoint".to_owned(),
            message: "clients: reach \"nobody\" # since\n00:10".to_owned(),
            at: 600.000_001,
            seed: u64::MAX,
            faults: serde_json::from_value(faults).expect("a schedule"),
            history_hash: "0123456789abcdef0123456789abcdef".to_owned(),
        }
    }

    fn read(text: &str) -> Result<CorpusFile, Problems> {
        CorpusFile::read(Path::new("found.yaml"), text.as_bytes())
    }

    #[test]
    fn a_file_reads_as_it_was_written_whatever_the_scenarios_text_is_like() {
        let variants = ["", "\n\n", "# tab\tand \u{e9}\r\n", "# no end", "   \n# after spaces\n", "# \u{2028}\n"];
        let with_mark = [("\u{feff}", "")];
        for (start, ending) in variants.map(|ending| ("", ending)).into_iter().chain(with_mark) {
            let text = format!("{start}{SCENARIO}{ending}");
            let (origin, found) = (origin(&text), found());
            let written = origin.to_yaml(&found, 7);
            let file = read(&written).unwrap_or_else(|problems| panic!("{ending:?}: {problems}"));
            assert_eq!((&file.found, file.hits, file.design.name), (&found, 7, origin.design.clone()));
            assert_eq!((&*file.scenario.name, file.profile, &*file.code), ("hardfork/planned-upgrade", Profile::Swarm, "this build"));
            let (again, _) = manifest::parse::<File>("found.yaml", written.as_bytes()).expect("it was read before");
            assert_eq!(again.scenario_text, text, "{ending:?}");
        }
    }

    #[test]
    fn one_shape_has_one_name_whatever_its_timing_and_another_shape_another() {
        let (origin, one) = (origin(SCENARIO), found());
        let mut later = one.clone();
        later.faults.0[1].when = serde_json::from_value(json!({ "at": "30min" })).expect("a trigger");
        later.seed = 3;
        assert_eq!(origin.file_name(&one), origin.file_name(&later));
        let mut fewer = one.clone();
        fewer.faults.0.pop();
        assert_ne!(origin.file_name(&one), origin.file_name(&fewer));
        let other = Found { oracle: "not-converged".to_owned(), ..one.clone() };
        assert_ne!(origin.file_name(&one), origin.file_name(&other));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_bytes_are_read_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(CorpusFile::read(Path::new("found.yaml"), &bytes).is_err());
        }

        #[test]
        fn a_file_with_some_bytes_changed_is_read_or_refused_with_its_name(
            changes in proptest::collection::vec((0_usize..10_000, any::<u8>()), 1..4)
        ) {
            let mut bytes = origin(SCENARIO).to_yaml(&found(), 1).into_bytes();
            let length = bytes.len();
            changes.into_iter().for_each(|(at, by)| bytes[at % length] = by);
            if let Err(problems) = CorpusFile::read(Path::new("found.yaml"), &bytes) {
                prop_assert!(problems.to_string().starts_with("found.yaml"), "{}", problems);
            }
        }
    }
}
