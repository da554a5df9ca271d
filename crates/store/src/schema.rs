//! What the schema looks like, asked from the engine itself and in the same terms for both, so that `move` and backup
//! include the tables of every room without a list to maintain, and the parity test has something to compare.

use std::collections::BTreeSet;

use crate::db::{Engine, Result, StoreError, Tx};

/// The logical type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// `INTEGER`, `BIGINT`.
    Integer,
    /// `REAL`, `DOUBLE PRECISION`.
    Real,
    /// `TEXT`, sorted by its bytes.
    Text,
    /// `BLOB`, `BYTEA`.
    Blob,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ColumnKind,
    /// Whether it may be NULL.
    pub nullable: bool,
}

/// An index or a unique constraint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexInfo {
    /// Its name; none for a constraint, which the engines name differently.
    pub name: Option<String>,
    /// Whether it is unique.
    pub unique: bool,
    /// Whether it covers only some rows.
    pub partial: bool,
    /// Its columns in order, ` DESC` behind those that fall; `(expression)` for one that is no column.
    pub columns: Vec<String>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// Its columns in order.
    pub columns: Vec<ColumnInfo>,
    /// The columns of its primary key in order.
    pub primary_key: Vec<String>,
    /// Its other indexes.
    pub indexes: BTreeSet<IndexInfo>,
    /// Tables its foreign keys point to.
    pub parents: BTreeSet<String>,
}

/// The names of all tables, sorted.
pub fn table_names(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    let sql = match tx.engine() {
        Engine::Sqlite => {
            r"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name"
        }
        Engine::Postgres => {
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
             ORDER BY relname COLLATE \"C\""
        }
    };
    tx.query(sql, &[], |r| r.text(0))
}

/// All tables, those that others refer to before those that refer to them.
pub fn tables(tx: &mut Tx<'_>) -> Result<Vec<TableInfo>> {
    let names = table_names(tx)?;
    let tables = names.into_iter().map(|name| table(tx, name)).collect::<Result<Vec<_>>>()?;
    Ok(parents_first(tables))
}

/// Gives every value of every table as text to `each`, with its table and column: to prove that something is nowhere.
pub fn texts_each(tx: &mut Tx<'_>, mut each: impl FnMut(&str, &str, &str) -> Result<()>) -> Result<()> {
    for table in tables(tx)? {
        for column in &table.columns {
            if column.kind == ColumnKind::Blob {
                let sql = format!("SELECT \"{0}\" FROM \"{1}\" WHERE \"{0}\" IS NOT NULL", column.name, table.name);
                tx.each(&sql, &[], |r| {
                    // What is text in it stays readable.
                    each(&table.name, &column.name, &String::from_utf8_lossy(r.blob(0)?))?;
                    Ok(true)
                })?;
                continue;
            }
            let sql = format!("SELECT CAST(\"{}\" AS TEXT) FROM \"{}\"", column.name, table.name);
            tx.each(&sql, &[], |r| {
                if let Some(text) = r.opt_str(0)? {
                    each(&table.name, &column.name, text)?;
                }
                Ok(true)
            })?;
        }
    }
    Ok(())
}

fn table(tx: &mut Tx<'_>, name: String) -> Result<TableInfo> {
    match tx.engine() {
        Engine::Sqlite => sqlite_table(tx, name),
        Engine::Postgres => postgres_table(tx, name),
    }
}

fn parents_first(mut rest: Vec<TableInfo>) -> Vec<TableInfo> {
    let mut out: Vec<TableInfo> = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let ready = |t: &TableInfo| t.parents.iter().all(|p| *p == t.name || out.iter().any(|o| o.name == *p));
        // A circle of references has no right order; its tables come by name.
        let next = rest.iter().position(ready).unwrap_or(0);
        let table = rest.remove(next);
        out.push(table);
    }
    out
}

