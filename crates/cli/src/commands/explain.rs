//! `rehearse explain`: which events decided a violation, and from which on nothing recovers.

use super::run::testbed_failed;
use super::shrink::{Least, shrunk};
use super::world::WorldArguments;
use crate::exit::{Exit, print, print_json};
use explain::Explanation;
use explore::tried;
use testbed::Settled;
use testbed::world::Polls;

/// Arguments of `rehearse explain`.
#[derive(clap::Args)]
#[command(after_help = "\
The world is named as for rehearse replay, and shrunk first. Then it is run again up to each point that matters, and from there with other luck and \
without further faults: how many of these continuations recover says what the events in between have decided.")]
pub struct Arguments {
    #[command(flatten)]
    world: WorldArguments,
    /// The oracle whose violation is explained; the one that the file tells of, or the first that the world violates, when absent.
    #[arg(long, value_name = "ID")]
    oracle: Option<String>,
    /// How many continuations each point is given. Odds below three in so many may be taken for none.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(4..=10_000))]
    continuations: u32,
}

/// Explains a world's violation.
pub fn explain(arguments: &Arguments, json: bool) -> Exit {
    let least = match shrunk(&arguments.world, arguments.oracle.as_deref(), json) {
        Ok(least) => least,
        Err(exit) => return exit,
    };
    let scenario = least.shrunk.candidate.scenario().expect("what is left is a scenario");
    let run = &scenario.runs[0];
    let explained = tried(|| Settled::new(&scenario, &run.design, Polls::Elided))
        .and_then(|settled| explain::explain(&settled, least.seed, &scenario.schedule, least.oracle, arguments.continuations));
    match explained {
        Ok(explanation) => show(&least, &explanation.expect("what is left shows the violation"), json),
        Err(what) => testbed_failed(&scenario, &run.design, least.seed, &what),
    }
}

fn show(least: &Least, explanation: &Explanation, json: bool) -> Exit {
    if json {
        let mut document = least.to_json();
        document["explanation"] = explanation.to_json();
        print_json(&document);
        return Exit::Ok;
    }
    let (sentence, no_return) = (least.sentence(), explanation.no_return_in_words());
    let (start, of) = (explanation.at_start, explanation.continuations);
    print(&format!(
        "{sentence}\n{no_return}\n\n\
         The column: of {of} fault-free continuations, how many recover before the event -> after it ({start} do from the start).\n\
         X the point of no return, > it decides, * a fault strikes, + what the law goes by, ! the violation\n\n{}",
        explanation.story()
    ));
    Exit::Ok
}
