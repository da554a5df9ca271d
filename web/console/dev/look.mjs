// Walks the built console against the mock in a headless browser, in both languages and at both widths, keeps a
// screenshot of every page and fails on console errors, sideways scrolling, layout shift and accessibility findings.
//   npm run build && npm run look -- OUTPUT_DIR [page-name-part …]
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const [out = 'look', ...only] = process.argv.slice(2);
const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const port = 8791;
const base = `http://127.0.0.1:${port}`;
const mock = (...args) => spawn(process.execPath, [fileURLToPath(new URL('./mock.mjs', import.meta.url)), '--dist', ...args], { env: { ...process.env, PORT: String(port) }, stdio: 'ignore' });
const until = async (url) => {
  for (let i = 0; i < 50; i += 1) {
    if (await fetch(url).then((r) => r.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer`);
};

// Named findings of antd's own markup that no page can change.
const KNOWN_AXE = new Set(['aria-hidden-focus', 'scrollable-region-focusable', 'aria-required-children']);

const click = (selector) => async (page) => {
  const views = page.locator('.only-phone .ant-segmented-item');
  if (page.viewportSize().width < 600) await views.nth(1).click();
  await page.locator(selector).first().click();
  await page.waitForTimeout(500);
};
const pages = (ids) => [
  ['overview', '/'], ['live', '/live'], ['people', '/people'], ['people-none', '/people?q=zzzz'], ['person', `/people/${ids.person}`], ['person-why', `/people/${ids.person}`, click('[data-do=why]')], ['person-unmerge', `/people/${ids.person}`, click('[data-do=unmerge]')],
  ['identity', '/identity'], ['identity-suspended', '/identity?tab=suspended'], ['identity-rules', '/identity?tab=rules'], ['identity-simulator', '/identity?tab=simulator'], ['identity-blocked', '/identity?tab=blocked'],
  ['credit', '/credit'], ['credit-paths', '/credit?tab=paths'], ['credit-rules', '/credit?tab=rules'], ['credit-conversions', '/credit?tab=conversions'], ['credit-spend', '/credit?tab=spend'],
  ['sources', '/sources'], ['sources-new', '/sources?new=1'], ['source', `/sources/${ids.source}`], ['source-settings', `/sources/${ids.source}?tab=settings`],
  ['plan', '/plan'], ['plan-event', '/plan?event=Order%20Completed'], ['quarantine', '/plan?tab=quarantine'], ['quarantine-group', `/plan?tab=quarantine&reason=wrong_type&source=${ids.webhook}&name=Order%20Completed`], ['plan-fixes', '/plan?tab=fixes'],
  ['imports', '/imports'], ['import-draft', `/imports/${ids.draft}`], ['import-running', `/imports/${ids.running}`],
  ...['profile', 'users', 'api-keys', 'privacy', 'lake', 'jobs', 'configuration', 'audit'].map((s) => [`settings-${s}`, `/settings/${s}`]),
  ['finder', '/people', async (page) => { await page.keyboard.press('Control+k'); await page.waitForTimeout(700); await page.keyboard.type('王'); await page.waitForTimeout(600); }],
  ['missing', '/nowhere'],
];

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--font-render-hinting=none'] });
const findings = [];
const shots = { done: 0 };

const walk = async (list, language, width, scheme = 'light') => {
  const context = await browser.newContext({ viewport: { width, height: width < 600 ? 844 : 800 }, locale: language, deviceScaleFactor: 1, reducedMotion: 'reduce', timezoneId: 'Asia/Shanghai' });
  await context.addInitScript(([l, s]) => {
    localStorage.setItem('tl_language', l);
    localStorage.setItem('tl_scheme', s);
    window.__shift = 0;
    new PerformanceObserver((entries) => { for (const e of entries.getEntries()) if (!e.hadRecentInput) window.__shift += e.value; }).observe({ type: 'layout-shift', buffered: true });
  }, [language, scheme]);
  for (const [name, path, act] of list) {
    if (only.length > 0 && !only.some((part) => name.includes(part))) continue;
    const at = `${name} ${language} ${width}`;
    const page = await context.newPage();
    page.on('console', (m) => { if (['error', 'warning'].includes(m.type())) findings.push(`${at}: console: ${m.text().slice(0, 300)}`); });
    page.on('pageerror', (e) => findings.push(`${at}: thrown: ${e.message}`));
    await page.goto(base + path, { waitUntil: 'load' });
    await page.waitForTimeout(900);
    const shift = await page.evaluate(() => window.__shift);
    if (shift > 0.1) findings.push(`${at}: layout shift ${shift.toFixed(3)}`);
    try { if (act) await act(page); } catch (error) { findings.push(`${at}: ${String(error).slice(0, 160)}`); }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 1) findings.push(`${at}: scrolls sideways by ${wide}px`);
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] }));
    for (const v of found.violations) if (!KNOWN_AXE.has(v.id)) findings.push(`${at}: axe ${v.id} ×${v.nodes.length}: ${v.nodes[0].html.slice(0, 130)} ${v.id === 'color-contrast' ? (v.nodes[0].any[0]?.message ?? '').slice(0, 120) : ''}`);
    const tall = act || name.startsWith('live') ? 0 : await page.evaluate(() => document.documentElement.scrollHeight);
    await page.screenshot({ path: `${out}/${name}.${language}.${width}${scheme === 'dark' ? '.dark' : ''}.png`, ...(tall ? { fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(tall, 1500) } } : {}) });
    shots.done += 1;
    await page.close();
  }
  await context.close();
};

let server = mock();
await until(`${base}/api/setup`);
const get = async (path) => (await fetch(base + path)).json();
const [people, sources, imports] = await Promise.all([get('/api/people?has=order&sort=revenue'), get('/api/sources'), get('/api/imports')]);
const ids = { person: people.items[1].id, source: sources.items[2].id, webhook: sources.items.find((s) => s.kind === 'webhook').id, draft: imports.items.find((i) => i.state === 'draft').id, running: imports.items.find((i) => i.state === 'running').id };
const languages = process.env.LOOK_LANG ? [process.env.LOOK_LANG] : ['zh-CN', 'en'];
const widths = process.env.LOOK_WIDTH ? [Number(process.env.LOOK_WIDTH)] : [1280, 390];
await Promise.all(languages.flatMap((language) => widths.map((width) => walk(pages(ids), language, width))));
if (process.env.LOOK_DARK) await walk(pages(ids).filter(([n]) => ['overview', 'people', 'person', 'credit', 'live'].includes(n)), 'en', 1280, 'dark');
server.kill();
for (const [flag, list] of [['--fresh', [['set-up', '/set-up']]], ['--signed-out', [['sign-in', '/sign-in']]]]) {
  if (only.length > 0 && !list.some(([n]) => only.some((part) => n.includes(part)))) continue;
  await new Promise((resolve) => setTimeout(resolve, 300));
  server = mock(flag);
  await until(`${base}/api/setup`);
  for (const language of languages) for (const width of widths) await walk(list, language, width);
  server.kill();
}
await browser.close();
for (const finding of findings) console.log(finding);
console.log(`${shots.done} screenshots in ${out}, ${findings.length} findings`);
process.exit(findings.length > 0 ? 1 : 0);
