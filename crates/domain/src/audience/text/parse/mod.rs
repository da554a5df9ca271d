//! Tokens to a tree, by recursive descent. What was looked for in vain at a place is remembered: it is what a fault says
//! was expected there, and what a misspelt word is compared with.

mod behaviour;
mod condition;
mod test;

use super::super::rule::{Definition, Filter, Rule};
use super::token::{self, Token, What};
use super::{MAX_DEPTH, TextFault, word};

type Parsed<T> = Result<T, TextFault>;

/// Reads a definition; a text that names no zone gets `zone`.
pub(super) fn definition(text: &str, zone: &str) -> Parsed<Definition> {
    let mut parser = Parser::new(text)?;
    let rule = parser.tree::<Rule>()?;
    let zone = if parser.eat("zone") {
        parser.text("the name of a zone, such as \"Asia/Shanghai\"")?
    } else {
        zone.to_owned()
    };
    parser.end()?;
    Ok(Definition { zone, rule })
}

/// Reads a rule.
pub(super) fn rule(text: &str) -> Parsed<Rule> {
    let mut parser = Parser::new(text)?;
    let rule = parser.tree::<Rule>()?;
    parser.end()?;
    Ok(rule)
}

/// A tree of all, any and none: rules and filters.
trait Tree: Sized {
    fn all(members: Vec<Self>) -> Self;
    fn any(members: Vec<Self>) -> Self;
    fn none(members: Vec<Self>) -> Self;
    /// Reads what is no group.
    fn leaf(parser: &mut Parser<'_>) -> Parsed<Self>;
    /// Whether a member of the chain begins at a token: filters end where conditions go on.
    fn begins(parser: &Parser<'_>, at: usize) -> bool;
}

impl Tree for Rule {
    fn all(members: Vec<Self>) -> Self {
        Self::All(members)
    }
    fn any(members: Vec<Self>) -> Self {
        Self::Any(members)
    }
    fn none(members: Vec<Self>) -> Self {
        Self::None(members)
    }
    fn leaf(parser: &mut Parser<'_>) -> Parsed<Self> {
        parser.condition()
    }
    fn begins(_: &Parser<'_>, _: usize) -> bool {
        true
    }
}

impl Tree for Filter {
    fn all(members: Vec<Self>) -> Self {
        Self::All(members)
    }
    fn any(members: Vec<Self>) -> Self {
        Self::Any(members)
    }
    fn none(members: Vec<Self>) -> Self {
        Self::None(members)
    }
    fn leaf(parser: &mut Parser<'_>) -> Parsed<Self> {
        parser.filter()
    }
    fn begins(parser: &Parser<'_>, at: usize) -> bool {
        parser.open > 0 || parser.filter_begins(at)
    }
}

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Groups open since `where`: inside one of them everything is about the event.
    open: usize,
    /// Words looked for in vain since the last token was taken.
    expected: Vec<&'static str>,
}

impl<'a> Parser<'a> {
    fn new(source: &'a str) -> Parsed<Self> {
        Ok(Self { source, tokens: token::tokens(source)?, at: 0, depth: 0, open: 0, expected: Vec::new() })
    }

    // Tokens.

    fn peek(&self) -> &What {
        &self.tokens[self.at].what
    }

    /// A token by its place; the end goes on for ever.
    fn what(&self, at: usize) -> &What {
        &self.tokens[at.min(self.tokens.len() - 1)].what
    }

    fn means(&self, at: usize) -> Option<&'static str> {
        match self.what(at) {
            What::Word { means, .. } => *means,
            What::Text(_) | What::Number(_) | What::Span(_) | What::Date(_) | What::Sign(_) | What::End => None,
        }
    }

    fn is_sign(&self, at: usize, sign: &str) -> bool {
        matches!(self.what(at), What::Sign(s) if *s == sign)
    }

