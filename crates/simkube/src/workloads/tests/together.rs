//! All parts together, with everything drawn: a chain node's bootstrap Job hands its volume over to its StatefulSet.

use super::*;

const HOST: &str = "web-0.web.default.svc.cluster.local";

/// `init` ends, `helper` serves beside `main`, which has started when the helper is healthy and is ready when it serves itself.
fn node(claim: &str) -> PodSpec {
    let every_5_s =
        |path: &str, delay, failures| Probe { initial_delay_seconds: Some(delay), failure_threshold: Some(failures), ..probe(7777, path) };
    let helper = Container {
        liveness_probe: Some(every_5_s("/livez", 5, 3)),
        readiness_probe: Some(every_5_s("/healthz", 2, 6)),
        ..sidecar("helper")
    };
    let main = Container {
        startup_probe: Some(every_5_s("/healthz", 5, 86_400)),
        readiness_probe: Some(probe(26657, "/lag_status")),
        ..container("main")
    };
    with_claim(PodSpec { init_containers: Some(vec![container("init"), helper]), ..pod_spec(main) }, claim)
}

fn world(seed: u64) -> World {
    let helper = Program { serves: vec![(7777, "/livez", 0), (7777, "/healthz", 120)], ..Program::default() };
    let mut world = World::new(ClusterProfile::default())
        .program("init", Program { exits: vec![(2, 0); 4], ..Program::default() })
        .program("helper", helper)
        .program("boot", Program { exits: vec![(900, 0)], ..Program::default() })
        .program("main", Program { serves: vec![(26657, "/lag_status", 300)], ..Program::default() });
    world.luck = Luck::new(Seed(seed));
    world
}

/// Runs the Job to its end, deletes it, lets the StatefulSet follow, and replaces the pod once.
fn hand_over(world: &mut World) {
    let mut boot = job(PodSpec { containers: vec![container("boot")], ..node("data") });
    boot.spec_mut().template.spec.as_mut().expect("a spec").init_containers = Some(vec![container("init"), sidecar("plain")]);
    world.create(claim("data"));
    world.create(boot);
    world.run_until_holds("completion", |world| world.get::<Job>("work").status.completion_time.is_some());
    world.create(service("web", |spec| {
        spec.cluster_ip = Some("None".to_owned());
        spec.publish_not_ready_addresses = Some(true);
    }));
    world.create(service("shop", |_| {}));
    world.create(stateful_set(node("data")));
    world.delete_with::<Job>("work", Propagation::Foreground);
    settle(world);
    world.delete::<Pod>("web-0");
    settle(world);
}

/// Runs until only startup probes' deadlines are to come.
fn settle(world: &mut World) {
    let awake = |item: &Item| !matches!(item, Item::Cluster(event) if !event.keeps_awake());
    while world.queue.iter().any(|(_, item)| awake(item)) {
        world.step();
    }
}

#[test]
fn a_volume_goes_from_a_bootstrap_job_to_the_pods_of_a_stateful_set() {
    for seed in 0..20 {
        let mut world = world(seed);
        hand_over(&mut world);
        assert!(world.is_ready("web-0"), "seed {seed}: {:?}", world.get::<Pod>("web-0").status);
        assert!(world.find::<Job>("work").is_none(), "seed {seed}");
        assert_eq!(world.pods().len(), 1, "seed {seed}");
        let reached: Vec<_> = world.cluster.data_plane(&key("shop")).iter().map(|(key, _)| key.name.to_string()).collect();
        assert_eq!(reached, ["web-0"], "seed {seed}");
        assert!(world.cluster.resolves(HOST), "seed {seed}");
        let starts: Vec<_> =
            world.told.iter().filter_map(|(_, output)| if let Output::Start(start) = output { Some(start) } else { None }).collect();
        let volume = world.get::<PersistentVolumeClaim>("data").meta.uid;
        assert!(starts.iter().all(|start| start.volume == volume), "seed {seed}: one volume for all");
        assert_eq!(starts.len(), 3 * 3, "seed {seed}: nothing was restarted");
    }
}

#[test]
fn no_two_pods_ever_run_on_one_volume_at_a_time() {
    for seed in 0..20 {
        let mut world = world(seed);
        hand_over(&mut world);
        let mut live: BTreeMap<PodId, i32> = BTreeMap::new();
        for (at, output) in &world.told {
            match output {
                Output::Start(start) => *live.entry(start.id.pod).or_default() += 1,
                Output::Changed(change) if change.object().info.kind == "Pod" && change.new.is_none() => {
                    live.remove(&PodId(change.object().meta.uid.expect("a uid")));
                }
                Output::Changed(change) => {
                    let phase = change.object().status_as::<Pod>().and_then(|status| status.phase.clone());
                    if matches!(phase.as_deref(), Some("Succeeded" | "Failed")) {
                        live.remove(&PodId(change.object().meta.uid.expect("a uid")));
                    }
                }
                _ => {}
            }
            assert!(live.len() <= 1, "seed {seed} at {at}");
        }
    }
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let story = |world: &World| -> Vec<String> { world.told.iter().map(|(at, output)| format!("{at} {output:?}")).collect() };
    let (mut first, mut second, mut other) = (world(7), world(7), world(8));
    hand_over(&mut first);
    hand_over(&mut second);
    hand_over(&mut other);
    assert_eq!(story(&first), story(&second));
    assert_ne!(story(&first), story(&other));
}
