// A headless Chromium, a page of a shop on a port of its own, and a look at what the server recorded.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests with scripts/test-browser`);
  return value;
}

export const url = setting("THROUGHLINE_URL");
export const writeKey = setting("THROUGHLINE_WRITE_KEY");
const apiKey = setting("THROUGHLINE_API_KEY");
const root = fileURLToPath(new URL("../../", import.meta.url));

export async function launch() {
  return chromium.launch({
    executablePath: setting("CHROMIUM"),
    // Chromium's sandbox needs a user of its own; build machines run as root. The rest keeps it from calling home.
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    ],
  });
}

export async function api(path, options = {}) {
  const response = await fetch(`${url}/api${path}`, {
    ...options,
    headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
  });
  return { status: response.status, body: await response.json().catch(() => null) };
}

/** Uploads a file to be imported; gives the draft. */
export async function upload(name, text) {
  const response = await fetch(`${url}/api/imports?file_name=${encodeURIComponent(name)}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/octet-stream" },
    body: text,
  });
  assert.equal(response.status, 201);
  return response.json();
}

const PATIENCE_MS = 20_000;

/** Looks again until `look` gives something other than a falsehood; fails with `what` otherwise. */
export async function until(look, what) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) return assert.fail(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The events of the person with this identifier, oldest first; none while nobody has it. */
export async function events(namespace, value) {
  const found = await api(`/people/by-identifier/${namespace}/${encodeURIComponent(value)}`);
  if (found.status !== 200) return [];
  const timeline = await api(`/people/${found.body.id}/timeline?limit=500`);
  assert.equal(timeline.status, 200, JSON.stringify(timeline.body));
  return timeline.body.items.toReversed();
}

/** A shop whose pages carry the tag as the server serves it, on another origin than the server. */
export async function openShop(attributes = "") {
  const page = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>唇釉 · 店</title>
    <script>window.throughline = window.throughline || [];</script>
    <script async src="${url}/tag/throughline.js" data-write-key="${writeKey}" ${attributes}></script>
    </head><body><h1>唇釉</h1><a href="/next">next</a></body></html>`;
  const server = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end(page);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What the README shows. */
const SHOWN = new Set(["overview", "overview.zh-CN", "person", "credit"]);

/** Keeps what the page looks like: everything in the folder LOOK, what the README shows in docs/screenshots. */
export async function screenshot(page, name) {
  const folders = [process.env.LOOK, process.env.UPDATE_SCREENSHOTS && SHOWN.has(name) && `${root}docs/screenshots`];
  for (const folder of folders.filter(Boolean)) {
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: `${folder}/${name}.png`, animations: "disabled" });
  }
}
