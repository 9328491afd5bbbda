//! The way to the tip and along it: block sync, lag, pruned peers, rest, and a world that is settled once and run with many seeds.

mod harness;

use api::{Height, SidecarTask};
use harness::*;
use simchain::profile::{OwnValidator, PlanChange};
use simchain::{Chain, ChainProfile, Endpoint, Event, Happening, Interference, Rule};
use simcore::{Grid, Luck, Queue, Seed, SimTime, Span, StableHasher};
use std::sync::Arc;
use std::time::Duration;

fn quiet() -> ChainProfile {
    ChainProfile { upgrades: Vec::new(), binaries: vec![binary(OLD, &[])], ..profile() }
}

#[test]
fn a_node_that_follows_is_at_most_two_blocks_behind_and_needs_no_events() {
    for seed in 0..20 {
        let mut world = World::new(quiet(), seed);
        let node = world.node("n-0", START, exec(OLD));
        world.rest();
        let settled = world.now;
        assert!(world.queue.is_empty());
        let mut lags = [0; 3];
        for look in 0..2000 {
            world.now = settled + Duration::from_millis(137 * look);
            lags[world.chain.lag(world.now, node.pod).expect("runs") as usize] += 1;
        }
        let view = world.chain.view(world.now, node.pod).expect("runs");
        assert!(view.rpc && !view.wedged && !view.diverged && view.app == view.store);
        assert!(lags[0] + lags[1] > 0);
    }
}

#[test]
fn block_sync_goes_at_its_drawn_rate_until_the_tip() {
    for seed in 0..20 {
        let mut world = World::new(quiet(), seed);
        world.run_until(world.chain.time_of(Height(START + 20_000)).expect("made"));
        let node = world.node("n-0", START, exec(OLD));
        let up = world.run_to(node, rpc_up);
        let tip = world.run_to(node, in_consensus);
        let blocks = (world.app(node) - START) as f64;
        let rate = blocks / tip.since(up).as_secs_f64();
        assert!(rate > 9.0 && rate <= 100.0, "{rate} blocks/s");
        assert!(world.chain.network_height(world.now).above(Height(world.app(node))) <= 1);
    }
}

#[test]
fn a_height_seen_from_outside_never_goes_back() {
    let mut world = World::new(profile(), 11);
    world.run_until(world.chain.time_of(Height(START + 3000)).expect("made"));
    let node = world.node("n-0", START, exec(OLD));
    world.run_to(node, rpc_up);
    let (mut last, mut look) = (START, world.now);
    let before_u = world.chain.time_of(Height(U)).expect("made") - Duration::from_secs(1);
    while look < before_u {
        world.run_until(look);
        let app = world.app(node);
        assert!(app >= last, "{app} after {last}");
        (last, look) = (app, look + Duration::from_millis(333));
    }
    assert!(last >= U - 6);
}

