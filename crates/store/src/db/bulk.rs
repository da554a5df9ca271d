//! Many rows at once: one cached statement in a loop on SQLite, one round trip on PostgreSQL.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::hash::{Hash, Hasher};

use super::error::{Result, StoreError};
use super::postgres::PgConn;
use super::value::{Bind, Row, Value};
use super::{Conn, Tx, sql, sqlite};

/// Rows per round trip on PostgreSQL.
const CHUNK_ROWS: usize = 5_000;
/// Sizes of the `IN` lists that SQLite prepares, so that few texts serve lists of any length: 100 keys are 64 + 16 + 16 + 4.
/// Longer lists gain nothing, and filling up with repeated keys costs as much as real ones.
const LIST_SIZES: [usize; 4] = [64, 16, 4, 1];

impl Tx<'_> {
    /// Inserts rows, as if one after the other: `insert_many("INSERT INTO t (a, b) VALUES", rows, "ON CONFLICT (a) DO
    /// UPDATE SET b = excluded.b")`, each row an array of [`v`](super::v)s. Returns how many rows were inserted or
    /// updated.
    pub fn insert_many<'v, R: AsRef<[Value<'v>]>>(
        &mut self,
        insert: &str,
        rows: impl IntoIterator<Item = R>,
        then: &str,
    ) -> Result<u64> {
        let mut rows = rows.into_iter().peekable();
        let Some(width) = rows.peek().map(|r| r.as_ref().len()) else { return Ok(0) };
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let mut changed = 0;
                sqlite::insert_rows(conn, &sql::insert_one(insert, width, then), rows, |n| changed += n)?;
                Ok(changed)
            }
            Conn::Postgres(conn) => insert_chunks(conn, insert, width, rows, then),
        }
    }

    /// Inserts the rows whose key is not there yet, of the table and of the rows before them; says for each row whether
    /// it was new. `key` names the columns of a unique index, which must be among `columns`.
    pub fn insert_new<const N: usize>(
        &mut self,
        table: &str,
        columns: [&str; N],
        key: &[&str],
        rows: &[[Value<'_>; N]],
    ) -> Result<Vec<bool>> {
        let insert = format!("INSERT INTO {table} ({})", columns.join(", "));
        let then = format!("ON CONFLICT ({}) DO NOTHING", key.join(", "));
        let mut new = Vec::with_capacity(rows.len());
        let conn = match &mut self.conn {
            Conn::Sqlite(conn) => {
                sqlite::insert_rows(conn, &sql::insert_one(&insert, N, &then), rows.iter().copied(), |n| {
                    new.push(n == 1);
                })?;
                return Ok(new);
            }
            Conn::Postgres(conn) => conn,
        };
        let at = key_positions(&columns, key)?;
        let returning = format!("{then} RETURNING {}", key.join(", "));
        for chunk in rows.chunks(CHUNK_ROWS) {
            let mut first = HashMap::with_capacity(chunk.len());
            let mut by_column: Vec<Vec<Value<'_>>> = vec![Vec::with_capacity(chunk.len()); N];
            for (i, row) in chunk.iter().enumerate() {
                first.entry(encoded(row, &at)).or_insert(new.len() + i);
                for (column, value) in by_column.iter_mut().zip(row) {
                    value.check()?;
                    column.push(*value);
                }
            }
            new.resize(new.len() + chunk.len(), false);
            conn.insert_columns(&insert, &by_column, &returning, |row| {
                let mut bytes = Vec::new();
                for i in 0..key.len() {
                    row.value(i)?.encode(&mut bytes);
                }
                if let Some(i) = first.get(&bytes) {
                    new[*i] = true;
                }
                Ok(true)
            })?;
        }
        Ok(new)
    }

    /// Rows for a list of keys: `… WHERE id IN ($list)`, with `params` for `$1`… beside it. Rows come in no given order;
    /// a key given twice counts once.
    pub fn select_in<K: Bind, T>(
        &mut self,
        sql: &str,
        params: &[&dyn Bind],
        keys: &[K],
        mut map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut out = Vec::with_capacity(keys.len());
        if keys.is_empty() {
            return Ok(out);
        }
        let Some((before, after)) = sql.split_once("IN ($list)") else {
            return Err(StoreError::internal("a statement for a list of keys has no IN ($list)"));
        };
        let mut each = |row: &Row<'_>| {
            out.push(map(row)?);
            Ok(true)
        };
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let mut rest = distinct(keys);
                let mut all = params.to_vec();
                while !rest.is_empty() {
                    let size = LIST_SIZES.into_iter().find(|s| *s <= rest.len()).unwrap_or(1);
                    all.truncate(params.len());
                    all.extend(rest.drain(rest.len() - size..).map(|k| k as &dyn Bind));
                    sqlite::query(conn, &in_list(before, after, params.len(), size), &all, &mut each)?;
                }
            }
            Conn::Postgres(conn) => {
                let values: Vec<Value<'_>> = keys.iter().map(Bind::value).collect();
                let text = format!("{before}= ANY(${}){after}", params.len() + 1);
                conn.query_list(&text, params, &values, each)?;
            }
        }
        Ok(out)
    }
}

