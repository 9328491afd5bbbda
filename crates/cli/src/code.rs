//! Which build of `rehearse` this is.

use simcore::StableHasher;
use std::fs::File;
use std::hash::Hasher as _;
use std::io::{self, BufRead as _, BufReader};

/// The version and a hash of the program itself, so that two builds which might behave otherwise are never taken for one.
///
/// # Errors
/// If the program's own file cannot be read.
pub fn code() -> io::Result<String> {
    let mut program = BufReader::new(File::open(std::env::current_exe()?)?);
    let mut hasher = StableHasher::default();
    loop {
        let bytes = program.fill_buf()?;
        if bytes.is_empty() {
            return Ok(format!("{}+{:016x}", env!("CARGO_PKG_VERSION"), hasher.finish()));
        }
        hasher.write(bytes);
        let length = bytes.len();
        program.consume(length);
    }
}
