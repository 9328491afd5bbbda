//! From bytes to trees: the one place that meets raw input, and so the one that bounds it.
//!
//! The parser delivers events, so that neither it nor this module recurses into the input; depth, size and what aliases unfold to are
//! limited before anything else looks at the tree.

use crate::problem::{Findings, Problems};
use crate::scalar;
use crate::tree::{Content, Entry, Mark, Span, Tree};
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The largest file that is read, in bytes. The largest object that etcd stores is 1.5 MiB.
pub const MAX_BYTES: usize = 1 << 20;
/// The deepest nesting of lists and objects that is read.
pub const MAX_DEPTH: usize = 64;
/// The longest key, in bytes; the longest that Kubernetes knows, a label's, has 317.
const MAX_KEY: usize = 1024;
/// What all values may weigh once aliases are unfolded: a text its bytes, every value 8 more. No file without aliases gets there.
const MAX_WEIGHT: usize = 8 * MAX_BYTES;

/// The text of a file, if it is one that can be read at all.
pub(crate) fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Problems> {
    if bytes.len() > MAX_BYTES {
        return Err(Problems::of_file(file, format!("expected a file of at most {MAX_BYTES} bytes, found {} bytes", bytes.len())));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
        Problems::of_file(file, format!("expected text in UTF-8, found other bytes in line {line}"))
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The documents of a text, empty ones left out.
pub(crate) fn documents(file: &str, text: &str) -> Result<Vec<Tree>, Problems> {
    let mut loader =
        Loader { findings: Findings::new(file, text), open: Vec::new(), documents: Vec::new(), anchors: BTreeMap::new(), weight: 0 };
    loader.run(Parser::new_from_str(text));
    let Loader { findings, mut documents, .. } = loader;
    documents.retain(|tree| !matches!(tree.content, Content::Scalar(Value::Null)));
    findings.or_else(documents)
}

/// A list or an object that has begun and not ended.
struct Open {
    start: Mark,
    anchor: usize,
    weight_before: usize,
    body: Body,
}

enum Body {
    Sequence(Vec<Tree>),
    Mapping { entries: Vec<Entry>, keys: BTreeSet<String>, key: Option<(String, Span)> },
}

struct Loader<'a> {
    findings: Findings<'a>,
    open: Vec<Open>,
    documents: Vec<Tree>,
    /// Anchored values and what they weigh.
    anchors: BTreeMap<usize, (Tree, usize)>,
    weight: usize,
}

impl<'a> Loader<'a> {
    fn run(&mut self, mut parser: Parser<'a, saphyr_parser::StrInput<'a>>) {
        while let Some(next) = parser.next_event() {
            let (event, span) = match next {
                Ok((event, span)) => (event, Span { start: mark(span.start), end: span.end.index() }),
                Err(error) => {
                    let start = mark(*error.marker());
                    // The parser's own limit, of 255 brackets, may be met first: it reads ahead.
                    let is_deep = error.info().contains("recursion limit");
                    let message = if is_deep { too_deep() } else { format!("expected YAML: {}", error.info()) };
                    self.findings.add(Span { start, end: start.index }, "", message);
                    return;
                }
            };
            if matches!(event, Event::StreamEnd) || self.take(event, span).is_err() {
                return;
            }
        }
    }

    /// `Err` if nothing more can be made of the file.
    fn take(&mut self, event: Event<'a>, span: Span) -> Result<(), Stop> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), span),
            Event::SequenceStart(anchor, tag) => self.begin(anchor, tag, span, Body::Sequence(Vec::new())),
            Event::MappingStart(anchor, tag) => {
                self.begin(anchor, tag, span, Body::Mapping { entries: Vec::new(), keys: BTreeSet::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => Ok(()),
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, tag: Option<&Tag>, span: Span) -> Result<(), Stop> {
        let is_text = style != ScalarStyle::Plain || tag.is_some_and(|tag| is_core(tag, "str"));
        self.check_tag(tag, &["str", "int", "float", "bool", "null", "timestamp"], span);
        let value = if is_text { Some(Value::String(text.to_owned())) } else { scalar::resolve(text) };
        let value = value.unwrap_or_else(|| {
            self.findings.add(span, self.path(), format!("expected a finite number, found {text}"));
            Value::Null
        });
        self.weigh(8 + text.len(), span)?;
        let tree = Tree { span, content: Content::Scalar(value) };
        self.keep(anchor, &tree, 8 + text.len())?;
        self.place(tree)
    }

    fn begin(&mut self, anchor: usize, tag: Option<Cow<'_, Tag>>, span: Span, body: Body) -> Result<(), Stop> {
        self.check_tag(tag.as_deref(), &["seq", "map"], span);
        if self.expects_key() {
            self.findings.add(span, self.path(), "expected a text as key, found a list or an object");
            return Err(Stop);
        }
        if self.open.len() == MAX_DEPTH {
            self.findings.add(span, "", too_deep());
            return Err(Stop);
        }
        self.open.push(Open { start: span.start, anchor, weight_before: self.weight, body });
        self.weigh(8, span)
    }

    fn end(&mut self, span: Span) -> Result<(), Stop> {
        let Some(open) = self.open.pop() else { return Err(Stop) };
        let content = match open.body {
            Body::Sequence(items) => Content::Sequence(items),
            Body::Mapping { entries, .. } => Content::Mapping(entries),
        };
        let tree = Tree { span: Span { start: open.start, end: span.end.max(open.start.index) }, content };
        self.keep(open.anchor, &tree, self.weight - open.weight_before)?;
        self.place(tree)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Stop> {
        let Some((tree, weight)) = self.anchors.get(&anchor) else {
            self.findings.add(span, self.path(), "expected an alias of a value that has ended before");
            return Err(Stop);
        };
        let (tree, weight) = (Tree { span, content: tree.content.clone() }, *weight);
        if self.open.len() + tree.depth() > MAX_DEPTH {
            self.findings.add(span, self.path(), too_deep());
            return Err(Stop);
        }
        self.weigh(weight, span)?;
        self.place(tree)
    }

    /// Remembers an anchored value; the copy weighs what it weighs.
    fn keep(&mut self, anchor: usize, tree: &Tree, weight: usize) -> Result<(), Stop> {
        if anchor > 0 {
            self.weigh(weight, tree.span)?;
            self.anchors.insert(anchor, (tree.clone(), weight));
        }
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn place(&mut self, tree: Tree) -> Result<(), Stop> {
        match self.open.last_mut().map(|open| &mut open.body) {
            None => self.documents.push(tree),
            Some(Body::Sequence(items)) => items.push(tree),
            Some(Body::Mapping { entries, keys, key }) => match key.take() {
                Some((key, span)) => {
                    if keys.insert(key.clone()) {
                        entries.push(Entry { key, span, value: tree });
                    } else {
                        let path = crate::tree::field(&self.path(), &key);
                        self.findings.add(span, path, "expected each field once, found it a second time");
                    }
                }
                None => match tree.content {
                    Content::Scalar(Value::String(text)) if text.len() <= MAX_KEY => *key = Some((text, tree.span)),
                    Content::Scalar(Value::String(_)) => {
                        self.findings.add(tree.span, self.path(), format!("expected a key of at most {MAX_KEY} bytes"));
                        return Err(Stop);
                    }
                    _ => {
                        let found = "expected a text as key; one that reads as a number, a boolean or null needs quotes";
                        self.findings.add(tree.span, self.path(), found);
                        return Err(Stop);
                    }
                },
            },
        }
        Ok(())
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last().map(|open| &open.body), Some(Body::Mapping { key: None, .. }))
    }

    fn weigh(&mut self, weight: usize, span: Span) -> Result<(), Stop> {
        self.weight += weight;
        if self.weight <= MAX_WEIGHT {
            return Ok(());
        }
        self.findings.add(span, self.path(), "expected fewer values: aliases unfold to too many");
        Err(Stop)
    }

    fn check_tag(&mut self, tag: Option<&Tag>, known: &[&str], span: Span) {
        if let Some(tag) = tag
            && !known.iter().any(|name| is_core(tag, name))
        {
            self.findings.add(span, self.path(), format!("expected no tag, found {}{}", tag.handle, tag.suffix));
        }
    }

    /// The path of what is being read.
    fn path(&self) -> String {
        let mut path = String::new();
        for open in &self.open {
            path = match &open.body {
                Body::Sequence(items) => crate::tree::item(&path, items.len()),
                Body::Mapping { key: Some((key, _)), .. } => crate::tree::field(&path, key),
                Body::Mapping { key: None, .. } => path,
            };
        }
        path
    }
}

/// Nothing more can be made of the file; why has been found already.
struct Stop;

fn too_deep() -> String {
    format!("expected lists and objects nested at most {MAX_DEPTH} deep")
}

fn is_core(tag: &Tag, name: &str) -> bool {
    tag.is_yaml_core_schema() && tag.suffix == name
}

fn mark(marker: saphyr_parser::Marker) -> Mark {
    Mark { line: marker.line(), column: marker.col() + 1, index: marker.index() }
}
