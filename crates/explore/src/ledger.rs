//! What a campaign has done and found, in a folder: the journal, and the corpus beside it.
//!
//! The journal is the truth. A piece of work is done once its line is there, with its counts and with what it found; the corpus is drawn from
//! it, and made good when a campaign goes on. So a kill at any moment loses no more than the worlds in flight, and nothing is counted twice.

use crate::campaign::Batch;
use crate::corpus::Origin;
use crate::files::{LedgerError, sync_folder, write_whole};
use crate::journal::{Journal, Record};
use crate::{CorpusFile, Found, Header, Seeds, Stage, Tally};
use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// After how many pieces of work the counts in the corpus are brought up to date.
const REFRESHED_AFTER: u32 = 256;

/// The folder of a campaign that is at work.
pub struct Ledger {
    /// Held while the campaign works: no other one may.
    _lock: File,
    corpus: PathBuf,
    journal: Journal,
    state: State,
    since_refresh: u32,
}

/// What the journal says in sum.
struct State {
    origin: Origin,
    keep: usize,
    seeds: Seeds,
    next: u64,
    tally: Tally,
    shapes: BTreeMap<String, Shape>,
    /// How many shapes are kept, by oracle.
    kept: BTreeMap<String, usize>,
    unkept: u64,
}

struct Shape {
    found: Found,
    hits: u64,
    /// The hits that its file tells; 0 if it must be written.
    written: u64,
}

impl Ledger {
    /// Opens the folder of a campaign, which is made if it does not exist.
    ///
    /// # Errors
    /// If it cannot be written, holds another campaign, or holds files that are not what was written.
    pub fn open(folder: &Path, stage: &Stage, header: &Header) -> Result<Self, LedgerError> {
        let corpus = folder.join("corpus");
        fs::create_dir_all(&corpus).map_err(LedgerError::io(folder))?;
        let lock_path = folder.join(".lock");
        let lock = File::create(&lock_path).map_err(LedgerError::io(&lock_path))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => LedgerError::Busy(folder.to_owned()),
            TryLockError::Error(error) => LedgerError::io(&lock_path)(error),
        })?;
        let origin = Origin {
            scenario: stage.scenario.name.clone(),
            text: stage.text.clone(),
            design: stage.design.name.clone(),
            profile: stage.profile.name(),
            code: header.code().to_owned(),
        };
        let (keep, seeds) = (header.keep(), header.seeds());
        let (tally, shapes, kept) = (Tally::default(), BTreeMap::new(), BTreeMap::new());
        let mut state = State { origin, keep, seeds, next: seeds.from, tally, shapes, kept, unkept: 0 };
        let journal = Journal::open(&folder.join("journal"), header, |record| state.take(record))?;
        sync_folder(folder)?;
        state.look_at_files(&corpus)?;
        let mut ledger = Self { _lock: lock, corpus, journal, state, since_refresh: 0 };
        ledger.refresh()?;
        Ok(ledger)
    }

    /// The seeds that are still to be run; `None` if none is.
    pub fn to_do(&self) -> Option<Seeds> {
        let State { seeds, next, .. } = &self.state;
        (*next < seeds.to).then_some(Seeds { from: *next, to: seeds.to })
    }

    /// What has been done so far came to this.
    pub fn tally(&self) -> &Tally {
        &self.state.tally
    }

    /// How many bytes of a line that a kill had cut short were taken from the journal's end.
    pub fn repaired(&self) -> u64 {
        self.journal.repaired
    }

    /// How many shapes are kept.
    pub fn shapes(&self) -> usize {
        self.state.shapes.len()
    }

    /// How many violations were of shapes that are not kept.
    pub fn unkept(&self) -> u64 {
        self.state.unkept
    }

    /// Writes down what the next worlds came to.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn add(&mut self, batch: &Batch) -> Result<(), LedgerError> {
        let record = self.state.record(batch);
        self.journal.append(&record)?;
        let is_new = !record.new.is_empty();
        self.state.take(record);
        self.since_refresh += 1;
        if self.since_refresh >= REFRESHED_AFTER {
            return self.refresh();
        }
        if is_new { self.write(|shape| shape.written == 0) } else { Ok(()) }
    }

    /// Brings the counts in the corpus up to date.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn refresh(&mut self) -> Result<(), LedgerError> {
        self.since_refresh = 0;
        self.write(|shape| shape.written != shape.hits)
    }

    fn write(&mut self, which: impl Fn(&Shape) -> bool) -> Result<(), LedgerError> {
        let State { origin, shapes, .. } = &mut self.state;
        let mut any = false;
        for (name, shape) in shapes.iter_mut().filter(|(_, shape)| which(shape)) {
            let text = origin.to_yaml(&shape.found, shape.hits);
            write_whole(&path_of(&self.corpus, name), text.as_bytes())?;
            shape.written = shape.hits;
            any = true;
        }
        if any { sync_folder(&self.corpus) } else { Ok(()) }
    }
}

fn path_of(corpus: &Path, name: &str) -> PathBuf {
    corpus.join(format!("{name}.yaml"))
}

impl State {
    /// What is to be written down of some worlds.
    fn record(&self, batch: &Batch) -> Record {
        let Batch { seeds, tally, found, .. } = batch;
        let (mut hits, mut new, mut unkept) = (BTreeMap::<String, u64>::new(), Vec::new(), 0);
        let mut kept = self.kept.clone();
        for found in found {
            let name = self.origin.file_name(found);
            if !self.shapes.contains_key(&name) && !hits.contains_key(&name) {
                let kept = kept.entry(found.oracle.clone()).or_default();
                if *kept == self.keep {
                    unkept += 1;
                    continue;
                }
                *kept += 1;
                new.push(found.clone());
            }
            *hits.entry(name).or_default() += 1;
        }
        Record { seeds: *seeds, tally: tally.clone(), hits, new, unkept }
    }

    /// Takes over what was written down.
    fn take(&mut self, record: Record) {
        self.next = record.seeds.to;
        self.tally.join(record.tally);
        self.unkept += record.unkept;
        for found in record.new {
            *self.kept.entry(found.oracle.clone()).or_default() += 1;
            self.shapes.insert(self.origin.file_name(&found), Shape { found, hits: 0, written: 0 });
        }
        for (name, hits) in record.hits {
            if let Some(shape) = self.shapes.get_mut(&name) {
                shape.hits += hits;
            }
        }
    }

    /// Looks which files of the corpus are there and up to date.
    fn look_at_files(&mut self, corpus: &Path) -> Result<(), LedgerError> {
        for (name, shape) in &mut self.shapes {
            let path = path_of(corpus, name);
            let bytes = match fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(LedgerError::io(&path)(error)),
            };
            let corrupt = |what: String| LedgerError::Corrupt { path: path.clone(), what };
            let file = CorpusFile::read(&path, &bytes).map_err(|problems| corrupt(format!("not what was written: {problems}")))?;
            if file.found != shape.found {
                return Err(corrupt("tells of another violation than the journal; move it away to have it written anew".to_owned()));
            }
            shape.written = if bytes == self.origin.to_yaml(&shape.found, shape.hits).as_bytes() { shape.hits } else { 0 };
        }
        Ok(())
    }
}
