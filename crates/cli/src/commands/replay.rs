//! `rehearse replay`: one world again, exactly; as far as asked, as closely as asked.

use super::input::{design, profile, read_file, read_scenario, refuse, tell};
use super::run::{testbed_failed, told};
use crate::exit::{Exit, print, print_json};
use crate::listener::Listener;
use explore::{CorpusFile, Stage, caught};
use faults::{Profile, Schedule};
use planner::Design;
use serde_json::{Value, json};
use simcore::SimTime;
use std::path::{Path, PathBuf};
use std::time::Duration;
use testbed::history::{History, tell as tell_history};
use testbed::scenario::Scenario;
use testbed::world::{Polls, Sim, Stop, World};
use testbed::{Failure, Settled, WorldResult};

/// Arguments of `rehearse replay`.
#[derive(clap::Args)]
#[command(after_help = "\
Either a file of a corpus, as rehearse explore --out writes them, or --scenario, --design, --seed and --profile. A file that is replayed to \
the end must show the very history that it was written for; if it does not, both hashes are printed and the exit status is 3.")]
pub struct Arguments {
    /// A file of a corpus.
    #[arg(required_unless_present = "scenario", conflicts_with_all = ["scenario", "design", "with", "seed", "profile", "faults"])]
    file: Option<PathBuf>,
    /// The scenario's file.
    #[arg(long, value_name = "FILE", requires_all = ["design", "seed"])]
    scenario: Option<PathBuf>,
    /// The design.
    #[arg(long, requires = "scenario")]
    design: Option<String>,
    /// Change a decision of the design, as DECISION=VALUE; may be repeated.
    #[arg(long, value_name = "DECISION=VALUE", requires = "design")]
    with: Vec<String>,
    /// The world's seed.
    #[arg(long, requires = "scenario")]
    seed: Option<u64>,
    /// The fault profile by which its faults are drawn.
    #[arg(long, requires = "scenario")]
    profile: Option<String>,
    /// A file with the list `faults`, beside those that the scenario names, instead of a profile.
    #[arg(long, value_name = "FILE", requires = "scenario", conflicts_with = "profile")]
    faults: Option<PathBuf>,
    /// Stop at this time from the scenario's start, such as 70min.
    #[arg(long, value_name = "T", value_parser = simcore::parse_duration)]
    until: Option<Duration>,
    /// Print every API call, event and decision instead of the story.
    #[arg(long)]
    trace: bool,
    /// Print the cluster's objects as YAML, as they are when it stops.
    #[arg(long)]
    state: bool,
}

/// One world, about to be run.
struct Replay {
    scenario: Scenario,
    design: Design,
    seed: u64,
    schedule: Schedule,
    settled: Settled,
    /// The file that it is from, with what that says.
    recorded: Option<(PathBuf, CorpusFile)>,
}

/// Where it stopped.
struct Stopped {
    /// The story so far, the moment and the laws that were broken by then; or what the world came to.
    how: Result<WorldResult, Partly>,
    /// The cluster's objects, if asked for.
    state: Option<Vec<Value>>,
}

/// A world that was stopped before its end.
struct Partly {
    at: SimTime,
    story: String,
    violations: Vec<Value>,
}

/// Runs a world again.
pub fn replay(arguments: &Arguments, json: bool) -> Exit {
    let replay = match &arguments.file {
        Some(file) => recorded(file, json),
        None => drawn(arguments, json),
    };
    let replay = match replay {
        Ok(replay) => replay,
        Err(exit) => return exit,
    };
    match caught(|| run(&replay, arguments, json)) {
        Ok(Ok(stopped)) => show(&replay, &stopped, arguments, json),
        Ok(Err(failure)) => testbed_failed(&replay.scenario, &replay.design, replay.seed, &failure),
        Err(panic) => testbed_failed(&replay.scenario, &replay.design, replay.seed, &panic),
    }
}

fn unsettled(what: &str) -> Exit {
    eprintln!("rehearse: {what}");
    Exit::Testbed
}

/// The world of a corpus file.
fn recorded(path: &Path, json: bool) -> Result<Replay, Exit> {
    let bytes = read_file(path)?;
    let file = CorpusFile::read(path, &bytes).map_err(|problems| tell(&problems, json))?;
    let (scenario, design) = (file.scenario.clone(), file.design.clone());
    let settled = caught(|| Settled::new(&scenario, &design, Polls::Elided).map_err(|failure| failure.to_string()));
    let settled = settled.and_then(|settled| settled).map_err(|what| unsettled(&what))?;
    let (seed, schedule) = (file.found.seed, file.found.faults.clone());
    Ok(Replay { scenario, design, seed, schedule, settled, recorded: Some((path.to_owned(), file)) })
}

/// The faults of a schedule's file.
fn faults_of(file: &Path, scenario: &Scenario, json: bool) -> Result<Schedule, Exit> {
    let bytes = read_file(file)?;
    testbed::scenario::read_schedule(file, &bytes, scenario).map_err(|problems| tell(&problems, json))
}

