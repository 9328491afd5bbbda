//! The plan executor, one file a task.
