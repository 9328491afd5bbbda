//! The chain as one value: who runs where, and what passes between the programs of a pod.

use crate::Context;
use crate::boundary::{Endpoint, NodeView, Output, PodId, ProcessId, Program, Signal, Start, VolumeId};
use crate::event::{Due, Event};
use crate::interference::TaskFault;
use crate::network::Network;
use crate::profile::ChainProfile;
use crate::seid::{Env, Rule, Seid};
use crate::sidecar::{Ask, OtherNode, Sidecar};
use crate::slips::SignalSlip;
use crate::volume::Volume;
use api::Height;
use simcore::{Luck, SimTime, Subject};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// A pod as seen from its localhost.
#[derive(Clone, Debug)]
pub(crate) struct Pod {
    pub node: Arc<str>,
    pub sidecar: Option<Sidecar>,
    pub seid: Option<Seid>,
    /// What each of [`ENDPOINTS`] was last told to answer.
    pub answers: [bool; 3],
}

const ENDPOINTS: [Endpoint; 3] = [Endpoint::Healthz, Endpoint::Livez, Endpoint::LagStatus];

/// The network with all our nodes' programs and volumes.
#[derive(Clone)]
pub struct Chain {
    pub(crate) profile: Arc<ChainProfile>,
    pub(crate) network: Network,
    pub(crate) volumes: BTreeMap<VolumeId, Volume>,
    pub(crate) pods: BTreeMap<PodId, Pod>,
    /// Consensus keys that were punished.
    pub(crate) tombstoned: BTreeSet<Arc<str>>,
    pub(crate) task_faults: Vec<TaskFault>,
    /// Nodes that reach no peer.
    pub(crate) cut_off: BTreeSet<Arc<str>>,
    /// Nodes whose sidecar answers an old failure for ever.
    pub(crate) old_failures_stay: BTreeSet<Arc<str>>,
    /// What goes wrong when the sidecar of a node next stops its seid.
    pub(crate) signal_slips: BTreeMap<Arc<str>, SignalSlip>,
    /// Where each running process is.
    processes: BTreeMap<ProcessId, PodId>,
}

impl Chain {
    /// The chain of a profile that [is valid](ChainProfile::validate), with the seed's jitter, delays and peers.
    pub fn new(profile: Arc<ChainProfile>, luck: &Luck) -> Self {
        let network = Network::new(&profile, luck);
        Self {
            profile,
            network,
            volumes: BTreeMap::new(),
            pods: BTreeMap::new(),
            tombstoned: BTreeSet::new(),
            task_faults: Vec::new(),
            cut_off: BTreeSet::new(),
            old_failures_stay: BTreeSet::new(),
            signal_slips: BTreeMap::new(),
            processes: BTreeMap::new(),
        }
    }

    /// Puts a settled chain under another seed, at or before the scenario's start. Blocks up to the profile's start height keep their
    /// moments, so nothing moves backwards; nodes look again right after the start.
    pub fn reseed(&mut self, luck: &Luck) {
        self.network = Network::new(&self.profile, luck);
    }

    /// Handles an event of the chain's own.
    pub fn handle(&mut self, cx: &mut Context<'_>, event: Event) {
        match event.0 {
            Due::Seid { id, token } | Due::SeidLooksAgain { id, token } => {
                if let Some(pod) = self.processes.get(&id).copied() {
                    self.with_seid(cx, pod, |seid, env| if seid.accepts(token) { seid.go_on(env) } else { None });
                }
            }
            Due::SidecarUp { id } => self.sidecar_up(cx, id),
            Due::SignalAgain { node } => self.signal_seid_of(cx, &node, Signal::Terminate),
            Due::Task { sidecar, task, token } => self.task_due(cx, sidecar, task, token),
            Due::Ends { id, code } => self.process_ends(cx, id, code),
        }
        self.weigh(cx);
    }

    /// Whether an event would still do something when it is handled: its process lives and waits for nothing else by now. Events that do
    /// not count need not keep a world from its rest.
    pub fn counts(&self, event: &Event) -> bool {
        let pod = |id: &ProcessId| self.processes.get(id).and_then(|pod| self.pods.get(pod));
        match &event.0 {
            Due::Seid { id, token } | Due::SeidLooksAgain { id, token } => {
                pod(id).and_then(|pod| pod.seid.as_ref()).is_some_and(|seid| seid.expects(*token))
            }
            Due::Task { sidecar, task, token } => {
                pod(sidecar).and_then(|pod| pod.sidecar.as_ref()).is_some_and(|sidecar| sidecar.expects(*task, *token))
            }
            Due::SignalAgain { .. } => true,
            Due::SidecarUp { id } | Due::Ends { id, .. } => self.processes.contains_key(id),
        }
    }

