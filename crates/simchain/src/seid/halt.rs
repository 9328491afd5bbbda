//! How a halt at the halt height ends: the specification's table of phases and outcomes.
//!
//! After the application has committed a block at or above the halt height, seid signals itself SIGINT, then SIGTERM, and what the signals
//! meet is a race.

use super::rules::Phase;
use super::{Env, Rule, Seid, Stage};
use crate::profile::{HaltOutcomes, HaltSemantics};
use crate::volume::Data;
use api::Height;
use simcore::Luck;

/// What the signals meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Situation {
    /// The signal handler is not installed yet.
    BeforeHandler,
    /// Nothing further is at hand to execute.
    AtTip { from_6_3_3: bool },
    /// The next blocks are already downloaded.
    LaterBlocksAtHand { from_6_3_3: bool },
}

/// How the process ends: after so many blocks further, with this exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ending {
    further: u64,
    code: i32,
}

impl Seid {
    /// The halt height, or one above it, was committed.
    pub(super) fn halt(&mut self, env: &mut Env<'_, '_>, block: Height, phase: Phase) {
        let ending = draw(env.cx.luck, &env.profile.halt, &self.node, self.situation(env, block, phase));
        let before_commit = env.profile.halt.semantics == HaltSemantics::BeforeCommit;
        let further = if before_commit { 0 } else { ending.further };
        let mut app = block;
        while app < block.plus(further) && env.network.served(env.cx.now) > app.plus(1) {
            app = app.plus(1);
            if let Err(panic) = self.execute(env, app) {
                return self.panic(env, app, phase, &panic);
            }
        }
        let graceful = ending.code == 0;
        if !before_commit && !graceful && env.volume.data.state == app {
            env.volume.data = Data { state: app.minus(1), ..env.volume.data };
        }
        let mut at = env.cx.now;
        if let Stage::Running(run) = &self.stage {
            at = super::motion::after_steps(at, run.step, app.above(block));
        }
        if graceful {
            at = at + self.draw(env, "seid graceful stop", env.profile.seid.graceful_stop);
        }
        self.enter(Stage::Ending { at, code: ending.code, rpc: self.rpc(), wedged: false }, Rule::HaltHeight);
    }

    fn situation(&self, env: &Env<'_, '_>, block: Height, phase: Phase) -> Situation {
        let from_6_3_3 = self.binary(env.profile).halts_as_from_6_3_3();
        match &self.stage {
            Stage::Running(run) if run.handler_at <= env.cx.now => {
                let at_hand = phase == Phase::BlockSync && env.network.served(env.cx.now) > block.plus(1);
                if at_hand { Situation::LaterBlocksAtHand { from_6_3_3 } } else { Situation::AtTip { from_6_3_3 } }
            }
            _ => Situation::BeforeHandler,
        }
    }
}

fn draw(luck: &mut Luck, outcomes: &HaltOutcomes, node: &str, situation: Situation) -> Ending {
    let at_once = |code| Ending { further: 0, code };
    match situation {
        Situation::BeforeHandler => at_once([130, 143][luck.weighted("halt before the signal handler", node, &outcomes.before_handler)]),
        Situation::AtTip { from_6_3_3: true } => at_once([0, 143][luck.weighted("halt in consensus", node, &outcomes.consensus)]),
        Situation::AtTip { from_6_3_3: false } => at_once(0),
        Situation::LaterBlocksAtHand { from_6_3_3: true } => {
            let endings = [at_once(0), Ending { further: 1, code: 130 }, Ending { further: 1, code: 143 }, at_once(143)];
            endings[luck.weighted("halt in block sync", node, &outcomes.block_sync)]
        }
        Situation::LaterBlocksAtHand { from_6_3_3: false } => {
            let drawn = luck.weighted("halt in block sync", node, &outcomes.block_sync_before_6_3_3);
            let further = match drawn {
                4 => 4 + luck.below("halt far beyond", node, outcomes.most_blocks_further - 3),
                few => few as u64,
            };
            Ending { further, code: 0 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simcore::Seed;
    use std::collections::BTreeMap;

    /// Shares in permille over 100 000 draws of a fixed seed.
    fn shares(situation: Situation) -> BTreeMap<(u64, i32), i64> {
        let mut luck = Luck::new(Seed(20_260_401));
        let mut counts = BTreeMap::new();
        for _ in 0..100_000 {
            let ending = draw(&mut luck, &HaltOutcomes::default(), "n-0", situation);
            *counts.entry((ending.further.min(4), ending.code)).or_insert(0) += 1;
        }
        counts.into_iter().map(|(ending, count)| (ending, count / 100)).collect()
    }

    /// A situation's endings come with these permille of the draws, off by one percentage point at most.
    fn shares_are(situation: Situation, expected: &[((u64, i32), i64)]) {
        let drawn = shares(situation);
        assert_eq!(drawn.len(), expected.len(), "{drawn:?}");
        for (ending, share) in expected {
            assert!((drawn[ending] - share).abs() <= 10, "{ending:?}: {} instead of {share} permille", drawn[ending]);
        }
    }

    #[test]
    fn before_the_signal_handler_98_percent_die_with_130_and_2_with_143() {
        shares_are(Situation::BeforeHandler, &[((0, 130), 980), ((0, 143), 20)]);
    }

    #[test]
    fn in_consensus_from_v6_3_3_on_96_percent_exit_with_0_and_4_with_143() {
        shares_are(Situation::AtTip { from_6_3_3: true }, &[((0, 0), 960), ((0, 143), 40)]);
    }

    #[test]
    fn in_consensus_before_v6_3_3_all_exit_with_0() {
        shares_are(Situation::AtTip { from_6_3_3: false }, &[((0, 0), 1000)]);
    }

    #[test]
    fn in_block_sync_from_v6_3_3_on_45_percent_exit_with_0_and_44_go_one_block_further() {
        let expected = [((0, 0), 450), ((1, 130), 400), ((1, 143), 40), ((0, 143), 110)];
        shares_are(Situation::LaterBlocksAtHand { from_6_3_3: true }, &expected);
    }

    #[test]
    fn in_block_sync_before_v6_3_3_48_percent_halt_at_h_and_the_others_up_to_ten_blocks_further() {
        let expected = [((0, 0), 480), ((1, 0), 300), ((2, 0), 120), ((3, 0), 60), ((4, 0), 40)];
        shares_are(Situation::LaterBlocksAtHand { from_6_3_3: false }, &expected);
    }
}
