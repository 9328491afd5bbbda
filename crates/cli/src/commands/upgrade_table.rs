//! `rehearse upgrade-table`: what two binaries do around each upgrade, computed by the rules that worlds run on.

use super::input::{read_file, tell};
use crate::exit::{Exit, print, print_json};
use api::Height;
use serde_json::{Value, json};
use simchain::ChainProfile;
use simchain::profile::{Binary, Upgrade, UpgradeKind};
use simchain::rules::{Panic, Phase, Verdict, verdict};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Arguments of `rehearse upgrade-table`.
#[derive(clap::Args)]
pub struct Arguments {
    /// A scenario file whose chain is taken; a chain with one major upgrade when absent.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// The old binary's image; the chain's first when absent.
    #[arg(long)]
    old: Option<String>,
    /// The new binary's image; the chain's last when absent.
    #[arg(long)]
    new: Option<String>,
}

/// What a binary does at a block.
struct Row {
    upgrade: String,
    at: &'static str,
    block: Height,
    image: String,
    does: &'static str,
    /// Why the block is not executed, if it is not.
    panic: Option<Panic>,
}

/// The phases in which a block can be executed.
const PHASES: [Phase; 3] = [Phase::Consensus, Phase::BlockSync, Phase::Handshake];

/// Prints the table.
pub fn upgrade_table(arguments: &Arguments, json: bool) -> Exit {
    let profile = match &arguments.scenario {
        None => example(),
        Some(file) => {
            match read_file(file).and_then(|bytes| testbed::scenario::read(file, &bytes).map_err(|problems| tell(&problems, json))) {
                Ok(scenario) => (*scenario.chain).clone(),
                Err(exit) => return exit,
            }
        }
    };
    let old = binary(&profile, "--old", arguments.old.as_deref(), profile.binaries.first());
    let new = binary(&profile, "--new", arguments.new.as_deref(), profile.binaries.last());
    let (old, new) = match (old, new) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(exit), _) | (_, Err(exit)) => return exit,
    };
    let rows: Vec<Row> = profile.upgrades.iter().flat_map(|upgrade| rows(&profile, upgrade, [old, new])).collect();
    if json {
        print_json(&json!({ "version": 1, "rows": rows.iter().map(to_json).collect::<Vec<_>>() }));
    } else {
        print(&to_text(&rows));
    }
    Exit::Ok
}

/// A chain with one major upgrade, and binaries without and with its handler.
fn example() -> ChainProfile {
    let mut profile = ChainProfile::default();
    profile.upgrades = vec![Upgrade::new("v6.4.0", profile.start_height.plus(10_500), UpgradeKind::Major)];
    let binary = |version: &str, handlers: &[&str]| Binary {
        image: format!("sei:{version}").into(),
        version: version.to_owned(),
        handlers: handlers.iter().map(|name| (*name).into()).collect(),
        code_forks: Vec::new(),
        exists: true,
        panics_at_start: false,
        panics_at: None,
    };
    profile.binaries = vec![binary("v6.3.0", &[]), binary("v6.4.0", &["v6.4.0"])];
    profile
}

fn binary<'p>(profile: &'p ChainProfile, flag: &str, image: Option<&str>, otherwise: Option<&'p Binary>) -> Result<&'p Binary, Exit> {
    let found = image.map_or(otherwise, |image| profile.binary(image).map(|index| &profile.binaries[index]));
    found.ok_or_else(|| {
        let known: Vec<&str> = profile.binaries.iter().map(|binary| &*binary.image).collect();
        eprintln!("rehearse: {flag}: there is no binary {:?}; expected one of {}", image.unwrap_or_default(), known.join(", "));
        Exit::Usage
    })
}

fn rows(profile: &ChainProfile, upgrade: &Upgrade, binaries: [&Binary; 2]) -> Vec<Row> {
    let Some(height) = upgrade.applies_at() else { return Vec::new() };
    let blocks = [("U - 1", height.minus(1)), ("U", height), ("U + 1", height.plus(1))];
    let row = |binary: &Binary, (at, block): (&'static str, Height)| {
        let (does, panic) = match verdict(profile, binary, block) {
            Verdict::GoesOn => ("executes the block", None),
            Verdict::Migrates(_) => ("runs its migrations and executes the block", None),
            Verdict::Panics(panic) => ("panics", Some(panic)),
        };
        Row { upgrade: upgrade.name.to_string(), at, block, image: binary.image.to_string(), does, panic }
    };
    binaries.into_iter().flat_map(|binary| blocks.map(|block| row(binary, block))).collect()
}

const fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Consensus => "in consensus",
        Phase::BlockSync => "in block sync",
        Phase::Handshake => "in the handshake",
    }
}

fn to_json(row: &Row) -> Value {
    let panic = row.panic.as_ref().map(|panic| {
        let phases = PHASES.map(|phase| (name(phase).to_owned(), panic.end(phase)));
        let phases =
            phases.map(|(phase, end)| (phase, json!({ "exit": end.code, "blockStored": end.block_stored, "rule": end.rule.says() })));
        json!({ "message": &*panic.message(), "phases": phases.into_iter().collect::<serde_json::Map<_, _>>() })
    });
    json!({ "upgrade": row.upgrade, "at": row.at, "block": row.block, "image": row.image, "does": row.does, "panic": panic })
}

fn to_text(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut say = |line: String| writeln!(text, "{line}").expect("a string takes what is written");
    if rows.is_empty() {
        say("the chain has no upgrade that takes effect".to_owned());
    }
    let width = rows.iter().map(|row| row.image.len()).max().unwrap_or(0);
    for row in rows {
        say(format!("{:<width$}  {:<5} {}  {}", row.image, row.at, row.block, row.does));
        if let Some(panic) = &row.panic {
            let indent = " ".repeat(width + 8);
            say(format!("{indent}{}", panic.message()));
            for phase in PHASES {
                let simchain::rules::End { code, block_stored, .. } = panic.end(phase);
                let end = code.map_or("stays alive and stuck".to_owned(), |code| format!("exit {code}"));
                let stored = if block_stored { "the block is in the block store" } else { "the block is not in the block store" };
                say(format!("{indent}{}: {end}, {stored}", name(phase)));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_default_chain_is_what_the_rules_say() {
        let profile = example();
        let table = to_text(&rows(&profile, &profile.upgrades[0], [&profile.binaries[0], &profile.binaries[1]]));
        let firsts: Vec<&str> = table.lines().filter(|line| line.starts_with("sei:")).collect();
        assert_eq!(
            firsts,
            [
                "sei:v6.3.0  U - 1 198750499  executes the block",
                "sei:v6.3.0  U     198750500  panics",
                "sei:v6.3.0  U + 1 198750501  panics",
                "sei:v6.4.0  U - 1 198750499  panics",
                "sei:v6.4.0  U     198750500  runs its migrations and executes the block",
                "sei:v6.4.0  U + 1 198750501  executes the block",
            ]
        );
        assert!(table.contains("in consensus: exit 2, the block is not in the block store"), "{table}");
    }
}
