//! `rehearse explore`: chaos by seed.

use super::summary;
use super::world::{Which, refuse};
use crate::exit::{Exit, print, print_json};
use explore::{Budget, Campaign, Halt, Progress, Tally};
use faults::Profile;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use testbed::history::History;
use testbed::{Failure, WorldResult};

/// Arguments of `rehearse explore`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// The seeds, from A up to, but without, B.
    #[arg(long, value_name = "A..B", default_value = "0..1000")]
    seeds: String,
    /// How many threads; all cores when absent.
    #[arg(long)]
    jobs: Option<usize>,
    /// Stop after so long, such as 30min.
    #[arg(long)]
    time: Option<String>,
    /// Keep a case of each shape of a violation in this folder, and go on from what is there.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Run each world twice, and tell where the two differ, if they do.
    #[arg(long, conflicts_with = "out")]
    check_determinism: bool,
    /// Exit with 1 if anything was violated.
    #[arg(long)]
    strict: bool,
}

/// Explores.
pub fn explore(arguments: &Arguments, json: bool) -> Exit {
    match try_explore(arguments, json) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_explore(arguments: &Arguments, json: bool) -> Result<Exit, Exit> {
    let design = arguments.which.design()?;
    let profile = arguments.which.profile(Profile::Swarm)?;
    let seeds = seed_range(&arguments.seeds)?;
    let time = (arguments.time.as_deref())
        .map(|text| simcore::parse_duration(text).map_err(|why| refuse(&format!("--time: {why}"))))
        .transpose()?;
    let jobs = arguments.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
    if jobs == 0 {
        return Err(refuse("--jobs: expected at least 1"));
    }
    let read = arguments.which.scenario(&design, json)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build().map_err(|why| refuse(&format!("--jobs: {why}")))?;
    let campaign = Campaign::new(read.scenario, read.text, design, profile).map_err(|failure| {
        eprintln!("rehearse: {failure}");
        Exit::Testbed
    })?;
    if arguments.check_determinism {
        return Ok(pool.install(|| check_determinism(&campaign, seeds, json)));
    }
    let stop = stopped_by_ctrl_c();
    let started = now();
    let elapsed = || started.elapsed();
    let mut watcher = Watcher { bar: bar(&seeds), json };
    let budget = Budget { time, stop: &stop, elapsed: &elapsed };
    let ran = pool.install(|| campaign.run(seeds, &budget, arguments.out.as_deref(), &mut watcher));
    watcher.bar.finish_and_clear();
    let (tally, halt) = ran.map_err(|error| refuse(&format!("--out: {error}")))?;
    let speed = summary::Speed { worlds: tally.worlds + tally.failed, took: elapsed(), jobs };
    if json {
        print_json(&json!({ "summary": summary::to_json(&tally, halt, &speed) }));
    } else {
        print(&summary::to_text(&tally, halt, &speed));
    }
    Ok(exit_of(&tally, halt, arguments.strict))
}

fn exit_of(tally: &Tally, _halt: Halt, strict: bool) -> Exit {
    if tally.failed > 0 {
        Exit::Testbed
    } else if strict && tally.unexcused() > 0 {
        Exit::Unexpected
    } else {
        Exit::Ok
    }
}

/// Reads `A..B`.
fn seed_range(text: &str) -> Result<Range<u64>, Exit> {
    let expected = || refuse(&format!("--seeds: {text:?} is no range of seeds: expected A..B with A below B, such as 0..10000"));
    let (from, to) = text.split_once("..").ok_or_else(expected)?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| expected());
    let (from, to) = (number(from)?, number(to)?);
    if from < to { Ok(from..to) } else { Err(expected()) }
}

/// A flag that Ctrl-C sets; a second Ctrl-C ends the program at once.
fn stopped_by_ctrl_c() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    let handler = move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        eprintln!("rehearse: Ctrl-C will end the program at once: {error}");
    }
    stop
}

/// The wall clock, which tells people how fast it goes and never touches a world.
#[allow(clippy::disallowed_methods, reason = "a campaign's speed and its budget of time are the wall clock's")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// A bar on standard error, if that is a terminal.
fn bar(seeds: &Range<u64>) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} worlds, {per_sec}, {msg}").expect("a template that is right");
    let bar = ProgressBar::new(seeds.end - seeds.start).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Shows how far a campaign is, and with `--json` each violation.
struct Watcher {
    bar: ProgressBar,
    json: bool,
}

impl Progress for Watcher {
    fn world(&mut self, seed: u64, world: &Result<WorldResult, Failure>) {
        match world {
            Ok(result) if self.json => result.violations_json().iter().for_each(print_json),
            Ok(_) => {}
            Err(failure) => self.bar.suspend(|| eprintln!("rehearse: seed {seed}: {failure}")),
        }
    }

    fn block(&mut self, tally: &Tally) {
        self.bar.set_position(tally.worlds + tally.failed);
        self.bar.set_message(format!("{} violations", tally.unexcused()));
    }
}

/// Runs each world twice.
fn check_determinism(campaign: &Campaign, seeds: Range<u64>, json: bool) -> Exit {
    use rayon::prelude::*;
    let (from, to) = (seeds.start, seeds.end);
    let differences: Vec<_> = (seeds.into_par_iter())
        .filter_map(|seed| match explore::check(|| campaign.world(seed, History::kept())) {
            Ok(None) => None,
            Ok(Some(difference)) => Some((seed, difference.to_string())),
            Err(failure) => Some((seed, failure.to_string())),
        })
        .collect();
    if json {
        let found: Vec<_> = differences.iter().map(|(seed, what)| json!({ "seed": seed, "difference": what })).collect();
        print_json(&json!({ "version": 1, "worlds": to - from, "differences": found }));
    } else {
        differences.iter().for_each(|(seed, what)| print(&format!("seed {seed}: {what}\n")));
        print(&format!("{} worlds run twice, {} of them otherwise the second time\n", to - from, differences.len()));
    }
    if differences.is_empty() { Exit::Ok } else { Exit::Testbed }
}
