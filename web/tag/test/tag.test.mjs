import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { Browser, until, wait } from "./browser.mjs";

let browser;
beforeEach(() => (browser = new Browser()));
afterEach(() => browser.close());

const arrived = (count) => until(() => browser.events.length >= count && browser.events, `${count} events`);
const cookies = (page) => page.document.cookie;
const waiting = () => [...browser.stored.keys()].filter((key) => key.startsWith("tl.key.e."));

describe("the script", () => {
  it("stays within 6 KB gzipped", () => {
    const script = readFileSync(new URL("../dist/throughline.js", import.meta.url));
    const size = gzipSync(script, { level: 9 }).length;
    assert.ok(size <= 6 * 1024, `${size} bytes`);
  });

  it("carries out the calls made before it loaded, in their order, then those that follow", async () => {
    const page = browser.open(undefined, {
      attributes: { autoPage: "false" },
      before: (window) => {
        window.throughline = [["identify", "u1", { name: "李雷" }], ["track", "Product Viewed", { sku: "A" }]];
      },
    });
    page.throughline.push(["track", "Product Added"]);
    const events = await arrived(3);
    assert.deepEqual(events.map((event) => event.event ?? event.type), ["identify", "Product Viewed", "Product Added"]);
    assert.ok(events.every((event) => event.userId === "u1"));
  });

  it("works once although the snippet is on the page twice", async () => {
    const page = browser.open();
    const first = page.throughline;
    page.eval(readFileSync(new URL("../dist/throughline.js", import.meta.url), "utf8"));
    assert.equal(page.throughline, first);
  });

  it("never throws into the page, whatever it is given", () => {
    const { throughline } = browser.open();
    const loop = {};
    loop.self = loop;
    const strange = [undefined, null, loop, 10n, () => {}, Symbol("x"), { toJSON() { throw new Error("no"); } }];
    for (const verb of ["page", "track", "identify", "group", "alias", "reset", "consent", "consented", "push"]) {
      for (const value of strange) {
        assert.doesNotThrow(() => throughline[verb](verb === "push" ? ["track", value] : value, value, value), `${verb}`);
      }
    }
  });

  it("works where storage is refused, as long as the page lives", async () => {
    browser.hasStorage = false;
    const page = browser.open();
    page.throughline.track("Product Viewed");
    const events = await arrived(2);
    assert.equal(events[0].anonymousId, events[1].anonymousId);
  });
});

describe("an event", () => {
  it("is shaped like Segment's, with page, campaign, click id and library", async () => {
    browser.open("https://shop.example.com/p/1?utm_source=xhs&utm_medium=kol&utm_campaign=spring&gdt_vid=abc", {
      referrer: "https://www.xiaohongshu.com/explore",
    });
    const [event] = await arrived(1);
    assert.equal(event.type, "page");
    assert.equal(event.properties.path, "/p/1");
    assert.equal(event.context.page.referrer, "https://www.xiaohongshu.com/explore");
    assert.deepEqual(event.context.campaign, { source: "xhs", medium: "kol", name: "spring" });
    assert.deepEqual(event.context.click_ids, { gdt_vid: "abc" });
    assert.equal(event.context.library.name, "throughline-tag");
    assert.match(event.messageId, /^[0-9a-f-]{36}$/);
    assert.match(event.timestamp, /^\d{4}-.*Z$/);
    assert.ok(event.anonymousId);
    assert.equal(browser.sent[0].writeKey, "key");
    assert.ok(Date.parse(browser.sent[0].sentAt) >= Date.parse(event.timestamp));
  });

  it("carries the same anonymous id on every page, from the cookie or from storage", async () => {
    const first = browser.open();
    const [{ anonymousId }] = await arrived(1);
    assert.ok(cookies(first).includes(anonymousId));
    browser.stored.clear();
    browser.open("https://shop.example.com/2");
    assert.equal((await arrived(2))[1].anonymousId, anonymousId);
    browser.jar.removeAllCookiesSync();
    browser.open("https://shop.example.com/3");
    assert.equal((await arrived(3))[2].anonymousId, anonymousId);
  });

  it("shares its anonymous id with the other sub-domains of the shop", async () => {
    browser.open("https://www.example.com/");
    await arrived(1);
    const elsewhere = new Browser();
    elsewhere.jar = browser.jar;
    elsewhere.open("https://m.example.com/");
    await until(() => elsewhere.events.length);
    assert.equal(elsewhere.events[0].anonymousId, browser.events[0].anonymousId);
    elsewhere.close();
  });

  it("over 32 KB is not sent and takes no neighbour along", async () => {
    const { throughline } = browser.open(undefined, { attributes: { autoPage: "false" } });
    throughline.track("Huge", { text: "字".repeat(11_000) });
    throughline.track("Small");
    const events = await arrived(1);
    assert.deepEqual(events.map((event) => event.event), ["Small"]);
  });
});

