//! What goes into a statement ([`Bind`], [`Value`]) and what comes out of a [`Row`]. Everything is borrowed: binding
//! text copies nothing, and on SQLite reading `&str` copies nothing either.

use throughline_base::Timestamp;
use throughline_base::id;

use super::error::{Result, StoreError};

/// One borrowed value, as both engines store it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// `INTEGER`: 64 bits on both engines.
    Int(i64),
    /// `REAL`. Not a number is stored as NULL, as SQLite does.
    Real(f64),
    /// `TEXT`. Must not hold a NUL character, which PostgreSQL cannot store.
    Text(&'a str),
    /// `BLOB`.
    Blob(&'a [u8]),
}

/// Short for [`Value::from`], for rows of [`Tx::insert_many`](super::Tx::insert_many).
pub fn v<'a>(x: impl Into<Value<'a>>) -> Value<'a> {
    x.into()
}

impl Value<'_> {
    /// The value's kind, for messages; never the value.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "an integer",
            Self::Real(_) => "a real",
            Self::Text(_) => "text",
            Self::Blob(_) => "a blob",
        }
    }

    /// Refuses what only one of the engines could store.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Text(t) if t.as_bytes().contains(&0) => {
                Err(StoreError::invalid("nul_in_text", "text holds a NUL character, which cannot be stored; remove it"))
            }
            Self::Text(_) | Self::Null | Self::Int(_) | Self::Real(_) | Self::Blob(_) => Ok(()),
        }
    }

    /// Appends an unambiguous encoding of the value: equal bytes mean equal values.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let mut tagged = |tag: u8, bytes: &[u8]| {
            out.push(tag);
            out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            out.extend_from_slice(bytes);
        };
        match self {
            Self::Null => tagged(0, &[]),
            Self::Int(n) => tagged(1, &n.to_le_bytes()),
            Self::Real(x) => tagged(2, &x.to_bits().to_le_bytes()),
            Self::Text(t) => tagged(3, t.as_bytes()),
            Self::Blob(b) => tagged(4, b),
        }
    }
}

/// A Rust value that a statement can take as a parameter.
pub trait Bind {
    /// The value, borrowed.
    fn value(&self) -> Value<'_>;
}

impl<T: Bind> Bind for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Bind::value)
    }
}

impl<T: Bind + ?Sized> Bind for &T {
    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl Bind for Value<'_> {
    fn value(&self) -> Value<'_> {
        *self
    }
}

