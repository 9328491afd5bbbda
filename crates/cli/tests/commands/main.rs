//! The commands that run worlds, as a person uses them: one file a command.

mod ablate;
mod common;
mod explain;
mod explore;
mod museum;
mod replay;
mod shrink;
mod sweep;
mod verify;
