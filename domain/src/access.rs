//! Permissions as values: a store function that changes something takes a [`Granted`], and only a policy makes one.

use crate::caller::Caller;
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
