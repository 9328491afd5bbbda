//! The events of the recent past, for clients that watch from a resourceVersion.
//!
//! The informers of processes follow the store as it changes and need none of this, so nothing is kept until someone asks for it.
//!
//! Source: Kubernetes API Concepts, "Efficient detection of changes" and "Resource versions"; the watch cache's bounded window.

use super::Server;
use crate::boundary::{StoreChange, WatchEvent};
use crate::selector::Selector;
use api::{AnyObject, KindInfo};
use ports::ApiError;
use std::collections::{BTreeMap, VecDeque};

/// Recent changes by kind.
#[derive(Clone, Default)]
pub(super) struct History {
    /// How many changes of a kind are kept.
    window: usize,
    /// The version from which on changes are kept, of kinds that have lost none.
    since: u64,
    kinds: BTreeMap<&'static str, Window>,
}

/// Recent changes of one kind.
#[derive(Clone, Default)]
struct Window {
    changes: VecDeque<(Option<AnyObject>, Option<AnyObject>, u64)>,
    /// The version of the last change that is no longer kept.
    lost: u64,
}

impl History {
    /// Keeps a change, and lets go of the oldest of its kind.
    pub fn note(&mut self, change: &StoreChange) {
        if self.window == 0 {
            return;
        }
        let object = change.object();
        let version = object.meta.resource_version.map_or(0, |version| version.0);
        let window = self.kinds.entry(object.info.kind).or_default();
        window.changes.push_back((change.old.clone(), change.new.clone(), version));
        if window.changes.len() > self.window {
            window.lost = window.changes.pop_front().map_or(0, |(.., version)| version);
        }
    }
}

impl Server {
    /// Keeps the last `window` changes of each kind from now on.
    pub fn keep_history(&mut self, window: usize) {
        self.history = History { window, since: self.version, kinds: BTreeMap::new() };
    }

    /// WATCH from a version: the events after it, in the order of their versions. An object that comes to be selected shows as added, one
    /// that no longer is as deleted.
    pub fn watch(&self, info: &KindInfo, namespace: &str, selector: &Selector, version: u64) -> Result<Vec<WatchEvent>, ApiError> {
        let window = self.history.kinds.get(info.kind);
        let oldest = window.map_or(0, |window| window.lost).max(if self.history.window == 0 { self.version } else { self.history.since });
        if version < oldest {
            return Err(ApiError::Expired(format!("too old resource version: {version} ({oldest})").into()));
        }
        if version > self.version {
            // "Too large resource version": the server would wait for it, and it never comes.
            return Err(ApiError::Timeout);
        }
        let watched =
            |object: &AnyObject| (namespace.is_empty() || object.meta.namespace() == namespace) && selector.selects(&object.meta.labels);
        let changes = window.into_iter().flat_map(|window| &window.changes).filter(|(.., at)| *at > version);
        Ok(changes.filter_map(|(old, new, _)| event(old.as_ref(), new.as_ref(), watched)).collect())
    }
}

fn event(old: Option<&AnyObject>, new: Option<&AnyObject>, watched: impl Fn(&AnyObject) -> bool) -> Option<WatchEvent> {
    let before = old.filter(|old| watched(old));
    match (before, new.filter(|new| watched(new))) {
        (None, None) => None,
        (None, Some(new)) => Some(WatchEvent::Added(new.clone())),
        (Some(_), Some(new)) => Some(WatchEvent::Modified(new.clone())),
        // An object that is no longer selected comes with its last selected state, and with the version of the change that ended it.
        (Some(old), None) => {
            let mut last = old.clone();
            if let Some(new) = new {
                std::sync::Arc::make_mut(&mut last.meta).resource_version = new.meta.resource_version;
            }
            Some(WatchEvent::Deleted(last))
        }
    }
}
