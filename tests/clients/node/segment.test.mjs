// Segment's server SDKs: the current one and the one many shops still run.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { happened, hasIdentifier, isRecent, named, person, require, unique, uniquePhone, url, writeKey } from "./support.mjs";

const { Analytics } = require("@segment/analytics-node");
const Legacy = require("analytics-node");

describe("@segment/analytics-node", () => {
  const start = (settings) => new Analytics({ writeKey, host: url, maxRetries: 0, ...settings });

  it("brings every kind of event to one person, traits cleaned", async () => {
    const [userId, anonymousId, phone] = [unique("user"), unique("anon"), uniquePhone()];
    const client = start();
    client.page({ anonymousId, name: "首页", properties: { path: "/", url: "https://shop.example.com/?utm_source=xhs" } });
    client.track({ anonymousId, event: "Product Viewed", properties: { product_id: "P1", price: 129.5 } });
    client.identify({ userId, anonymousId, traits: { name: "李 雷", email: "  LiLei@Example.COM ", phone } });
    client.screen({ userId, name: "购物车" });
    client.group({ userId, groupId: unique("family"), traits: { size: 3 } });
    client.track({ userId, event: "Order Completed", properties: { order_id: unique("o"), revenue: 259, currency: "CNY" } });
    await client.closeAndFlush();

    const someone = await person("user_id", userId, happened("首页", "Product Viewed", "identify", "购物车", "group", "Order Completed"));
    hasIdentifier(someone, "user_id", userId);
    hasIdentifier(someone, "anonymous_id", anonymousId);
    assert.equal(someone.traits.name, "李 雷");
    assert.equal(someone.traits.email, "lilei@example.com");
    assert.equal(someone.traits.phone, `+86${phone}`);
    const [order] = named(someone, "Order Completed");
    assert.equal(order.value_minor, 25_900);
    assert.equal(order.currency, "CNY");
    isRecent(order);
  });

  it("joins what happened before the login with what happened after it", async () => {
    const [userId, anonymousId] = [unique("user"), unique("anon")];
    const client = start();
    client.track({ anonymousId, event: "Product Viewed" });
    await client.flush();
    const before = await person("anonymous_id", anonymousId, happened("Product Viewed"));
    client.identify({ userId, anonymousId });
    await client.closeAndFlush();
    const after = await person("user_id", userId, happened("Product Viewed", "identify"));
    assert.equal((await person("anonymous_id", anonymousId)).id, after.id);
    assert.ok(before.id === after.id || after.aliases.includes(before.id), "the old person's id still leads here");
  });

  it("joins two ids by alias", async () => {
    const [old, userId] = [unique("anon"), unique("user")];
    const client = start();
    client.track({ anonymousId: old, event: "Product Viewed" });
    client.alias({ previousId: old, userId });
    client.track({ userId, event: "Product Added" });
    await client.closeAndFlush();
    await person("user_id", userId, happened("Product Viewed", "Product Added"));
  });

  it("keeps two people apart", async () => {
    const [a, b] = [unique("user"), unique("user")];
    const client = start();
    client.track({ userId: a, anonymousId: unique("anon"), event: "Product Viewed" });
    client.track({ userId: b, anonymousId: unique("anon"), event: "Product Viewed" });
    await client.closeAndFlush();
    const one = await person("user_id", a, happened("Product Viewed"));
    const other = await person("user_id", b, happened("Product Viewed"));
    assert.notEqual(one.id, other.id);
  });

  it("may send a message twice; it happened once", async () => {
    const [userId, messageId] = [unique("user"), unique("message")];
    for (let i = 0; i < 2; i++) {
      const client = start();
      client.track({ userId, messageId, event: "Order Completed", properties: { revenue: 10 } });
      await client.closeAndFlush();
    }
    const last = start();
    last.track({ userId, event: "Product Viewed" });
    await last.closeAndFlush();
    const someone = await person("user_id", userId, happened("Product Viewed"));
    assert.equal(named(someone, "Order Completed").length, 1);
  });

  it("sends many events in few requests, none is lost, and their order holds", async () => {
    const userId = unique("user");
    const client = start({ maxEventsInBatch: 100 });
    const at = Date.now() - 10_000;
    for (let i = 0; i < 250; i++) {
      client.track({ userId, event: "Product Viewed", properties: { i }, timestamp: new Date(at + i) });
    }
    await client.closeAndFlush();
    const someone = await person("user_id", userId, (p) => named(p, "Product Viewed").length === 250);
    assert.deepEqual(named(someone, "Product Viewed").map((item) => item.properties.i), [...Array(250).keys()]);
  });

  it("learns of a wrong write key from the status", async () => {
    const client = start({ writeKey: unique("wrong") });
    const failure = new Promise((resolve) => client.on("error", resolve));
    client.track({ userId: unique("user"), event: "Product Viewed" });
    await client.closeAndFlush();
    assert.match(String((await failure).reason?.message ?? (await failure).reason), /401|Unauthorized/);
  });
});

describe("analytics-node", () => {
  it("brings identify, track and page", async () => {
    const [userId, anonymousId] = [unique("user"), unique("anon")];
    const client = new Legacy(writeKey, { host: url, flushAt: 1 });
    client.page({ anonymousId, name: "Home" });
    client.identify({ userId, anonymousId, traits: { city: "上海" } });
    client.track({ userId, event: "Order Completed", properties: { revenue: 5 } });
    await client.flush();
    const someone = await person("user_id", userId, happened("Home", "identify", "Order Completed"));
    assert.equal(someone.traits.city, "上海");
    hasIdentifier(someone, "anonymous_id", anonymousId);
  });
});
