//! `rehearse sweep`: every placement of up to k faults, and the certificate of having run them.

use super::input::{refuse, this_build};
use super::stage::StageArguments;
use crate::exit::{Exit, print, print_json};
use explore::Stage;
use faults::{Group, Profile, What};
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::Write as _;
use std::io::IsTerminal;
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
    #[command(flatten)]
    stage: StageArguments,
    /// The groups of faults, separated by commas [default: all].
    #[arg(long, value_name = "GROUPS", value_delimiter = ',')]
    groups: Vec<String>,
    /// The faults of these groups by name, separated by commas [default: all].
    #[arg(long, value_name = "FAULTS", value_delimiter = ',')]
    faults: Vec<String>,
    /// The seed of every world.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Run also the placements that come to the same: where the same fault strikes after the same event, or where a world stands as another one stood that had the
    /// same further fault placed there.
    #[arg(long)]
    every_history: bool,
}

/// Runs every placement and prints the certificate.
pub fn sweep(arguments: &Arguments, json: bool) -> Exit {
    run(arguments, json).unwrap_or_else(|exit| exit)
}

fn prepared(arguments: &Arguments, json: bool) -> Result<(Stage, Vec<What>), Exit> {
    let groups = groups(&arguments.groups)?;
    for wanted in &arguments.faults {
        if !groups.iter().flat_map(|group| group.kinds()).any(|kind| kind.name == wanted) {
            return Err(refuse(&format!("--faults: there is no fault {wanted:?} in these groups; rehearse faults lists them")));
        }
    }
    let stage = arguments.stage.set(Profile::None.name(), json)?;
    let mut alphabet = What::alphabet(&groups, stage.offered());
    if !arguments.faults.is_empty() {
        alphabet.retain(|what| what.id().split_once('/').is_some_and(|(_, name)| arguments.faults.iter().any(|wanted| wanted == name)));
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

fn run(arguments: &Arguments, json: bool) -> Result<Exit, Exit> {
    let (stage, alphabet) = prepared(arguments, json)?;
    let (jobs, code) = (arguments.stage.jobs(), this_build()?);
    let merging = !arguments.every_history;
    let sweep = Sweep { stage: &stage, seed: arguments.seed, alphabet, k: usize::from(arguments.k), jobs, merging, code };
    let bar = bar(json);
    let tell = |number: u64, known: u64| {
        bar.set_length(known);
        bar.set_position(number);
    };
    let certificate = sweep.run(&tell);
    bar.finish_and_clear();
    let certificate = certificate.map_err(|why| {
        eprintln!("rehearse: {why}");
        Exit::Testbed
    })?;
    if json {
        print_json(&serde_json::to_value(&certificate).expect("a certificate has a written form"));
    } else {
        print(&text(&certificate));
    }
    Ok(if certificate.failed.is_empty() { Exit::Ok } else { Exit::Testbed })
}

/// Counts the schedules on a terminal; those of a further fault become known by and by.
fn bar(json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} schedules, {per_sec}").expect("a valid template");
    ProgressBar::new(0).with_style(style)
}

fn text(certificate: &Certificate) -> String {
    let Certificate { scenario, design, seed, k, alphabet, places, schedules, refused, merged, idle, distinct_ends, .. } = certificate;
    let mut text = format!("{scenario} under {design}, seed {seed}: every placement of up to {k} of {} faults\n\n", alphabet.len());
    for (faults, ((run, refused), merged)) in schedules.iter().zip(refused).zip(merged).enumerate() {
        let of = match faults {
            0 => String::new(),
            1 => format!(", {} faults at {places} places, {refused} of them refused, {merged} the same as another", alphabet.len()),
            _ => format!("; {merged} more come to where another world stood alike, with the same fault there"),
        };
        let _ = writeln!(text, "with {faults}: {run} schedules{of}");
    }
    let _ = writeln!(text, "{idle} schedules were not extended, since their last fault befell nothing");
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
