//! With RPC up: connecting to peers, block sync, consensus, and waiting where the next block cannot be had.

use super::motion::{Motion, Why};
use super::rules::Phase;
use super::{Env, Run, Seid, Stage};
use crate::boundary::Happening;
use simcore::SimTime;

/// Peers that block sync wants before it hands over to consensus.
const PEERS_FOR_CONSENSUS: usize = 2;

impl Seid {
    /// Does one thing that is due now; whether there was one.
    pub(super) fn follow(&mut self, env: &mut Env<'_, '_>) -> bool {
        let Stage::Running(run) = &self.stage else { return false };
        let now = env.cx.now;
        if let Some(block) = run.next.filter(|block| run.motion.time_of(*block, env.network).is_some_and(|at| at <= now)) {
            let phase = self.phase();
            self.block(env, block, phase);
            return true;
        }
        if self.reconsider(env) {
            return true;
        }
        self.look_at_peer_heights(env);
        false
    }

    /// In which phase a process whose RPC answers executes blocks.
    fn phase(&self) -> Phase {
        if self.consensus { Phase::Consensus } else { Phase::BlockSync }
    }

    /// When something next happens to a process whose RPC answers.
    pub(super) fn next_deadline(&self, run: &Run, env: &Env<'_, '_>) -> Option<SimTime> {
        let now = env.cx.now;
        let block = run.next.and_then(|block| run.motion.time_of(block, env.network));
        let change = match run.motion {
            Motion::Still(Why::Connecting) => Some(run.peers_at),
            Motion::Still(Why::NoPeers | Why::Pruned) => env.network.next_peer_change(now),
            Motion::Following { .. } if !self.consensus => env.network.next_peer_change(now),
            Motion::Catching { caught, .. } => caught.map(|(at, _)| at).into_iter().chain(env.network.next_peer_change(now)).min(),
            Motion::Still(Why::Stuck | Why::Diverged) | Motion::Following { .. } => None,
        };
        [block, change, self.next_lag_change(run, env)].into_iter().flatten().min()
    }

    /// Whether it now moves in another way.
    fn reconsider(&mut self, env: &mut Env<'_, '_>) -> bool {
        let Stage::Running(run) = &self.stage else { return false };
        let now = env.cx.now;
        let settled = match run.motion {
            Motion::Still(Why::Stuck | Why::Diverged) => true,
            Motion::Still(_) => false,
            Motion::Following { .. } | Motion::Catching { .. } if env.cut_off => false,
            Motion::Following { .. } => self.consensus || (1..PEERS_FOR_CONSENSUS).contains(&env.peers_up()),
            Motion::Catching { caught, .. } => {
                caught.is_none_or(|(at, _)| at > now) && env.network.holds(run.height(env.network, now).plus(1), now)
            }
        };
        if settled {
            return false;
        }
        let was_still = match run.motion {
            Motion::Still(why) => Some(why),
            _ => None,
        };
        env.volume.data = self.data(env.network, env.volume, now);
        let motion = self.motion_from_here(env);
        let changed = !matches!(motion, Motion::Still(why) if was_still == Some(why));
        let Stage::Running(run) = &mut self.stage else { return false };
        run.motion = motion;
        self.rule = motion.rule();
        changed
    }

    /// How it moves from where the volume says it is.
    fn motion_from_here(&mut self, env: &mut Env<'_, '_>) -> Motion {
        let (now, app, network) = (env.cx.now, env.volume.data.app, env.network);
        let peers = if self.config.first_peer.is_some() { env.peers_up() } else { 0 };
        let Stage::Running(run) = &mut self.stage else { unreachable!("asked of a process whose RPC answers") };
        if now < run.peers_at {
            return Motion::Still(Why::Connecting);
        }
        if peers == 0 {
            return Motion::Still(Why::NoPeers);
        }
        if network.served(now) > app.plus(1) {
            if !network.holds(app.plus(1), now) {
                return Motion::Still(Why::Pruned);
            }
            return Motion::catching(network, now, app, run.step);
        }
        let delay = run.delay;
        if !self.consensus && peers < PEERS_FOR_CONSENSUS {
            return Motion::Following { since: now, from: app, delay, short: 1 };
        }
        if !self.consensus {
            self.consensus = true;
            self.tell(env, Happening::InConsensus { app });
        }
        Motion::Following { since: now, from: app, delay, short: 0 }
    }
}
