//! Creation, update in place, scaling, incumbents, the ceremony's conditions.

use super::{all_run, reconcile, started};
use crate::ReconcileError;
use crate::testing::Fake;
use crate::testing::fixtures::{group, new_group};
use api::group::condition_type::{FORK_GENESIS_CEREMONY_NEEDED, GENESIS_CEREMONY_COMPLETE, GENESIS_CEREMONY_NEEDED, PLAN_IN_PROGRESS};
use api::group::{Genesis, GenesisFork, TemplateMeta};
use api::kinds::ServiceMonitor;
use api::names::label;
use api::node::{SidecarConfig, Validator};
use api::{Group, Height, Kind, Labels, Meta, Object, ObjectKey, SeiNode, SeiNodeDeployment, condition};
use ports::ApiError;
use std::sync::Arc;

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn ceremony() -> Group {
    let mut group = new_group(2);
    let spec = group.spec_mut();
    spec.template.spec.full_node = None;
    spec.template.spec.validator = Some(Validator::default());
    spec.genesis = Some(Genesis {
        chain_id: "new-1".into(),
        staking_amount: Some("1usei".into()),
        account_balance: Some("2usei".into()),
        ..Default::default()
    });
    group
}

/// A cluster with the group of a ceremony, whose first reconcile stores the plan and then meets its own conflict.
fn begun(group: Group) -> Fake {
    let fake = Fake::default();
    fake.put(group);
    assert_eq!(reconcile(&fake), Err(ReconcileError::Api(ApiError::Conflict("rpc".into()))));
    fake
}

#[test]
fn a_child_carries_the_template_and_the_labels_of_its_group() {
    let mut group = new_group(2);
    let template = &mut group.spec_mut().template;
    template.spec.pod_labels = labels(&[("team", "core")]);
    template.metadata = Some(TemplateMeta { labels: labels(&[("sei.io/role", "rpc")]), annotations: labels(&[("note", "hi")]) });
    let fake = started(group);
    let child = fake.have::<SeiNode>("rpc-1");
    let expected = [("sei.io/role", "rpc"), (label::GROUP, "rpc"), (label::ORDINAL, "1"), (label::REVISION, "1")];
    assert_eq!(*child.meta.labels, labels(&expected));
    assert_eq!(*child.meta.annotations, labels(&[("note", "hi")]));
    assert_eq!(child.spec.pod_labels, labels(&[("team", "core"), (label::GROUP, "rpc"), (label::REVISION, "1")]));
    assert!(child.meta.is_controlled_by(fake.have::<SeiNodeDeployment>("rpc").meta.uid));
    assert!(child.meta.controller().unwrap().block_owner_deletion);
}

#[test]
fn a_validator_of_a_new_chain_gets_its_part_in_the_ceremony() {
    let fake = begun(ceremony());
    let child = fake.have::<SeiNode>("rpc-1");
    let part = child.spec.validator.as_ref().unwrap().genesis_ceremony.clone().unwrap();
    assert_eq!((part.chain_id.as_str(), part.staking_amount.as_str(), part.account_balance.as_str()), ("new-1", "1usei", "2usei"));
    assert_eq!((part.index, part.genesis_params), (1, None));
}

