//! The `rehearse` command. Its verbs are the concepts: run a scenario, check a file, list what exists. One verb a file.

mod code;
mod commands;
mod exit;
mod listener;

use clap::{Parser, Subcommand};
use exit::Exit;
use std::process::ExitCode;

/// Worlds are made of many small values with short lives, in every thread: with this allocator one runs in four fifths of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rehearses the rollout plans of a blockchain-node operator in a simulated Kubernetes and chain.
#[derive(Parser)]
#[command(name = "rehearse", version, max_term_width = 120)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print machine-readable JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Judge every claim of the design document for every design; print the table.
    Verify(commands::verify::Arguments),
    /// Run scenarios; print the history and the verdicts.
    Run(commands::run::Arguments),
    /// Run the worlds of many seeds, each with faults of its own; print a summary.
    Explore(commands::explore::Arguments),
    /// Run one world again, exactly: a file of a corpus, or a seed.
    Replay(commands::replay::Arguments),
    /// Shrink a world to the least that still shows its violation; print that as a scenario.
    Shrink(commands::shrink::Arguments),
    /// Shrink a world; print which events decided its violation, and from which on nothing recovers.
    Explain(commands::explain::Arguments),
    /// Run every placement of up to K faults; print a certificate.
    Sweep(commands::sweep::Arguments),
    /// Run the same seeds and schedules through several designs; print what each measurement comes to, and the differences.
    Compare(commands::compare::Arguments),
    /// Hunt for known-bad variants of the operator; print how many worlds each strategy needs.
    Museum(commands::museum::Arguments),
    /// Leave out each remedy of a design in turn; print which law breaks without it.
    Ablate(commands::ablate::Arguments),
    /// Check manifests and scenarios against types, schemas and CEL rules.
    Check(commands::check::Arguments),
    /// Print the two CustomResourceDefinitions as YAML.
    Crds,
    /// Print the JSON Schema of scenario files.
    Schema,
    /// List the claims of the design document.
    Claims,
    /// List the designs and their decisions.
    Designs,
    /// List the faults: what can befall a world.
    Faults,
    /// List the marks: situations that a good exploration meets sometimes.
    Marks,
    /// List the oracles: the laws that worlds are held to.
    Oracles,
    /// Print what an old and a new binary do at U - 1, U and U + 1 of each upgrade.
    UpgradeTable(commands::upgrade_table::Arguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Ok };
            return error.print().map_or(Exit::Ok, |()| exit).into();
        }
    };
    let json = arguments.json;
    let exit = match arguments.command {
        Command::Verify(arguments) => commands::verify::verify(&arguments, json),
        Command::Run(arguments) => commands::run::run(&arguments, json),
        Command::Explore(arguments) => commands::explore::explore(&arguments, json),
        Command::Replay(arguments) => commands::replay::replay(&arguments, json),
        Command::Shrink(arguments) => commands::shrink::shrink(&arguments, json),
        Command::Explain(arguments) => commands::explain::explain(&arguments, json),
        Command::Sweep(arguments) => commands::sweep::sweep(&arguments, json),
        Command::Compare(arguments) => commands::compare::compare(&arguments, json),
        Command::Museum(arguments) => commands::museum::museum(&arguments, json),
        Command::Ablate(arguments) => commands::ablate::ablate(&arguments, json),
        Command::Check(arguments) => commands::check::check(&arguments, json),
        Command::Crds => commands::crds::crds(json),
        Command::Schema => commands::schema::schema(),
        Command::Claims => commands::claims::claims(json),
        Command::Designs => commands::designs::designs(json),
        Command::Faults => commands::faults::faults(json),
        Command::Marks => commands::marks::marks(json),
        Command::Oracles => commands::oracles::oracles(json),
        Command::UpgradeTable(arguments) => commands::upgrade_table::upgrade_table(&arguments, json),
    };
    exit.into()
}
