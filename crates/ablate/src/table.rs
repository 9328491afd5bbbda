//! The table of remedies, for people and for machines.

use crate::{Ablation, Remedy, Shown};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// As text.
pub fn text(ablation: &Ablation) -> String {
    let mut told = String::new();
    let mut say = |line: String| writeln!(told, "{line}").expect("a string takes all");
    for remedy in &ablation.remedies {
        let Remedy { decision, value, shown, worlds } = remedy;
        say(format!("{} = {value}, not {}", decision.name, decision.faithful));
        match shown {
            Some(shown) => {
                say(format!("    necessary: {} in {}", shown.oracle, place(shown)));
                shown.case.faults.0.iter().for_each(|fault| say(format!("      {fault}")));
                say(format!("      without it {}", shown.message));
            }
            None => say(format!("    not shown necessary in {worlds} worlds")),
        }
    }
    say(String::new());
    say(summary(ablation));
    ablation.failed.iter().for_each(|why| say(format!("the testbed failed: {why}")));
    told
}

/// As Markdown.
pub fn markdown(ablation: &Ablation) -> String {
    let mut told = String::from("| remedy | instead of | without it | in the world |\n|---|---|---|---|\n");
    for Remedy { decision, value, shown, worlds } in &ablation.remedies {
        let (law, world) = match shown {
            Some(shown) => (format!("`{}`", shown.oracle), place(shown)),
            None => ("not shown necessary".to_owned(), format!("{worlds} worlds")),
        };
        writeln!(told, "| `{}={value}` | `{}` | {law} | {world} |", decision.name, decision.faithful).expect("a string takes all");
    }
    writeln!(told, "\n{}", summary(ablation)).expect("a string takes all");
    told
}

fn place(Shown { case, .. }: &Shown) -> String {
    let by = if case.drawn { ", profile swarm" } else { "" };
    format!("{}, seed {}{by}, {} fault(s)", case.scenario, case.seed, case.faults.0.len())
}

fn summary(ablation: &Ablation) -> String {
    let necessary = ablation.remedies.iter().filter(|remedy| remedy.shown.is_some()).count();
    let (worlds, broke) = ablation.worlds;
    format!(
        "{necessary} of {} remedies of {} are shown necessary; the whole design broke a law in {broke} of {worlds} worlds",
        ablation.remedies.len(),
        ablation.design
    )
}

/// As JSON.
pub fn to_json(ablation: &Ablation) -> Value {
    let remedy = |Remedy { decision, value, shown, worlds }: &Remedy| {
        let shown = shown.as_ref().map(|Shown { case, oracle, message }| {
            let profile = if case.drawn { "swarm" } else { "none" };
            json!({
                "scenario": case.scenario, "seed": case.seed, "profile": profile, "faults": case.faults.0, "oracle": oracle, "message": message,
            })
        });
        json!({ "decision": decision.name, "value": value, "faithful": decision.faithful, "worlds": worlds, "shown": shown })
    };
    let (worlds, broke) = ablation.worlds;
    json!({
        "version": 1,
        "design": ablation.design,
        "worlds": worlds,
        "violated": broke,
        "remedies": ablation.remedies.iter().map(remedy).collect::<Vec<_>>(),
        "failed": ablation.failed,
    })
}
