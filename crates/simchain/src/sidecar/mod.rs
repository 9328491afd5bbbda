//! One run of the sidecar: a table of tasks that survives it on the volume, and a readiness flag that does not.
//!
//! There is no queue: tasks run side by side, each by its file under `tasks/`. A task that is posted again runs again only if it has
//! failed; what was at work when a process died runs again in the next one.

mod tasks;

use crate::boundary::{Happening, Output, PodId, ProcessId, Start, VolumeId};
use crate::event::{Due, Event};
use crate::profile::ChainProfile;
use crate::seid::{Env, Seid};
use crate::volume::Row;
use api::SidecarTask;
use ports::{SidecarError, TaskReport, TaskRequest, TaskState};
use simcore::{Grid, SimTime, Subject};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
pub(crate) use tasks::OtherNode;
use tasks::{Begun, Effect};
use uuid::Uuid;

/// How often await-condition looks at seid's RPC.
const AWAIT_PERIOD: Duration = Duration::from_millis(100);
/// How long await-condition lets seid stop by itself.
const STOP_PATIENCE: Duration = Duration::from_secs(30);

/// One run of the sidecar.
#[derive(Clone, Debug)]
pub(crate) struct Sidecar {
    pub id: ProcessId,
    pub node: Arc<str>,
    pub pod: PodId,
    pub volume: VolumeId,
    reruns_failed_tasks: bool,
    stage: Stage,
    /// Whether mark-ready ran in this process.
    ready: bool,
    jobs: BTreeMap<Uuid, Job>,
    last_token: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Booting,
    Serving,
    Stopping,
}

/// A task at work in this process. Only the event with its token counts.
#[derive(Clone, Debug)]
struct Job {
    token: u32,
    step: Step,
}

#[derive(Clone, Debug)]
enum Step {
    /// At work until its event; then this follows.
    Works(Effect),
    /// Looking at seid's height; the look that will see it, if one can be foreseen.
    Awaits { looks: Grid, sees_at: Option<SimTime> },
    /// seid was told to stop; its event is the end of patience.
    StopsSeid,
    /// It never ends.
    Endless,
}

/// What a look of await-condition, or its patience, asks of seid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Nothing.
    Nothing,
    /// SIGTERM.
    Terminate,
    /// SIGKILL.
    Kill,
    /// To look at `/v0/healthz`, which has changed.
    LookAtHealthz,
}

impl Sidecar {
    /// A process that has just started; it serves when its event comes.
    pub(crate) fn start(start: &Start, image: &str, profile: &ChainProfile, env: &mut Env<'_, '_>) -> Self {
        let reruns = profile.sidecars.iter().find(|sidecar| &*sidecar.image == image).is_none_or(|sidecar| sidecar.reruns_failed_tasks);
        let boot = env.cx.luck.duration("sidecar boot", &*start.node, profile.sidecar.boot);
        env.cx.after(boot, Subject::of(&("sidecar", start.id)), Event(Due::SidecarUp { id: start.id }));
        Self {
            id: start.id,
            node: start.node.clone(),
            pod: start.pod,
            volume: start.volume,
            reruns_failed_tasks: reruns,
            stage: Stage::Booting,
            ready: false,
            jobs: BTreeMap::new(),
            last_token: 0,
        }
    }

    /// Whether its HTTP server answers.
    pub(crate) fn serves(&self) -> bool {
        self.stage == Stage::Serving
    }

    /// Whether `/v0/healthz` answers 200.
    pub(crate) fn is_ready(&self) -> bool {
        self.serves() && self.ready
    }

    /// It serves from now on. Tasks that an earlier process left at work are to begin again: these, with their types.
    pub(crate) fn up(&mut self, env: &mut Env<'_, '_>) -> Vec<(Uuid, &'static str)> {
        self.stage = Stage::Serving;
        self.changed(env);
        env.volume.tasks.iter().filter(|(_, row)| row.state == TaskState::Running).map(|(id, row)| (*id, row.task.type_name())).collect()
    }

    /// What `POST /v0/tasks` would answer without doing anything; `None` if it would do something.
    pub(crate) fn preview(
        &self,
        request: &TaskRequest,
        tasks: &BTreeMap<Uuid, Row>,
        old_failures_stay: bool,
    ) -> Option<Result<Uuid, SidecarError>> {
        if !self.serves() {
            return Some(Err(UNREACHABLE));
        }
        let id = request.id?;
        let known = tasks.get(&id)?;
        let runs_again = known.state == TaskState::Failed && self.reruns_failed_tasks && !old_failures_stay;
        (!runs_again).then_some(Ok(id))
    }

