//! What a world came to: its end, its verdicts, its counts; as data with the machine-readable form.

use crate::history::Entry;
use crate::marks::{Mark, Passed};
use crate::measure::Counters;
use crate::plans::PlanRecord;
use crate::scenario::{Expectation, ExpectedVerdict, Outcome};
use crate::world::{FaultRecord, Sim, Stop, World};
use api::kinds::Service;
use api::{Kind, Labels};
use claims::{Refutation, Verdict};
use meter::Measurements;
use oracles::{Class, EndVerdicts, Sight, Violation};
use serde::Serialize;
use simcore::SimTime;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The result of one world.
#[derive(Clone, Debug)]
pub struct WorldResult {
    /// The scenario.
    pub scenario: Arc<str>,
    /// The design, decisions changed included.
    pub design: String,
    /// The seed.
    pub seed: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Every plan ever stored, in order.
    pub plans: Vec<PlanRecord>,
    /// When the last thing happened.
    pub ended: SimTime,
    /// The cycle, if it ended in a livelock.
    pub livelock: Option<std::time::Duration>,
    /// What it ended in.
    pub end: EndState,
    /// The laws that were broken, excused or not.
    pub violations: Vec<Violation>,
    /// What it says of each claim that was tested in it, if claims watched.
    pub claims: BTreeMap<&'static str, Verdict>,
    /// The faults that it was to meet, and how each came out.
    pub faults: Vec<FaultRecord>,
    /// The marks that it passed.
    pub marks: Passed,
    /// The abstract states that it passed through, in rising order; empty unless they were [asked for](Sim::record_states).
    pub states: Vec<u64>,
    /// What was counted.
    pub counters: Counters,
    /// What was measured, if it was asked for.
    pub measured: Option<Measurements>,
    /// The hash of its history.
    pub history_hash: String,
    /// Its history, if it was kept.
    pub history: Vec<(SimTime, Entry)>,
}

/// What was counted and measured, as one document.
#[derive(Serialize)]
struct Counted {
    #[serde(flatten)]
    counters: Counters,
    #[serde(flatten)]
    measured: Option<Measurements>,
}

/// The state at a world's end.
#[derive(Clone, Debug, Serialize)]
pub struct EndState {
    /// The group's phase.
    pub group_phase: Option<String>,
    /// The external Service's selector.
    pub selector: Labels,
    /// The nodes.
    pub seinodes: Vec<NodeEnd>,
    /// The nodes that serve.
    pub serving: Vec<Serving>,
    /// Objects whose owner is gone.
    pub leftovers: Vec<String>,
}

/// A SeiNode at a world's end.
#[derive(Clone, Debug, Serialize)]
pub struct NodeEnd {
    /// Its name.
    pub name: Arc<str>,
    /// Its phase.
    pub phase: Option<String>,
    /// Its image.
    pub image: String,
}

/// A node that serves at a world's end.
#[derive(Clone, Debug, Serialize)]
pub struct Serving {
    /// The node.
    pub node: Arc<str>,
    /// The image that runs.
    pub image: Arc<str>,
    /// Its block-store height.
    pub height: api::Height,
}

