//! The journal of a campaign: which seeds are done, and what came of them.
//!
//! A file of lines, each with a checksum of its own. The first says which campaign it is; each other one tells of a block of seeds, in order.
//! A line is written and flushed to the disk once the block's cases are in the corpus, so a campaign that is killed has lost no more than
//! the worlds in flight; a last line that was cut off is dropped, and its block is run again. Whatever else does not fit is refused.

use crate::StorageError;
use crate::tally::Tally;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// Which campaign it is: all that decides what its worlds do, but for how many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Of the journal's form.
    pub version: u32,
    /// The code that runs the worlds.
    pub code: String,
    /// The scenario's name.
    pub scenario: String,
    /// A hash of the scenario's text.
    pub scenario_hash: String,
    /// The design, decisions changed included.
    pub design: String,
    /// The fault profile.
    pub profile: String,
    /// The first seed.
    pub first_seed: u64,
}

/// A block of consecutive seeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    /// Its first seed.
    from: u64,
    /// The first seed after it.
    to: u64,
    /// What came of it.
    tally: Tally,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    next: u64,
}

impl Journal {
    /// Opens the journal of a campaign, or begins it: with what it has come to so far.
    ///
    /// # Errors
    /// If it cannot be read or written, is another campaign's, or holds what was never written.
    pub fn open(path: &Path, header: &Header) -> Result<(Self, Tally), StorageError> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(StorageError::io(path))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(StorageError::io(path))?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut lines = text[..whole].split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
        let (mut next, mut tally) = (header.first_seed, Tally::default());
        let is_new = match lines.next() {
            None => true,
            Some((at, line)) => {
                same_campaign(path, &parse(path, at, line)?, header)?;
                false
            }
        };
        for (at, line) in lines {
            let block: Block = parse(path, at, line)?;
            if block.from != next || block.to <= block.from {
                let what = format!("the block of seeds {}..{} does not follow seed {next}", block.from, block.to);
                return Err(StorageError::Corrupt { path: path.to_owned(), line: at + 1, what });
            }
            next = block.to;
            tally.join(block.tally);
        }
        let end = u64::try_from(whole).expect("a file's length fits");
        file.set_len(end).and_then(|()| file.seek(SeekFrom::Start(end))).map_err(StorageError::io(path))?;
        let mut journal = Self { path: path.to_owned(), file, next };
        if is_new {
            journal.write(header)?;
        }
        Ok((journal, tally))
    }

    /// The first seed that is not done.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Writes down a block that begins at the first seed that is not done.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn append(&mut self, to: u64, tally: Tally) -> Result<(), StorageError> {
        assert!(to > self.next, "a block has seeds");
        let block = Block { from: self.next, to, tally };
        self.write(&block)?;
        self.next = to;
        Ok(())
    }

    fn write(&mut self, what: &impl Serialize) -> Result<(), StorageError> {
        let json = serde_json::to_string(what).expect("a journal's line has a written form");
        let line = format!("{:016x} {json}\n", xxh3_64(json.as_bytes()));
        self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data()).map_err(StorageError::io(&self.path))
    }
}

fn parse<T: for<'de> Deserialize<'de>>(path: &Path, at: usize, line: &[u8]) -> Result<T, StorageError> {
    let corrupt = |what: String| StorageError::Corrupt { path: path.to_owned(), line: at + 1, what };
    let line = std::str::from_utf8(line).map_err(|_| corrupt("expected text".to_owned()))?;
    let (sum, json) = line.split_once(' ').ok_or_else(|| corrupt("expected a checksum and what it is of".to_owned()))?;
    if u64::from_str_radix(sum, 16).ok() != Some(xxh3_64(json.as_bytes())) {
        return Err(corrupt(format!("the checksum {sum:?} is not that of the line")));
    }
    serde_json::from_str(json).map_err(|error| corrupt(error.to_string()))
}

fn same_campaign(path: &Path, held: &Header, asked: &Header) -> Result<(), StorageError> {
    let fields = [
        ("form", held.version.to_string(), asked.version.to_string()),
        ("code", held.code.clone(), asked.code.clone()),
        ("scenario", held.scenario.clone(), asked.scenario.clone()),
        ("scenario's text", held.scenario_hash.clone(), asked.scenario_hash.clone()),
        ("design", held.design.clone(), asked.design.clone()),
        ("profile", held.profile.clone(), asked.profile.clone()),
        ("first seed", held.first_seed.to_string(), asked.first_seed.to_string()),
    ];
    match fields.into_iter().find(|(_, held, asked)| held != asked) {
        Some((what, held, asked)) => Err(StorageError::AnotherCampaign { path: path.to_owned(), what, held, asked }),
        None => Ok(()),
    }
}
