//! One verb a file.

pub mod check;
pub mod crds;
pub mod designs;
pub mod explore;
mod input;
pub mod oracles;
pub mod run;
pub mod schema;
pub mod upgrade_table;
