//! Tokens of a GraphQL document (specification, October 2021, §2.1), as the parser of the library sees them.
//!
//! Not a parser: it knows strings and comments, so that nothing in them is counted, and stops at the first byte that
//! no token begins with. Where it and the library could disagree, a document is refused.

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name or keyword.
    Name(&'a str),
    /// One of `! $ & ( ) : = @ [ ] { | }`.
    Punctuator(u8),
    /// `...`
    Spread,
    /// A number or a string.
    Value,
}

/// Where there is no token: the byte at which the reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoToken {
    pub(super) at: usize,
}

/// Reads tokens from the front of a text.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where the next token is looked for.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next token, `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, NoToken> {
        self.skip_ignored();
        let Some(first) = self.rest().first().copied() else {
            return Ok(None);
        };
        let token = match first {
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => Token::Name(self.take_while(is_name)),
            b'-' | b'0'..=b'9' => {
                self.take_while(|byte| is_name(byte) || matches!(byte, b'-' | b'+' | b'.'));
                Token::Value
            }
            b'"' => self.string()?,
            b'.' if self.rest().starts_with(b"...") => self.advance(3, Token::Spread),
            b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}' => {
                self.advance(1, Token::Punctuator(first))
            }
            _ => return Err(NoToken { at: self.at }),
        };
        Ok(Some(token))
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize, token: Token<'a>) -> Token<'a> {
        self.at += bytes;
        token
    }

    fn take_while(&mut self, good: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.iter().position(|byte| !good(*byte)).unwrap_or(rest.len());
        let word = self.text.get(self.at..self.at + end).unwrap_or_default();
        self.at += end;
        word
    }

    fn skip_ignored(&mut self) {
        loop {
            match self.rest() {
                [b' ' | b'\t' | b'\n' | b'\r' | b',', ..] => self.at += 1,
                [0xEF, 0xBB, 0xBF, ..] => self.at += 3, // a byte order mark, anywhere
                [b'#', ..] => {
                    self.take_while(|byte| byte != b'\n' && byte != b'\r');
                }
                _ => return,
            }
        }
    }

    fn string(&mut self) -> Result<Token<'a>, NoToken> {
        let begin = self.at;
        let length = match self.rest() {
            rest if rest.starts_with(b"\"\"\"") => block_string(rest),
            rest => short_string(rest),
        };
        let length = length.ok_or(NoToken { at: begin })?;
        Ok(self.advance(length, Token::Value))
    }
}

fn is_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

/// Bytes of `"…"` with its quotes; `None` where it does not end in its line.
fn short_string(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate().skip(1) {
        match byte {
            b'\n' | b'\r' => return None,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Bytes of `"""…"""` with its quotes; `\"""` does not end it.
fn block_string(text: &[u8]) -> Option<usize> {
    let mut at = 3;
    loop {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        if rest.starts_with(b"\\\"\"\"") {
            at += 4;
        } else if rest.starts_with(b"\"\"\"") {
            return Some(at + 3);
        } else {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token<'_>>, NoToken> {
        let mut lexer = Lexer::new(text);
        let mut tokens = Vec::new();
        while let Some(token) = lexer.next()? {
            tokens.push(token);
        }
        Ok(tokens)
    }

    #[test]
    fn what_stands_in_strings_and_comments_is_no_token() {
        use Token::{Name, Punctuator, Value};
        assert_eq!(
            tokens("{ a(b: \"{ \\\" }\") # { c }\n}").unwrap(),
            [
                Punctuator(b'{'),
                Name("a"),
                Punctuator(b'('),
                Name("b"),
                Punctuator(b':'),
                Value,
                Punctuator(b')'),
                Punctuator(b'}'),
            ]
        );
        assert_eq!(tokens("\"\"\" \" \\\"\"\" { \"\"\" x").unwrap(), [Value, Name("x")]);
        assert_eq!(tokens("# a comment ends\rhere").unwrap(), [Name("here")]);
        assert_eq!(tokens("\u{feff}a,,b\u{feff}").unwrap(), [Name("a"), Name("b")]);
        assert_eq!(tokens("-1.5e+3 \"\" ...").unwrap(), [Value, Value, Token::Spread]);
    }

    #[test]
    fn what_is_no_token_is_refused_where_it_stands() {
        assert_eq!(tokens("{ é }"), Err(NoToken { at: 2 }));
        assert_eq!(tokens("{ a } \"never ends"), Err(NoToken { at: 6 }));
        assert_eq!(tokens("\"a\nb\""), Err(NoToken { at: 0 }));
        assert_eq!(tokens("\"\"\" a \"\""), Err(NoToken { at: 0 }));
        assert_eq!(tokens(".."), Err(NoToken { at: 0 }));
        assert_eq!(tokens("a\u{a0}b"), Err(NoToken { at: 1 }));
    }
}
