//! The chain alone, with a queue of its own and a log of what it says.
#![allow(dead_code, reason = "each test binary uses a part")]

use api::task::{AwaitAction, AwaitCondition, Awaited, ConfigApply, DiscoverPeers, DiscoverySource, SnapshotRestore};
use api::{Height, SidecarTask};
use ports::{TaskRequest, TaskState};
use simchain::profile::{Binary, Upgrade, UpgradeKind};
use simchain::{
    Chain, ChainProfile, Context, Endpoint, Event, Happening, Output, PodId, ProcessId, Program, SeidProgram, Signal, Start, VolumeId,
};
use simcore::{Luck, Queue, Seed, SimTime, Span};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

pub const START: u64 = 1_000_000;
pub const U: u64 = START + 9000;
pub const OLD: &str = "sei:v6.3.0";
pub const OLD_RACY: &str = "sei:v6.3.3";
pub const NEW: &str = "sei:v6.4.0";

pub fn secs(seconds: u64) -> SimTime {
    SimTime::ZERO + Duration::from_secs(seconds)
}

pub fn binary(image: &str, handlers: &[&str]) -> Binary {
    Binary {
        image: image.into(),
        version: image.rsplit(':').next().expect("a tag").to_owned(),
        handlers: handlers.iter().map(|name| (*name).into()).collect(),
        code_forks: Vec::new(),
        exists: true,
        panics_at_start: false,
        ignores_upgrades: false,
        panics_at: None,
    }
}

pub fn upgrade(kind: UpgradeKind) -> Upgrade {
    Upgrade::new("v6.4", Height(U), kind)
}

/// A chain with a major upgrade an hour ahead, whose snapshots come at once and restore in a second.
pub fn profile() -> ChainProfile {
    let mut profile = ChainProfile {
        start_height: Height(START),
        upgrades: vec![upgrade(UpgradeKind::Major)],
        binaries: vec![binary(OLD, &[]), binary(OLD_RACY, &[]), binary(NEW, &["v6.4"])],
        ..ChainProfile::default()
    };
    profile.snapshots.published_after = Span::seconds(0, 0);
    profile.snapshots.restore = Span::seconds(1, 1);
    profile
}

#[derive(Clone, Copy)]
pub struct Node {
    pub pod: PodId,
    pub volume: VolumeId,
    pub sidecar: ProcessId,
    pub seid: ProcessId,
}

#[derive(Clone)]
pub struct World {
    pub chain: Chain,
    pub luck: Luck,
    pub queue: Queue<Event>,
    pub now: SimTime,
    pub log: Vec<(SimTime, Output)>,
    pub handled: usize,
    names: BTreeMap<PodId, Arc<str>>,
    last: u64,
}

impl World {
    pub fn new(profile: ChainProfile, seed: u64) -> Self {
        assert_eq!(profile.validate(), Ok(()));
        let luck = Luck::new(Seed(seed));
        let chain = Chain::new(Arc::new(profile), &luck);
        let (now, names) = (secs(1), BTreeMap::new());
        Self { chain, luck, queue: Queue::default(), now, log: Vec::new(), handled: 0, names, last: 0 }
    }