impl WorldResult {
    /// Judges a world that has stopped.
    pub(crate) fn new(mut world: World, seed: u64, stop: &Stop) -> Self {
        let (verdicts, livelock) = match stop {
            Stop::Livelock { since, cycle, verdicts } => (verdicts.clone(), Some((*since, *cycle))),
            _ => (world.look(|sim| EndVerdicts::at_rest(&sim.sight())), None),
        };
        world.act(|sim| {
            let converged = oracles::unconverged(&sim.sight()).is_none();
            match stop {
                Stop::Livelock { .. } => sim.mark(Mark::Livelocked),
                _ if !converged => sim.mark(Mark::RestedUnconverged),
                _ => {}
            }
            sim.judge_end(verdicts, livelock);
        });
        let measured = world.act(Sim::measured);
        world.look(|sim| {
            let violations = sim.violations().to_vec();
            Self {
                scenario: sim.setup().scenario.clone(),
                design: sim.setup().design.name.to_string(),
                seed,
                outcome: outcome_of(&violations, &sim.sight()),
                plans: sim.plans().to_vec(),
                ended: sim.history().last(),
                livelock: livelock.map(|(_, cycle)| cycle),
                end: EndState::of(sim),
                violations,
                claims: sim.verdicts(),
                faults: sim.faults().to_vec(),
                marks: sim.history().passed(),
                states: sim.states(),
                counters: sim.counters(),
                measured,
                history_hash: sim.history().hash().to_string(),
                history: sim.history().entries().to_vec(),
            }
        })
    }

    /// What differs from the expectation, in words; empty if it held.
    pub fn differs_from(&self, expected: &Expectation) -> Vec<String> {
        let mut differences = Vec::new();
        if let Some(outcome) = expected.outcome.filter(|outcome| *outcome != self.outcome) {
            differences.push(format!("expected outcome {outcome:?}, got {:?}", self.outcome));
        }
        if let Some(violations) = &expected.violations {
            let expected: BTreeSet<&str> = violations.iter().map(String::as_str).collect();
            let got = self.broken();
            if expected != got {
                differences.push(format!("expected violations of {expected:?}, got {got:?}"));
            }
        }
        for (claim, expected) in &expected.claims {
            let got = ExpectedVerdict::of(self.claims.get(claim.as_str()));
            if got != *expected {
                differences.push(format!("expected {claim} to be {expected:?}, got {got:?}"));
            }
        }
        differences
    }

    /// The violations that are not excused, in order.
    pub fn unexcused(&self) -> impl Iterator<Item = &Violation> {
        self.violations.iter().filter(|violation| violation.excused.is_none())
    }

    /// The oracles that are violated without an excuse.
    pub fn broken(&self) -> BTreeSet<&'static str> {
        self.unexcused().map(|violation| violation.oracle).collect()
    }

    /// What refutes a claim in this world, if claims watched.
    pub fn refutation(&self, claim: &str) -> Option<&Violation> {
        match self.claims.get(claim)? {
            Verdict::Refuted(refutation) => Some(&refutation.violation),
            Verdict::Holds | Verdict::Untested => None,
        }
    }

    /// How many violations each row of the excuse table excuses.
    pub fn excused(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for row in self.violations.iter().filter_map(|violation| violation.excused) {
            *counts.entry(row).or_default() += 1;
        }
        counts
    }

    /// The machine-readable form.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "version": 1,
            "scenario": self.scenario,
            "design": self.design,
            "seed": self.seed,
            "outcome": self.outcome,
            "plans": self.plans,
            "virtual_seconds": seconds(self.ended),
            "livelock_seconds": self.livelock.map(|cycle| cycle.as_secs_f64()),
            "end": self.end,
            "claims": self.claims.iter().map(|(claim, verdict)| claim_json(claim, verdict)).collect::<Vec<_>>(),
            "faults": self.faults.iter().map(fault_json).collect::<Vec<_>>(),
            "measurements": Counted { counters: self.counters, measured: self.measured },
            "violations": self.violations.iter().map(|violation| self.told(violation)).collect::<Vec<_>>(),
            "excused": self.excused(),
            "history_hash": self.history_hash,
        })
    }

    /// One of its violations in its machine-readable form.
    pub fn told<'a>(&'a self, violation: &'a Violation) -> ToldViolation<'a> {
        ToldViolation {
            oracle: violation.oracle,
            class: match violation.class {
                Class::Safety => "safety",
                Class::Liveness => "liveness",
            },
            design: &self.design,
            scenario: &self.scenario,
            seed: self.seed,
            at: seconds(violation.at),
            message: &violation.finding.message,
            since: seconds(violation.finding.since),
            objects: violation.finding.objects.iter().map(ToString::to_string).collect(),
            events: violation.finding.events.iter().map(|event| event.0).collect(),
            faults: self.faults.iter().map(|record| &record.fault).collect(),
            excused: violation.excused,
            history_hash: &self.history_hash,
        }
    }
}

