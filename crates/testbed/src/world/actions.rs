//! What the operator (person) of a scenario does: kubectl, at set times.

use super::events::Event;
use super::process::Ending;
use super::sim::Sim;
use crate::history::Entry;
use crate::scenario::{Act, Action, DeleteTarget, OperatorEnding, Stall};
use api::kinds::Pod;
use api::memo::Memo;
use api::object::AnySection;
use api::{AnyObject, Kind, ObjectKey, SeiNode, SeiNodeDeployment};
use ports::{DeleteOptions, Precondition};
use serde_json::Value;
use simcore::{Rank, Subject};
use simkube::{Actor, Answer, Request};
use std::sync::Arc;
use std::time::Duration;

impl Sim {
    /// Schedules every action of the scenario.
    pub fn schedule_actions(&mut self) {
        for (index, action) in self.setup.timeline.clone().iter().enumerate() {
            self.push(action.at(), Rank::World, Subject::of("operator"), Event::Act(index));
        }
    }

    /// Carries out a request at once, as of the given actor.
    pub fn request(&mut self, request: Request, actor: Actor) -> Answer {
        self.kube(|cluster, cx| cluster.carry_out(cx, request, actor))
    }

    /// Carries out the scenario's n-th action. A refusal is history, not an error: it may be what the scenario shows.
    pub(super) fn act(&mut self, index: usize) {
        let timeline = self.setup.timeline.clone();
        let Action { act, .. } = &timeline[index];
        let answer = match act {
            Act::Patch(patch) => self.patch_group(patch),
            Act::Delete(target) => {
                let beside_the_group = |name: &Arc<str>| ObjectKey::new(self.setup.group.namespace.clone(), name.clone());
                let (info, key) = match target {
                    DeleteTarget::Group => (&const { SeiNodeDeployment::INFO }, self.setup.group.clone()),
                    DeleteTarget::SeiNode(name) => (&const { SeiNode::INFO }, beside_the_group(name)),
                    DeleteTarget::Pod(name) => (&const { Pod::INFO }, beside_the_group(name)),
                };
                let request = Request::Delete { info, key, options: DeleteOptions::default() };
                self.request(request, Actor::Person)
            }
            Act::RestartOperator(ending) => {
                let ending = match ending {
                    OperatorEnding::Stop => Ending::Graceful,
                    OperatorEnding::Crash => Ending::Crash,
                };
                if let Some(process) = self.leader() {
                    self.end_process(process, ending, Duration::ZERO);
                }
                Ok(Vec::new())
            }
            Act::StallOperator(Stall(wait)) => {
                if let Some(process) = self.leader() {
                    self.stall_process(process, *wait);
                }
                Ok(Vec::new())
            }
        };
        let refused = answer.err().map(|error| Arc::from(error.to_string()));
        self.history.push(self.now, Entry::Acted { what: act.describe(), refused });
    }

    /// `kubectl patch --type merge` of the group.
    pub(super) fn patch_group(&mut self, patch: &Value) -> Answer {
        let base = self.cluster.object(&SeiNodeDeployment::INFO, &self.setup.group).cloned();
        let base = base.ok_or_else(|| ports::ApiError::NotFound(self.setup.group.name.clone()))?;
        let spec = PATCHED.with(|patched| patched.of(&(base.spec.clone(), patch.clone()), || merged(&base, patch)));
        let desired = AnyObject { spec: spec.map_err(ports::ApiError::Invalid)?, ..base.clone() };
        let request = Request::Patch { base, desired, precondition: Precondition::None };
        self.request(request, Actor::Person)
    }
}

type Spec = Arc<dyn AnySection>;

thread_local! {
    /// The worlds of a scenario begin with the same patches of the same group.
    static PATCHED: Memo<(Spec, Value), Result<Spec, Arc<str>>> = const { Memo::new() };
}

/// The object's spec with the patch merged in, or what is wrong with that.
fn merged(base: &AnyObject, patch: &Value) -> Result<Spec, Arc<str>> {
    let mut spec = base.spec.to_json();
    json_patch::merge(&mut spec, patch.get("spec").unwrap_or(&Value::Null));
    (base.info.decode.spec)(&spec).map_err(|error| error.to_string().into())
}