describe("pages", () => {
  it("follow the history API, with the page before as referrer, and not the fragment", async () => {
    const page = browser.open("https://shop.example.com/a?x=1");
    page.history.pushState({}, "", "/b");
    await arrived(2);
    page.history.replaceState({}, "", "/b#reviews");
    page.history.pushState({}, "", "/c");
    const events = await arrived(3);
    assert.deepEqual(events.map((event) => event.properties.path), ["/a", "/b", "/c"]);
    assert.equal(events[1].context.page.referrer, "https://shop.example.com/a?x=1");
    page.history.back();
    assert.equal((await arrived(4))[3].properties.path, "/b");
  });

  it("are left to the shop when data-auto-page is false", async () => {
    const page = browser.open(undefined, { attributes: { autoPage: "false" } });
    page.history.pushState({}, "", "/b");
    page.throughline.page("Checkout", { step: 2 });
    await arrived(1);
    await wait(20);
    assert.equal(browser.events.length, 1);
    assert.equal(browser.events[0].name, "Checkout");
    assert.equal(browser.events[0].properties.step, 2);
    assert.equal(browser.events[0].properties.path, "/b");
  });
});

describe("who it is", () => {
  it("stays known on later pages after identify, on the same line as before", async () => {
    browser.open().throughline.identify("u1", { phone: "139 1234 5678" });
    await arrived(2);
    browser.open("https://shop.example.com/2");
    const events = await arrived(3);
    assert.equal(events[2].userId, "u1");
    assert.equal(events[2].anonymousId, events[0].anonymousId);
  });

  it("begins a new line when somebody else is identified at this browser", async () => {
    const { throughline } = browser.open(undefined, { attributes: { autoPage: "false" } });
    throughline.identify("u1");
    throughline.identify("u1", { name: "again" });
    throughline.identify("u2");
    const [a, same, b] = await arrived(3);
    assert.equal(a.anonymousId, same.anonymousId);
    assert.notEqual(a.anonymousId, b.anonymousId);
    assert.equal(b.userId, "u2");
  });

  it("is forgotten by reset, which tells the server that the session ended", async () => {
    const { throughline } = browser.open(undefined, { attributes: { autoPage: "false" } });
    throughline.identify("u1");
    throughline.group("family", { size: 3 });
    throughline.logout();
    throughline.track("Product Viewed");
    const [known, group, out, after] = await arrived(4);
    assert.equal(group.groupId, "family");
    assert.equal(out.event, "Signed Out");
    assert.equal(out.userId, "u1");
    assert.equal(out.anonymousId, known.anonymousId);
    assert.equal(after.userId, undefined);
    assert.notEqual(after.anonymousId, known.anonymousId);
    assert.equal(after.context.groupId, undefined);
  });

  it("gives alias the id known so far when none is named", async () => {
    const { throughline } = browser.open(undefined, { attributes: { autoPage: "false" } });
    throughline.alias("u1");
    const [event] = await arrived(1);
    assert.equal(event.previousId, event.anonymousId);
    assert.equal(event.userId, "u1");
  });
});

