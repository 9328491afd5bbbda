//! One run of the seid container: the shell that waits for the sidecar, seid's start, its way to the tip, its end.
//!
//! | file | what |
//! |---|---|
//! | `start.rs` | waiting for the sidecar, the lock, the handshake |
//! | `follow.rs` | connecting, block sync, consensus |
//! | `motion.rs` | at which height a process is at a moment, computed |
//! | `block.rs` | one remarkable block: rules, execution, halt |
//! | `rules.rs` | what a binary does at a block, and what becomes of the process |
//! | `rule.rs` | the rules by which stages follow each other |
//! | `state_sync.rs` | an empty state fetched from peers |
//! | `halt.rs` | how a halt at the halt height ends |
//! | `lag.rs` | what `/lag_status` answers |
//! | `stop.rs` | signals, exit codes, the shell's part in them |
//!
//! A process has one timer, set to the next moment at which something happens to it. Blocks in between are computed when someone asks.

mod block;
mod follow;
mod halt;
mod lag;
mod motion;
mod rule;
pub mod rules;
mod start;
mod state_sync;
mod stop;

pub use rule::Rule;

use crate::Context;
use crate::boundary::{Happening, NodeView, Output, PodId, ProcessId, SeidProgram, VolumeId};
use crate::event::{Due, Event};
use crate::network::Network;
use crate::profile::{Binary, ChainProfile};
use crate::volume::{Config, Data, Volume};
use api::Height;
use motion::Motion;
use rules::StoresAtStart;
use simcore::{Grid, SimTime, Span, Subject};
use state_sync::Landing;
use std::sync::Arc;
use std::time::Duration;

/// What a process sees of the world, and where it leaves what it does.
pub(crate) struct Env<'e, 'c> {
    pub profile: &'e ChainProfile,
    pub network: &'e Network,
    pub volume: &'e mut Volume,
    /// Whether the pod's sidecar answers `/v0/healthz` with 200.
    pub healthz: bool,
    /// Whether the node reaches no peer.
    pub cut_off: bool,
    pub cx: &'e mut Context<'c>,
}

/// One run of the seid container.
#[derive(Clone, Debug)]
pub(crate) struct Seid {
    pub id: ProcessId,
    pub node: Arc<str>,
    pub pod: PodId,
    pub volume: VolumeId,
    pub program: SeidProgram,
    /// The binary, by its place in the profile.
    binary: usize,
    pub stage: Stage,
    /// The rule by which it is there.
    rule: Rule,
    /// The configuration as it was when seid started.
    config: Config,
    /// Whether it has tried to execute a block.
    has_executed: bool,
    /// Whether consensus has begun; never taken back.
    consensus: bool,
    /// What it found about stores when it started.
    stores: StoresAtStart,
    /// The app height at which it started.
    from: Height,
    /// The event that counts, and when it is due.
    token: u32,
    armed: Option<SimTime>,
}

/// Where in its life the process is.
#[derive(Clone, Debug)]
pub(crate) enum Stage {
    /// The shell looks at the sidecar's `/v0/healthz`.
    Waiting { looks: Grid },
    /// seid holds the lock; the handshake comes when RPC is due.
    Starting { rpc_at: SimTime, step: Duration },
    /// State sync; RPC comes up when it has landed.
    StateSyncing(Landing),
    /// RPC answers.
    Running(Run),
    /// It is about to end, with seid's own exit code. RPC goes with it, if it was up; one that was wedged is so until then.
    Ending { at: SimTime, code: i32, rpc: bool, wedged: bool },
}

/// A seid whose RPC answers.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// When RPC came up.
    rpc_at: SimTime,
    /// From when on signals are handled.
    handler_at: SimTime,
    /// When peers are connected.
    peers_at: SimTime,
    /// Block sync's time for a block.
    step: Duration,
    /// How long after it is made a block of the tip is executed.
    delay: Duration,
    motion: Motion,
    /// The last block handled by itself; those since are plain.
    handled: Height,
    /// The next block that needs handling by itself.
    next: Option<Height>,
    /// What `/lag_status` answers.
    lag_ok: bool,
}

impl Env<'_, '_> {
    /// How many external peers the node reaches.
    pub(crate) fn peers_up(&self) -> usize {
        if self.cut_off { 0 } else { self.network.peers_up(self.cx.now) }
    }
}

impl Seid {
    /// Whether it signs blocks, if it has a key: it follows the tip in consensus.
    pub(crate) fn signs(&self) -> bool {
        self.consensus && matches!(&self.stage, Stage::Running(run) if run.motion.follows())
    }

    /// The moments of blocks to come have changed.
    pub(crate) fn replan(&mut self, env: &mut Env<'_, '_>) -> Option<i32> {
        let height = self.data(env.network, env.volume, env.cx.now).app;
        let next = self.next_remarkable(env.profile, height);
        if let Stage::Running(run) = &mut self.stage {
            if let Motion::Catching { .. } = run.motion {
                run.motion = Motion::catching(env.network, env.cx.now, height, run.step);
            }
            if run.motion.moves() && run.next.is_none_or(|due| due > height) {
                run.next = next;
            }
        }
        self.go_on(env)
    }

    /// Whether seid itself runs, not only the shell that waits.
    pub(crate) fn is_process(&self) -> bool {
        !matches!(self.stage, Stage::Waiting { .. })
    }

    /// Whether RPC answers.
    pub(crate) fn rpc(&self) -> bool {
        matches!(self.stage, Stage::Running(_) | Stage::Ending { rpc: true, .. })
    }

