//! `rehearse schema`.

use crate::exit::{Exit, print};

/// Prints the JSON Schema of scenario files.
pub fn schema() -> Exit {
    print(&format!("{:#}\n", testbed::scenario::schema()));
    Exit::Ok
}
