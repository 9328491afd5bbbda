//! The API server: one store, one version counter, and the rules by which requests change it.
//!
//! A request is first *decided*, which is pure: the [`Effect`] it would have, or why it is refused. Then the effect is *carried out*:
//! uids, names and addresses are given, the version rises, and the change is put down for whoever watches. Deciding without carrying
//! out is how the world learns that a call changes nothing.

mod addresses;
mod apply;
mod carry_out;
mod defaults;
mod delete;
mod difference;
mod dry_run;
mod evict;
mod fields;
mod foresight;
mod history;
mod immutable;
mod patch;
mod patch_json;
mod read;
mod refusal;
mod table;
mod unmodelled;
mod validation;
mod write;

pub(crate) use delete::{FOREGROUND, ORPHAN};
pub use refusal::unreadable;
pub(crate) use table::Table;

use crate::Context;
use crate::boundary::{Actor, Answer, Output, Part, Preview, Request, StoreChange, Verb};
use crate::by_kind::ByKind;
use crate::profile::ClusterProfile;
use api::memo::is_spot_checked;
use api::meta::selects;
use api::{AnyObject, Kind, KindInfo, Labels, Meta, Object, ObjectKey, ResourceVersion, Time};
use apply::Apply;
use delete::Grace;
use fields::Managers;
use foresight::Foresight;
use history::History;
use ports::{ApiError, DeleteOptions};
use refusal::Refusal;
use simcore::SimTime;
use std::collections::VecDeque;
use std::sync::Arc;
use uuid::Uuid;

/// The API server with everything it stores.
#[derive(Clone)]
pub(crate) struct Server {
    profile: Arc<ClusterProfile>,
    /// Wall time at [`SimTime::ZERO`].
    epoch: Time,
    tables: ByKind<Table<Stored>>,
    /// The version of the last write to anything.
    version: u64,
    /// How many cluster addresses have been given out.
    next_address: u32,
    next_node_port: i32,
    /// Changes that nobody has been told of yet.
    changes: VecDeque<Arc<StoreChange>>,
    history: History,
    foresight: Foresight,
}

/// An object with its field managers.
#[derive(Clone)]
struct Stored {
    object: AnyObject,
    managers: Arc<Managers>,
}

/// What a write does to the field managers of an object.
#[derive(Clone)]
enum Claim {
    /// Nothing.
    Kept,
    /// Whoever wrote owns what is new in this part.
    Written(Part),
    /// They are these from now on.
    Settled(Arc<Managers>),
}

/// What a request does to the store.
#[derive(Clone)]
enum Effect {
    /// Nothing: this is the answer.
    Nothing(Vec<AnyObject>),
    /// A new object. Its name may still have to be generated.
    Create { new: AnyObject, claim: Claim },
    /// An object becomes this.
    Replace { new: AnyObject, claim: Claim },
    /// An object goes; this is how it last was.
    Remove(AnyObject),
    /// Several, each on an object of its own.
    Several { effects: Vec<Effect>, answer: Vec<AnyObject> },
}

impl Server {
    /// An empty store.
    pub fn new(profile: Arc<ClusterProfile>, epoch: Time) -> Self {
        Self {
            profile,
            epoch,
            tables: ByKind::default(),
            version: 0,
            next_address: 0,
            next_node_port: addresses::FIRST_NODE_PORT,
            changes: VecDeque::new(),
            history: History::default(),
            foresight: Foresight::default(),
        }
    }

    /// The wall clock, in whole seconds as on the wire.
    pub fn wall(&self, now: SimTime) -> Time {
        self.epoch.plus_seconds(now.seconds())
    }

    /// The version of the last write to anything.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The object under the key.
    pub fn object(&self, info: &KindInfo, key: &ObjectKey) -> Option<&AnyObject> {
        self.stored(info, key).map(|stored| &stored.object)
    }

