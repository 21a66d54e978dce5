//! Counts a document before any library interprets it: validating it can be made exponential, reading it cannot.
//!
//! One pass over the bytes counts tokens, aliases, fragments, spreads, directives and nesting; then the fragments are
//! unfolded in numbers only, each once. The deepest nesting follows from the unfolded document too.
//! What passes costs the library time in proportion to [`Limits::unfolded`], whatever its shape.

mod lexer;
mod reader;
#[cfg(test)]
mod tests;

use reader::{Definition, Reader};
use std::{collections::HashMap, fmt};

/// The most of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document.
    pub bytes: usize,
    /// Tokens (§2.1.6 of the specification).
    pub tokens: usize,
    /// Renamed fields.
    pub aliases: usize,
    /// Fragment definitions.
    pub fragments: usize,
    /// Uses of fragments.
    pub spreads: usize,
    /// Directives.
    pub directives: usize,
    /// Brackets inside brackets, of any kind: what the parser's stack bears.
    pub nesting: usize,
    /// Fields inside fields.
    pub depth: u32,
    /// Fields inside fields of an operation that asks only about the schema.
    pub introspection_depth: u32,
    /// Fields and uses of fragments, once every fragment is written out where it is used.
    pub unfolded: u64,
}

/// The limits for documents from outside (`security.md` §7.4).
pub const LIMITS: Limits = Limits {
    bytes: 100_000,
    tokens: 2_000,
    aliases: 30,
    fragments: 20,
    spreads: 50,
    directives: 50,
    nesting: 60,
    depth: 10,
    introspection_depth: 15,
    unfolded: 2_000,
};

/// Why a document is refused before it is parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// More bytes than this.
    Bytes(usize),
    /// More tokens than this.
    Tokens(usize),
    /// More aliases than this.
    Aliases(usize),
    /// More fragments than this.
    Fragments(usize),
    /// More spreads than this.
    Spreads(usize),
    /// More directives than this.
    Directives(usize),
    /// Brackets nested deeper than this.
    Nesting(usize),
    /// Fields nested deeper than this.
    Depth(u32),
    /// More fields, fragments written out, than this.
    Unfolded(u64),
    /// A fragment contains itself.
    Cycle,
    /// No GraphQL: the byte at which it ends to be.
    Syntax(usize),
}

impl Refused {
    /// Whether it is too much to be read at all, rather than a document that asks for too much.
    pub fn is_oversized(self) -> bool {
        matches!(self, Self::Bytes(_) | Self::Tokens(_) | Self::Directives(_))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, most) = match *self {
            Self::Bytes(most) => ("bytes", most as u64),
            Self::Tokens(most) => ("tokens", most as u64),
            Self::Aliases(most) => ("aliases", most as u64),
            Self::Fragments(most) => ("fragments", most as u64),
            Self::Spreads(most) => ("fragment spreads", most as u64),
            Self::Directives(most) => ("directives", most as u64),
            Self::Nesting(most) => ("levels of brackets", most as u64),
            Self::Depth(most) => ("levels of fields", u64::from(most)),
            Self::Unfolded(most) => ("fields with all fragments written out", most),
            Self::Cycle => return f.write_str("A fragment must not contain itself."),
            Self::Syntax(at) => return write!(f, "This is no GraphQL: unexpected text at byte {at}."),
        };
        write!(
            f,
            "This document is too large: at most {most} {what}. Ask for less at once."
        )
    }
}

/// What a document consists of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tokens.
    pub tokens: usize,
    /// Fields, as written.
    pub fields: usize,
    /// Renamed fields.
    pub aliases: usize,
    /// Fragment definitions.
    pub fragments: usize,
    /// Uses of fragments.
    pub spreads: usize,
    /// Directives.
    pub directives: usize,
    /// Fields inside fields, fragments written out.
    pub depth: u32,
    /// Fields and uses of fragments, fragments written out.
    pub unfolded: u64,
}

/// Counts a document.
///
/// # Errors
/// The first limit that it passes.
pub fn check(document: &str, limits: &Limits) -> Result<Counts, Refused> {
    if document.len() > limits.bytes {
        return Err(Refused::Bytes(limits.bytes));
    }
    let (mut counts, definitions) = Reader::new(document, limits).read()?;
    let mut unfolding = Unfolding::new(&definitions);
    for (index, definition) in definitions.iter().enumerate() {
        let size = unfolding.size(index)?;
        if size.selections > limits.unfolded {
            return Err(Refused::Unfolded(limits.unfolded));
        }
        if definition.fragment.is_some() {
            continue; // counted where it is used
        }
        let most = if definition.asks_about_schema {
            limits.introspection_depth
        } else {
            limits.depth
        };
        if size.depth > most {
            return Err(Refused::Depth(most));
        }
        counts.unfolded = counts.unfolded.saturating_add(size.selections);
        counts.depth = counts.depth.max(size.depth);
    }
    if counts.unfolded > limits.unfolded {
        return Err(Refused::Unfolded(limits.unfolded));
    }
    Ok(counts)
}

/// How large a definition is with its fragments written out.
#[derive(Clone, Copy, Default)]
struct Size {
    selections: u64,
    depth: u32,
}

/// Writes fragments out, in numbers only, each once.
struct Unfolding<'d, 'a> {
    definitions: &'d [Definition<'a>],
    by_name: HashMap<&'a str, usize>,
    known: Vec<State>,
}

#[derive(Clone, Copy)]
enum State {
    New,
    Begun,
    Known(Size),
}

impl<'d, 'a> Unfolding<'d, 'a> {
    fn new(definitions: &'d [Definition<'a>]) -> Self {
        let named = definitions.iter().enumerate();
        Self {
            definitions,
            by_name: named.filter_map(|(index, one)| Some((one.fragment?, index))).collect(),
            known: vec![State::New; definitions.len()],
        }
    }

    /// The recursion is as deep as fragments contain each other: at most [`Limits::fragments`].
    fn size(&mut self, index: usize) -> Result<Size, Refused> {
        let (Some(definition), Some(state)) = (self.definitions.get(index), self.known.get_mut(index)) else {
            return Ok(Size::default());
        };
        match state {
            State::Known(size) => return Ok(*size),
            State::Begun => return Err(Refused::Cycle),
            State::New => *state = State::Begun,
        }
        let mut size = Size {
            selections: definition.selections,
            depth: definition.depth,
        };
        for spread in &definition.spreads {
            // A fragment that is missing is the validator's to refuse.
            if let Some(fragment) = self.by_name.get(spread.name) {
                let inner = self.size(*fragment)?;
                size.selections = size.selections.saturating_add(inner.selections);
                size.depth = size.depth.max(spread.depth.saturating_add(inner.depth));
            }
        }
        if let Some(state) = self.known.get_mut(index) {
            *state = State::Known(size);
        }
        Ok(size)
    }
}
