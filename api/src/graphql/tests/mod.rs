//! Promises of the schema: its text, its answers, its refusals. On a database of the kind that this run tests.

mod fuzz;
mod http;
mod matrix;
mod reading;
mod refusals;
mod schema;
mod support;
