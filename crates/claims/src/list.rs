//! The claims, as data: what each says, and of which designs.

use api::group::StrategyType;
use planner::{Design, HardForkPlan};

/// A claim of the design document.
#[derive(Clone, Copy, Debug)]
pub struct ClaimInfo {
    /// Its id.
    pub id: &'static str,
    /// What it says, in short.
    pub says: &'static str,
    /// By what it is judged.
    pub judged: &'static str,
    of: Of,
}

/// Of which designs a claim speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// Of every design.
    All,
    /// Of those that answer HardFork.
    HardFork,
    /// Of those whose entrants bootstrap themselves across the fork.
    Bootstrap,
    /// Of those that answer BlueGreen.
    BlueGreen,
    /// Of what the document proposes: the latter two.
    Proposed,
}

impl ClaimInfo {
    /// Whether it speaks of a design.
    pub fn applies_to(&self, design: &Design) -> bool {
        match self.of {
            Of::All => true,
            Of::HardFork => design.answers == StrategyType::HardFork,
            Of::Bootstrap => design.answers == StrategyType::HardFork && design.hard_fork == HardForkPlan::Bootstrap,
            Of::BlueGreen => design.answers == StrategyType::BlueGreen,
            Of::Proposed => design.answers == StrategyType::BlueGreen || design.hard_fork == HardForkPlan::Bootstrap,
        }
    }
}

const fn claim(id: &'static str, of: Of, says: &'static str, judged: &'static str) -> ClaimInfo {
    ClaimInfo { id, says, judged, of }
}

/// Every claim, in order. Source: claims.md.
pub const CLAIMS: &[ClaimInfo] = &[
    claim("C01", Of::Bootstrap, "the HardFork plan has exactly four tasks", "the tasks of each stored plan"),
    claim("C02", Of::Bootstrap, "entrants carry the new image, the incumbents' as bootstrap image, and H - 1", "entrant-misconfigured"),
    claim("C03", Of::Bootstrap, "the recorded incumbent image is the one that live incumbents run", "their pods, when it is recorded"),
    claim("C04", Of::BlueGreen, "a blue-green entrant gets no bootstrap injection", "entrants as they are created"),
    claim("C05", Of::Proposed, "hard fork and blue-green differ only by the caught-up gate", "the ends of two rollouts from one start"),
    claim(
        "C06",
        Of::Bootstrap,
        "the bootstrap runs the incumbent binary, commits H - 1 and nothing later, and ends Complete",
        "its seid and its Job",
    ),
    claim(
        "C07",
        Of::Bootstrap,
        "after teardown-bootstrap Job and Service are gone and the volume holds H - 1",
        "the cluster when seid starts",
    ),
    claim("C08", Of::HardFork, "the entrant's new binary executes H first, upgrades once, and goes on", "what its seid executes"),
    claim("C09", Of::All, "no data directory is open in two running processes", "data-dir-shared"),
    claim("C10", Of::All, "a Running node has been through the whole sequence", "its seid as it enters the phase"),
    claim(
        "C11",
        Of::All,
        "incumbents run and serve until switch-traffic, and the Service points at them",
        "their pods, the selector, the data plane",
    ),
    claim("C12", Of::All, "no incumbent is deleted before the entrants serve", "incumbent-deleted-early"),
    claim("C13", Of::HardFork, "at the switch a HardFork entrant is at the tip", "the entrants as the selector moves"),
    claim("C14", Of::BlueGreen, "at the switch a blue-green entrant is at the tip", "the entrants as the selector moves"),
    claim("C15", Of::All, "traffic always has a ready endpoint but for a brief gap after teardown", "the data plane, gaps over 5 s"),
    claim("C16", Of::Bootstrap, "updating the Service inside switch-traffic removes that gap", "the design with that one change"),
    claim(
        "C17",
        Of::HardFork,
        "today's plan can stop incumbents before entrants are ready, the proposed one cannot",
        "incumbents that the plan stops",
    ),
    claim(
        "C18",
        Of::Bootstrap,
        "a bootstrap Job that fails fails the plan at once; incumbents serve throughout",
        "what follows the Job's failure",
    ),
    claim(
        "C19",
        Of::All,
        "after a failure: fix the spec, delete the entrants, apply, and it converges",
        "the end after a person has done so",
    ),
    claim(
        "C20",
        Of::HardFork,
        "a new binary that panics at H never gets Running; the plan waits, incumbents serve",
        "what follows the panic",
    ),
    claim("C21", Of::Bootstrap, "a bootstrap waits for days for its target, and nothing times out", "Jobs that take more than a day"),
    claim("C22", Of::Bootstrap, "without peers the bootstrap plan fails, then as C18", "what follows discover-peers' failure"),
    claim("C23", Of::HardFork, "a rollout applied after H converges, and serves no stale data", "rollouts that begin past H"),
    claim("C24", Of::HardFork, "without an s3 source the entrant state-syncs and ends correctly", "the end of such rollouts"),
    claim("C25", Of::All, "state sync to a snapshot past H works, and one before H too", "entrants whose state came from peers"),
    claim("C26", Of::Proposed, "one strategy with an optional halt height behaves like both", "the design with that one change"),
    claim("C27", Of::All, "an entrant arrives also when the incumbents are gone or unreachable", "entrants that arrive alone"),
    claim("C28", Of::HardFork, "any spec with haltHeight > 0 rolls out or leaves the incumbents untouched", "the end of every rollout"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_28_claims_in_order_and_each_speaks_of_some_design() {
        assert_eq!(CLAIMS.len(), 28);
        for (number, claim) in CLAIMS.iter().enumerate() {
            assert_eq!(claim.id, format!("C{:02}", number + 1));
            assert!(Design::presets().iter().any(|design| claim.applies_to(design)), "{}", claim.id);
        }
    }
}
