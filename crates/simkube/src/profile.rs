//! How long things take in the cluster, and how large it is.
//!
//! Each span is a range from which every single occurrence is drawn. The defaults are those of the specification's page on Kubernetes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use simcore::Span;
use std::collections::BTreeSet;
use std::time::Duration;

/// Timings and topology of a cluster. In files, spans are text such as `2ms..20ms`, durations such as `30s`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ClusterProfile {
    /// How long an effective API call takes; its effect lies at a uniform point within.
    #[schemars(with = "String")]
    pub api_call: Span,
    /// From a write to its arrival in a cache.
    #[schemars(with = "String")]
    pub watch_lag: Span,
    /// How far an informer's resync period lies around its mean: 10 h +-10 %, fixed for each informer when it starts.
    #[schemars(with = "String")]
    pub resync_period: Span,
    /// From a change to a built-in controller's noticing it.
    #[schemars(with = "String")]
    pub controller_view: Span,
    /// How long a built-in controller's sync takes.
    #[schemars(with = "String")]
    pub controller_sync: Span,
    /// From a change of pods or Service to the EndpointSlice.
    #[schemars(with = "String")]
    pub endpoint_slice: Span,
    /// From the EndpointSlice to where clients' requests go.
    #[schemars(with = "String")]
    pub data_plane: Span,
    /// How long a stale DNS answer lives at most.
    #[serde(with = "simcore::duration_text")]
    #[schemars(with = "String")]
    pub dns_ttl: Duration,
    /// Making a volume.
    #[schemars(with = "String")]
    pub provisioning: Span,
    /// Attaching a volume to a machine.
    #[schemars(with = "String")]
    pub attach: Span,
    /// Detaching it.
    #[schemars(with = "String")]
    pub detach: Span,
    /// From the end of a pod object on a lost machine to the forced detach of its volume.
    #[serde(with = "simcore::duration_text")]
    #[schemars(with = "String")]
    pub forced_detach: Duration,
    /// Choosing a machine for a pod.
    #[schemars(with = "String")]
    pub scheduling: Span,
    /// Pulling an image that the machine does not have.
    #[schemars(with = "String")]
    pub image_pull: Span,
    /// From a LoadBalancer Service to its address.
    #[schemars(with = "String")]
    pub load_balancer: Span,
    /// From that address to its name resolving.
    #[schemars(with = "String")]
    pub load_balancer_dns: Span,
    /// From a machine's loss to its node being NotReady.
    #[serde(with = "simcore::duration_text")]
    #[schemars(with = "String")]
    pub machine_lost: Duration,
    /// From NotReady to the eviction of its pods.
    #[serde(with = "simcore::duration_text")]
    #[schemars(with = "String")]
    pub eviction: Duration,
    /// Zones.
    #[schemars(range(min = 1))]
    pub zones: u8,
    /// Machines for chain nodes, spread over the zones; one seid pod a machine.
    #[schemars(range(min = 1))]
    pub machines: u8,
    /// Custom kinds whose CustomResourceDefinition is not installed, such as `ServiceMonitor`.
    pub missing_kinds: BTreeSet<String>,
}

/// How fast the network follows what is stored: the part of a [`ClusterProfile`] that can change while a cluster runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkPace {
    /// See [`ClusterProfile::endpoint_slice`].
    pub endpoint_slice: Span,
    /// See [`ClusterProfile::data_plane`].
    pub data_plane: Span,
    /// See [`ClusterProfile::load_balancer`].
    pub load_balancer: Span,
}

impl Default for ClusterProfile {
    fn default() -> Self {
        Self {
            api_call: Span::millis(2, 20),
            watch_lag: Span::millis(1, 50),
            resync_period: Span::seconds(9 * 3600, 11 * 3600),
            controller_view: Span::millis(5, 100),
            controller_sync: Span::millis(5, 50),
            endpoint_slice: Span::millis(10, 200),
            data_plane: Span::millis(50, 2000),
            dns_ttl: Duration::from_secs(30),
            provisioning: Span::seconds(3, 15),
            attach: Span::seconds(5, 20),
            detach: Span::seconds(5, 30),
            forced_detach: Duration::from_secs(360),
            scheduling: Span::millis(50, 500),
            image_pull: Span::seconds(5, 60),
            load_balancer: Span::seconds(20, 90),
            load_balancer_dns: Span::seconds(5, 60),
            machine_lost: Duration::from_secs(50),
            eviction: Duration::from_secs(300),
            zones: 3,
            machines: 6,
            missing_kinds: BTreeSet::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_survives_being_written_and_read() {
        let text = serde_json::to_string(&ClusterProfile::default()).expect("text");
        assert_eq!(serde_json::from_str::<ClusterProfile>(&text).expect("a profile"), ClusterProfile::default());
    }

    #[test]
    fn a_profile_names_only_what_differs_and_misspellings_are_refused() {
        let profile: ClusterProfile = serde_json::from_str(r#"{"watchLag": "1s..2s", "dnsTtl": "0s"}"#).expect("a profile");
        assert_eq!(profile, ClusterProfile { watch_lag: Span::seconds(1, 2), dns_ttl: Duration::ZERO, ..ClusterProfile::default() });
        assert!(serde_json::from_str::<ClusterProfile>(r#"{"watchlag": "1s"}"#).is_err());
    }
}
