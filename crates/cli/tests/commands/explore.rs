//! `rehearse explore`: it survives a kill, stops when told to, and refuses what makes no sense before it writes anything.

use super::common::{folder, rehearse, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// Starts a campaign in a folder, and waits until it has told of some violations.
fn begun(arguments: &[&str], lines: usize) -> Child {
    let mut child = rehearse(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the command runs");
    let mut told = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    for _ in 0..lines {
        told.next().expect("the campaign goes on").expect("text");
    }
    // The rest is read by a thread of its own, so that the campaign never waits for its reader.
    std::thread::spawn(move || told.for_each(drop));
    child
}

/// The summary, without what is different each time.
fn summary(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_else(|| panic!("no summary: {}", String::from_utf8_lossy(&output.stderr)));
    let mut document: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(document["version"], 1);
    let summary = document["summary"].as_object_mut().expect("a summary");
    summary.remove("speed");
    if let Some(corpus) = summary["corpus"].as_object_mut() {
        corpus.remove("folder");
    }
    document
}

fn corpus(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder.join("corpus")).expect("a corpus");
    let paths = entries.map(|entry| entry.expect("a readable entry").path());
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    paths.map(|path| (name(&path), std::fs::read_to_string(&path).expect("text"))).filter(|(name, _)| !name.starts_with('.')).collect()
}

#[test]
fn a_campaign_that_is_killed_goes_on_and_ends_like_one_that_never_was() {
    let (whole, killed) = (folder("explore-whole"), folder("explore-killed"));
    let arguments = |folder: &Path| {
        let folder = folder.to_str().expect("text").to_owned();
        ["explore", "--design", "bootstrap", "--profile", "light", "--seeds", "0..400", "--jobs", "2", "--json", "--out"]
            .into_iter()
            .map(str::to_owned)
            .chain([folder])
            .collect::<Vec<_>>()
    };
    let (whole_run, killed_run) = (arguments(&whole), arguments(&killed));
    let (whole_run, killed_run): (Vec<&str>, Vec<&str>) =
        (whole_run.iter().map(String::as_str).collect(), killed_run.iter().map(String::as_str).collect());
    let uninterrupted = run(&whole_run);
    assert_eq!(uninterrupted.status.code(), Some(0), "{}", String::from_utf8_lossy(&uninterrupted.stderr));
    let mut lengths = Vec::new();
    for lines in [5, 60, 150] {
        let mut child = begun(&killed_run, lines);
        child.kill().expect("SIGKILL");
        child.wait().expect("it is gone");
        lengths.push(std::fs::metadata(killed.join("journal")).expect("a journal").len());
    }
    assert!(lengths.is_sorted() && lengths[0] < lengths[2], "each run went on: {lengths:?}");
    let resumed = run(&killed_run);
    assert_eq!(summary(&resumed), summary(&uninterrupted));
    let lines = |output: &Output| String::from_utf8_lossy(&output.stdout).lines().count();
    assert!(lines(&resumed) > 1, "something was left to do");
    assert!(lines(&resumed) < lines(&uninterrupted), "it did not run everything again");
    assert_eq!(corpus(&killed), corpus(&whole));
    assert!(!corpus(&whole).is_empty());
    // Once more: there is nothing left to do.
    let again = run(&killed_run);
    assert_eq!((summary(&again), lines(&again)), (summary(&uninterrupted), 1));
}

#[test]
fn an_interrupt_finishes_the_worlds_in_flight_and_prints_the_summary() {
    let arguments = ["explore", "--design", "bootstrap", "--profile", "light", "--seeds", "0..1000000", "--json"];
    let mut child = rehearse(&arguments).stdout(Stdio::piped()).spawn().expect("the command runs");
    let mut told = BufReader::new(child.stdout.take().expect("a pipe")).lines().map(|line| line.expect("text"));
    assert!(told.next().is_some(), "it is at work");
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    let last: Value = serde_json::from_str(&told.last().expect("a summary")).expect("JSON");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    assert_eq!(last["summary"]["complete"], false);
    assert!(last["summary"]["worlds"].as_u64().is_some_and(|worlds| worlds > 0), "{last}");
}

#[test]
fn time_is_a_budget_and_strict_is_about_violations() {
    let output = run(&["explore", "--design", "bootstrap", "--time", "1s", "--strict", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (last, violations) = lines.split_last().expect("a summary");
    for violation in violations {
        for field in ["oracle", "class", "design", "scenario", "seed", "at", "message", "faults", "excused", "history_hash"] {
            assert!(violation.get(field).is_some(), "{field}: {violation}");
        }
    }
    let total: u64 = last["summary"]["oracles"].as_object().expect("oracles").values().filter_map(|oracle| oracle["total"].as_u64()).sum();
    let excused = violations.iter().filter(|violation| !violation["excused"].is_null()).count() as u64;
    assert_eq!(total + excused, violations.len() as u64);
    let quiet = run(&["explore", "--design", "bootstrap", "--profile", "none", "--seeds", "0..2"]);
    assert_eq!(quiet.status.code(), Some(0), "violations are findings, not failures");
    assert!(quiet.stderr.is_empty(), "no progress bar without a terminal: {}", String::from_utf8_lossy(&quiet.stderr));
    assert!(String::from_utf8_lossy(&quiet.stdout).contains("worlds: 2, seeds 0..2"));
}

#[test]
fn worlds_that_are_checked_for_determinism_are_the_same_worlds() {
    let base = ["explore", "--design", "blue-green", "--seeds", "0..12", "--json"];
    let checked: Vec<&str> = base.into_iter().chain(["--check-determinism"]).collect();
    assert_eq!(summary(&run(&base)), summary(&run(&checked)));
}

#[test]
fn a_guided_search_is_the_same_under_one_job_and_under_two_and_tells_what_it_covered() {
    let base = ["explore", "--design", "blue-green", "--seeds", "0..150", "--guided", "--json", "--jobs"];
    let on = |jobs: &'static str| run(&base.into_iter().chain([jobs]).collect::<Vec<_>>());
    let (one, two) = (on("1"), on("2"));
    assert_eq!(one.status.code(), Some(0), "{}", String::from_utf8_lossy(&one.stderr));
    let document = summary(&one);
    assert_eq!(document, summary(&two));
    let lines = |output: &Output| String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>();
    let (one, two) = (lines(&one), lines(&two));
    assert_eq!(one[..one.len() - 1], two[..two.len() - 1], "the violations, in order");
    let (summary, coverage) = (&document["summary"], &document["summary"]["coverage"]);
    assert_eq!((&summary["guided"], &coverage["worlds"], &coverage["per"]), (&true.into(), &150.into(), &1000.into()));
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("a number: {coverage}"));
    assert_eq!(number(&coverage["new"][0]["states"]), number(&coverage["states"]), "all are new in the first thousand worlds");
    assert_eq!(number(&coverage["new"][0]["shapes"]), number(&coverage["shapes"]));
    assert!(number(&coverage["shown_by_one"]) + number(&coverage["shown_by_two"]) < number(&coverage["states"]));
    let [low, mass, high] = ["low", "mass", "high"].map(|end| number(&coverage["unseen"][end]));
    assert!(0.0 <= low && low < mass && mass < high && high < 1.0, "{coverage}");
}

#[test]
fn a_violation_that_a_guided_search_found_replays_from_its_file_to_the_same_history() {
    let folder = folder("explore-guided");
    let out = folder.to_str().expect("text");
    let arguments = ["explore", "--design", "blue-green", "--profile", "heavy", "--seeds", "0..200", "--guided", "--json", "--out", out];
    let begun = run(&arguments);
    assert_eq!(begun.status.code(), Some(0), "{}", String::from_utf8_lossy(&begun.stderr));
    let bred = |text: &String| {
        let seed = text.lines().find_map(|line| line.strip_prefix("seed: ")).and_then(|seed| seed.parse::<u64>().ok());
        seed.is_some_and(|seed| seed >= 128)
    };
    let found: Vec<_> = corpus(&folder).into_iter().filter(|(_, text)| bred(text)).map(|(name, _)| name).collect();
    assert!(found.len() > 10, "{}", found.len());
    for name in found.iter().step_by(found.len() / 5) {
        let file = folder.join("corpus").join(name);
        let replayed = run(&["replay", file.to_str().expect("text"), "--json"]);
        assert_eq!(replayed.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&replayed.stderr));
    }
    // The same command knows what it did, and runs its worlds again for what they teach; another search is refused.
    let again = run(&arguments);
    assert_eq!(summary(&again), summary(&begun));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--out: 200 worlds are run again, for the states that they pass through"));
    let plain: Vec<&str> = arguments.into_iter().filter(|argument| *argument != "--guided").collect();
    let refused = run(&plain);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--guided is true there, and false here"));
}

#[test]
fn coverage_is_told_when_asked_for_and_changes_nothing_else() {
    let base = ["explore", "--design", "blue-green", "--seeds", "0..12", "--json"];
    let plain = summary(&run(&base));
    let mut covered = summary(&run(&base.into_iter().chain(["--coverage"]).collect::<Vec<_>>()));
    assert!(plain["summary"]["coverage"].is_null() && covered["summary"]["coverage"]["states"].as_u64().is_some_and(|states| states > 50));
    covered["summary"]["coverage"] = Value::Null;
    assert_eq!(plain, covered);
    let output = run(&["explore", "--design", "blue-green", "--seeds", "0..12", "--coverage"]);
    let text = String::from_utf8_lossy(&output.stdout);
    for expected in ["coverage: ", " abstract states, ", "  new states per 1000 worlds: ", "  new shapes per 1000 worlds: ", "  unseen: "] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_written() {
    let out = folder("explore-refused");
    let out = out.to_str().expect("text");
    for (arguments, expected) in [
        (&["--seeds", "5..5"][..], "--seeds"),
        (&["--seeds", "9..3"], "holds no seed"),
        (&["--seeds", "x"], "expected FIRST..END"),
        (&["--jobs", "0"], "--jobs"),
        (&["--time", "soon"], "--time"),
        (&["--profile", "calm"], "--profile: there is no profile \"calm\"; expected one of none, light"),
        (&["--with", "nothing"], "--with"),
        (&["--scenario", "no-such-file.yaml"], "no-such-file.yaml"),
        (&["--guided", "--profile", "none"], "--guided: expected a --profile that draws faults"),
        (&["--guided=yes"], "--guided"),
        (&["--scenario", "README.md"], "README.md:"),
    ] {
        let all: Vec<&str> = ["explore", "--design", "bootstrap", "--out", out].into_iter().chain(arguments.iter().copied()).collect();
        let output = run(&all);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
        assert!(!Path::new(out).exists(), "{arguments:?}");
    }
    let unknown = run(&["explore", "--design", "canary"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("--design: there is no design \"canary\""));
}

#[test]
fn a_folder_that_cannot_be_written_or_is_another_campaigns_is_refused() {
    let taken = folder("explore-taken");
    let arguments = |seeds: &'static str, folder: &str| {
        let arguments = ["explore", "--design", "bootstrap", "--profile", "none", "--seeds", seeds, "--out", folder];
        let output = run(&arguments);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let path = taken.to_str().expect("text");
    assert_eq!(arguments("0..2", path).0, Some(0));
    let (code, told) = arguments("0..3", path);
    assert_eq!(code, Some(2));
    assert!(told.contains("--out") && told.contains("--seeds is 0..2 there, and 0..3 here"), "{told}");
    // A file stands where the folder should: nobody can write there, not even root.
    let file = taken.join("journal");
    let (code, told) = arguments("0..2", file.join("below").to_str().expect("text"));
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("--out"), "{told}");
}
