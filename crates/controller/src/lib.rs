//! The reconcilers and their work queue.
