//! Conditions on a person but what they did, and the names and texts that all parts read.

use super::super::super::rule::{ConsentState, ConsentTest, Contact, IdentifierTest, NamedTest, Rule};
use super::super::token::What;
use super::super::word;
use super::{Parsed, Parser};

/// The words that conditions begin with. No field of an event is called so.
pub(super) const CONDITIONS: [&str; 14] = [
    "everyone",
    "nobody",
    "trait",
    "computed",
    "tag",
    "stage",
    "consent",
    "contactable",
    "verified",
    "identifier",
    "in",
    "on",
    "did",
    "sequence",
];

impl Parser<'_> {
    pub(super) fn condition(&mut self) -> Parsed<Rule> {
        if self.eat("everyone") {
            Ok(Rule::All(Vec::new()))
        } else if self.eat("nobody") {
            Ok(Rule::Any(Vec::new()))
        } else if self.eat("trait") {
            Ok(Rule::Trait(self.named_test("the name of a trait")?))
        } else if self.eat("computed") {
            Ok(Rule::Computed(self.named_test("the key of a computed trait or prediction")?))
        } else if self.eat("tag") {
            Ok(Rule::Tag(self.name("a tag")?))
        } else if self.eat("stage") {
            self.stage()
        } else if self.eat("consent") {
            self.consent()
        } else if self.eat("contactable") {
            let (purpose, channel) = self.purpose()?;
            Ok(Rule::Contactable(Contact { purpose, channel }))
        } else if self.eat("verified") {
            self.expect("identifier")?;
            self.identifier(true)
        } else if self.eat("identifier") {
            self.identifier(false)
        } else if self.eat("in") {
            self.expect("audience")?;
            Ok(Rule::Audience(self.name("the key of an audience")?))
        } else if self.eat("on") {
            self.expect("list")?;
            Ok(Rule::List(self.name("the key of a list")?))
        } else if self.eat("did") {
            self.did()
        } else if self.eat("sequence") {
            self.sequence()
        } else {
            Err(self.no_condition())
        }
    }

    fn no_condition(&self) -> super::TextFault {
        let mut fault = self.unexpected("a condition such as `tag`, `trait` or `did`");
        let bare = matches!(self.peek(), What::Word { means: None, .. });
        if bare && fault.suggestion.is_none() {
            fault.suggestion = Some(format!("trait {}", self.written()));
        }
        if matches!(self.peek(), What::Text(_)) {
            fault.suggestion = Some(format!("tag {}` or `did {}", self.written(), self.written()));
        }
        fault
    }

    fn stage(&mut self) -> Parsed<Rule> {
        if self.eat("in") {
            let mut stages = Vec::new();
            self.expect_sign("(")?;
            while !self.eat_sign(")") {
                if !stages.is_empty() {
                    self.expect_sign(",")?;
                }
                stages.push(self.name("a stage")?);
            }
            return Ok(Rule::Stage(stages));
        }
        let _ = self.eat_sign("=") || self.eat("is");
        Ok(Rule::Stage(vec![self.name("a stage")?]))
    }

    /// `for PURPOSE by CHANNEL`.
    fn purpose(&mut self) -> Parsed<(String, String)> {
        self.expect("for")?;
        let purpose = self.name("a purpose, such as marketing")?;
        self.expect("by")?;
        Ok((purpose, self.name("a channel, such as sms")?))
    }

    fn consent(&mut self) -> Parsed<Rule> {
        let (purpose, channel) = self.purpose()?;
        self.expect("is")?;
        let states = [
            ("granted", ConsentState::Granted),
            ("refused", ConsentState::Refused),
            ("unknown", ConsentState::Unknown),
        ];
        for (word, state) in states {
            if self.eat(word) {
                return Ok(Rule::Consent(ConsentTest { purpose, channel, state }));
            }
        }
        Err(self.unexpected("`granted`, `refused` or `unknown`"))
    }

    fn identifier(&mut self, verified: bool) -> Parsed<Rule> {
        let namespace = self.name("a kind of identifier, such as phone")?;
        let test = self.test_if_any()?;
        Ok(Rule::Identifier(IdentifierTest { namespace, verified, test }))
    }

    pub(super) fn named_test(&mut self, what: &str) -> Parsed<NamedTest> {
        Ok(NamedTest { name: self.name(what)?, test: self.test()? })
    }

    /// A name, in quotes or a bare word, whatever the word means elsewhere.
    pub(super) fn name(&mut self, wanted: &str) -> Parsed<String> {
        match self.peek() {
            What::Text(text) => {
                let text = text.clone();
                self.advance();
                Ok(text)
            }
            What::Word { further: false, .. } => {
                let name = self.written().to_owned();
                self.advance();
                while matches!(self.peek(), What::Word { further: true, .. }) {
                    self.advance();
                }
                Ok(name)
            }
            What::Number(_) | What::Span(_) | What::Date(_) => {
                let mut fault = self.unexpected(wanted);
                fault.suggestion = Some(word::quoted(self.written()));
                Err(fault)
            }
            What::Word { further: true, .. } | What::Sign(_) | What::End => Err(self.unexpected(wanted)),
        }
    }

    /// A text in quotes.
    pub(super) fn text(&mut self, wanted: &str) -> Parsed<String> {
        let What::Text(text) = self.peek() else { return Err(self.unquoted(wanted)) };
        let text = text.clone();
        self.advance();
        Ok(text)
    }
}
