//! State sync: an empty state is fetched from peers before RPC comes up (chain.md, sections 2 and 3).
//!
//! It needs two peers and tries for ever. It lands at a recent snapshot of the peers.

use super::{Env, Seid, Stage};
use crate::boundary::Happening;
use api::Height;
use simcore::SimTime;
use std::time::Duration;

/// Peers that state sync wants.
const PEERS: usize = 2;

/// A state sync on its way.
#[derive(Clone, Debug)]
pub(crate) struct Landing {
    /// When peers are connected.
    peers_at: SimTime,
    /// Block sync's time for a block, for later.
    step: Duration,
    /// When the present attempt ends, if one is made.
    ends: Option<SimTime>,
}

impl Landing {
    pub(super) const fn new(peers_at: SimTime, step: Duration) -> Self {
        Self { peers_at, step, ends: None }
    }

    /// When it next does something.
    pub(super) fn next(&self, env: &Env<'_, '_>) -> Option<SimTime> {
        self.ends.or_else(|| Some(self.peers_at).filter(|at| *at > env.cx.now)).or_else(|| env.network.next_peer_change(env.cx.now))
    }
}

impl Seid {
    /// Does one thing that is due now; whether there was one.
    pub(super) fn state_sync(&mut self, env: &mut Env<'_, '_>) -> bool {
        let Stage::StateSyncing(Landing { peers_at, step, ends }) = self.stage else { return false };
        let now = env.cx.now;
        let enough = now >= peers_at && self.config.first_peer.is_some() && env.peers_up() >= PEERS;
        match ends {
            Some(at) if at > now => false,
            Some(_) => {
                match self.peer_snapshot(env).filter(|_| enough) {
                    Some(height) => self.land(env, height, step),
                    None => self.stage = Stage::StateSyncing(Landing::new(peers_at, step)),
                }
                true
            }
            None if enough => {
                let ends = Some(now + self.draw(env, "seid state sync", env.profile.state_sync.takes));
                self.stage = Stage::StateSyncing(Landing { peers_at, step, ends });
                true
            }
            None => false,
        }
    }

    /// One of the snapshots that peers keep now.
    fn peer_snapshot(&self, env: &mut Env<'_, '_>) -> Option<Height> {
        let sync = &env.profile.state_sync;
        let newest = env.network.served(env.cx.now).0 / sync.interval;
        let back = env.cx.luck.below("seid state sync snapshot", &*self.node, sync.kept);
        let number = newest.saturating_sub(back);
        (number > 0).then(|| Height(number * sync.interval))
    }

    fn land(&mut self, env: &mut Env<'_, '_>, height: Height, step: Duration) {
        env.volume.place(height, env.network.lineage());
        self.from = height;
        self.tell(env, Happening::StateSynced { height });
        self.rpc_up(env, step, env.cx.now);
    }
}
