//! `rehearse upgrade-table`: what two binaries do around each upgrade and at each code fork, computed by the rules that worlds run on.

use super::input::{read_file, tell};
use crate::exit::{Exit, print, print_json};
use api::Height;
use serde_json::{Value, json};
use simchain::ChainProfile;
use simchain::profile::{Binary, CodeFork, MissedStores, Upgrade, UpgradeKind};
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
    does: String,
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
    let mut rows: Vec<Row> = profile.upgrades.iter().flat_map(|upgrade| rows(&profile, upgrade, [old, new])).collect();
    rows.extend(profile.code_forks.iter().flat_map(|fork| fork_rows(&profile, fork, [old, new])));
    if rows.is_empty() {
        let file = arguments.scenario.as_ref().map_or_else(String::new, |file| format!("{}: ", file.display()));
        eprintln!("rehearse: {file}the chain has no upgrade that takes effect and no code fork; expected one at least");
        return Exit::Usage;
    }
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
        ignores_upgrades: false,
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
        let (does, panic) = does(profile, binary, block);
        Row { upgrade: upgrade.name.to_string(), at, block, image: binary.image.to_string(), does, panic }
    };
    binaries.into_iter().flat_map(|binary| blocks.map(|block| row(binary, block))).collect()
}

/// What a binary does at a code fork's block, which nothing guards: one that does not carry the fork executes it too.
fn fork_rows(profile: &ChainProfile, fork: &CodeFork, binaries: [&Binary; 2]) -> Vec<Row> {
    let row = |binary: &Binary| {
        let (mut does, panic) = does(profile, binary, fork.height);
        if panic.is_none() {
            let how = if binary.carries(&fork.name) { "the new way" } else { "the old way: the next block shows another app hash" };
            write!(does, ", {} {how}", fork.name).expect("a string takes what is written");
        }
        Row { upgrade: fork.name.to_string(), at: "fork", block: fork.height, image: binary.image.to_string(), does, panic }
    };
    binaries.map(row).into()
}

fn does(profile: &ChainProfile, binary: &Binary, block: Height) -> (String, Option<Panic>) {
    match verdict(profile, binary, block) {
        Verdict::GoesOn => ("executes the block".to_owned(), None),
        Verdict::Migrates(upgrade) => {
            let stores = match (upgrade.adds_or_deletes_stores, upgrade.without_info_file) {
                (false, _) => "",
                (true, MissedStores::Diverges) => "; without the upgrade-info file at start its stores stay: U + 1 shows another app hash",
                (true, MissedStores::FailsAtStart) => "; without the upgrade-info file it does not start: exit 1",
            };
            (format!("runs its migrations and executes the block{stores}"), None)
        }
        Verdict::Panics(panic) => ("panics".to_owned(), Some(panic)),
    }
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

    /// The lines that name an image, of a chain with one upgrade that was changed so.
    fn lines(change: impl Fn(&mut ChainProfile)) -> Vec<String> {
        let mut profile = example();
        change(&mut profile);
        let binaries = [&profile.binaries[0], &profile.binaries[1]];
        let mut all: Vec<Row> = profile.upgrades.iter().flat_map(|upgrade| rows(&profile, upgrade, binaries)).collect();
        all.extend(profile.code_forks.iter().flat_map(|fork| fork_rows(&profile, fork, binaries)));
        to_text(&all).lines().filter(|line| line.starts_with("sei:")).map(str::to_owned).collect()
    }

    #[test]
    fn a_minor_upgrade_lets_the_new_binary_run_before_it() {
        let told = lines(|profile| profile.upgrades[0].kind = UpgradeKind::Minor);
        assert_eq!(told[3], "sei:v6.4.0  U - 1 198750499  executes the block");
    }

    #[test]
    fn a_change_of_stores_needs_the_upgrade_info_file() {
        let told = |without| {
            lines(|profile| {
                profile.upgrades[0].adds_or_deletes_stores = true;
                profile.upgrades[0].without_info_file = without;
            })
            .remove(4)
        };
        assert!(told(MissedStores::Diverges).ends_with("its stores stay: U + 1 shows another app hash"));
        assert!(told(MissedStores::FailsAtStart).ends_with("it does not start: exit 1"));
    }

    #[test]
    fn a_code_fork_is_executed_the_old_way_by_a_binary_that_does_not_carry_it() {
        let told = lines(|profile| {
            profile.upgrades.clear();
            profile.code_forks = vec![CodeFork { name: "gas".into(), height: Height(198_750_000) }];
            profile.binaries[1].code_forks = vec!["gas".into()];
        });
        let old = "sei:v6.3.0  fork  198750000  executes the block, gas the old way: the next block shows another app hash";
        assert_eq!(told, [old, "sei:v6.4.0  fork  198750000  executes the block, gas the new way"]);
    }
}
