//! The summary of a campaign, for people and for programs.

use super::coverage;
use explore::{Ledger, Progress, Seeds, Stage};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;
use testbed::marks::Mark;

/// How fast the worlds of this run were.
pub struct Speed {
    /// On how many threads.
    pub jobs: usize,
    /// How many worlds.
    pub worlds: u64,
    /// In what time.
    pub took: Duration,
}

/// What a campaign has come to.
pub struct Summary<'a> {
    /// What was run.
    pub stage: &'a Stage,
    /// The seeds that were asked for.
    pub seeds: Seeds,
    /// How far it came.
    pub progress: &'a Progress,
    /// Whether worlds were bred.
    pub guided: bool,
    /// How fast.
    pub speed: Speed,
    /// Where what it found is.
    pub corpus: Option<(&'a Path, &'a Ledger)>,
}

/// Worlds a second.
pub fn rate(worlds: u64, took: Duration) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a count of worlds, to be read by people")]
    let worlds = worlds as f64;
    worlds / took.as_secs_f64().max(1e-9)
}

impl Speed {
    fn a_core(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "at most 1024")]
        let jobs = self.jobs as f64;
        rate(self.worlds, self.took) / jobs
    }
}

impl Summary<'_> {
    fn done(&self) -> Seeds {
        Seeds { from: self.seeds.from, to: self.seeds.from + self.progress.tally.worlds }
    }

    /// The last line of `explore --json`.
    pub fn to_json(&self) -> Value {
        let (tally, speed) = (&self.progress.tally, &self.speed);
        let mut faults = json!(tally.faults);
        for (kind, tally) in &tally.faults {
            faults[kind]["missed"] = json!(tally.missed());
        }
        let corpus = self.corpus.map(|(folder, ledger)| json!({ "folder": folder, "shapes": ledger.shapes(), "unkept": ledger.unkept() }));
        json!({ "version": 1, "summary": {
            "scenario": self.stage.scenario.name,
            "design": self.stage.design.name,
            "profile": self.stage.profile.name(),
            "guided": self.guided,
            "seeds": self.seeds,
            "done": self.done().to_string(),
            "complete": tally.worlds == self.seeds.count(),
            "worlds": tally.worlds,
            "outcomes": tally.outcomes,
            "oracles": tally.oracles,
            "excused": tally.excused,
            "faults": faults,
            "marks": tally.marks,
            "marks_missed": tally.missed_marks().map(Mark::name).collect::<Vec<_>>(),
            "histories": format!("{:016x}", tally.histories),
            "coverage": self.progress.coverage.as_ref().map(coverage::to_json),
            "failures": tally.failures,
            "failed": tally.failed,
            "corpus": corpus,
            "speed": {
                "jobs": speed.jobs,
                "worlds": speed.worlds,
                "seconds": speed.took.as_secs_f64(),
                "worlds_per_second": rate(speed.worlds, speed.took),
                "worlds_per_second_per_core": speed.a_core(),
            },
        } })
    }

    /// The same for people.
    pub fn to_text(&self) -> String {
        let tally = &self.progress.tally;
        let mut text = String::new();
        let mut say = |line: std::fmt::Arguments<'_>| writeln!(text, "{line}").expect("a string takes what is written");
        let (scenario, design, profile) = (&self.stage.scenario.name, &self.stage.design.name, self.stage.profile);
        say(format_args!("== {scenario} under {design}, profile {profile}"));
        self.say_worlds(&mut say);
        let outcomes: Vec<_> = tally.outcomes.iter().map(|(outcome, n)| format!("{} {n}", name(outcome))).collect();
        say(format_args!("outcomes: {}", if outcomes.is_empty() { "none".to_owned() } else { outcomes.join(", ") }));
        for (oracle, broken) in tally.oracles.iter().filter(|(_, broken)| broken.total > 0) {
            let first = broken.first_seed.map_or_else(String::new, |seed| format!(", first with seed {seed}"));
            say(format_args!("  !! {oracle:<24} in {:>6} worlds, {:>6} times{first}", broken.worlds, broken.total));
        }
        for (row, n) in &tally.excused {
            say(format_args!("  excused {n:>6} times: {row}"));
        }
        self.say_faults(&mut say);
        let missed: Vec<_> = tally.missed_marks().map(Mark::name).collect();
        let passed = Mark::ALL.len() - missed.len();
        say(format_args!("marks: {passed} of {} passed", Mark::ALL.len()));
        if !missed.is_empty() {
            say(format_args!("  not passed: {}", missed.join(", ")));
        }
        if let Some(coverage) = &self.progress.coverage {
            coverage::say(coverage, self.guided, &mut say);
        }
        if let Some((folder, ledger)) = self.corpus {
            say(format_args!("corpus: {} shapes in {}", ledger.shapes(), folder.join("corpus").display()));
            if ledger.unkept() > 0 {
                say(format_args!("  {} violations were of further shapes, beyond --keep", ledger.unkept()));
            }
        }
        if tally.failures > 0 {
            say(format_args!("the testbed failed in {} worlds", tally.failures));
            for failure in &tally.failed {
                say(format_args!("  seed {}: {}", failure.seed, failure.message));
            }
        }
        text
    }

    fn say_worlds(&self, say: &mut dyn FnMut(std::fmt::Arguments<'_>)) {
        let (tally, speed) = (&self.progress.tally, &self.speed);
        let done = match tally.worlds {
            0 => format!("none of the seeds {}", self.seeds),
            n if n == self.seeds.count() => format!("seeds {}", self.seeds),
            _ if self.seeds.to == u64::MAX => format!("seeds {}", self.done()),
            _ => format!("seeds {}, stopped before the rest of {}", self.done(), self.seeds),
        };
        say(format_args!("worlds: {}, {done}", tally.worlds));
        let before = match self.progress.before {
            0 => String::new(),
            n => format!(" ({n} worlds had been run before)"),
        };
        let (rate, a_core) = (rate(speed.worlds, speed.took), speed.a_core());
        let (seconds, jobs) = (speed.took.as_secs_f64(), speed.jobs);
        say(format_args!("speed: {rate:.0} worlds/s, {a_core:.0} a core, {seconds:.1} s on {jobs} threads{before}"));
    }

    fn say_faults(&self, say: &mut dyn FnMut(std::fmt::Arguments<'_>)) {
        let faults = &self.progress.tally.faults;
        if faults.is_empty() {
            return;
        }
        say(format_args!("{:<36} {:>7} {:>7} {:>7} {:>11}", "faults", "drawn", "struck", "befell", "never came"));
        for (kind, tally) in faults {
            let missed = tally.missed();
            say(format_args!("  {kind:<34} {:>7} {:>7} {:>7} {missed:>11}", tally.drawn, tally.struck, tally.befell));
        }
    }
}

fn name(outcome: &impl serde::Serialize) -> String {
    serde_json::to_value(outcome).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