/// A violation with the world that shows it, as one document.
#[derive(Serialize)]
pub struct ToldViolation<'a> {
    oracle: &'static str,
    class: &'static str,
    design: &'a str,
    scenario: &'a str,
    seed: u64,
    at: f64,
    message: &'a str,
    since: f64,
    objects: Vec<String>,
    events: Vec<u64>,
    faults: Vec<&'a faults::Fault>,
    excused: Option<&'static str>,
    history_hash: &'a str,
}

/// What a world says of a claim.
fn claim_json(claim: &str, verdict: &Verdict) -> serde_json::Value {
    match verdict {
        Verdict::Untested => serde_json::json!({ "claim": claim, "verdict": "untested" }),
        Verdict::Holds => serde_json::json!({ "claim": claim, "verdict": "holds" }),
        Verdict::Refuted(Refutation { violation, .. }) => serde_json::json!({
            "claim": claim,
            "verdict": "refuted",
            "at": seconds(violation.at),
            "message": violation.finding.message,
        }),
    }
}

/// A fault and how it came out.
fn fault_json(record: &FaultRecord) -> serde_json::Value {
    let struck = record.struck.as_ref();
    serde_json::json!({
        "fault": record.fault,
        "struck": struck.map(|struck| seconds(struck.at)),
        "befell": struck.is_some_and(|struck| struck.befell),
        "healed": struck.and_then(|struck| struck.healed).map(seconds),
    })
}

/// A moment as documents tell it.
pub fn seconds(at: SimTime) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "virtual times stay far below 2^52 microseconds")]
    let micros = at.micros() as f64;
    micros / 1e6
}

/// The first that applies. A liveness law that was broken and is excused is a failure that the faults allow.
fn outcome_of(violations: &[Violation], end: &Sight<'_>) -> Outcome {
    let broken = |class, excused| violations.iter().any(|violation| violation.class == class && violation.excused.is_some() == excused);
    if broken(Class::Safety, false) {
        Outcome::Violated
    } else if broken(Class::Liveness, false) {
        Outcome::Stuck
    } else if broken(Class::Liveness, true) || oracles::unconverged(end).is_some() {
        Outcome::FailedSafe
    } else {
        Outcome::Converged
    }
}

impl EndState {
    fn of(sim: &Sim) -> Self {
        let sight = sim.sight();
        let selector = (sight.cluster.object(&Service::INFO, sight.external))
            .and_then(|service| service.spec_as::<Service>()?.selector.clone())
            .unwrap_or_default();
        let nodes = sight.nodes();
        let seinodes = (nodes.iter())
            .map(|node| NodeEnd {
                name: node.meta.key.name.clone(),
                phase: node.status.phase.map(|phase| format!("{phase:?}")),
                image: node.spec.image.clone(),
            })
            .collect();
        let serving = (nodes.iter())
            .filter_map(|node| {
                let pod = simkube::PodId(sight.pod_of(&node.meta.key)?.meta.uid?);
                let view = sight.chain.view(sight.now, simchain::PodId(pod.0)).filter(|_| sight.serves(pod))?;
                Some(Serving { node: node.meta.key.name.clone(), image: view.image, height: view.store })
            })
            .collect();
        Self {
            group_phase: sight.group().and_then(|group| group.status.phase).map(|phase| format!("{phase:?}")),
            selector,
            seinodes,
            serving,
            leftovers: oracles::ownerless(&sight)
                .into_iter()
                .map(|object| format!("{} {}", object.info.kind, object.meta.name()))
                .collect(),
        }
    }
}
