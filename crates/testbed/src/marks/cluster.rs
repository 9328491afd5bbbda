//! Marks of pods, their machines, images and Jobs.

use super::{Mark, Passed};
use crate::history::Happened;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The machine that each pod's name was last on.
#[derive(Clone, Debug, Default)]
pub(super) struct Pods(BTreeMap<Arc<str>, Arc<str>>);

impl Pods {
    /// Looks at a change that a reader of objects would notice.
    pub fn see(&mut self, happened: &Happened, passed: &mut Passed) {
        match happened {
            Happened::PodPhase { pod, phase, machine } => {
                if let Some(machine) = machine
                    && self.0.insert(pod.clone(), machine.clone()).is_some_and(|before| before != *machine)
                {
                    passed.note(Mark::PodMoved);
                }
                if &**phase == "Failed" && !pod.ends_with("-bootstrap") {
                    passed.note(Mark::PodFailed);
                }
            }
            Happened::JobEnded { condition, .. } => {
                passed.note(if condition.starts_with("Complete") { Mark::BootstrapCompleted } else { Mark::BootstrapFailed });
            }
            Happened::ImageMissing { .. } => passed.note(Mark::ImageMissing),
            _ => {}
        }
    }

    /// A container was started.
    pub fn started(&self, container: &str, restarts: u32, passed: &mut Passed) {
        match (container, restarts) {
            (_, 0) => {}
            ("seid", _) => passed.note(Mark::SeidRestarted),
            ("sei-sidecar", _) => passed.note(Mark::SidecarRestarted),
            _ => {}
        }
    }
}