    /// The text of the next token, as it was written.
    fn written(&self) -> &'a str {
        let token = &self.tokens[self.at];
        &self.source[token.start..token.end]
    }

    fn advance(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        self.expected.clear();
    }

    /// Whether the next token is this word.
    fn at_word(&mut self, word: &'static str) -> bool {
        let is = self.means(self.at) == Some(word);
        if !is && !self.expected.contains(&word) {
            self.expected.push(word);
        }
        is
    }

    /// Takes this word, if it is the next.
    fn eat(&mut self, word: &'static str) -> bool {
        let is = self.at_word(word);
        if is {
            self.advance();
        }
        is
    }

    /// Takes these words, if they are next, all of them.
    fn eat_words(&mut self, words: &[&'static str]) -> bool {
        let is = words.iter().enumerate().all(|(i, word)| self.means(self.at + i) == Some(*word));
        if is {
            for _ in words {
                self.advance();
            }
        } else {
            self.at_word(words[0]);
        }
        is
    }

    fn expect(&mut self, word: &'static str) -> Parsed<()> {
        if self.eat(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    fn eat_sign(&mut self, sign: &'static str) -> bool {
        let is = self.is_sign(self.at, sign);
        if is {
            self.advance();
        } else if !self.expected.contains(&sign) {
            self.expected.push(sign);
        }
        is
    }

    fn expect_sign(&mut self, sign: &'static str) -> Parsed<()> {
        if self.eat_sign(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    // Faults.

    /// A fault at the next token.
    fn fault(&self, code: &'static str, detail: String) -> TextFault {
        let token = &self.tokens[self.at];
        token::fault(self.source, (token.start, token.end), code, detail)
    }

    /// Something else than `wanted` stands here.
    fn unexpected(&self, wanted: &str) -> TextFault {
        let written = self.written();
        let found = match self.peek() {
            What::End => "the text ends".to_owned(),
            What::Word { .. } | What::Text(_) | What::Number(_) | What::Span(_) | What::Date(_) | What::Sign(_) => {
                let short: String = written.chars().take(40).collect();
                let more = if short.len() < written.len() { "…" } else { "" };
                format!("{short}{more} stands here")
            }
        };
        let mut fault = self.fault("text_expected", format!("{found} where {wanted} is expected"));
        fault.expected = self.expected.iter().map(|word| (*word).to_owned()).collect();
        if matches!(self.peek(), What::Word { .. }) {
            fault.suggestion = word::nearest(written, self.expected.iter().copied()).map(str::to_owned);
        }
        fault
    }

    /// As [`Self::unexpected`]; a bare word was probably meant as a text.
    fn unquoted(&self, wanted: &str) -> TextFault {
        let mut fault = self.unexpected(wanted);
        let end = match self.peek() {
            What::Word { .. } | What::Number(_) | What::Span(_) | What::Date(_) => {
                let names = |t: &&Token| matches!(t.what, What::Word { means: None, .. });
                let last = self.tokens[self.at + 1..].iter().take_while(names).last().unwrap_or(&self.tokens[self.at]);
                Some(last.end)
            }
            What::Text(_) | What::Sign(_) | What::End => None,
        };
        if let Some(end) = end {
            fault.suggestion = Some(word::quoted(&self.source[self.tokens[self.at].start..end]));
        }
        fault
    }

    fn end(&mut self) -> Parsed<()> {
        if *self.peek() == What::End {
            return Ok(());
        }
        Err(self.unexpected("`and`, `or` or the end"))
    }

    fn enter(&mut self) -> Parsed<()> {
        self.depth += 1;
        self.open += 1;
        if self.depth > MAX_DEPTH {
            let detail = format!("this is nested too deep: at most {MAX_DEPTH} levels are read");
            return Err(self.fault("text_too_deep", detail));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
        self.open -= 1;
    }

    // Trees.

    fn tree<T: Tree>(&mut self) -> Parsed<T> {
        let mut any = vec![fold(self.chain()?)];
        while self.at_word("or") && T::begins(self, self.at + 1) {
            self.advance();
            any.push(fold(self.chain()?));
        }
        Ok(if any.len() == 1 { any.remove(0) } else { T::any(any) })
    }

    /// A chain of `and`.
    fn chain<T: Tree>(&mut self) -> Parsed<Vec<T>> {
        let mut all = vec![self.member()?];
        while self.at_word("and") && T::begins(self, self.at + 1) {
            self.advance();
            all.push(self.member()?);
        }
        Ok(all)
    }

    /// The filters after `where`: a chain of `and` is their list, anything else one filter.
    fn filters(&mut self) -> Parsed<Vec<Filter>> {
        let outside = std::mem::take(&mut self.open);
        let filters = self.filter_list();
        self.open = outside;
        filters
    }

    fn filter_list(&mut self) -> Parsed<Vec<Filter>> {
        let all = self.chain()?;
        if !(self.at_word("or") && Filter::begins(self, self.at + 1)) {
            return Ok(all);
        }
        let mut any = vec![fold(all)];
        while self.at_word("or") && Filter::begins(self, self.at + 1) {
            self.advance();
            any.push(fold(self.chain()?));
        }
        Ok(vec![Filter::Any(any)])
    }

    fn member<T: Tree>(&mut self) -> Parsed<T> {
        if self.eat("not") {
            self.enter()?;
            // `not` opens no group.
            self.open -= 1;
            let member = self.member()?;
            self.open += 1;
            self.leave();
            return Ok(T::none(vec![member]));
        }
        if self.eat_sign("(") {
            self.enter()?;
            let group = self.tree()?;
            self.expect_sign(")")?;
            self.leave();
            return Ok(group);
        }
        for (word, make) in [("all", T::all as fn(Vec<T>) -> T), ("any", T::any), ("none", T::none)] {
            if self.eat(word) {
                self.eat("of");
                return Ok(make(self.group()?));
            }
        }
        T::leaf(self)
    }

    /// The members of a group, in parentheses.
    fn group<T: Tree>(&mut self) -> Parsed<Vec<T>> {
        self.expect_sign("(")?;
        self.enter()?;
        let mut members = Vec::new();
        while !self.eat_sign(")") {
            if !members.is_empty() {
                self.expect_sign(",")?;
            }
            members.push(self.tree()?);
        }
        self.leave();
        Ok(members)
    }
}

/// A chain of one is its member.
fn fold<T: Tree>(mut chain: Vec<T>) -> T {
    if chain.len() == 1 { chain.remove(0) } else { T::all(chain) }
}