#[test]
fn genesis_overrides_reach_a_validator_as_json_text() {
    let mut group = ceremony();
    group.spec_mut().genesis.as_mut().unwrap().overrides = labels(&[("staking.params.max_validators", "50")]);
    let fake = begun(group);
    let validator = fake.have::<SeiNode>("rpc-0").spec.validator.clone().unwrap();
    let params = validator.genesis_ceremony.unwrap().genesis_params.unwrap();
    assert_eq!(params, r#"{"staking.params.max_validators":"50"}"#);
}

#[test]
fn genesis_asks_for_a_ceremony_until_it_is_complete() {
    let with = |change: &dyn Fn(&mut Group)| {
        let mut group = group(1);
        let genesis = Genesis { chain_id: "new-1".into(), ..Default::default() };
        group.spec_mut().genesis = Some(genesis);
        change(&mut group);
        super::super::genesis::reconcile(&Fake::default(), &mut group);
        let is = |kind| condition::is_true(&group.status.conditions, kind);
        (is(GENESIS_CEREMONY_NEEDED), is(FORK_GENESIS_CEREMONY_NEEDED))
    };
    let say = |group: &mut Group, kind: &'static str| {
        let saying = crate::conditions::Saying { kind, holds: true, reason: "Test", message: "" };
        saying.set(&Fake::default(), &mut group.status_mut().conditions);
    };
    let fork = |group: &mut Group| {
        let fork = GenesisFork { source_chain_id: "old-1".into(), source_image: "sei:v0".into(), export_height: Height(5) };
        group.spec_mut().genesis.as_mut().unwrap().fork = Some(fork);
    };
    assert_eq!(with(&|_| ()), (true, false));
    assert_eq!(with(&fork), (false, true));
    assert_eq!(with(&|group| say(group, PLAN_IN_PROGRESS)), (false, false));
    assert_eq!(with(&|group| (fork(group), say(group, GENESIS_CEREMONY_NEEDED)).1), (false, true));
    assert_eq!(with(&|group| (say(group, GENESIS_CEREMONY_COMPLETE), say(group, GENESIS_CEREMONY_NEEDED)).1), (false, false));
}

#[test]
fn an_update_touches_what_differs_and_nothing_else() {
    let fake = started(new_group(1));
    fake.change::<SeiNode>("rpc-0", |node| {
        let spec = node.spec_mut();
        spec.overrides = labels(&[("by", "hand")]);
        spec.chain_id = "elsewhere".into();
    });
    reconcile(&fake).unwrap();
    assert!(!fake.log().contains(&"update SeiNode rpc-0".to_owned()), "chain and overrides do not propagate");

    fake.change::<SeiNodeDeployment>("rpc", |group| {
        let spec = &mut group.spec_mut().template.spec;
        spec.image = "sei:v2".into();
        spec.overrides = labels(&[("from", "template")]);
        spec.sidecar = Some(SidecarConfig { image: Some("seictl:v2".into()), port: Some(7778), resources: None });
    });
    reconcile(&fake).unwrap();
    assert_eq!(fake.log().iter().filter(|call| *call == "update SeiNode rpc-0").count(), 1);
    let child = fake.have::<SeiNode>("rpc-0");
    assert_eq!((child.spec.image.as_str(), child.spec.chain_id.as_str()), ("sei:v2", "elsewhere"));
    assert_eq!(child.spec.overrides, labels(&[("by", "hand")]));
    assert_eq!(child.spec.sidecar_port(), 7778);
    assert_eq!(child.meta.labels[label::REVISION], "2");
    assert_eq!(child.spec.pod_labels[label::REVISION], "2");

    reconcile(&fake).unwrap();
    assert!(!fake.log().contains(&"update SeiNode rpc-0".to_owned()), "nothing differs any more");
}

#[test]
fn a_child_that_moved_on_makes_its_update_conflict() {
    let fake = started(group(1));
    fake.change::<SeiNodeDeployment>("rpc", |group| group.spec_mut().template.spec.image = "sei:v2".into());
    fake.freeze();
    all_run(&fake);
    assert_eq!(reconcile(&fake), Err(ReconcileError::Api(ApiError::Conflict("rpc-0".into()))));
}

#[test]
fn a_child_that_the_cache_does_not_show_yet_is_an_error() {
    let fake = Fake::default();
    fake.put(group(1));
    fake.freeze();
    reconcile(&fake).unwrap();
    assert_eq!(reconcile(&fake), Err(ReconcileError::Api(ApiError::AlreadyExists("rpc-0".into()))));
}

