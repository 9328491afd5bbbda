//! What wakes a reconciler: from one change in a cache to the keys that it queues (controller.md, sections 6 and 7, "Woken by").
//!
//! A controller watches its own kind and the kinds it owns. Predicates filter updates only: a create and a delete always pass. Owners are
//! found through the controlling owner reference, in the old and in the new object, as controller-runtime's `Owns` does.

use crate::Controller;
use api::kinds::{Job, PersistentVolumeClaim, Service, StatefulSet};
use api::{AnyObject, Kind, ObjectKey, SeiNode, SeiNodeDeployment};
use planner::Namesake;
use uuid::Uuid;

/// Hands the keys that a change wakes to `each`: no `old` is a create, no `new` a delete, both an update, whatever their uids. A resync is
/// an update from an object to itself. A design that knows namesakes apart sees a create in an update from one object to another.
pub fn keys(namesake: Namesake, old: Option<&AnyObject>, new: Option<&AnyObject>, each: &mut impl FnMut(Controller, ObjectKey)) {
    let Some(object) = new.or(old) else { return };
    let kind = object.info.kind;
    let replaced = namesake == Namesake::WaitedFor && uid(old) != uid(new);
    let passes = replaced || created_or_deleted(old, new) || generation_changed(old, new);
    if kind == SeiNodeDeployment::INFO.kind {
        if passes {
            each(Controller::Group, object.meta.key.clone());
        }
    } else if kind == SeiNode::INFO.kind {
        if passes {
            each(Controller::Node, object.meta.key.clone());
        }
        if passes || phase(old) != phase(new) {
            owners(Controller::Group, old, new, each);
        }
    } else if kind == Service::INFO.kind {
        owners(Controller::Node, old, new, each);
        owners(Controller::Group, old, new, each);
    } else if [StatefulSet::INFO.kind, Job::INFO.kind, PersistentVolumeClaim::INFO.kind].contains(&kind) {
        owners(Controller::Node, old, new, each);
    }
}

fn uid(object: Option<&AnyObject>) -> Option<Uuid> {
    object?.meta.uid
}

fn created_or_deleted(old: Option<&AnyObject>, new: Option<&AnyObject>) -> bool {
    old.is_none() || new.is_none()
}

fn generation_changed(old: Option<&AnyObject>, new: Option<&AnyObject>) -> bool {
    old.map(|object| object.meta.generation) != new.map(|object| object.meta.generation)
}

fn phase(node: Option<&AnyObject>) -> Option<api::node::NodePhase> {
    node?.status_as::<SeiNode>()?.phase
}

/// The keys of the objects that control `old` and `new` and are of the kind `controller` reconciles; each once.
fn owners(controller: Controller, old: Option<&AnyObject>, new: Option<&AnyObject>, each: &mut impl FnMut(Controller, ObjectKey)) {
    let of = |object: Option<&AnyObject>| object.and_then(|object| owner(controller, object));
    let (before, now) = (of(old), of(new));
    if before != now
        && let Some(key) = before
    {
        each(controller, key);
    }
    if let Some(key) = now {
        each(controller, key);
    }
}

