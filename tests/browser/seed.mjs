// A small shop's week, sent the way shops send it: enough for every page of the console to have something to show.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { api, url, writeKey } from "./support.mjs";

const NAMES = ["李雷", "韩梅梅", "王小明", "陈静", "赵一鸣", "孙悦", "周子涵", "吴桐", "郑爽朗", "冯唐", "Anna Smith", "Tom Brown"];
const LANDINGS = [
  "utm_source=xiaohongshu&utm_medium=kol&utm_campaign=spring",
  "utm_source=douyin&utm_medium=cpc&utm_campaign=618",
  "gclid=abc&utm_source=google&utm_medium=cpc",
  "utm_source=newsletter&utm_medium=email&utm_campaign=march",
  "",
];
const DAY_MS = 86_400_000;

/** The person every test may look for. */
export const known = { userId: "e2e-1", name: "韩梅梅", phone: "19912340001", anonymousId: "e2e-browser-1" };

function visits(i) {
  const start = Date.now() - (6 - (i % 6)) * DAY_MS - 3_600_000;
  const at = (minutes) => new Date(start + minutes * 60_000).toISOString();
  const who = { userId: `e2e-${i}`, anonymousId: `e2e-browser-${i}` };
  const landing = LANDINGS[i % LANDINGS.length];
  const address = `https://shop.example.com/p/${i}?${landing}`;
  const page = { url: address, path: `/p/${i}`, search: `?${landing}`, referrer: i % 5 === 4 ? "https://www.baidu.com/" : "", title: "唇釉" };
  const events = [
    { type: "page", anonymousId: who.anonymousId, name: "商品", timestamp: at(0), context: { page }, properties: page },
    { type: "track", anonymousId: who.anonymousId, event: "Product Viewed", timestamp: at(1), properties: { product_id: `P${i}`, price: 129 } },
    {
      type: "identify", ...who, timestamp: at(2),
      traits: { name: NAMES[i % NAMES.length], phone: `1991234${String(i).padStart(4, "0")}`, city: i % 2 ? "上海" : "杭州" },
    },
    {
      type: "track", userId: who.userId, event: "Consent Updated", timestamp: at(3),
      properties: { purpose: "marketing", channel: i % 3 ? "sms" : "email", action: i % 4 ? "grant" : "deny", notice_version: "2026-03", method: "checkbox" },
    },
  ];
  if (i % 3) {
    events.push({
      type: "track", userId: who.userId, event: "Order Completed", timestamp: at(20),
      properties: { order_id: `e2e-order-${i}`, revenue: 100 + i * 7.5, currency: "CNY", products: [{ product_id: `P${i}`, quantity: 1 }] },
    });
  }
  return events.map((event, n) => ({ messageId: `e2e-${i}-${n}`, ...event }));
}

export async function send(events) {
  const response = await fetch(`${url}/v1/batch`, {
    method: "POST",
    headers: { Authorization: `Basic ${btoa(`${writeKey}:`)}`, "Content-Type": "application/json" },
    body: gzipSync(JSON.stringify({ batch: events, sentAt: new Date().toISOString() })),
  });
  assert.equal(response.status, 200, await response.text());
}

export async function seed() {
  for (let i = 1; i <= 48; i += 12) await send(Array.from({ length: 12 }, (_, n) => visits(i + n)).flat());
  await api("/sources", { method: "POST", body: JSON.stringify({ name: "物流回传", kind: "webhook" }) });
  await api("/sources", { method: "POST", body: JSON.stringify({ name: "官方商城", kind: "web" }) });
  const spend = { date: "2026-10-01", channel: "paid_search", campaign: "618", impressions: 12000, clicks: 340, cost_minor: 250000, currency: "CNY" };
  await api("/credit/spend", { method: "POST", body: JSON.stringify(spend) });
  // Nobody's event, for the quarantine; two people who cannot be one, for the review.
  await send([{ type: "track", event: "Product Viewed", messageId: "e2e-nobody", properties: {} }]);
  await send([{ type: "alias", userId: "e2e-2", previousId: "e2e-1", messageId: "e2e-refused" }]);
}
