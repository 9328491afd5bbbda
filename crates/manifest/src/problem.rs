//! What is wrong with a file, in a form that a person can act on: file, line, column, field and what was expected.

use crate::tree::{Span, Tree};
use crate::typed::Positions;
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// No more problems than these are told of one file; the rest is only counted.
const TOLD: usize = 100;

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file's name as it was given.
    pub file: String,
    /// The line, from 1; absent where the problem is one of the file as a whole.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
    /// The path of the field, such as `spec.template.spec.fullNode.snapshot`; empty for a whole document.
    pub field: String,
    /// What was expected, and what was found instead.
    pub message: String,
    /// Where it is in the text: byte offset and length.
    #[serde(skip)]
    span: Option<(usize, usize)>,
}

impl Problem {
    /// A problem of a file as a whole.
    pub(crate) fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, column: None, field: String::new(), message: message.into(), span: None }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, ":{line}:{column}")?;
        }
        match self.field.as_str() {
            "" => write!(f, ": {}", self.message),
            field => write!(f, ": {field}: {}", self.message),
        }
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (offset, length) = self.span?;
        Some(Box::new(std::iter::once(LabeledSpan::new(Some(self.message.clone()), offset, length))))
    }
}

/// Everything that is wrong with one file; never empty.
///
/// As an error it prints one line a problem. As a `miette` diagnostic it shows each in its surroundings.
#[derive(Debug)]
pub struct Problems {
    /// The problems in the order of the file, at most a hundred.
    pub list: Vec<Problem>,
    /// How many more there are.
    pub untold: usize,
    source: NamedSource<Arc<str>>,
}

impl Problems {
    /// A single problem with a field of a file that [`parse`](crate::parse) has read: what is wrong with its meaning.
    pub fn of_field(file: &str, positions: &Positions, field: &str, message: impl Into<String>) -> Self {
        let (line, column) = positions.of(field);
        let (file, field, message) = (file.to_owned(), field.to_owned(), message.into());
        let source = NamedSource::new(&file, Arc::from(""));
        let problem = Problem { file, line: Some(line), column: Some(column), field, message, span: None };
        Self { list: vec![problem], untold: 0, source }
    }

    /// A single problem of a file as a whole.
    pub(crate) fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self { list: vec![Problem::of_file(file, message)], untold: 0, source: NamedSource::new(file, Arc::from("")) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        match self.untold {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for Problems {}

impl Diagnostic for Problems {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.list.iter().map(|problem| problem as &dyn Diagnostic)))
    }
}

/// A problem that knows its place as the parser counts it.
#[derive(Debug)]
struct Found {
    span: Span,
    field: String,
    message: String,
}

/// Problems while they are being collected.
#[derive(Debug)]
pub(crate) struct Findings<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<Found>,
    untold: usize,
}

impl<'a> Findings<'a> {
    /// Nothing found yet.
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, found: Vec::new(), untold: 0 }
    }

    /// Adds a problem at a place.
    pub(crate) fn add(&mut self, span: Span, field: impl Into<String>, message: impl Into<String>) {
        if self.found.len() == TOLD {
            self.untold += 1;
        } else {
            self.found.push(Found { span, field: field.into(), message: message.into() });
        }
    }

    /// Adds a problem with the value of a field.
    pub(crate) fn add_value(&mut self, tree: &Tree, field: &str, message: impl Into<String>) {
        self.add(tree.value_span(field), field, message);
    }

    /// Adds a problem with a field itself, whatever its value.
    pub(crate) fn add_field(&mut self, tree: &Tree, field: &str, message: impl Into<String>) {
        self.add(tree.field_span(field), field, message);
    }

    /// How many problems there are.
    pub(crate) fn len(&self) -> usize {
        self.found.len() + self.untold
    }

    /// `value`, if nothing was found.
    pub(crate) fn or_else<T>(self, value: T) -> Result<T, Problems> {
        if self.found.is_empty() { Ok(value) } else { Err(self.into_problems()) }
    }

    /// What was found, in the order of the file.
    pub(crate) fn into_problems(mut self) -> Problems {
        self.found.sort_by_key(|found| found.span.start.index);
        let list = self.found.iter().map(|found| self.located(found)).collect();
        Problems { list, untold: self.untold, source: NamedSource::new(self.file, Arc::from(self.text)).with_language("yaml") }
    }

    fn located(&self, found: &Found) -> Problem {
        let start = byte_offset(self.text, found.span.start.index);
        let end = byte_offset(self.text, found.span.end).max(start);
        Problem {
            file: self.file.to_owned(),
            line: Some(found.span.start.line),
            column: Some(found.span.start.column),
            field: found.field.clone(),
            message: found.message.clone(),
            span: Some((start, end - start)),
        }
    }
}

fn byte_offset(text: &str, characters: usize) -> usize {
    text.char_indices().nth(characters).map_or(text.len(), |(offset, _)| offset)
}
