//! A meter runs in a world where somebody asks for it.

use super::sim::Sim;
use meter::{Measurements, Meter};
use oracles::{EventNumber, Fact, Sight};

impl Sim {
    /// From now on the world is measured.
    pub(super) fn measure(&mut self) {
        self.meter = Some(Box::new(Meter::begin(&self.sight())));
    }

    /// What has been measured so far; nothing, unless it was asked for.
    pub fn measured(&mut self) -> Option<Measurements> {
        let mut meter = self.meter.take()?;
        let measured = meter.end(&self.sight());
        self.meter = Some(meter);
        Some(measured)
    }

    pub(super) fn show_meter(&mut self, event: EventNumber, fact: &Fact<'_>) {
        let Some(mut meter) = self.meter.take() else { return };
        meter.observe(&Sight { event, ..self.sight() }, fact);
        self.meter = Some(meter);
    }
}
