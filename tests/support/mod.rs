//! What tests from outside share.

pub(crate) mod command;
pub(crate) mod http;
pub(crate) mod program;
