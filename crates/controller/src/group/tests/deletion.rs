//! Deletion by either policy.

use super::{reconcile, started};
use crate::testing::Fake;
use crate::testing::fixtures::{group, new_group};
use crate::{ReconcileError, Requeue};
use api::group::{
    AllowedSource, AuthorizationPolicySpec, DeletionPolicy, ExternalService, Gateway, GroupPhase, Isolation, Monitoring, Networking,
    ServiceMonitorSpec,
};
use api::kinds::{AuthorizationPolicy, HttpRoute, Service, ServiceMonitor};
use api::names::GROUP_FINALIZER;
use api::{Group, Kind, SeiNode, SeiNodeDeployment, Time};
use ports::ApiError;

fn with_everything() -> Group {
    let mut group = group(2);
    let spec = group.spec_mut();
    let policy = AuthorizationPolicySpec { allowed_sources: vec![AllowedSource { principals: Some(vec!["p".into()]), namespaces: None }] };
    spec.networking = Some(Networking {
        service: Some(ExternalService::default()),
        gateway: Some(Gateway { hostnames: vec!["a.io".into()], ..Default::default() }),
        isolation: Some(Isolation { authorization_policy: Some(policy) }),
    });
    spec.monitoring = Some(Monitoring { service_monitor: Some(ServiceMonitorSpec::default()) });
    group
}

fn being_deleted(policy: Option<DeletionPolicy>) -> Fake {
    let fake = started(with_everything());
    fake.change::<SeiNodeDeployment>("rpc", |group| {
        group.spec_mut().deletion_policy = policy;
        group.meta_mut().deleting = Some(Time::from_unix(1_000_000));
    });
    fake
}

#[test]
fn deleting_takes_networking_and_monitor_along_and_leaves_children_to_garbage_collection() {
    let fake = being_deleted(None);
    assert_eq!(reconcile(&fake), Ok(Requeue::Done));
    let calls = [
        "patch-status SeiNodeDeployment rpc",
        "delete Service rpc-external",
        "list HTTPRoute",
        "delete HTTPRoute rpc",
        "get AuthorizationPolicy rpc",
        "delete AuthorizationPolicy rpc",
        "get ServiceMonitor rpc",
        "delete ServiceMonitor rpc",
        "patch SeiNodeDeployment rpc",
    ];
    assert_eq!(fake.log(), calls);
    assert!(fake.find::<SeiNodeDeployment>("rpc").is_none());
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0", "rpc-1"]);
}

fn is_owned<K: Kind>(fake: &Fake, name: &str) -> bool {
    fake.have::<K>(name).meta.controller().is_some()
}

#[test]
fn retaining_removes_owner_references_and_deletes_nothing() {
    let fake = being_deleted(Some(DeletionPolicy::Retain));
    assert_eq!(reconcile(&fake), Ok(Requeue::Done));
    let calls = [
        "patch-status SeiNodeDeployment rpc",
        "event RetainResources rpc",
        "patch SeiNode rpc-1",
        "patch SeiNode rpc-0",
        "patch Service rpc-external",
        "list HTTPRoute",
        "patch HTTPRoute rpc",
        "get AuthorizationPolicy rpc",
        "patch AuthorizationPolicy rpc",
        "get ServiceMonitor rpc",
        "patch ServiceMonitor rpc",
        "patch SeiNodeDeployment rpc",
    ];
    assert_eq!(fake.log(), calls);
    assert!(!is_owned::<SeiNode>(&fake, "rpc-0") && !is_owned::<SeiNode>(&fake, "rpc-1"));
    assert!(!is_owned::<Service>(&fake, "rpc-external") && !is_owned::<HttpRoute>(&fake, "rpc"));
    assert!(!is_owned::<AuthorizationPolicy>(&fake, "rpc") && !is_owned::<ServiceMonitor>(&fake, "rpc"));
}

#[test]
fn a_service_that_the_server_no_longer_has_keeps_the_group() {
    let fake = being_deleted(None);
    fake.freeze();
    fake.remove::<Service>("rpc-external");
    assert_eq!(reconcile(&fake), Err(ReconcileError::Api(ApiError::NotFound("rpc-external".into()))));
    assert!(fake.log().contains(&"event DeleteFailed rpc".to_owned()));
    let group = fake.have::<SeiNodeDeployment>("rpc");
    assert!(group.meta.has_finalizer(GROUP_FINALIZER));
    assert_eq!(group.status.phase, Some(GroupPhase::Terminating));
    fake.thaw();
    assert_eq!(reconcile(&fake), Ok(Requeue::Done));
    assert!(fake.find::<SeiNodeDeployment>("rpc").is_none());
}

#[test]
fn a_group_being_deleted_without_our_finalizer_is_left_alone() {
    let mut group = new_group(1);
    group.meta_mut().finalizers = [std::sync::Arc::from("somebody/else")].into();
    group.meta_mut().deleting = Some(Time::from_unix(1_000_000));
    let fake = Fake::default();
    fake.put(group);
    assert_eq!(reconcile(&fake), Ok(Requeue::Done));
    assert!(fake.log().is_empty());
}
