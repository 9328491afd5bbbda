//! Exit statuses, and printing that does not mind a closed pipe.

use std::io::Write as _;
use std::process::ExitCode;

/// What the command's exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Every expectation held; everything asked was done.
    Ok = 0,
    /// An expectation did not hold.
    Unexpected = 1,
    /// Usage or input error.
    Usage = 2,
    /// The testbed itself failed.
    Testbed = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Prints to standard output. A reader that has gone away wants nothing more: that is no error.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _reader_gone = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints a JSON document and a line end.
pub fn print_json(value: &serde_json::Value) {
    let mut line = serde_json::to_string(value).expect("a document has a written form");
    line.push('\n');
    print(&line);
}
