//! Exhibits and reports as text, as Markdown, as data.

use crate::{Delay, Exhibit, Hunted, Pair, Report, Strategy};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The exhibits, for a terminal.
pub fn list(exhibits: &[Exhibit]) -> String {
    let mut text = String::new();
    for exhibit in exhibits {
        let Exhibit { name, mutation, base, oracle, defect, .. } = exhibit;
        let _ = writeln!(text, "{name:<34} {:<18} {oracle:<26} {} in {}\n    {defect}", mutation.name(), base.design_name(), base.scenario);
    }
    text
}

/// The exhibits, as a table in Markdown.
pub fn list_markdown(exhibits: &[Exhibit]) -> String {
    let mut text = "| exhibit | mutation | design and scenario | oracle | defect |\n|---|---|---|---|---|\n".to_owned();
    for exhibit in exhibits {
        let Exhibit { name, mutation, base, oracle, defect, .. } = exhibit;
        let _ =
            writeln!(text, "| `{name}` | {} | {} in `{}` | `{oracle}` | {defect} |", mutation.name(), base.design_name(), base.scenario);
    }
    text
}

/// The exhibits, as data.
pub fn list_json(exhibits: &[Exhibit]) -> Value {
    json!({ "version": 1, "exhibits": exhibits.iter().map(exhibit_json).collect::<Vec<_>>() })
}

fn exhibit_json(exhibit: &Exhibit) -> Value {
    json!({
        "name": exhibit.name,
        "mutation": exhibit.mutation.name(),
        "design": exhibit.base.design_name(),
        "scenario": exhibit.base.scenario,
        "oracle": exhibit.oracle,
        "defect": exhibit.defect,
    })
}

/// A report, for a terminal.
pub fn text(report: &Report) -> String {
    let Report { hunt, hunted, pairs } = report;
    let mut text = format!("worlds to detection, of at most {} an exhibit and strategy, from seed {}\n\n", hunt.budget, hunt.seed);
    let _ = writeln!(text, "{:<34} {:<26}{:>7}{:>8}{:>7}   seen also by", "exhibit", "oracle", "swarm", "guided", "sweep");
    for hunted in hunted {
        let [swarm, guided, sweep] = Strategy::ALL.map(|strategy| number(hunted.after(strategy)));
        let others = hunted.seen_by.iter().copied().filter(|oracle| *oracle != hunted.exhibit.oracle).collect::<Vec<_>>().join(", ");
        let line = format!("{:<34} {:<26}{swarm:>7}{guided:>8}{sweep:>7}   {others}", hunted.exhibit.name, hunted.exhibit.oracle);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let [swarm, guided, sweep] = Strategy::ALL.map(|strategy| number(report.median(strategy)));
    let _ = writeln!(text, "{:<61}{swarm:>7}{guided:>8}{sweep:>7}\n", "median");
    pairs.iter().for_each(|pair| text.push_str(&pair_text(pair)));
    text.push_str(&oracles_text(report));
    let undetected = report.undetected();
    let _ = match undetected.as_slice() {
        [] => writeln!(text, "all {} exhibits were detected", hunted.len()),
        escaped => writeln!(text, "{} of {} exhibits escaped: {}", escaped.len(), hunted.len(), escaped.join(", ")),
    };
    text
}

fn number(worlds: Option<u64>) -> String {
    worlds.map_or_else(|| "-".to_owned(), |worlds| worlds.to_string())
}

fn pair_text(pair: &Pair) -> String {
    let letters: Vec<_> = pair.variant.alphabet.iter().map(ToString::to_string).collect();
    let mut text = format!("{}, every placement of: {}\n", pair.exhibit.name, letters.join("; or "));
    for (faults, schedules) in pair.variant.schedules.iter().enumerate() {
        let showing = pair.showing(faults);
        let _ = writeln!(text, "  with {faults}: {} sees {showing} of {schedules} schedules", pair.exhibit.oracle);
    }
    if let Some(first) = pair.first() {
        let _ = writeln!(text, "  first: {first}");
    }
    text.push('\n');
    text
}

fn oracles_text(report: &Report) -> String {
    let mut text = format!("{:<27}{:>5}   without it these escape\n", "oracle", "sees");
    for law in oracles::LAWS {
        let (sees, alone) = (report.seen_by(law.id).len(), report.seen_only_by(law.id));
        let escape = match alone.as_slice() {
            [] if sees == 0 => "-".to_owned(),
            [] => redundant(report.delayed_most(law.id)),
            alone => alone.join(", "),
        };
        let _ = writeln!(text, "{:<27}{sees:>5}   {escape}", law.id);
    }
    text.push('\n');
    text
}

fn redundant(delay: Option<Delay>) -> String {
    let delayed = |Delay { exhibit, with, without }| format!(", but {exhibit} is seen after {without} worlds of the swarm, not {with}");
    format!("none: redundant here{}", delay.map_or_else(String::new, delayed))
}

/// A report, as data.
pub fn to_json(report: &Report) -> Value {
    let medians = Strategy::ALL.map(|strategy| (strategy.name().to_owned(), json!(report.median(strategy))));
    let oracle = |id: &str| {
        let (sees, alone) = (report.seen_by(id), report.seen_only_by(id));
        json!({ "oracle": id, "sees": sees, "escape_without": alone, "delayed_most": report.delayed_most(id) })
    };
    json!({
        "version": 1,
        "seed": report.hunt.seed,
        "budget": report.hunt.budget,
        "exhibits": report.hunted.iter().map(hunted_json).collect::<Vec<_>>(),
        "medians": Value::Object(medians.into_iter().collect()),
        "undetected": report.undetected(),
        "oracles": oracles::LAWS.iter().map(|law| oracle(law.id)).collect::<Vec<_>>(),
        "two_faults": report.pairs.iter().map(pair_json).collect::<Vec<_>>(),
    })
}

fn hunted_json(hunted: &Hunted) -> Value {
    let mut json = exhibit_json(&hunted.exhibit);
    let after = Strategy::ALL.map(|strategy| (strategy.name().to_owned(), json!(hunted.after(strategy))));
    json["worlds_to_detection"] = Value::Object(after.into_iter().collect());
    json["seen_by"] = json!(hunted.seen_by);
    json["failed"] = json!(hunted.census.failed.len());
    json
}

fn pair_json(pair: &Pair) -> Value {
    json!({ "exhibit": pair.exhibit.name, "two_faults_needed": pair.holds(), "variant": pair.variant, "faithful": pair.base })
}
