//! The door for people and their programs: GraphQL, pages, feeds, and what HTTP needs around every answer.

pub mod error;
pub mod feed;
pub mod graphql;
pub mod http;
pub mod limit;
pub mod page;
pub mod state;

#[cfg(test)]
mod fuzz;
