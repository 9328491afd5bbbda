//! The summary of a campaign, for people and for machines.

use explore::{Halt, Tally};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// How fast a campaign was.
pub struct Speed {
    /// Worlds.
    pub worlds: u64,
    /// How long they took together.
    pub took: Duration,
    /// On how many threads.
    pub jobs: usize,
}

impl Speed {
    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    fn per_second(&self) -> f64 {
        self.worlds as f64 / self.took.as_secs_f64().max(1e-6)
    }

    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    fn per_core(&self) -> f64 {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.per_second() / self.jobs.min(cores) as f64
    }
}

fn halt_name(halt: Halt) -> &'static str {
    match halt {
        Halt::Done => "done",
        Halt::TimeUp => "time up",
        Halt::Stopped => "stopped",
    }
}

/// The machine-readable form.
pub fn to_json(tally: &Tally, halt: Halt, speed: &Speed) -> Value {
    let missed: Vec<_> = tally.missed_marks().map(testbed::marks::Mark::name).collect();
    json!({
        "version": 1,
        "end": halt_name(halt),
        "worlds": tally.worlds,
        "outcomes": tally.outcomes,
        "violations": tally.violations,
        "excused": tally.excused,
        "faults": tally.faults,
        "marks": tally.marks,
        "marks_missed": missed,
        "testbed_failures": tally.failures.iter().map(|(seed, what)| json!({ "seed": seed, "message": what })).collect::<Vec<_>>(),
        "testbed_failed": tally.failed,
        "histories": format!("{:016x}", tally.histories),
        "seconds": speed.took.as_secs_f64(),
        "worlds_per_second": speed.per_second(),
        "worlds_per_second_and_core": speed.per_core(),
    })
}

/// The summary as text.
pub fn to_text(tally: &Tally, halt: Halt, speed: &Speed) -> String {
    let mut text = String::new();
    let mut say = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    say(format!("{} worlds ({}); {:.0} a second, {:.0} a core", tally.worlds, halt_name(halt), speed.per_second(), speed.per_core()));
    let outcomes: Vec<_> = tally.outcomes.iter().map(|(name, count)| format!("{name} {count}")).collect();
    say(format!("outcomes: {}", outcomes.join(", ")));
    say("violations, by oracle: worlds, total, first seed".to_owned());
    for (oracle, count) in &tally.violations {
        say(format!("  {oracle:<26} {:>8} {:>8} {:>8}", count.worlds, count.total, count.first_seed));
    }
    if !tally.excused.is_empty() {
        say("excused, by row: worlds, total, first seed".to_owned());
        for (row, count) in &tally.excused {
            say(format!("  {row:<26} {:>8} {:>8} {:>8}", count.worlds, count.total, count.first_seed));
        }
    }
    if !tally.faults.is_empty() {
        let sum = |of: fn(&explore::FaultCount) -> u64| tally.faults.values().map(of).sum::<u64>();
        let (drawn, struck, befell) = (sum(|count| count.drawn), sum(|count| count.struck), sum(|count| count.befell));
        say(format!("faults: {drawn} drawn, {struck} struck, {befell} befell something; {} never struck", drawn - struck));
    }
    let missed: Vec<_> = tally.missed_marks().map(testbed::marks::Mark::name).collect();
    let all = testbed::marks::Mark::ALL.len();
    let mut marks = format!("marks: {} of {all} passed", all - missed.len());
    if !missed.is_empty() {
        write!(marks, "; not {}", missed.join(", ")).expect("a string takes what is written");
    }
    say(marks);
    if tally.failed > 0 {
        say(format!("the testbed itself failed in {} worlds:", tally.failed));
        for (seed, what) in &tally.failures {
            say(format!("  seed {seed}: {what}"));
        }
    }
    text
}
