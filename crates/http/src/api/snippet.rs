//! Ready-made code for each SDK: a shop changes one host name and keeps its SDK.

use serde::Serialize;
use utoipa::ToSchema;

/// Code by SDK.
#[derive(Debug, Serialize, ToSchema)]
pub struct Snippets {
    /// Our own tag.
    web: String,
    /// Segment's browser SDK.
    browser: String,
    /// Segment's Node SDK.
    node: String,
    /// Segment's Python SDK.
    python: String,
    /// RudderStack.
    rudder: String,
    /// PostHog.
    posthog: String,
    /// Jitsu.
    jitsu: String,
    /// 神策.
    sensors: String,
    /// Snowplow.
    snowplow: String,
    /// Plain HTTP.
    curl: String,
    /// Signed webhook.
    webhook: String,
}

/// The code for a source at `host` with a key.
pub fn snippets(host: &str, key: &str, source: &str) -> Snippets {
    let fill = |t: &str| t.replace("{host}", host).replace("{key}", key).replace("{source}", source);
    Snippets {
        web: fill(
            "<script>window.throughline=window.throughline||[]</script>\n\
             <script async src=\"{host}/tag/throughline.js\" data-host=\"{host}\" data-write-key=\"{key}\"></script>",
        ),
        browser: fill(
            "import { AnalyticsBrowser } from '@segment/analytics-next'\n\n\
             const analytics = AnalyticsBrowser.load({\n  writeKey: '{key}',\n  cdnSettings: {\n    integrations: { 'Segment.io': \
             { apiKey: '{key}', apiHost: '{host}/v1'.replace(/^https?:\\/\\//, ''), protocol: '{host}'.split(':')[0] } },\n  },\n})\n\
             analytics.page()",
        ),
        node: fill(
            "import { Analytics } from '@segment/analytics-node'\n\n\
             const analytics = new Analytics({ writeKey: '{key}', host: '{host}' })\n\
             analytics.track({ userId: 'u1', event: 'Order Completed', properties: { order_id: 'o1', revenue: 99, currency: 'CNY' } })",
        ),
        python: fill(
            "import segment.analytics as analytics\n\n\
             analytics.write_key = '{key}'\nanalytics.host = '{host}'\n\
             analytics.identify('u1', {'email': 'name@example.com'})",
        ),
        rudder: fill(
            "import Analytics from '@rudderstack/rudder-sdk-node'\n\n\
             const client = new Analytics('{key}', { dataPlaneUrl: '{host}' })\n\
             client.track({ userId: 'u1', event: 'Product Viewed' })",
        ),
        posthog: fill(
            "import { PostHog } from 'posthog-node'\n\n\
             const posthog = new PostHog('{key}', { host: '{host}' })\n\
             posthog.capture({ distinctId: 'u1', event: 'Product Viewed' })",
        ),
        jitsu: fill(
            "import { jitsuAnalytics } from '@jitsu/js'\n\n\
             const jitsu = jitsuAnalytics({ host: '{host}', writeKey: '{key}' })\n\
             jitsu.track('Product Viewed')",
        ),
        sensors: fill(
            "import sensorsanalytics\n\n\
             consumer = sensorsanalytics.BatchConsumer('{host}/sa?project=default&write_key={key}')\n\
             sa = sensorsanalytics.SensorsAnalytics(consumer)\n\
             sa.track('u1', 'ProductViewed', {'sku': 'A1'}, is_login_id=True)",
        ),
        snowplow: fill(
            "import { newTracker } from '@snowplow/node-tracker'\n\n\
             const tracker = newTracker({ namespace: 'shop', appId: '{key}' }, { endpoint: '{host}' })",
        ),
        curl: fill(
            "curl -u '{key}:' {host}/v1/batch -H 'content-type: application/json' \\\n  \
             -d '{\"batch\":[{\"type\":\"track\",\"userId\":\"u1\",\"event\":\"Product Viewed\",\"properties\":{\"sku\":\"A1\"}}]}'",
        ),
        webhook: fill(
            "BODY='{\"type\":\"track\",\"userId\":\"u1\",\"event\":\"Order Completed\"}'\n\
             SIGNATURE=$(printf '%s' \"$BODY\" | openssl dgst -sha256 -hmac \"$SECRET\" -hex | sed 's/^.* //')\n\
             curl {host}/v1/webhook/{source} -H \"X-Throughline-Signature: sha256=$SIGNATURE\" -d \"$BODY\"",
        ),
    }
}
