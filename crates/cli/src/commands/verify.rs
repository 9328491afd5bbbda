//! `rehearse verify`: the main job. Every claim of the design document gets a verdict for every design.

use super::input::{design, jobs, one_form, refuse};
use super::spinner::spinner;
use crate::exit::{Exit, print, print_json};
use planner::Design;
use std::path::PathBuf;
use verify::{Catalogue, Column, Verify};

/// Arguments of `rehearse verify`.
#[derive(clap::Args)]
#[command(after_help = "\
Worlds come from the catalogue of scenarios, from single faults placed along the fault-free history, and from swarms by seed; each is shown to all \
claims. A verdict is: holds (in every world that met the claim's precondition, and how many there were), refuted (with the shortest history found), or \
untested (no world met it), which fails the command.")]
pub struct Arguments {
    /// The designs, separated by commas.
    #[arg(long, value_name = "DESIGNS", value_delimiter = ',', default_value = "halt-signal,bootstrap,blue-green")]
    designs: Vec<String>,
    /// Change a decision of each design, as DECISION=VALUE; may be repeated.
    #[arg(long, value_name = "DECISION=VALUE")]
    with: Vec<String>,
    /// How many worlds each design gets beside the catalogue: an eighth without faults, half of the rest with a single one, half of swarms.
    #[arg(long, value_name = "WORLDS", default_value_t = 1500)]
    budget: u32,
    /// The folder of the catalogue.
    #[arg(long, value_name = "DIR", default_value = "scenarios")]
    scenarios: PathBuf,
    /// On how many threads [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Print Markdown.
    #[arg(long)]
    markdown: bool,
}

/// Judges everything and prints the table.
pub fn verify(arguments: &Arguments, json: bool) -> Exit {
    run(arguments, json).unwrap_or_else(|exit| exit)
}

fn run(arguments: &Arguments, json: bool) -> Result<Exit, Exit> {
    one_form(json, arguments.markdown)?;
    let designs = arguments.designs.iter().map(|name| design(name, &arguments.with)).collect::<Result<Vec<Design>, Exit>>()?;
    let catalogue = Catalogue::read(&arguments.scenarios).map_err(|error| refuse(&error.to_string()))?;
    let jobs = jobs(arguments.jobs);
    let bar = spinner();
    let columns = Verify { catalogue: &catalogue, designs, budget: arguments.budget, jobs }.run(&|doing| bar.set_message(doing.to_owned()));
    bar.finish_and_clear();
    let columns = columns.map_err(|why| refuse(&format!("the threads cannot be started: {why}")))?;
    match (json, arguments.markdown) {
        (true, _) => print_json(&verify::to_json(&columns)),
        (_, true) => print(&verify::markdown(&columns)),
        _ => print(&verify::text(&columns)),
    }
    Ok(status(&columns))
}

fn status(columns: &[Column]) -> Exit {
    for column in columns {
        for id in column.untested() {
            eprintln!("rehearse: {id} is untested for {}", column.design.name);
        }
    }
    match () {
        () if columns.iter().any(|column| !column.failed.is_empty()) => Exit::Testbed,
        () if columns.iter().any(|column| !column.untested().is_empty()) => Exit::Unexpected,
        () => Exit::Ok,
    }
}
