//! `rehearse sweep`: a certificate as text and as data, and what is refused.

use super::common::run;
use serde_json::Value;
use std::process::Output;

fn sweep(arguments: &[&str]) -> Output {
    run(&[&["sweep"], arguments].concat())
}

const CRASHES: [&str; 6] = ["--design", "blue-green", "--groups", "controller", "--faults", "crash"];

#[test]
fn a_certificate_says_what_was_run_by_which_build_and_what_broke() {
    let output = sweep(&[&CRASHES[..], &["-k", "1", "--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let certificate: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&certificate["version"], &certificate["k"]), (&2.into(), &1.into()));
    assert_eq!(certificate["schedules"][1].as_u64(), certificate["places"].as_u64());
    assert!(certificate["code"].as_str().is_some_and(|code| code.contains('+')), "{}", certificate["code"]);
    assert_eq!(certificate["oracles"]["not-converged"]["resilience"], 0);
    let text = String::from_utf8(sweep(&CRASHES).stdout).expect("text");
    assert!(text.contains("every placement of up to 1 of 1 faults") && text.contains("not-converged             0 "), "{text}");
}

#[test]
fn groups_faults_and_numbers_that_cannot_be_are_refused() {
    for (arguments, expected) in [
        (["--design", "blue-green", "--groups", "weather"], "--groups: there is no group \"weather\""),
        (["--design", "blue-green", "--faults", "rain"], "--faults: there is no fault \"rain\""),
        (["--design", "blue-green", "-k", "9"], "9 is not in 0..=3"),
        (["--design", "purple", "-k", "1"], "--design: there is no design \"purple\""),
    ] {
        let output = sweep(&arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(output.stdout.is_empty() && told.contains(expected), "{told}");
    }
}
