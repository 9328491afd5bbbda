//! What a terminal shows of a command that goes through many sorts of worlds: for how long it has run, and what it is doing.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// Turns until it is finished; its message is what is being done.
pub fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {elapsed} {msg}").expect("a valid template"));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
