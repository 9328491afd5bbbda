//! Claims of the design document watch a world where somebody asks for it; laws watch every world.

use super::sim::Sim;
use claims::{Verdict, Watch};
use oracles::{EventNumber, Fact, Sight};
use std::collections::BTreeMap;

impl Sim {
    /// From now on the claims watch, and the world is measured.
    pub fn judge(&mut self) {
        self.claims = Some(Box::default());
        self.measure();
    }

    /// What the world says of each claim that was tested in it, by id; nothing, unless they were asked to watch.
    pub fn verdicts(&self) -> BTreeMap<&'static str, Verdict> {
        self.claims.as_ref().map(|watch| watch.verdicts()).unwrap_or_default()
    }

    pub(super) fn show_claims(&mut self, event: EventNumber, fact: &Fact<'_>) {
        self.with_claims(|watch, sight| watch.observe(&Sight { event, ..sight }, fact));
    }

    /// The world has ended, and laws have said all that they have to say.
    pub(super) fn end_claims(&mut self) {
        if self.claims.is_none() {
            return;
        }
        let violations = self.violations.clone();
        self.with_claims(|watch, sight| watch.end(&sight, &violations));
    }

    fn with_claims(&mut self, show: impl FnOnce(&mut Watch, Sight<'_>)) {
        let Some(mut watch) = self.claims.take() else { return };
        show(&mut watch, self.sight());
        for mut refutation in watch.take_refutations() {
            refutation.violation.excused = self.excuse(&refutation.violation);
            watch.put(refutation);
        }
        self.claims = Some(watch);
    }
}
