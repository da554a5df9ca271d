// A browser small enough for unit tests: jsdom runs the script that ships, and this stands in for what jsdom lacks
// (fetch, sendBeacon, locks) and for what tabs of one site share (storage, cookies).
import { readFileSync } from "node:fs";
import { CookieJar, JSDOM, VirtualConsole } from "jsdom";

const SCRIPT = readFileSync(new URL("../dist/throughline.js", import.meta.url), "utf8");

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `look` gives something; no test depends on how long that takes. */
export async function until(look, what = "it") {
  for (let tries = 0; tries < 500; tries++) {
    const found = look();
    if (found) return found;
    await wait(10);
  }
  throw new Error(`waited in vain for ${what}`);
}

class Answer {
  constructor(status, headers = {}) {
    this.status = status;
    this.headers = new Headers(headers);
  }
}

/** One visitor's browser: opens pages that share storage and cookies, and records what they send. */
export class Browser {
  constructor({ gpc = false, storage = true } = {}) {
    this.gpc = gpc;
    this.hasStorage = storage;
    this.stored = new Map();
    this.jar = new CookieJar();
    this.locks = new Set();
    this.online = true;
    this.sent = [];
    this.pages = [];
    this.problems = [];
    /** What the server answers; tests replace it. */
    this.server = () => new Answer(200);
  }

  answer(status, headers) {
    return new Answer(status, headers);
  }

  get events() {
    return this.sent.filter((request) => request.status < 300).flatMap((request) => request.batch);
  }

  named(name) {
    return this.events.filter((event) => event.event === name);
  }

  async receive(text, by) {
    const request = { ...JSON.parse(text), by, status: 0 };
    const answer = await this.server(request);
    request.status = answer.status;
    this.sent.push(request);
    return answer;
  }

  storage() {
    const map = this.stored;
    const methods = {
      getItem: (key) => map.get(key) ?? null,
      setItem: (key, value) => void map.set(key, String(value)),
      removeItem: (key) => void map.delete(key),
    };
    // Object.keys(localStorage) lists the stored keys in a browser.
    return new Proxy(methods, {
      ownKeys: () => [...map.keys()],
      getOwnPropertyDescriptor: (_, key) => (map.has(key) ? { enumerable: true, configurable: true } : undefined),
    });
  }

  lockManager() {
    return {
      request: async (name, _options, work) => {
        if (this.locks.has(name)) return work(null);
        this.locks.add(name);
        try {
          return await work({ name });
        } finally {
          this.locks.delete(name);
        }
      },
    };
  }

  /** Opens a page with the tag on it. `attributes` are those of its script element; `before` runs ahead of it. */
  open(url = "https://shop.example.com/", { attributes = {}, before, referrer, locks = true } = {}) {
    const quiet = new VirtualConsole();
    quiet.on("jsdomError", (problem) => this.problems.push(problem));
    const dom = new JSDOM("<!doctype html><title>A page</title><body></body>", {
      url, ...(referrer && { referrer }), runScripts: "outside-only", pretendToBeVisual: true, cookieJar: this.jar, virtualConsole: quiet,
    });
    const { window } = dom;
    const define = (target, name, value) => Object.defineProperty(target, name, { configurable: true, ...value });
    define(window, "localStorage", {
      get: () => {
        if (!this.hasStorage) throw new window.DOMException("denied", "SecurityError");
        return this.storage();
      },
    });
    define(window.navigator, "onLine", { get: () => this.online });
    define(window.navigator, "globalPrivacyControl", { value: this.gpc });
    if (locks) define(window.navigator, "locks", { value: this.lockManager() });
    window.navigator.sendBeacon = (_, body) => (void this.receive(body, "beacon"), true);
    window.fetch = async (_, { body }) => {
      if (!this.online) throw new TypeError("Failed to fetch");
      return this.receive(body, "fetch");
    };
    window.Blob = Blob;
    window.crypto.randomUUID ??= () => crypto.randomUUID();
    window.console = { ...console, warn: () => {} };

    const script = window.document.createElement("script");
    script.type = "text/plain";
    script.src = "https://data.example.com/tag/throughline.js";
    Object.assign(script.dataset, { writeKey: "key", flushAfterMs: "1", ...attributes });
    window.document.body.append(script);
    before?.(window);
    window.eval(SCRIPT);
    this.pages.push(window);
    return window;
  }

  close() {
    this.pages.forEach((page) => {
      if (page.throughline?.stop) page.throughline.stop();
      page.close();
    });
  }
}
