// The tag on a shop's page, on another origin than the server: across CORS, through outages, at the closing of a tab.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { api, events, launch, openShop, until, url } from "./support.mjs";

describe("the tag in a browser", () => {
  let browser;
  let shop;
  const problems = [];
  before(async () => {
    browser = await launch();
    shop = await openShop();
  });
  after(async () => {
    await browser?.close();
    shop?.close();
  });

  /** A visitor of their own: cookies and storage are shared by the tabs of one context only. */
  async function visit(context, path = "/", from = shop) {
    const page = await context.newPage();
    page.on("pageerror", (problem) => problems.push(problem));
    await page.goto(from.url + path);
    await page.waitForFunction(() => typeof window.throughline?.flush === "function");
    return page;
  }
  const call = (page, verb, ...given) => page.evaluate(([v, g]) => window.throughline[v](...g), [verb, given]);
  const names = (items) => items.map((item) => item.name || item.kind);
  const arrived = (id, count) =>
    until(async () => {
      const items = await events("anonymous_id", id);
      return items.length >= count && items;
    }, `${count} events of ${id}`);

  it("reports the visit and its campaign, and joins it to the login", async () => {
    const context = await browser.newContext({ locale: "zh-CN" });
    const page = await visit(context, "/p/1?utm_source=xiaohongshu&utm_medium=kol&utm_campaign=spring");
    const id = await call(page, "anonymousId");
    const userId = `user-${randomUUID().slice(0, 13)}`;
    await call(page, "identify", userId, { name: "韩梅梅" });
    await call(page, "track", "Product Viewed", { product_id: "P1" });
    const items = await arrived(id, 3);
    assert.deepEqual(names(items).sort(), ["Product Viewed", "identify", "page"]);
    assert.equal(items.find((item) => item.kind === "page").context.campaign.source, "xiaohongshu");
    const { body } = await api(`/people/by-identifier/user_id/${userId}`);
    assert.equal(body.traits.name, "韩梅梅");
    assert.ok(body.identifiers.some((one) => one.namespace === "anonymous_id" && one.value === id));
    await context.close();
  });

  it("loses nothing offline and sends it once the network is back, once", async () => {
    const context = await browser.newContext();
    const page = await visit(context);
    const id = await call(page, "anonymousId");
    await arrived(id, 1);
    await context.setOffline(true);
    for (let i = 0; i < 5; i++) await call(page, "track", "Product Viewed", { i });
    await page.waitForTimeout(600);
    assert.equal((await events("anonymous_id", id)).length, 1);
    await context.setOffline(false);
    const items = await arrived(id, 6);
    assert.deepEqual(items.slice(1).map((item) => item.properties.i), [0, 1, 2, 3, 4]);
    const requests = [];
    page.on("request", (request) => request.url().includes("/v1/b") && requests.push(request));
    await call(page, "flush");
    assert.equal(requests.length, 0, "nothing is left to be sent");
    await context.close();
  });

  it("keeps what an outage held through the closing of the tab", async () => {
    const context = await browser.newContext();
    const page = await visit(context);
    const id = await call(page, "anonymousId");
    await arrived(id, 1);
    await context.setOffline(true);
    await call(page, "track", "Product Added", {});
    await page.close({ runBeforeUnload: false });
    await context.setOffline(false);
    await visit(context, "/next");
    const items = await arrived(id, 3);
    assert.deepEqual(names(items).sort(), ["Product Added", "page", "page"]);
    await context.close();
  });

  it("sends the last event of a page that is left at once", async () => {
    const context = await browser.newContext();
    const slow = await openShop('data-flush-after-ms="600000" data-auto-page="false"');
    const page = await visit(context, "/", slow);
    await call(page, "track", "Order Completed", { revenue: 10, currency: "CNY" });
    const id = await call(page, "anonymousId");
    await page.goto("about:blank");
    assert.deepEqual(names(await arrived(id, 1)), ["Order Completed"]);
    await context.close();
    slow.close();
  });

  it("counts each event once when several tabs are open", async () => {
    const context = await browser.newContext();
    const tabs = [await visit(context), await visit(context, "/b"), await visit(context, "/c")];
    const id = await call(tabs[0], "anonymousId");
    const bodies = [];
    tabs.forEach((tab) => tab.on("request", (r) => r.url().includes("/v1/b") && bodies.push(r.postData())));
    await context.setOffline(true);
    for (const tab of tabs) for (let i = 0; i < 4; i++) await call(tab, "track", "Product Viewed", { i });
    await context.setOffline(false);
    await arrived(id, 15);
    const sent = bodies.flatMap((body) => JSON.parse(body ?? '{"batch":[]}').batch.map((event) => event.messageId));
    assert.equal(new Set(sent).size, sent.length, "no event crossed the wire twice");
    await context.close();
  });

  it("sends nothing and sets no cookie before consent", async () => {
    const asking = await openShop("data-require-consent");
    const context = await browser.newContext();
    const requests = [];
    context.on("request", (request) => request.url().startsWith(`${url}/v1/`) && requests.push(request.url()));
    const page = await visit(context, "/?utm_source=x", asking);
    await call(page, "track", "Product Viewed", {});
    await page.waitForTimeout(500);
    assert.deepEqual(requests, []);
    assert.deepEqual(await context.cookies(), []);
    await call(page, "consent", "grant", "analytics", "any", { notice_version: "2026-03", method: "banner" });
    const id = await until(() => call(page, "anonymousId"), "an anonymous id");
    const items = await arrived(id, 3);
    assert.deepEqual(names(items).sort(), ["Consent Updated", "Product Viewed", "page"]);
    const { body } = await api(`/people/by-identifier/anonymous_id/${id}`);
    const record = body.consents.find((one) => one.purpose === "analytics");
    assert.equal(record.action, "grant");
    assert.equal(record.notice_version, "2026-03");
    await context.close();
    asking.close();
  });

  it("follows a single-page app through its history", async () => {
    const context = await browser.newContext();
    const page = await visit(context, "/a");
    await page.evaluate(() => history.pushState({}, "", "/b"));
    await page.evaluate(() => history.back());
    const id = await call(page, "anonymousId");
    const items = await arrived(id, 3);
    assert.deepEqual(items.map((item) => item.properties.path), ["/a", "/b", "/a"]);
    await context.close();
  });

  it("never raised an error in any of these pages", () => assert.deepEqual(problems, []));
});
