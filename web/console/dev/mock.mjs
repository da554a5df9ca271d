// A stand-in for the server while working on the console: `npm run mock`, then `npm run dev`.
// It serves invented data from memory, forgets everything on exit and is never part of the product.
//   --dist    also serves dist/ with the server's content security policy, as the binary would
//   --fresh   starts as a server without an owner, to see the set-up page
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { problem, routes, state } from './routes.mjs';
import { live } from './live.mjs';

const port = Number(process.env.PORT ?? 8787);
const serveDist = process.argv.includes('--dist');
if (process.argv.includes('--fresh')) {
  state.needsOwner = true;
  state.signedIn = false;
}
if (process.argv.includes('--signed-out')) state.signedIn = false;

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const CSP = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'";

const file = (path, response) => {
  const safe = normalize(path).replace(/^(\.\.[/\\])+/, '');
  const wanted = join(dist, safe);
  const found = extname(safe) && existsSync(wanted) ? wanted : join(dist, 'index.html');
  const headers = { 'content-type': TYPES[extname(found)] ?? 'application/octet-stream', 'content-security-policy': CSP, 'cache-control': 'no-store' };
  if (existsSync(`${found}.br`)) {
    response.writeHead(200, { ...headers, 'content-encoding': 'br' });
    response.end(readFileSync(`${found}.br`));
  } else {
    response.writeHead(200, headers);
    response.end(readFileSync(found));
  }
};

const bodyOf = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString('utf8');
  if (!(request.headers['content-type'] ?? '').includes('json')) return text;
  return text ? JSON.parse(text) : undefined;
};

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (!url.pathname.startsWith('/api')) {
    if (serveDist) file(decodeURIComponent(url.pathname), response);
    else response.writeHead(404).end();
    return;
  }
  const send = (status, body, headers = {}) => {
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(body === undefined ? '' : JSON.stringify(body));
  };
  try {
    if (url.pathname === '/api/live') return live(url, request, response);
    const body = request.method === 'GET' ? undefined : await bodyOf(request);
    const slow = Number(url.searchParams.get('mock_ms') ?? process.env.MOCK_MS ?? 0);
    if (slow) await new Promise((resolve) => setTimeout(resolve, slow));
    for (const [method, pattern, answer] of routes) {
      const match = method === request.method && pattern.exec(url.pathname);
      if (!match) continue;
      const result = answer({ params: match.slice(1).map(decodeURIComponent), query: url.searchParams, body });
      if (result?.problem) return send(result.problem.status, result.problem, result.headers);
      if (result?.created !== undefined) return send(201, result.created);
      return result === undefined ? send(204) : send(200, result);
    }
    send(404, problem(404, 'not_found', `${request.method} ${url.pathname} is not mocked`).problem);
  } catch (error) {
    send(500, problem(500, 'internal', String(error?.stack ?? error)).problem);
  }
}).listen(port, '127.0.0.1', () => console.log(`mock on http://127.0.0.1:${port}${serveDist ? ' with dist/' : ''}`));
