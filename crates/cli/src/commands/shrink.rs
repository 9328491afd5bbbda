//! `rehearse shrink`: the least that still shows a world's violation, as a scenario and as a sentence.

use super::input::refuse;
use super::run::testbed_failed;
use super::world::{Chosen, WorldArguments};
use crate::exit::{Exit, print, print_json};
use explore::tried;
use serde_json::json;
use shrink::Candidate;
use testbed::WorldResult;
use testbed::history::History;

/// Arguments of `rehearse shrink`.
#[derive(clap::Args)]
#[command(after_help = "\
The world is named as for rehearse replay. What is printed is a scenario file, ready for rehearse run; save it below scenarios/ to keep it. Of \
its faults and actions none can be left out without losing the violation: each was tried.")]
pub struct Arguments {
    #[command(flatten)]
    world: WorldArguments,
    /// The oracle whose violation is kept; the one that the file tells of, or the first that the world violates, when absent.
    #[arg(long, value_name = "ID")]
    oracle: Option<String>,
}

/// Shrinks a world.
pub fn shrink(arguments: &Arguments, json: bool) -> Exit {
    if let Some(id) = arguments.oracle.as_deref().filter(|id| oracles::LAWS.iter().all(|law| law.id != *id)) {
        return refuse(&format!("--oracle: there is no oracle {id:?}; rehearse oracles lists them"));
    }
    let chosen = match arguments.world.choose(json) {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    let result = match tried(|| chosen.settled.run_under(chosen.seed, &chosen.schedule, History::default())) {
        Ok(result) => result,
        Err(what) => return testbed_failed(&chosen.scenario, &chosen.design, chosen.seed, &what),
    };
    let recorded = chosen.recorded.as_ref().map(|(_, file)| file.found.oracle.as_str());
    let named = arguments.oracle.as_deref().or(recorded);
    match violated(&result, named) {
        Some(oracle) => shrink_to(&chosen, oracle, json),
        None => refuse(&match named {
            Some(id) => format!("the world does not violate {id} without an excuse, so there is nothing to keep"),
            None => "the world violates nothing without an excuse, so there is nothing to keep".to_owned(),
        }),
    }
}

/// The oracle to keep: the one that is named, or the first.
fn violated(result: &WorldResult, named: Option<&str>) -> Option<&'static str> {
    result.unexcused().map(|violation| violation.oracle).find(|oracle| named.is_none_or(|named| named == *oracle))
}

fn shrink_to(chosen: &Chosen, oracle: &str, json: bool) -> Exit {
    let candidate = Candidate::new(&chosen.scenario, &chosen.text, &chosen.design, chosen.seed, &chosen.schedule);
    let candidate = candidate.expect("a scenario that was read is YAML");
    let Some(shrunk) = shrink::shrink(&candidate, oracle) else {
        eprintln!("rehearse: the scenario's document does not show what its world showed");
        return Exit::Testbed;
    };
    let sentence = shrunk.sentence(oracle, &chosen.design.name);
    let file = shrunk.file(&sentence);
    if json {
        print_json(&json!({
            "version": 1,
            "oracle": oracle,
            "design": chosen.design.name,
            "seed": chosen.seed,
            "sentence": sentence,
            "faults": shrunk.faults(),
            "at": shrunk.shown.at.to_string(),
            "history_hash": shrunk.shown.history_hash,
            "worlds": shrunk.runs,
            "scenario": file,
        }));
    } else {
        print(&file);
    }
    Exit::Ok
}
