//! Judging behind a violation: with one decision of the design changed.

use crate::worlds;
use crate::{Catalogue, Column, Standing};
use claims::CLAIMS;
use planner::design::decisions;
use std::collections::BTreeMap;

/// Decisions that are no remedy: another plan is another design, and two more are what claims C16 and C26 speak of.
const OF_ANOTHER_DESIGN: [&str; 3] = ["hard-fork", "strategies", "service-update"];

/// For each decision of a design, taken otherwise: the claims that stand otherwise in the catalogue.
pub fn columns(catalogue: &Catalogue, column: &Column) -> Vec<(String, BTreeMap<&'static str, Standing>)> {
    let mut found = Vec::new();
    for decision in decisions().iter().filter(|decision| !OF_ANOTHER_DESIGN.contains(&decision.name)) {
        for value in decision.values.iter().filter(|value| **value != column.design.value(decision.name)) {
            let change = format!("{}={value}", decision.name);
            let changed = column.design.with(&change).expect("a decision with one of its values");
            let mut behind = Column::new(changed);
            worlds::catalogue(catalogue, &behind.design.clone(), &mut behind);
            let other: BTreeMap<_, _> = behind.claims.clone().into_iter().filter(|(id, _)| stands_otherwise(id, column, &behind)).collect();
            if !other.is_empty() {
                found.push((change, other));
            }
        }
    }
    found
}

/// Whether a claim that is untested or refuted has another verdict behind.
fn stands_otherwise(id: &str, column: &Column, behind: &Column) -> bool {
    let claim = CLAIMS.iter().find(|claim| claim.id == id).expect("a claim that was judged is listed");
    let (before, after) = (column.verdict(claim), behind.verdict(claim));
    before.is_some() && before != after && before != Some(crate::Verdict::Holds) && after != Some(crate::Verdict::Untested)
}