fn kind(declared: &str, table: &str, column: &str) -> Result<ColumnKind> {
    match declared.to_ascii_uppercase().as_str() {
        "INTEGER" | "BIGINT" => Ok(ColumnKind::Integer),
        "REAL" | "DOUBLE PRECISION" => Ok(ColumnKind::Real),
        "TEXT" => Ok(ColumnKind::Text),
        "BLOB" | "BYTEA" => Ok(ColumnKind::Blob),
        other => {
            Err(StoreError::Internal(format!("column {table}.{column} has the type {other}, which is not portable")))
        }
    }
}

fn sqlite_table(tx: &mut Tx<'_>, name: String) -> Result<TableInfo> {
    let mut keyed = Vec::new();
    let columns =
        tx.query("SELECT name, type, \"notnull\", pk FROM pragma_table_info($1) ORDER BY cid", &[&name], |r| {
            let column = r.text(0)?;
            if r.i64(3)? > 0 {
                keyed.push((r.i64(3)?, column.clone()));
            }
            // A key column is never NULL in a STRICT table, whether that is written or not.
            let nullable = !r.bool(2)? && r.i64(3)? == 0;
            Ok(ColumnInfo { kind: kind(r.str(1)?, &name, &column)?, name: column, nullable })
        })?;
    keyed.sort();
    let listed = tx.query(
        "SELECT name, \"unique\", origin, partial FROM pragma_index_list($1) WHERE origin <> 'pk'",
        &[&name],
        |r| Ok((r.text(0)?, r.bool(1)?, r.text(2)?, r.bool(3)?)),
    )?;
    let mut indexes = BTreeSet::new();
    for (index, unique, origin, partial) in listed {
        let columns = tx.query(
            "SELECT name, \"desc\" FROM pragma_index_xinfo($1) WHERE key = 1 ORDER BY seqno",
            &[&index],
            |r| Ok(indexed(r.opt_str(0)?, r.bool(1)?)),
        )?;
        indexes.insert(IndexInfo { name: (origin == "c").then_some(index), unique, partial, columns });
    }
    let parents = tx.query("SELECT \"table\" FROM pragma_foreign_key_list($1)", &[&name], |r| r.text(0))?;
    Ok(TableInfo {
        columns,
        primary_key: keyed.into_iter().map(|(_, c)| c).collect(),
        indexes,
        parents: parents.into_iter().collect(),
        name,
    })
}

fn indexed(column: Option<&str>, falls: bool) -> String {
    format!("{}{}", column.unwrap_or("(expression)"), if falls { " DESC" } else { "" })
}

