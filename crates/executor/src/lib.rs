//! The plan executor: one call advances at most one task of the plan stored in an object's status.
//!
//! It is stateless between calls: everything is rebuilt from the object, so a controller restart at any point resumes. What each task
//! does stands in [`tasks`], one file each. The behaviour is that of the operator, also where it looks odd. Source: controller.md,
//! sections 1 ("Writes"), 4 and 5.

mod cut_short;
pub mod decode;
pub mod overdue;
mod owner;
mod plan;
pub mod read;
pub mod ready;
mod start_over;
mod tasks;

pub use decode::KeepsAbsent;
pub use owner::{Owner, PlanOwner};
pub use plan::{NOW, POLL, advance};
pub use tasks::{TaskError, incumbents_go_on};
