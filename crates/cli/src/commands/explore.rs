//! `rehearse explore`: chaos by seed, on all cores, with a summary.

use super::input::{refuse, this_build};
use super::stage::StageArguments;
use crate::exit::{Exit, print, print_json};
use explore::{Batch, Campaign, CampaignError, Header, Ledger, LedgerError, Progress, Search, Seeds, Stage, Stopwatch};
use faults::Profile;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

mod coverage;
mod summary;

use summary::{Speed, Summary};

/// Arguments of `rehearse explore`.
#[derive(clap::Args)]
#[command(after_help = "\
Worlds are run in the order of their seeds, and what is printed does not depend on --jobs. Without --seeds and --time, the seeds are 0..1000; \
with --time alone they go on until the time is up. Ctrl-C finishes the worlds in flight and prints the summary so far.

With --out a campaign can be killed at any moment and started again by the same command: it goes on where it was. Each file below DIR/corpus \
is one violation, made small enough to mail and complete enough to run again: rehearse replay FILE.")]
pub struct Arguments {
    #[command(flatten)]
    stage: StageArguments,
    /// The seeds, such as 0..1000: from the first, up to but without the second.
    #[arg(long, value_name = "A..B")]
    seeds: Option<Seeds>,
    /// By which fault profile each world's faults are drawn: none, light, heavy, swarm, single, or a group that rehearse faults lists.
    #[arg(long, default_value = "swarm")]
    profile: String,
    /// Count the abstract states that worlds pass through, and tell how much none has shown yet.
    #[arg(long)]
    coverage: bool,
    /// Breed faults from those of worlds that showed something new, instead of drawing all by the profile; counts states too.
    #[arg(long)]
    guided: bool,
    /// For how long at most, such as 30s, 10min or 8h.
    #[arg(long, value_name = "T", value_parser = simcore::parse_duration)]
    time: Option<Duration>,
    /// A folder for the corpus, and for what is needed to go on after a kill.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many shapes of violations of each oracle the corpus keeps at most.
    #[arg(long, value_name = "N", default_value_t = 500, requires = "out")]
    keep: usize,
    /// Run each world twice and compare the histories; a difference is a failure of the testbed.
    #[arg(long)]
    check_determinism: bool,
    /// Exit with 1 if anything was violated that is not excused.
    #[arg(long)]
    strict: bool,
}

/// Runs a campaign and prints its summary.
pub fn explore(arguments: &Arguments, json: bool) -> Exit {
    match prepared(arguments, json) {
        Ok((stage, ledger)) => run(arguments, json, &stage, ledger).unwrap_or_else(|exit| exit),
        Err(exit) => exit,
    }
}

fn search(arguments: &Arguments) -> Search {
    match (arguments.guided, arguments.coverage) {
        (true, _) => Search::Guided,
        (false, true) => Search::Covered,
        (false, false) => Search::Blind,
    }
}

fn seeds(arguments: &Arguments) -> Seeds {
    let all = if arguments.time.is_some() { u64::MAX } else { 1000 };
    arguments.seeds.unwrap_or(Seeds { from: 0, to: all })
}

/// Everything that can be refused, before the first world.
fn prepared(arguments: &Arguments, json: bool) -> Result<(Stage, Option<Ledger>), Exit> {
    if arguments.guided && arguments.profile == Profile::None.name() {
        return Err(refuse("--guided: expected a --profile that draws faults, since there is nothing to breed from none"));
    }
    let stage = arguments.stage.set(&arguments.profile, json)?;
    let ledger = arguments.out.as_ref().map(|folder| -> Result<_, Exit> {
        let code = this_build()?;
        let header = Header::new(&stage, seeds(arguments), arguments.check_determinism, arguments.keep, code).under(search(arguments));
        Ledger::open(folder, &stage, &header).map_err(|error| refuse(&format!("--out: {error}")))
    });
    Ok((stage, ledger.transpose()?))
}

