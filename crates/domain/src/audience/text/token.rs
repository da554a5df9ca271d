//! Text to tokens. Signs are read in half and full width, as Chinese keyboards write them.

use std::iter::Peekable;
use std::str::CharIndices;

use super::word::{self, Meaning};
use super::{MAX_BYTES, TextFault};

/// A token and where it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) what: What,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    /// A word: the English one, if it has a meaning, and whether it is a further part of one written word.
    Word { means: Option<&'static str>, further: bool },
    /// A text in quotes, without them.
    Text(String),
    /// A number, as JSON writes it.
    Number(String),
    /// A number and a unit, such as `30d`.
    Span(String),
    /// A date, or date and time.
    Date(String),
    /// A sign: `( ) [ ] { } , : = != > >= < <=`.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// Where an offset is: line and column, from 1, in characters.
pub(super) fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// A fault at a place of the text.
pub(super) fn fault(text: &str, (start, end): (usize, usize), code: &'static str, detail: String) -> TextFault {
    let (line, column) = place(text, start);
    TextFault { line, column, offset: start, length: end - start, code, detail, expected: Vec::new(), suggestion: None }
}

/// Reads the tokens of a text; the last is the end.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, TextFault> {
    if text.len() > MAX_BYTES {
        let detail = format!("the text has {} bytes; at most {MAX_BYTES} are read", text.len());
        return Err(fault(text, (0, 0), "text_too_long", detail));
    }
    let mut lexer = Lexer { text, chars: text.char_indices().peekable(), tokens: Vec::new() };
    while let Some(&(at, c)) = lexer.chars.peek() {
        lexer.token(at, c)?;
    }
    lexer.push(What::End, text.len(), text.len());
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn push(&mut self, what: What, start: usize, end: usize) {
        self.tokens.push(Token { what, start, end });
    }

    /// The offset of the next character.
    fn here(&mut self) -> usize {
        self.chars.peek().map_or(self.text.len(), |(at, _)| *at)
    }

    fn next_if(&mut self, wanted: impl Fn(char) -> bool) -> bool {
        self.chars.next_if(|(_, c)| wanted(*c)).is_some()
    }

    fn token(&mut self, at: usize, c: char) -> Result<(), TextFault> {
        if c.is_whitespace() || c == '\u{feff}' {
            self.chars.next();
        } else if c == '#' {
            while self.next_if(|c| c != '\n') {}
        } else if c.is_ascii_digit() || c == '-' {
            self.number(at)?;
        } else if word::begins(c) {
            self.word(at);
        } else if let Some(closing) = closing(c) {
            self.chars.next();
            self.quoted(at, closing)?;
        } else {
            self.sign(at, c)?;
        }
        Ok(())
    }

    fn word(&mut self, start: usize) {
        while self.next_if(word::goes_on) {}
        let end = self.here();
        match word::meaning(&self.text[start..end]) {
            None => self.push(What::Word { means: None, further: false }, start, end),
            Some(meaning @ (Meaning::One(_) | Meaning::Several(_))) => {
                for (i, means) in meaning.words().enumerate() {
                    self.push(What::Word { means: Some(means), further: i > 0 }, start, end);
                }
            }
        }
    }

    /// A number, a length of time or a date.
    fn number(&mut self, start: usize) -> Result<(), TextFault> {
        let rest = &self.text[start..];
        let length = date_length(rest).unwrap_or_else(|| number_length(rest));
        let is_date = date_length(rest).is_some();
        let number_end = start + length;
        while self.here() < number_end {
            self.chars.next();
        }
        let mut end = number_end;
        if !is_date {
            while self.next_if(char::is_alphanumeric) {}
            end = self.here();
        }
        let (number, unit) = (&self.text[start..number_end], &self.text[number_end..end]);
        let what = if is_date {
            What::Date(number.to_owned())
        } else if unit.is_empty() {
            if serde_json::from_str::<serde_json::Number>(number).is_err() {
                let mut wrong = fault(self.text, (start, end), "text_value", format!("`{number}` is no number"));
                wrong.suggestion = Some(number.trim_start_matches('0').to_owned())
                    .filter(|plain| serde_json::from_str::<serde_json::Number>(plain).is_ok());
                return Err(wrong);
            }
            What::Number(number.to_owned())
        } else if let Some((_, kept)) = word::UNITS.iter().find(|(written, _)| written.eq_ignore_ascii_case(unit)) {
            What::Span(format!("{number}{kept}"))
        } else {
            let detail =
                format!("`{number}{unit}` is neither a number nor a length of time such as 30d; a text needs quotes");
            let mut wrong = fault(self.text, (start, end), "text_value", detail);
            wrong.suggestion = Some(word::quoted(&self.text[start..end]));
            return Err(wrong);
        };
        self.push(what, start, end);
        Ok(())
    }

    fn quoted(&mut self, start: usize, closing: char) -> Result<(), TextFault> {
        let mut out = String::new();
        loop {
            match self.chars.next() {
                None | Some((_, '\n')) => {
                    let mut end = self.here();
                    end -= usize::from(self.text[..end].ends_with('\n'));
                    let detail = format!("this text is not closed: {closing} is missing");
                    return Err(fault(self.text, (start, end), "text_unclosed", detail));
                }
                Some((_, c)) if c == closing => break,
                Some((at, '\\')) => out.push(self.escape(at)?),
                Some((_, c)) => out.push(c),
            }
        }
        let end = self.here();
        self.push(What::Text(out), start, end);
        Ok(())
    }

    /// JSON's escapes, `\'` and `\u{…}`.
    fn escape(&mut self, start: usize) -> Result<char, TextFault> {
        let c = match self.chars.next() {
            Some((_, c @ ('"' | '\'' | '\\' | '/' | '”' | '’'))) => Some(c),
            Some((_, 'n')) => Some('\n'),
            Some((_, 't')) => Some('\t'),
            Some((_, 'r')) => Some('\r'),
            Some((_, 'b')) => Some('\u{8}'),
            Some((_, 'f')) => Some('\u{c}'),
            Some((_, 'u')) => self.unicode(),
            Some(_) | None => None,
        };
        c.ok_or_else(|| {
            let end = self.here();
            let detail = r#"there is no such escape; write \\ for a backslash, \" for a quote, \n for a new line, \u00e9 for a character by its number"#;
            fault(self.text, (start, end), "text_character", detail.to_owned())
        })
    }

    fn unicode(&mut self) -> Option<char> {
        if self.next_if(|c| c == '{') {
            let start = self.here();
            while self.next_if(|c| c.is_ascii_hexdigit()) {}
            let end = self.here();
            return self
                .next_if(|c| c == '}')
                .then(|| u32::from_str_radix(&self.text[start..end], 16).ok())
                .flatten()
                .and_then(char::from_u32);
        }
        let first = self.four()?;
        let high = (0xd800..0xdc00).contains(&first);
        if !high {
            return char::from_u32(first);
        }
        let second = if self.next_if(|c| c == '\\') && self.next_if(|c| c == 'u') { self.four()? } else { 0 };
        char::decode_utf16([first as u16, second as u16]).next()?.ok()
    }

    fn four(&mut self) -> Option<u32> {
        let mut n = 0;
        for _ in 0..4 {
            n = n * 16 + self.chars.next_if(|(_, c)| c.is_ascii_hexdigit())?.1.to_digit(16)?;
        }
        Some(n)
    }

    fn sign(&mut self, at: usize, c: char) -> Result<(), TextFault> {
        self.chars.next();
        let sign = match c {
            '(' | '（' => "(",
            ')' | '）' => ")",
            '[' | '【' => "[",
            ']' | '】' => "]",
            '{' | '｛' => "{",
            '}' | '｝' => "}",
            ',' | '，' | '、' => ",",
            ':' | '：' => ":",
            '≥' => ">=",
            '≤' => "<=",
            '≠' => "!=",
            '=' | '＝' => {
                self.next_if(|c| matches!(c, '=' | '＝'));
                "="
            }
            '>' | '＞' if self.next_if(|c| matches!(c, '=' | '＝')) => ">=",
            '>' | '＞' => ">",
            '<' | '＜' if self.next_if(|c| matches!(c, '=' | '＝')) => "<=",
            '<' | '＜' if self.next_if(|c| matches!(c, '>' | '＞')) => "!=",
            '<' | '＜' => "<",
            '!' | '！' if self.next_if(|c| matches!(c, '=' | '＝')) => "!=",
            other => return Err(self.no_sign(at, other)),
        };
        let end = self.here();
        self.push(What::Sign(sign), at, end);
        Ok(())
    }

    fn no_sign(&mut self, at: usize, c: char) -> TextFault {
        while self.next_if(|next| next == c) {}
        let end = self.here();
        let mut wrong =
            fault(self.text, (at, end), "text_character", format!("`{}` has no meaning here", &self.text[at..end]));
        wrong.suggestion = match c {
            '&' => Some("and"),
            '|' => Some("or"),
            '!' | '！' => Some("not"),
            _ => None,
        }
        .map(str::to_owned);
        wrong
    }
}

/// The quote that closes a text.
fn closing(opening: char) -> Option<char> {
    match opening {
        '"' => Some('"'),
        '\'' => Some('\''),
        '“' => Some('”'),
        '‘' => Some('’'),
        _ => None,
    }
}

/// Length of a date `2025-06-30`, with a time behind it or not.
pub(super) fn date_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let date = bytes.get(..10)?;
    let is_date = date.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if !is_date {
        return None;
    }
    let has_time = matches!(bytes.get(10), Some(b'T' | b't')) && bytes.get(11).is_some_and(u8::is_ascii_digit);
    if !has_time {
        // What goes on is something else, such as a number of 20 digits with a dash.
        return bytes.get(10).is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'-').then_some(10);
    }
    let time =
        bytes[11..].iter().take_while(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'+' | b'-' | b'Z' | b'z'));
    Some(11 + time.count())
}

/// Length of what looks like a number.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    at += digits(at);
    if bytes.get(at) == Some(&b'.') && digits(at + 1) > 0 {
        at += 1 + digits(at + 1);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    at.max(1)
}
