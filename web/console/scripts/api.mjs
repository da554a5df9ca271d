// Generates the typed client's types from the server's OpenAPI file; with `--check` it fails when they have drifted.
import { readFileSync, existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const source = process.env.THROUGHLINE_OPENAPI
  ? new URL(process.env.THROUGHLINE_OPENAPI, `file://${process.cwd()}/`)
  : new URL('../../../crates/http/openapi.json', import.meta.url);
const target = new URL('../src/api/schema.gen.ts', import.meta.url);

if (!existsSync(source)) {
  console.error(`${fileURLToPath(source)} is missing: write it with scripts/openapi`);
  process.exit(1);
}
const head = '// Generated from crates/http/openapi.json by `npm run api`. Do not edit.\n\n';
const text = head + astToString(await openapiTS(JSON.parse(readFileSync(source, 'utf8'))));

if (process.argv.includes('--check')) {
  if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
    console.error('src/api/schema.gen.ts has drifted from crates/http/openapi.json: run `npm run api` and commit');
    process.exit(1);
  }
  console.log('src/api/schema.gen.ts agrees with the OpenAPI file');
} else {
  writeFileSync(target, text);
  console.log(`src/api/schema.gen.ts written, ${text.split('\n').length} lines`);
}
