//! What an edit of the spec does to the nodes of a rollout where the design `rehearsed` decides.

use crate::fake::Fake;
use crate::rehearsed::{asked, await_running, create_entrants, entrants_of, incumbent, rollout, says, switch, waiting};
use crate::samples::names;
use api::condition::ConditionStatus;
use api::names::label;
use api::node::NodePhase;
use api::task::{ControllerTask, CreateEntrantNodes};
use api::{Group, Height, SeiNode, SidecarTask};
use ports::TaskState;
use std::sync::Arc;

#[test]
fn an_incumbent_beyond_the_wanted_number_stays_for_as_long_as_the_others() {
    let (fake, mut group) = rollout(await_running());
    incumbent(&fake, &group, "rpc-1");
    fake.change::<SeiNode>("rpc-1", |node| {
        Arc::make_mut(&mut node.meta_mut().labels).insert(label::ORDINAL.into(), "1".into());
    });
    says(&fake, "rpc-1", NodePhase::Running, ConditionStatus::True, 1000);
    says(&fake, "rpc-g2-0", NodePhase::Running, ConditionStatus::True, 1000);
    group.spec_mut().replicas = 1;
    fake.advance(&mut group).expect("it is read");
    assert!(fake.stored::<SeiNode>("rpc-1").is_some(), "it may be the last that serves");
}

#[test]
fn an_entrant_beyond_the_wanted_number_that_is_past_its_bootstrap_stays_until_another_entrant_runs() {
    let (fake, mut group) = rollout(await_running());
    incumbent(&fake, &group, "rpc-0");
    fake.change::<SeiNode>("rpc-g2-1", |entrant| entrant.status_mut().plan = waiting(0).status.plan.clone());
    group.spec_mut().replicas = 1;
    fake.advance(&mut group).expect("it is read");
    assert!(fake.stored::<SeiNode>("rpc-g2-1").is_some(), "the incumbent that runs may have diverged");
    says(&fake, "rpc-g2-0", NodePhase::Running, ConditionStatus::True, 1000);
    fake.advance(&mut group).expect("it is read");
    let made_by_the_old_plan = fake.stored::<SeiNode>("rpc-g2-1").expect("which names it");
    assert!(made_by_the_old_plan.status.plan.is_none(), "it was deleted");
}

#[test]
fn an_entrant_beyond_the_wanted_number_that_is_past_the_fork_has_traffic_switched() {
    let (fake, mut group) = rollout(switch());
    let only_one = CreateEntrantNodes { node_names: names(&["rpc-g2-0"]), ..entrants_of("sei:v6.3.0", Height(500)) };
    let task = ControllerTask::CreateEntrantNodes(Arc::new(only_one));
    group.status_mut().plan.as_mut().expect("a plan").tasks[0].task = Arc::new(task.into());
    fake.sidecar("rpc-g2-1");
    fake.report("rpc-g2-1", asked("rpc-g2-1", "switch-traffic"), TaskState::Completed, None);
    says(&fake, "rpc-g2-1", NodePhase::Running, ConditionStatus::True, 1000);
    fake.advance(&mut group).expect("it is written");
    assert_eq!(group.status.deployment.as_ref().map(|rollout| &*rollout.incumbent_revision), Some("2"));
}

/// A rollout of which an entrant is past its bootstrap, and not ready since moment 0, when the spec is edited.
fn edited(edit: impl FnOnce(&mut Group)) -> (Fake, Group) {
    let (fake, mut group) = rollout(await_running());
    fake.sidecar("rpc-g2-0");
    fake.change::<SeiNode>("rpc-g2-0", |entrant| entrant.status_mut().plan = waiting(0).status.plan.clone());
    edit(&mut group);
    fake.advance(&mut group).expect("it is read");
    (fake, group)
}

fn is_kept(fake: &Fake) -> bool {
    fake.stored::<SeiNode>("rpc-g2-0").is_some()
}

#[test]
fn an_edit_of_anything_but_the_image_leaves_an_entrant_that_is_past_its_bootstrap_and_comes_on() {
    let log_level = |group: &mut Group| group.spec_mut().template.spec.overrides = [("log_level".into(), "info".into())].into();
    let (fake, mut group) = edited(log_level);
    assert!(is_kept(&fake));
    fake.now.set(600);
    fake.advance(&mut group).expect("it is read");
    assert!(!is_kept(&fake), "it does not come on: the edit may be what it needs");
    let (fake, _) = edited(|group| group.spec_mut().template.spec.image = "sei:v6.5.0".into());
    assert!(!is_kept(&fake));
    let (fake, mut group) = rollout(await_running());
    log_level(&mut group);
    fake.advance(&mut group).expect("it is read");
    assert!(!is_kept(&fake), "its bootstrap is not over");
}

#[test]
fn an_entrant_that_was_made_for_another_halt_height_stays_if_it_has_gone_beyond_that() {
    for beyond in [false, true] {
        let (fake, mut group) = edited(|group| {
            let task = create_entrants("sei:v6.3.0", Height(600));
            group.status_mut().plan.as_mut().expect("a plan").tasks[0].task = Arc::new(task.into());
        });
        let request = fake.submitted("rpc-g2-0")[0].clone();
        assert!(matches!(&request.task, SidecarTask::AwaitCondition(wait) if wait.target_height == Height(500)), "{:?}", request.task);
        assert!(is_kept(&fake), "it has just been asked");
        if beyond {
            fake.report("rpc-g2-0", request.id.expect("an id"), TaskState::Completed, None);
        }
        fake.advance(&mut group).expect("it is read");
        assert_eq!(is_kept(&fake), beyond);
    }
}
