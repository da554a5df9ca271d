// Segment's browser SDK, running in jsdom, whose XMLHttpRequest asks for CORS permission as browsers do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { JSDOM, VirtualConsole } from "jsdom";
import { happened, hasIdentifier, named, person, require, unique, url, writeKey } from "./support.mjs";

const bundle = readFileSync(join(dirname(require.resolve("@segment/analytics-next")), "../umd/index.js"), "utf8");

describe("@segment/analytics-next", () => {
  const pages = [];
  after(() => pages.forEach((page) => page.close()));

  function open(address) {
    const { window } = new JSDOM("<!doctype html><title>唇釉 · 店</title>", {
      url: address, referrer: "https://www.xiaohongshu.com/explore/1", runScripts: "outside-only",
      pretendToBeVisual: true, virtualConsole: new VirtualConsole(),
    });
    pages.push(window);
    window.eval(bundle);
    return window;
  }

  async function load(window, settings = {}) {
    const [analytics] = await window.AnalyticsNext.AnalyticsBrowser.load(
      {
        writeKey,
        cdnSettings: {
          integrations: {
            "Segment.io": { apiKey: writeKey, apiHost: `${new URL(url).host}/v1`, protocol: "http", ...settings },
          },
        },
      },
      { disableClientPersistence: false, obfuscate: false },
    );
    return analytics;
  }

  it("sends a visit, a login and an order as one person, with page and campaign", async () => {
    const userId = unique("user");
    const window = open("https://shop.example.com/p/1?utm_source=xiaohongshu&utm_medium=kol&utm_campaign=spring");
    const analytics = await load(window);
    const anonymousId = analytics.user().anonymousId();
    await analytics.page("唇釉");
    await analytics.identify(userId, { name: "韩梅梅" });
    await analytics.track("Order Completed", { revenue: 88, currency: "CNY" });

    const someone = await person("user_id", userId, happened("唇釉", "identify", "Order Completed"));
    hasIdentifier(someone, "anonymous_id", anonymousId);
    assert.equal(someone.traits.name, "韩梅梅");
    const [page] = named(someone, "唇釉");
    assert.equal(page.kind, "page");
    assert.equal(page.context.campaign.source, "xiaohongshu");
    assert.equal(page.context.page.path, "/p/1");
  });

  it("sends batches when it is told to", async () => {
    const userId = unique("user");
    const analytics = await load(open("https://shop.example.com/"), {
      deliveryStrategy: { strategy: "batching", config: { size: 3, timeout: 50 } },
    });
    await analytics.identify(userId);
    for (let i = 0; i < 7; i++) await analytics.track("Product Viewed", { i });
    await person("user_id", userId, (p) => named(p, "Product Viewed").length === 7);
  });

  it("after reset is somebody else", async () => {
    const [a, b] = [unique("user"), unique("user")];
    const analytics = await load(open("https://shop.example.com/"));
    await analytics.identify(a);
    await analytics.reset();
    await analytics.identify(b);
    const [one, other] = [await person("user_id", a), await person("user_id", b)];
    assert.notEqual(one.id, other.id);
  });
});
