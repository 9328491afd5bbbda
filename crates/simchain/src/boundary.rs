//! What crosses the border of the simulated chain: programs that start and end, and what they tell the world.

use crate::seid::Rule;
use api::Height;
use std::sync::Arc;
use uuid::Uuid;

/// One run of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(pub u64);

/// Processes with the same pod id share localhost and see each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodId(pub Uuid);

/// Where a data directory lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VolumeId(pub Uuid);

/// A program to start.
#[derive(Clone, Debug)]
pub struct Start {
    /// This run; never used before.
    pub id: ProcessId,
    /// The pod it runs in.
    pub pod: PodId,
    /// The node it belongs to, for names in messages and for random streams.
    pub node: Arc<str>,
    /// The volume mounted at `/sei`.
    pub volume: VolumeId,
    /// What it is.
    pub program: Program,
}

/// The programs of a node's pods.
#[derive(Clone, Debug, PartialEq)]
pub enum Program {
    /// `seid init ... --overwrite` unless a genesis file exists; exits 0 soon.
    SeidInit {
        /// Its image.
        image: Arc<str>,
    },
    /// `seictl serve`.
    Sidecar {
        /// Its image.
        image: Arc<str>,
    },
    /// The shell script that waits for the sidecar's `/v0/healthz`, looking every 5 s, and then starts seid.
    Seid(SeidProgram),
}

/// How seid is started.
#[derive(Clone, Debug, PartialEq)]
pub struct SeidProgram {
    /// Its image.
    pub image: Arc<str>,
    /// `--halt-height`.
    pub halt_height: Option<Height>,
    /// Whether seid is a child of the shell, which turns exit code 130 into 0 and takes seid down hard when it is signalled (the bootstrap
    /// Job), or replaces the shell (`exec`, the StatefulSet).
    pub child_of_shell: bool,
}

/// What a kubelet or a sidecar sends to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGKILL.
    Kill,
}

/// HTTP endpoints that probes look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// The sidecar's `/v0/healthz`: 200 once mark-ready ran in this process.
    Healthz,
    /// The sidecar's `/v0/livez`: 200 while it serves.
    Livez,
    /// seid's `/lag_status`: 200 unless it lags more than 300 blocks behind its best peer.
    LagStatus,
}

/// What the chain tells the world, in order.
#[derive(Clone, Debug)]
pub enum Output {
    /// A process ended.
    Exited {
        /// Which.
        id: ProcessId,
        /// Its exit code as the container's.
        code: i32,
    },
    /// An endpoint's answer changed. Before the first such output an endpoint does not answer 200.
    Answers {
        /// The pod.
        pod: PodId,
        /// The endpoint.
        endpoint: Endpoint,
        /// Whether it answers 200.
        ok: bool,
    },
    /// Something that a client of the pod's sidecar can see has changed: reachability, process, flag or a task's row.
    SidecarChanged {
        /// The pod.
        pod: PodId,
    },
    /// Something worth telling happened.
    Happened {
        /// On which node.
        node: Arc<str>,
        /// In which pod.
        pod: PodId,
        /// What.
        what: Happening,
    },
    /// The world must end: something was asked that is not modelled.
    Unmodelled(String),
}

/// What a history and the oracles are told of a node's programs. Heights and exit codes as an operator reads them in logs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Happening {
    /// seid started on a data directory.
    SeidStarted {
        /// Its image.
        image: Arc<str>,
        /// The app height it found.
        app: Height,
        /// `--halt-height`, if given.
        halt_height: Option<Height>,
    },
    /// seid could not take the data directory's lock.
    DataDirectoryLocked,
    /// seid's RPC answers.
    RpcUp {
        /// The block-store height it shows.
        store: Height,
    },
    /// seid follows the tip.
    InConsensus {
        /// The app height.
        app: Height,
    },
    /// The first block this process tried to execute.
    FirstBlock {
        /// The block.
        height: Height,
    },
    /// An upgrade's migrations ran.
    UpgradeApplied {
        /// The upgrade.
        name: Arc<str>,
        /// Its height.
        height: Height,
    },
    /// seid panicked.
    Panicked {
        /// The message.
        message: Arc<str>,
        /// The block.
        height: Height,
        /// Whether the process stays alive with its height frozen.
        stuck: bool,
    },
    /// seid executed (app commit) one of the heights worth telling: U - 1, U and U + 1 of each upgrade or code fork, and its halt height.
    Executed {
        /// The block.
        height: Height,
        /// The image that executed it.
        image: Arc<str>,
    },
    /// seid's process ended.
    SeidExited {
        /// The process's own exit code, before any shell's mapping.
        code: i32,
        /// The app height it left.
        app: Height,
        /// The block-store height it left.
        store: Height,
    },
    /// A sidecar task began to run.
    TaskStarted {
        /// Its type.
        kind: &'static str,
    },
    /// A sidecar task ended.
    TaskEnded {
        /// Its type.
        kind: &'static str,
        /// Why it failed, if it did.
        error: Option<Arc<str>>,
        /// The height it brought the node to, for snapshot-restore.
        height: Option<Height>,
    },
    /// seid's state came from peers.
    StateSynced {
        /// The height it landed at.
        height: Height,
    },
    /// A block showed that seid's state is not the network's.
    Diverged {
        /// The block; the state came to differ one block before.
        height: Height,
        /// Whether the process stays, without peers, or ends.
        wedged: bool,
    },
    /// Two running processes signed with one consensus key.
    DoubleSigned {
        /// The key.
        key: Arc<str>,
        /// The block.
        height: Height,
    },
    /// seid executed a block beyond its halt height: the first such block of this process.
    PassedHaltHeight {
        /// The block.
        height: Height,
        /// `--halt-height`.
        halt_height: Height,
    },
    /// What seid made of a block is not what the network made of it. The node itself learns of it one block later.
    LineageParted {
        /// The block.
        height: Height,
    },
}

/// A node's seid as an outside observer with perfect sight sees it at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// The image that runs.
    pub image: Arc<str>,
    /// App height.
    pub app: Height,
    /// Block-store height.
    pub store: Height,
    /// Whether RPC answers.
    pub rpc: bool,
    /// What `/status` says of catching up: false once consensus has begun, however stuck it is.
    pub catching_up: bool,
    /// Whether it is alive with its height frozen for good: stuck in consensus, wedged, stalled without a peer that holds its next block.
    pub wedged: bool,
    /// Whether its state differs from the network's.
    pub diverged: bool,
    /// The rule by which it came to the stage it is in.
    pub rule: Rule,
}
