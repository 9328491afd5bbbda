//! `rehearse compare`: the same seeds and schedules through several designs.

use super::input::{design, jobs, one_form, profile, read_scenario, refuse};
use crate::exit::{Exit, print, print_json};
use ::compare::Compare;
use api::group::StrategyType;
use explore::{Seeds, Stage};
use faults::Profile;
use planner::Design;
use std::path::{Path, PathBuf};

/// Arguments of `rehearse compare`.
#[derive(clap::Args)]
#[command(after_help = "\
Schedules are drawn from what the first design's worlds offer, and every other design meets the same. Of a scenario whose name ends in -by-hard-fork, a \
design that answers BlueGreen is run in the one that ends in -by-blue-green, and the other way round: same start, same wanted image.")]
pub struct Arguments {
    /// The designs; the others are compared with the first. A decision is changed as in bootstrap,status-base=refreshed.
    #[arg(required = true, num_args = 2.., value_name = "DESIGN")]
    designs: Vec<String>,
    /// The scenario's file.
    #[arg(long, value_name = "FILE", default_value = "scenarios/convergence/minor-upgrade-by-hard-fork.yaml")]
    scenario: PathBuf,
    /// The seeds, such as 0..1000: from the first, up to but without the second.
    #[arg(long, value_name = "A..B", default_value = "0..1000")]
    seeds: Seeds,
    /// The fault profile by which schedules are drawn.
    #[arg(long, default_value = "swarm")]
    profile: String,
    /// On how many threads [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Print Markdown.
    #[arg(long)]
    markdown: bool,
}

/// Runs the pairs and prints what they come to.
pub fn compare(arguments: &Arguments, json: bool) -> Exit {
    run(arguments, json).unwrap_or_else(|exit| exit)
}

fn run(arguments: &Arguments, json: bool) -> Result<Exit, Exit> {
    one_form(json, arguments.markdown)?;
    let profile = profile(&arguments.profile)?;
    let stages = arguments.designs.iter().map(|name| stage(name, &arguments.scenario, profile, json)).collect::<Result<Vec<_>, Exit>>()?;
    let jobs = jobs(arguments.jobs);
    let compared = Compare { stages: &stages, seeds: arguments.seeds, jobs }.run().map_err(|why| refuse(&why))?;
    match (json, arguments.markdown) {
        (true, _) => print_json(&::compare::to_json(&compared)),
        (_, true) => print(&::compare::markdown(&compared)),
        _ => print(&::compare::text(&compared)),
    }
    Ok(if compared.iter().all(|design| design.failed.is_empty()) { Exit::Ok } else { Exit::Testbed })
}

fn stage(name: &str, scenario: &Path, profile: Profile, json: bool) -> Result<Stage, Exit> {
    let (preset, changes) = Design::parts_of(name);
    let design = design(preset, &changes.into_iter().map(str::to_owned).collect::<Vec<_>>())?;
    let file = answered_by(&design, scenario);
    let (scenario, text) = read_scenario(&file, json)?;
    Stage::set(scenario, text, design, profile).map_err(|error| {
        eprintln!("rehearse: {}: {error}", file.display());
        Exit::Testbed
    })
}

/// The scenario of a pair whose strategy a design answers; the one that is named, if it is of no pair.
fn answered_by(design: &Design, scenario: &Path) -> PathBuf {
    let name = scenario.to_string_lossy();
    let (own, other) = match design.answers {
        StrategyType::HardFork => ("-by-hard-fork", "-by-blue-green"),
        StrategyType::BlueGreen => ("-by-blue-green", "-by-hard-fork"),
    };
    PathBuf::from(name.replace(other, own))
}