    /// Starts a program.
    pub fn start(&mut self, cx: &mut Context<'_>, start: Start) {
        let pod =
            self.pods.entry(start.pod).or_insert_with(|| Pod { node: start.node.clone(), sidecar: None, seid: None, answers: [false; 3] });
        let volume = self.volumes.entry(start.volume).or_default();
        let cut_off = self.cut_off.contains(&start.node);
        self.processes.insert(start.id, start.pod);
        match &start.program {
            Program::SeidInit { .. } => {
                let id = || node_id(cx.luck.fixed("node key", &start.volume));
                volume.node_id.get_or_insert_with(id);
                let takes = cx.luck.duration("seid init", &*start.node, self.profile.seid.init);
                cx.after(takes, Subject::of(&("seid init", start.id)), Event(Due::Ends { id: start.id, code: 0 }));
            }
            Program::Sidecar { image } => {
                let mut env = Env { profile: &self.profile, network: &self.network, volume, healthz: false, cut_off, cx };
                pod.sidecar = Some(Sidecar::start(&start, image, &self.profile, &mut env));
            }
            Program::Seid(program) => {
                let exists = |binary: &usize| self.profile.binaries[*binary].exists;
                let Some(binary) = self.profile.binary(&program.image).filter(exists) else {
                    cx.tell(Output::Unmodelled(format!("image {} is none of the chain profile's binaries", program.image)));
                    return;
                };
                pod.seid = Some(Seid::new(&start, program.clone(), binary, cx.now));
                self.with_seid(cx, start.pod, |seid, env| seid.go_on(env));
            }
        }
        self.weigh(cx);
    }

    /// Sends a signal to a container's process. Processes that have ended ignore it.
    pub fn signal(&mut self, cx: &mut Context<'_>, id: ProcessId, signal: Signal) {
        self.signal_container(cx, id, signal);
        self.weigh(cx);
    }

    /// Whether an image's binary panics of itself, as things are now.
    pub fn is_defective(&self, image: &str) -> bool {
        self.profile.binary(image).is_some_and(|binary| self.profile.binaries[binary].is_defective())
    }

    /// Whether a seid of the node runs, in whichever of its pods.
    pub fn seid_runs(&self, node: &str) -> bool {
        self.pods.values().any(|pod| &*pod.node == node && pod.seid.as_ref().is_some_and(Seid::is_process))
    }

    /// Sends a signal to the seid of a node, if it runs.
    pub(crate) fn signal_seid_of(&mut self, cx: &mut Context<'_>, node: &str, signal: Signal) {
        let runs = |pod: &Pod| &*pod.node == node && pod.seid.as_ref().is_some_and(Seid::is_process);
        let pods: Vec<PodId> = self.pods.iter().filter(|(_, pod)| runs(pod)).map(|(id, _)| *id).collect();
        for pod in pods {
            self.with_seid(cx, pod, |seid, env| seid.signal_process(env, signal));
        }
        self.weigh(cx);
    }

    fn signal_container(&mut self, cx: &mut Context<'_>, id: ProcessId, signal: Signal) {
        let Some(at) = self.processes.get(&id).copied() else { return };
        let Some(pod) = self.pods.get_mut(&at) else { return };
        if pod.seid.as_ref().is_some_and(|seid| seid.id == id) {
            return self.with_seid(cx, at, |seid, env| seid.signal(env, signal));
        }
        let code = match (&mut pod.sidecar, signal) {
            (Some(sidecar), Signal::Terminate) if sidecar.id == id => {
                let volume = self.volumes.entry(sidecar.volume).or_default();
                let cut_off = self.cut_off.contains(&sidecar.node);
                let mut env = Env { profile: &self.profile, network: &self.network, volume, healthz: false, cut_off, cx };
                sidecar.terminate(&mut env)
            }
            (_, Signal::Interrupt) => Some(130),
            (_, Signal::Terminate) => Some(143),
            (_, Signal::Kill) => Some(137),
        };
        match code {
            Some(code) => self.process_ends(cx, id, code),
            None => self.settle(cx, at),
        }
    }

