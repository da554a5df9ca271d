// A person at the console: sets it up, signs in, and walks through every page in both languages, at a desk and on a
// phone. Texts come from the console's own language files, so this breaks when a control is gone, not when it is
// renamed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { api, launch, screenshot, until, url } from "./support.mjs";
import { pages, person } from "./pages.mjs";
import { known, seed, send } from "./seed.mjs";
import { english, settled, sound, unreached } from "./sound.mjs";

const LANGUAGES = ["en", "zh-CN"];
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const demo = Boolean(process.env.THROUGHLINE_DEMO);
const owner = { name: "Owner", email: "owner@example.com", password: "correct horse battery" };

const texts = Object.fromEntries(
  LANGUAGES.map((language) => [
    language,
    Object.assign({}, ...["", "pages/", "server/"].map((folder) => JSON.parse(readFileSync(new URL(`../../web/console/src/i18n/${folder}${language}.json`, import.meta.url), "utf8")))),
  ]),
);
const say = (language, key, values = {}) =>
  (texts[language][key] ?? assert.fail(`no text ${key} in ${language}`)).replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name) => values[name]);

describe("the console", () => {
  let browser;
  let state;
  before(async () => {
    browser = await launch();
    if (!demo) await seed();
  });
  after(() => browser?.close());

  async function open(language, viewport, { signedIn = true } = {}) {
    assert.ok(state || !signedIn, "nobody is signed in: the set-up failed");
    const context = await browser.newContext({
      viewport, locale: language, timezoneId: "Asia/Shanghai", reducedMotion: "reduce",
      ...(signedIn && state && { storageState: state }),
    });
    await context.addInitScript((l) => localStorage.setItem("tl_language", l), language);
    const page = await context.newPage();
    page.problems = [];
    page.on("pageerror", (problem) => page.problems.push(`thrown: ${problem.message}`));
    page.on("console", (message) => {
      // Chromium reports every 401 as an error; asking whether one is signed in is how the console begins.
      const asked = message.location().url.endsWith("/api/session") && message.text().includes("401");
      if (message.type() === "error" && !asked) page.problems.push(`console: ${message.text()} ${message.location().url}`);
    });
    return page;
  }

  it("leads the first visitor to the set-up, and the owner into the overview", async () => {
    const page = await open("en", DESK, { signedIn: false });
    await page.goto(url);
    await page.waitForURL("**/set-up");
    await settled(page);
    await sound(page);
    await page.getByLabel(say("en", "user.name"), { exact: true }).fill(owner.name);
    await page.getByLabel(say("en", "user.email"), { exact: true }).fill(owner.email);
    await page.getByLabel(say("en", "user.password"), { exact: true }).fill(owner.password);
    await page.getByRole("button", { name: say("en", "set_up.do") }).click();
    await page.getByRole("heading", { level: 1, name: say("en", "nav.overview") }).waitFor();
    state = await page.context().storageState();
    const cookie = state.cookies.find((one) => one.name === "tl_session");
    assert.ok(cookie.httpOnly, "scripts cannot read the session");
    assert.equal(cookie.sameSite, "Lax");
    await page.context().close();
  });

  it("asks those who are not signed in to sign in, refuses a wrong password, and goes on where they wanted", async () => {
    const page = await open("zh-CN", DESK, { signedIn: false });
    await page.goto(`${url}/sources`);
    await page.waitForURL("**/sign-in**");
    await settled(page);
    await sound(page);
    const email = page.getByLabel(say("zh-CN", "user.email"), { exact: true });
    const password = page.getByLabel(say("zh-CN", "user.password"), { exact: true });
    await email.fill(owner.email);
    await password.fill("not the password");
    await page.keyboard.press("Enter");
    await page.getByText(say("zh-CN", "problem.bad_credentials")).waitFor();
    await password.fill(owner.password);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/sources");
    await page.context().close();
  });

  if (demo) {
    it("has loaded the demo brand", { timeout: 900_000 }, async () => {
      let ready = false;
      while (!ready) {
        ready = (await api("/status")).body.demo?.state === "ready";
        if (!ready) await new Promise((resolve) => setTimeout(resolve, 2000));
      }
    });
  }

  for (const language of LANGUAGES) {
    for (const viewport of [DESK, PHONE]) {
      describe(`in ${language} at ${viewport.width} px`, () => {
        let page;
        before(async () => (page = await open(language, viewport)));
        after(() => page?.context().close());
        for (const [name, path, act] of pages(demo)) {
          it(`shows ${name}`, async () => {
            page.problems.length = 0;
            await page.goto(url + (typeof path === "string" ? path : await path()));
            await settled(page);
            await act?.(page);
            await settled(page);
            assert.equal(await page.locator("html").getAttribute("lang"), language);
            const suffix = (language === "en" ? "" : `.${language}`) + (viewport === PHONE ? ".phone" : "");
            await screenshot(page, name + suffix);
            await sound(page);
            if (language !== "en") assert.deepEqual(await english(page), [], "says something in English");
            if (viewport === DESK && language === "en") assert.deepEqual(await unreached(page), [], "cannot be reached with the Tab key");
          });
        }
      });
    }
  }

  if (demo) return;

  it("finds a person by any identifier from anywhere, and shows their line", async () => {
    const page = await open("zh-CN", DESK);
    await page.goto(`${url}/sources`);
    await settled(page);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: say("zh-CN", "finder.placeholder") }).waitFor();
    await page.keyboard.type("199 1234 0001");
    await page.getByRole("dialog").getByText(known.name).first().click();
    await page.getByRole("heading", { level: 1, name: known.name }).waitFor();
    await page.getByText(say("zh-CN", "event.order_completed")).first().waitFor();
    assert.equal((await person(demo)).id, page.url().split("/").at(-1).split("?")[0]);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  it("shows on the live page what arrives while one looks", async () => {
    const page = await open("en", DESK);
    await page.goto(`${url}/live`);
    await settled(page);
    // No digits: a long number in a name could be somebody's, and is masked.
    const name = `Seen Live ${Date.now().toString(36).replace(/\d/g, (digit) => "ABCDEFGHIJ"[digit])}`;
    // The stream may open a moment after the page is drawn.
    await until(async () => {
      await send([{ type: "track", userId: known.userId, event: name }]);
      return page.getByText(name).first().isVisible();
    }, "the event on the live page");
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  it("can be walked by keyboard: the first stop skips to the content, the next are the places", async () => {
    const page = await open("en", DESK);
    await page.goto(`${url}/people`);
    await settled(page);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), say("en", "nav.skip"));
    const seen = new Set();
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press("Tab");
      seen.add(await page.evaluate(() => document.activeElement.textContent.trim()));
    }
    for (const place of ["nav.overview", "nav.people", "nav.credit"]) assert.ok(seen.has(say("en", place)), place);
    await page.context().close();
  });

  it("tells in the reader's language why two people were not joined", async () => {
    const page = await open("zh-CN", DESK);
    await page.goto(`${url}/identity`);
    await settled(page);
    const [item] = (await api("/identity/reviews")).body.items;
    assert.equal(item.wording.length, 1, item.reason);
    const [{ code, params }] = item.wording;
    await page.getByText(say("zh-CN", `said.${code}`, { ...params, namespace: say("zh-CN", "namespace.user_id") })).first().waitFor();
    assert.deepEqual(await english(page), []);
    await page.context().close();
  });

  it("tells in the reader's language what is wrong with a form", async () => {
    const page = await open("zh-CN", DESK);
    await page.goto(`${url}/settings/users`);
    await settled(page);
    await page.getByRole("button", { name: say("zh-CN", "users.add") }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(say("zh-CN", "user.name"), { exact: true }).fill("另一位");
    await dialog.getByLabel(say("zh-CN", "user.email"), { exact: true }).fill(owner.email);
    await dialog.getByLabel(say("zh-CN", "users.first_password"), { exact: true }).fill("correct horse battery");
    await dialog.getByRole("button", { name: say("zh-CN", "action.add") }).click();
    await dialog.getByText(say("zh-CN", "problem.email_taken")).waitFor();
    assert.deepEqual(await english(page), []);
    await page.context().close();
  });

  it("calls the conversion that every installation begins with by a name in the reader's language", async () => {
    const page = await open("zh-CN", DESK);
    await page.goto(`${url}/credit?tab=conversions`);
    await settled(page);
    await page.getByRole("cell", { name: say("zh-CN", "built_in.order") }).first().waitFor();
    await page.context().close();
  });

  it("passes a touch rule with one Tab, and works it with the arrow keys", async () => {
    const page = await open("en", DESK);
    await page.goto(`${url}/credit?tab=rules`);
    await settled(page);
    const here = () => page.evaluate(() => [[...document.querySelectorAll("[data-rule]")].indexOf(document.activeElement.closest("[data-rule]")), document.activeElement.dataset.stop]);
    await page.locator("[data-rule]").first().getByRole("switch").focus();
    const ways = [
      ["Tab", [1, "enabled"]], ["ArrowRight", [1, "up"]], ["ArrowRight", [1, "down"]], ["ArrowDown", [2, "down"]], ["End", [2, "remove"]],
      ["ArrowRight", [2, "enabled"]], ["ArrowUp", [1, "enabled"]], ["ArrowUp", [0, "enabled"]], ["ArrowRight", [0, "down"]], ["Shift+Tab", [-1, undefined]],
    ];
    for (const [key, place] of ways) {
      await page.keyboard.press(key);
      assert.deepEqual(await here(), place, key);
    }
    // A rule that is moved keeps the focus, and can be moved on.
    const [moved] = await page.locator("[data-rule]").evaluateAll((rows) => rows.map((row) => row.dataset.rule));
    await page.keyboard.press("Tab");
    for (const n of [1, 2]) {
      await page.keyboard.press("Enter");
      assert.deepEqual(await here(), [n, "down"]);
    }
    assert.equal(await page.locator("[data-rule]").nth(2).getAttribute("data-rule"), moved);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  it("is the same over plain http on a network, where browsers take gzip only, and for clients that take nothing", async () => {
    const get = (path, encoding) =>
      new Promise((resolve, reject) => {
        const headers = encoding ? { "Accept-Encoding": encoding } : {};
        request(url + path, { headers }, (answer) => {
          const parts = [];
          answer.on("data", (part) => parts.push(part));
          answer.on("end", () => resolve({ status: answer.statusCode, encoding: answer.headers["content-encoding"], bytes: Buffer.concat(parts) }));
        }).on("error", reject).end();
      });
    const page = (await get("/")).bytes.toString();
    const files = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
    assert.ok(files.length > 0, page);
    for (const path of ["/", "/tag/throughline.js", ...files]) {
      const [plain, gzip, brotli] = await Promise.all([get(path), get(path, "gzip, deflate"), get(path, "gzip, deflate, br, zstd")]);
      assert.deepEqual([plain.status, plain.encoding, gzip.encoding, brotli.encoding], [200, undefined, "gzip", "br"], path);
      assert.ok(gunzipSync(gzip.bytes).equals(plain.bytes) && brotliDecompressSync(brotli.bytes).equals(plain.bytes), path);
    }
  });

  it("changes its language without losing the place", async () => {
    const page = await open("en", DESK);
    await page.goto(`${url}/people?q=${encodeURIComponent(known.name)}`);
    await settled(page);
    await page.getByTitle(say("en", "app.language_switch")).click();
    await page.getByRole("heading", { level: 1, name: say("zh-CN", "nav.people") }).waitFor();
    assert.ok(page.url().includes("q="));
    assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
    await page.context().close();
  });

  it("forgets the session when one signs out", async () => {
    const page = await open("en", DESK, { signedIn: false });
    await page.goto(`${url}/sign-in`);
    await page.getByLabel(say("en", "user.email"), { exact: true }).fill(owner.email);
    await page.getByLabel(say("en", "user.password"), { exact: true }).fill(owner.password);
    await page.keyboard.press("Enter");
    // The language chosen last goes along with the account.
    await page.getByRole("heading", { level: 1, name: say("zh-CN", "nav.overview") }).waitFor();
    await page.getByRole("button", { name: say("zh-CN", "user.menu", owner) }).click();
    await page.getByText(say("zh-CN", "user.sign_out")).click();
    await page.waitForURL("**/sign-in**");
    await page.goto(`${url}/people`);
    await page.waitForURL("**/sign-in**");
    await page.context().close();
  });
});
