//! What a column holds, the same in both engines: 64-bit integers, text, bytes.

use kernel::{Environment, ServiceId, ShopId, Timestamp, Yen};

use crate::error::StoreError;

/// One value of a column or parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A 64-bit integer: yen, microseconds, counts, flags (0 or 1).
    Int(i64),
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// Builds the parameters of a statement: `params![shop, "sandbox", 3]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { [$($crate::Value::from($value)),*] };
}

macro_rules! value_from {
    ($($from:ty => $to:expr),* $(,)?) => { $(
        impl From<$from> for Value {
            fn from(value: $from) -> Value { let convert: fn($from) -> Value = $to; convert(value) }
        }
    )* };
}

value_from! {
    i64 => Value::Int,
    i32 => |n| Value::Int(i64::from(n)),
    u32 => |n| Value::Int(i64::from(n)),
    u16 => |n| Value::Int(i64::from(n)),
    bool => |flag| Value::Int(i64::from(flag)),
    String => Value::Text,
    &str => |text| Value::Text(text.to_owned()),
    &String => |text| Value::Text(text.clone()),
    Vec<u8> => Value::Blob,
    &[u8] => |bytes| Value::Blob(bytes.to_vec()),
    Yen => |yen| Value::Int(yen.get()),
    Timestamp => |at| Value::Int(at.micros()),
    ShopId => |shop| Value::Int(shop.0),
    Environment => |environment| Value::Text(environment.as_str().to_owned()),
    ServiceId => |service| Value::Text(service.to_string()),
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(n) => ValueRef::Integer(*n),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl postgres::types::ToSql for Value {
    fn to_sql(
        &self,
        kind: &postgres::types::Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> Result<postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(postgres::types::IsNull::Yes),
            Value::Int(n) if *kind == postgres::types::Type::INT4 => i32::try_from(*n)?.to_sql(kind, out),
            Value::Int(n) => n.to_sql(kind, out),
            Value::Text(text) => text.to_sql(kind, out),
            Value::Blob(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_: &postgres::types::Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// One row of a result, read by position. A column of another type than asked for is a [`StoreError`], never a panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(pub Vec<Value>);

impl Row {
    fn at(&self, column: usize) -> Result<&Value, StoreError> {
        self.0.get(column).ok_or_else(|| StoreError::programming(format!("no column {column}")))
    }

    fn wrong(&self, column: usize, wanted: &str) -> StoreError {
        let found = match self.0.get(column) {
            None => "nothing",
            Some(Value::Null) => "NULL",
            Some(Value::Int(_)) => "an integer",
            Some(Value::Text(_)) => "text",
            Some(Value::Blob(_)) => "bytes",
        };
        StoreError::programming(format!("column {column} holds {found}, expected {wanted}"))
    }

    /// The integer in `column`.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or_else(|| self.wrong(column, "an integer"))
    }

    /// The integer in `column`, or none for NULL.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.at(column)? {
            Value::Int(n) => Ok(Some(*n)),
            Value::Null => Ok(None),
            Value::Text(_) | Value::Blob(_) => Err(self.wrong(column, "an integer")),
        }
    }

    /// The text in `column`.
    pub fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.opt_text(column)?.ok_or_else(|| self.wrong(column, "text"))
    }

    /// The text in `column`, or none for NULL.
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.at(column)? {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            Value::Int(_) | Value::Blob(_) => Err(self.wrong(column, "text")),
        }
    }

    /// The bytes in `column`.
    pub fn blob(&self, column: usize) -> Result<&[u8], StoreError> {
        self.opt_blob(column)?.ok_or_else(|| self.wrong(column, "bytes"))
    }

    /// The bytes in `column`, or none for NULL.
    pub fn opt_blob(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        match self.at(column)? {
            Value::Blob(bytes) => Ok(Some(bytes)),
            Value::Null => Ok(None),
            Value::Int(_) | Value::Text(_) => Err(self.wrong(column, "bytes")),
        }
    }

    /// The instant (microseconds since 1970 UTC) in `column`.
    pub fn timestamp(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_micros)
    }

    /// The amount of yen in `column`.
    pub fn yen(&self, column: usize) -> Result<Yen, StoreError> {
        Yen::new(self.int(column)?).map_err(|error| StoreError::programming(format!("column {column}: {error}")))
    }

    /// The text in `column`, parsed.
    pub fn parsed<T>(&self, column: usize) -> Result<T, StoreError>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        self.text(column)?.parse().map_err(|error| StoreError::programming(format!("column {column}: {error}")))
    }
}

/// Reads a PostgreSQL row; only the column types that migrations use.
pub(crate) fn row_from_postgres(row: &postgres::Row) -> Result<Row, StoreError> {
    use postgres::types::Type;
    let read = |index: usize, kind: &Type| -> Result<Value, postgres::Error> {
        Ok(match *kind {
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.into(),
            Type::INT4 => row.try_get::<_, Option<i32>>(index)?.into(),
            Type::BOOL => row.try_get::<_, Option<bool>>(index)?.into(),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index)?.into(),
            _ => row.try_get::<_, Option<String>>(index)?.into(),
        })
    };
    let values = row.columns().iter().enumerate().map(|(index, column)| read(index, column.type_()));
    Ok(Row(values.collect::<Result<_, _>>()?))
}

/// Reads a SQLite row.
pub(crate) fn row_from_sqlite(row: &rusqlite::Row<'_>, columns: usize) -> Result<Row, StoreError> {
    use rusqlite::types::ValueRef;
    let read = |index: usize| -> Result<Value, StoreError> {
        Ok(match row.get_ref(index)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(n) => Value::Int(n),
            ValueRef::Real(_) => return Err(StoreError::programming(format!("column {index} holds a fraction"))),
            ValueRef::Text(bytes) => Value::Text(
                String::from_utf8(bytes.to_vec())
                    .map_err(|_| StoreError::new(crate::ErrorKind::Corrupt, format!("column {index} is not UTF-8")))?,
            ),
            ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        })
    };
    Ok(Row((0..columns).map(read).collect::<Result<_, _>>()?))
}
