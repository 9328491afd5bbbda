//! Marks of seid and its sidecar: how halts end, what upgrades do, what fails.

use super::{Mark, Passed};
use api::Height;
use simchain::Happening;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How often seid must end with an error in a row for a crash loop.
const LOOP: u32 = 3;

/// What each node's programs have done.
#[derive(Clone, Debug, Default)]
pub(super) struct Chains(BTreeMap<Arc<str>, Node>);

#[derive(Clone, Debug, Default)]
struct Node {
    halt: Option<Height>,
    failures: u32,
    failed_tasks: Vec<&'static str>,
}

impl Chains {
    /// Looks at what a node's programs did.
    pub fn see(&mut self, name: &Arc<str>, what: &Happening, passed: &mut Passed) {
        if !self.0.contains_key(name) {
            self.0.insert(name.clone(), Node::default());
        }
        let node = self.0.get_mut(name).expect("just there");
        match what {
            Happening::SeidStarted { halt_height, .. } => node.halt = *halt_height,
            Happening::InConsensus { app } if node.halt.is_some_and(|halt| *app < halt) => passed.note(Mark::BootstrapWaited),
            Happening::SeidExited { code, app, .. } => node.exited(*code, *app, passed),
            Happening::Panicked { message, stuck, .. } => panicked(message, *stuck, passed),
            Happening::UpgradeApplied { .. } => passed.note(Mark::UpgradeApplied),
            Happening::Diverged { wedged, .. } => passed.note(if *wedged { Mark::Wedged } else { Mark::Diverged }),
            Happening::TaskStarted { kind } if node.failed_tasks.contains(kind) => passed.note(Mark::TaskRunAgain),
            Happening::TaskEnded { kind, error: Some(_), .. } => {
                node.failed_tasks.push(kind);
                match *kind {
                    "snapshot-restore" => passed.note(Mark::RestoreFailed),
                    "discover-peers" => passed.note(Mark::PeersNotFound),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

impl Node {
    fn exited(&mut self, code: i32, app: Height, passed: &mut Passed) {
        self.failures = if code == 0 { 0 } else { self.failures + 1 };
        if self.failures >= LOOP {
            passed.note(Mark::CrashLoop);
        }
        if code == 137 {
            passed.note(Mark::KilledHard);
        }
        if let Some(halt) = self.halt {
            passed.note(match app.cmp(&halt) {
                std::cmp::Ordering::Less => Mark::HaltMissed,
                std::cmp::Ordering::Equal if code == 0 => Mark::HaltedClean,
                std::cmp::Ordering::Equal => Mark::HaltedDirty,
                std::cmp::Ordering::Greater => Mark::HaltOvershot,
            });
        }
    }
}

fn panicked(message: &str, stuck: bool, passed: &mut Passed) {
    if stuck {
        passed.note(Mark::StuckAlive);
    }
    if message.starts_with("UPGRADE ") {
        passed.note(Mark::OldBinaryPanicked);
    } else if message.starts_with("BINARY UPDATED") {
        passed.note(Mark::NewBinaryTooEarly);
    }
}
