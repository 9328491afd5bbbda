//! `rehearse sweep`: every placement of up to k faults, and the certificate of having run them.

use super::input::{design, read_scenario, refuse, scenario_for};
use crate::exit::{Exit, print, print_json};
use explore::Stage;
use faults::{Group, Profile, What};
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use sweep::{Certificate, Sweep};

/// Arguments of `rehearse sweep`.
#[derive(clap::Args)]
#[command(after_help = "\
Every fault of the chosen groups, one for each target that it can befall, is placed at every point that the fault-free history offers: each \
effective call before and after it takes effect, each status of a task, each phase of an object, a grid of heights. With -k 2 a second one is \
placed at every later point of each history so changed: choose few groups.")]
pub struct Arguments {
    /// How many faults at most.
    #[arg(short, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=3))]
    k: u8,
    /// The design under test; rehearse designs lists them.
    #[arg(long)]
    design: String,
    /// Change a decision of the design, as DECISION=VALUE; may be repeated.
    #[arg(long, value_name = "DECISION=VALUE")]
    with: Vec<String>,
    /// The scenario's file [default: the planned upgrade; for a design that answers BlueGreen, the image change].
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// The groups of faults, separated by commas [default: all].
    #[arg(long, value_name = "GROUPS", value_delimiter = ',')]
    groups: Vec<String>,
    /// The faults of these groups by name, separated by commas [default: all].
    #[arg(long, value_name = "FAULTS", value_delimiter = ',')]
    faults: Vec<String>,
    /// The seed of every world.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// On how many threads [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
}

/// Runs every placement and prints the certificate.
pub fn sweep(arguments: &Arguments, json: bool) -> Exit {
    match prepared(arguments, json) {
        Ok((stage, alphabet)) => run(arguments, json, &stage, alphabet),
        Err(exit) => exit,
    }
}

fn prepared(arguments: &Arguments, json: bool) -> Result<(Stage, Vec<What>), Exit> {
    let design = design(&arguments.design, &arguments.with)?;
    let groups = groups(&arguments.groups)?;
    let file = arguments.scenario.clone().unwrap_or_else(|| scenario_for(&design));
    let (scenario, text) = read_scenario(&file, json)?;
    let stage = Stage::set(scenario, text, design, Profile::None).map_err(|error| {
        eprintln!("rehearse: {error}");
        Exit::Testbed
    })?;
    let mut alphabet = What::alphabet(&groups, stage.offered());
    let named = |what: &What| what.id().split_once('/').is_some_and(|(_, name)| arguments.faults.iter().any(|wanted| wanted == name));
    for wanted in &arguments.faults {
        if !groups.iter().flat_map(|group| group.kinds()).any(|kind| kind.name == wanted) {
            return Err(refuse(&format!("--faults: there is no fault {wanted:?} in these groups; rehearse faults lists them")));
        }
    }
    if !arguments.faults.is_empty() {
        alphabet.retain(named);
    }
    Ok((stage, alphabet))
}

fn groups(named: &[String]) -> Result<Vec<Group>, Exit> {
    if named.is_empty() {
        return Ok(Group::ALL.to_vec());
    }
    let group = |name: &String| {
        Group::ALL.into_iter().find(|group| group.name() == name).ok_or_else(|| {
            let known: Vec<_> = Group::ALL.map(Group::name).to_vec();
            refuse(&format!("--groups: there is no group {name:?}; expected some of {}", known.join(", ")))
        })
    };
    named.iter().map(group).collect()
}

fn run(arguments: &Arguments, json: bool, stage: &Stage, alphabet: Vec<What>) -> Exit {
    let code = match crate::code::code() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rehearse: {error}");
            return Exit::Testbed;
        }
    };
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let jobs = arguments.jobs.and_then(|jobs| NonZeroUsize::new(usize::from(jobs))).unwrap_or(cores);
    let sweep = Sweep { stage, seed: arguments.seed, alphabet, k: usize::from(arguments.k), jobs, code };
    match sweep.run() {
        Ok(certificate) => {
            if json {
                print_json(&serde_json::to_value(&certificate).expect("a certificate has a written form"));
            } else {
                print(&text(&certificate));
            }
            if certificate.failed.is_empty() { Exit::Ok } else { Exit::Testbed }
        }
        Err(why) => {
            eprintln!("rehearse: {why}");
            Exit::Testbed
        }
    }
}

fn text(certificate: &Certificate) -> String {
    let Certificate { scenario, design, seed, k, alphabet, places, schedules, refused, merged, distinct_ends, .. } = certificate;
    let mut text = format!("{scenario} under {design}, seed {seed}: every placement of up to {k} of {} faults\n\n", alphabet.len());
    for (faults, (run, refused)) in schedules.iter().zip(refused).enumerate() {
        let of =
            if faults == 1 { format!(", {} faults at {places} places, {refused} of them refused", alphabet.len()) } else { String::new() };
        let _ = writeln!(text, "with {faults}: {run} schedules{of}");
    }
    let _ = writeln!(text, "{merged} schedules were not extended, since their last fault befell nothing");
    let _ = writeln!(text, "{distinct_ends} different ends\n\noracle                    resilience  schedules  first");
    for law in oracles::LAWS {
        match certificate.oracles.get(law.id) {
            None => {
                let _ = writeln!(text, "{:<25} > {k:<9} 0", law.id);
            }
            Some(breaking) => {
                let total: u64 = breaking.schedules.iter().sum();
                let first: Vec<_> = breaking.first.0.iter().map(ToString::to_string).collect();
                let first = if first.is_empty() { "without a fault".to_owned() } else { first.join("; ") };
                let _ = writeln!(text, "{:<25} {:<11} {total:<10} {first}", law.id, breaking.resilience);
            }
        }
    }
    for (schedule, why) in &certificate.failed {
        let faults: Vec<_> = schedule.0.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "the testbed failed: {why}: {}", faults.join("; "));
    }
    text
}
