//! Which claims of the design document hold? Every one gets a verdict for every design that it speaks of, from worlds that were run.
//!
//! Three sources of worlds: the *catalogue* of scenarios, each under the seeds that it names; *single faults*, placed at points of the
//! fault-free history (all of them, or as many as the budget allows, evenly spread); and *swarms*, drawn by seed, with some fault-free worlds beside
//! them, since races need no fault. Each world is shown to all claims.
//! A claim that speaks of two designs, or of a design that differs in one decision, is judged from worlds that are run for it alone.
//!
//! Where a violation keeps worlds from what a claim needs, judging goes on *behind* it: the catalogue is run again with one decision of the design
//! changed, and what that says is told apart. A verdict is never *untested* because of an earlier violation alone.

mod behind;
mod catalogue;
mod column;
mod pairs;
mod standing;
mod table;
mod worlds;

pub use catalogue::{Catalogue, CatalogueError, Entry};
pub use column::Column;
pub use standing::{Case, Standing, Verdict};
pub use table::{markdown, text, to_json};

use planner::Design;
use std::num::NonZeroUsize;

/// What is to be judged, and from how many worlds.
#[derive(Clone, Debug)]
pub struct Verify<'a> {
    /// The scenarios.
    pub catalogue: &'a Catalogue,
    /// The designs, in the order of their columns.
    pub designs: Vec<Design>,
    /// How many worlds each design gets beside the catalogue: an eighth without faults, and half of the rest each with one fault and of swarms.
    pub budget: u32,
    /// On how many threads.
    pub jobs: NonZeroUsize,
}

impl Verify<'_> {
    /// Judges everything; `tell` is told what is being done. A design whose worlds the testbed fails in says so in its column.
    ///
    /// # Errors
    /// If the threads cannot be started.
    pub fn run(&self, tell: &(dyn Fn(&str) + Sync)) -> Result<Vec<Column>, String> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs.get()).build().map_err(|error| error.to_string())?;
        Ok(pool.install(|| {
            let mut columns: Vec<Column> = self.designs.iter().map(|design| self.column(design, tell)).collect();
            pairs::judge(self.catalogue, &mut columns, tell);
            columns
        }))
    }

    fn column(&self, design: &Design, tell: &(dyn Fn(&str) + Sync)) -> Column {
        let mut column = Column::new(design.clone());
        tell(&format!("{}: the catalogue", design.name));
        worlds::catalogue(self.catalogue, design, &mut column);
        tell(&format!("{}: single faults and swarms", design.name));
        worlds::chaos(self.catalogue, design, self.budget, &mut column);
        worlds::service_in_switch(self.catalogue, design, self.budget, &mut column);
        tell(&format!("{}: behind what it violates", design.name));
        column.behind = behind::columns(self.catalogue, &column);
        tell(&format!("{}: shrinking what refutes", design.name));
        column.shrink(self.catalogue);
        column
    }
}