    /// `metadata.managedFields` of a stored object, without times.
    pub fn managed_fields(&self, info: &KindInfo, key: &ObjectKey) -> Option<serde_json::Value> {
        self.stored(info, key).map(|stored| stored.managers.to_wire(&stored.object))
    }

    fn stored(&self, info: &KindInfo, key: &ObjectKey) -> Option<&Stored> {
        self.tables.of(info).get(key)
    }

    /// The object under the key, with its types.
    pub fn typed<K: Kind>(&self, key: &ObjectKey) -> Option<Object<K>> {
        self.object(&K::INFO, key)?.typed()
    }

    /// All objects of a kind, by namespace and name.
    pub fn objects(&self, info: &KindInfo) -> impl Iterator<Item = &AnyObject> {
        self.tables.of(info).iter().map(|stored| &stored.object)
    }

    /// All objects of all kinds, by kind, namespace and name.
    pub fn all(&self) -> impl Iterator<Item = &AnyObject> {
        self.tables.iter().flat_map(|(_, table)| table.iter()).map(|stored| &stored.object)
    }

    /// The same by the kind's name.
    pub fn of_kind_named(&self, kind: &str) -> impl Iterator<Item = &AnyObject> {
        self.tables.named(kind).into_iter().flat_map(Table::iter).map(|stored| &stored.object)
    }

    /// The object under the key by the kind's name.
    pub fn of_kind_at(&self, kind: &str, key: &ObjectKey) -> Option<&AnyObject> {
        Some(&self.tables.named(kind)?.get(key)?.object)
    }

    /// All objects of kind `K`, by namespace and name.
    pub fn of_kind<K: Kind>(&self) -> impl Iterator<Item = &AnyObject> {
        self.objects(&K::INFO)
    }

    /// The objects of kind `K` in a namespace, by name.
    pub fn within<K: Kind>(&self, namespace: &str) -> impl Iterator<Item = &AnyObject> {
        self.tables.of(&K::INFO).within(namespace).map(|stored| &stored.object)
    }

