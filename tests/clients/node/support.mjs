// What the tests share: where the server is, ids nobody used before, and a look at what arrived.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";

/** The SDKs under test are CommonJS; this loads them the way most shops do. */
export const require = createRequire(import.meta.url);

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests with scripts/test-clients`);
  return value;
}

export const url = setting("THROUGHLINE_URL");
export const writeKey = setting("THROUGHLINE_WRITE_KEY");
const apiKey = setting("THROUGHLINE_API_KEY");

/** An id of this run alone; with letters in it, so that it is never taken for a number. */
export const unique = (prefix) => `${prefix}-${randomUUID().slice(0, 13)}`;

/** A mobile number of this run alone: 199 and eight digits. */
export const uniquePhone = () => `199${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`;

export async function api(path, options = {}) {
  const response = await fetch(`${url}/api${path}`, {
    ...options,
    headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
  });
  const body = await response.json().catch(() => null);
  return { status: response.status, body };
}

const PATIENCE_MS = 15_000;

/**
 * The person with this identifier, with its events as `timeline` (oldest first), once `enough` holds for it.
 * SDKs return before their request is answered, so this looks again for a while; then it fails with what it saw.
 */
export async function person(namespace, value, enough = () => true) {
  const until = Date.now() + PATIENCE_MS;
  let seen;
  do {
    const found = await api(`/people/by-identifier/${namespace}/${encodeURIComponent(value)}`);
    seen = found.body;
    if (found.status === 200) {
      const events = await api(`/people/${found.body.id}/timeline?limit=500`);
      assert.equal(events.status, 200, JSON.stringify(events.body));
      seen = { ...found.body, timeline: events.body.items.toReversed() };
      if (enough(seen)) return seen;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (Date.now() < until);
  return assert.fail(`${namespace} ${value} never became as expected; last seen: ${JSON.stringify(seen, null, 2)}`);
}

/** For `person`: all of these have happened, each by its name or, without one, by its kind. */
export const happened =
  (...names) =>
  ({ timeline }) =>
    names.every((name) => timeline.some((item) => item.name === name || item.kind === name));

export const named = ({ timeline }, name) => timeline.filter((item) => item.name === name);

export function hasIdentifier(someone, namespace, value) {
  const all = someone.identifiers.map((one) => `${one.namespace} ${one.value}`);
  assert.ok(all.includes(`${namespace} ${value}`), `${namespace} ${value} is not among ${all.join(", ")}`);
}

/** Within a minute of now: a client's clock was understood, and no zone was guessed. */
export function isRecent(item) {
  const age = Math.abs(Date.now() - Date.parse(item.event_at));
  assert.ok(age < 60_000, `event_at is ${item.event_at}`);
}
