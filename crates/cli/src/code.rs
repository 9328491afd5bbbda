//! Which build of `rehearse` this is.

use simcore::stable_hash;

/// The version and a hash of the program itself, so that two builds which might behave otherwise are never taken for one.
///
/// # Errors
/// If the program's own file cannot be read.
pub fn code() -> std::io::Result<String> {
    let program = std::fs::read(std::env::current_exe()?)?;
    Ok(format!("{}+{:016x}", env!("CARGO_PKG_VERSION"), stable_hash(program.as_slice())))
}
