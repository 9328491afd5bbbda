//! A comparison as text, as Markdown, as data.

use crate::{Compared, Distribution, MEASURES};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// For a terminal.
pub fn text(compared: &[Compared]) -> String {
    let mut text = String::new();
    for (at, measure) in MEASURES.iter().enumerate() {
        let _ = writeln!(
            text,
            "{:<30}{:>12}{:>12}{:>12}{:>12}   difference: median, 90 %, 99 %",
            measure.name, "mean", "median", "90 %", "99 %"
        );
        for design in compared {
            let line = match &design.measured[at] {
                None => format!("  {:<28}{:>12}", design.design, "no value"),
                Some(of) => format!("  {:<28}{}{}", design.design, cells(of), difference(design.differences[at].as_ref())),
            };
            let _ = writeln!(text, "{line}");
        }
        text.push('\n');
    }
    for design in compared {
        let _ = writeln!(text, "{}", summary(design));
    }
    text
}

/// As Markdown.
pub fn markdown(compared: &[Compared]) -> String {
    let mut text = "| measurement | design | mean | median | 90 % | 99 % | difference, median | 90 % | 99 % |\n|---|---|---|---|---|---|---|---|---|\n".to_owned();
    for (at, measure) in MEASURES.iter().enumerate() {
        for design in compared {
            let shown = |of: Option<&Distribution>, numbers: fn(&Distribution) -> Vec<f64>, columns: usize| match of {
                None => vec!["-".to_owned(); columns],
                Some(of) => numbers(of).into_iter().map(number).collect(),
            };
            let mut row = vec![measure.name.to_owned(), design.design.clone()];
            row.extend(shown(design.measured[at].as_ref(), |of| vec![of.mean, of.median, of.p90, of.p99], 4));
            row.extend(shown(design.differences[at].as_ref(), |of| vec![of.median, of.p90, of.p99], 3));
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
    }
    text.push('\n');
    for design in compared {
        let _ = writeln!(text, "- {}", summary(design));
    }
    text
}

/// As data.
pub fn to_json(compared: &[Compared]) -> Value {
    let design = |design: &Compared| {
        let measure = |at: usize| json!({ "name": MEASURES[at].name, "values": design.measured[at], "difference": design.differences[at] });
        json!({
            "design": design.design,
            "scenario": design.scenario,
            "worlds": design.worlds,
            "faults": { "scheduled": design.faults.0, "struck": design.faults.1 },
            "violated": design.violated,
            "measurements": (0..MEASURES.len()).map(measure).collect::<Vec<_>>(),
            "failed": design.failed,
        })
    };
    json!({ "version": 1, "designs": compared.iter().map(design).collect::<Vec<_>>() })
}

fn cells(of: &Distribution) -> String {
    [of.mean, of.median, of.p90, of.p99].map(|value| format!("{:>12}", number(value))).concat()
}

fn difference(of: Option<&Distribution>) -> String {
    of.map_or_else(String::new, |of| format!("   {}, {}, {}", signed(of.median), signed(of.p90), signed(of.p99)))
}

fn number(value: f64) -> String {
    if value.fract().abs() < 1e-9 { format!("{value:.0}") } else { format!("{value:.2}") }
}

fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", number(value)) } else { number(value) }
}

fn summary(design: &Compared) -> String {
    let Compared { design, scenario, worlds, faults: (faults, struck), failed, violated, .. } = design;
    let mut line = format!("{design} in {scenario}: {worlds} worlds, {struck} of {faults} faults struck");
    if !violated.is_empty() {
        let oracles: Vec<_> = violated.iter().map(|(oracle, worlds)| format!("{oracle} {worlds}")).collect();
        let _ = write!(line, "; violated: {}", oracles.join(", "));
    }
    if let Some(first) = failed.first() {
        let _ = write!(line, "; the testbed FAILED in {}: {first}", failed.len());
    }
    line
}
