//! The columns of a row, in file order, and sets of them.

/// A column of the event history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Column {
    /// `person_id`: the person of the day the row was written.
    PersonId,
    /// `event_at`.
    EventAt,
    /// `event_id`: also arrival order.
    EventId,
    /// `line_id`: the identifier node the event hangs on.
    LineId,
    /// `received_at`.
    ReceivedAt,
    /// `source_id`.
    SourceId,
    /// `name_id`: interned event name.
    NameId,
    /// `touch_id`: interned touch signature, 0 for none.
    TouchId,
    /// `value_minor`.
    ValueMinor,
    /// `bot`.
    Bot,
    /// `replayed`.
    Replayed,
    /// `kind`.
    Kind,
    /// `name`.
    Name,
    /// `currency`.
    Currency,
    /// `order_id`.
    OrderId,
    /// `message_id`.
    MessageId,
    /// `properties`, JSON.
    Properties,
    /// `traits`, JSON.
    Traits,
    /// `context`, JSON.
    Context,
}

/// Where a column's values lie in memory: the list of its type, and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    I64(usize),
    I32(usize),
    Bool(usize),
    Text(usize),
}

pub(crate) const I64S: usize = 7;
pub(crate) const I32S: usize = 2;
pub(crate) const BOOLS: usize = 2;
pub(crate) const TEXTS: usize = 8;

impl Column {
    /// All columns, in file order.
    pub const ALL: [Self; 19] = [
        Self::PersonId,
        Self::EventAt,
        Self::EventId,
        Self::LineId,
        Self::ReceivedAt,
        Self::SourceId,
        Self::NameId,
        Self::TouchId,
        Self::ValueMinor,
        Self::Bot,
        Self::Replayed,
        Self::Kind,
        Self::Name,
        Self::Currency,
        Self::OrderId,
        Self::MessageId,
        Self::Properties,
        Self::Traits,
        Self::Context,
    ];

    /// Its name in the files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PersonId => "person_id",
            Self::EventAt => "event_at",
            Self::EventId => "event_id",
            Self::LineId => "line_id",
            Self::ReceivedAt => "received_at",
            Self::SourceId => "source_id",
            Self::NameId => "name_id",
            Self::TouchId => "touch_id",
            Self::ValueMinor => "value_minor",
            Self::Bot => "bot",
            Self::Replayed => "replayed",
            Self::Kind => "kind",
            Self::Name => "name",
            Self::Currency => "currency",
            Self::OrderId => "order_id",
            Self::MessageId => "message_id",
            Self::Properties => "properties",
            Self::Traits => "traits",
            Self::Context => "context",
        }
    }

    pub(crate) const fn slot(self) -> Slot {
        match self {
            Self::PersonId => Slot::I64(0),
            Self::EventAt => Slot::I64(1),
            Self::EventId => Slot::I64(2),
            Self::LineId => Slot::I64(3),
            Self::ReceivedAt => Slot::I64(4),
            Self::SourceId => Slot::I64(5),
            Self::ValueMinor => Slot::I64(6),
            Self::NameId => Slot::I32(0),
            Self::TouchId => Slot::I32(1),
            Self::Bot => Slot::Bool(0),
            Self::Replayed => Slot::Bool(1),
            Self::Kind => Slot::Text(0),
            Self::Name => Slot::Text(1),
            Self::Currency => Slot::Text(2),
            Self::OrderId => Slot::Text(3),
            Self::MessageId => Slot::Text(4),
            Self::Properties => Slot::Text(5),
            Self::Traits => Slot::Text(6),
            Self::Context => Slot::Text(7),
        }
    }

    /// Whether a row may lack it.
    pub(crate) const fn nullable(self) -> bool {
        matches!(self, Self::ValueMinor | Self::Currency | Self::OrderId)
    }

    /// Its place in the files.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// A set of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ColumnSet(u32);

impl ColumnSet {
    /// No column.
    pub const NONE: Self = Self(0);
    /// Every column.
    pub const ALL: Self = Self((1 << Column::ALL.len()) - 1);

    /// The set of `columns`.
    #[must_use]
    pub const fn of(columns: &[Column]) -> Self {
        let mut set = Self::NONE;
        let mut i = 0;
        while i < columns.len() {
            set = set.with(columns[i]);
            i += 1;
        }
        set
    }

    /// This set and `column`.
    #[must_use]
    pub const fn with(self, column: Column) -> Self {
        Self(self.0 | 1 << column.index())
    }

    /// Both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it holds `column`.
    #[must_use]
    pub const fn has(self, column: Column) -> bool {
        self.0 & (1 << column.index()) != 0
    }

    /// Its columns, in file order.
    pub fn iter(self) -> impl Iterator<Item = Column> {
        Column::ALL.into_iter().filter(move |c| self.has(*c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_knows_its_place() {
        for (i, c) in Column::ALL.into_iter().enumerate() {
            assert_eq!(c.index(), i, "{}", c.name());
        }
        assert_eq!(ColumnSet::ALL.iter().count(), 19);
        assert_eq!(ColumnSet::of(&[Column::EventAt, Column::Context]).iter().count(), 2);
    }
}