    /// A volume's data is gone.
    pub fn delete_volume(&mut self, volume: VolumeId) {
        self.volumes.remove(&volume);
    }

    /// The newest block that exists.
    pub fn network_height(&self, now: SimTime) -> Height {
        self.network.height(now)
    }

    /// When the last external peer has upgraded, as far as that can be told now: until then a node may be without any.
    pub fn peers_upgraded(&self) -> Option<SimTime> {
        self.network.peers_upgraded()
    }

    /// The times in which no external peer is up, as far as they can be told now: when each begins, and ends.
    pub fn silences(&self) -> impl Iterator<Item = (SimTime, SimTime)> {
        self.network.silences()
    }

    /// When a block is made; `None`: never.
    pub fn time_of(&self, height: Height) -> Option<SimTime> {
        self.network.time_of(height)
    }

    /// The rule by which the last seid process on a volume ended; `None` if none has.
    pub fn ended_by(&self, volume: VolumeId) -> Option<Rule> {
        self.volumes.get(&volume)?.ended_by
    }

    /// The stand-in for the app hash of a volume's state, as of its last stop or remarkable block.
    pub fn app_hash(&self, volume: VolumeId) -> Option<u64> {
        self.volumes.get(&volume).map(|volume| volume.lineage.hash_at(volume.data.app))
    }

    /// The seid that runs in a pod.
    pub fn view(&self, now: SimTime, pod: PodId) -> Option<NodeView> {
        let seid = self.pods.get(&pod)?.seid.as_ref()?;
        seid.view(&self.network, self.volumes.get(&seid.volume)?, now)
    }

    /// Our own nodes that other nodes' sidecars find by their RPC.
    pub(crate) fn rpc_nodes(&self, now: SimTime) -> Vec<OtherNode> {
        let answers = |pod: &Pod| {
            let seid = pod.seid.as_ref().filter(|seid| seid.rpc())?;
            let volume = self.volumes.get(&seid.volume)?;
            let newest = seid.data(&self.network, volume, now).store;
            let oldest = volume.oldest.max(newest.minus(self.profile.peers.full_retention).plus(1));
            Some(OtherNode { name: pod.node.clone(), newest, oldest })
        };
        self.pods.values().filter_map(answers).collect()
    }

    /// Whether a fault makes a task that begins now fail.
    pub(crate) fn strikes(&mut self, pod: PodId, kind: &str) -> bool {
        let Some(pod) = self.pods.get(&pod) else { return false };
        self.task_faults.iter_mut().any(|fault| fault.strikes(&pod.node, kind))
    }

    fn sidecar_up(&mut self, cx: &mut Context<'_>, id: ProcessId) {
        let Some(pod) = self.processes.get(&id).copied() else { return };
        let others = self.rpc_nodes(cx.now);
        let tasks = self.with_sidecar(cx, pod, |sidecar, _, env| sidecar.up(env)).unwrap_or_default();
        for (task, kind) in tasks {
            let fails = self.strikes(pod, kind);
            self.with_sidecar(cx, pod, |sidecar, _, env| sidecar.begin(task, &others, fails, env));
        }
        self.settle(cx, pod);
    }

    fn task_due(&mut self, cx: &mut Context<'_>, sidecar: ProcessId, task: Uuid, token: u32) {
        let Some(pod) = self.processes.get(&sidecar).copied() else { return };
        let ask = self.with_sidecar(cx, pod, |sidecar, seid, env| sidecar.due(task, token, seid, env));
        match ask.map(|ask| self.slip(cx, pod, task, ask)) {
            Some(Ask::Terminate) => self.with_seid(cx, pod, |seid, env| seid.signal_process(env, Signal::Terminate)),
            Some(Ask::Kill) => self.with_seid(cx, pod, |seid, env| seid.signal_process(env, Signal::Kill)),
            Some(Ask::LookAtHealthz) => self.with_seid(cx, pod, |seid, env| seid.go_on(env)),
            Some(Ask::Nothing) | None => {}
        }
        self.settle(cx, pod);
    }

    /// What the chain is like now, what was done to it included.
    pub fn profile(&self) -> &ChainProfile {
        &self.profile
    }

