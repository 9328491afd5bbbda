//! The laws that worlds are held to.
