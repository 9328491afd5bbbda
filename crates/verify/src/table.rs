//! The report: as text, as Markdown, as data.

use crate::{Case, Column, Standing, Verdict};
use claims::{CLAIMS, ClaimInfo};
use planner::Design;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How many characters of a claim are shown beside its verdicts.
const SHOWN: usize = 70;

/// The report for a terminal.
pub fn text(columns: &[Column]) -> String {
    let mut text = format!("{:<5}{:<width$}", "", "", width = SHOWN + 2);
    for column in columns {
        let _ = write!(text, "{:<22}", column.design.name);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    for claim in CLAIMS {
        let mut line = format!("{:<5}{:<width$}", claim.id, shortened(claim.says), width = SHOWN + 2);
        for column in columns {
            let _ = write!(line, "{:<22}", cell(column, claim));
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push('\n');
    for column in columns {
        let _ = writeln!(text, "{}", run_for(column));
    }
    text.push_str(&refutations(columns, ""));
    text
}

/// The report as Markdown.
pub fn markdown(columns: &[Column]) -> String {
    let names: Vec<_> = columns.iter().map(|column| column.design.name.to_string()).collect();
    let mut text = format!("| | claim | {} |\n|---|---|{}\n", names.join(" | "), "---|".repeat(columns.len()));
    for claim in CLAIMS {
        let cells: Vec<_> = columns.iter().map(|column| cell(column, claim)).collect();
        let _ = writeln!(text, "| {} | {} | {} |", claim.id, claim.says, cells.join(" | "));
    }
    text.push('\n');
    for column in columns {
        let _ = writeln!(text, "- {}", run_for(column));
    }
    text.push_str(&refutations(columns, "- "));
    text
}

/// The report as data.
pub fn to_json(columns: &[Column]) -> Value {
    let verdicts = columns.iter().flat_map(|column| {
        let speaks = CLAIMS.iter().filter_map(move |claim| Some((claim, column.verdict(claim)?)));
        speaks.map(move |(claim, verdict)| {
            let none = Standing::default();
            verdict_json(claim.id, &column.design.name, verdict, column.claims.get(claim.id).unwrap_or(&none))
        })
    });
    let behind = columns.iter().flat_map(|column| {
        column.behind.iter().flat_map(move |(change, claims)| {
            let design = format!("{},{change}", column.design.name);
            claims.iter().map(move |(claim, standing)| verdict_json(claim, &design, standing.verdict(), standing))
        })
    });
    json!({
        "version": 1,
        "verdicts": verdicts.collect::<Vec<_>>(),
        "behind": behind.collect::<Vec<_>>(),
        "designs": columns.iter().map(|column| json!({
            "design": column.design.name,
            "worlds": column.worlds,
            "placements": { "run": column.placements.0, "of": column.placements.1 },
            "untested": column.untested(),
            "failed": column.failed,
        })).collect::<Vec<_>>(),
    })
}

fn verdict_json(claim: &str, design: &str, verdict: Verdict, standing: &Standing) -> Value {
    let case = standing.case.as_ref();
    json!({
        "claim": claim,
        "design": design,
        "verdict": verdict.name(),
        "worlds": standing.worlds,
        "violations": standing.refuted,
        "scenario": case.map(|case| &case.scenario),
        "seed": case.map(|case| case.seed),
        "faults": case.map(|case| &case.faults),
        "at": case.map(|case| case.at.to_string()),
        "sentence": case.map(told),
    })
}

fn shortened(says: &str) -> String {
    if says.chars().count() <= SHOWN {
        return says.to_owned();
    }
    let kept: String = says.chars().take(SHOWN - 3).collect();
    format!("{}...", kept.trim_end())
}

/// The verdict, and of how many worlds.
fn cell(column: &Column, claim: &ClaimInfo) -> String {
    let Some(verdict) = column.verdict(claim) else { return "-".to_owned() };
    let none = Standing::default();
    let Standing { worlds, refuted, .. } = column.claims.get(claim.id).unwrap_or(&none);
    match verdict {
        Verdict::Untested => "untested".to_owned(),
        Verdict::Refuted => format!("refuted {refuted}/{worlds}"),
        Verdict::Holds => format!("holds {worlds}"),
    }
}

fn run_for(column: &Column) -> String {
    let Column { design, worlds, placements: (run, of), failed, .. } = column;
    let mut line = format!("{}: {worlds} worlds, {run} of {of} placements of one fault among them", design.name);
    if !failed.is_empty() {
        let _ = write!(line, "; the testbed FAILED in {}: {}", failed.len(), failed[0]);
    }
    line
}

/// What refutes, in a sentence each, with the world that shows it; and what is judged behind.
fn refutations(columns: &[Column], bullet: &str) -> String {
    let mut text = String::new();
    for column in columns {
        let cases = CLAIMS.iter().filter(|claim| column.verdict(claim) == Some(Verdict::Refuted));
        let cases: Vec<_> = cases.filter_map(|claim| Some((claim.id, column.claims.get(claim.id)?.case.as_ref()?))).collect();
        if !cases.is_empty() {
            let _ = writeln!(text, "\nRefuted for {}:\n", column.design.name);
        }
        for (claim, case) in cases {
            let _ = writeln!(text, "{bullet}{claim}  {} [{}, seed {}]", told(case), case.scenario, case.seed);
        }
        for (change, claims) in &column.behind {
            let _ = writeln!(text, "\nBehind that, for {} with {change}:\n", column.design.name);
            for (claim, standing) in claims {
                let _ = writeln!(text, "{bullet}{claim}  {}", behind(column, change, standing));
            }
        }
    }
    text
}

fn behind(column: &Column, change: &str, standing: &Standing) -> String {
    let design: Design = column.design.with(change).expect("a change that was made");
    match (standing.verdict(), &standing.case) {
        (Verdict::Refuted, Some(case)) => {
            format!("refuted in {} of {} worlds: {} [{}, seed {}]", standing.refuted, standing.worlds, told(case), case.scenario, case.seed)
        }
        (verdict, _) => format!("{} in {} worlds of {}", verdict.name(), standing.worlds, design.name),
    }
}

fn told(case: &Case) -> String {
    case.sentence.clone().unwrap_or_else(|| format!("{}: {}.", case.at, case.message))
}
