//! One SQL text for both engines: `$1` placeholders, and the few column types and clauses that differ.

/// Rewrites `$1` to `?1`: SQLite would number `$1` as a *name*, by first appearance. Quoted text is left alone.
///
/// A change says `OR FAIL`: then SQLite does not prepare to undo one statement of many rows by itself, for which it would
/// copy every page before it changes. Nobody needs that: an operation in which a statement failed is undone as a whole.
pub(crate) fn for_sqlite(sql: &str) -> String {
    let sql = rewrite_placeholders(sql, |number| format!("?{number}"));
    for (change, or_fail) in [("INSERT INTO ", "INSERT OR FAIL INTO "), ("UPDATE ", "UPDATE OR FAIL ")] {
        if let Some(rest) = sql.trim_start().strip_prefix(change) {
            return format!("{or_fail}{rest}");
        }
    }
    sql
}

/// Moves every `$n` up by `offset`, so that several statements can share one parameter list.
pub(crate) fn shifted(sql: &str, offset: usize) -> String {
    rewrite_placeholders(sql, |number| format!("${}", number + offset))
}

fn rewrite_placeholders(sql: &str, rename: impl Fn(usize) -> String) -> String {
    let mut out = String::with_capacity(sql.len() + 8);
    let mut quoted = false;
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        quoted ^= c == '\'';
        if c != '$' || quoted {
            out.push(c);
            continue;
        }
        let mut number = 0;
        while let Some(digit) = rest.peek().and_then(|next| next.to_digit(10)) {
            number = number * 10 + digit as usize;
            rest.next();
        }
        out.push_str(&rename(number));
    }
    out
}

/// Replaces `@NUMBER(column, field)`, a whole number in a column of JSON, by how the engine reads it.
fn numbers(sql: &str, read: impl Fn(&str, &str) -> String) -> String {
    let mut parts = sql.split("@NUMBER(");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (inside, rest) = part.split_once(')').unwrap_or((part, ""));
        let (column, field) = inside.split_once(", ").unwrap_or((inside, ""));
        out.push_str(&read(column, field));
        out.push_str(rest);
    }
    out
}

/// Replaces the column types of migrations. SQLite tables are STRICT, and without a hidden row id where the text says
/// `@CLUSTERED`; PostgreSQL compares text by bytes, as SQLite does.
pub(crate) fn migration_for_sqlite(sql: &str) -> String {
    numbers(sql, |column, field| format!("json_extract({column}, '$.{field}')"))
        .replace("@CLUSTERED", "STRICT, WITHOUT ROWID")
        .replace("@TABLE", "STRICT")
        .replace("@INT", "INTEGER")
        .replace("@TEXT", "TEXT")
        .replace("@BLOB", "BLOB")
}

/// The same for PostgreSQL.
pub(crate) fn migration_for_postgres(sql: &str) -> String {
    numbers(sql, |column, field| format!("CAST(CAST({column} AS JSON) ->> '{field}' AS BIGINT)"))
        .replace("@CLUSTERED", "")
        .replace("@TABLE", "")
        .replace("@INT", "BIGINT")
        .replace("@TEXT", "TEXT COLLATE \"C\"")
        .replace("@BLOB", "BYTEA")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_json_are_read_as_each_engine_does() {
        let sql = "SELECT sum(@NUMBER(e.data, amount)) FROM e";
        assert_eq!(migration_for_sqlite(sql), "SELECT sum(json_extract(e.data, '$.amount')) FROM e");
        let postgres = "SELECT sum(CAST(CAST(e.data AS JSON) ->> 'amount' AS BIGINT)) FROM e";
        assert_eq!(migration_for_postgres(sql), postgres);
    }

    #[test]
    fn placeholders_are_renamed_outside_of_quotes_only() {
        assert_eq!(for_sqlite("SELECT '$1', $2 WHERE a = $10"), "SELECT '$1', ?2 WHERE a = ?10");
        assert_eq!(for_sqlite(" UPDATE t SET a = $1"), "UPDATE OR FAIL t SET a = ?1");
        assert_eq!(for_sqlite("INSERT INTO t VALUES ($1)"), "INSERT OR FAIL INTO t VALUES (?1)");
        assert_eq!(shifted("VALUES ($1, $2, 'it''s $3')", 4), "VALUES ($5, $6, 'it''s $3')");
    }
}
