//! Files become events, people and ad spend.

mod spend;
