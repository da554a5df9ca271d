// RudderStack, PostHog, Jitsu and Snowplow.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { happened, hasIdentifier, isRecent, named, person, require, unique, url, writeKey } from "./support.mjs";

const Rudder = require("@rudderstack/rudder-sdk-node");
const { PostHog } = require("posthog-node");
const { jitsuAnalytics } = require("@jitsu/js");
const snowplow = require("@snowplow/node-tracker");

describe("@rudderstack/rudder-sdk-node", () => {
  for (const gzip of [true, false]) {
    it(`brings identify, track, page and alias ${gzip ? "gzipped" : "plain"}`, async () => {
      const [userId, anonymousId, old] = [unique("user"), unique("anon"), unique("old")];
      const client = new (Rudder.default ?? Rudder)(writeKey, { dataPlaneUrl: url, gzip, logLevel: "error" });
      client.page({ anonymousId, name: "首页" });
      client.identify({ userId, anonymousId, traits: { name: "李雷", age: 31 } });
      client.track({ userId, event: "Order Completed", properties: { revenue: 12.34, currency: "CNY" } });
      client.track({ anonymousId: old, event: "Product Viewed" });
      client.alias({ previousId: old, userId });
      await new Promise((resolve) => client.flush(resolve));

      const someone = await person("user_id", userId, happened("首页", "identify", "Order Completed", "Product Viewed"));
      hasIdentifier(someone, "anonymous_id", anonymousId);
      assert.equal(someone.traits.name, "李雷");
      assert.equal(someone.traits.age, 31);
      const [order] = named(someone, "Order Completed");
      assert.equal(order.value_minor, 1234);
      isRecent(order);
    });
  }
});

describe("posthog-node", () => {
  it("brings captures and person properties, and joins by alias", async () => {
    const [known, before] = [unique("user"), unique("anon")];
    const client = new PostHog(writeKey, { host: url, flushAt: 100 });
    client.capture({ distinctId: before, event: "Product Viewed", properties: { product_id: "P1" } });
    client.identify({ distinctId: known, properties: { email: "han@example.com", $set_once: { first_seen_in: "store" } } });
    client.capture({ distinctId: known, event: "Order Completed", properties: { revenue: 42, currency: "CNY" } });
    client.alias({ distinctId: known, alias: before });
    await client.shutdown();

    const someone = await person("user_id", known, happened("Product Viewed", "Order Completed"));
    assert.equal(someone.traits.email, "han@example.com");
    assert.equal(someone.traits.first_seen_in, "store");
    assert.equal(named(someone, "Order Completed")[0].value_minor, 4200);
  });
});

describe("@jitsu/js", () => {
  it("brings page, identify and track, though it masks its key in the body", async () => {
    const userId = unique("user");
    // Jitsu insists on a key of the form `key:secret`; what follows our key is not looked at.
    const client = jitsuAnalytics({ host: url, writeKey: `${writeKey}:jitsu` });
    await client.page({ name: "首页" });
    await client.identify(userId, { city: "成都" });
    await client.track("Order Completed", { revenue: 9.9 });
    const someone = await person("user_id", userId, happened("page", "identify", "Order Completed"));
    assert.equal(someone.traits.city, "成都");
    assert.ok(someone.identifiers.some((one) => one.namespace === "anonymous_id"));
  });
});

describe("@snowplow/node-tracker", () => {
  it("brings page views, structured and self-describing events of a known user", async () => {
    const userId = unique("user");
    const tracker = snowplow.newTracker(
      { namespace: "shop", appId: writeKey, encodeBase64: true },
      { endpoint: url, eventMethod: "post", bufferSize: 3 },
    );
    tracker.setUserId(userId);
    tracker.track(snowplow.buildPageView({ pageUrl: "https://shop.example.com/p/1?utm_source=baidu", pageTitle: "唇釉" }));
    tracker.track(snowplow.buildStructEvent({ category: "shop", action: "add-to-basket", label: "P1", value: 3 }));
    tracker.track(
      snowplow.buildSelfDescribingEvent({
        event: { schema: "iglu:com.example/order_completed/jsonschema/1-0-0", data: { revenue: 30, currency: "CNY" } },
      }),
    );
    const someone = await person("user_id", userId, (p) => p.timeline.length >= 3);
    assert.equal(someone.timeline.length, 3);
    const page = someone.timeline.find((item) => item.kind === "page");
    assert.match(JSON.stringify(page), /utm_source=baidu/);
    const order = someone.timeline.find((item) => item.properties.revenue !== undefined);
    assert.equal(Number(order.properties.revenue), 30);
    someone.timeline.forEach(isRecent);
  });

  it("sends the same over GET", async () => {
    const userId = unique("user");
    const tracker = snowplow.newTracker(
      { namespace: "shop", appId: writeKey, encodeBase64: false },
      { endpoint: url, eventMethod: "get", bufferSize: 1 },
    );
    tracker.setUserId(userId);
    tracker.track(snowplow.buildPageView({ pageUrl: "https://shop.example.com/", pageTitle: "Home" }));
    await person("user_id", userId, happened("page"));
  });
});
