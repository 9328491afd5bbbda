//! `rehearse ablate`: leaves out each remedy of a design in turn, and shows which law breaks.

use super::input::{design, jobs, one_form, refuse};
use super::spinner::spinner;
use crate::exit::{Exit, print, print_json};
use ::ablate::Ablate;
use planner::Design;
use std::path::PathBuf;
use verify::Catalogue;

/// Arguments of `rehearse ablate`.
#[derive(clap::Args)]
#[command(after_help = "\
A remedy is a decision that the design takes otherwise than the operator does today. The design without it goes through the same worlds as the whole \
design: the catalogue's, then swarms, seed by seed, in a hard fork and in a blue-green rollout. The first world in which it breaks a law that the whole \
design keeps shows the remedy necessary.")]
pub struct Arguments {
    /// The design. A decision is changed as in rehearsed,reads=cache.
    #[arg(value_name = "DESIGN", default_value = "rehearsed")]
    design: String,
    /// How many seeds of swarms there are beside the catalogue; each is two worlds.
    #[arg(long, value_name = "SEEDS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(..=10_000_000))]
    budget: u64,
    /// The first of them.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
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

/// Leaves out each remedy and prints what that shows.
pub fn ablate(arguments: &Arguments, json: bool) -> Exit {
    run(arguments, json).unwrap_or_else(|exit| exit)
}

fn run(arguments: &Arguments, json: bool) -> Result<Exit, Exit> {
    one_form(json, arguments.markdown)?;
    let (preset, changes) = Design::parts_of(&arguments.design);
    let design = design(preset, &changes.into_iter().map(str::to_owned).collect::<Vec<_>>())?;
    let catalogue = Catalogue::read(&arguments.scenarios).map_err(|error| refuse(&error.to_string()))?;
    let bar = spinner();
    let ablate =
        Ablate { design: &design, catalogue: &catalogue, from: arguments.seed, budget: arguments.budget, jobs: jobs(arguments.jobs) };
    let ablation = ablate.run(&|doing| bar.set_message(doing.to_owned()));
    bar.finish_and_clear();
    let ablation = ablation.map_err(|why| refuse(&why))?;
    match (json, arguments.markdown) {
        (true, _) => print_json(&::ablate::to_json(&ablation)),
        (_, true) => print(&::ablate::markdown(&ablation)),
        _ => print(&::ablate::text(&ablation)),
    }
    Ok(if ablation.failed.is_empty() { Exit::Ok } else { Exit::Testbed })
}