    /// `POST /v0/tasks` of something new, or of a failed task: the row is written. The caller begins the task.
    pub(crate) fn accept(&mut self, request: TaskRequest, env: &mut Env<'_, '_>) -> Uuid {
        let id = request.id.unwrap_or_else(|| env.cx.luck.uuid("sidecar task id", &*self.node));
        env.volume.tasks.insert(id, Row { task: request.task, state: TaskState::Running, error: None });
        self.changed(env);
        id
    }

    /// A task whose row is there begins. `others`: our nodes whose RPC answers.
    pub(crate) fn begin(&mut self, id: Uuid, others: &[OtherNode], fails: bool, env: &mut Env<'_, '_>) {
        let task = env.volume.tasks[&id].task.clone();
        self.tell(env, Happening::TaskStarted { kind: task.type_name() });
        let begun = if fails {
            tasks::quick(task.type_name(), &self.node, env, Effect::Fails("injected failure".into()))
        } else {
            tasks::begin(&task, &self.node, others, env)
        };
        let step = match begun {
            Begun::Works { takes, then } => {
                self.schedule(id, env.cx.now + takes, env);
                Step::Works(then)
            }
            Begun::Awaits => Step::Awaits { looks: Grid { anchor: env.cx.now, period: AWAIT_PERIOD }, sees_at: None },
            Begun::Endless => Step::Endless,
            Begun::Unmodelled => {
                env.cx.tell(Output::Unmodelled(format!("sidecar task {}", task.type_name())));
                Step::Endless
            }
        };
        self.jobs.insert(id, Job { token: self.last_token, step });
    }

    /// Whether a task's event with this token still counts.
    pub(crate) fn expects(&self, id: Uuid, token: u32) -> bool {
        self.stage == Stage::Serving && self.jobs.get(&id).is_some_and(|job| job.token == token)
    }

    /// A task's event. The answer is what is to be done to seid, which the caller does before it calls [`Sidecar::watch`].
    pub(crate) fn due(&mut self, id: Uuid, token: u32, seid: Option<&Seid>, env: &mut Env<'_, '_>) -> Ask {
        if !self.expects(id, token) {
            return Ask::Nothing;
        }
        let Some(job) = self.jobs.get(&id) else { return Ask::Nothing };
        match &job.step {
            Step::Works(effect) => {
                let effect = effect.clone();
                self.end(id, &effect, env);
                if effect == Effect::Ready { Ask::LookAtHealthz } else { Ask::Nothing }
            }
            Step::Awaits { .. } => self.look(id, seid, env),
            Step::StopsSeid => Ask::Kill,
            Step::Endless => Ask::Nothing,
        }
    }

    /// await-condition looks at seid's RPC.
    fn look(&mut self, id: Uuid, seid: Option<&Seid>, env: &mut Env<'_, '_>) -> Ask {
        let Some((target, stops_seid)) = tasks::await_condition::wanted(&env.volume.tasks[&id].task) else { return Ask::Nothing };
        let sees = seid.is_some_and(|seid| seid.rpc() && seid.data(env.network, env.volume, env.cx.now).store >= target);
        match (sees, stops_seid) {
            (false, _) => {
                self.look_later(id, env.cx.now);
                Ask::Nothing
            }
            (true, false) => {
                self.end(id, &Effect::Nothing, env);
                Ask::Nothing
            }
            // RPC has just answered, so there is a process to stop.
            (true, true) => {
                self.schedule(id, env.cx.now + STOP_PATIENCE, env);
                self.jobs.insert(id, Job { token: self.last_token, step: Step::StopsSeid });
                Ask::Terminate
            }
        }
    }

    /// The look of this moment is over: what changes later in it is seen by the next.
    fn look_later(&mut self, id: Uuid, now: SimTime) {
        if let Some(Job { step: Step::Awaits { looks, sees_at }, .. }) = self.jobs.get_mut(&id) {
            *looks = Grid { anchor: looks.after(now), ..*looks };
            *sees_at = None;
        }
    }

