//! `rehearse replay`: one world again, exactly.

use super::input::{read_file, tell};
use super::world::{Which, refuse};
use crate::exit::{Exit, print, print_json};
use explore::Case;
use faults::{Profile, Schedule};
use simcore::SimTime;
use std::path::PathBuf;
use testbed::history::History;
use testbed::world::{Polls, World};
use testbed::{Failure, Settled};

/// Arguments of `rehearse replay`.
#[derive(clap::Args)]
pub struct Arguments {
    /// A case, as `rehearse explore --out` keeps them.
    file: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
    /// The seed.
    #[arg(long)]
    seed: Option<u64>,
    /// The faults, from a file with a list `faults`, instead of those that the profile draws.
    #[arg(long, value_name = "FILE", conflicts_with = "profile")]
    faults: Option<PathBuf>,
    /// Stop at this time after the start, such as 70min.
    #[arg(long)]
    until: Option<String>,
    /// Print every call, event and decision.
    #[arg(long)]
    trace: bool,
    /// Print the cluster's objects as they are in the end.
    #[arg(long)]
    state: bool,
}

/// Replays.
pub fn replay(arguments: &Arguments, json: bool) -> Exit {
    match try_replay(arguments, json) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_replay(arguments: &Arguments, json: bool) -> Result<Exit, Exit> {
    let until = (arguments.until.as_deref())
        .map(|text| simcore::parse_duration(text).map_err(|why| refuse(&format!("--until: {why}"))))
        .transpose()?
        .map(|after| SimTime::ZERO + after);
    let case = case(arguments, json)?;
    let failed = |failure: Failure| {
        eprintln!("rehearse: {} under {} with seed {}: {failure}", case.scenario.name, case.design.name, case.seed);
        Exit::Testbed
    };
    let settled = Settled::new(&case.scenario, &case.design, Polls::Elided).map_err(failed)?;
    if arguments.trace {
        super::trace::to_stdout();
    }
    let history = if json || arguments.trace { History::default() } else { History::kept() };
    if arguments.state || until.is_some() {
        let mut world = settled.world_under(case.seed, &case.schedule, history);
        world.run_until(until);
        tell_world(&world, arguments, json);
        return Ok(Exit::Ok);
    }
    let result = settled.run_under(case.seed, &case.schedule, history).map_err(failed)?;
    if json {
        print_json(&result.to_json());
    } else {
        print(&super::run::told(&result));
    }
    match &case.history_hash {
        Some(recorded) if *recorded != result.history_hash => {
            eprintln!(
                "rehearse: the history's hash is {}, the case says {recorded}: other code, or another machine's fault",
                result.history_hash
            );
            Ok(Exit::Testbed)
        }
        _ => Ok(Exit::Ok),
    }
}

/// The world that is asked for.
fn case(arguments: &Arguments, json: bool) -> Result<Case, Exit> {
    if let Some(file) = &arguments.file {
        if !arguments.which.is_empty() || arguments.seed.is_some() || arguments.faults.is_some() {
            return Err(refuse(
                "a case says itself which world it is: expected no --design, --scenario, --profile, --seed or --faults beside it",
            ));
        }
        return Case::read(file, &read_file(file)?).map_err(|problems| tell(&problems, json));
    }
    let design = arguments.which.design()?;
    let seed = arguments.seed.ok_or_else(|| refuse("--seed: expected a seed, or a case's file"))?;
    let profile = arguments.which.profile(Profile::None)?;
    let read = arguments.which.scenario(&design, json)?;
    let settled = Settled::new(&read.scenario, &design, Polls::Elided).and_then(|settled| settled.opportunities());
    let offered = settled.map_err(|failure| {
        eprintln!("rehearse: {failure}");
        Exit::Testbed
    })?;
    let own = read.scenario.schedule.0.iter().cloned();
    let schedule = match &arguments.faults {
        Some(file) => {
            (testbed::scenario::read_schedule(file, &read_file(file)?, &read.scenario)).map_err(|problems| tell(&problems, json))?
        }
        None => Schedule(own.chain(profile.draw(seed, &offered).0).collect()),
    };
    Ok(Case { scenario: read.scenario, text: read.text, design, seed, schedule, history_hash: None })
}

/// Tells a world as far as it has come.
fn tell_world(world: &World, arguments: &Arguments, json: bool) {
    world.look(|sim| {
        if !json && !arguments.trace {
            print(&testbed::history::tell(sim.history().entries()));
        }
        if arguments.state {
            let objects: Vec<_> = sim.sight().cluster.all().map(api::AnyObject::to_wire).collect();
            if json {
                print_json(&serde_json::json!({ "version": 1, "at": sim.now().to_string(), "objects": objects }));
            } else {
                print(&format!("# {}\n", sim.now()));
                objects.iter().for_each(|object| print(&format!("---\n{}", manifest::yaml::print(object))));
            }
        }
    });
}
