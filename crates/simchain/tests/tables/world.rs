//! What rows share: binaries brought to a block by a way that fits a phase, and how it ended.

use crate::harness::{Node, START, World, config, exec, exited, peers, restore};
use api::{Height, SidecarTask};
use simchain::{ChainProfile, Happening, Rule, SeidProgram};

/// (exit code, app height, block store) of every seid that ended on a node.
pub fn exits(world: &World, node: Node) -> Vec<(i32, u64, u64)> {
    let all = world.happenings(node).into_iter();
    all.filter_map(|(_, what)| if let Happening::SeidExited { code, app, store } = what { Some((code, app.0, store.0)) } else { None })
        .collect()
}

/// A node in consensus from shortly after the start on.
pub fn at_tip(profile: ChainProfile, program: SeidProgram) -> (World, Node) {
    let mut world = World::new(profile, 1);
    let node = world.node("n-0", START, program);
    (world, node)
}

/// A node that block syncs from the start's snapshot once the chain has a height.
pub fn syncing(profile: ChainProfile, chain_at: u64, program: SeidProgram) -> (World, Node) {
    let mut world = World::new(profile, 1);
    world.run_until(world.chain.time_of(Height(chain_at)).expect("made"));
    let node = world.node("n-0", START, program);
    (world, node)
}

/// A node whose snapshot lies so high, started when it is in the bucket.
pub fn from_snapshot(profile: ChainProfile, snapshot: u64, image: &str) -> (World, Node) {
    let mut world = World::new(profile, 1);
    world.run_until(world.chain.time_of(Height(snapshot + 1000)).expect("made"));
    let node = world.node("n-0", snapshot, exec(image));
    (world, node)
}

/// Runs until seid has ended: its exit, and the rule it ended by.
pub fn ends(world: &mut World, node: Node) -> ((i32, u64, u64), Option<Rule>) {
    world.run_to(node, exited);
    (*exits(world, node).last().expect("one"), world.chain.ended_by(node.volume))
}

/// Another pod on a node's volume, without restoring anything.
pub fn next_pod(world: &mut World, node: Node, mode: &str, program: SeidProgram) -> Node {
    let node = world.pod("n-0", node.volume, program);
    world.perform(node, config(mode)).expect("a configuration");
    while world.perform(node, peers()).is_err() {}
    world.perform(node, SidecarTask::MarkReady).expect("ready");
    node
}

/// A pod of a mode, prepared and marked ready.
pub fn of_mode(world: &mut World, mode: &str, program: SeidProgram) -> Node {
    let volume = world.volume();
    let node = world.pod("n-0", volume, program);
    world.perform(node, restore(START)).expect("a snapshot");
    world.perform(node, SidecarTask::ConfigureGenesis).expect("a genesis");
    world.perform(node, config(mode)).expect("a configuration");
    world.perform(node, peers()).expect("peers");
    world.perform(node, SidecarTask::MarkReady).expect("ready");
    node
}

/// The heights at which an upgrade was applied.
pub fn applied(world: &World, node: Node) -> Vec<u64> {
    let all = world.happenings(node).into_iter();
    all.filter_map(|(_, what)| if let Happening::UpgradeApplied { height, .. } = what { Some(height.0) } else { None }).collect()
}
