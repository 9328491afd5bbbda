//! `rehearse shrink`: the least that still shows a world's violation, as a scenario and as a sentence.

use super::input::refuse;
use super::run::testbed_failed;
use super::world::{Chosen, WorldArguments};
use crate::exit::{Exit, print, print_json};
use explore::tried;
use serde_json::{Value, json};
use shrink::{Candidate, Shrunk, Wanted};
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
    match shrunk(&arguments.world, arguments.oracle.as_deref(), json) {
        Ok(least) => least.show(json),
        Err(exit) => exit,
    }
}

/// A world, shrunk to what still shows its violation.
pub struct Least {
    /// The oracle that is violated.
    pub oracle: &'static str,
    /// The design.
    pub design: String,
    /// The seed.
    pub seed: u64,
    /// What is left.
    pub shrunk: Shrunk,
}

/// Shrinks a world to the violation of an oracle that is named; of the one that its file tells of, or of the first that it violates, otherwise.
///
/// # Errors
/// Why there is nothing to shrink, told already.
pub fn shrunk(world: &WorldArguments, oracle: Option<&str>, json: bool) -> Result<Least, Exit> {
    if let Some(id) = oracle.filter(|id| oracles::LAWS.iter().all(|law| law.id != *id)) {
        return Err(refuse(&format!("--oracle: there is no oracle {id:?}; rehearse oracles lists them")));
    }
    let chosen = world.choose(json)?;
    let result = tried(|| chosen.settled.run_under(chosen.seed, &chosen.schedule, History::default()))
        .map_err(|what| testbed_failed(&chosen.scenario, &chosen.design, chosen.seed, &what))?;
    let recorded = chosen.recorded.as_ref().map(|(_, file)| file.found.oracle.as_str());
    let named = oracle.or(recorded);
    let oracle = violated(&result, named).ok_or_else(|| {
        refuse(&match named {
            Some(id) => format!("the world does not violate {id} without an excuse, so there is nothing to keep"),
            None => "the world violates nothing without an excuse, so there is nothing to keep".to_owned(),
        })
    })?;
    let Chosen { scenario, text, design, seed, schedule, .. } = chosen;
    let candidate = Candidate::new(&scenario, &text, &design, seed, &schedule).expect("a scenario that was read is YAML");
    let Some(shrunk) = shrink::shrink(&candidate, Wanted::Violation(oracle)) else {
        eprintln!("rehearse: the scenario's document does not show what its world showed");
        return Err(Exit::Testbed);
    };
    Ok(Least { oracle, design: design.name.to_string(), seed, shrunk })
}

/// The oracle to keep: the one that is named, or the first.
fn violated(result: &WorldResult, named: Option<&str>) -> Option<&'static str> {
    result.unexcused().map(|violation| violation.oracle).find(|oracle| named.is_none_or(|named| named == *oracle))
}

impl Least {
    /// What happens, in one sentence.
    pub fn sentence(&self) -> String {
        self.shrunk.sentence(Wanted::Violation(self.oracle), &self.design)
    }

    /// The machine-readable form.
    pub fn to_json(&self) -> Value {
        json!({
            "version": 1,
            "oracle": self.oracle,
            "design": self.design,
            "seed": self.seed,
            "sentence": self.sentence(),
            "faults": self.shrunk.faults(),
            "at": self.shrunk.shown.at.to_string(),
            "history_hash": self.shrunk.shown.history_hash,
            "worlds": self.shrunk.runs,
            "scenario": self.shrunk.file(&self.sentence()),
        })
    }

    fn show(&self, json: bool) -> Exit {
        if json {
            print_json(&self.to_json());
        } else {
            print(&self.shrunk.file(&self.sentence()));
        }
        Exit::Ok
    }
}
