//! What many worlds have covered: the abstract states that they passed through, each with how many worlds have shown it, and the shapes of
//! the violations.
//!
//! Adding is in the order of worlds, since what is *new* depends on what came before. Memory grows with the number of different states and
//! shapes, not with the number of worlds.

use crate::unseen::{Rare, Sample, Unseen};
use serde::Serialize;
use simcore::stable_hash;
use std::collections::BTreeMap;
use testbed::WorldResult;

/// How many worlds each number of the series is for.
pub const STRETCH: u64 = 1000;

/// What one world showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The abstract states, in rising order.
    pub states: Vec<u64>,
    /// The shapes of the violations that are not excused.
    pub shapes: Vec<u64>,
}

impl Sighting {
    /// What a world showed that had been asked for its states.
    pub fn of(result: &WorldResult) -> Self {
        let mut faults: Vec<_> = result.faults.iter().map(|record| record.fault.what.id()).collect();
        faults.sort_unstable();
        let shapes = result.broken().into_iter().map(|oracle| stable_hash(&(oracle, &faults))).collect();
        Self { states: result.states.clone(), shapes }
    }
}

/// What worlds have covered so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    worlds: u64,
    states: BTreeMap<u64, Seen>,
    shapes: BTreeMap<u64, Shape>,
    series: Vec<New>,
    /// Of the worlds that were drawn.
    drawn: Sample,
}

/// What was new in a thousand worlds, or in what there is of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct New {
    /// How many worlds these are: 1 000, but for the last.
    pub worlds: u64,
    /// States that no world before had shown.
    pub states: u64,
    /// Shapes of violations that no world before had shown.
    pub shapes: u64,
}

/// Who has seen a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    worlds: u64,
    first: Witness,
    second: Option<Witness>,
}

/// Who has shown a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    worlds: u64,
    first: u64,
}

/// A world that has seen a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Witness {
    world: u64,
    /// How many states it has seen in all.
    states: u64,
    drawn: bool,
}

impl Coverage {
    /// Adds what a world showed, which has been added never before; whether a state or a shape of it is new. `drawn` says that its faults were drawn from
    /// the profile: only of such worlds is the unseen mass, since others are no sample of anything.
    pub fn add(&mut self, world: u64, sighting: &Sighting, drawn: bool) -> bool {
        let states = sighting.states.len() as u64;
        let witness = Witness { world, states, drawn };
        let before = self.states.len();
        for state in &sighting.states {
            let seen = self.states.entry(*state).or_insert(Seen { worlds: 0, first: witness, second: None });
            seen.worlds += 1;
            if seen.worlds == 2 {
                seen.second = Some(witness);
            }
        }
        if drawn {
            self.drawn.worlds += 1;
            self.drawn.incidences += states;
            self.drawn.squares += states * states;
        }
        let new_states = (self.states.len() - before) as u64;
        let before = self.shapes.len();
        for shape in &sighting.shapes {
            self.shapes.entry(*shape).or_insert(Shape { worlds: 0, first: world }).worlds += 1;
        }
        let new_shapes = (self.shapes.len() - before) as u64;
        if self.worlds.is_multiple_of(STRETCH) {
            self.series.push(New::default());
        }
        self.worlds += 1;
        let last = self.series.last_mut().expect("a world is in a stretch");
        *last = New { worlds: last.worlds + 1, states: last.states + new_states, shapes: last.shapes + new_shapes };
        new_states + new_shapes > 0
    }

    /// How many worlds have been added.
    pub fn worlds(&self) -> u64 {
        self.worlds
    }

    /// How many different states they have passed through.
    pub fn states(&self) -> usize {
        self.states.len()
    }

    /// How many different shapes of violations they have shown.
    pub fn shapes(&self) -> usize {
        self.shapes.len()
    }

    /// How many states so many worlds have shown, and no more.
    pub fn shown_by(&self, worlds: u64) -> usize {
        self.states.values().filter(|seen| seen.worlds == worlds).count()
    }

    /// What was new in each thousand worlds.
    pub fn series(&self) -> &[New] {
        &self.series
    }

    /// For each state that one world alone has shown, that world.
    pub fn alone_with_states(&self) -> impl Iterator<Item = u64> {
        self.states.values().filter(|seen| seen.worlds == 1).map(|seen| seen.first.world)
    }

    /// For each shape of a violation that one world alone has shown, that world.
    pub fn alone_with_shapes(&self) -> impl Iterator<Item = u64> {
        self.shapes.values().filter(|shape| shape.worlds == 1).map(|shape| shape.first)
    }

    /// The share of the states of one more drawn world that no world has shown yet. The argument of Good and Turing is about leaving a drawn
    /// world out, so states that other worlds have shown too have simply been seen.
    pub fn unseen(&self) -> Option<Unseen> {
        let mut rare = BTreeMap::<u64, Rare>::new();
        for seen in self.states.values() {
            match (seen.worlds, seen.first, seen.second) {
                (1, only, _) if only.drawn => rare.entry(only.world).or_default().note(only, |rare| &mut rare.alone),
                (2, one, Some(other)) if one.drawn && other.drawn => {
                    for witness in [one, other] {
                        rare.entry(witness.world).or_default().note(witness, |rare| &mut rare.with_another);
                    }
                }
                _ => {}
            }
        }
        Sample { rare: rare.into_values().collect(), ..self.drawn.clone() }.unseen()
    }
}

impl Rare {
    fn note(&mut self, witness: Witness, count: impl FnOnce(&mut Self) -> &mut u64) {
        self.states = witness.states;
        *count(self) += 1;
    }
}
