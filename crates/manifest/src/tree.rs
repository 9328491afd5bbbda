//! A YAML document whose every field knows its place in the text.
//!
//! The rest of the crate works on plain JSON values and field paths; when something is wrong with a path, the tree says where it stands.
//! A path names keys and positions as Kubernetes' own messages do: `spec.peers[0].ec2Tags.region`.

use serde_json::{Map, Value};

/// A position in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// In characters from the start of the text, from 0.
    pub index: usize,
}

/// A stretch of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Its first character.
    pub start: Mark,
    /// The index behind its last character.
    pub end: usize,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub content: Content,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Null, a boolean, a number or a text.
    Scalar(Value),
    /// A list.
    Sequence(Vec<Tree>),
    /// An object, in the order of the file, its keys unique.
    Mapping(Vec<Entry>),
}

/// A field of an object.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its key.
    pub key: String,
    /// Where the key stands.
    pub span: Span,
    /// Its value.
    pub value: Tree,
}

impl Tree {
    /// The value without places.
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::Sequence(items) => items.iter().map(Self::to_json).collect(),
            Content::Mapping(entries) => {
                Value::Object(entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect::<Map<_, _>>())
            }
        }
    }

    /// How many lists and objects lie within each other at most.
    pub fn depth(&self) -> usize {
        match &self.content {
            Content::Scalar(_) => 0,
            Content::Sequence(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Content::Mapping(entries) => 1 + entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0),
        }
    }

    /// The value at a path, if it is there.
    pub fn at(&self, path: &str) -> Option<&Tree> {
        let found = self.find(path);
        found.rest.is_empty().then_some(found.tree)
    }

    /// Where the value at a path stands; where that is absent, the innermost field around it.
    pub fn value_span(&self, path: &str) -> Span {
        let found = self.find(path);
        match (&found.tree.content, found.key) {
            (Content::Mapping(_) | Content::Sequence(_), Some(key)) => key,
            _ if !found.rest.is_empty() => found.key.unwrap_or(found.tree.span),
            _ => found.tree.span,
        }
    }

    /// Where the key of a path stands; for list items, the item; where it is absent, the innermost field around it.
    pub fn field_span(&self, path: &str) -> Span {
        let found = self.find(path);
        found.key.unwrap_or(found.tree.span)
    }

    /// Follows a path as far as it leads. Where keys contain dots the longest that fits is taken.
    fn find<'t, 'p>(&'t self, path: &'p str) -> Lookup<'t, 'p> {
        let mut here = Lookup { tree: self, key: None, rest: path };
        while let Some(next) = here.tree.step(here.rest) {
            here = next;
        }
        here
    }

    fn step<'t, 'p>(&'t self, path: &'p str) -> Option<Lookup<'t, 'p>> {
        match &self.content {
            Content::Scalar(_) => None,
            Content::Sequence(items) => {
                let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
                Some(Lookup { tree: items.get(index.parse::<usize>().ok()?)?, key: None, rest })
            }
            Content::Mapping(entries) => {
                let path = path.strip_prefix('.').unwrap_or(path);
                let fits =
                    |entry: &&Entry| path.strip_prefix(&*entry.key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
                let entry = entries.iter().filter(fits).max_by_key(|entry| entry.key.len()).filter(|_| !path.is_empty())?;
                Some(Lookup { tree: &entry.value, key: Some(entry.span), rest: &path[entry.key.len()..] })
            }
        }
    }
}

/// How far a path led.
struct Lookup<'t, 'p> {
    tree: &'t Tree,
    /// The key under which `tree` stands, unless it is a document or a list item.
    key: Option<Span>,
    rest: &'p str,
}

/// The path of a field of the object at `path`.
pub(crate) fn field(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The path of an item of the list at `path`.
pub(crate) fn item(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}
