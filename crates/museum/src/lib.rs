//! The museum: broken variants of the operator, and how soon the testbed sees what is wrong with them.
//!
//! A testbed that has never found a planted defect proves nothing by finding none. Every [`Exhibit`] is one realistic defect of an operator,
//! made from outside: the reconcilers are the real ones, over ports that are bent at a few places ([`Bend`]). So there is nothing of the
//! museum in the system under test.

mod bend;
mod exhibit;
mod exhibits;
mod hunt;
mod kit;
mod scene;
mod strategy;
mod variant;

pub use bend::{Acceptance, Bend, Found, Reported, Sent, Submitted, Wanted};
pub use exhibit::{Base, Exhibit, Mutation, Shown};
pub use exhibits::{RETRIES_FROM_MEMORY, all};
pub use hunt::{Hunt, Hunted, Sighting, Trail};
pub use scene::Scene;
pub use strategy::Strategy;
pub use variant::Variant;
