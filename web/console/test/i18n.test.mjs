// Every visible string is a key in both languages. These tests hold the two files equal and find strings that are
// written into the pages.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const src = fileURLToPath(new URL('../src', import.meta.url));
const file = (name) => JSON.parse(readFileSync(join(src, 'i18n', `${name}.json`), 'utf8'));
const read = (name) => ({ ...file(name), ...file(`pages/${name}`), ...file(`server/${name}`) });
const files = readdirSync(src, { recursive: true })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.gen.ts'))
  .map((file) => ({ file, text: readFileSync(join(src, file), 'utf8') }));

const languages = { en: read('en'), 'zh-CN': read('zh-CN') };
const PLURAL = /_(zero|one|two|few|many|other)$/;
const bare = (texts) => new Set(Object.keys(texts).map((key) => key.replace(PLURAL, '')));

test('both languages have the same keys, each with the plural forms its grammar needs', () => {
  const [en, zh] = [bare(languages.en), bare(languages['zh-CN'])];
  assert.deepEqual([...en].filter((key) => !zh.has(key)), [], 'missing in zh-CN');
  assert.deepEqual([...zh].filter((key) => !en.has(key)), [], 'missing in en');
  for (const [language, texts] of Object.entries(languages)) {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const key of Object.keys(texts).filter((k) => PLURAL.test(k))) {
      const stem = key.replace(PLURAL, '');
      assert.deepEqual(forms.filter((f) => !(`${stem}_${f}` in texts)), [], `${language}: ${stem} lacks forms`);
    }
  }
});

test('a text uses the same placeholders in both languages and is never empty', () => {
  const holes = (text) => [...new Set([...text.matchAll(/\{\{\s*(\w+)/g)].map((m) => m[1]))].sort();
  for (const [key, text] of Object.entries(languages['zh-CN'])) {
    assert.notEqual(text.trim(), '', key);
    const other = languages.en[key] ?? languages.en[`${key.replace(PLURAL, '')}_other`];
    assert.deepEqual(holes(text), holes(other), `placeholders of ${key}`);
  }
});

test('Chinese texts are Chinese', () => {
  const latin = Object.entries(languages['zh-CN']).filter(([key, text]) => !/[\u4e00-\u9fff\uff00-\uffef]/.test(text) && text !== languages.en[key]);
  assert.deepEqual(latin, []);
});

test('every key is used', () => {
  const all = files.map((f) => f.text).join('\n');
  const families = [...all.matchAll(/(?:\b(?:label|t|codes|options)\(\s*['`]([\w.]+?)(?:\.\$\{|['`]\s*,)|`(\w+)\.(?:status_)?\$\{)/g)].map((m) => m[1] ?? m[2]);
  const unused = [...bare(languages.en)].filter(
    (key) => !all.includes(`'${key}'`) && !all.includes(`"${key}"`) && !families.some((f) => key.startsWith(`${f}.`) || key.startsWith(`${f}_`)),
  );
  assert.deepEqual(unused, []);
});

// Attributes a person sees or hears.
const SPOKEN = new Set(['title', 'placeholder', 'label', 'alt', 'aria-label', 'description', 'okText', 'cancelText', 'tooltip', 'extra', 'subTitle']);
// Names and notations that are the same in every language.
// A property path is one too.
const NEUTRAL = /^([a-z_]+(\.[a-z_]+)+|Throughline|中|EN|Σ|JSON|TOML|CSV|API|ID|⌘K|Ctrl K|[A-Z]{2,4})$/;

test('no visible string is written into a page', () => {
  const found = [];
  for (const { file, text } of files.filter((f) => f.file.endsWith('.tsx'))) {
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
    const report = (node, value) => {
      const shown = value.trim();
      if (/\p{L}{2,}/u.test(shown) && !NEUTRAL.test(shown)) {
        found.push(`${file}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${shown}`);
      }
    };
    const walk = (node) => {
      if (ts.isJsxText(node)) report(node, node.text);
      if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer)) {
        report(node, node.initializer.text);
      }
      if (ts.isJsxExpression(node) && node.expression && ts.isStringLiteral(node.expression) && !ts.isJsxAttribute(node.parent)) {
        report(node, node.expression.text);
      }
      if (ts.isStringLiteralLike(node) && /[\u4e00-\u9fff]/.test(node.text)) report(node, node.text);
      ts.forEachChild(node, walk);
    };
    walk(tree);
  }
  assert.deepEqual(found, []);
});
