//! A panic within a world is that world's failure, not the campaign's end.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static MESSAGE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs something; a panic in it becomes an error that says what and where, and is printed by nobody.
///
/// What panicked must not be used afterwards: callers hand in what they drop.
pub fn caught<R>(run: impl FnOnce() -> R) -> Result<R, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if CATCHING.get() {
                let place = info.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
                let what = info.payload_as_str().unwrap_or("something that is no text");
                MESSAGE.set(Some(format!("panic{place}: {what}")));
            } else {
                before(info);
            }
        }));
    });
    let within_another = CATCHING.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    CATCHING.set(within_another);
    result.map_err(|_| MESSAGE.take().unwrap_or_else(|| "panic".to_owned()))
}

/// Runs something that may fail or panic; either is told in words.
///
/// # Errors
/// Why it failed, or what panicked and where.
pub fn tried<R, E: Display>(run: impl FnOnce() -> Result<R, E>) -> Result<R, String> {
    caught(|| run().map_err(|error| error.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::caught;

    #[test]
    fn a_panic_becomes_an_error_with_its_place_and_later_runs_go_on() {
        let told = caught(|| panic!("no machine {}", 7)).expect_err("it panics");
        assert!(told.starts_with("panic at ") && told.contains("caught.rs") && told.ends_with("no machine 7"), "{told}");
        assert_eq!(caught(|| 5), Ok(5));
        let told = caught(|| {
            caught(|| panic!("inner")).expect_err("it panics");
            panic!("outer")
        });
        assert!(told.expect_err("it panics").ends_with("outer"), "one within another is told apart");
    }
}