fn run(arguments: &Arguments, json: bool, stage: &Stage, mut ledger: Option<Ledger>) -> Result<Exit, Exit> {
    let jobs = arguments.stage.jobs();
    let (seeds, search, twice) = (seeds(arguments), search(arguments), arguments.check_determinism);
    let campaign = Campaign { seeds, search, jobs, twice, violations: json };
    if let Some(bytes) = ledger.as_ref().map(Ledger::repaired).filter(|bytes| *bytes > 0) {
        eprintln!("rehearse: --out: the journal's last line had been cut short; its {bytes} bytes are taken away, its worlds run again");
    }
    let known = ledger.as_ref().map_or(0, |ledger| ledger.tally().worlds);
    if known > 0 && search != Search::Blind {
        eprintln!("rehearse: --out: {known} worlds are run again, for the states that they pass through; nothing of them is counted twice");
    }
    let interrupted = Arc::new(AtomicBool::new(false));
    listen_for_interrupts(&interrupted);
    let clock = Stopwatch::start();
    let stop = || interrupted.load(Ordering::Relaxed) || arguments.time.is_some_and(|time| clock.elapsed() >= time);
    let bar = progress_bar(arguments, campaign.seeds);
    let mut tell = |progress: &Progress, batch: &Batch| {
        if !batch.violations.is_empty() {
            print(&batch.violations);
        }
        show(&bar, progress, clock.elapsed());
    };
    let progress = campaign.run(stage, ledger.as_mut(), &stop, &mut tell).map_err(|error| failed(&error))?;
    bar.finish_and_clear();
    let speed = Speed { jobs: jobs.get(), worlds: progress.tally.worlds - progress.before, took: clock.elapsed() };
    let summary = Summary {
        stage,
        seeds,
        progress: &progress,
        guided: arguments.guided,
        speed,
        corpus: arguments.out.as_deref().zip(ledger.as_ref()),
    };
    if json {
        print_json(&summary.to_json());
    } else {
        print(&summary.to_text());
    }
    Ok(if progress.tally.failures > 0 {
        Exit::Testbed
    } else if arguments.strict && progress.tally.violations() > 0 {
        Exit::Unexpected
    } else {
        Exit::Ok
    })
}

fn failed(error: &CampaignError) -> Exit {
    match error {
        CampaignError::Threads(why) => refuse(&format!("--jobs: {why}")),
        CampaignError::Ledger(error @ LedgerError::Io { .. }) => refuse(&format!("--out: {error}; the same command goes on from here")),
        CampaignError::Ledger(error) => refuse(&format!("--out: {error}")),
    }
}

/// The first Ctrl-C (or SIGTERM) asks for an end; the second is one.
fn listen_for_interrupts(interrupted: &Arc<AtomicBool>) {
    let interrupted = interrupted.clone();
    let listening = ctrlc::set_handler(move || {
        if interrupted.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    if let Err(error) = listening {
        eprintln!("rehearse: Ctrl-C ends at once, since it cannot be listened for: {error}");
    }
}

fn progress_bar(arguments: &Arguments, seeds: Seeds) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let is_open = arguments.seeds.is_none() && arguments.time.is_some();
    let (bar, template) = match is_open {
        true => (ProgressBar::no_length(), "{spinner} {elapsed_precise}  {human_pos} worlds, {msg}"),
        false => (ProgressBar::new(seeds.count()), "{bar:30} {human_pos}/{human_len} worlds, {msg}, {eta} left"),
    };
    bar.with_style(ProgressStyle::with_template(template).expect("a template that indicatif knows"))
}

fn show(bar: &ProgressBar, progress: &Progress, took: Duration) {
    if bar.is_hidden() {
        return;
    }
    let run = progress.tally.worlds - progress.before;
    bar.set_message(format!("{:.0} worlds/s, {} violations", summary::rate(run, took), progress.tally.violations()));
    bar.set_position(progress.tally.worlds);
}
