//! Everything that can befall a cluster, at random and on top of each other: nothing gets stuck that should not, and all heals.

use super::*;
use api::kinds::PodDisruptionBudget;
use k8s_openapi::api::policy::v1::PodDisruptionBudgetSpec;

/// A chain node with its volume, a budget and clients, in a cluster where everything is drawn.
fn world(seed: u64) -> World {
    let mut world = World::new(ClusterProfile { machines: 4, zones: 2, ..ClusterProfile::default() })
        .program("init", Program { exits: vec![(2, 0); 200], ..Program::default() })
        .program("main", Program { serves: vec![(80, "/ready", 20)], obeys: Some(7), ..Program::default() });
    world.luck = Luck::new(Seed(seed));
    let main = Container { readiness_probe: Some(probe(80, "/ready")), ..container("main") };
    let spec = PodSpec { init_containers: Some(vec![container("init"), sidecar("helper")]), ..pod_spec(main) };
    let selector = LabelSelector { match_labels: Some(labels("web")), ..LabelSelector::default() };
    let guard = PodDisruptionBudgetSpec { selector: Some(selector), max_unavailable: Some(IntOrString::Int(1)), ..Default::default() };
    world.create(Object::<PodDisruptionBudget>::new(Meta::new(key("budget")), guard));
    world.create(service("shop", |_| {}));
    world.create(claim("data"));
    world.create(stateful_set(with_claim(spec, "data")));
    world
}

/// One blow, of those that may hit or miss.
fn strike(world: &mut World) {
    let draw = |world: &mut World, what: &'static str, bound| world.luck.below("storm", what, bound);
    let machine = match world.find::<Pod>("web-0").and_then(|pod| pod.spec.node_name.clone()) {
        Some(machine) if draw(world, "where", 3) > 0 => machine,
        _ => format!("machine-{}", draw(world, "machine", 4)),
    };
    let run = world.cluster.container(&key("web-0"), "main");
    let exists = draw(world, "image", 2) == 0;
    match draw(world, "what", 10) {
        0 | 1 => world.act(|cluster, cx| cluster.lose_machine(cx, &machine)),
        2 | 3 => (0..4).any(|n| world.act(|cluster, cx| cluster.return_machine(cx, &format!("machine-{n}")))),
        4 => world.act(|cluster, cx| cluster.remove_machine(cx, &machine)),
        5 => world.act(|cluster, cx| cluster.drain(cx, &machine)),
        6 => world.act(|cluster, cx| cluster.cordon(cx, &machine, false)),
        7 => world.act(|cluster, cx| cluster.pressure_evict(cx, &key("web-0"))),
        8 => run.is_some_and(|run| world.act(|cluster, cx| cluster.oom_kill(cx, run))),
        _ => {
            world.act(|cluster, cx| cluster.set_image_exists(cx, "image:1", exists));
            true
        }
    };
}

fn heal(world: &mut World) {
    world.act(|cluster, cx| cluster.set_image_exists(cx, "image:1", true));
    for n in 0..4 {
        world.act(|cluster, cx| cluster.return_machine(cx, &format!("machine-{n}")));
        world.act(|cluster, cx| cluster.cordon(cx, &format!("machine-{n}"), false));
    }
}

/// A world after a storm and the calm that follows.
fn storm(seed: u64) -> World {
    let mut world = world(seed);
    for _ in 0..15 {
        let wait = world.luck.below("storm", "wait", 400);
        world.run_for(wait);
        strike(&mut world);
    }
    heal(&mut world);
    world.rest();
    world
}

#[test]
fn a_node_recovers_from_any_storm_once_all_has_healed() {
    for seed in 0..150 {
        let world = storm(seed);
        assert!(world.is_ready("web-0"), "seed {seed}: {:?}", world.get::<Pod>("web-0").status);
        assert_eq!(world.pods().len(), 1, "seed {seed}");
        assert_eq!(world.cluster.data_plane(&key("shop")).len(), 1, "seed {seed}");
    }
}

#[test]
fn no_storm_ever_lets_two_pods_run_on_one_volume() {
    for seed in 0..150 {
        let world = storm(seed);
        let mut last: Option<PodId> = None;
        let gone = |pod: PodId, until: SimTime| {
            world.told.iter().take_while(|(at, _)| *at <= until).any(|(_, output)| match output {
                Output::Changed(change) => change.object().meta.uid == Some(pod.0) && change.new.is_none(),
                _ => false,
            })
        };
        for (at, output) in &world.told {
            let Output::Start(start) = output else { continue };
            if let Some(pod) = last.filter(|pod| *pod != start.id.pod) {
                assert!(gone(pod, *at), "seed {seed}: {pod:?} was there when {:?} began", start.id.pod);
            }
            last = Some(start.id.pod);
        }
    }
}

#[test]
fn a_storm_is_the_same_storm_for_the_same_seed() {
    let story = |world: &World| -> Vec<String> { world.told.iter().map(|(at, output)| format!("{at} {output:?}")).collect() };
    assert_eq!(story(&storm(4)), story(&storm(4)));
}
