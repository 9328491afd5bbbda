//! A variant at work: the operator's own reconcilers over ports that are bent.

use crate::{Bend, Scene, Sent, Submitted, Wanted};
use api::{AnyObject, Kind, Labels, Object, ObjectKey, Time};
use controller::{Controller, Operator};
use ports::{
    ApiError, Clock, Cluster, DeleteOptions, EventKind, Ids, Precondition, Recorder, Resolver, Sidecar, SidecarAddress, SidecarError,
    SidecarState, TaskReport, TaskRequest,
};
use simkube::{Answer, Request};
use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use testbed::world::{Program, Reconcile, SimPorts};
use uuid::Uuid;

/// The operator with bends.
#[derive(Clone, Copy, Debug)]
pub struct Variant(pub &'static [Bend]);

impl Program for Variant {
    fn reconcile(&self, ports: SimPorts, operator: Operator, controller: Controller, key: ObjectKey) -> Reconcile {
        let bent = Bent { bends: self.0, ports, operator, controller, key, primary: RefCell::new(None) };
        Box::pin(async move {
            let mut outcome = controller::reconcile(&bent, &bent.operator, controller, &bent.key).await;
            for bend in bent.bends {
                match bend {
                    Bend::Finally(finally) if outcome.is_ok() => bent.send_besides(finally(&bent.scene())).await,
                    Bend::End(end) => outcome = end(&bent.scene(), outcome),
                    _ => {}
                }
            }
            outcome
        })
    }
}

/// The ports of one reconcile.
struct Bent {
    bends: &'static [Bend],
    ports: SimPorts,
    operator: Operator,
    controller: Controller,
    key: ObjectKey,
    /// The object that is reconciled, as last read or written.
    primary: RefCell<Option<AnyObject>>,
}

impl Bent {
    fn scene(&self) -> Scene<'_> {
        let primary = self.primary.borrow().clone();
        Scene { ports: &self.ports, operator: &self.operator, controller: self.controller, key: &self.key, primary }
    }

    /// Takes notice of an object, if it is the one that is reconciled.
    fn notice(&self, object: &AnyObject) {
        let own = match self.controller {
            Controller::Group => "SeiNodeDeployment",
            Controller::Node => "SeiNode",
        };
        if object.info.kind == own && object.meta.key == self.key {
            self.primary.replace(Some(object.clone()));
        }
    }

    /// Sends a request whose answer does not matter.
    async fn send_besides(&self, request: Option<Request>) {
        if let Some(request) = request {
            let _does_not_matter = self.ports.call(request).await;
        }
    }

    async fn call(&self, request: Request) -> Answer {
        let mut sent = Sent::only(request.clone());
        for bend in self.bends {
            if let Bend::Send(send) = bend
                && let Some(this) = sent.this.take()
            {
                let bent = send(&self.scene(), this);
                sent = Sent { before: bent.before.or(sent.before), this: bent.this, after: bent.after.or(sent.after) };
            }
        }
        self.send_besides(sent.before).await;
        let mut answer = match sent.this {
            Some(this) => self.ports.call(this).await,
            None => Ok(as_if_done(&request)),
        };
        self.send_besides(sent.after).await;
        for bend in self.bends {
            if let Bend::Reply(reply) = bend {
                answer = reply(&self.scene(), &request, answer);
            }
        }
        answer.iter().flatten().for_each(|object| self.notice(object));
        answer
    }

    /// What the operator is told of one object that was looked up.
    fn found<K: Kind>(&self, key: &ObjectKey, read: Result<Object<K>, ApiError>) -> Result<Object<K>, ApiError> {
        let mut read = read.map(Object::into_any);
        for bend in self.bends {
            if let Bend::Read(bent) = bend {
                read = bent(&self.scene(), Wanted { info: &const { K::INFO }, key }, read);
            }
        }
        let read = read?;
        self.notice(&read);
        Ok(read.typed().expect("of the kind asked for"))
    }

    /// What the operator is told of the objects that were listed.
    fn listed<K: Kind>(&self, found: Vec<Object<K>>) -> Vec<Object<K>> {
        let mut found: Vec<_> = found.into_iter().map(Object::into_any).collect();
        for bend in self.bends {
            if let Bend::List(list) = bend {
                found = list(&self.scene(), found);
            }
        }
        found.iter().map(|object| object.typed().expect("of the kind asked for")).collect()
    }

    async fn call_one<K: Kind>(&self, request: Request) -> Result<Object<K>, ApiError> {
        let object = self.call(request).await?.pop().expect("a write is answered with the object");
        Ok(object.typed().expect("of the kind asked for"))
    }
}

/// What a request would be answered if it had been carried out.
fn as_if_done(request: &Request) -> Vec<AnyObject> {
    match request {
        Request::Create(object) | Request::Update(object) | Request::UpdateStatus(object) | Request::Apply { object, .. } => {
            vec![object.clone()]
        }
        Request::Patch { desired, .. } | Request::PatchStatus { desired, .. } => vec![desired.clone()],
        _ => Vec::new(),
    }
}

