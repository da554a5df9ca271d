// Holds the built console to its budgets, in brotli bytes as the server sends them.
//   first load: index.html, the entry, everything it imports statically, the overview page and one language
//   total:      every script, style and picture, both languages; it grows with the rooms, of which a visitor opens few
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUDGET = { first: 260_000, total: 780_000 };
const FIRST_PAGES = ['src/pages/overview/route.tsx'];
const FIRST_LANGUAGE = [/^src\/i18n\/zh-CN\.json$/, /antd\/.*locale\/zh_CN/, /dayjs\/.*locale\/zh-cn/];

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
const size = (file) => statSync(join(dist, `${file}.br`)).size;

const seen = new Set();
const files = new Set(['index.html']);
const visit = (key) => {
  if (seen.has(key)) return;
  seen.add(key);
  const chunk = manifest[key];
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) visit(next);
};
for (const [key, chunk] of Object.entries(manifest)) {
  if (chunk.isEntry || FIRST_PAGES.includes(key) || FIRST_LANGUAGE.some((p) => p.test(key))) visit(key);
}
const missing = FIRST_PAGES.filter((page) => !manifest[page]);
if (missing.length > 0) throw new Error(`no chunk for ${missing.join(', ')}: update FIRST_PAGES`);

const all = readdirSync(dist, { recursive: true }).filter((f) => /\.(js|css|svg|html)$/.test(f));
const first = [...files].reduce((sum, file) => sum + size(file), 0);
const total = all.reduce((sum, file) => sum + size(file), 0);
const line = (name, bytes, budget) =>
  console.log(`${name.padEnd(11)} ${(bytes / 1000).toFixed(1).padStart(6)} kB br of ${budget / 1000} kB`);
line('first load', first, BUDGET.first);
line('total', total, BUDGET.total);
if (process.argv.includes('-v')) {
  for (const file of all.sort((a, b) => size(b) - size(a)).slice(0, 40)) console.log(String(size(file)).padStart(8), files.has(file) ? '*' : ' ', file);
}
if (first > BUDGET.first || total > BUDGET.total) {
  console.error('over budget');
  process.exit(1);
}
