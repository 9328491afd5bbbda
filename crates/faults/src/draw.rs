//! Drawing faults: one stream of luck for a world's schedule, apart from all luck within the world.

use crate::kinds::What;
use crate::lapse::Lapse;
use crate::opportunities::{Opportunities, Stretch};
use crate::schedule::Fault;
use crate::trigger::{CallTrigger, Moment, Trigger, Verb};
use simcore::{Luck, Seed, SimTime};
use std::sync::Arc;

/// The luck of one schedule.
pub struct Draw {
    luck: Luck,
}

impl Draw {
    /// The luck of a world's schedule: that of its seed and the profile's name.
    pub fn new(seed: u64, profile: &str) -> Self {
        let mut luck = Luck::new(Seed(seed));
        let seed = luck.below("faults", profile, u64::MAX);
        Self { luck: Luck::new(Seed(seed)) }
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        let drawn = self.luck.below("fault", "", u64::try_from(n).expect("a count fits"));
        usize::try_from(drawn).expect("below a usize")
    }

    /// Whether something of probability `n / of` happens.
    pub fn chance(&mut self, n: usize, of: usize) -> bool {
        self.below(of) < n
    }

    /// One of several; `None` of none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.below(of.len())) }
    }

    /// One of those that an iterator gives, which are too many to be put aside; `None` of none.
    fn pick_of<T>(&mut self, mut of: impl Iterator<Item = T> + Clone) -> Option<T> {
        let count = of.clone().count();
        if count == 0 { None } else { of.nth(self.below(count)) }
    }

    /// A length between two numbers of seconds, both of the ladder.
    pub fn lapse(&mut self, shortest: u64, longest: u64) -> Lapse {
        let steps: Vec<_> = Lapse::LADDER.into_iter().filter(|step| (shortest..=longest).contains(step)).collect();
        Lapse::seconds(*self.pick(&steps).expect("the ladder has a step in the range"))
    }

    /// A fault at a moment of any sort within a stretch.
    pub fn within(&mut self, o: &Opportunities, stretch: Stretch, what: impl Into<What>) -> Option<Fault> {
        let when = match self.below(8) {
            0 | 1 => self.moment(stretch),
            2 => self.height(o, stretch).unwrap_or_else(|| self.moment(stretch)),
            _ => match self.pick_of(o.within(stretch)) {
                Some(offer) => self.on_either_side(offer.trigger()),
                None => self.moment(stretch),
            },
        };
        Some(Fault { when, what: what.into() })
    }

    /// A fault at an effective call within a stretch.
    pub fn at_call(&mut self, o: &Opportunities, stretch: Stretch, what: impl Into<What>) -> Option<Fault> {
        let when = self.pick_of(o.within(stretch).filter(|offer| offer.is_call()))?.trigger();
        Some(Fault { when: self.on_either_side(when), what: what.into() })
    }

    /// A fault during the rollout.
    pub fn anytime(&mut self, o: &Opportunities, what: impl Into<What>) -> Option<Fault> {
        self.within(o, o.rollout?, what)
    }

    /// A fault at an effective call to the API server: before its effect, or also after it.
    pub fn at_api_call(&mut self, o: &Opportunities, also_after: bool, what: impl Into<What>) -> Option<Fault> {
        let when = self.pick_of(o.within(o.rollout?).filter(|offer| offer.is_api_call()))?.trigger();
        Some(Fault { when: if also_after { self.on_either_side(when) } else { when }, what: what.into() })
    }

    /// A fault after a create took effect.
    pub fn at_create(&mut self, o: &Opportunities, what: impl Into<What>) -> Option<Fault> {
        let creates = o.calls.iter().filter(|(_, call)| call.verb == Verb::Create).map(|(_, call)| call);
        let creates: Vec<_> = creates.map(|call| CallTrigger { moment: Moment::After, ..call.clone() }).collect();
        let when = Trigger::Call(self.pick(&creates)?.clone());
        Some(Fault { when, what: what.into() })
    }

    /// A node whose sidecar is given a task, with the stretch from its creation until then.
    pub fn submission(&mut self, o: &Opportunities) -> Option<(Arc<str>, Stretch)> {
        let submissions = o.calls.iter().filter(|(_, call)| call.verb == Verb::Submit);
        let submissions: Vec<_> = submissions.filter_map(|(at, call)| Some((*at, call.name.clone()?))).collect();
        let (to, node) = self.pick(&submissions)?.clone();
        let creates = |call: &CallTrigger| call.verb == Verb::Create && *call.kind == *"SeiNode" && call.name.as_ref() == Some(&node);
        let created = o.calls.iter().filter(|(_, call)| creates(call)).map(|(at, _)| *at).min();
        let from = created.or(o.rollout.map(|rollout| rollout.from))?;
        Some((node, Stretch { from: from.min(to), to }))
    }

    /// A fault between the rollout's start and the upgrade, where one is to come.
    pub fn before_upgrade(&mut self, o: &Opportunities, what: impl Into<What>) -> Option<Fault> {
        let (rollout, upgrade) = (o.rollout?, o.upgrade?);
        let to = o.heights.iter().filter(|(_, height)| *height < upgrade).map(|(at, _)| *at).next_back()?;
        self.within(o, Stretch { from: rollout.from.min(to), to }, what)
    }

    pub(crate) fn on_either_side(&mut self, mut trigger: Trigger) -> Trigger {
        let drawn = if self.chance(1, 2) { Moment::After } else { Moment::Before };
        match &mut trigger {
            Trigger::Call(call) => call.moment = drawn,
            Trigger::Write(write) => write.moment = drawn,
            _ => {}
        }
        trigger
    }

    fn moment(&mut self, stretch: Stretch) -> Trigger {
        let from = stretch.from.max(SimTime::ZERO);
        let seconds = usize::try_from(stretch.to.since(from).as_secs()).unwrap_or(usize::MAX - 1);
        let after = u64::try_from(self.below(seconds + 1)).expect("seconds fit");
        let start = from.since(SimTime::ZERO).as_secs();
        Trigger::At(Lapse::seconds(start + after))
    }

    fn height(&mut self, o: &Opportunities, stretch: Stretch) -> Option<Trigger> {
        let near = o.heights.iter().filter(|(at, _)| stretch.contains(*at));
        self.pick_of(near).map(|(_, height)| Trigger::Height(*height))
    }
}
