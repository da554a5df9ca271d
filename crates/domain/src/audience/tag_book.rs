//! What a rule about a tag means: the tag by its one name, by hand or by rule.

use std::collections::HashMap;

use super::rule::{Case, Computation, Rule};
use crate::person::tag::fold;

/// What is said of tags that rules must know: other names, and the audiences whose members have a tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagBook {
    /// By folded name.
    synonyms: HashMap<String, String>,
    /// Tag to key of audience.
    audiences: HashMap<String, String>,
}

impl TagBook {
    /// From other names as `(folded name, tag)` and automatic tags as `(tag, key of audience)`.
    #[must_use]
    pub fn new(
        synonyms: impl IntoIterator<Item = (String, String)>,
        audiences: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self { synonyms: synonyms.into_iter().collect(), audiences: audiences.into_iter().collect() }
    }

    /// The tag that a name stands for.
    #[must_use]
    pub fn tag<'a>(&'a self, name: &'a str) -> &'a str {
        self.synonyms.get(&fold(name)).map_or(name, String::as_str)
    }

    /// The audience whose members have a tag.
    #[must_use]
    pub fn audience(&self, tag: &str) -> Option<&str> {
        self.audiences.get(tag).map(String::as_str)
    }

    /// Says of every tag in a rule what it means: by its one name, and by hand or by rule.
    pub fn bind(&self, rule: &mut Rule) {
        match rule {
            Rule::All(of) | Rule::Any(of) | Rule::None(of) => of.iter_mut().for_each(|r| self.bind(r)),
            Rule::Tag(name) => {
                let tag = self.tag(name).to_owned();
                let audience = self.audience(&tag).map(|key| Rule::Audience(key.to_owned()));
                let by_hand = Rule::Tag(tag);
                *rule = match audience {
                    Some(by_rule) => Rule::Any(vec![by_hand, by_rule]),
                    None => by_hand,
                };
            }
            Rule::Trait(_)
            | Rule::Computed(_)
            | Rule::Stage(_)
            | Rule::Consent(_)
            | Rule::Contactable(_)
            | Rule::Identifier(_)
            | Rule::Audience(_)
            | Rule::List(_)
            | Rule::Did(_)
            | Rule::Sequence(_) => {}
        }
    }

    /// As [`TagBook::bind`], for the rules of a computed trait.
    pub fn bind_computation(&self, computation: &mut Computation) {
        match computation {
            Computation::Cases { cases, .. } => {
                cases.iter_mut().for_each(|Case { when, .. }| self.bind(when));
            }
            Computation::Measure { .. } | Computation::Formula(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_about_a_tag_means_its_other_names_and_its_audience() {
        let book = TagBook::new([(fold("Big Spender"), "vip".to_owned())], [("vip".to_owned(), "tag-vip".to_owned())]);
        let mut rule = crate::audience::text::parse_rule(r#"not tag "big spender" and tag "staff""#).unwrap();
        book.bind(&mut rule);
        let meant = crate::audience::text::parse_rule(r#"not (tag "vip" or in audience "tag-vip") and tag "staff""#);
        assert_eq!(rule, meant.unwrap());
    }
}
