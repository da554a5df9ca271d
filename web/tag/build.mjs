// Two results from one source: the script for a page (`throughline.js`, an IIFE that reads its own attributes) and the
// module for bundlers (`throughline.mjs`). Fails when the script outgrows its budget.
import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";

export const BUDGET_BYTES = 6 * 1024;

const common = { bundle: true, minify: true, target: "es2020", legalComments: "none", charset: "ascii" };
await build({ ...common, entryPoints: ["src/script.ts"], format: "iife", outfile: "dist/throughline.js" });
await build({ ...common, entryPoints: ["src/index.ts"], format: "esm", outfile: "dist/throughline.mjs" });

const script = await readFile("dist/throughline.js");
const gzip = gzipSync(script, { level: 9 });
// The server sends these copies to browsers that take them, and never compresses by itself.
await writeFile("dist/throughline.js.br", brotliCompressSync(script));
await writeFile("dist/throughline.js.gz", gzip);

if (gzip.length > BUDGET_BYTES) {
  console.error(`dist/throughline.js is ${gzip.length} bytes gzipped; the budget is ${BUDGET_BYTES}`);
  process.exitCode = 1;
}
