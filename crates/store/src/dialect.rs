//! Every difference between SQLite and PostgreSQL, named and explained.
//!
//! All other SQL is portable: `BIGINT` minor units, microsecond timestamps, 0/1 for booleans, `RETURNING`, `ON CONFLICT … DO UPDATE`,
//! row-value comparisons. Two habits keep it so: write `CAST(SUM(x) AS BIGINT)` (PostgreSQL sums `BIGINT` to `NUMERIC`), and fold text
//! for searching in Rust (`lower()` and `LIKE` fold ASCII only on SQLite).

use std::borrow::Cow;

/// Which database speaks at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The default: one file, bundled library.
    Sqlite,
    /// By configuration: a `postgres://` URL.
    Postgres,
}

/// The type tokens of migrations: (token, SQLite, PostgreSQL).
const TOKENS: [(&str, &str, &str); 6] = [
    // SQLite has no UUID type; the 16 bytes sort there as PostgreSQL's UUID does, so keyset paging by id agrees.
    ("{{uuid}}", "BLOB", "UUID"),
    // STRICT tables know INTEGER only, and it holds 64 bits.
    ("{{bigint}}", "INTEGER", "BIGINT"),
    ("{{blob}}", "BLOB", "BYTEA"),
    // Text that sorts by its bytes, as SQLite always does, whatever locale the PostgreSQL database was made with.
    ("{{text_c}}", "TEXT", "TEXT COLLATE \"C\""),
    ("{{text}}", "TEXT", "TEXT"),
    // Without STRICT, SQLite would store a text in an integer column; PostgreSQL is always strict.
    ("{{strict}}", "STRICT", ""),
];

impl Dialect {
    /// Replaces the type tokens (`{{uuid}}`, `{{bigint}}`, `{{blob}}`, `{{text}}`, `{{text_c}}`, `{{strict}}`) of a migration.
    pub fn render(self, sql: &str) -> String {
        TOKENS.iter().fold(sql.to_owned(), |sql, (token, sqlite, postgres)| {
            sql.replace(token, if self == Self::Sqlite { sqlite } else { postgres })
        })
    }

    /// How a unit that writes begins. SQLite takes its write lock at once, so that a unit never fails half-way because another process
    /// wrote in between; PostgreSQL detects the same at commit and the unit runs again.
    pub(crate) fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
        }
    }

    /// How a unit that reads one snapshot begins.
    pub(crate) fn begin_snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN DEFERRED",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// How a migration begins. The lock makes two processes that start together migrate one after the other; on SQLite the write lock is
    /// enough. READ COMMITTED, so that the one who waited for the lock sees what the other did.
    pub(crate) fn begin_migration(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => {
                "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0; \
                 SELECT pg_advisory_xact_lock(7310579843325)"
            }
        }
    }

    /// How a statement is asked for its plan. SQLite predicts only; PostgreSQL runs it and counts what it read.
    pub(crate) fn explain(self) -> &'static str {
        match self {
            Self::Sqlite => "EXPLAIN QUERY PLAN",
            Self::Postgres => "EXPLAIN (ANALYZE, BUFFERS)",
        }
    }

    /// The placeholders as this database wants them: `$1` as it is on PostgreSQL, `?1` on SQLite, where `$1` would be a *named* parameter
    /// numbered by its first appearance, so that `SELECT $2, $1` would swap its values.
    pub(crate) fn placeholders(self, sql: &str) -> Cow<'_, str> {
        match self {
            Self::Postgres => Cow::Borrowed(sql),
            Self::Sqlite => question_marks(sql),
        }
    }
}

