//! The journal of a campaign: what has been done, a line a piece of the seed range, in order, only ever appended.
//!
//! Every line carries the hash of what it says. The first says which campaign this is. A line without its end is one that a kill cut short:
//! it is taken away, and its worlds are run again. A line that has its end and not its hash was changed by someone: that is refused.

use crate::files::{LedgerError, write_whole};
use crate::{Found, Search, Seeds, Stage, Tally};
use serde::{Deserialize, Serialize};
use simcore::stable_hash;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// The version of the format.
const VERSION: u64 = 1;

/// Which campaign this is: what decides every result in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    version: u64,
    scenario: String,
    scenario_hash: String,
    design: String,
    profile: String,
    seeds: Seeds,
    /// Only written if it is so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    guided: bool,
    check_determinism: bool,
    keep: usize,
    code: String,
}

/// Some worlds of the seed range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// Their seeds.
    pub seeds: Seeds,
    /// What they came to.
    pub tally: Tally,
    /// How many of them showed which shape.
    pub hits: BTreeMap<String, u64>,
    /// The shapes that no world before them had shown.
    pub new: Vec<Found>,
    /// Violations of shapes that are not kept.
    pub unkept: u64,
}

impl Header {
    /// The header of a campaign. `keep` is how many shapes of each oracle are kept; `code` names the build.
    pub fn new(stage: &Stage, seeds: Seeds, check_determinism: bool, keep: usize, code: String) -> Self {
        Self {
            version: VERSION,
            scenario: stage.scenario.name.to_string(),
            scenario_hash: format!("{:016x}", stable_hash(&*stage.text)),
            design: stage.design.name.to_string(),
            profile: stage.profile.name().to_owned(),
            seeds,
            guided: false,
            check_determinism,
            keep,
            code,
        }
    }

    /// The header of the same campaign under a search. Whether states are counted decides no result; whether worlds are bred does.
    pub fn under(self, search: Search) -> Self {
        Self { guided: search == Search::Guided, ..self }
    }

    /// The seeds.
    pub fn seeds(&self) -> Seeds {
        self.seeds
    }

    /// How many shapes of each oracle are kept.
    pub fn keep(&self) -> usize {
        self.keep
    }

    /// The build.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What is different in a campaign that was begun, in words.
    fn differences(&self, held: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let mut differ = |what: &str, held: &dyn std::fmt::Display, asked: &dyn std::fmt::Display| {
            let (held, asked) = (held.to_string(), asked.to_string());
            if held != asked {
                differences.push(format!("{what} is {held} there, and {asked} here"));
            }
        };
        differ("the journal's version", &held.version, &self.version);
        differ("--scenario", &held.scenario, &self.scenario);
        differ("--design", &held.design, &self.design);
        differ("--profile", &held.profile, &self.profile);
        differ("--seeds", &held.seeds, &self.seeds);
        differ("--guided", &held.guided, &self.guided);
        differ("--check-determinism", &held.check_determinism, &self.check_determinism);
        differ("--keep", &held.keep, &self.keep);
        differ("the hash of the scenario's text, which has been changed,", &held.scenario_hash, &self.scenario_hash);
        differ("the build of rehearse, which is another,", &held.code, &self.code);
        differences
    }
}

/// A journal that is open for more.
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// What was taken away from its end, in bytes.
    pub repaired: u64,
}

impl Journal {
    /// Opens the journal of a campaign, or begins it; hands over what it holds, in order.
    pub fn open(path: &Path, header: &Header, mut each: impl FnMut(Record)) -> Result<Self, LedgerError> {
        if !path.try_exists().map_err(LedgerError::io(path))? {
            write_whole(path, line(header).as_bytes())?;
        }
        let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(LedgerError::io(path))?;
        let mut reader = Reader { path, lines: BufReader::new(&file), number: 0, whole: 0, torn: 0 };
        let held: Header = match reader.next()? {
            Some(held) => held,
            None => return Err(reader.corrupt("expected a campaign's header")),
        };
        let differences = header.differences(&held);
        if !differences.is_empty() {
            return Err(LedgerError::Other { path: path.to_owned(), differences });
        }
        let mut next = header.seeds.from;
        while let Some(record) = reader.next::<Record>()? {
            if record.seeds.from != next || record.seeds.to > header.seeds.to {
                return Err(reader.corrupt(&format!("expected seeds from {next} on, found {}", record.seeds)));
            }
            next = record.seeds.to;
            each(record);
        }
        let (whole, torn) = (reader.whole, reader.torn);
        if torn > 0 {
            file.set_len(whole).and_then(|()| file.sync_all()).map_err(LedgerError::io(path))?;
        }
        file.seek(SeekFrom::Start(whole)).map_err(LedgerError::io(path))?;
        Ok(Self { path: path.to_owned(), file, repaired: torn })
    }

    /// Appends a record; when this returns, it is there to stay.
    pub fn append(&mut self, record: &Record) -> Result<(), LedgerError> {
        let line = line(record);
        self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data()).map_err(LedgerError::io(&self.path))
    }
}

fn line(what: &impl Serialize) -> String {
    let text = serde_json::to_string(what).expect("a record has a written form");
    format!("{:016x} {text}\n", stable_hash(&*text))
}

struct Reader<'a> {
    path: &'a Path,
    lines: BufReader<&'a File>,
    number: usize,
    /// How many bytes the whole lines have.
    whole: u64,
    /// How many bytes follow them.
    torn: u64,
}

impl Reader<'_> {
    fn next<T: for<'de> Deserialize<'de>>(&mut self) -> Result<Option<T>, LedgerError> {
        let mut bytes = Vec::new();
        let length = self.lines.read_until(b'\n', &mut bytes).map_err(LedgerError::io(self.path))?;
        self.number += 1;
        if bytes.pop() != Some(b'\n') {
            self.torn = length as u64;
            return Ok(None);
        }
        self.whole += length as u64;
        let text = std::str::from_utf8(&bytes).ok().and_then(|line| {
            let (hash, text) = line.split_once(' ')?;
            (hash == format!("{:016x}", stable_hash(text))).then_some(text)
        });
        let text = text.ok_or_else(|| self.corrupt("this line is not what was written: its hash is another"))?;
        serde_json::from_str(text).map(Some).map_err(|error| self.corrupt(&error.to_string()))
    }

    fn corrupt(&self, what: &str) -> LedgerError {
        LedgerError::Corrupt { path: self.path.to_owned(), what: format!("line {}: {what}", self.number) }
    }
}
