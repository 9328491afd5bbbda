//! One verb a file.

pub mod ablate;
pub mod check;
pub mod claims;
pub mod compare;
pub mod crds;
pub mod designs;
pub mod explain;
pub mod explore;
pub mod faults;
mod input;
pub mod marks;
pub mod museum;
pub mod oracles;
pub mod replay;
pub mod run;
pub mod schema;
pub mod shrink;
mod spinner;
mod stage;
pub mod sweep;
pub mod upgrade_table;
pub mod verify;
mod world;
