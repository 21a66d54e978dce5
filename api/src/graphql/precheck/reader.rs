//! The one pass over a document: what is counted, and which fragment is used where.

use super::{
    Counts, Limits, Refused,
    lexer::{Lexer, NoToken, Token},
};

/// An operation or a fragment.
#[derive(Debug, Default)]
pub(super) struct Definition<'a> {
    /// The name of a fragment; `None` for an operation.
    pub(super) fragment: Option<&'a str>,
    /// Its own fields and uses of fragments: an empty fragment that is used costs time too.
    pub(super) selections: u64,
    /// How deep its own fields stand.
    pub(super) depth: u32,
    /// An operation whose outermost fields are all about the schema.
    pub(super) asks_about_schema: bool,
    /// The fragments that it uses.
    pub(super) spreads: Vec<Spread<'a>>,
}

/// The use of a fragment.
#[derive(Debug)]
pub(super) struct Spread<'a> {
    pub(super) name: &'a str,
    /// Below so many fields.
    pub(super) depth: u32,
}

/// An open bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `{` of fields that stand this deep.
    Fields(u32),
    /// `(`, and whatever is open within: values.
    Values,
}

pub(super) struct Reader<'a> {
    lexer: Lexer<'a>,
    length: usize,
    limits: &'a Limits,
    counts: Counts,
    definitions: Vec<Definition<'a>>,
    open: Vec<Open>,
    /// How deep the fields stand that a `{` would open now.
    next_depth: u32,
    /// A definition was begun, and its `{` is still to come.
    is_begun: bool,
    ahead: Option<Token<'a>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(document: &'a str, limits: &'a Limits) -> Self {
        Self {
            lexer: Lexer::new(document),
            length: document.len(),
            limits,
            counts: Counts::default(),
            definitions: Vec::new(),
            open: Vec::new(),
            next_depth: 1,
            is_begun: false,
            ahead: None,
        }
    }

    /// Reads to the end.
    pub(super) fn read(mut self) -> Result<(Counts, Vec<Definition<'a>>), Refused> {
        while let Some(token) = self.token()? {
            match self.open.last().copied() {
                None => self.between_definitions(token)?,
                Some(Open::Fields(depth)) => self.among_fields(token, depth)?,
                Some(Open::Values) => self.among_values(token)?,
            }
        }
        if self.open.is_empty() {
            Ok((self.counts, self.definitions))
        } else {
            Err(Refused::Syntax(self.length))
        }
    }

    fn token(&mut self) -> Result<Option<Token<'a>>, Refused> {
        if let Some(token) = self.ahead.take() {
            return Ok(Some(token));
        }
        let token = self.lexer.next().map_err(|NoToken { at }| Refused::Syntax(at))?;
        if token.is_some() {
            count(&mut self.counts.tokens, self.limits.tokens, Refused::Tokens)?;
        }
        Ok(token)
    }

    /// The next token if it is a name; any other stays.
    fn name(&mut self) -> Result<Option<&'a str>, Refused> {
        match self.token()? {
            Some(Token::Name(name)) => Ok(Some(name)),
            other => {
                self.ahead = other;
                Ok(None)
            }
        }
    }

    fn between_definitions(&mut self, token: Token<'a>) -> Result<(), Refused> {
        match token {
            Token::Name("fragment") => {
                count(&mut self.counts.fragments, self.limits.fragments, Refused::Fragments)?;
                let fragment = self.name()?;
                self.name()?; // on
                self.name()?; // the type
                self.begin(fragment);
            }
            Token::Name(_) => {
                self.name()?; // query, mutation or subscription, and its name
                self.begin(None);
            }
            Token::Punctuator(b'{') => {
                if !self.is_begun {
                    self.begin(None); // `{ … }` alone is a query
                }
                self.is_begun = false;
                self.push(Open::Fields(1))?;
            }
            Token::Punctuator(b'(') => self.push(Open::Values)?,
            Token::Punctuator(b'@') => self.directive()?,
            Token::Punctuator(_) | Token::Spread | Token::Value => return Err(self.unexpected()),
        }
        Ok(())
    }

    fn begin(&mut self, fragment: Option<&'a str>) {
        self.definitions.push(Definition {
            fragment,
            asks_about_schema: fragment.is_none(),
            ..Definition::default()
        });
        self.is_begun = true;
    }

    fn among_fields(&mut self, token: Token<'a>, depth: u32) -> Result<(), Refused> {
        match token {
            Token::Name(name) => self.field(name, depth),
            Token::Spread => self.spread(depth),
            Token::Punctuator(b'@') => self.directive(),
            Token::Punctuator(b'(') => self.push(Open::Values),
            Token::Punctuator(b'{') => self.push(Open::Fields(self.next_depth)),
            Token::Punctuator(b'}') => {
                self.open.pop();
                self.next_depth = depth;
                Ok(())
            }
            Token::Punctuator(_) | Token::Value => Err(self.unexpected()),
        }
    }

    fn field(&mut self, mut name: &'a str, depth: u32) -> Result<(), Refused> {
        match self.token()? {
            Some(Token::Punctuator(b':')) => {
                count(&mut self.counts.aliases, self.limits.aliases, Refused::Aliases)?;
                name = self.name()?.unwrap_or_default();
            }
            other => self.ahead = other,
        }
        self.counts.fields += 1;
        self.next_depth = depth.saturating_add(1);
        if let Some(definition) = self.definitions.last_mut() {
            definition.selections += 1;
            definition.depth = definition.depth.max(depth);
            definition.asks_about_schema &= depth > 1 || name.starts_with("__");
        }
        Ok(())
    }

    /// `...Name`, or `... on Type {` and `... {`, whose fields stand as deep as those around it.
    fn spread(&mut self, depth: u32) -> Result<(), Refused> {
        count(&mut self.counts.spreads, self.limits.spreads, Refused::Spreads)?;
        self.next_depth = depth;
        if let Some(definition) = self.definitions.last_mut() {
            definition.selections += 1;
        }
        match self.name()? {
            Some("on") => {
                self.name()?; // the type
            }
            Some(name) => {
                if let Some(definition) = self.definitions.last_mut() {
                    let below = depth.saturating_sub(1);
                    definition.spreads.push(Spread { name, depth: below });
                    definition.asks_about_schema &= depth > 1;
                }
            }
            None => {}
        }
        Ok(())
    }

    fn directive(&mut self) -> Result<(), Refused> {
        self.name()?;
        count(&mut self.counts.directives, self.limits.directives, Refused::Directives)
    }

    fn among_values(&mut self, token: Token<'a>) -> Result<(), Refused> {
        match token {
            Token::Punctuator(b'(' | b'[' | b'{') => self.push(Open::Values),
            Token::Punctuator(b')' | b']' | b'}') => {
                self.open.pop();
                Ok(())
            }
            Token::Punctuator(b'@') => self.directive(),
            Token::Name(_) | Token::Punctuator(_) | Token::Value => Ok(()),
            Token::Spread => Err(self.unexpected()),
        }
    }

    fn push(&mut self, open: Open) -> Result<(), Refused> {
        if self.open.len() >= self.limits.nesting {
            return Err(Refused::Nesting(self.limits.nesting));
        }
        self.open.push(open);
        Ok(())
    }

    fn unexpected(&self) -> Refused {
        Refused::Syntax(self.lexer.at().saturating_sub(1))
    }
}

fn count(counter: &mut usize, most: usize, refused: fn(usize) -> Refused) -> Result<(), Refused> {
    *counter += 1;
    if *counter > most { Err(refused(most)) } else { Ok(()) }
}
