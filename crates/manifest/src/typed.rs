//! Reading any serde type from YAML, with problems that name line and field.

use crate::load;
use crate::problem::{Findings, Problems};
use crate::tree::{self, Tree};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

/// Where the fields of a parsed document stand.
#[derive(Clone, Debug)]
pub struct Positions {
    tree: Tree,
}

impl Positions {
    /// Line and column, both from 1, of the field at a path such as `timeline[2].at`; of the innermost field around it if it is absent.
    pub fn of(&self, path: &str) -> (usize, usize) {
        let start = self.tree.field_span(path).start;
        (start.line, start.column)
    }

    /// Whether the file has a field at this path.
    pub fn has(&self, path: &str) -> bool {
        self.tree.at(path).is_some()
    }
}

/// Reads a file of one YAML document.
///
/// # Errors
/// Everything that is wrong with the file, as far as it can be told at once: all unknown fields, or the first value that does not fit.
pub fn parse<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<(T, Positions), Problems> {
    let text = load::text(file, bytes)?;
    let tree = single(file, text)?;
    let mut findings = Findings::new(file, text);
    let read = from_value(tree.to_json(), "", &tree, &mut findings);
    match read {
        Some(value) => findings.or_else((value, Positions { tree })),
        None => Err(findings.into_problems()),
    }
}

/// The one document of a text.
pub(crate) fn single(file: &str, text: &str) -> Result<Tree, Problems> {
    let mut trees = load::documents(file, text)?.into_iter();
    let Some(tree) = trees.next() else { return Err(Problems::of_file(file, "expected a YAML document, found none")) };
    let Some(second) = trees.next() else { return Ok(tree) };
    let mut findings = Findings::new(file, text);
    findings.add(second.span, "", "expected one YAML document, found a second one");
    Err(findings.into_problems())
}

/// Deserialises the value that stands at `base` of the tree. `None` if it does not fit; then there is a finding.
pub(crate) fn from_value<T: DeserializeOwned>(mut value: Value, base: &str, tree: &Tree, findings: &mut Findings<'_>) -> Option<T> {
    loop {
        let error = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(read) => return Some(read),
            Err(error) => error,
        };
        let (path, steps) = locate(&error, base, tree);
        let message = error.inner().to_string();
        let unknown = matches!(steps.last(), Some(Step::Key(key)) if message.starts_with(&format!("unknown field `{key}`")));
        if !unknown {
            findings.add_value(tree, &path, message);
            return None;
        }
        findings.add_field(tree, &path, message);
        if !remove(&mut value, &steps) {
            return None;
        }
    }
}

/// One step into a value.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Index(usize),
}

/// The path of what a deserialiser complained about, as text and as steps from `base`.
fn locate(error: &serde_path_to_error::Error<serde_json::Error>, base: &str, tree: &Tree) -> (String, Vec<Step>) {
    let (mut path, mut steps) = (base.to_owned(), Vec::new());
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => {
                path = tree::item(&path, *index);
                steps.push(Step::Index(*index));
            }
            Segment::Map { key } | Segment::Enum { variant: key } => {
                let inner = tree::field(&path, key);
                // The variant of an enum is a key of the file only if it carries something.
                if matches!(segment, Segment::Map { .. }) || tree.at(&inner).is_some() {
                    path = inner;
                    steps.push(Step::Key(key.clone()));
                }
            }
            Segment::Unknown => break,
        }
    }
    (path, steps)
}

/// Removes what the last step leads to, so that reading can go on without it.
fn remove(value: &mut Value, steps: &[Step]) -> bool {
    let Some((Step::Key(last), before)) = steps.split_last() else { return false };
    let mut here = value;
    for step in before {
        let next = match step {
            Step::Key(key) => here.get_mut(key),
            Step::Index(index) => here.get_mut(index),
        };
        let Some(next) = next else { return false };
        here = next;
    }
    here.as_object_mut().is_some_and(|object| object.remove(last).is_some())
}
