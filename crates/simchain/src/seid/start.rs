//! From the container's start to RPC: the shell waits for the sidecar, seid takes the lock, the handshake brings application and block store
//! together.

use super::motion::{Motion, Why};
use super::rules::{self, Phase, StoresAtStart};
use super::state_sync::Landing;
use super::{Env, Rule, Run, Seid, Stage};
use crate::boundary::{Happening, SeidProgram, Start};
use crate::volume::{Config, Mode};
use api::Height;
use simcore::{Grid, SimTime, Span};
use std::time::Duration;

/// How often the shell looks at the sidecar's `/v0/healthz`.
const LOOK: Duration = Duration::from_secs(5);

impl Seid {
    /// A container that has just started; `binary` is its image's place in the profile.
    pub(crate) fn new(start: &Start, program: SeidProgram, binary: usize, now: SimTime) -> Self {
        Self {
            id: start.id,
            node: start.node.clone(),
            pod: start.pod,
            volume: start.volume,
            program,
            binary,
            stage: Stage::Waiting { looks: Grid { anchor: now, period: LOOK } },
            rule: Rule::ShellWaits,
            config: Config::default(),
            has_executed: false,
            consensus: false,
            stores: StoresAtStart::AsTheyAre,
            from: Height(0),
            token: 0,
            armed: None,
        }
    }

    /// seid starts: the lock, then a while until the handshake.
    pub(super) fn launch(&mut self, env: &mut Env<'_, '_>) -> bool {
        if env.volume.lock.is_some() {
            self.tell(env, Happening::DataDirectoryLocked);
            self.enter(Stage::Ending { at: env.cx.now, code: 1, rpc: false, wedged: false }, Rule::DirectoryLocked);
            return true;
        }
        env.volume.lock = Some(self.id);
        self.config = env.volume.config.clone();
        self.from = env.volume.data.app;
        let started =
            Happening::SeidStarted { image: self.program.image.clone(), app: env.volume.data.app, halt_height: self.program.halt_height };
        self.tell(env, started);
        let volume = &*env.volume;
        let applied = |upgrade: &str| volume.lineage.has_upgraded(upgrade);
        self.stores = rules::stores_at_start(env.profile, self.binary(env.profile), self.from, volume.upgrade_info.as_ref(), applied);
        let rpc_at = env.cx.now + self.draw(env, "seid rpc up", env.profile.seid.rpc_up);
        let rates = env.profile.seid.sync_rate;
        let rate = rates.min + env.cx.luck.below("seid sync rate", &*self.node, rates.max - rates.min + 1);
        self.enter(Stage::Starting { rpc_at, step: Duration::from_micros(1_000_000 / rate) }, Rule::SidecarReady);
        true
    }

    /// The handshake, and RPC after it. Blocks that the store has and the application lacks are executed by the binary that now runs.
    pub(super) fn handshake(&mut self, env: &mut Env<'_, '_>) -> bool {
        let Stage::Starting { step, .. } = self.stage else { return false };
        let data = env.volume.data;
        if let Some((code, rule)) = self.fails_at_start(env) {
            self.enter(Stage::Ending { at: env.cx.now, code, rpc: false, wedged: false }, rule);
            return true;
        }
        if data.app > data.state {
            // The block was executed and its results recorded: only the state store lacks them.
            env.volume.data.state = data.app;
            env.volume.recorded = env.volume.lineage.clone();
        }
        let mut block = data.app;
        while block < data.store {
            block = block.plus(1);
            self.block(env, block, Phase::Handshake);
            if matches!(self.stage, Stage::Ending { .. }) {
                return true;
            }
        }
        let peers_at = env.cx.now + self.draw(env, "seid peers connected", env.profile.seid.peers_connected);
        if self.config.state_sync && env.volume.data.app == Height(0) {
            self.enter(Stage::StateSyncing(Landing::new(peers_at, step)), Rule::EmptyStateSyncs);
        } else {
            self.rpc_up(env, step, peers_at);
        }
        true
    }

    /// What keeps the binary from starting on this data directory, as exit code and rule.
    fn fails_at_start(&self, env: &Env<'_, '_>) -> Option<(i32, Rule)> {
        let data = env.volume.data;
        if self.binary(env.profile).panics_at_start {
            Some((2, Rule::PanicsAtStart))
        } else if self.stores == StoresAtStart::Missing {
            Some((1, Rule::StoresMissingAtStart))
        } else if data.app > data.store {
            Some((1, Rule::AppBeyondStore))
        } else {
            None
        }
    }

    /// RPC answers from now on; peers are connected from `peers_at` on.
    pub(super) fn rpc_up(&mut self, env: &mut Env<'_, '_>, step: Duration, peers_at: SimTime) {
        let now = env.cx.now;
        let times = &env.profile.seid;
        let handler = if self.config.mode == Mode::Validator { Duration::ZERO } else { times.signal_handler };
        let delay = self.draw(env, "seid tip delay", tip_delay(env.profile.block_time, times.tip_lag));
        let app = env.volume.data.app;
        self.tell(env, Happening::RpcUp { store: env.volume.data.store });
        let run = Run {
            rpc_at: now,
            handler_at: now + handler,
            peers_at,
            step,
            delay,
            motion: Motion::Still(Why::Connecting),
            handled: app,
            next: self.next_remarkable(env.profile, app),
            lag_ok: true,
        };
        self.enter(Stage::Running(run), Rule::RpcComesUp);
    }
}

/// How late a following node executes the tip's blocks, so that it is at most so many blocks behind: two blocks at a distance of n are
/// more than n - 1/2 block times apart.
fn tip_delay(block_time: Duration, most: u32) -> Span {
    let longest = (block_time * (2 * most).saturating_sub(1)) / 2;
    Span::between(Duration::ZERO, longest).expect("a range from zero")
}
