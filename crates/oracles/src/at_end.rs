//! Laws of the end: judged once at rest, or throughout a livelock's cycle.
//!
//! In a livelock nothing new will ever happen, so one round tells everything: the testbed plays it on a copy of the world and shows every
//! moment of it. A law of the end looks at single moments and says what is wrong; what makes a round of such moments wrong differs.

use crate::docket::{Docket, Finding, LawInfo, ObjectRef};
use crate::sight::Sight;
use crate::{leftover, lost_update, not_converged, replica_count};
use simcore::SimTime;

/// Something wrong at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What it is about.
    pub objects: Vec<ObjectRef>,
    /// What is wrong.
    pub message: String,
}

impl Wrong {
    /// Something wrong about one object.
    pub(crate) fn about(object: ObjectRef, message: String) -> Self {
        Self { objects: vec![object], message }
    }
}

/// When a round of moments is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// If one of them is: the law demands something throughout.
    AnyMoment,
    /// If all of them are, in the same way: what is gone at some moment does not remain.
    EveryMoment,
    /// Never: the law speaks of rest.
    Never,
}

/// A law of the end.
struct EndLaw {
    law: &'static LawInfo,
    round: Round,
    wrongs: fn(&Sight<'_>) -> Vec<Wrong>,
}

const END_LAWS: [EndLaw; 4] = [
    EndLaw { law: &lost_update::LAW, round: Round::Never, wrongs: lost_update::at_rest },
    EndLaw { law: &not_converged::LAW, round: Round::AnyMoment, wrongs: not_converged::wrongs },
    EndLaw { law: &replica_count::LAW, round: Round::AnyMoment, wrongs: replica_count::wrongs },
    EndLaw { law: &leftover::LAW, round: Round::EveryMoment, wrongs: leftover::wrongs },
];

/// What the laws of the end have found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndVerdicts {
    moments: usize,
    found: Vec<(&'static LawInfo, Wrong)>,
}

impl EndVerdicts {
    /// The verdicts at rest.
    pub fn at_rest(sight: &Sight<'_>) -> Self {
        let found = END_LAWS.iter().flat_map(|end| (end.wrongs)(sight).into_iter().map(|wrong| (end.law, wrong))).collect();
        Self { moments: 1, found }
    }

    /// Every law that was found broken, with what is wrong.
    pub fn found(&self) -> &[(&'static LawInfo, Wrong)] {
        &self.found
    }

    /// Looks at one more moment of a livelock's cycle.
    pub fn look(&mut self, sight: &Sight<'_>) {
        for end in &END_LAWS {
            let about = |found: &(&LawInfo, Wrong), wrong: &Wrong| found.0 == end.law && found.1.objects == wrong.objects;
            let takes_new = match end.round {
                Round::Never => continue,
                Round::AnyMoment => true,
                Round::EveryMoment => self.moments == 0,
            };
            let wrongs = (end.wrongs)(sight);
            if end.round == Round::EveryMoment {
                self.found.retain(|found| found.0 != end.law || wrongs.iter().any(|wrong| about(found, wrong)));
            }
            for wrong in wrongs {
                if takes_new && !self.found.iter().any(|found| about(found, &wrong)) {
                    self.found.push((end.law, wrong));
                }
            }
        }
        self.moments += 1;
    }

    /// Writes them on the docket, as of the moment from which on nothing new happens.
    pub fn write(self, since: SimTime, sight: &Sight<'_>, docket: &mut Docket) {
        for (law, Wrong { objects, message }) in self.found {
            docket.violated(law, since, Finding { since, objects, events: vec![sight.event], message });
        }
    }
}
