//! Guided search: schedules that led somewhere new are bred from, so that the search goes on from the edge of what has been covered.
//!
//! Worlds come in generations. All worlds of one are bred from the same parents, each by luck of its own, drawn from its seed; what they
//! showed is learned in the order of their seeds, and makes the parents of the next. So a search is determined by its stage and its seeds, on
//! however many threads it runs. A quarter of the worlds, and all of the first generation, are not bred: their faults are drawn as the profile
//! draws them for their seed. They keep the search from narrowing, and they are the sample of which the unseen mass is told.
//!
//! A parent is drawn, half of the time, by drawing a *state* that one world alone has shown, and taking that world; else by drawing so a shape of
//! a violation. So worlds that went far beyond all others are bred from most, and no longer once others have come there too. Measured over
//! 3 000 worlds of bootstrap and blue-green: by states alone a tenth to a third more states are reached, and a fifth less shapes, since a
//! search may settle where there is much to see and little goes wrong; by shapes alone a fifth to a third less states. The luck within a bred
//! world is that of its own seed: with its parent's, a third less states are reached.

use crate::{Coverage, Seeds, Sighting, Stage};
use faults::{Breeder, Draw, Opportunities, Parent, Profile, Schedule, Trigger};
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use testbed::WorldResult;

/// How many worlds are bred from the same parents.
pub const GENERATION: u64 = 128;
/// One in so many worlds is drawn and not bred.
const DRAWN_OF: usize = 4;

/// A search for new states, as far as it has come.
pub struct Guided {
    source: Arc<Source>,
    coverage: Coverage,
    /// By seed, worlds that showed something new.
    parents: BTreeMap<u64, Arc<Ancestor>>,
}

/// What everything is bred from in the end.
struct Source {
    profile: Profile,
    offered: Opportunities,
    /// The triggers that came up in fault-free worlds.
    known: FxHashSet<Trigger>,
    /// The faults that the scenario itself names.
    own: Schedule,
}

/// A world to breed from.
struct Ancestor {
    /// Its faults but for the scenario's own.
    schedule: Schedule,
    places: Vec<Trigger>,
}

/// The parents of a generation.
#[derive(Clone)]
pub struct Brood {
    source: Arc<Source>,
    /// For each state that one world alone has shown, that world.
    by_state: Vec<Arc<Ancestor>>,
    /// For each shape of a violation that one world alone has shown, that world.
    by_shape: Vec<Arc<Ancestor>>,
}

/// The faults that a world is to meet, and how it came by them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bred {
    /// Those of the scenario itself not among them.
    pub(crate) schedule: Schedule,
    /// Whether they were drawn from the profile, and not bred.
    pub is_drawn: bool,
}

/// What a search learns from a world.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// The world's seed.
    pub seed: u64,
    /// Where its faults were from.
    pub bred: Bred,
    /// What it showed.
    pub sighting: Sighting,
    /// The triggers that came up in it and not in fault-free worlds.
    pub places: Vec<Trigger>,
}

impl Guided {
    /// A search that knows nothing yet, with the faults of a stage's profile.
    pub fn new(stage: &Stage) -> Self {
        let offered = stage.offered().clone();
        let known = offered.triggers().map(|(_, trigger)| trigger).collect();
        let source = Source { profile: stage.profile, offered, known, own: stage.scenario.schedule.clone() };
        Self { source: Arc::new(source), coverage: Coverage::default(), parents: BTreeMap::new() }
    }

    /// The parents of the next generation: of the next [`GENERATION`] worlds.
    pub fn brood(&mut self) -> Brood {
        let by_state: Vec<u64> = self.coverage.alone_with_states().collect();
        let by_shape: Vec<u64> = self.coverage.alone_with_shapes().collect();
        let bred_from: BTreeSet<u64> = by_state.iter().chain(&by_shape).copied().collect();
        // A world that is no longer alone with anything never will be again.
        self.parents.retain(|seed, _| bred_from.contains(seed));
        let parents = |worlds: &[u64]| worlds.iter().filter_map(|world| self.parents.get(world).cloned()).collect();
        Brood { source: self.source.clone(), by_state: parents(&by_state), by_shape: parents(&by_shape) }
    }

    /// Learns from a world: from each once, in the order of their seeds.
    pub fn learn(&mut self, lesson: Lesson) {
        let Lesson { seed, bred, sighting, places } = lesson;
        if self.coverage.add(seed, &sighting, bred.is_drawn) {
            self.parents.insert(seed, Arc::new(Ancestor { schedule: bred.schedule, places }));
        }
    }

    /// What has been covered.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// The same, when the search is over.
    pub fn into_coverage(self) -> Coverage {
        self.coverage
    }

    /// Searches the worlds of some seeds on a stage, one after the other, for one of which something holds; a world in which the testbed failed is
    /// passed over. Gives how many worlds were run, that one included, and the world.
    pub fn find(stage: &Stage, seeds: Seeds, mut holds: impl FnMut(&WorldResult) -> bool) -> Option<(u64, WorldResult)> {
        let mut guided = Self::new(stage);
        for generation in seeds.pieces(GENERATION) {
            let brood = guided.brood();
            for seed in generation.from..generation.to {
                let Ok((result, lesson)) = brood.run(stage, seed) else { continue };
                if holds(&result) {
                    return Some((seed + 1 - seeds.from, result));
                }
                guided.learn(lesson);
            }
        }
        None
    }
}

impl Brood {
    /// How the world of a seed comes by its faults.
    pub fn breed(&self, seed: u64) -> Bred {
        let Source { profile, offered, .. } = &*self.source;
        let mut draw = Draw::new(seed, "guided");
        let parent = if draw.chance(1, DRAWN_OF) { None } else { self.parent(&mut draw) };
        let Some((parent, other)) = parent.zip(self.parent(&mut draw)) else {
            return Bred { schedule: profile.draw(seed, offered), is_drawn: true };
        };
        let parent = Parent { schedule: &parent.schedule, places: &parent.places };
        let mut breeder = Breeder { draw, profile: *profile, offered };
        Bred { schedule: breeder.child(&parent, &other.schedule), is_drawn: false }
    }

    fn parent(&self, draw: &mut Draw) -> Option<&Ancestor> {
        let of = if draw.chance(1, 2) { &self.by_state } else { &self.by_shape };
        draw.pick(of).map(|parent| &**parent)
    }

    /// All faults of the world that so comes by them, the scenario's own first.
    pub fn schedule(&self, bred: &Bred) -> Schedule {
        Schedule(self.source.own.0.iter().chain(&bred.schedule.0).cloned().collect())
    }

    /// Runs the world of a seed.
    ///
    /// # Errors
    /// If the testbed failed or panicked.
    pub fn run(&self, stage: &Stage, seed: u64) -> Result<(WorldResult, Lesson), String> {
        let bred = crate::caught(|| self.breed(seed))?;
        let (result, offered) = stage.scouted(seed, &self.schedule(&bred))?;
        let mut places: Vec<Trigger> =
            offered.triggers().map(|(_, trigger)| trigger).filter(|trigger| !self.source.known.contains(trigger)).collect();
        let mut seen = FxHashSet::default();
        places.retain(|place| seen.insert(place.clone()));
        let lesson = Lesson { seed, bred, sighting: Sighting::of(&result), places };
        Ok((result, lesson))
    }
}
