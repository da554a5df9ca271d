//! Rows of the room `audience`: definitions with their versions, who is in what, what is kept of behaviour, what is to be
//! looked at again and when, uploaded lists.
//!
//! Who only wants to know who is in what needs three functions: [`by_key`] gives the audience with its version in force,
//! [`members`] a page of that version, [`memberships_of`] the versions that some people are in.

mod definition;
mod list;
mod member;
mod state;
#[cfg(test)]
mod tests;

pub use definition::{
    AudienceRow, ComputedTraitRow, PartKind, VersionRow, VersionState, all, by_key, computed_traits, get, insert,
    trait_by_key, trait_get, trait_put, update, version, version_insert, version_number_next, version_update, versions,
    versions_in,
};
pub use list::{
    ListEntry, ListRow, list_by_key, list_delete, list_entries_add, list_entries_clear, list_known, list_people,
    list_put, list_refresh, list_unmatched, lists, lists_of, lists_with, people_entries_delete,
};
pub use member::{
    Difference, Hour, Member, Membership, computed_clear, computed_delete, computed_of, computed_put, difference,
    difference_page, differing_mark, hours, hours_add, members, members_clear, members_count, members_delete,
    members_put, memberships_of, overlap, size_add, size_set,
};
pub use state::{
    BehaviourRow, Dirty, Track, behaviour_size, behaviours, behaviours_delete, behaviours_put, dirty, dirty_any,
    dirty_clear, dirty_count, dirty_events_any, dirty_mark, dirty_of, due, due_count, due_next, due_of, due_put, moved,
    moved_add, moved_clear, moved_of, people_after, people_forget, tracks, tracks_drop, tracks_put,
};
