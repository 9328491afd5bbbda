//! `rehearse replay`: one world again, exactly; as far as asked, as closely as asked.

use super::run::{testbed_failed, told};
use super::world::{Chosen, WorldArguments};
use crate::exit::{Exit, print, print_json};
use crate::listener::Listener;
use explore::{CorpusFile, caught};
use serde_json::{Value, json};
use simcore::SimTime;
use std::path::Path;
use std::time::Duration;
use testbed::history::{History, tell as tell_history};
use testbed::world::{Sim, Stop, World};
use testbed::{Failure, WorldResult};

/// Arguments of `rehearse replay`.
#[derive(clap::Args)]
#[command(after_help = "\
Either a file of a corpus, as rehearse explore --out writes them, or --scenario, --design, --seed and --profile. A file that is replayed to \
the end must show the very history that it was written for; if it does not, both hashes are printed and the exit status is 3.")]
pub struct Arguments {
    #[command(flatten)]
    world: WorldArguments,
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
    let chosen = match arguments.world.choose(json) {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    match caught(|| run(&chosen, arguments, json)) {
        Ok(Ok(stopped)) => show(&chosen, &stopped, arguments, json),
        Ok(Err(failure)) => testbed_failed(&chosen.scenario, &chosen.design, chosen.seed, &failure),
        Err(panic) => testbed_failed(&chosen.scenario, &chosen.design, chosen.seed, &panic),
    }
}

fn run(chosen: &Chosen, arguments: &Arguments, json: bool) -> Result<Stopped, Failure> {
    let keep = !json && !arguments.trace;
    let history = if keep { History::kept() } else { History::default() };
    let mut world = chosen.settled.world_under(chosen.seed, &chosen.schedule, history);
    world.act(Sim::judge);
    let until = arguments.until.map(|until| SimTime::ZERO + until);
    let stop = if arguments.trace { Listener { json }.listen(|| world.run_until(until)) } else { world.run_until(until) };
    let state = arguments.state.then(|| world.look(objects));
    let how = if stop == Stop::Until { Err(partly(&world)) } else { Ok(world.judge(chosen.seed, &stop)?) };
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

fn show(chosen: &Chosen, stopped: &Stopped, arguments: &Arguments, json: bool) -> Exit {
    if json {
        let mut document = match &stopped.how {
            Ok(result) => result.to_json(),
            Err(partly) => json!({
                "version": 1,
                "scenario": chosen.scenario.name,
                "design": chosen.design.name,
                "seed": chosen.seed,
                "until": partly.at.to_string(),
                "violations": partly.violations,
            }),
        };
        if let Some(state) = &stopped.state {
            document["state"] = json!(state);
        }
        print_json(&document);
    } else {
        print(&text(chosen, stopped, arguments.trace));
    }
    match (&chosen.recorded, &stopped.how) {
        (Some((path, file)), Ok(result)) => compare(path, file, &result.history_hash),
        _ => Exit::Ok,
    }
}

fn text(chosen: &Chosen, stopped: &Stopped, traced: bool) -> String {
    let mut text = match &stopped.how {
        Ok(result) if traced => testbed::history::tell_end(result),
        Ok(result) => told(result),
        Err(partly) => {
            let head = format!("== {} under {}, seed {}\n\n", chosen.scenario.name, chosen.design.name, chosen.seed);
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