describe("consent", () => {
  const asking = { attributes: { requireConsent: "" } };

  it("comes before anything is sent or stored, and then lets out what was held", async () => {
    const page = browser.open("https://shop.example.com/?utm_source=x", asking);
    page.throughline.track("Product Viewed");
    page.throughline.identify("u1");
    await wait(30);
    assert.equal(browser.sent.length, 0);
    assert.equal(browser.stored.size, 0);
    assert.equal(cookies(page), "");
    assert.equal(page.throughline.consented("analytics"), undefined);

    page.throughline.consent("grant", "analytics", "any", { notice_version: "2026-03", method: "banner" });
    const events = await arrived(4);
    const record = events.find((event) => event.event === "Consent Updated");
    assert.deepEqual(record.properties, {
      notice_version: "2026-03", method: "banner", purpose: "analytics", channel: "any", action: "grant",
    });
    assert.deepEqual(
      events.filter((event) => event !== record).map((event) => event.event ?? event.type),
      ["page", "Product Viewed", "identify"],
    );
    assert.equal(events.find((event) => event.type === "page").context.campaign.source, "x");
    assert.equal(new Set(events.map((event) => event.anonymousId)).size, 1);
    assert.equal(page.throughline.consented("analytics"), true);
  });

  it("refused means that nothing ever leaves, and the choice is remembered", async () => {
    const page = browser.open(undefined, asking);
    page.throughline.consent("deny", "analytics");
    page.throughline.track("Product Viewed");
    const next = browser.open("https://shop.example.com/2", asking);
    await wait(30);
    assert.equal(browser.sent.length, 0);
    assert.equal(next.throughline.consented("analytics"), false);
    assert.equal(next.throughline.anonymousId(), undefined);
  });

  it("given earlier holds on the next page without asking", async () => {
    browser.open(undefined, asking).throughline.consent("grant", "analytics");
    await arrived(2);
    browser.open("https://shop.example.com/2", asking);
    await arrived(3);
  });

  it("taken back is recorded as withdrawn, ends collecting and removes the ids", async () => {
    const page = browser.open(undefined, asking);
    page.throughline.consent("grant", "analytics");
    await arrived(2);
    page.throughline.consent("deny", "analytics");
    page.throughline.track("Product Viewed");
    await until(() => browser.named("Consent Updated").length === 2 && waiting().length === 0);
    await wait(20);
    assert.equal(browser.named("Consent Updated")[1].properties.action, "withdraw");
    assert.equal(browser.named("Product Viewed").length, 0);
    assert.ok(!cookies(page).includes("tl_anonymous"));
    assert.ok(!browser.stored.has("tl_anonymous"));
  });

  it("for one channel is told apart from the others, and one for any channel covers all", () => {
    const { throughline } = browser.open();
    throughline.consent("grant", "marketing", "email");
    assert.equal(throughline.consented("marketing", "email"), true);
    assert.equal(throughline.consented("marketing", "sms"), undefined);
    throughline.consent("deny", "profiling");
    assert.equal(throughline.consented("profiling", "sms"), false);
  });

  it("to a newsletter alone is sent, but leaves no cookie and no visits", async () => {
    const page = browser.open(undefined, asking);
    page.throughline.consent("grant", "marketing", "email");
    await until(() => browser.named("Consent Updated").length === 1);
    await wait(20);
    assert.equal(browser.events.length, 1);
    assert.ok(!cookies(page).includes("tl_anonymous"));
  });

  it("to advertising is what keeps click ids; Global Privacy Control is a no", async () => {
    browser.gpc = true;
    const page = browser.open("https://shop.example.com/?gclid=1&utm_source=x", { attributes: { autoPage: "false" } });
    page.throughline.page();
    page.throughline.consent("grant", "advertising");
    page.throughline.page();
    const [before, , after] = await arrived(3);
    assert.ok(!JSON.stringify(before).includes("gclid"));
    assert.equal(before.context.campaign.source, "x");
    assert.equal(before.context.gpc, true);
    assert.deepEqual(after.context.click_ids, { gclid: "1" });
  });

  it("is absent under Global Privacy Control when data-gpc is all", async () => {
    browser.gpc = true;
    const page = browser.open(undefined, { attributes: { gpc: "all" } });
    page.throughline.track("Product Viewed");
    await wait(30);
    assert.equal(browser.sent.length, 0);
    page.throughline.consent("grant", "analytics");
    page.throughline.track("Product Added");
    await until(() => browser.named("Product Added").length === 1);
    assert.equal(browser.named("Product Viewed").length, 0);
  });

  it("decided in one go is applied as a whole to what was held", async () => {
    const page = browser.open("https://shop.example.com/?gclid=1", asking);
    page.throughline.consent("grant", "analytics");
    page.throughline.consent("grant", "advertising");
    const events = await arrived(3);
    assert.deepEqual(events.find((event) => event.type === "page").context.click_ids, { gclid: "1" });
  });
});