#[test]
fn lag_status_is_fine_without_peers_then_417_while_far_behind_then_fine() {
    let mut world = World::new(quiet(), 5);
    world.run_until(world.chain.time_of(Height(START + 20_000)).expect("made"));
    let node = world.node("n-0", START, exec(OLD));
    let up = world.run_to(node, rpc_up);
    world.rest();
    let answers = world.answers(node, Endpoint::LagStatus);
    assert_eq!(answers.iter().map(|(_, ok)| *ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(answers[0].0, up);
    let refreshes = Grid { anchor: up, period: Duration::from_secs(10) };
    assert!(answers.iter().all(|(at, _)| refreshes.at_or_after(*at) == *at));
    let tip = world.first(node, in_consensus).expect("at the tip");
    assert!(answers[2].0 <= refreshes.at_or_after(tip));
}

#[test]
fn a_node_older_than_every_peers_oldest_block_stalls_for_ever() {
    let mut profile = quiet();
    profile.peers.full_retention = 1000;
    profile.peers.snapshotter_retention = 500;
    let mut world = World::new(profile, 5);
    world.run_until(world.chain.time_of(Height(START + 3000)).expect("made"));
    let node = world.node("n-0", START, exec(OLD));
    world.rest();
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!((view.app, view.rpc, view.wedged), (Height(START), true, true));
    assert_eq!(world.answers(node, Endpoint::LagStatus).last().map(|(_, ok)| *ok), Some(false));
}

#[test]
fn a_syncer_stalls_when_the_only_peer_that_holds_its_next_block_leaves() {
    let mut profile = quiet();
    profile.peers.full_retention = 1000;
    profile.peers.snapshotter_retention = 500;
    profile.peers.archives = 1;
    let mut world = World::new(profile, 5);
    world.run_until(world.chain.time_of(Height(START + 20_000)).expect("made"));
    let node = world.node("n-0", START, exec(OLD));
    world.run_to(node, |what| matches!(what, Happening::FirstBlock { .. }));
    world.run_until(world.now + Duration::from_secs(10));
    let (left_at, lasts) = (world.app(node), Duration::from_secs(3600));
    assert!(left_at > START && left_at < START + 5000, "it syncs from the archive: {left_at}");
    world.with(|chain, cx| chain.interfere(cx, Interference::PeersGone { count: 1, lasts }));
    world.run_until(world.now + Duration::from_secs(3599));
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!((view.app, view.rpc, view.wedged, view.rule), (Height(left_at), true, true, Rule::PeersPruned));
    world.rest();
    assert!(!world.chain.view(world.now, node.pod).expect("alive").wedged, "the archive is back");
}

#[test]
fn a_node_without_peers_stays_where_it_is_and_says_it_does_not_lag() {
    let mut world = World::new(quiet(), 5);
    let volume = world.volume();
    let node = world.pod("n-0", volume, exec(OLD));
    world.prepare(node, START);
    world.perform(node, config("full")).expect("which drops the peers");
    world.perform(node, SidecarTask::MarkReady).expect("ready");
    world.rest();
    world.run_until(secs(100_000));
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!((view.app, view.wedged), (Height(START), false));
    assert_eq!(world.answers(node, Endpoint::LagStatus).last().map(|(_, ok)| *ok), Some(true));
}

fn cut_off(world: &mut World, cut: bool) {
    world.with(|chain, cx| chain.interfere(cx, Interference::PeersCut { node: "n-0".into(), cut }));
}

#[test]
fn a_node_in_consensus_that_reaches_no_peer_stands_still_and_catches_up_when_it_does_again() {
    let mut world = World::new(quiet(), 5);
    let node = world.node("n-0", START, exec(OLD));
    let other = world.node("n-1", START, exec(OLD));
    world.rest();
    let answers = world.answers(node, Endpoint::LagStatus).len();
    cut_off(&mut world, true);
    let left_at = world.app(node);
    world.run_until(world.now + Duration::from_secs(3600));
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!(
        (view.app, view.rpc, view.wedged, view.catching_up),
        (Height(left_at), true, false, false),
        "consensus has started, however stuck"
    );
    assert_eq!(view.rule, Rule::NeedsPeers);
    assert_eq!(world.answers(node, Endpoint::LagStatus).len(), answers, "without peers it answers 200");
    assert!(world.chain.lag(world.now, other.pod).expect("alive") <= 2, "others follow the tip");
    cut_off(&mut world, false);
    world.rest();
    let since: Vec<_> = world.answers(node, Endpoint::LagStatus)[answers..].iter().map(|(_, ok)| *ok).collect();
    assert_eq!(since, [false, true], "9000 blocks behind its peers, then not");
    assert!(world.chain.lag(world.now, node.pod).expect("alive") <= 2);
}

#[test]
fn a_node_that_reaches_no_peer_does_not_sync_either() {
    let mut world = World::new(quiet(), 5);
    world.run_until(world.chain.time_of(Height(START + 20_000)).expect("made"));
    let node = world.node("n-0", START, exec(OLD));
    world.run_to(node, |what| matches!(what, Happening::FirstBlock { .. }));
    cut_off(&mut world, true);
    let left_at = world.app(node);
    world.run_until(world.now + Duration::from_secs(600));
    assert_eq!(world.app(node), left_at);
    cut_off(&mut world, false);
    world.rest();
    assert!(world.first(node, in_consensus).is_some());
}

#[test]
fn an_upgrade_that_passes_while_a_node_reaches_no_peer_meets_it_when_it_catches_up() {
    let mut world = World::new(profile(), 5);
    let node = world.node("n-0", START, exec(OLD));
    world.run_to(node, in_consensus);
    cut_off(&mut world, true);
    world.run_until(world.chain.time_of(Height(U)).expect("made") + Duration::from_secs(3600));
    assert!(world.app(node) < U - 1);
    cut_off(&mut world, false);
    world.rest();
    assert_eq!(world.exit_code(node.seid), Some(2), "the old binary panics at the upgrade");
}

#[test]
fn five_days_cost_no_more_events_than_an_hour() {
    let events = |blocks: u64| {
        let mut profile = profile();
        profile.upgrades[0].height = Height(START + blocks);
        let mut world = World::new(profile, 3);
        let node = world.node("n-0", START, exec(OLD));
        world.run_to(node, exited);
        world.handled
    };
    assert_eq!(events(9000), events(9000 * 120));
}

#[test]
fn the_same_seed_says_the_same_and_another_seed_something_else() {
    let story = |seed| {
        let mut world = World::new(profile(), seed);
        let node = world.node("n-0", START, exec(OLD));
        world.run_to(node, exited);
        format!("{:?}", world.log)
    };
    assert_eq!(story(1), story(1));
    assert_ne!(story(1), story(2));
}

/// A settled node at time 0, made with a seed of its own.
fn settled() -> (World, Node) {
    let mut world = World::new(profile(), 999);
    world.now = secs(0) - Duration::from_secs(7200);
    let node = world.node("n-0", START - 20_000, exec(OLD));
    world.run_until(SimTime::ZERO);
    (world, node)
}

#[test]
fn a_settled_world_runs_on_under_any_seed_and_nothing_moves_backwards() {
    let (settled, node) = settled();
    assert!(settled.queue.iter().all(|(_, event)| !event.keeps_awake()), "only second looks are to come");
    let before = settled.chain.view(SimTime::ZERO, node.pod).expect("runs").app;
    let mut exits = Vec::new();
    for seed in 0..10 {
        let mut world = settled.clone();
        world.luck = Luck::new(Seed(seed));
        let luck = world.luck.clone();
        world.chain.reseed(&luck);
        assert_eq!(world.chain.view(SimTime::ZERO, node.pod).expect("runs").app, before);
        world.run_to(node, executed(U - 1));
        let at = world.chain.time_of(Height(U - 1)).expect("made");
        assert!(world.now >= at && world.now.since(at) <= Duration::from_millis(600), "the new seed's time");
        exits.push(world.run_to(node, exited));
    }
    exits.dedup();
    assert_eq!(exits.len(), 10);
}

#[test]
fn a_state_that_repeats_has_one_fingerprint() {
    let fingerprint = |world: &World| {
        let mut hasher = StableHasher::default();
        world.chain.fingerprint(world.now, &mut hasher);
        hasher.fingerprint()
    };
    let mut world = World::new(quiet(), 5);
    let node = world.node("n-0", START, exec(OLD));
    world.run_to(node, in_consensus);
    world.rest();
    let first = fingerprint(&world);
    world.run_until(world.now + Duration::from_secs(777));
    assert_eq!(first, fingerprint(&world), "a node that follows");
    let mut other = World::new(quiet(), 6);
    let node = other.node("n-0", START, exec(OLD));
    other.run_to(node, in_consensus);
    other.rest();
    assert_eq!(first, fingerprint(&other), "nothing drawn counts");

    // A crash loop repeats.
    let mut world = World::new(profile(), 5);
    let mut node = world.node("n-0", START, exec(OLD));
    let mut seen = Vec::new();
    for _ in 0..3 {
        world.run_to(node, exited);
        world.run_until(world.now + Duration::from_secs(3600));
        seen.push(fingerprint(&world));
        world.restart(&mut node, exec(OLD));
        world.run_to(node, exited);
        world.restart(&mut node, exec(OLD));
        assert_ne!(seen[0], fingerprint(&world), "while it starts it is another");
    }
    assert_eq!((seen[0] == seen[1], seen[1] == seen[2]), (true, true));
}

#[test]
fn a_profile_that_cannot_hold_is_refused_with_its_field() {
    let field = |change: &dyn Fn(&mut ChainProfile)| {
        let mut profile = profile();
        change(&mut profile);
        profile.validate().expect_err("refused").0
    };
    assert_eq!(field(&|p: &mut ChainProfile| p.block_time = Duration::from_millis(150)), "blockTime");
    assert_eq!(field(&|p: &mut ChainProfile| p.binaries[1].image = OLD.into()), "binaries[1].image");
    assert_eq!(field(&|p: &mut ChainProfile| p.binaries[0].handlers = vec!["v9".into()]), "binaries[0].handlers");
    assert_eq!(field(&|p: &mut ChainProfile| p.binaries[0].version = "latest".to_owned()), "binaries[0].version");
    assert_eq!(field(&|p: &mut ChainProfile| p.upgrades.push(p.upgrades[0].clone())), "upgrades[1].height");
    assert_eq!(field(&|p: &mut ChainProfile| p.halt.consensus = [0, 0]), "halt.consensus");
    assert_eq!(field(&|p: &mut ChainProfile| p.peers.count = 1), "peers.count");
    assert_eq!(field(&|p: &mut ChainProfile| p.state_sync.interval = 0), "stateSync.interval");
    let change = |passed_at, height| PlanChange { passed_at: Height(passed_at), height: Some(Height(height)) };
    assert_eq!(field(&|p: &mut ChainProfile| p.upgrades[0].changes = vec![change(0, U)]), "upgrades[0].changes[0].passedAt");
    assert_eq!(field(&|p: &mut ChainProfile| p.upgrades[0].changes = vec![change(U - 5, U - 5)]), "upgrades[0].changes[0].height");
    let own = |node: &str, power| OwnValidator { node: node.into(), key: "a".into(), power };
    assert_eq!(field(&|p: &mut ChainProfile| p.validators.nodes = vec![own("val-0", 1), own("val-0", 1)]), "validators.nodes[1].node");
    assert_eq!(field(&|p: &mut ChainProfile| p.validators.nodes = vec![own("val-0", 1), own("val-1", 2)]), "validators.nodes[1].power");
}

#[test]
fn a_profile_reads_with_defaults_and_refuses_what_it_does_not_know() {
    let read = serde_json::from_str::<ChainProfile>;
    assert_eq!(read("{}").expect("all defaults"), ChainProfile::default());
    let profile = read(r#"{"blockTime": "1s", "seid": {"rpcUp": "3s..4s"}}"#).expect("a profile");
    assert_eq!((profile.block_time, profile.seid.rpc_up), (Duration::from_secs(1), Span::seconds(3, 4)));
    assert!(read(r#"{"blocktime": "1s"}"#).is_err());
    let text = serde_json::to_string(&harness::profile()).expect("text");
    assert_eq!(read(&text).expect("its own text"), harness::profile());
}

#[test]
fn an_image_that_is_no_binary_of_the_profile_is_not_modelled() {
    let luck = Luck::new(Seed(1));
    let mut chain = Chain::new(Arc::new(profile()), &luck);
    let (mut queue, mut luck, mut out, mut later): (Queue<Event>, _, _, _) = (Queue::default(), luck, Vec::new(), Vec::new());
    let mut cx = simchain::Context { now: SimTime::ZERO, luck: &mut luck, later: &mut later, out: &mut out };
    let id = uuid::Uuid::nil();
    let start = simchain::Start {
        id: simchain::ProcessId(1),
        pod: simchain::PodId(id),
        node: "n-0".into(),
        volume: simchain::VolumeId(id),
        program: simchain::Program::Seid(exec("sei:latest")),
    };
    chain.start(&mut cx, start);
    later.into_iter().for_each(|scheduled| queue.push(scheduled));
    assert!(queue.is_empty());
    assert!(matches!(&out[..], [simchain::Output::Unmodelled(what)] if what.contains("sei:latest")));
}
