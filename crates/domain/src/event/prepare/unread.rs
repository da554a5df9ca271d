//! What stands at the top of an event and is not read: a value its field cannot hold, or a field nobody knows. It goes
//! into the corrections with its value, so that nothing goes without a word.

use serde_json::Value;

use super::SourceContext;
use super::walk::Notes;
use crate::event::clean;
use crate::event::raw::{Client, RawEvent};

/// Fields that the formats have and that hold a text, an object or a time.
const KNOWN: [&str; 22] = [
    "type",
    "event",
    "name",
    "userId",
    "anonymousId",
    "previousId",
    "groupId",
    "messageId",
    "properties",
    "traits",
    "context",
    "ids",
    "distinct_id",
    "$distinct_id",
    "uuid",
    "original_id",
    "login_id",
    "anonymous_id",
    "_track_id",
    "identities",
    "eid",
    "uid",
];

/// Fields by which SDKs speak to their own servers. They say nothing about the customer.
const TECHNICAL: [&str; 34] = [
    "_metadata",
    "integrations",
    "channel",
    "options",
    "projectId",
    "version",
    "receivedAt",
    "rudderId",
    "request_ip",
    "eventn_ctx",
    "writeKey",
    "write_key",
    "api_key",
    "token",
    "project",
    "library",
    "library_version",
    "offset",
    "$lib",
    "$lib_version",
    "disable_geoip",
    "$geoip_disable",
    "historical_migration",
    "send_feature_flags",
    "groups",
    "site_url",
    "lib",
    "ver",
    "time_free",
    "extractor",
    "dtk",
    "jssdk_error",
    "anonymization_id",
    "recv_time",
];

/// Notes what is not read of an event that is to be recorded.
pub(super) fn note(raw: &RawEvent, ctx: &SourceContext<'_>, notes: &mut Notes) {
    for (field, value) in &raw.extra {
        if is_read(field, value, ctx) || is_technical(raw.client, field, value) {
            continue;
        }
        let is_known = KNOWN.contains(&field.as_str()) || field.starts_with("$identity_");
        let rule = if is_known { "not_usable" } else { "unknown_field" };
        notes.correct(clean::text(field).into_owned(), value.clone(), rule);
    }
}

/// Ids by name, and what the source says identifiers are in.
fn is_read(field: &str, value: &Value, ctx: &SourceContext<'_>) -> bool {
    let of_source = |path: &str| path.strip_prefix("extra.").and_then(|rest| rest.split('.').next()) == Some(field);
    field == "ids" && value.is_object() || ctx.identifier_fields.iter().any(|(path, _)| of_source(path))
}

fn is_technical(client: Client, field: &str, value: &Value) -> bool {
    match client {
        // Of its hundred parameters all but those of the event itself describe the tracker.
        Client::Snowplow => !matches!(field, "eid" | "uid" | "duid" | "tnuid" | "nuid" | "cx" | "ue"),
        // What PostHog calls type is the kind of call.
        Client::Posthog if field == "type" => value.is_string(),
        Client::Posthog
        | Client::Segment
        | Client::Rudder
        | Client::Jitsu
        | Client::Sensors
        | Client::Generic
        | Client::Webhook
        | Client::Import => TECHNICAL.contains(&field),
    }
}
