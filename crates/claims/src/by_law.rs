//! Claims that a law judges: C02 (what entrants carry), C09 (data directories), C12 (incumbents deleted early).
//!
//! The law watches in any case; here is only when a world has come to where the claim says something.

use crate::court::{Court, Refutation};
use crate::rollout::Rollout;
use api::{Kind, SeiNode};
use oracles::{Fact, Violation, deletion_begins};
use simchain::Happening;
use simkube::{Actor, StoreChange};

/// Claims, and the laws that judge them.
const JUDGED: [(&str, &str); 3] = [("C02", "entrant-misconfigured"), ("C09", "data-dir-shared"), ("C12", "incumbent-deleted-early")];

/// Looks at a fact.
pub(crate) fn observe(fact: &Fact<'_>, rollout: &Rollout, court: &mut Court) {
    match fact {
        Fact::Stored(change) if change.object().info.kind == SeiNode::INFO.kind => {
            let name = &change.object().meta.key.name;
            if change.old.is_none() && rollout.entrants.contains(name) && rollout.restores && rollout.is_fork() {
                court.test("C02");
            }
            if rollout.incumbents.contains(name) && operator_deletes(change) {
                court.test("C12");
            }
        }
        Fact::Chain { node, what: Happening::SeidStarted { .. }, .. } if rollout.entrants.contains(*node) => court.test("C09"),
        _ => {}
    }
}

/// Whether a DELETE of the operator's takes effect.
pub(crate) fn operator_deletes(change: &StoreChange) -> bool {
    matches!(change.actor, Actor::Operator(_)) && deletion_begins(change)
}

/// Takes over what the laws have found.
pub(crate) fn end(violations: &[Violation], court: &mut Court) {
    for (claim, law) in JUDGED {
        for violation in violations.iter().filter(|violation| violation.oracle == law) {
            court.put(Refutation { claim, violation: violation.clone() });
        }
    }
}
