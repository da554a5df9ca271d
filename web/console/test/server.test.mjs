// What the server says has words in the console: every code of a problem, and every sentence it is known to make.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const crates = fileURLToPath(new URL('../../../crates', import.meta.url));
const read = (file) => JSON.parse(readFileSync(new URL(`../src/i18n/${file}.json`, import.meta.url), 'utf8'));
const texts = (language) => ({ ...read(language), ...read(`server/${language}`) });
const en = texts('en');

/** The layers whose problems reach the console; what only the command line says is not among them. */
const LAYERS = ['base', 'domain', 'store', 'lake', 'app', 'http'];
const COMMAND_LINE = /^(backup|transfer|migrate)\.rs$/;
const sources = LAYERS.flatMap((layer) =>
  readdirSync(join(crates, layer, 'src'), { recursive: true })
    .filter((file) => file.endsWith('.rs') && !/(^|\/)tests(\.rs|\/)/.test(file) && !COMMAND_LINE.test(file))
    .map((file) => readFileSync(join(crates, layer, 'src', file), 'utf8').split('#[cfg(test)]')[0]),
);

/** Every way in which a code is given. Internal ones have one text for all: `status_500`. */
const GIVEN = [
  /\b(?:Problem|StoreError|Self)::(?:invalid|not_found|conflict|unavailable)\(\s*"([a-z0-9_]+)"/g,
  /\bProblem::new\(\s*(?:ProblemKind::)?(?!Internal)\w+,\s*"([a-z0-9_]+)"/g,
  /\(ProblemKind::(?!Internal)\w+,\s*"([a-z0-9_]+)"\)/g,
  /\bcode: "([a-z0-9_]+)"/g,
  /"(database_[a-z]+)"/g,
  /WireErrorKind::\w+ => "([a-z0-9_]+)"/g,
];
const codes = new Set(sources.flatMap((text) => GIVEN.flatMap((form) => [...text.matchAll(form)].map((m) => m[1]))));

test('every problem the server can answer has a text that says what is wrong', () => {
  assert.ok(codes.size > 100, `only ${codes.size} codes were found: the server gives them in another way now`);
  assert.deepEqual([...codes].filter((code) => !(`problem.${code}` in en)).sort(), []);
});

test('no text is kept for a problem that the server does not know', () => {
  const own = /^(status_\d+|retry_after|unexpected|unreachable)$/;
  const kept = Object.keys(en).filter((key) => key.startsWith('problem.')).map((key) => key.slice('problem.'.length));
  assert.deepEqual(kept.filter((code) => !own.test(code) && !codes.has(code)), []);
});

test('every sentence of the server is said by the console, in English in the same words', () => {
  const list = readFileSync(join(crates, 'http/src/wording/sentences.rs'), 'utf8');
  const forms = new Map();
  for (const [, code, form] of list.matchAll(/\(\s*"([a-z_.]+)",\s*"((?:[^"\\]|\\.)*)",?\s*\)/g)) if (!forms.has(code)) forms.set(code, form);
  assert.ok(forms.size > 80, `only ${forms.size} sentences were found: they are listed in another way now`);
  for (const [code, form] of forms) assert.equal(en[`said.${code}`], form.replaceAll(/\{(\w+)\}/g, '{{$1}}').replaceAll('\\"', '"'), code);
  const said = Object.keys(en).filter((key) => /^said\.\w+\./.test(key)).map((key) => key.slice('said.'.length));
  assert.deepEqual(said.filter((code) => !forms.has(code)), []);
});

test('every action of the audit log has a name', () => {
  // The actor is an expression of its own, so the action is the first text with a point after it.
  const actions = new Set(sources.flatMap((text) => [...text.matchAll(/\baudit\([^"]*?"([a-z_]+\.[a-z_]+)"/g)].map((m) => m[1])));
  assert.ok(actions.size > 25, `only ${actions.size} actions were found: they are written in another way now`);
  assert.deepEqual([...actions].filter((action) => !(`audit_action.${action}` in en)).sort(), []);
});
