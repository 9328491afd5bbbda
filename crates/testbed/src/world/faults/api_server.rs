//! Calls to the API server that fail, before they take effect or after.

use super::{Blow, Ends};
use crate::world::process::Process;
use crate::world::sim::Sim;
use faults::{ApiServerFault, Moment, What};
use ports::ApiError;
use simkube::Answer;
use std::time::Duration;

/// What the next effective calls to the API server are answered.
#[derive(Clone, Debug)]
pub(in crate::world) struct Answers {
    fault: ApiServerFault,
    left: u32,
    landed: bool,
}

/// How a call to the API server comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::world) enum Fate {
    /// It takes effect and is answered.
    Lands,
    /// Its process ends before it is sent.
    NeverSent,
    /// It is refused and changes nothing.
    Fails(ApiError),
    /// It takes effect, and is answered with an error.
    LandsUnknown(ApiError),
}

impl Fate {
    /// What the caller is answered when its call has landed with this answer.
    pub fn answer(self, landed: Answer) -> Answer {
        match self {
            Self::Lands => landed,
            Self::LandsUnknown(error) | Self::Fails(error) => Err(error),
            Self::NeverSent => unreachable!("a call that was never sent is not answered"),
        }
    }
}

impl Sim {
    /// A fault has struck at a call; whether it decides that call, and maybe some after it.
    pub(in crate::world) fn befall_calls(&mut self, index: usize, moment: Moment) -> bool {
        match &self.faults.records[index].fault.what {
            What::ApiServer(fault) if fault.befalls_its_call() => {
                let left = calls_of(fault);
                self.faults.answers = Some(Answers { fault: fault.clone(), left, landed: moment == Moment::After });
                self.note_refusals();
                true
            }
            _ => false,
        }
    }

    /// The fate that faults have for a call on the object of that name, which counts as one of those that they befall.
    pub(in crate::world) fn next_fate(&mut self, name: &str) -> Fate {
        let Some(answers) = &mut self.faults.answers else { return Fate::Lands };
        answers.left -= 1;
        let (error, landed) = (error_of(&answers.fault, name), answers.landed);
        if answers.left == 0 {
            self.faults.answers = None;
            self.note_refusals();
        }
        if landed { Fate::LandsUnknown(error) } else { Fate::Fails(error) }
    }

    /// Whether the next effective calls are refused.
    pub(super) fn refuses_calls(&self) -> bool {
        self.faults.answers.as_ref().is_some_and(|answers| !answers.landed)
    }

    /// By how much faults delay a call to the API server.
    pub(in crate::world) fn api_delay(&self) -> Duration {
        self.faults.open().filter_map(slows).sum()
    }

    pub(super) fn strike_api_server(&mut self, fault: &ApiServerFault) -> Blow {
        match fault {
            ApiServerFault::SlowCalls { lasts, .. } => Blow { befell: true, objects: Vec::new(), ends: Ends::After(lasts.0) },
            ApiServerFault::WatchClosed => {
                let leaders: Vec<_> = self.processes.iter().map(Process::id).collect();
                for process in &leaders {
                    self.relist(*process);
                }
                // A list that shows nothing new has a new version all the same, on which the order of cached lists hangs.
                self.windows_changed();
                Blow::at_once(!leaders.is_empty(), Vec::new())
            }
            _ => Blow::at_once(true, Vec::new()),
        }
    }
}

fn calls_of(fault: &ApiServerFault) -> u32 {
    match fault {
        ApiServerFault::Conflict { calls }
        | ApiServerFault::InternalError { calls }
        | ApiServerFault::Unavailable { calls }
        | ApiServerFault::Timeout { calls }
        | ApiServerFault::TooManyRequests { calls } => calls.get(),
        ApiServerFault::CreateRetried => 1,
        ApiServerFault::SlowCalls { .. } | ApiServerFault::WatchClosed => unreachable!("these befall no call"),
    }
}

fn error_of(fault: &ApiServerFault, name: &str) -> ApiError {
    match fault {
        ApiServerFault::Conflict { .. } => ApiError::Conflict(name.into()),
        ApiServerFault::InternalError { .. } => ApiError::Internal("etcdserver: request timed out".into()),
        ApiServerFault::Unavailable { .. } => ApiError::Unavailable,
        ApiServerFault::Timeout { .. } => ApiError::Timeout,
        ApiServerFault::TooManyRequests { .. } => ApiError::TooManyRequests,
        ApiServerFault::CreateRetried => ApiError::AlreadyExists(name.into()),
        ApiServerFault::SlowCalls { .. } | ApiServerFault::WatchClosed => unreachable!("these befall no call"),
    }
}

/// By how much a fault delays each call to the API server.
pub(super) fn slows(what: &What) -> Option<Duration> {
    match what {
        What::ApiServer(ApiServerFault::SlowCalls { by, .. }) => Some(by.0),
        _ => None,
    }
}
