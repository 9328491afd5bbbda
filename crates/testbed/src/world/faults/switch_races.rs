//! The spec changes while a plan is at work, or traffic follows late.

use super::Blow;
use crate::world::sim::Sim;
use api::group::ServiceType;
use api::{Height, Kind, SeiNodeDeployment};
use faults::{SwitchRacesFault, What};
use serde_json::{Value, json};
use simchain::{Interference, Signal};
use simkube::NetworkPace;
use std::sync::Arc;
use std::time::Duration;

/// What a second rollout adds to seid's arguments: it changes the template's hash, and nothing of what seid does.
const ANOTHER_ARGUMENT: [&str; 2] = ["--log_level", "info"];

impl Sim {
    pub(super) fn strike_switch(&mut self, fault: &SwitchRacesFault) -> Blow {
        let edit = match fault {
            SwitchRacesFault::ImageEdited { image } => Some(json!({ "template": { "spec": { "image": image } } })),
            SwitchRacesFault::HaltHeightEdited { by } => self.moved_halt_height(*by),
            SwitchRacesFault::ReplicasEdited { to } => Some(json!({ "replicas": to })),
            SwitchRacesFault::OverridesEdited => self.another_override(),
            SwitchRacesFault::SecondRollout => self.another_rollout(),
            SwitchRacesFault::GroupDeleted => {
                return self.kubectl_delete(&const { SeiNodeDeployment::INFO }, self.setup.group.name.clone());
            }
            SwitchRacesFault::EndpointsLag { lasts, .. } | SwitchRacesFault::DataPlaneLag { lasts, .. } => {
                return Blow::lasting(true, vec![self.external_ref()], lasts.0);
            }
            SwitchRacesFault::EntrantCrashes { node } => return self.crash_seid(node),
            SwitchRacesFault::LoadBalancerLate { by } => return self.delay_load_balancer(by.0),
        };
        let befell = edit.is_some_and(|spec| self.edit_group(&spec));
        Blow::at_once(befell, vec![self.sight().group_ref()])
    }

    /// How fast the network follows, slowed down by whatever is going on.
    pub(super) fn follow_windows(&mut self) {
        let (mut endpoints, mut data_plane, mut load_balancer) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        for what in self.faults.open() {
            match what {
                What::SwitchRaces(SwitchRacesFault::EndpointsLag { by, .. }) => endpoints += by.0,
                What::SwitchRaces(SwitchRacesFault::DataPlaneLag { by, .. }) => data_plane += by.0,
                What::SwitchRaces(SwitchRacesFault::LoadBalancerLate { by }) => load_balancer += by.0,
                _ => {}
            }
        }
        let usual = &self.setup.cluster;
        self.cluster.set_network_pace(NetworkPace {
            endpoint_slice: usual.endpoint_slice.later(endpoints),
            data_plane: usual.data_plane.later(data_plane),
            load_balancer: usual.load_balancer.later(load_balancer),
        });
    }

    /// The halt height moved by so many blocks, if there is one.
    fn moved_halt_height(&self, by: i64) -> Option<Value> {
        let Height(halt) = self.sight().group_spec()?.update_strategy.as_ref()?.hard_fork.as_ref()?.halt_height;
        Some(json!({ "updateStrategy": { "hardFork": { "haltHeight": halt.saturating_add_signed(by) } } }))
    }

    /// An override with a value that it does not have: how many transactions may wait.
    fn another_override(&self) -> Option<Value> {
        const KEY: &str = "mempool.size";
        let present = self.sight().group_spec()?.template.spec.overrides.get(KEY).and_then(|size| size.parse::<u64>().ok());
        let size = present.unwrap_or(5000).saturating_add(1000).to_string();
        Some(json!({ "template": { "spec": { "overrides": { KEY: size } } } }))
    }

    /// Another change of what the template's hash is made of, where a strategy makes a rollout of it.
    fn another_rollout(&self) -> Option<Value> {
        let spec = self.sight().group_spec()?;
        spec.update_strategy.as_ref()?;
        let entrypoint = spec.template.spec.entrypoint.as_ref()?;
        let args: Vec<_> = entrypoint.args.iter().map(String::as_str).chain(ANOTHER_ARGUMENT).collect();
        Some(json!({ "template": { "spec": { "entrypoint": { "args": args } } } }))
    }

    /// Kills a node's seid, if it runs: in its StatefulSet's pod, or in its bootstrap's.
    fn crash_seid(&mut self, node: &Arc<str>) -> Blow {
        let befell = self.chain.seid_runs(node);
        self.chain(|chain, cx| chain.interfere(cx, Interference::SignalSeid { node: node.clone(), signal: Signal::Kill }));
        Blow::at_once(befell, super::node(node))
    }

    /// The external Service's load balancer gives its address later: one that is under way, or one that is still to be ordered.
    fn delay_load_balancer(&mut self, by: Duration) -> Blow {
        let service = self.sight().group_spec().and_then(|spec| spec.networking.as_ref()?.service.as_ref());
        let is_to_come = service.and_then(|service| service.kind) == Some(ServiceType::LoadBalancer) && !self.is_balanced();
        let befell = self.cluster.postpone_load_balancers(by) || is_to_come;
        Blow::lasting(befell, vec![self.external_ref()], by)
    }
}