    /// Something about seid has changed: which look will see its height, and whether it is gone that was told to stop.
    pub(crate) fn watch(&mut self, seid: Option<&Seid>, env: &mut Env<'_, '_>) {
        if self.stage != Stage::Serving {
            return;
        }
        let jobs: Vec<(Uuid, Step)> = self.jobs.iter().map(|(id, job)| (*id, job.step.clone())).collect();
        for (id, step) in jobs {
            match step {
                Step::StopsSeid if !seid.is_some_and(Seid::is_process) => self.end(id, &Effect::Nothing, env),
                Step::Awaits { looks, sees_at } => {
                    let target = tasks::await_condition::wanted(&env.volume.tasks[&id].task).map(|(target, _)| target);
                    let reached =
                        seid.zip(target).and_then(|(seid, target)| seid.store_reaches(target, env.network, env.volume, env.cx.now));
                    let foreseen = reached.map(|at| looks.at_or_after(at)).filter(|at| Some(*at) != sees_at);
                    if let Some(at) = foreseen {
                        self.schedule(id, at, env);
                        self.jobs.insert(id, Job { token: self.last_token, step: Step::Awaits { looks, sees_at: Some(at) } });
                    }
                }
                Step::Works(_) | Step::StopsSeid | Step::Endless => {}
            }
        }
    }

    /// A task ends.
    fn end(&mut self, id: Uuid, effect: &Effect, env: &mut Env<'_, '_>) {
        self.jobs.remove(&id);
        let error = tasks::apply(effect, env.volume, env.network);
        if *effect == Effect::Ready {
            self.ready = true;
        }
        let height = match effect {
            Effect::Restores(height) => Some(*height),
            _ => None,
        };
        self.close(id, error, height, env);
    }

    fn close(&mut self, id: Uuid, error: Option<Arc<str>>, height: Option<api::Height>, env: &mut Env<'_, '_>) {
        let Some(row) = env.volume.tasks.get_mut(&id) else { return };
        row.state = if error.is_some() { TaskState::Failed } else { TaskState::Completed };
        row.error = error.clone();
        let kind = row.task.type_name();
        self.tell(env, Happening::TaskEnded { kind, error, height });
        self.changed(env);
    }

    /// SIGTERM: it stops serving, and each task at work is either cancelled or left as running. `Some`: it ends at once with this code.
    pub(crate) fn terminate(&mut self, env: &mut Env<'_, '_>) -> Option<i32> {
        match self.stage {
            Stage::Booting => return Some(143),
            Stage::Stopping => return None,
            Stage::Serving => {}
        }
        for id in std::mem::take(&mut self.jobs).into_keys() {
            if env.cx.luck.weighted("sidecar task interrupted", &*self.node, &env.profile.sidecar.interrupted) == 0 {
                self.close(id, Some("context canceled".into()), None, env);
            }
        }
        self.stage = Stage::Stopping;
        self.changed(env);
        let takes = env.cx.luck.duration("sidecar stop", &*self.node, env.profile.sidecar.quick);
        env.cx.after(takes, Subject::of(&("sidecar", self.id)), Event(Due::Ends { id: self.id, code: 0 }));
        None
    }

    /// Kinds and states of the tasks at work, for fingerprints.
    pub(crate) fn work(&self) -> impl Iterator<Item = &'static str> {
        self.jobs.values().map(|job| match job.step {
            Step::Works(_) => "works",
            Step::Awaits { .. } => "awaits",
            Step::StopsSeid => "stops seid",
            Step::Endless => "endless",
        })
    }

    fn schedule(&mut self, id: Uuid, at: SimTime, env: &mut Env<'_, '_>) {
        self.last_token += 1;
        let event = Due::Task { sidecar: self.id, task: id, token: self.last_token };
        env.cx.at(at, Subject::of(&("sidecar task", id)), Event(event));
    }

    fn changed(&self, env: &mut Env<'_, '_>) {
        env.cx.tell(Output::SidecarChanged { pod: self.pod });
    }

    fn tell(&self, env: &mut Env<'_, '_>, what: Happening) {
        env.cx.tell(Output::Happened { node: self.node.clone(), pod: self.pod, what });
    }
}

/// What a client gets from a sidecar that does not serve.
pub(crate) const UNREACHABLE: SidecarError = SidecarError::Unreachable("connection refused");

/// What `GET /v0/tasks/{id}` tells of a row.
pub(crate) fn report(row: &Row) -> TaskReport {
    TaskReport { state: row.state, error: row.error.clone() }
}

/// Whether a task looks at other nodes' RPC.
pub(crate) fn asks_other_nodes(task: &SidecarTask) -> bool {
    matches!(task, SidecarTask::DiscoverPeers(_) | SidecarTask::ConfigureStateSync(_))
}
