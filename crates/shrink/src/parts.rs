//! Leaving things out: faults, actions, replicas.

use crate::Candidate;
use crate::minimal::minimal;
use serde_json::Value;

/// The candidate with only those entries of a list that are needed.
pub fn without_needless(candidate: &Candidate, field: &str, mut holds: impl FnMut(&Candidate) -> bool) -> Candidate {
    let list = candidate.list(field).to_vec();
    let of = |kept: &[usize]| candidate.with_list(field, kept.iter().map(|at| list[*at].clone()).collect::<Vec<Value>>());
    let kept = minimal(list.len(), |kept| holds(&of(kept)));
    if kept.len() == list.len() { candidate.clone() } else { of(&kept) }
}

/// The candidate with as few replicas as will do.
pub fn with_fewest_replicas(candidate: &Candidate, mut holds: impl FnMut(&Candidate) -> bool) -> Candidate {
    let fewer = (1..candidate.replicas().unwrap_or(1)).map(|replicas| candidate.with_replicas(replicas));
    fewer.into_iter().find(|fewer| holds(fewer)).unwrap_or_else(|| candidate.clone())
}