describe("the queue", () => {
  const manual = { attributes: { autoPage: "false" } };

  it("keeps events through an outage and a closed page, and sends each once", async () => {
    browser.online = false;
    const page = browser.open(undefined, manual);
    for (let i = 0; i < 5; i++) page.throughline.track("Product Viewed", { i });
    page.dispatchEvent(new page.Event("pagehide"));
    await wait(20);
    assert.equal(browser.sent.length, 0);
    page.close();
    browser.online = true;
    browser.open("https://shop.example.com/2", manual);
    const events = await arrived(5);
    assert.deepEqual(events.map((event) => event.properties.i), [0, 1, 2, 3, 4]);
    assert.equal(waiting().length, 0);
  });

  it("sends as soon as the network is back", async () => {
    browser.online = false;
    const page = browser.open(undefined, manual);
    page.throughline.track("Product Viewed");
    await wait(20);
    browser.online = true;
    page.dispatchEvent(new page.Event("online"));
    await arrived(1);
  });

  it("stays away as long as Retry-After says, also on the next page", async () => {
    browser.server = () => browser.answer(429, { "Retry-After": "1000" });
    const page = browser.open(undefined, manual);
    page.throughline.track("Product Viewed");
    await until(() => browser.sent.length === 1);
    page.throughline.track("Product Added");
    const next = browser.open("https://shop.example.com/2", manual);
    next.throughline.track("Order Completed");
    page.dispatchEvent(new page.Event("pagehide"));
    await wait(50);
    assert.equal(browser.sent.length, 1);
    assert.equal(waiting().length, 3);
  });

  it("tries again after the server's failure and sends the same message id", async () => {
    let tries = 0;
    browser.server = () => browser.answer(tries++ ? 200 : 503);
    browser.open(undefined, manual).throughline.track("Product Viewed");
    const [event] = await arrived(1);
    assert.equal(browser.sent[0].status, 503);
    assert.equal(browser.sent[0].batch[0].messageId, event.messageId);
  });

  it("drops what the server refuses for good", async () => {
    browser.server = () => browser.answer(401);
    browser.open(undefined, manual).throughline.track("Product Viewed");
    await until(() => browser.sent.length === 1 && waiting().length === 0);
  });

  it("halves a batch that is too large", async () => {
    browser.online = false;
    const page = browser.open(undefined, manual);
    for (let i = 0; i < 8; i++) page.throughline.track("Product Viewed", { i });
    browser.online = true;
    browser.server = (request) => browser.answer(request.batch.length > 2 ? 413 : 200);
    page.dispatchEvent(new page.Event("online"));
    const events = await arrived(8);
    assert.deepEqual(events.map((event) => event.properties.i), [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("keeps the newest 500 events when nothing can be sent", () => {
    browser.online = false;
    const { throughline } = browser.open(undefined, manual);
    for (let i = 0; i < 510; i++) throughline.track("Product Viewed", { i });
    const kept = waiting().sort().map((key) => JSON.parse(browser.stored.get(key)).properties.i);
    assert.equal(kept.length, 500);
    assert.equal(kept[0], 10);
    assert.equal(kept.at(-1), 509);
  });

  it("cuts batches to what may outlive a page", async () => {
    browser.online = false;
    const page = browser.open(undefined, manual);
    for (let i = 0; i < 10; i++) page.throughline.track("Product Viewed", { text: "字".repeat(5000) });
    browser.online = true;
    page.dispatchEvent(new page.Event("online"));
    await arrived(10);
    assert.ok(browser.sent.length > 1);
    for (const { writeKey, sentAt, batch } of browser.sent) {
      assert.ok(Buffer.byteLength(JSON.stringify({ writeKey, sentAt, batch })) < 64 * 1024);
    }
  });

  for (const locks of [true, false]) {
    it(`is emptied by one tab at a time ${locks ? "" : "also without the locks API "}, so nothing is sent twice`, async () => {
      browser.online = false;
      const tabs = [1, 2, 3, 4].map(() => browser.open(undefined, { ...manual, locks }));
      tabs.forEach((tab, t) => [0, 1, 2].forEach((i) => tab.throughline.track("Product Viewed", { t, i })));
      browser.server = async () => {
        await wait(15);
        return browser.answer(200);
      };
      browser.online = true;
      tabs.forEach((tab) => tab.dispatchEvent(new tab.Event("online")));
      await wait(5);
      // One of them is closed while another is sending.
      tabs[3].dispatchEvent(new tabs[3].Event("pagehide"));
      await until(() => browser.events.length >= 12 && waiting().length === 0);
      await wait(30);
      const ids = browser.events.map((event) => event.messageId);
      assert.equal(ids.length, 12);
      assert.equal(new Set(ids).size, 12);
    });
  }

  it("hands the rest to the browser when the page closes", async () => {
    const page = browser.open(undefined, { attributes: { autoPage: "false", flushAfterMs: "60000" } });
    page.throughline.track("Product Viewed");
    page.dispatchEvent(new page.Event("pagehide"));
    await arrived(1);
    assert.equal(browser.sent[0].by, "beacon");
    assert.equal(waiting().length, 0);
  });

  it("does not hand over again what is on its way when the page closes", async () => {
    let release;
    browser.server = (request) =>
      request.by === "fetch" ? new Promise((resolve) => (release = () => resolve(browser.answer(200)))) : browser.answer(200);
    const page = browser.open(undefined, manual);
    page.throughline.track("Product Viewed");
    await until(() => release);
    page.throughline.track("Product Added");
    page.dispatchEvent(new page.Event("pagehide"));
    release();
    const events = await arrived(2);
    assert.deepEqual(events.map((event) => event.event).sort(), ["Product Added", "Product Viewed"]);
  });
});
