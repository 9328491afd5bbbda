//! `rehearse run`: scenarios under their designs, told as stories.

use super::input::{design, read_scenario};
use crate::exit::{Exit, print, print_json};
use planner::Design;
use std::fmt::Display;
use std::path::PathBuf;
use testbed::history::{History, tell as tell_history};
use testbed::scenario::{Expectation, Scenario};
use testbed::world::Polls;
use testbed::{Settled, WorldResult};

/// Arguments of `rehearse run`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Scenario files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Only this design; every run that the scenario names when absent.
    #[arg(long)]
    design: Option<String>,
    /// Change a decision of the design, as DECISION=VALUE; may be repeated.
    #[arg(long, requires = "design")]
    with: Vec<String>,
    /// The world's seed; those that the scenario names when absent.
    #[arg(long)]
    seed: Option<u64>,
}

/// One world to run.
struct Task {
    design: Design,
    seed: u64,
    expect: Expectation,
}

/// Runs every scenario.
pub fn run(arguments: &Arguments, json: bool) -> Exit {
    let mut exit = Exit::Ok;
    let mut scenarios = Vec::new();
    for file in &arguments.files {
        let scenario = read_scenario(file, json);
        match scenario.and_then(|(scenario, _)| tasks(arguments, &scenario).map(|tasks| (scenario, tasks))) {
            Ok(scenario) => scenarios.push(scenario),
            Err(status) => exit = exit.max(status),
        }
    }
    if exit != Exit::Ok {
        return exit;
    }
    for (scenario, tasks) in &scenarios {
        for task in tasks {
            exit = exit.max(run_world(scenario, task, json));
        }
    }
    exit
}

/// The worlds that the arguments ask for.
fn tasks(arguments: &Arguments, scenario: &Scenario) -> Result<Vec<Task>, Exit> {
    let chosen = arguments.design.as_deref().map(|name| design(name, &arguments.with)).transpose()?;
    let mut tasks = Vec::new();
    for run in scenario.runs.iter().filter(|run| chosen.as_ref().is_none_or(|chosen| *chosen == run.design)) {
        let seeds = arguments.seed.map_or_else(|| run.seeds.clone(), |seed| vec![seed]);
        tasks.extend(seeds.into_iter().map(|seed| {
            let expect = if run.seeds.contains(&seed) { run.expect.clone() } else { Expectation::default() };
            Task { design: run.design.clone(), seed, expect }
        }));
    }
    match chosen {
        Some(design) if tasks.is_empty() => Ok(vec![Task { design, seed: arguments.seed.unwrap_or(1), expect: Expectation::default() }]),
        _ => Ok(tasks),
    }
}

fn run_world(scenario: &Scenario, task: &Task, json: bool) -> Exit {
    let history = if json { History::default() } else { History::kept() };
    let result = Settled::new(scenario, &task.design, Polls::Elided).and_then(|settled| settled.judged(task.seed, history));
    match result {
        Ok(result) => {
            let differences = result.differs_from(&task.expect);
            if json {
                print_json(&result.to_json());
            } else {
                print(&told(&result));
            }
            for difference in &differences {
                eprintln!("rehearse: {} under {} with seed {}: {difference}", result.scenario, result.design, result.seed);
            }
            if differences.is_empty() { Exit::Ok } else { Exit::Unexpected }
        }
        Err(failure) => testbed_failed(scenario, &task.design, task.seed, &failure),
    }
}

/// A world's story and what it ended in.
pub(super) fn told(result: &WorldResult) -> String {
    format!(
        "== {} under {}, seed {}\n\n{}\n{}",
        result.scenario,
        result.design,
        result.seed,
        tell_history(&result.history),
        testbed::history::tell_end(result)
    )
}

/// Says that the testbed failed in a world.
pub(super) fn testbed_failed(scenario: &Scenario, design: &Design, seed: u64, what: &impl Display) -> Exit {
    eprintln!("rehearse: {} under {} with seed {seed}: {what}", scenario.name, design.name);
    Exit::Testbed
}