impl Bind for str {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Bind for String {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Bind for [u8] {
    fn value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl Bind for Vec<u8> {
    fn value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(x: &'a str) -> Self {
        Self::Text(x)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(x: &'a String) -> Self {
        Self::Text(x)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(x: &'a [u8]) -> Self {
        Self::Blob(x)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(x: &'a Vec<u8>) -> Self {
        Self::Blob(x)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(x: Option<T>) -> Self {
        x.map_or(Self::Null, Into::into)
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(x: &'a Option<String>) -> Self {
        x.as_deref().into()
    }
}

/// A Rust type that a column can be read as.
pub trait Column<'r>: Sized {
    /// Reads it, or says what was expected.
    fn column(value: Value<'r>) -> std::result::Result<Self, &'static str>;
}

impl<'r, T: Column<'r>> Column<'r> for Option<T> {
    fn column(value: Value<'r>) -> std::result::Result<Self, &'static str> {
        if value == Value::Null { Ok(None) } else { T::column(value).map(Some) }
    }
}

impl<'r> Column<'r> for &'r str {
    fn column(value: Value<'r>) -> std::result::Result<Self, &'static str> {
        if let Value::Text(t) = value { Ok(t) } else { Err("text") }
    }
}

impl<'r> Column<'r> for String {
    fn column(value: Value<'r>) -> std::result::Result<Self, &'static str> {
        <&str>::column(value).map(str::to_owned)
    }
}

impl<'r> Column<'r> for &'r [u8] {
    fn column(value: Value<'r>) -> std::result::Result<Self, &'static str> {
        if let Value::Blob(b) = value { Ok(b) } else { Err("a blob") }
    }
}

impl<'r> Column<'r> for Vec<u8> {
    fn column(value: Value<'r>) -> std::result::Result<Self, &'static str> {
        <&[u8]>::column(value).map(<[u8]>::to_vec)
    }
}

impl Column<'_> for f64 {
    fn column(value: Value<'_>) -> std::result::Result<Self, &'static str> {
        match value {
            Value::Real(x) => Ok(x),
            Value::Int(n) => Ok(n as Self),
            Value::Null | Value::Text(_) | Value::Blob(_) => Err("a number"),
        }
    }
}

impl Bind for f64 {
    fn value(&self) -> Value<'_> {
        Value::from(*self)
    }
}

impl From<f64> for Value<'_> {
    fn from(x: f64) -> Self {
        if x.is_nan() { Self::Null } else { Self::Real(x) }
    }
}

/// Types that are stored as `INTEGER`.
macro_rules! integers {
    ($($t:ty: |$x:ident| $to:expr, |$n:ident| $from:expr;)*) => {$(
        impl Bind for $t {
            fn value(&self) -> Value<'_> {
                Value::from(*self)
            }
        }
        impl From<$t> for Value<'_> {
            fn from($x: $t) -> Self {
                Self::Int($to)
            }
        }
        impl Column<'_> for $t {
            fn column(value: Value<'_>) -> std::result::Result<Self, &'static str> {
                match value {
                    Value::Int($n) => $from,
                    Value::Null | Value::Real(_) | Value::Text(_) | Value::Blob(_) => Err("an integer"),
                }
            }
        }
    )*};
}

integers! {
    i64: |x| x, |n| Ok(n);
    i32: |x| i64::from(x), |n| Self::try_from(n).map_err(|_| "an integer of 32 bits");
    u32: |x| i64::from(x), |n| Self::try_from(n).map_err(|_| "an unsigned integer of 32 bits");
    u16: |x| i64::from(x), |n| Self::try_from(n).map_err(|_| "an unsigned integer of 16 bits");
    u8: |x| i64::from(x), |n| Self::try_from(n).map_err(|_| "an unsigned integer of 8 bits");
    bool: |x| i64::from(x), |n| Ok(n != 0);
    Timestamp: |x| x.ms(), |n| Ok(Self::from_ms(n));
}

/// Every typed id of `base`.
macro_rules! ids {
    ($($t:ident)*) => { integers! { $(id::$t: |x| x.get(), |n| Ok(Self::new(n));)* } };
}

ids! {
    PersonId IdentifierId EventId SourceId UserId ApiKeyId QuarantineId FixId ConsentId JobId ImportId RequestId
    ReviewId HouseholdId ConversionId PredictionModelId LakeFileId AudienceId AudienceVersionId ComputedTraitId
    AudienceListId TagWorkId PersonaId DestinationId SyncId RunId
}

/// One row of an answer, read by column number from 0.
#[derive(Debug)]
pub struct Row<'r>(pub(super) RowOf<'r>);

#[derive(Debug)]
pub(super) enum RowOf<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r postgres::Row),
}

impl<'r> Row<'r> {
    /// The column as it is.
    pub fn value(&self, i: usize) -> Result<Value<'r>> {
        match self.0 {
            RowOf::Sqlite(row) => super::sqlite::column(row, i),
            RowOf::Postgres(row) => super::postgres::column(row, i),
        }
    }

    /// The column as `T`; `Option<T>` for one that may be NULL.
    pub fn get<T: Column<'r>>(&self, i: usize) -> Result<T> {
        let value = self.value(i)?;
        T::column(value)
            .map_err(|want| StoreError::Internal(format!("column {i} holds {}, expected {want}", value.kind())))
    }

    /// An integer.
    pub fn i64(&self, i: usize) -> Result<i64> {
        self.get(i)
    }

    /// An integer or NULL.
    pub fn opt_i64(&self, i: usize) -> Result<Option<i64>> {
        self.get(i)
    }

    /// A real (an integer is taken too).
    pub fn f64(&self, i: usize) -> Result<f64> {
        self.get(i)
    }

    /// An integer that is not 0.
    pub fn bool(&self, i: usize) -> Result<bool> {
        self.get(i)
    }

    /// Borrowed text.
    pub fn str(&self, i: usize) -> Result<&'r str> {
        self.get(i)
    }

    /// Borrowed text or NULL.
    pub fn opt_str(&self, i: usize) -> Result<Option<&'r str>> {
        self.get(i)
    }

    /// Owned text.
    pub fn text(&self, i: usize) -> Result<String> {
        self.get(i)
    }

    /// Owned text or NULL.
    pub fn opt_text(&self, i: usize) -> Result<Option<String>> {
        self.get(i)
    }

    /// Borrowed bytes.
    pub fn blob(&self, i: usize) -> Result<&'r [u8]> {
        self.get(i)
    }

    /// An instant.
    pub fn at(&self, i: usize) -> Result<Timestamp> {
        self.get(i)
    }

    /// An instant or NULL.
    pub fn opt_at(&self, i: usize) -> Result<Option<Timestamp>> {
        self.get(i)
    }
}