    /// The objects of a kind in a namespace (in all, if it is empty) whose labels satisfy the selector, by name.
    pub fn labelled<'a>(&'a self, info: &KindInfo, namespace: &'a str, selector: &'a Labels) -> impl Iterator<Item = &'a AnyObject> {
        let objects = self.tables.of(info).within(namespace);
        objects.map(|stored| &stored.object).filter(move |object| selects(selector, &object.meta.labels))
    }

    /// What the request would do now.
    pub fn preview(&mut self, now: SimTime, request: &Request) -> Preview {
        if let Request::Apply { manager, object } = request
            && !self.is_missing(object.info)
            && let Some(answer) = self.standing_apply(manager, object)
        {
            let stands = || matches!(self.decide(now, request), Ok(Effect::Nothing(found)) if found == [answer.clone()]);
            debug_assert!(!is_spot_checked() || stands(), "{request:?}");
            return Preview::Unchanged(Ok(vec![answer]));
        }
        let decision = self.decide(now, request);
        if let Ok(effect @ (Effect::Create { .. } | Effect::Replace { .. } | Effect::Remove(_))) = &decision {
            self.foresee(request, effect);
        }
        match decision {
            Ok(Effect::Nothing(_)) if matches!(request.verb(), Verb::Delete | Verb::Evict) => Preview::Unchanged(Ok(Vec::new())),
            Ok(Effect::Nothing(answer)) => Preview::Unchanged(Ok(answer)),
            Err(Refusal::Api(error)) => Preview::Unchanged(Err(error)),
            Ok(_) | Err(Refusal::Unmodelled(_)) => Preview::Effective,
        }
    }

    /// Carries the request out, under the same rules for everyone.
    pub fn perform(&mut self, cx: &mut Context<'_>, request: Request, actor: Actor) -> Answer {
        let foreseen = self.foreseen(cx.now, &request);
        let decision = foreseen.map_or_else(|| self.decide(cx.now, &request), Ok);
        let answer = self.answer(cx, decision, actor)?;
        Ok(if matches!(request.verb(), Verb::Delete | Verb::Evict) { Vec::new() } else { answer })
    }

    /// Puts an object down that was there before the world began: nobody is told. Its uid is the same in every world, and its version is 0:
    /// versions count the writes from the world's first one on.
    pub fn furnish(&mut self, object: AnyObject) {
        let (info, key) = (object.info, object.meta.key.clone());
        let kind = info.kind;
        let uid = Uuid::from_u64_pair(simcore::stable_hash(&(kind, &key, "high")), simcore::stable_hash(&(kind, &key, "low")));
        let resource_version = Some(ResourceVersion(0));
        let meta = Meta { uid: Some(uid), created: Some(self.epoch), resource_version, ..Meta::clone(&object.meta) };
        let stored = Stored { object: AnyObject { meta: Arc::new(meta), ..object }, managers: Arc::default() };
        self.tables.of_mut(info).insert(&key, stored);
    }

    /// Ends the grace period of an object, as a kubelet does with a pod whose processes are gone. Finalizers still hold it.
    pub fn remove_now(&mut self, cx: &mut Context<'_>, info: &'static KindInfo, key: &ObjectKey, actor: &'static str) {
        let decision = self.decide_delete(cx.now, info, key, DeleteOptions::default(), Grace::Over);
        // Someone else may have removed it first; then there is nothing left to do.
        let _ = self.answer(cx, decision, Actor::System(actor));
    }

    /// The next change that nobody has been told of.
    pub fn next_change(&mut self) -> Option<Arc<StoreChange>> {
        self.changes.pop_front()
    }

    /// Whether the kind's definition is not installed.
    fn is_missing(&self, info: &KindInfo) -> bool {
        info.custom && self.profile.missing_kinds.contains(info.kind)
    }

    fn decide(&self, now: SimTime, request: &Request) -> Result<Effect, Refusal> {
        let info = request.info();
        if self.is_missing(info) {
            return Err(ApiError::NoSuchKind(format!("{:?} in version {:?}", info.kind, info.api_version).into()).into());
        }
        match request {
            Request::Get { info, key } => self.decide_get(info, key),
            Request::List { info, namespace, selector } => self.decide_list(info, namespace, selector),
            Request::Create(object) => self.decide_create(object, Claim::Written(Part::Main)),
            Request::Update(object) => self.decide_update(object),
            Request::Patch { base, desired, precondition } => self.decide_patch(base, desired, *precondition),
            Request::PatchStatus { base, desired, precondition } => self.decide_patch_status(base, desired, *precondition),
            Request::Apply { manager, object } => self.decide_apply(manager, object),
            Request::Evict { key } => self.decide_evict(now, key),
            Request::Delete { info, key, options } => self.decide_delete(now, info, key, *options, Grace::Default),
            Request::Select { info, namespace, selector } => self.decide_select(info, namespace, selector),
            Request::UpdateStatus(object) => self.decide_update_status(object),
            Request::PatchJson { info, key, part, body } => self.decide_patch_json(info, key, *part, body),
            Request::ApplyJson { info, key, part, manager, body, force } => {
                self.decide_apply_json(&Apply { info, key, part: *part, manager, body, force: *force })
            }
            Request::DeleteCollection { info, namespace, selector, options } => {
                self.decide_delete_collection(now, info, namespace, selector, *options)
            }
            Request::DryRun(request) => self.without_effect(now, self.decide(now, request)?),
        }
    }

    fn answer(&mut self, cx: &mut Context<'_>, decision: Result<Effect, Refusal>, actor: Actor) -> Answer {
        match decision {
            Ok(effect) => self.carry_out(cx, effect, actor),
            Err(Refusal::Api(error)) => Err(error),
            Err(Refusal::Unmodelled(what)) => {
                let error = ApiError::Internal(format!("not modelled: {what}").into());
                cx.tell(Output::Unmodelled(what));
                Err(error)
            }
        }
    }
}
