//! `rehearse museum`: known-bad variants of the operator, and how many worlds each strategy needs to find them.

use super::input::{jobs, one_form, refuse};
use crate::exit::{Exit, print, print_json};
use ::museum::{Exhibit, Hunt, Report};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;

/// Arguments of `rehearse museum`.
#[derive(clap::Args)]
#[command(after_help = "\
An exhibit is seen by an oracle in a world that violates it without an excuse, where the faithful design's world of the same seed and faults does not. \
Strategies: swarm takes the seeds in order, guided breeds from worlds that showed something new, sweep places every single fault along the fault-free \
history. Exit status 1: an exhibit escaped them all.")]
pub struct Arguments {
    /// Only this exhibit; may be repeated.
    #[arg(long, value_name = "NAME")]
    exhibit: Vec<String>,
    /// List the exhibits, and run nothing.
    #[arg(long)]
    list: bool,
    /// How many worlds an exhibit and strategy at most.
    #[arg(long, value_name = "WORLDS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=1_000_000), conflicts_with = "list")]
    budget: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0, conflicts_with = "list")]
    seed: u64,
    /// On how many threads [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Print the list as Markdown.
    #[arg(long, requires = "list")]
    markdown: bool,
}

/// Lists the exhibits, or hunts for them.
pub fn museum(arguments: &Arguments, json: bool) -> Exit {
    run(arguments, json).unwrap_or_else(|exit| exit)
}

fn run(arguments: &Arguments, json: bool) -> Result<Exit, Exit> {
    one_form(json, arguments.markdown)?;
    let exhibits = chosen(&arguments.exhibit)?;
    if arguments.list {
        match (json, arguments.markdown) {
            (true, _) => print_json(&::museum::list_json(&exhibits)),
            (_, true) => print(&::museum::list_markdown(&exhibits)),
            _ => print(&::museum::list(&exhibits)),
        }
        return Ok(Exit::Ok);
    }
    let hunt = Hunt { seed: arguments.seed, budget: arguments.budget, jobs: jobs(arguments.jobs) };
    let bar = progress_bar(&exhibits);
    let report = Report::of(hunt, &exhibits, &|done| {
        bar.set_message(done.to_owned());
        bar.inc(1);
    });
    bar.finish_and_clear();
    let report = report.map_err(|why| {
        eprintln!("rehearse: {why}");
        Exit::Testbed
    })?;
    if json {
        print_json(&::museum::to_json(&report));
    } else {
        print(&::museum::text(&report));
    }
    Ok(status(&report))
}

/// The exhibits of some names, in the museum's order; all of them, if none is named.
fn chosen(names: &[String]) -> Result<Vec<Exhibit>, Exit> {
    let mut all = ::museum::all();
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|exhibit| exhibit.name != **name)) {
        return Err(refuse(&format!("--exhibit: there is no exhibit {unknown:?}; rehearse museum --list lists them")));
    }
    all.retain(|exhibit| names.is_empty() || names.iter().any(|name| name == exhibit.name));
    Ok(all)
}

fn progress_bar(exhibits: &[Exhibit]) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let steps = u64::try_from(Report::steps(exhibits)).expect("a count");
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}, {eta} left").expect("a template that indicatif knows");
    ProgressBar::new(steps).with_style(style)
}

fn status(report: &Report) -> Exit {
    let failures = report.failures();
    for failure in &failures {
        eprintln!("rehearse: the testbed failed in a world of {failure}");
    }
    if !failures.is_empty() {
        return Exit::Testbed;
    }
    if report.undetected().is_empty() { Exit::Ok } else { Exit::Unexpected }
}