    /// When seid of a node has executed so many more blocks, as far as is known now; `None` if it runs not, or stands still.
    pub fn executes(&self, now: SimTime, node: &str, blocks: u64) -> Option<SimTime> {
        self.pods.values().filter(|pod| &*pod.node == node).find_map(|pod| {
            let seid = pod.seid.as_ref().filter(|seid| seid.is_process())?;
            let volume = self.volumes.get(&seid.volume)?;
            let app = seid.data(&self.network, volume, now).app;
            if blocks == 0 { Some(now) } else { seid.store_reaches(app.plus(blocks), &self.network, volume, now) }
        })
    }

    /// A process other than seid ends.
    fn process_ends(&mut self, cx: &mut Context<'_>, id: ProcessId, code: i32) {
        let Some(at) = self.processes.remove(&id) else { return };
        cx.tell(Output::Exited { id, code });
        let Some(pod) = self.pods.get_mut(&at) else { return };
        if pod.sidecar.as_ref().is_some_and(|sidecar| sidecar.id == id) {
            pod.sidecar = None;
            cx.tell(Output::SidecarChanged { pod: at });
            self.with_seid(cx, at, |seid, env| seid.go_on(env));
        }
        self.settle(cx, at);
    }

    /// Does something with a pod's seid. If its container ends by that, with the code that comes back, the world is told.
    pub(crate) fn with_seid(&mut self, cx: &mut Context<'_>, at: PodId, act: impl FnOnce(&mut Seid, &mut Env<'_, '_>) -> Option<i32>) {
        let Some(pod) = self.pods.get_mut(&at) else { return };
        let healthz = pod.sidecar.as_ref().is_some_and(Sidecar::is_ready);
        let Some(seid) = &mut pod.seid else { return };
        let volume = self.volumes.entry(seid.volume).or_default();
        let cut_off = self.cut_off.contains(&seid.node);
        let mut env = Env { profile: &self.profile, network: &self.network, volume, healthz, cut_off, cx };
        if let Some(code) = act(seid, &mut env) {
            let id = seid.id;
            pod.seid = None;
            self.processes.remove(&id);
            cx.tell(Output::Exited { id, code });
        }
        self.settle(cx, at);
    }

    /// Does something with a pod's sidecar, which sees the pod's seid.
    pub(crate) fn with_sidecar<T>(
        &mut self,
        cx: &mut Context<'_>,
        at: PodId,
        act: impl FnOnce(&mut Sidecar, Option<&Seid>, &mut Env<'_, '_>) -> T,
    ) -> Option<T> {
        let pod = self.pods.get_mut(&at)?;
        let sidecar = pod.sidecar.as_mut()?;
        let volume = self.volumes.entry(sidecar.volume).or_default();
        let cut_off = self.cut_off.contains(&sidecar.node);
        let mut env = Env { profile: &self.profile, network: &self.network, volume, healthz: sidecar.is_ready(), cut_off, cx };
        Some(act(sidecar, pod.seid.as_ref(), &mut env))
    }

    /// After any change in a pod: what waits for its seid learns of it, and probes are told what they would now see.
    pub(crate) fn settle(&mut self, cx: &mut Context<'_>, at: PodId) {
        self.with_sidecar(cx, at, |sidecar, seid, env| sidecar.watch(seid, env));
        let Some(pod) = self.pods.get_mut(&at) else { return };
        let healthz = pod.sidecar.as_ref().is_some_and(Sidecar::is_ready);
        let livez = pod.sidecar.as_ref().is_some_and(Sidecar::serves);
        let lag_status = pod.seid.as_ref().map_or(Some(false), Seid::lag_status).unwrap_or(pod.answers[2]);
        for (index, ok) in [healthz, livez, lag_status].into_iter().enumerate() {
            if pod.answers[index] != ok {
                pod.answers[index] = ok;
                cx.tell(Output::Answers { pod: at, endpoint: ENDPOINTS[index], ok });
            }
        }
        if pod.sidecar.is_none() && pod.seid.is_none() {
            self.pods.remove(&at);
        }
    }
}

/// A node id as the network writes it: 40 hexadecimal digits.
fn node_id(key: u64) -> Arc<str> {
    let rest = simcore::stable_hash(&key);
    format!("{key:016x}{rest:016x}{:08x}", rest >> 32).into()
}
