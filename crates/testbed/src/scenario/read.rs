//! Reads scenario files, and refuses bad ones with file, line, field and what was expected.

use super::{Action, File, Run, RunFile, Scenario, heights};
use crate::scenario::Act;
use api::SeiNodeDeploymentSpec;
use faults::{Ground, Schedule};
use manifest::{Document, Positions, Problems};
use planner::Design;
use serde::Deserialize;
use serde_json::Value;
use simchain::ChainProfile;
use std::path::Path;
use std::sync::Arc;

/// Reads a scenario from the bytes of a file.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Scenario, Problems> {
    let file_name = path.display().to_string();
    let text = with_heights(&file_name, bytes)?;
    let (file, positions) = manifest::parse::<File>(&file_name, text.as_bytes())?;
    let Document::Group(group) = manifest::embedded(&file_name, text.as_bytes(), "group")? else {
        return Err(problem(&file_name, &positions, "group.kind", "expected a SeiNodeDeployment"));
    };
    if let Err((field, expected)) = file.chain.validate() {
        return Err(problem(&file_name, &positions, &format!("chain.{field}"), &expected));
    }
    check_timeline(&file_name, &positions, &file.timeline, &group.spec)?;
    check_schedule(&file_name, &positions, &file.faults, group.name(), &file.chain)?;
    if file.runs.is_empty() {
        return Err(problem(&file_name, &positions, "runs", "expected at least one run"));
    }
    let mut runs = Vec::new();
    for (index, run) in file.runs.into_iter().enumerate() {
        runs.push(read_run(&file_name, &positions, index, run)?);
    }
    let name: Arc<str> = name_of(path).into();
    Ok(Scenario {
        settled_as: file.settled_as.map_or_else(|| name.clone(), Into::into),
        name,
        about: file.about.trim().to_owned(),
        cluster: file.cluster.into(),
        chain: file.chain.into(),
        group,
        timeline: file.timeline.into(),
        schedule: file.faults,
        runs,
    })
}

/// Reads a schedule for a scenario from the bytes of a file with the one field `faults`. Heights may be relative to the scenario's start.
pub fn read_schedule(path: &Path, bytes: &[u8], scenario: &Scenario) -> Result<Schedule, Problems> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct ScheduleFile {
        faults: Schedule,
    }
    let file_name = path.display().to_string();
    let (outline, positions) = manifest::parse::<Value>(&file_name, bytes)?;
    if !outline.is_object() {
        return Err(problem(&file_name, &positions, "", "expected an object with the one field faults"));
    }
    let text = std::str::from_utf8(bytes).expect("what was parsed is text");
    let text = heights::resolve(text, scenario.chain.start_height.0).map_err(|what| problem(&file_name, &positions, "faults", &what))?;
    let (ScheduleFile { faults }, positions) = manifest::parse(&file_name, text.as_bytes())?;
    check_schedule(&file_name, &positions, &faults, scenario.group.name(), &scenario.chain)?;
    Ok(faults)
}

/// Refuses a schedule that could never strike in a scenario of that group on that chain.
pub fn check_schedule(file: &str, positions: &Positions, faults: &Schedule, group: &str, chain: &ChainProfile) -> Result<(), Problems> {
    faults.check(&ground(group, chain)).map_err(|(field, expected)| problem(file, positions, &format!("faults{field}"), &expected))
}

/// What the faults of a schedule are checked against, for that group on that chain.
pub fn ground<'a>(group: &'a str, chain: &'a ChainProfile) -> Ground<'a> {
    Ground { group, start: chain.start_height, images: chain.binaries.iter().map(|binary| &*binary.image).collect() }
}

/// The path below the last folder named `scenarios`, without extension.
fn name_of(path: &Path) -> String {
    let path = path.with_extension("");
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let from = parts.iter().rposition(|part| part == "scenarios").map_or(parts.len().saturating_sub(1), |at| at + 1);
    parts[from.min(parts.len())..].join("/")
}

/// The text with relative heights replaced.
fn with_heights(file_name: &str, bytes: &[u8]) -> Result<String, Problems> {
    #[derive(Deserialize)]
    struct Outline {
        chain: Option<ChainOutline>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ChainOutline {
        start_height: Option<u64>,
    }
    let (outline, positions) = manifest::parse::<Outline>(file_name, bytes)?;
    let start = outline.chain.and_then(|chain| chain.start_height).unwrap_or_else(|| ChainProfile::default().start_height.0);
    let text = std::str::from_utf8(bytes).expect("what was parsed is text");
    heights::resolve(text, start).map_err(|what| problem(file_name, &positions, "chain.startHeight", &what))
}

fn problem(file: &str, positions: &Positions, field: &str, expected: &str) -> Problems {
    Problems::of_field(file, positions, field, expected)
}

fn check_timeline(file: &str, positions: &Positions, timeline: &[Action], spec: &SeiNodeDeploymentSpec) -> Result<(), Problems> {
    let mut spec = serde_json::to_value(spec).expect("a spec has a wire form");
    for (index, action) in timeline.iter().enumerate() {
        let field = format!("timeline[{index}]");
        if index > 0 && action.at() < timeline[index - 1].at() {
            return Err(problem(file, positions, &format!("{field}.at"), "expected a moment not before the action above"));
        }
        let Act::Patch(patch) = &action.act else { continue };
        let Some(change) = patch.get("spec").filter(|_| patch.as_object().is_some_and(|fields| fields.len() == 1)) else {
            return Err(problem(file, positions, &format!("{field}.patch"), "expected an object with the one field spec"));
        };
        json_patch::merge(&mut spec, change);
        let patched: Result<SeiNodeDeploymentSpec, _> = serde_path_to_error::deserialize(&spec);
        if let Err(error) = patched {
            let path = format!("{field}.patch.spec.{}", error.path());
            return Err(problem(file, positions, &path, &error.inner().to_string()));
        }
    }
    Ok(())
}

fn read_run(file: &str, positions: &Positions, index: usize, run: RunFile) -> Result<Run, Problems> {
    let field = format!("runs[{index}]");
    let mut design = Design::preset(&run.design).map_err(|expected| problem(file, positions, &format!("{field}.design"), &expected))?;
    for (decision, value) in &run.with {
        design = (design.with(&format!("{decision}={value}")))
            .map_err(|expected| problem(file, positions, &format!("{field}.with.{decision}"), &expected.to_string()))?;
    }
    for claim in run.expect.claims.keys() {
        if !claims::CLAIMS.iter().any(|known| known.id == claim) {
            let expected = format!("there is no claim {claim:?}; expected C01 to C28, as rehearse claims lists them");
            return Err(problem(file, positions, &format!("{field}.expect.claims.{claim}"), &expected));
        }
    }
    for (at, oracle) in run.expect.violations.iter().flatten().enumerate() {
        if !oracles::LAWS.iter().any(|law| law.id == oracle) {
            let known: Vec<_> = oracles::LAWS.iter().map(|law| law.id).collect();
            let expected = format!("there is no oracle {oracle:?}; expected one of {}", known.join(", "));
            return Err(problem(file, positions, &format!("{field}.expect.violations[{at}]"), &expected));
        }
    }
    if run.seeds.is_empty() {
        return Err(problem(file, positions, &format!("{field}.seeds"), "expected at least one seed"));
    }
    Ok(Run { design, seeds: run.seeds, expect: run.expect })
}
