//! What a pod's sidecar answers over HTTP.

use crate::Context;
use crate::boundary::PodId;
use crate::chain::Chain;
use crate::sidecar::{self, Sidecar};
use crate::volume::Volume;
use ports::{SidecarError, SidecarState, TaskReport, TaskRequest};
use std::sync::Arc;
use uuid::Uuid;

impl Chain {
    /// Whether a pod's sidecar serves HTTP.
    pub fn sidecar_answers(&self, pod: PodId) -> bool {
        self.serving(pod).is_ok()
    }

    /// `Some`: posting this would change nothing, and this is the answer. `None`: it would do something.
    pub fn preview_submit(&self, pod: PodId, request: &TaskRequest) -> Option<Result<Uuid, SidecarError>> {
        match self.serving(pod) {
            Ok((sidecar, volume)) => sidecar.preview(request, &volume.tasks, self.old_failures_stay.contains(&sidecar.node)),
            Err(error) => Some(Err(error)),
        }
    }

    /// `POST /v0/tasks`: the task starts at once.
    pub fn submit(&mut self, cx: &mut Context<'_>, pod: PodId, request: TaskRequest) -> Result<Uuid, SidecarError> {
        if let Some(answer) = self.preview_submit(pod, &request) {
            return answer;
        }
        let others = if sidecar::asks_other_nodes(&request.task) { self.rpc_nodes(cx.now) } else { Vec::new() };
        let fails = self.strikes(pod, request.task.type_name());
        let id = self.with_sidecar(cx, pod, |sidecar, _, env| {
            let id = sidecar.accept(request, env);
            sidecar.begin(id, &others, fails, env);
            id
        });
        self.settle(cx, pod);
        if let Some(node) = self.pods.get(&pod).map(|pod| pod.node.clone()).filter(|_| !self.signal_slips.is_empty()) {
            self.hasten(cx, &node);
        }
        id.ok_or(sidecar::UNREACHABLE)
    }

    /// `GET /v0/tasks/{id}`.
    pub fn task(&self, pod: PodId, id: Uuid) -> Result<TaskReport, SidecarError> {
        let (_, volume) = self.serving(pod)?;
        volume.tasks.get(&id).map(sidecar::report).ok_or(SidecarError::NotFound)
    }

    /// `GET /v0/status`.
    pub fn sidecar_state(&self, pod: PodId) -> Result<SidecarState, SidecarError> {
        let (sidecar, _) = self.serving(pod)?;
        Ok(if sidecar.is_ready() { SidecarState::Ready } else { SidecarState::Initializing })
    }

    /// `GET /v0/node-id`.
    pub fn node_id(&self, pod: PodId) -> Result<Arc<str>, SidecarError> {
        let (_, volume) = self.serving(pod)?;
        volume.node_id.clone().ok_or(SidecarError::NotFound)
    }

    fn serving(&self, pod: PodId) -> Result<(&Sidecar, &Volume), SidecarError> {
        let sidecar = self.pods.get(&pod).and_then(|pod| pod.sidecar.as_ref()).filter(|sidecar| sidecar.serves());
        let volume = sidecar.and_then(|sidecar| self.volumes.get(&sidecar.volume));
        sidecar.zip(volume).ok_or(sidecar::UNREACHABLE)
    }
}
