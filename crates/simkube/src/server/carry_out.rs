//! Carrying an effect out: what only the server can give is given, the version rises, the change is put down.

use super::fields::{Managers, manager_of};
use super::refusal::already_exists;
use super::{Claim, Effect, Server, Stored, addresses, defaults};
use crate::Context;
use crate::boundary::{Actor, Answer, Part, StoreChange};
use api::kinds::Pod;
use api::object::same_section;
use api::{AnyObject, Meta, Object, ObjectKey, ResourceVersion};
use std::sync::Arc;

/// The letters of generated names: no vowels, no look-alikes.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
/// How long the given part of a generated name may be: five letters fit a label behind it.
const LONGEST_BASE: usize = 58;
/// How often a create draws another name when the last was taken.
const NAME_ATTEMPTS: usize = 8;

impl Server {
    /// Carries out what was decided.
    pub(super) fn carry_out(&mut self, cx: &mut Context<'_>, effect: Effect, actor: Actor) -> Answer {
        match effect {
            Effect::Nothing(answer) => Ok(answer),
            Effect::Create { new, claim } => self.create(cx, new, claim, actor),
            Effect::Replace { new, claim } => Ok(vec![self.replace(new, claim, actor)]),
            Effect::Remove(last) => Ok(vec![self.remove(last, actor)]),
            Effect::Several { effects, answer } => {
                for effect in effects {
                    self.carry_out(cx, effect, actor)?;
                }
                Ok(answer)
            }
        }
    }

    fn create(&mut self, cx: &mut Context<'_>, mut new: AnyObject, claim: Claim, actor: Actor) -> Answer {
        let key = self.name_for(cx, &new);
        if self.object(new.info, &key).is_some() {
            return Err(already_exists(new.info, &key, false));
        }
        let uid = cx.luck.uuid("uid", &(new.info.kind, &key));
        let meta = Meta {
            key,
            uid: Some(uid),
            generation: new.info.has_generation.then_some(1),
            created: Some(self.wall(cx.now)),
            ..Meta::clone(&new.meta)
        };
        new.meta = Arc::new(meta);
        // What the server itself gives from here on is nobody's.
        let managers = match claim {
            Claim::Settled(managers) => managers,
            Claim::Written(_) | Claim::Kept => {
                let mut managers = Managers::default();
                managers.note(manager_of(actor), Part::Main, None, &new);
                Arc::new(managers)
            }
        };
        defaults::bind_to_uid(&mut new, uid);
        addresses::allocate(&mut self.next_address, &mut self.next_node_port, &mut new);
        Arc::make_mut(&mut new.meta).resource_version = Some(self.next_version());
        let stored = Stored { object: new.clone(), managers };
        self.tables.of_mut(new.info).insert(&new.meta.key, stored);
        self.record(StoreChange { old: None, new: Some(new.clone()), actor });
        Ok(vec![new])
    }

    /// POST of the `/binding` of a pod that has just been read: nothing but its machine changes, and nothing else is looked at.
    pub fn bind(&mut self, pod: &Object<Pod>, machine: String, actor: &'static str) -> Object<Pod> {
        let mut bound = pod.clone();
        bound.spec_mut().node_name = Some(machine);
        let bound = self.replace(bound.into_any(), Claim::Written(Part::Main), Actor::System(actor));
        bound.typed().expect("a pod is a pod")
    }

    /// The name that was asked for, or one that is generated.
    fn name_for(&self, cx: &mut Context<'_>, new: &AnyObject) -> ObjectKey {
        let mut key = new.meta.key.clone();
        let Some(base) = new.meta.generate_name.as_deref().filter(|_| key.name.is_empty()) else {
            return key;
        };
        let base: String = base.chars().take(LONGEST_BASE).collect();
        for _ in 0..NAME_ATTEMPTS {
            let mut name = base.clone();
            for _ in 0..5 {
                let letter = cx.luck.below("generated name", &(new.info.kind, &key.namespace, &base), LETTERS.len() as u64);
                name.push(char::from(LETTERS[letter as usize]));
            }
            key.name = name.into();
            if self.object(new.info, &key).is_none() {
                break;
            }
        }
        key
    }

    fn replace(&mut self, mut new: AnyObject, claim: Claim, actor: Actor) -> AnyObject {
        addresses::allocate(&mut self.next_address, &mut self.next_node_port, &mut new);
        let version = self.next_version();
        let table = self.tables.of_mut(new.info).get_mut(&new.meta.key);
        let stored = table.expect("a decision to replace was made on what is stored");
        raise_generation(&stored.object, &mut new);
        Arc::make_mut(&mut new.meta).resource_version = Some(version);
        let old = std::mem::replace(&mut stored.object, new.clone());
        match claim {
            Claim::Kept => {}
            Claim::Settled(managers) => stored.managers = managers,
            Claim::Written(part) => Arc::make_mut(&mut stored.managers).note(manager_of(actor), part, Some(&old), &new),
        }
        self.record(StoreChange { old: Some(old), new: Some(new.clone()), actor });
        new
    }

    fn remove(&mut self, mut last: AnyObject, actor: Actor) -> AnyObject {
        Arc::make_mut(&mut last.meta).resource_version = Some(self.next_version());
        self.tables.of_mut(last.info).remove(&last.meta.key);
        self.record(StoreChange { old: Some(last.clone()), new: None, actor });
        last
    }

    /// Puts a change down for whoever watches.
    fn record(&mut self, change: StoreChange) {
        self.history.note(&change);
        self.changes.push_back(Arc::new(change));
    }

    fn next_version(&mut self) -> ResourceVersion {
        self.version += 1;
        ResourceVersion(self.version)
    }
}

/// What is desired has changed, or the object is no longer desired at all.
pub(super) fn raise_generation(old: &AnyObject, new: &mut AnyObject) {
    let deleting = old.meta.deleting.is_none() && new.meta.deleting.is_some();
    if new.info.has_generation && (deleting || !same_section(&old.spec, &new.spec)) {
        let meta = Arc::make_mut(&mut new.meta);
        meta.generation = meta.generation.map(|generation| generation + 1);
    }
}