/// Turns `$n` into `?n` outside of string literals, quoted names, comments and identifiers that contain a dollar sign.
fn question_marks(sql: &str) -> Cow<'_, str> {
    if !sql.contains('$') {
        return Cow::Borrowed(sql);
    }
    let bytes = sql.as_bytes();
    let mut out = String::with_capacity(sql.len());
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'\'' | b'"') => at = after(bytes, at + 1, &[quote]),
            b'-' if bytes[at..].starts_with(b"--") => at = after(bytes, at + 2, b"\n"),
            b'/' if bytes[at..].starts_with(b"/*") => at = after(bytes, at + 2, b"*/"),
            b'$' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) && !continues_a_name(bytes, at) => {
                out.push_str(&sql[copied..at]);
                out.push('?');
                at += 1;
                copied = at;
            }
            _ => at += 1,
        }
    }
    out.push_str(&sql[copied..]);
    Cow::Owned(out)
}

/// The position after the next `end` at or after `from`. A doubled quote ends one literal and begins the next, which comes to the same.
fn after(bytes: &[u8], from: usize, end: &[u8]) -> usize {
    bytes[from..]
        .windows(end.len())
        .position(|window| window == end)
        .map_or(bytes.len(), |found| from + found + end.len())
}

fn continues_a_name(bytes: &[u8], at: usize) -> bool {
    at > 0
        && (bytes[at - 1].is_ascii_alphanumeric() || matches!(bytes[at - 1], b'_' | b'$') || !bytes[at - 1].is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_placeholder_is_translated_only_where_it_is_one() {
        let cases = [
            ("SELECT $2, $1", "SELECT ?2, ?1"),
            ("SELECT '$1', $1", "SELECT '$1', ?1"),
            ("SELECT 'it''s $1', $12", "SELECT 'it''s $1', ?12"),
            ("SELECT \"a$1\", a$1, $1", "SELECT \"a$1\", a$1, ?1"),
            ("SELECT $1 -- not $2\n, $3", "SELECT ?1 -- not $2\n, ?3"),
            ("SELECT /* $1 ' */ $1", "SELECT /* $1 ' */ ?1"),
            ("SELECT ($1)::x, é$1, '$", "SELECT (?1)::x, é$1, '$"),
        ];
        for (sql, wanted) in cases {
            assert_eq!(Dialect::Sqlite.placeholders(sql), wanted);
            assert_eq!(Dialect::Postgres.placeholders(sql), sql);
        }
    }

    /// A piece of SQL and what it must become.
    fn piece() -> impl Strategy<Value = (String, String)> {
        let same = |text: String| (text.clone(), text);
        prop_oneof![
            (1..200_u32).prop_map(|n| (format!(" ${n}"), format!(" ?{n}"))),
            "[a-zé$0-9 ?;*-]{0,8}".prop_map(move |inner| same(format!("'{}'", inner.replace('\'', "''")))),
            "[a-z$0-9'/]{0,8}".prop_map(move |inner| same(format!("\"{inner}\""))),
            "[a-z$0-9'\" ]{0,8}".prop_map(move |inner| same(format!("--{inner}\n"))),
            "[a-z$0-9'\" ]{0,8}".prop_map(move |inner| same(format!("/*{inner}*/"))),
            "[a-zé_][a-zé_$0-9]{0,6}".prop_map(move |name| same(format!(" {name} "))),
            "[ ,()=<>+]{1,4}".prop_map(same),
        ]
    }

    proptest! {
        #[test]
        fn any_sequence_of_pieces_is_translated_piece_by_piece(pieces in proptest::collection::vec(piece(), 0..20)) {
            let sql: String = pieces.iter().map(|(sql, _)| sql.as_str()).collect();
            let wanted: String = pieces.iter().map(|(_, wanted)| wanted.as_str()).collect();
            prop_assert_eq!(Dialect::Sqlite.placeholders(&sql), wanted);
        }
    }

    #[test]
    fn tokens_become_the_types_of_each_database() {
        let sql = "CREATE TABLE t (id {{uuid}}, n {{bigint}}, b {{blob}}, s {{text_c}}) {{strict}}";
        assert_eq!(Dialect::Sqlite.render(sql), "CREATE TABLE t (id BLOB, n INTEGER, b BLOB, s TEXT) STRICT");
        assert_eq!(Dialect::Postgres.render(sql), "CREATE TABLE t (id UUID, n BIGINT, b BYTEA, s TEXT COLLATE \"C\") ");
    }
}
