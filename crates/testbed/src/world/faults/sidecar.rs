//! A node's sidecar does not answer, answers late, forgets, or is asked twice.

use super::{Blow, Ends};
use crate::world::sim::Sim;
use api::{ObjectKey, names};
use faults::{ClusterFault, Container, SidecarFault, What};
use simchain::Interference;
use simkube::Route;
use std::sync::Arc;
use std::time::Duration;

impl Sim {
    /// Where a call to the sidecar behind a node's Service leads, faults of the network and of the sidecar included: first the name is looked up, then the address
    /// must be reached, then somebody must listen there.
    pub(in crate::world) fn route_to_sidecar(&self, service: &ObjectKey) -> Route {
        let route = self.cluster.route(service, &names::pod(&service.name));
        let (mut named, mut reached, mut listens) = (route != Route::NoSuchHost, route != Route::Unroutable, true);
        for what in self.faults.open() {
            match what {
                What::Cluster(ClusterFault::DnsFails { node, .. }) if *node == service.name => named = false,
                What::Cluster(ClusterFault::SidecarCut { node, .. }) if *node == service.name => reached = false,
                What::Sidecar(SidecarFault::Unreachable { node, .. }) if *node == service.name => listens = false,
                _ => {}
            }
        }
        match (named, reached, listens) {
            (false, ..) => Route::NoSuchHost,
            (_, false, _) => Route::Unroutable,
            (.., false) => Route::Refused,
            _ => route,
        }
    }

    /// By how much faults delay a submission to a node's sidecar.
    pub(in crate::world) fn sidecar_delay(&self, submitted_to: &Arc<str>) -> Duration {
        let of = |what: &What| match what {
            What::Sidecar(SidecarFault::Slow { node, by, .. }) if node == submitted_to => by.0,
            _ => Duration::ZERO,
        };
        self.faults.open().map(of).sum()
    }

    pub(super) fn strike_sidecar(&mut self, fault: &SidecarFault) -> Blow {
        match fault {
            SidecarFault::Unreachable { node, lasts } | SidecarFault::Slow { node, lasts, .. } => {
                Blow::lasting(self.exists(node), super::node(node), lasts.0)
            }
            SidecarFault::Restarts { node } => self.kill_container_of(node, Container::Sidecar),
            SidecarFault::RestartsAtWork { node } | SidecarFault::DuplicateSubmission { node } => {
                let befell = self.exists(node);
                let ends = if befell { Ends::WhenItGoesOff } else { Ends::AtOnce };
                Blow { befell, objects: super::node(node), ends }
            }
            SidecarFault::StaleFailure { node, lasts } => {
                let befell = self.exists(node);
                if befell {
                    self.keep_old_failures(node, true);
                }
                Blow::lasting(befell, super::node(node), lasts.0)
            }
        }
    }

    pub(super) fn heal_sidecar(&mut self, fault: &SidecarFault) {
        match fault {
            SidecarFault::RestartsAtWork { node } => {
                self.kill_container_of(node, Container::Sidecar);
            }
            SidecarFault::StaleFailure { node, .. } => {
                let again = |what: &What| matches!(what, What::Sidecar(SidecarFault::StaleFailure { node: of, .. }) if of == node);
                if !self.faults.open().any(again) {
                    self.keep_old_failures(node, false);
                }
            }
            SidecarFault::Unreachable { .. }
            | SidecarFault::Slow { .. }
            | SidecarFault::Restarts { .. }
            | SidecarFault::DuplicateSubmission { .. } => {}
        }
    }

    fn keep_old_failures(&mut self, node: &Arc<str>, stay: bool) {
        self.chain(|chain, cx| chain.interfere(cx, Interference::OldFailures { node: node.clone(), stay }));
    }

    /// A node's sidecar has begun a task: faults may wait for it. The sidecar is killed at once; what it had answered has been sent.
    pub(in crate::world) fn task_begins(&mut self, at: &Arc<str>) {
        self.go_off(|what| matches!(what, What::Sidecar(SidecarFault::RestartsAtWork { node }) if node == at));
    }

    /// Whether a submission that is being sent to a node's sidecar will be delivered twice.
    pub(in crate::world) fn is_delivered_twice(&mut self, to: &Arc<str>) -> bool {
        self.go_off(|what| matches!(what, What::Sidecar(SidecarFault::DuplicateSubmission { node }) if node == to))
    }
}
