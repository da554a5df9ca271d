//! The single customer view: traits with precedence, life-cycle stage, consent, search terms.
//!
//! Everything here is a fold over facts that hang on *lines* (identifier nodes); a person is the union of the lines
//! of its cluster. So a merge or a split moves nothing and each side gets its own values back.
//! It knows nothing of how clusters come to be ([`crate::identity`]). Start reading at [`traits::fold`].

pub mod consent;
pub mod search;
pub mod stage;
pub mod tag;
pub mod traits;
