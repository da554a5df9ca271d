//! The portable subset of SQL. Statements use `$1` parameters and run on both engines as they are; only the DDL of
//! migrations is rewritten for PostgreSQL.

use super::error::{Result, StoreError};

/// The number of a parameter called `$7`.
pub(super) fn parameter_number(name: &str) -> Result<usize> {
    name.strip_prefix(['$', '?'])
        .and_then(|n| n.parse().ok())
        .filter(|n| *n > 0)
        .ok_or_else(|| StoreError::Internal(format!("parameter {name} is not of the form $1")))
}

/// Rewrites a migration, which is written in SQLite's dialect, for PostgreSQL:
///
/// | written | PostgreSQL | why |
/// |---|---|---|
/// | `INTEGER` | `BIGINT` | 64 bits on both |
/// | `REAL` | `DOUBLE PRECISION` | 64 bits on both |
/// | `TEXT` | `TEXT COLLATE "C"` | text sorts by its bytes on both |
/// | `BLOB` | `BYTEA` | |
/// | `) STRICT`, `) STRICT, WITHOUT ROWID` | `)` | PostgreSQL is always strict |
///
/// Strings, quoted names and comments are left alone.
#[must_use]
pub fn ddl_for_postgres(ddl: &str) -> String {
    let mut out = String::with_capacity(ddl.len() + ddl.len() / 8);
    // After the `)` that ends a table, its options are dropped up to the `;`.
    let mut in_options = false;
    let mut in_cast = false;
    for token in tokens(ddl) {
        let word = token.to_ascii_uppercase();
        match word.as_str() {
            "STRICT" | "WITHOUT" | "ROWID" => {
                in_options = true;
                while out.ends_with([' ', ',', '\n']) {
                    out.pop();
                }
            }
            "," if in_options => {}
            ";" => {
                in_options = false;
                out.push(';');
            }
            "INTEGER" => out.push_str("BIGINT"),
            "REAL" => out.push_str("DOUBLE PRECISION"),
            "BLOB" => out.push_str("BYTEA"),
            "TEXT" if in_cast => out.push_str("TEXT"),
            "TEXT" => out.push_str("TEXT COLLATE \"C\""),
            _ => out.push_str(token),
        }
        // `CAST(x AS TEXT)` in the backfill of a migration takes no collation.
        if !word.trim().is_empty() {
            in_cast = word == "AS";
        }
    }
    out
}

/// Splits SQL into words, blanks, quoted parts, comments and single characters. Joined, they are the text again.
fn tokens(sql: &str) -> impl Iterator<Item = &str> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let end = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |i| i + 2)
        } else if first == '\'' || first == '"' {
            // A doubled quote inside simply starts the next quoted token.
            rest[1..].find(first).map_or(rest.len(), |i| i + 2)
        } else if word(first) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, tail) = rest.split_at(end);
        rest = tail;
        Some(token)
    })
}

/// The bounds of all texts that start with `prefix`, for `column >= $1 AND column < $2`, which both engines answer from
/// a plain index. (`LIKE` would depend on collation, case folding and escaping.)
#[must_use]
pub fn prefix_range(prefix: &str) -> (String, String) {
    let mut upper = prefix.to_owned();
    while let Some(last) = upper.pop() {
        // Over the gap of the surrogates, which are no characters.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            upper.push(next);
            return (prefix.to_owned(), upper);
        }
    }
    // Nothing sorts after the last character in use, repeated.
    (prefix.to_owned(), "\u{10FFFF}".repeat(prefix.chars().count() + 4))
}

/// The statement of [`Tx::insert_many`](super::Tx::insert_many) for one row: `INSERT INTO t (a, b) VALUES ($1, $2) …`.
pub(super) fn insert_one(insert: &str, columns: usize, then: &str) -> String {
    let mut sql = insert_head(insert).to_owned();
    for i in 1..=columns {
        sql.push_str(if i == 1 { " VALUES (" } else { ", " });
        sql.push_str(&format!("${i}"));
    }
    sql.push_str(") ");
    sql.push_str(then);
    sql
}

/// `INSERT INTO t (a, b)` of a text that may end in `VALUES`.
pub(super) fn insert_head(insert: &str) -> &str {
    let head = insert.trim_end();
    head.strip_suffix("VALUES").or_else(|| head.strip_suffix("values")).map_or(head, str::trim_end)
}

/// Names in the first pair of brackets after `from`, trimmed: the columns of an insert or the target of `ON CONFLICT`.
pub(super) fn bracketed(sql: &str, from: usize) -> Option<Vec<&str>> {
    let open = sql.get(from..)?.find('(')? + from;
    let close = sql[open..].find(')')? + open;
    Some(sql[open + 1..close].split(',').map(str::trim).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_table_reads_as_postgres_wants_it() {
        let ddl = "-- INTEGER stays in a comment\nCREATE TABLE t (\n  id INTEGER NOT NULL,\n  x REAL,\n  \
                   note TEXT NOT NULL DEFAULT 'TEXT; it''s BLOB',\n  body BLOB, PRIMARY KEY (id)\n) STRICT, WITHOUT ROWID;\n\
                   CREATE INDEX t_note ON t (note);\nINSERT INTO t SELECT id, x, CAST(id AS TEXT), body FROM u;";
        let want = "-- INTEGER stays in a comment\nCREATE TABLE t (\n  id BIGINT NOT NULL,\n  x DOUBLE PRECISION,\n  \
                    note TEXT COLLATE \"C\" NOT NULL DEFAULT 'TEXT; it''s BLOB',\n  body BYTEA, PRIMARY KEY (id)\n);\n\
                    CREATE INDEX t_note ON t (note);\nINSERT INTO t SELECT id, x, CAST(id AS TEXT), body FROM u;";
        assert_eq!(ddl_for_postgres(ddl), want);
    }

    #[test]
    fn an_insert_may_end_in_values_or_not() {
        let want = "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        assert_eq!(insert_one("INSERT INTO t (a, b)", 2, "ON CONFLICT DO NOTHING"), want);
        assert_eq!(insert_one("INSERT INTO t (a, b) VALUES ", 2, "ON CONFLICT DO NOTHING"), want);
        assert_eq!(bracketed(want, 0), Some(vec!["a", "b"]));
        assert_eq!(bracketed("no brackets", 0), None);
    }

    #[test]
    fn parameters_are_numbered_by_their_name() {
        assert_eq!(parameter_number("$12").unwrap(), 12);
        assert!(parameter_number(":name").is_err());
        assert!(parameter_number("$0").is_err());
    }

    proptest! {
        #[test]
        fn tokens_joined_are_the_text(text in "[ -~\n张'\"]{0,60}") {
            prop_assert_eq!(tokens(&text).collect::<String>(), text);
        }

        #[test]
        fn the_range_of_a_prefix_holds_exactly_what_starts_with_it(prefix in "[a-c张\u{D7FF}]{0,3}", text in "[a-d张李\u{D7FF}\u{E000}]{0,4}") {
            let (from, to) = prefix_range(&prefix);
            prop_assert_eq!(text.starts_with(&prefix), text >= from && text < to);
        }
    }
}
