//! Permissions as values: a store function that changes something takes a [`Granted`], and only a policy makes one.

use crate::{caller::Caller, db::schema::event};
use diesel::{dsl::auto_type, prelude::*};
use std::{marker::PhantomData, ops::Deref};

/// Proof that policy `P` let a caller act on this value.
///
/// `Granted::new` may be written in files named `policy.rs` only; `tests/architecture.rs` reads the sources.
#[derive(Debug)]
pub struct Granted<T, P> {
    value: T,
    proof: PhantomData<P>,
}

impl<T, P> Granted<T, P> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            value,
            proof: PhantomData,
        }
    }

    /// Changes the value and keeps the proof.
    #[must_use]
    pub fn edit(mut self, change: impl FnOnce(&mut T)) -> Self {
        change(&mut self.value);
        self
    }

    /// The value, without the proof.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T, P> Deref for Granted<T, P> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// What a caller is to a thing, loaded once, so that a policy is a table one can print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The site itself.
    System,
    /// Acts as the profile that owns it.
    Owner,
    /// Anybody else.
    Stranger,
}

impl Standing {
    /// The standing of `caller` towards what the profiles in `owners` own.
    pub fn of(caller: &Caller, owners: &[Option<crate::id::ProfileId>]) -> Self {
        match caller {
            Caller::System => Self::System,
            Caller::Local { profile, .. } | Caller::Remote { profile } if owners.contains(&Some(*profile)) => {
                Self::Owner
            }
            _ => Self::Stranger,
        }
    }
}

/// The events that everybody may read, or could until they were deleted, as SQL: those of which `event::policy::view`
/// says to a stranger that they are there or gone. A tag and a place are shown for the sake of one of them.
#[auto_type(no_type_alias)]
pub(crate) fn known_events() -> _ {
    let draft: &'static str = "draft";
    let public: &'static str = "public";
    let unlisted: &'static str = "unlisted";
    let is_open = event::visibility.eq(public).or(event::visibility.eq(unlisted));
    event::state.ne(draft).and(is_open)
}

/// The events in public lists, as SQL. A tag and a place are listed for the sake of one of them.
#[auto_type(no_type_alias)]
pub(crate) fn listed_events() -> _ {
    let none: &'static str = "none";
    event::listing.ne(none)
}

#[cfg(test)]
mod tests;