#[test]
fn children_stay_as_they_are_while_a_plan_is_in_progress() {
    let fake = started(group(2));
    fake.change::<SeiNodeDeployment>("rpc", |group| {
        group.spec_mut().replicas = 1;
        group.spec_mut().template.spec.image = "sei:v2".into();
        let saying = crate::conditions::Saying { kind: PLAN_IN_PROGRESS, holds: true, reason: "PlanStarted", message: "" };
        saying.set(&Fake::default(), &mut group.status_mut().conditions);
    });
    reconcile(&fake).unwrap();
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0", "rpc-1"]);
    assert_eq!(fake.have::<SeiNode>("rpc-0").spec.image, "sei:v1");
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    assert_eq!((status.observed_generation, status.replicas), (Some(1), Some(1)), "only part of the status is kept back");
}

#[test]
fn scaling_down_deletes_owned_nodes_of_any_revision_at_or_above_the_replicas() {
    let fake = started(group(3));
    let mut entrant = fake.have::<SeiNode>("rpc-2");
    entrant.meta_mut().key = ObjectKey::new("default", "rpc-g7-2");
    fake.put(entrant);
    let mut stranger = fake.have::<SeiNode>("rpc-2");
    stranger.meta_mut().key = ObjectKey::new("default", "stranger-2");
    stranger.meta_mut().owners = Arc::from([]);
    fake.put(stranger);
    let mut unnumbered = fake.have::<SeiNode>("rpc-2");
    unnumbered.meta_mut().key = ObjectKey::new("default", "unnumbered");
    unnumbered.meta_mut().labels = Arc::new(labels(&[(label::GROUP, "rpc"), (label::ORDINAL, "two")]));
    fake.put(unnumbered);

    fake.change::<SeiNodeDeployment>("rpc", |group| group.spec_mut().replicas = 2);
    reconcile(&fake).unwrap();
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0", "rpc-1", "stranger-2", "unnumbered"]);
    assert_eq!(fake.log().iter().filter(|call| *call == "event SeiNodeDeleted rpc").count(), 2);
}

#[test]
fn a_group_without_replicas_is_not_scaled_down() {
    let fake = started(group(1));
    fake.change::<SeiNodeDeployment>("rpc", |group| group.spec_mut().replicas = 0);
    assert_eq!(reconcile(&fake), Err(ReconcileError::ScaleToNothing(0)));
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0"]);
}

#[test]
fn incumbents_are_owned_nodes_in_the_order_of_the_cache_without_exporters() {
    let fake = started(group(2));
    let owner = fake.have::<SeiNodeDeployment>("rpc").owner_ref();
    for (name, owners, role) in
        [("rpc-exporter", vec![owner.clone()], label::EXPORTER), ("foreign", vec![], "rpc"), ("zz-owned", vec![owner], "rpc")]
    {
        let mut meta = Meta::new(ObjectKey::new("default", name));
        meta.labels = Arc::new(labels(&[(label::GROUP, "rpc"), (label::ROLE, role)]));
        meta.owners = owners.into();
        fake.put(Object::<SeiNode>::new(meta, crate::testing::fixtures::full_node_spec()));
    }
    reconcile(&fake).unwrap();
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    let names = |list: &[Arc<str>]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&status.incumbent_nodes), ["zz-owned", "rpc-1", "rpc-0"]);
    let shown: Vec<_> = status.nodes.iter().map(|node| node.name.clone()).collect();
    assert_eq!(names(&shown), ["zz-owned", "rpc-exporter", "rpc-1", "rpc-0"], "the status shows exporters too");
}

#[test]
fn a_monitor_that_is_not_installed_is_a_condition_and_no_error() {
    let mut group = group(1);
    group.spec_mut().monitoring = Some(api::group::Monitoring { service_monitor: Some(api::group::ServiceMonitorSpec::default()) });
    let fake = Fake::default();
    fake.put(group);
    fake.not_installed.borrow_mut().push(ServiceMonitor::INFO.kind);
    reconcile(&fake).unwrap();
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    let ready = condition::find(&status.conditions, api::group::condition_type::SERVICE_MONITOR_READY).unwrap();
    assert_eq!(&*ready.reason, "CRDNotInstalled");
    assert!(fake.log().contains(&"event CRDNotInstalled rpc".to_owned()));
    reconcile(&fake).unwrap();
    assert!(!fake.log().contains(&"event CRDNotInstalled rpc".to_owned()), "the reason is no news any more");
}