impl Cluster for Bent {
    fn cached<K: Kind>(&self, key: &ObjectKey) -> Result<Object<K>, ApiError> {
        self.found(key, self.ports.cached::<K>(key))
    }

    fn cached_list<K: Kind>(&self, namespace: &str, selector: &Labels) -> Result<Vec<Object<K>>, ApiError> {
        Ok(self.listed(self.ports.cached_list::<K>(namespace, selector)?))
    }

    async fn get<K: Kind>(&self, key: &ObjectKey) -> Result<Object<K>, ApiError> {
        self.found(key, self.ports.get::<K>(key).await)
    }

    async fn list<K: Kind>(&self, namespace: &str, selector: &Labels) -> Result<Vec<Object<K>>, ApiError> {
        Ok(self.listed(self.ports.list::<K>(namespace, selector).await?))
    }

    async fn create<K: Kind>(&self, object: Object<K>) -> Result<Object<K>, ApiError> {
        self.call_one(Request::Create(object.into_any())).await
    }

    async fn update<K: Kind>(&self, object: Object<K>) -> Result<Object<K>, ApiError> {
        self.call_one(Request::Update(object.into_any())).await
    }

    async fn patch<K: Kind>(&self, base: &Object<K>, desired: &Object<K>, precondition: Precondition) -> Result<Object<K>, ApiError> {
        let (base, desired) = (base.clone().into_any(), desired.clone().into_any());
        self.call_one(Request::Patch { base, desired, precondition }).await
    }

    async fn patch_status<K: Kind>(
        &self,
        base: &Object<K>,
        desired: &Object<K>,
        precondition: Precondition,
    ) -> Result<Object<K>, ApiError> {
        let (base, desired) = (base.clone().into_any(), desired.clone().into_any());
        self.call_one(Request::PatchStatus { base, desired, precondition }).await
    }

    async fn apply<K: Kind>(&self, manager: &'static str, object: Object<K>) -> Result<Object<K>, ApiError> {
        self.call_one(Request::Apply { manager, object: object.into_any() }).await
    }

    async fn delete<K: Kind>(&self, key: &ObjectKey, options: DeleteOptions) -> Result<(), ApiError> {
        self.call(Request::Delete { info: &const { K::INFO }, key: key.clone(), options }).await.map(drop)
    }
}

impl Sidecar for Bent {
    async fn submit(&self, address: &SidecarAddress, request: TaskRequest) -> Result<Uuid, SidecarError> {
        let mut submitted = Submitted::Task(request.clone());
        for bend in self.bends {
            if let (Bend::Submit(submit), Submitted::Task(request)) = (bend, &submitted) {
                submitted = submit(&self.scene(), request.clone());
            }
        }
        let mut answer = match submitted {
            Submitted::Task(request) => self.ports.submit(address, request).await,
            Submitted::Nothing => Ok(request.id.unwrap_or_default()),
        };
        for bend in self.bends {
            if let Bend::Accepted(accepted) = bend {
                answer = accepted(&self.scene(), &request, answer);
            }
        }
        answer
    }

    async fn task(&self, address: &SidecarAddress, id: Uuid) -> Result<TaskReport, SidecarError> {
        let mut id = id;
        for bend in self.bends {
            if let Bend::Ask(ask) = bend {
                id = ask(&self.scene(), id);
            }
        }
        let mut report = self.ports.task(address, id).await;
        for bend in self.bends {
            if let Bend::Report(bent) = bend {
                report = bent(&self.scene(), report);
            }
        }
        report
    }

    async fn state(&self, address: &SidecarAddress) -> Result<SidecarState, SidecarError> {
        let mut state = self.ports.state(address).await;
        for bend in self.bends {
            if let Bend::State(bent) = bend {
                state = bent(&self.scene(), state);
            }
        }
        state
    }

    async fn node_id(&self, address: &SidecarAddress) -> Result<Arc<str>, SidecarError> {
        self.ports.node_id(address).await
    }
}

impl Clock for Bent {
    fn now(&self) -> Time {
        self.ports.now()
    }

    fn passed(&self, deadline: Time) -> bool {
        self.ports.passed(deadline)
    }

    fn leads_since(&self) -> Time {
        self.ports.leads_since()
    }
}

impl Ids for Bent {
    fn uuid(&self) -> Uuid {
        self.ports.uuid()
    }
}

impl Recorder for Bent {
    fn event(&self, kind: &'static str, object: &ObjectKey, severity: EventKind, reason: &'static str, message: fmt::Arguments<'_>) {
        self.ports.event(kind, object, severity, reason, message);
    }
}

impl Resolver for Bent {
    fn resolves(&self, host: &str) -> bool {
        self.ports.resolves(host)
    }
}