    pub fn with<T>(&mut self, act: impl FnOnce(&mut Chain, &mut Context<'_>) -> T) -> T {
        let (mut later, mut out) = (Vec::new(), Vec::new());
        let mut cx = Context { now: self.now, luck: &mut self.luck, later: &mut later, out: &mut out };
        let result = act(&mut self.chain, &mut cx);
        for scheduled in later {
            self.queue.push(scheduled);
        }
        for output in out {
            assert!(!matches!(output, Output::Unmodelled(_)), "{output:?}");
            self.log.push((self.now, output));
        }
        result
    }

    pub fn step(&mut self) -> bool {
        let Some(scheduled) = self.queue.pop() else { return false };
        assert!(scheduled.at >= self.now);
        self.now = scheduled.at;
        self.handled += 1;
        assert!(self.handled < 100_000, "events without end at {}", self.now);
        self.with(|chain, cx| chain.handle(cx, scheduled.event));
        true
    }

    pub fn run_until(&mut self, until: SimTime) {
        while self.queue.next_at().is_some_and(|at| at <= until) {
            self.step();
        }
        self.now = until;
    }

    pub fn rest(&mut self) {
        while self.step() {}
    }

    pub fn id(&mut self) -> ProcessId {
        self.last += 1;
        ProcessId(self.last)
    }

    fn uuid(&mut self) -> Uuid {
        self.last += 1;
        Uuid::from_u128(u128::from(self.last))
    }

    pub fn launch(&mut self, pod: PodId, volume: VolumeId, program: Program) -> ProcessId {
        let (id, node) = (self.id(), self.names[&pod].clone());
        self.with(|chain, cx| chain.start(cx, Start { id, pod, node, volume, program }));
        id
    }

    /// A pod on a volume: sidecar at once, then the seid container.
    pub fn pod(&mut self, name: &str, volume: VolumeId, program: SeidProgram) -> Node {
        let pod = PodId(self.uuid());
        self.names.insert(pod, name.into());
        self.launch(pod, volume, Program::SeidInit { image: program.image.clone() });
        let sidecar = self.launch(pod, volume, Program::Sidecar { image: "seictl".into() });
        let seid = self.launch(pod, volume, Program::Seid(program));
        self.run_until(self.now + Duration::from_secs(4));
        Node { pod, volume, sidecar, seid }
    }

    pub fn volume(&mut self) -> VolumeId {
        VolumeId(self.uuid())
    }

    pub fn submit(&mut self, node: Node, task: SidecarTask) -> Uuid {
        let id = self.uuid();
        self.submit_as(node, id, task)
    }

    pub fn submit_as(&mut self, node: Node, id: Uuid, task: SidecarTask) -> Uuid {
        self.with(|chain, cx| chain.submit(cx, node.pod, TaskRequest { id: Some(id), task })).expect("accepted")
    }

    /// Submits a task and runs until it has ended.
    pub fn perform(&mut self, node: Node, task: SidecarTask) -> Result<(), Arc<str>> {
        let id = self.submit(node, task);
        loop {
            let report = self.chain.task(node.pod, id).expect("known");
            match report.state {
                TaskState::Running => assert!(self.step(), "the task never ends"),
                TaskState::Completed => return Ok(()),
                TaskState::Failed => return Err(report.error.expect("an error")),
            }
        }
    }

    /// Everything before mark-ready.
    pub fn prepare(&mut self, node: Node, snapshot: u64) {
        self.perform(node, restore(snapshot)).expect("a snapshot");
        self.perform(node, SidecarTask::ConfigureGenesis).expect("a genesis");
        self.perform(node, config("full")).expect("a configuration");
        self.perform(node, peers()).expect("peers");
    }

    /// A pod with a fresh volume, prepared and marked ready.
    pub fn node(&mut self, name: &str, snapshot: u64, program: SeidProgram) -> Node {
        let volume = self.volume();
        let node = self.pod(name, volume, program);
        self.prepare(node, snapshot);
        self.perform(node, SidecarTask::MarkReady).expect("ready");
        node
    }

    /// The kubelet starts the seid container again.
    pub fn restart(&mut self, node: &mut Node, program: SeidProgram) {
        node.seid = self.launch(node.pod, node.volume, Program::Seid(program));
    }

    pub fn signal(&mut self, id: ProcessId, signal: Signal) {
        self.with(|chain, cx| chain.signal(cx, id, signal));
    }

    pub fn happenings(&self, node: Node) -> Vec<(SimTime, Happening)> {
        let of = |(at, output): &(SimTime, Output)| match output {
            Output::Happened { pod, what, .. } if *pod == node.pod => Some((*at, what.clone())),
            _ => None,
        };
        self.log.iter().filter_map(of).collect()
    }

    /// When a happening first came.
    pub fn first(&self, node: Node, is: impl Fn(&Happening) -> bool) -> Option<SimTime> {
        self.happenings(node).into_iter().find(|(_, what)| is(what)).map(|(at, _)| at)
    }

    /// Runs until something has happened; its moment.
    pub fn run_to(&mut self, node: Node, is: impl Fn(&Happening) -> bool) -> SimTime {
        let seen = self.log.len();
        loop {
            let found = self.log[seen..]
                .iter()
                .find(|(_, output)| matches!(output, Output::Happened { pod, what, .. } if *pod == node.pod && is(what)));
            if let Some((at, _)) = found {
                return *at;
            }
            assert!(self.step(), "it never happens: {:#?}", self.happenings(node));
        }
    }

    pub fn exit_code(&self, id: ProcessId) -> Option<i32> {
        let of = |output: &Output| match output {
            Output::Exited { id: exited, code } if *exited == id => Some(*code),
            _ => None,
        };
        self.log.iter().find_map(|(_, output)| of(output))
    }

    pub fn answers(&self, node: Node, endpoint: Endpoint) -> Vec<(SimTime, bool)> {
        let of = |(at, output): &(SimTime, Output)| match output {
            Output::Answers { pod, endpoint: of, ok } if *pod == node.pod && *of == endpoint => Some((*at, *ok)),
            _ => None,
        };
        self.log.iter().filter_map(of).collect()
    }

    pub fn app(&self, node: Node) -> u64 {
        self.chain.view(self.now, node.pod).expect("seid runs").app.0
    }
}

pub fn exec(image: &str) -> SeidProgram {
    SeidProgram { image: image.into(), halt_height: None, child_of_shell: false }
}

pub fn bootstrap(image: &str, halt: u64) -> SeidProgram {
    SeidProgram { image: image.into(), halt_height: Some(Height(halt)), child_of_shell: true }
}

pub fn restore(target: u64) -> SidecarTask {
    SidecarTask::SnapshotRestore(Arc::new(SnapshotRestore { target_height: Height(target) }))
}

pub fn config(mode: &str) -> SidecarTask {
    SidecarTask::ConfigApply(Arc::new(ConfigApply {
        mode: mode.to_owned(),
        overrides: BTreeMap::new(),
        incremental: false,
        target_version: 0,
    }))
}

pub fn peers() -> SidecarTask {
    sources(DiscoverySource::Ec2Tags { region: "eu-central-1".to_owned(), tags: BTreeMap::new() })
}

pub fn sources(source: DiscoverySource) -> SidecarTask {
    SidecarTask::DiscoverPeers(Arc::new(DiscoverPeers { sources: vec![source] }))
}

pub fn await_height(target: u64, action: Option<AwaitAction>) -> SidecarTask {
    SidecarTask::AwaitCondition(Arc::new(AwaitCondition { condition: Awaited::Height, target_height: Height(target), action }))
}

pub fn executed(height: u64) -> impl Fn(&Happening) -> bool {
    move |what| matches!(what, Happening::Executed { height: executed, .. } if executed.0 == height)
}

pub fn exited(what: &Happening) -> bool {
    matches!(what, Happening::SeidExited { .. })
}

pub fn in_consensus(what: &Happening) -> bool {
    matches!(what, Happening::InConsensus { .. })
}

pub fn rpc_up(what: &Happening) -> bool {
    matches!(what, Happening::RpcUp { .. })
}