fn owner(controller: Controller, object: &AnyObject) -> Option<ObjectKey> {
    let kind = match controller {
        Controller::Group => SeiNodeDeployment::INFO.kind,
        Controller::Node => SeiNode::INFO.kind,
    };
    let owner = object.meta.controller().filter(|owner| owner.kind == kind)?;
    Some(ObjectKey { namespace: object.meta.key.namespace.clone(), name: owner.name.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fixtures::{full_node_spec, new_group, new_node};
    use crate::testing::{Fake, key};
    use api::node::NodePhase;
    use api::{Meta, Node, Object, OwnerRef};
    use std::sync::Arc;

    fn woken(old: Option<&AnyObject>, new: Option<&AnyObject>) -> Vec<(Controller, String)> {
        woken_by(Namesake::TakenOver, old, new)
    }

    fn woken_by(namesake: Namesake, old: Option<&AnyObject>, new: Option<&AnyObject>) -> Vec<(Controller, String)> {
        let mut woken = Vec::new();
        keys(namesake, old, new, &mut |controller, key| woken.push((controller, key.name.to_string())));
        woken
    }

    fn group(name: &str) -> (Controller, String) {
        (Controller::Group, name.to_owned())
    }

    fn node(name: &str) -> (Controller, String) {
        (Controller::Node, name.to_owned())
    }

    fn owner<K: Kind>(name: &str) -> OwnerRef {
        let mut owner = Object::<K>::new(Meta::new(key(name)), K::Spec::default());
        owner.meta_mut().uid = Some(uuid::Uuid::from_u128(9));
        owner.owner_ref()
    }

    fn owned<K: Kind>(owner: OwnerRef) -> AnyObject {
        let mut meta = Meta::new(key("owned"));
        meta.owners = Arc::from([owner]);
        Fake::default().put(Object::<K>::new(meta, K::Spec::default())).into_any()
    }

    fn child() -> Node {
        let mut child = new_node(full_node_spec());
        child.meta_mut().owners = Arc::from([owner::<SeiNodeDeployment>("rpc")]);
        Fake::default().put(child)
    }

    #[test]
    fn a_group_is_woken_by_its_creation_deletion_and_generation() {
        let old = Fake::default().put(new_group(1));
        let (mut status, mut spec) = (old.clone(), old.clone());
        status.status_mut().ready_replicas = Some(1);
        spec.meta_mut().generation = Some(2);
        let [old, status, spec] = [old, status, spec].map(Object::into_any);
        assert_eq!(woken(None, Some(&old)), [group("rpc")]);
        assert_eq!(woken(Some(&old), None), [group("rpc")]);
        assert_eq!(woken(Some(&old), Some(&spec)), [group("rpc")]);
        assert_eq!(woken(Some(&old), Some(&status)), []);
        assert_eq!(woken(Some(&old), Some(&old)), [], "a resync is dropped");
    }

    #[test]
    fn a_node_is_not_woken_by_its_own_status_but_its_group_is_by_the_phase() {
        let old = child();
        let (mut address, mut phase, mut spec) = (old.clone(), old.clone(), old.clone());
        address.status_mut().external_address = Some("1.2.3.4:26656".into());
        phase.status_mut().phase = Some(NodePhase::Running);
        spec.meta_mut().generation = Some(2);
        let [old, address, phase, spec] = [old, address, phase, spec].map(Object::into_any);
        assert_eq!(woken(None, Some(&old)), [node("solo"), group("rpc")]);
        assert_eq!(woken(Some(&old), None), [node("solo"), group("rpc")]);
        assert_eq!(woken(Some(&old), Some(&spec)), [node("solo"), group("rpc")]);
        assert_eq!(woken(Some(&old), Some(&phase)), [group("rpc")]);
        assert_eq!(woken(Some(&old), Some(&address)), []);
        assert_eq!(woken(Some(&old), Some(&old)), [], "a resync is dropped");
    }

    #[test]
    fn a_node_deleted_and_created_again_behind_the_caches_back_is_an_update() {
        let old = child();
        let mut new = old.clone();
        new.meta_mut().uid = Some(uuid::Uuid::from_u128(77));
        let [old, new] = [old, new].map(Object::into_any);
        assert_eq!(woken(Some(&old), Some(&new)), []);
        assert_eq!(woken_by(Namesake::WaitedFor, Some(&old), Some(&new)), [node("solo"), group("rpc")], "unless namesakes are known apart");
        assert_eq!(woken_by(Namesake::WaitedFor, Some(&old), Some(&old)), [], "a resync is dropped");
    }

    #[test]
    fn any_change_of_what_a_node_owns_wakes_it_and_so_does_a_resync() {
        let of_node = owner::<SeiNode>("solo");
        for object in [
            owned::<StatefulSet>(of_node.clone()),
            owned::<Job>(of_node.clone()),
            owned::<Service>(of_node.clone()),
            owned::<PersistentVolumeClaim>(of_node),
        ] {
            assert_eq!(woken(None, Some(&object)), [node("solo")]);
            assert_eq!(woken(Some(&object), Some(&object)), [node("solo")]);
            assert_eq!(woken(Some(&object), None), [node("solo")]);
        }
    }

    #[test]
    fn a_group_is_woken_by_the_service_it_owns() {
        let service = owned::<Service>(owner::<SeiNodeDeployment>("rpc"));
        assert_eq!(woken(Some(&service), Some(&service)), [group("rpc")]);
    }

    #[test]
    fn an_owner_that_is_no_controller_is_not_woken() {
        let loose = OwnerRef { controller: false, ..owner::<SeiNode>("solo") };
        assert_eq!(woken(None, Some(&owned::<Job>(loose))), []);
    }

    #[test]
    fn a_change_of_owner_wakes_both() {
        let (old, new) = (owned::<Job>(owner::<SeiNode>("a")), owned::<Job>(owner::<SeiNode>("b")));
        assert_eq!(woken(Some(&old), Some(&new)), [node("a"), node("b")]);
    }
}
