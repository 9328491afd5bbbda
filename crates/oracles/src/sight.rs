//! What laws see: the whole world as it is, and each thing that happens in it.

use crate::call::OperatorCall;
use crate::docket::{EventNumber, ObjectRef};
use api::kinds::Pod;
use api::{AnyObject, Group, Height, Kind, Node, ObjectKey, SeiNode, SeiNodeDeployment, SeiNodeDeploymentSpec, names};
use simchain::{Chain, ChainProfile, Happening, NodeView};
use simcore::SimTime;
use simkube::{Cluster, PodId, StoreChange};

/// The most blocks a serving node may be behind (`testbed.md`, "Oracles").
pub(crate) const SERVING_LAG: u64 = 300;
/// The most blocks a node at the tip may be behind.
const TIP_LAG: u64 = 10;

/// The world at a moment.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The moment.
    pub now: SimTime,
    /// The entry of the history that tells of the present fact; the last one, when time has passed.
    pub event: EventNumber,
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The chain.
    pub chain: &'a Chain,
    /// What the chain is like.
    pub profile: &'a ChainProfile,
    /// The group under test.
    pub group: &'a ObjectKey,
    /// Its external Service.
    pub external: &'a ObjectKey,
    /// The call of the operator that is taking effect, if one is.
    pub call: Option<&'a OperatorCall>,
    /// Whether nothing more is to come that disturbs the world from outside: liveness is judged from here on.
    pub calm: bool,
    /// Whether what is wrong with this world from outside allows a rollout to end in a failure state.
    pub failure_allowed: bool,
}

/// Something that happened.
#[derive(Clone, Copy)]
pub enum Fact<'a> {
    /// The store changed.
    Stored(&'a StoreChange),
    /// Clients of a Service now go elsewhere.
    DataPlane(&'a ObjectKey),
    /// A node's programs did something.
    Chain {
        /// The node.
        node: &'a str,
        /// The pod.
        pod: PodId,
        /// What.
        what: &'a Happening,
    },
    /// A moment has come that a law had asked for.
    TimePassed,
    /// A fault has struck, or is over: what nobody tells of may have changed, such as whom a node reaches.
    Disturbed,
}

impl<'a> Sight<'a> {
    /// The group's stored object.
    pub(crate) fn stored_group(&self) -> Option<&'a AnyObject> {
        self.cluster.object(&SeiNodeDeployment::INFO, self.group)
    }

    /// What the group asks for, as stored.
    pub fn group_spec(&self) -> Option<&'a SeiNodeDeploymentSpec> {
        self.stored_group()?.spec_as::<SeiNodeDeployment>()
    }
}

impl Sight<'_> {
    /// The group as stored.
    pub fn group(&self) -> Option<Group> {
        self.stored_group()?.typed()
    }

    /// The group, as violations name it.
    pub fn group_ref(&self) -> ObjectRef {
        ObjectRef::new(SeiNodeDeployment::INFO.kind, self.group.name.clone())
    }

    /// The nodes that the group owns, by name. *Owned*: a controller owner reference to its uid.
    pub fn nodes(&self) -> Vec<Node> {
        self.stored_nodes().filter_map(AnyObject::typed).collect()
    }

    /// The same, as stored.
    pub(crate) fn stored_nodes(&self) -> impl Iterator<Item = &AnyObject> {
        let uid = self.stored_group().and_then(|group| group.meta.uid);
        self.cluster.objects(&SeiNode::INFO).filter(move |node| node.meta.is_controlled_by(uid))
    }

    /// Pods of the group's nodes, by name.
    pub fn pods(&self) -> impl Iterator<Item = &AnyObject> {
        self.cluster.objects(&Pod::INFO).filter(|pod| self.is_ours(pod))
    }

    /// Those of them that are Ready and serve though no client is sent to them.
    pub fn idle_pods(&self) -> impl Iterator<Item = &AnyObject> {
        let is_idle = |pod: PodId| self.reached().iter().all(|(_, reached)| *reached != pod) && self.serves(pod);
        self.cluster.objects(&Pod::INFO).filter(move |pod| is_ready(pod) && self.is_ours(pod) && is_idle(id_of(pod)))
    }

    fn is_ours(&self, pod: &AnyObject) -> bool {
        pod.meta.key.namespace == self.group.namespace
            && pod.meta.labels.get(names::label::GROUP).is_some_and(|group| **group == *self.group.name)
    }

    /// The pod of a node's StatefulSet, if it exists.
    pub fn pod_of(&self, node: &ObjectKey) -> Option<&AnyObject> {
        self.cluster.object(&Pod::INFO, &ObjectKey::new(node.namespace.clone(), names::pod(&node.name)))
    }

    /// The pods that the data plane sends the group's clients to.
    pub fn reached(&self) -> &[(ObjectKey, PodId)] {
        self.cluster.data_plane(self.external)
    }

    /// What its chain shows of a pod's seid, if it runs.
    pub fn view(&self, pod: &AnyObject) -> Option<NodeView> {
        self.chain.view(self.now, simchain::PodId(id_of(pod).0))
    }

    /// *Serves*: process up, RPC answering, not wedged or diverged, tip lag at most 300.
    pub fn serves(&self, pod: PodId) -> bool {
        self.is_within(pod, SERVING_LAG)
    }

    /// *At tip*: serves and tip lag at most 10.
    pub fn at_tip(&self, pod: PodId) -> bool {
        self.is_within(pod, TIP_LAG)
    }

    fn is_within(&self, pod: PodId, lag: u64) -> bool {
        self.chain
            .view(self.now, simchain::PodId(pod.0))
            .is_some_and(|view| view.rpc && !view.wedged && !view.diverged && self.chain.network_height(self.now).above(view.store) <= lag)
    }

    /// When a node that serves falls too far behind to, if it goes on as it does: `None` for one that keeps up with the tip.
    pub(crate) fn falls_behind_at(&self, pod: PodId) -> Option<SimTime> {
        self.chain.falls_behind(self.now, simchain::PodId(pod.0), SERVING_LAG).filter(|at| *at > self.now)
    }

    /// Whether an image has the handler of an upgrade.
    pub fn handles(&self, image: &str, upgrade: &str) -> bool {
        self.profile.binary(image).is_some_and(|binary| self.profile.binaries[binary].handles(upgrade))
    }

    /// The app height of the pod's seid, if it runs.
    pub fn app_height(&self, pod: PodId) -> Option<Height> {
        self.chain.view(self.now, simchain::PodId(pod.0)).map(|view| view.app)
    }
}

/// The id of a stored pod.
pub fn id_of(pod: &AnyObject) -> PodId {
    PodId(pod.meta.uid.expect("a stored object has a uid"))
}

/// Whether a stored pod's Ready condition is True.
pub fn is_ready(pod: &AnyObject) -> bool {
    (pod.status_as::<Pod>())
        .and_then(|status| status.conditions.as_ref())
        .is_some_and(|conditions| conditions.iter().any(|c| c.type_ == "Ready" && c.status == "True"))
}