    /// Whether it is alive with its height frozen for good.
    fn is_wedged(&self) -> bool {
        match &self.stage {
            Stage::Running(run) => run.motion.is_wedged(),
            Stage::Ending { wedged, .. } => *wedged,
            _ => false,
        }
    }

    /// The data directory's heights now.
    pub(crate) fn data(&self, network: &Network, volume: &Volume, now: SimTime) -> Data {
        match &self.stage {
            Stage::Running(run) if run.motion.moves() => Data::at(run.height(network, now)),
            _ => volume.data,
        }
    }

    /// When the block store reaches a height, if it is now known to.
    pub(crate) fn store_reaches(&self, height: Height, network: &Network, volume: &Volume, now: SimTime) -> Option<SimTime> {
        if self.rpc() && self.data(network, volume, now).store >= height {
            return Some(now);
        }
        match &self.stage {
            Stage::Running(run) => run.motion.time_of(height, network).map(|at| at.max(now)),
            _ => None,
        }
    }

    /// What an observer sees; `None` while the shell waits.
    pub(crate) fn view(&self, network: &Network, volume: &Volume, now: SimTime) -> Option<NodeView> {
        if !self.is_process() {
            return None;
        }
        let data = self.data(network, volume, now);
        let wedged = self.is_wedged();
        let diverged = !volume.lineage.agrees(network.lineage(), data.app);
        let image = self.program.image.clone();
        Some(NodeView {
            image,
            app: data.app,
            store: data.store,
            rpc: self.rpc(),
            catching_up: !self.consensus,
            wedged,
            diverged,
            rule: self.rule,
        })
    }

    /// A word for what it does, and the heights it rests at, for fingerprints: the same however often and whenever it does it.
    pub(crate) fn class(&self, network: &Network, volume: &Volume, now: SimTime) -> (&'static str, Option<Data>) {
        let class = match &self.stage {
            Stage::Waiting { .. } => "waiting",
            Stage::Starting { .. } => "starting",
            Stage::StateSyncing(_) => "state syncing",
            Stage::Ending { wedged: true, .. } => "wedged and ending",
            Stage::Ending { .. } => "ending",
            Stage::Running(run) => run.motion.class(),
        };
        let follows = matches!(&self.stage, Stage::Running(run) if run.motion.follows());
        (class, (!follows).then(|| self.data(network, volume, now)))
    }

    fn binary<'p>(&self, profile: &'p ChainProfile) -> &'p Binary {
        &profile.binaries[self.binary]
    }

    /// Passes to another stage, by a rule.
    fn enter(&mut self, stage: Stage, rule: Rule) {
        self.stage = stage;
        self.rule = rule;
    }

    fn tell(&self, env: &mut Env<'_, '_>, what: Happening) {
        env.cx.tell(Output::Happened { node: self.node.clone(), pod: self.pod, what });
    }

    fn draw(&self, env: &mut Env<'_, '_>, purpose: &'static str, span: Span) -> Duration {
        env.cx.luck.duration(purpose, &*self.node, span)
    }

    /// Does what is due now, sets the timer to what is due next. Call it after every change. `Some`: the container has ended with this code.
    pub(crate) fn go_on(&mut self, env: &mut Env<'_, '_>) -> Option<i32> {
        loop {
            let went_on = match &self.stage {
                Stage::Waiting { looks } => env.healthz && looks.at_or_after(env.cx.now) == env.cx.now && self.launch(env),
                Stage::Starting { rpc_at, .. } => *rpc_at <= env.cx.now && self.handshake(env),
                Stage::StateSyncing(_) => self.state_sync(env),
                Stage::Running(_) => self.follow(env),
                Stage::Ending { at, code, .. } if *at <= env.cx.now => return Some(self.over(env, *code)),
                Stage::Ending { .. } => false,
            };
            if !went_on {
                break;
            }
        }
        self.set_timer(env);
        None
    }

    /// Whether an event with this token still counts.
    pub(crate) fn expects(&self, token: u32) -> bool {
        self.armed.is_some() && self.token == token
    }

    /// As [`Seid::expects`], and the event is used up.
    pub(crate) fn accepts(&mut self, token: u32) -> bool {
        let counts = self.expects(token);
        if counts {
            self.armed = None;
        }
        counts
    }

    fn set_timer(&mut self, env: &mut Env<'_, '_>) {
        let due = match &self.stage {
            Stage::Waiting { looks } => env.healthz.then(|| looks.after(env.cx.now)),
            Stage::Starting { rpc_at, .. } => Some(*rpc_at),
            Stage::StateSyncing(landing) => landing.next(env),
            Stage::Running(run) => self.next_deadline(run, env),
            Stage::Ending { at, .. } => Some(*at),
        };
        // Blocks after the scenario's start are dated by the world's own seed, which a settled start does not have yet: look again then.
        let again = SimTime::from_micros(1);
        let unsettled = env.cx.now <= SimTime::ZERO
            && matches!(self.stage, Stage::Running(_) | Stage::StateSyncing(_))
            && due.is_some_and(|due| due > again);
        let due = if unsettled { Some(again) } else { due };
        if due == self.armed {
            return;
        }
        self.armed = due;
        self.token += 1;
        if let Some(due) = due {
            let (id, token) = (self.id, self.token);
            let event = if unsettled { Due::SeidLooksAgain { id, token } } else { Due::Seid { id, token } };
            env.cx.at(due, Subject::of(&("seid", id)), Event(event));
        }
    }
}
