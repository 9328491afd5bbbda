//! Carrying an effect out: what only the server can give is given, the version rises, the change is put down.

use super::apply::{Applied, note_result};
use super::refusal::already_exists;
use super::{Effect, Server, Stored, addresses, defaults};
use crate::Context;
use crate::boundary::{Actor, Answer, StoreChange};
use api::object::same_section;
use api::{AnyObject, Meta, ObjectKey, ResourceVersion};
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
            Effect::Create { new, applied } => self.create(cx, new, applied, actor),
            Effect::Replace { new, applied } => Ok(vec![self.replace(new, applied, actor)]),
            Effect::Remove(last) => Ok(vec![self.remove(last, actor)]),
        }
    }

    fn create(&mut self, cx: &mut Context<'_>, mut new: AnyObject, applied: Arc<[Applied]>, actor: Actor) -> Answer {
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
        defaults::bind_to_uid(&mut new, uid);
        Ok(vec![self.put(None, new, applied, actor)])
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

    fn replace(&mut self, mut new: AnyObject, applied: Arc<[Applied]>, actor: Actor) -> AnyObject {
        let old = self.object(new.info, &new.meta.key).expect("a decision to replace was made on what is stored").clone();
        let deleting = old.meta.deleting.is_none() && new.meta.deleting.is_some();
        if new.info.has_generation && (deleting || !same_section(&old.spec, &new.spec)) {
            let meta = Arc::make_mut(&mut new.meta);
            meta.generation = meta.generation.map(|generation| generation + 1);
        }
        self.put(Some(old), new, applied, actor)
    }

    fn put(&mut self, old: Option<AnyObject>, mut new: AnyObject, mut applied: Arc<[Applied]>, actor: Actor) -> AnyObject {
        addresses::allocate(&mut self.next_address, &mut self.next_node_port, &mut new);
        Arc::make_mut(&mut new.meta).resource_version = Some(self.next_version());
        note_result(&mut applied, &new);
        let table = self.tables.entry(new.info.kind).or_default();
        table.insert(&new.meta.key, Stored { object: new.clone(), applied });
        self.changes.push_back(StoreChange { old, new: Some(new.clone()), actor });
        new
    }

    fn remove(&mut self, mut last: AnyObject, actor: Actor) -> AnyObject {
        Arc::make_mut(&mut last.meta).resource_version = Some(self.next_version());
        self.tables.entry(last.info.kind).or_default().remove(&last.meta.key);
        self.changes.push_back(StoreChange { old: Some(last.clone()), new: None, actor });
        last
    }

    fn next_version(&mut self) -> ResourceVersion {
        self.version += 1;
        ResourceVersion(self.version)
    }
}
