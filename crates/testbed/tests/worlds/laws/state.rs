//! `data-dir-shared`, `bootstrap-overshoot`, `lineage-diverged`, `double-sign`, `entrant-misconfigured`: what nodes are made of and come to.

use super::{OLD, broken, of_chain, oracles_of, planned_upgrade, pod, run, started, told};
use api::Height;
use api::kinds::Pod;
use api::{Kind, names};
use oracles::Fact;
use simchain::Happening;
use simcore::SimTime;
use simkube::PodId;
use std::time::Duration;

const UPGRADE: &str = "hardfork/planned-upgrade";
const NOW: Duration = Duration::ZERO;

#[test]
fn data_dir_shared_fires_once_for_a_process_that_finds_the_lock_taken_again_and_again() {
    let (_, world) = planned_upgrade();
    let (start, locked) = (started(OLD), Happening::DataDirectoryLocked);
    let fired = told(&world, &[(NOW, of_chain(&start)), (NOW, of_chain(&locked)), (NOW, of_chain(&locked))]);
    assert_eq!(oracles_of(&fired), ["data-dir-shared"]);
    assert!(told(&world, &[(NOW, of_chain(&start)), (NOW, of_chain(&start))]).is_empty(), "a restart shares nothing");
}

#[test]
fn bootstrap_overshoot_fires_for_a_block_beyond_the_target_and_not_at_it() {
    let scenario = super::common::scenarios().into_iter().find(|of| &*of.name == UPGRADE).expect("the scenario");
    let run = scenario.runs.iter().find(|run| &*run.design.name == "bootstrap").expect("the design");
    let settled = testbed::Settled::new(&scenario, &run.design, testbed::world::Polls::Elided).expect("the scenario settles");
    let mut world = settled.world(1, testbed::history::History::default());
    world.run_until(Some(SimTime::ZERO + Duration::from_secs(3000)));
    let bootstrap = world.look(|sim| {
        let of_bootstrap = |pod: &&api::AnyObject| pod.meta.labels.get(names::label::COMPONENT).is_some();
        PodId(sim.sight().cluster.objects(&Pod::INFO).find(of_bootstrap).expect("a bootstrap").meta.uid.expect("stored"))
    });
    let ends = |pod, app| {
        let start = Happening::SeidStarted { image: OLD.into(), app: Height(10), halt_height: Some(Height(20)) };
        let exit = Happening::SeidExited { code: 0, app: Height(app), store: Height(app) };
        let of = |what| Fact::Chain { node: "pacific-1-rpc-g2-0", pod, what };
        oracles_of(&told(&world, &[(NOW, of(&start)), (NOW, of(&exit))]))
    };
    assert_eq!(ends(bootstrap, 21), ["bootstrap-overshoot"]);
    assert_eq!((ends(bootstrap, 20), ends(pod(), 21)), (vec![], vec![]), "at its target; and a node that is no bootstrap");
}

#[test]
fn lineage_diverged_fires_for_a_binary_that_runs_past_an_upgrade_without_its_code() {
    let past = r#"{"when": {"at": "1min"}, "what": {"binary": "runs-past-upgrade"}}"#;
    let result = run(UPGRADE, "halt-signal", 1, &[past]);
    assert!(broken(&result, "lineage-diverged") > 0 && broken(&result, "old-binary-past-halt") > 0);
    assert_eq!(broken(&run(UPGRADE, "halt-signal", 1, &[]), "lineage-diverged"), 0, "one that panics keeps its state");
}

#[test]
fn double_sign_fires_for_two_running_nodes_of_one_key_and_not_for_one_after_the_other() {
    assert_eq!(broken(&run("chain/validator-double-signs", "blue-green,status-base=refreshed", 1, &[]), "double-sign"), 1);
    assert_eq!(broken(&run("chain/chain-needs-our-validator", "halt-signal", 1, &[]), "double-sign"), 0);
}

#[test]
fn entrant_misconfigured_fires_for_entrants_that_lack_a_bootstrap_across_the_fork() {
    assert_eq!(broken(&run(UPGRADE, "halt-signal", 1, &[]), "entrant-misconfigured"), 2);
    assert_eq!(broken(&run(UPGRADE, "bootstrap", 1, &[]), "entrant-misconfigured"), 0);
    assert_eq!(broken(&run("bluegreen/image-change", "blue-green", 1, &[]), "entrant-misconfigured"), 0);
}