fn postgres_table(tx: &mut Tx<'_>, name: String) -> Result<TableInfo> {
    let columns = tx.query(
        "SELECT a.attname, format_type(a.atttypid, NULL), a.attnotnull
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = $1 AND a.attnum > 0 AND NOT a.attisdropped
         ORDER BY a.attnum",
        &[&name],
        |r| {
            let column = r.text(0)?;
            Ok(ColumnInfo { kind: kind(r.str(1)?, &name, &column)?, name: column, nullable: !r.bool(2)? })
        },
    )?;
    let mut primary_key = Vec::new();
    let mut indexes: Vec<IndexInfo> = Vec::new();
    let mut last = String::new();
    tx.each(
        "SELECT i.relname, x.indisunique, x.indisprimary, x.indpred IS NOT NULL,
                EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype = 'u'),
                a.attname, (x.indoption[o.n - 1] & 1) = 1
         FROM pg_index x
         JOIN pg_class t ON t.oid = x.indrelid
         JOIN pg_class i ON i.oid = x.indexrelid
         CROSS JOIN LATERAL generate_series(1, x.indnkeyatts::int) AS o (n)
         LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[o.n - 1] AND a.attnum > 0
         WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = $1
         ORDER BY i.relname, o.n",
        &[&name],
        |r| {
            let index = r.text(0)?;
            if r.bool(2)? {
                primary_key.push(r.text(5)?);
                return Ok(true);
            }
            let column = indexed(r.opt_str(5)?, r.bool(6)?);
            if index == last
                && let Some(known) = indexes.last_mut()
            {
                known.columns.push(column);
                return Ok(true);
            }
            last.clone_from(&index);
            let named = if r.bool(4)? { None } else { Some(index) };
            indexes.push(IndexInfo { name: named, unique: r.bool(1)?, partial: r.bool(3)?, columns: vec![column] });
            Ok(true)
        },
    )?;
    let parents = tx.query(
        "SELECT p.relname FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
         WHERE k.contype = 'f' AND t.relnamespace = current_schema()::regnamespace AND t.relname = $1",
        &[&name],
        |r| r.text(0),
    )?;
    Ok(TableInfo {
        name,
        columns,
        primary_key,
        indexes: indexes.into_iter().collect(),
        parents: parents.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;
    use crate::db::{DbOptions, StoreError};
    use crate::migrate::{self, Migration};
    use throughline_base::Timestamp;

    #[test]
    fn both_engines_have_the_same_schema_after_all_migrations() {
        let mut of = contract::engines().into_iter().map(|(_, db)| db.read(tables).unwrap());
        let sqlite = of.next().unwrap();
        let Some(postgres) = of.next() else { return };
        let names = |tables: &[TableInfo]| tables.iter().map(|t| t.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&sqlite), names(&postgres));
        for (s, p) in sqlite.iter().zip(&postgres) {
            assert_eq!(s, p);
        }
        assert!(sqlite.len() > 3 && sqlite.iter().any(|t| !t.indexes.is_empty()));
    }

    const ODD: &[Migration] = &[Migration {
        version: 1,
        name: "odd",
        sql: "CREATE TABLE a (x TEXT NOT NULL, y REAL, z BLOB, n INTEGER NOT NULL REFERENCES b (id), UNIQUE (y, x), PRIMARY KEY (x, n)) STRICT;
              CREATE INDEX a_n ON a (n DESC, x) WHERE n > 0;
              CREATE UNIQUE INDEX a_low ON a (LOWER(x), y);",
    }];
    const PARENT: &str = "CREATE TABLE b (id INTEGER NOT NULL PRIMARY KEY) STRICT;";

    #[test]
    fn a_table_is_described_the_same_by_both_engines() {
        for (engine, db) in contract::empty_engines() {
            db.write(|tx| tx.ddl(PARENT)).unwrap();
            migrate::apply(&db, ODD, Timestamp::default()).unwrap();
            let all = db.read(tables).unwrap();
            let order: Vec<&str> = all.iter().map(|t| t.name.as_str()).collect();
            assert_eq!(order, ["b", "a", "schema_migration"], "{engine}: parents first");
            let column = |name: &str, kind, nullable| ColumnInfo { name: name.into(), kind, nullable };
            let index = |name: Option<&str>, unique, partial, columns: &[&str]| IndexInfo {
                name: name.map(str::to_owned),
                unique,
                partial,
                columns: columns.iter().map(|c| (*c).to_owned()).collect(),
            };
            let want = TableInfo {
                name: "a".into(),
                columns: vec![
                    column("x", ColumnKind::Text, false),
                    column("y", ColumnKind::Real, true),
                    column("z", ColumnKind::Blob, true),
                    column("n", ColumnKind::Integer, false),
                ],
                primary_key: vec!["x".into(), "n".into()],
                indexes: BTreeSet::from([
                    index(None, true, false, &["y", "x"]),
                    index(Some("a_n"), false, true, &["n DESC", "x"]),
                    index(Some("a_low"), true, false, &["(expression)", "y"]),
                ]),
                parents: BTreeSet::from(["b".into()]),
            };
            assert_eq!(all[1], want, "{engine}");
        }
    }

    #[test]
    fn a_column_of_a_type_that_is_not_portable_is_named() {
        let db = contract::sqlite(&DbOptions::default());
        db.write(|tx| tx.ddl("CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, x ANY) STRICT;")).unwrap();
        let e = db.read(tables).unwrap_err();
        assert!(matches!(&e, StoreError::Internal(text) if text.contains("t.x has the type ANY")), "{e}");
    }
}