/// The world of a seed.
fn drawn(arguments: &Arguments, json: bool) -> Result<Replay, Exit> {
    let (Some(file), Some(name), Some(seed)) = (&arguments.scenario, &arguments.design, arguments.seed) else {
        return Err(refuse("expected a file, or --scenario, --design, --seed and --profile or --faults"));
    };
    let of = match (&arguments.profile, &arguments.faults) {
        (Some(of), _) => of.as_str(),
        (None, Some(_)) => Profile::None.name(),
        (None, None) => return Err(refuse("expected --profile or --faults: by which faults are drawn, or which they are")),
    };
    let (design, profile) = (design(name, &arguments.with)?, profile(of)?);
    let (scenario, text) = read_scenario(file, json)?;
    let named = arguments.faults.as_deref().map(|file| faults_of(file, &scenario, json)).transpose()?;
    let stage = Stage::set(scenario, text, design, profile).map_err(|error| unsettled(&error.to_string()))?;
    let mut schedule = stage.schedule(seed);
    schedule.0.extend(named.into_iter().flat_map(|named| named.0));
    let Stage { scenario, design, settled, .. } = stage;
    Ok(Replay { scenario, design, seed, schedule, settled, recorded: None })
}

fn run(replay: &Replay, arguments: &Arguments, json: bool) -> Result<Stopped, Failure> {
    let keep = !json && !arguments.trace;
    let history = if keep { History::kept() } else { History::default() };
    let mut world = replay.settled.world_under(replay.seed, &replay.schedule, history);
    let until = arguments.until.map(|until| SimTime::ZERO + until);
    let stop = if arguments.trace { Listener { json }.listen(|| world.run_until(until)) } else { world.run_until(until) };
    let state = arguments.state.then(|| world.look(objects));
    let how = if stop == Stop::Until { Err(partly(&world)) } else { Ok(world.judge(replay.seed, &stop)?) };
    Ok(Stopped { how, state })
}

fn partly(world: &World) -> Partly {
    world.look(|sim| Partly {
        at: sim.now(),
        story: tell_history(sim.history().entries()),
        violations: (sim.violations().iter())
            .map(|violation| json!({ "oracle": violation.oracle, "at": violation.at.to_string(), "message": violation.finding.message }))
            .collect(),
    })
}

/// The cluster's objects, by kind, namespace and name.
fn objects(sim: &Sim) -> Vec<Value> {
    let mut kinds = api::kinds::ALL;
    kinds.sort_unstable_by_key(|info| info.kind);
    let cluster = sim.sight().cluster;
    kinds.into_iter().flat_map(|info| cluster.objects(info)).map(api::AnyObject::to_wire).collect()
}

fn show(replay: &Replay, stopped: &Stopped, arguments: &Arguments, json: bool) -> Exit {
    if json {
        let mut document = match &stopped.how {
            Ok(result) => result.to_json(),
            Err(partly) => json!({
                "version": 1,
                "scenario": replay.scenario.name,
                "design": replay.design.name,
                "seed": replay.seed,
                "until": partly.at.to_string(),
                "violations": partly.violations,
            }),
        };
        if let Some(state) = &stopped.state {
            document["state"] = json!(state);
        }
        print_json(&document);
    } else {
        print(&text(replay, stopped, arguments.trace));
    }
    match (&replay.recorded, &stopped.how) {
        (Some((path, file)), Ok(result)) => compare(path, file, &result.history_hash),
        _ => Exit::Ok,
    }
}

fn text(replay: &Replay, stopped: &Stopped, traced: bool) -> String {
    let mut text = match &stopped.how {
        Ok(result) if traced => testbed::history::tell_end(result),
        Ok(result) => told(result),
        Err(partly) => {
            let head = format!("== {} under {}, seed {}\n\n", replay.scenario.name, replay.design.name, replay.seed);
            let story = if traced { String::new() } else { head + &partly.story + "\n" };
            format!("{story}stopped at {}\n", partly.at)
        }
    };
    if let Ok(result) = &stopped.how {
        for record in result.faults.iter().filter(|record| record.struck.is_none()) {
            text.push_str(&format!("never came: {}\n", record.fault));
        }
    }
    for object in stopped.state.iter().flatten() {
        text.push_str("---\n");
        text.push_str(&manifest::yaml::print(object));
    }
    text
}

/// Whether the world was the one that the file was written for.
fn compare(path: &Path, file: &CorpusFile, hash: &str) -> Exit {
    if file.found.history_hash == hash {
        return Exit::Ok;
    }
    let this = crate::code::code().unwrap_or_else(|error| format!("unknown, {error}"));
    let path = path.display();
    eprintln!("rehearse: {path}: the history is not the one that the file tells of");
    eprintln!("  its hash is {hash} by this build, {this}");
    eprintln!("  its hash is {} by the file, which {} wrote", file.found.history_hash, file.code);
    Exit::Testbed
}
