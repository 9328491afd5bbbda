//! `running-lies`: a node that its status calls Running does run.

use super::{oracles_of, planned_upgrade, told};
use api::node::NodePhase;
use api::{Height, Node};
use oracles::Fact;
use simchain::Happening;
use simcore::SimTime;
use simkube::{Actor, StoreChange};
use std::sync::Arc;
use std::time::Duration;
use testbed::world::World;

#[test]
fn running_lies_fires_120_s_after_a_node_without_a_process_calls_itself_running() {
    let (_, world) = planned_upgrade();
    let at = |seconds| Duration::from_secs(seconds);
    let (absent, present) = (enters_running(&world, "ghost"), enters_running(&world, "pacific-1-rpc-0"));
    let fire = |change: &StoreChange| {
        (
            told(&world, &[(at(0), Fact::Stored(change)), (at(119), Fact::TimePassed)]),
            told(&world, &[(at(0), Fact::Stored(change)), (at(120), Fact::TimePassed)]),
        )
    };
    let (early, late) = fire(&absent);
    assert!(early.is_empty());
    assert_eq!(oracles_of(&late), ["running-lies"]);
    let (early, late) = fire(&present);
    assert!(early.is_empty() && late.is_empty(), "a node that follows the tip tells the truth");
}

#[test]
fn a_node_that_has_executed_blocks_since_it_was_called_running_and_then_ends_has_told_no_lie() {
    let (_, world) = planned_upgrade();
    let entry = enters_running(&world, "ghost");
    let (started, up, synced) =
        (super::started(super::OLD), Happening::RpcUp { store: Height(1) }, Happening::InConsensus { app: Height(1) });
    let told_by = |app| {
        let ends = Happening::SeidExited { code: 137, app, store: app };
        let now = Duration::ZERO;
        let mut facts = vec![(now, Fact::Stored(&entry))];
        facts.extend([&started, &up, &synced, &ends].map(|what| (now, of_ghost(what))));
        facts.push((Duration::from_secs(60), Fact::TimePassed));
        oracles_of(&told(&world, &facts))
    };
    assert_eq!(told_by(Height(2)), [""; 0]);
    assert_eq!(told_by(Height(1)), ["running-lies"], "it has executed nothing");
}

#[test]
fn a_block_that_the_chain_has_just_made_after_it_stood_still_need_not_be_executed_yet() {
    let (_, world) = planned_upgrade();
    let resumes = world.look(|sim| sim.sight().chain.time_of(Height(198_750_501))).expect("the chain goes on after the upgrade");
    let at = |later: u64| resumes.since(SimTime::ZERO) + Duration::from_secs(later) - Duration::from_secs(59);
    let entry = enters_running(&world, "ghost");
    let (started, up, synced) =
        (super::started(super::OLD), Happening::RpcUp { store: Height(1) }, Happening::InConsensus { app: Height(1) });
    let mut facts = vec![(at(0), Fact::Stored(&entry))];
    facts.extend([&started, &up, &synced].map(|what| (at(0), of_ghost(what))));
    facts.push((at(60), Fact::TimePassed));
    assert_eq!(oracles_of(&told(&world, &facts)), [""; 0]);
    facts.push((at(119), Fact::TimePassed));
    assert_eq!(oracles_of(&told(&world, &facts)), ["running-lies"]);
}

fn of_ghost(what: &Happening) -> Fact<'_> {
    Fact::Chain { node: "ghost", pod: super::pod(), what }
}

/// The change by which a node of a given name enters phase Running.
fn enters_running(world: &World, name: &str) -> StoreChange {
    let node: Node = world.look(|sim| sim.sight().nodes().into_iter().next()).expect("a settled group has nodes");
    let of_phase = |phase| {
        let mut node = node.clone();
        node.meta_mut().key.name = Arc::from(name);
        node.status_mut().phase = Some(phase);
        Some(node.into_any())
    };
    StoreChange { old: of_phase(NodePhase::Initializing), new: of_phase(NodePhase::Running), actor: Actor::Person }
}
