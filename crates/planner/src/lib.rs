//! Plans as pure functions.
