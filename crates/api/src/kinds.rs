//! The kinds an operator or a cluster handles, each with the sections it is made of.
//!
//! Built-in kinds use k8s-openapi's spec and status types. The three networking and monitoring kinds that belong to other projects
//! (`HTTPRoute`, `AuthorizationPolicy`, `ServiceMonitor`) carry their spec as JSON: nothing here reads into them.

use crate::group::SeiNodeDeployment;
use crate::node::SeiNode;
use crate::object::{AnySection, Decode, Decoded, Kind, KindInfo, Section, decode};
use k8s_openapi::api::{apps::v1 as apps, batch::v1 as batch, coordination::v1 as coordination, core::v1 as core, policy::v1 as policy};
use serde_json::Value;
use std::sync::Arc;

/// Kubernetes' own kinds, under the names that its users know.
pub use k8s_openapi::api::apps::v1::StatefulSet;
pub use k8s_openapi::api::batch::v1::Job;
pub use k8s_openapi::api::coordination::v1::Lease;
pub use k8s_openapi::api::core::v1::{Node, PersistentVolumeClaim, Pod, Service};
pub use k8s_openapi::api::policy::v1::PodDisruptionBudget;

macro_rules! sections {
    ($($type:ty),* $(,)?) => { $(impl Section for $type {})* };
}

// The statuses of our own two kinds are in `merge`.
sections!(
    crate::SeiNodeDeploymentSpec,
    crate::SeiNodeSpec,
    apps::StatefulSetSpec,
    apps::StatefulSetStatus,
    batch::JobSpec,
    batch::JobStatus,
    core::ServiceSpec,
    core::ServiceStatus,
    core::PersistentVolumeClaimSpec,
    core::PersistentVolumeClaimStatus,
    core::PodSpec,
    core::PodStatus,
    core::NodeSpec,
    core::NodeStatus,
    policy::PodDisruptionBudgetSpec,
    policy::PodDisruptionBudgetStatus,
    coordination::LeaseSpec,
    Value,
);

/// Gateway API's route.
#[derive(Debug)]
pub enum HttpRoute {}
/// Istio's policy.
#[derive(Debug)]
pub enum AuthorizationPolicy {}
/// The Prometheus operator's monitor.
#[derive(Debug)]
pub enum ServiceMonitor {}

macro_rules! kind {
    ($type:ty, $spec:ty, $status:ty, $api:literal, $kind:literal, $plural:literal, place $place:literal, generation $generation:literal, status $has_status:literal, custom $custom:literal) => {
        impl Kind for $type {
            const INFO: KindInfo = KindInfo {
                api_version: $api,
                kind: $kind,
                plural: $plural,
                place: $place,
                has_generation: $generation,
                has_status: $has_status,
                custom: $custom,
                decode: Decode { spec: Self::decode_spec, status: Self::decode_status },
            };
            type Spec = $spec;
            type Status = $status;

            #[inline(never)]
            fn decode_spec(value: &Value) -> Decoded {
                decode::<$spec>(value)
            }

            #[inline(never)]
            fn decode_status(value: &Value) -> Decoded {
                decode::<$status>(value)
            }

            #[inline(never)]
            fn erase_spec(spec: Arc<$spec>) -> Arc<dyn AnySection> {
                spec
            }

            #[inline(never)]
            fn erase_status(status: Arc<$status>) -> Arc<dyn AnySection> {
                status
            }
        }
    };
}

kind!(SeiNodeDeployment, crate::SeiNodeDeploymentSpec, crate::SeiNodeDeploymentStatus, "sei.io/v1alpha1", "SeiNodeDeployment", "seinodedeployments", place 9, generation true, status true, custom true);
kind!(SeiNode, crate::SeiNodeSpec, crate::SeiNodeStatus, "sei.io/v1alpha1", "SeiNode", "seinodes", place 8, generation true, status true, custom true);
kind!(StatefulSet, apps::StatefulSetSpec, apps::StatefulSetStatus, "apps/v1", "StatefulSet", "statefulsets", place 12, generation true, status true, custom false);
kind!(Job, batch::JobSpec, batch::JobStatus, "batch/v1", "Job", "jobs", place 2, generation true, status true, custom false);
kind!(Service, core::ServiceSpec, core::ServiceStatus, "v1", "Service", "services", place 10, generation false, status true, custom false);
kind!(PersistentVolumeClaim, core::PersistentVolumeClaimSpec, core::PersistentVolumeClaimStatus, "v1", "PersistentVolumeClaim", "persistentvolumeclaims", place 5, generation false, status true, custom false);
kind!(Pod, core::PodSpec, core::PodStatus, "v1", "Pod", "pods", place 6, generation true, status true, custom false);
kind!(Node, core::NodeSpec, core::NodeStatus, "v1", "Node", "nodes", place 4, generation false, status true, custom false);
kind!(PodDisruptionBudget, policy::PodDisruptionBudgetSpec, policy::PodDisruptionBudgetStatus, "policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", place 7, generation true, status true, custom false);
kind!(Lease, coordination::LeaseSpec, Value, "coordination.k8s.io/v1", "Lease", "leases", place 3, generation false, status false, custom false);
kind!(HttpRoute, Value, Value, "gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes", place 1, generation true, status true, custom true);
kind!(AuthorizationPolicy, Value, Value, "security.istio.io/v1", "AuthorizationPolicy", "authorizationpolicies", place 0, generation true, status true, custom true);
kind!(ServiceMonitor, Value, Value, "monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors", place 11, generation true, status true, custom true);

/// Every kind.
pub static ALL: [&KindInfo; 13] = [
    &SeiNodeDeployment::INFO,
    &SeiNode::INFO,
    &StatefulSet::INFO,
    &Job::INFO,
    &Service::INFO,
    &PersistentVolumeClaim::INFO,
    &Pod::INFO,
    &Node::INFO,
    &PodDisruptionBudget::INFO,
    &Lease::INFO,
    &HttpRoute::INFO,
    &AuthorizationPolicy::INFO,
    &ServiceMonitor::INFO,
];

/// The kind that a manifest names.
pub fn find(api_version: &str, kind: &str) -> Option<&'static KindInfo> {
    ALL.into_iter().find(|info| info.kind == kind && info.api_version == api_version)
}
