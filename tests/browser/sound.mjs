// What must hold on every page, whatever it shows.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds in markup that antd makes and no page can change. Each entry names the rule and where it may stand. */
const ALLOWED = [
  // The hidden first row by which antd's tables measure their columns.
  { rule: "aria-hidden-focus", within: ".ant-table-measure-row" },
  // rc-select keeps a focusable search field inside the control that carries the role.
  { rule: "nested-interactive", within: ".ant-select" },
  // The button that holds the tabs that do not fit stands inside the list of tabs.
  { rule: "aria-required-children", within: ".ant-tabs" },
];

/** Tab stops of a page are fewer (a row of the longest table is one); more means that the focus goes in circles. */
const STOPS_MAX = 600;

/** The page has settled: its head is there and nothing says that it is still loading. */
export async function settled(page) {
  await page.locator("h1").first().waitFor();
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true], .ant-skeleton, .ant-spin-spinning"));
}

/** It fits its width, axe finds nothing, and the browser complained of nothing (scripts, network, content policy). */
export async function sound(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 1, `scrolls sideways by ${wide} px`);
  assert.deepEqual(await barriers(page), []);
  assert.deepEqual(await mouseOnly(page), [], "can be clicked, but not reached by keyboard");
  assert.deepEqual(await untranslated(page), [], "shows the key of a text instead of the text");
  assert.deepEqual(page.problems, []);
}

async function barriers(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], resultTypes: ["violations"],
      // Landmarks and heading order are of the frame, which antd's drawers and tables leave.
      rules: { region: { enabled: false }, "heading-order": { enabled: false }, "label-content-name-mismatch": { enabled: true } } }),
  );
  const found = [];
  for (const { id, nodes } of violations) {
    for (const node of nodes) {
      const where = node.target.join(" ");
      const allowed = ALLOWED.filter(({ rule }) => rule === id).map(({ within }) => within);
      const inside = await page.evaluate(
        ([target, places]) => places.some((place) => document.querySelector(target)?.closest(place)),
        [node.target.at(-1), allowed],
      );
      if (!inside) found.push(`${id}: ${where}: ${node.failureSummary.split("\n").at(-1).trim()}`);
    }
  }
  return found;
}

/** What shows a hand to the mouse must be something that the keyboard reaches, or be inside of it, or hold it. */
function mouseOnly(page) {
  return page.evaluate(() => {
    const REACHED = "a[href], button, input, select, textarea, summary, label, [tabindex], [role=tab], [role=option], [role=menuitem]";
    const found = [];
    for (const one of document.querySelectorAll("body *")) {
      if (getComputedStyle(one).cursor !== "pointer" || one.closest(REACHED) || one.querySelector(REACHED)) continue;
      if (one.closest("canvas, [aria-hidden=true], [disabled]") || !one.checkVisibility() || !one.textContent.trim()) continue;
      found.push(one.outerHTML.slice(0, 160));
    }
    return found;
  });
}

function untranslated(page) {
  return page.evaluate(() => document.body.innerText.match(/\b[a-z]+(_[a-z]+)*\.[a-z]+_[a-z_]+\b/g)?.filter((key) => !/^(identifiers|properties|traits|context|products)\./.test(key)) ?? []);
}

/** English sentences in a page of another language. Names, code and what is marked as English are none. */
export function english(page) {
  return page.evaluate(() => {
    const SENTENCE = /(?:[A-Za-z][A-Za-z'-]*,? ){4,}[a-z]+/;
    const OTHER = "[lang=en], pre, code, .mono, textarea, script, style, svg title";
    const found = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { parentElement, data } = texts.currentNode;
      if (SENTENCE.test(data) && !parentElement.closest(OTHER)) found.push(data.trim());
    }
    for (const one of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
      if (one.closest(OTHER)) continue;
      found.push(...["aria-label", "title", "placeholder", "alt"].map((name) => one.getAttribute(name)).filter((text) => text && SENTENCE.test(text)));
    }
    return found;
  });
}

/** Walks the page with the Tab key alone, or what is open over it, and gives what was never reached. */
export async function unreached(page) {
  await page.evaluate(() => {
    window.tabbed = new Set();
    document.addEventListener("focusin", ({ target }) => window.tabbed.add(target));
    if (!document.querySelector("[role=dialog]")) document.activeElement?.blur();
  });
  let [size, still] = [0, 0];
  // A date field is several stops and one element; whoever stands still for longer has come round.
  for (let stop = 0; stop < STOPS_MAX && still < 8; stop++) {
    await page.keyboard.press("Tab");
    const now = await page.evaluate(() => window.tabbed.size);
    still = now === size ? still + 1 : 0;
    size = now;
  }
  return page.evaluate(() => {
    const open = [...document.querySelectorAll("[role=dialog]")].filter((one) => one.checkVisibility()).at(-1) ?? document;
    return [...open.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
      .filter((one) => one.tabIndex >= 0 && !one.disabled && one.type !== "radio" && !one.closest("[inert], [aria-hidden=true]"))
      .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !window.tabbed.has(one))
      .map((one) => one.outerHTML.slice(0, 160));
  });
}
