//! The museum: broken variants of the operator, and how soon the testbed sees what is wrong with them.
//!
//! A testbed that has never found a planted defect proves nothing by finding none. Every [`Exhibit`] is one realistic defect of an operator,
//! made from outside: the reconcilers are the real ones, over ports that are bent at a few places ([`Bend`]). So there is nothing of the
//! museum in the system under test.

mod bend;
mod census;
mod exhibit;
mod exhibits;
mod hunt;
mod kit;
mod pair;
mod report;
mod scene;
mod strategy;
mod table;
mod variant;

pub use bend::{Acceptance, Bend, Found, Reported, Sent, Submitted, Wanted};
pub use census::{Broken, Census, Sighting};
pub use exhibit::{Base, Exhibit, Mutation, Shown};
pub use exhibits::{RETRIES_FROM_MEMORY, all};
pub use hunt::{Hunt, Hunted, bases};
pub use pair::Pair;
pub use report::{Delay, Report};
pub use scene::Scene;
pub use strategy::Strategy;
pub use table::{list, list_json, list_markdown, text, to_json};
pub use variant::Variant;
