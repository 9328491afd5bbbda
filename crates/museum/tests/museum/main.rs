//! The museum: every exhibit is what it says, and the hunt for them can be trusted.

mod exhibits;
mod hunting;
mod traceability;
