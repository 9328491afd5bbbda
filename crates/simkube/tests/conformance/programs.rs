//! What runs in the suite's containers: one image, whose behaviour is set by its environment.
//!
//! On a real cluster this is a small program; the simulated one reads the same variables.

use serde_json::{Value, json};

/// The image of the program.
pub const IMAGE: &str = "conformance/program:1";

/// How a container behaves in each of its runs. By default it runs for ever, serves nothing, and ends 1 s after SIGTERM with 143.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Ends by itself: after how many seconds, with which code.
    pub exits: Option<(u64, i32)>,
    /// Its HTTP endpoint `:8080/ok` answers 200 from this many seconds after its start.
    pub serves_after: Option<u64>,
    /// And fails again from this many seconds on.
    pub fails_after: Option<u64>,
    /// Takes no notice of SIGTERM.
    pub deaf: bool,
}

impl Program {
    /// Ends by itself.
    pub fn exits(after: u64, code: i32) -> Self {
        Self { exits: Some((after, code)), ..Self::default() }
    }

    /// Answers probes from some second on.
    pub fn serves(after: u64) -> Self {
        Self { serves_after: Some(after), ..Self::default() }
    }

    /// As environment variables.
    pub fn environment(&self) -> Value {
        let seconds = |name: &str, value: Option<u64>| value.map(|value| json!({ "name": name, "value": value.to_string() }));
        let variables = [
            seconds("EXIT_AFTER", self.exits.map(|(after, _)| after)),
            self.exits.map(|(_, code)| json!({ "name": "EXIT_CODE", "value": code.to_string() })),
            seconds("SERVE_AFTER", self.serves_after),
            seconds("FAIL_AFTER", self.fails_after),
            self.deaf.then(|| json!({ "name": "DEAF", "value": "true" })),
        ];
        variables.into_iter().flatten().collect()
    }

    /// From environment variables.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let number = |name: &str| variable(name).map(|value| value.parse().expect("a number"));
        Self {
            exits: number("EXIT_AFTER").map(|after| (after, variable("EXIT_CODE").map_or(0, |code| code.parse().expect("a code")))),
            serves_after: number("SERVE_AFTER"),
            fails_after: number("FAIL_AFTER"),
            deaf: variable("DEAF").is_some(),
        }
    }
}
