//! The cloud's load balancers: a Service of that type gets a name after a while, and the name resolves a while later.

use crate::boundary::Output;
use crate::workloads::event::Event;
use crate::workloads::keys::Controller;
use crate::workloads::step::Step;
use api::kinds::Service;
use api::{Object, ObjectKey};
use k8s_openapi::api::core::v1::{LoadBalancerIngress, LoadBalancerStatus};
use simcore::{SimTime, stable_hash};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const ME: Controller = Controller::LoadBalancer;
/// Holds a Service until its load balancer is taken down.
const CLEANUP: &str = "service.kubernetes.io/load-balancer-cleanup";

/// What the cloud has for each Service of type LoadBalancer.
#[derive(Clone, Default)]
pub(in crate::workloads) struct LoadBalancers {
    balancers: BTreeMap<ObjectKey, Balancer>,
}

#[derive(Clone)]
struct Balancer {
    service: Uuid,
    /// Its name, once it has an address.
    name: Option<String>,
    /// When it gets one.
    due: SimTime,
    /// Whether that name is in DNS.
    resolves: bool,
}

impl LoadBalancers {
    /// Whether the host is a load balancer's and in DNS.
    pub fn resolves(&self, host: &str) -> bool {
        self.balancers.values().any(|balancer| balancer.resolves && balancer.name.as_deref() == Some(host))
    }

    /// Orders, keeps or takes down the load balancer of a Service.
    pub fn sync(&mut self, step: &mut Step<'_, '_>, key: &ObjectKey) {
        let service = step.server.typed::<Service>(key);
        match service {
            Some(service) if is_wanted(&service) => self.order(step, &service),
            other => {
                if self.balancers.remove(key).is_some_and(|balancer| balancer.resolves) {
                    step.cx.tell(Output::NetworkChanged);
                }
                other.iter().for_each(|service| take_down(step, service));
            }
        }
    }

    fn order(&mut self, step: &mut Step<'_, '_>, service: &Object<Service>) {
        let key = &service.meta.key;
        let uid = service.meta.uid.expect("a stored Service has a uid");
        if !service.meta.has_finalizer(CLEANUP) {
            let mut desired = service.clone();
            desired.meta_mut().finalizers = service.meta.finalizers.iter().cloned().chain([Arc::from(CLEANUP)]).collect();
            step.patch(ME, service, desired);
        }
        if self.balancers.get(key).is_some_and(|balancer| balancer.service == uid) {
            return;
        }
        let due = step.now() + step.draw("load balancer", key, step.profile.load_balancer);
        self.balancers.insert(key.clone(), Balancer { service: uid, name: None, due, resolves: false });
        step.at(due, &("load balancer", key), Event::BalancerReady { service: key.clone(), uid });
    }

    /// Every address that is under way comes so much later; whether any is.
    pub fn postpone(&mut self, by: Duration) -> bool {
        let under_way = self.balancers.values_mut().filter(|balancer| balancer.name.is_none());
        under_way.map(|balancer| balancer.due = balancer.due + by).count() > 0
    }

    /// The load balancer has its address: tells the Service.
    pub fn ready(&mut self, step: &mut Step<'_, '_>, key: &ObjectKey, uid: Uuid) {
        let Some(balancer) = self.balancers.get_mut(key).filter(|balancer| balancer.service == uid && balancer.name.is_none()) else {
            return;
        };
        if step.now() < balancer.due {
            return step.at(balancer.due, &("load balancer", key), Event::BalancerReady { service: key.clone(), uid });
        }
        let Some(service) = step.server.typed::<Service>(key).filter(|service| service.meta.uid == Some(uid)) else { return };
        let name = format!("k8s-{}-{}-{:08x}.elb.example.com", key.namespace, key.name, stable_hash(&uid) >> 32);
        balancer.name = Some(name.clone());
        set_ingress(step, &service, Some(vec![LoadBalancerIngress { hostname: Some(name), ..LoadBalancerIngress::default() }]));
        let wait = step.draw("load balancer dns", key, step.profile.load_balancer_dns);
        step.after(wait, &("load balancer dns", key), Event::BalancerResolves { service: key.clone(), uid });
    }

    /// The load balancer's name is in DNS.
    pub fn resolve(&mut self, step: &mut Step<'_, '_>, key: &ObjectKey, uid: Uuid) {
        if let Some(balancer) = self.balancers.get_mut(key).filter(|balancer| balancer.service == uid) {
            balancer.resolves = true;
            step.cx.tell(Output::NetworkChanged);
        }
    }
}

fn is_wanted(service: &Object<Service>) -> bool {
    service.spec.type_.as_deref() == Some("LoadBalancer") && service.meta.deleting.is_none()
}

fn take_down(step: &mut Step<'_, '_>, service: &Object<Service>) {
    if service.status.load_balancer.as_ref().is_some_and(|status| status.ingress.is_some()) {
        set_ingress(step, service, None);
    }
    let Some(service) = step.server.typed::<Service>(&service.meta.key).filter(|service| service.meta.has_finalizer(CLEANUP)) else {
        return;
    };
    let mut desired = service.clone();
    desired.meta_mut().finalizers = service.meta.finalizers.iter().filter(|name| &***name != CLEANUP).cloned().collect();
    step.patch(ME, &service, desired);
}

fn set_ingress(step: &mut Step<'_, '_>, service: &Object<Service>, ingress: Option<Vec<LoadBalancerIngress>>) {
    let mut desired = service.clone();
    desired.status_mut().load_balancer = Some(LoadBalancerStatus { ingress });
    step.patch_status(ME, service, desired);
}
