//! What `/lag_status` answers: 417 while the best peer is more than 300 blocks ahead, else 200; 200 too without peers.
//!
//! Peer heights are refreshed every 10 s. The answer changes at a refresh only (a named shortcut: a node that catches up is seen within the
//! limit up to one refresh late).

use super::motion::{Motion, Why, first};
use super::{Env, Run, Seid, Stage};
use crate::network::Network;
use crate::volume::{Config, Volume};
use api::Height;
use simcore::{Grid, SimTime};
use std::time::Duration;

/// Blocks that a node may lag behind its best peer.
const LIMIT: u64 = 300;
/// How often peer heights are refreshed.
const REFRESH: Duration = Duration::from_secs(10);

impl Run {
    fn refreshes(&self) -> Grid {
        Grid { anchor: self.rpc_at, period: REFRESH }
    }

    /// Whether a refresh at a moment, with this block store, finds the node within the limit.
    fn within_limit(&self, env: &Env<'_, '_>, config: &Config, store: Height, at: SimTime) -> bool {
        let network = env.network;
        let dropped = matches!(self.motion, Motion::Still(Why::Diverged));
        let blind = at < self.peers_at || dropped || env.cut_off || config.first_peer.is_none() || network.peers_up(at) == 0;
        blind || network.height(at).above(store) <= LIMIT
    }
}

impl Seid {
    /// What `/lag_status` answers now; `None`: as it last did.
    pub(crate) fn lag_status(&self) -> Option<bool> {
        match &self.stage {
            Stage::Running(run) => Some(run.lag_ok),
            Stage::Ending { rpc: true, .. } => None,
            _ => Some(false),
        }
    }

    /// From when on the block store is more than so many blocks behind the network, if the process goes on as it does: a moment that has
    /// come, if it is so far behind now. `None`: never. One that follows the tip falls behind with all its peers.
    pub(crate) fn falls_behind(&self, network: &Network, volume: &Volume, now: SimTime, most: u64) -> Option<SimTime> {
        let store = self.data(network, volume, now).store;
        let crossing = network.time_of(store.plus(most + 1))?;
        let then = match &self.stage {
            Stage::Running(run) if crossing > now => run.motion.height(network, crossing).unwrap_or(store),
            _ => store,
        };
        (network.height(crossing).above(then) > most).then_some(crossing)
    }

    /// A refresh of the peers' heights, if this is the moment of one.
    pub(super) fn look_at_peer_heights(&mut self, env: &mut Env<'_, '_>) {
        let store = self.data(env.network, env.volume, env.cx.now).store;
        let Stage::Running(run) = &mut self.stage else { return };
        if run.refreshes().at_or_after(env.cx.now) == env.cx.now {
            run.lag_ok = run.within_limit(env, &self.config, store, env.cx.now);
        }
    }

    /// The first refresh at which the answer changes, unless the process moves in another way before.
    pub(super) fn next_lag_change(&self, run: &Run, env: &Env<'_, '_>) -> Option<SimTime> {
        let (network, now) = (env.network, env.cx.now);
        let refreshes = run.refreshes();
        let next = refreshes.after(now.max(run.peers_at - Duration::from_micros(1)));
        let turns = |at: SimTime, store: Height| run.within_limit(env, &self.config, store, at) != run.lag_ok;
        match run.motion {
            Motion::Following { .. } => turns(next, run.height(network, next)).then_some(next),
            Motion::Still(_) => {
                let store = env.volume.data.store;
                let crossing = network.time_of(store.plus(LIMIT + 1)).filter(|_| run.lag_ok && self.config.first_peer.is_some());
                let moments = [Some(next), crossing, network.next_peer_change(now)].into_iter().flatten();
                let moments = moments.map(|moment| refreshes.at_or_after(moment.max(next)));
                moments.filter(|at| turns(*at, store)).min()
            }
            Motion::Catching { caught, .. } => {
                let store = |at| run.height(network, at);
                if turns(next, store(next)) {
                    return Some(next);
                }
                // From here on the distance only shrinks.
                let looks = caught.map_or(0, |(at, _)| u64::try_from(at.since(next).as_micros() / REFRESH.as_micros()).unwrap_or(0) + 1);
                let at = |look: u64| super::motion::after_steps(next, REFRESH, look);
                let turned = |look: u64| turns(at(look), store(at(look)));
                turned(looks).then(|| at(first(0, looks, turned)))
            }
        }
    }
}
