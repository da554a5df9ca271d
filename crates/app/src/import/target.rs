//! Where a column goes.

use std::fmt;

use throughline_base::Problem;

use crate::Result;

/// Where the value of a column goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Nowhere.
    Ignore,
    /// The user id.
    UserId,
    /// The anonymous id.
    AnonymousId,
    /// The dedupe key.
    MessageId,
    /// The event's name.
    Event,
    /// The event's type.
    Type,
    /// When it happened.
    Timestamp,
    /// An identifier of a namespace.
    Identifier(String),
    /// A trait.
    Trait(String),
    /// A property.
    Property(String),
    /// A property of a product of the event.
    Product(String),
    /// A part of the context.
    Context(String),
    /// Spend: the day.
    Date,
    /// Spend: the channel.
    Channel,
    /// Spend: the campaign.
    Campaign,
    /// Spend: impressions.
    Impressions,
    /// Spend: clicks.
    Clicks,
    /// Spend: the cost, in units of the currency.
    Cost,
    /// Spend: the currency.
    Currency,
}

impl Target {
    /// Targets of ad spend, for messages.
    pub(super) const SPEND: &str = "date, channel, campaign, impressions, clicks, cost or currency";

    /// Reads a target.
    ///
    /// # Errors
    /// `mapping`, naming what is expected.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let unknown = || {
            Problem::invalid(
                "mapping",
                format!(
                    "the mapping: there is no target `{text}`; expected user_id, anonymous_id, identifiers.NAMESPACE, \
                     traits.NAME, properties.NAME, products.NAME, context.NAME, timestamp, event, type, message_id or \
                     ignore, or for ad spend {}",
                    Self::SPEND
                ),
            )
        };
        Ok(match text {
            "" | "ignore" => Self::Ignore,
            "user_id" | "identifiers.user_id" => Self::UserId,
            "anonymous_id" | "identifiers.anonymous_id" => Self::AnonymousId,
            "message_id" => Self::MessageId,
            "event" => Self::Event,
            "type" => Self::Type,
            "timestamp" => Self::Timestamp,
            "date" => Self::Date,
            "channel" => Self::Channel,
            "campaign" => Self::Campaign,
            "impressions" => Self::Impressions,
            "clicks" => Self::Clicks,
            "cost" => Self::Cost,
            "currency" => Self::Currency,
            other => {
                let (place, name) = other.split_once('.').ok_or_else(unknown)?;
                if name.is_empty() || name.split('.').any(str::is_empty) || name.split('.').count() > 8 {
                    return Err(unknown());
                }
                let name = name.to_owned();
                match place {
                    "identifiers" => Self::Identifier(name),
                    "traits" => Self::Trait(name),
                    "properties" => Self::Property(name),
                    "products" => Self::Product(name),
                    "context" => Self::Context(name),
                    _ => return Err(unknown()),
                }
            }
        })
    }

    /// Whether it is one of ad spend.
    pub(super) const fn is_spend(&self) -> bool {
        match self {
            Self::Date
            | Self::Channel
            | Self::Campaign
            | Self::Impressions
            | Self::Clicks
            | Self::Cost
            | Self::Currency => true,
            Self::Ignore
            | Self::UserId
            | Self::AnonymousId
            | Self::MessageId
            | Self::Event
            | Self::Type
            | Self::Timestamp
            | Self::Identifier(_)
            | Self::Trait(_)
            | Self::Property(_)
            | Self::Product(_)
            | Self::Context(_) => false,
        }
    }

    /// Whether it can say who it is about.
    pub(super) fn is_identity(&self) -> bool {
        match self {
            Self::UserId | Self::AnonymousId | Self::Identifier(_) => true,
            Self::Trait(name) => matches!(name.as_str(), "phone" | "email" | "member_no"),
            Self::Context(name) | Self::Property(name) => name.starts_with("ids."),
            Self::Ignore
            | Self::MessageId
            | Self::Event
            | Self::Type
            | Self::Timestamp
            | Self::Product(_)
            | Self::Date
            | Self::Channel
            | Self::Campaign
            | Self::Impressions
            | Self::Clicks
            | Self::Cost
            | Self::Currency => false,
        }
    }

    /// Whether cells for it are numbers unless the mapping says otherwise: the amounts of the e-commerce events.
    pub(super) fn is_number(&self) -> bool {
        const AMOUNTS: [&str; 11] = [
            "price", "quantity", "revenue", "total", "value", "subtotal", "tax", "shipping", "discount", "position",
            "points",
        ];
        match self {
            Self::Property(name) | Self::Product(name) => AMOUNTS.contains(&name.as_str()),
            Self::Impressions | Self::Clicks => true,
            Self::Ignore
            | Self::UserId
            | Self::AnonymousId
            | Self::MessageId
            | Self::Event
            | Self::Type
            | Self::Timestamp
            | Self::Identifier(_)
            | Self::Trait(_)
            | Self::Context(_)
            | Self::Date
            | Self::Channel
            | Self::Campaign
            | Self::Cost
            | Self::Currency => false,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ignore => f.write_str("ignore"),
            Self::UserId => f.write_str("user_id"),
            Self::AnonymousId => f.write_str("anonymous_id"),
            Self::MessageId => f.write_str("message_id"),
            Self::Event => f.write_str("event"),
            Self::Type => f.write_str("type"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Identifier(n) => write!(f, "identifiers.{n}"),
            Self::Trait(n) => write!(f, "traits.{n}"),
            Self::Property(n) => write!(f, "properties.{n}"),
            Self::Product(n) => write!(f, "products.{n}"),
            Self::Context(n) => write!(f, "context.{n}"),
            Self::Date => f.write_str("date"),
            Self::Channel => f.write_str("channel"),
            Self::Campaign => f.write_str("campaign"),
            Self::Impressions => f.write_str("impressions"),
            Self::Clicks => f.write_str("clicks"),
            Self::Cost => f.write_str("cost"),
            Self::Currency => f.write_str("currency"),
        }
    }
}