/// PostgreSQL refuses to update a row twice in one statement, so a chunk ends where a conflict key comes back.
fn insert_chunks<'v, R: AsRef<[Value<'v>]>>(
    conn: &mut PgConn,
    insert: &str,
    width: usize,
    rows: impl Iterator<Item = R>,
    then: &str,
) -> Result<u64> {
    let key = if then.contains("DO UPDATE") { Some(conflict_columns(insert, then)?) } else { None };
    let mut seen = HashSet::new();
    let mut columns: Vec<Vec<Value<'v>>> = vec![Vec::new(); width];
    let mut changed = 0;
    for row in rows {
        let row = row.as_ref();
        let again = key.as_ref().is_some_and(|key| !seen.insert(encoded(row, key)));
        if again || columns[0].len() >= CHUNK_ROWS {
            changed += conn.insert_columns(insert, &columns, then, |_| Ok(true))?;
            columns.iter_mut().for_each(Vec::clear);
            seen.clear();
            seen.extend(key.as_ref().map(|key| encoded(row, key)));
        }
        for (column, value) in columns.iter_mut().zip(row) {
            value.check()?;
            column.push(*value);
        }
    }
    if !columns[0].is_empty() {
        changed += conn.insert_columns(insert, &columns, then, |_| Ok(true))?;
    }
    Ok(changed)
}

fn in_list(before: &str, after: &str, params: usize, size: usize) -> String {
    let mut text = String::with_capacity(before.len() + after.len() + 5 * size + 8);
    text.push_str(before);
    for i in 1..=size {
        // Writing to a string never fails.
        let _ = write!(text, "{}{}", if i == 1 { "IN ($" } else { ",$" }, params + i);
    }
    text.push(')');
    text.push_str(after);
    text
}

/// Keys without repeats: in two lists a repeated key would give its rows twice.
fn distinct<K: Bind>(keys: &[K]) -> Vec<&K> {
    let mut seen = HashSet::with_capacity(keys.len());
    let mut out = Vec::with_capacity(keys.len());
    for key in keys {
        if seen.insert(Exact(key.value())) {
            out.push(key);
        }
    }
    out
}

/// A value compared by what is stored: reals by their bits.
struct Exact<'a>(Value<'a>);

impl PartialEq for Exact<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Value::Real(a), Value::Real(b)) => a.to_bits() == b.to_bits(),
            (a, b) => a == b,
        }
    }
}

impl Eq for Exact<'_> {}

impl Hash for Exact<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.0 {
            Value::Null => state.write_u8(0),
            Value::Int(n) => state.write_i64(n),
            Value::Real(x) => state.write_u64(x.to_bits()),
            Value::Text(t) => t.hash(state),
            Value::Blob(b) => b.hash(state),
        }
    }
}

fn key_positions(columns: &[&str], key: &[&str]) -> Result<Vec<usize>> {
    key.iter()
        .map(|k| columns.iter().position(|c| c == k))
        .collect::<Option<_>>()
        .ok_or_else(|| StoreError::internal("a column of the conflict key is not among those inserted"))
}

fn conflict_columns(insert: &str, then: &str) -> Result<Vec<usize>> {
    let at = then.find("ON CONFLICT").unwrap_or(0);
    match (sql::bracketed(insert, 0), sql::bracketed(then, at)) {
        (Some(columns), Some(key)) => key_positions(&columns, &key),
        (None, _) | (_, None) => {
            Err(StoreError::internal("DO UPDATE needs the columns of the insert and of its conflict"))
        }
    }
}

fn encoded(row: &[Value<'_>], at: &[usize]) -> Vec<u8> {
    let mut out = Vec::with_capacity(at.len() * 20);
    for i in at {
        row[*i].encode(&mut out);
    }
    out
}
