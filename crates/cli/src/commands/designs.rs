//! `rehearse designs`.

use crate::exit::{Exit, print, print_json};
use planner::Design;
use serde_json::json;
use std::fmt::Write as _;

/// Lists the designs with their values, and the decisions with theirs.
pub fn designs(json: bool) -> Exit {
    let designs = Design::presets();
    if json {
        let decisions = planner::design::decisions();
        print_json(&json!({
            "version": 1,
            "designs": designs.iter().map(|d| json!({ "name": &*d.name, "answers": d.answers, "decisions": values(d) })).collect::<Vec<_>>(),
            "decisions": decisions
                .iter()
                .map(|d| json!({ "name": d.name, "values": d.values, "faithful": d.faithful, "about": d.about }))
                .collect::<Vec<_>>(),
        }));
        return Exit::Ok;
    }
    let mut text = String::from("designs\n");
    for design in &designs {
        let values: Vec<_> = values(design).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        writeln!(text, "  {:<12} answers {:?}: {}", design.name, design.answers, values.join(", "))
            .expect("a string takes what is written");
    }
    text.push_str("\ndecisions (change one with --with DECISION=VALUE)\n");
    for decision in planner::design::decisions() {
        writeln!(text, "  {} = {}; today {}\n      {}", decision.name, decision.values.join(" | "), decision.faithful, decision.about)
            .expect("a string takes what is written");
    }
    print(&text);
    Exit::Ok
}

fn values(design: &Design) -> std::collections::BTreeMap<&'static str, &'static str> {
    planner::design::decisions().iter().map(|decision| (decision.name, design.value(decision.name))).collect()
}
