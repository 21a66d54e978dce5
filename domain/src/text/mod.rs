//! Texts whose type says what was checked.

pub mod normalise;
pub mod plain;
pub mod rich;
pub mod slug;

pub use plain::{Language, PlainText};
pub use rich::RichText;
pub use slug::{Handle, Slug};
