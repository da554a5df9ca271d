// The mocked answers, one line per endpoint.
import * as d from './data.mjs';
import { imports, plan, quarantine, guess, dryRun, mappings, fixes } from './data-intake.mjs';
import { touchRules, conversions, spend, identityRules, settings, lake, jobs, audit, users, keys, privacy } from './data-rest.mjs';

export const problem = (status, code, detail, field) => ({ problem: { status, code, detail, ...(field ? { field } : {}) } });
export const state = { needsOwner: false, signedIn: true, scopes: ['read', 'write', 'personal', 'admin', 'export', 'erase'] };
const me = { id: d.id('usr', 1), email: 'lin.xiao@chengwu.example', name: '林晓', locale: 'zh-CN', role: 'owner' };
const session = () => ({ user: me, csrf_token: 'mock-token', scopes: state.scopes });

const page = (items, query) => {
  const limit = Math.min(Number(query.get('limit') ?? 50), 500);
  const from = Number(query.get('cursor') ?? 0);
  return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null };
};
const find = (list, id) => list.find((x) => x.id === id) ?? undefined;
const or404 = (value, what) => value ?? problem(404, 'not_found', `${what} does not exist`);

const full = new Map();
const person = (id) => {
  const row = find(d.people, id);
  if (row && !full.has(id)) full.set(id, d.personFull(row));
  return full.get(id);
};
const lines = new Map();
const line = (id) => {
  if (!lines.has(id)) lines.set(id, d.timeline(find(d.people, id)));
  return lines.get(id);
};

const peopleList = ({ query }) => {
  const q = (query.get('q') ?? '').toLowerCase();
  const hit = (p) =>
    (!q || p.display_name.toLowerCase().includes(q) || p.id === q || p.identifiers.some((x) => x.value.toLowerCase().includes(q))) &&
    (!query.get('stage') || p.stage === query.get('stage')) && (!query.get('tag') || p.tags.includes(query.get('tag'))) &&
    (!query.get('has') || (query.get('has') === 'order' ? p.orders > 0 : p.identifiers.some((x) => x.namespace === query.get('has')))) &&
    (!query.get('identified') || (p.display_name !== '') === (query.get('identified') === 'true'));
  const found = d.people.filter(hit);
  if (query.get('sort') === 'revenue') found.sort((a, b) => b.revenue_minor - a.revenue_minor);
  return page(found, query);
};

const timeline = ({ params: [id], query }) => {
  const want = (key, value) => !query.get(key) || value === query.get(key);
  return page(line(id).filter((e) => want('kind', e.kind) && want('name', e.name) && want('channel', e.touch?.channel) && want('source_id', e.source_id)), query);
};

const overview = ({ query }) => {
  const days = Number(query.get('days') ?? 30);
  const r = d.rng(`days${days}`);
  return {
    revenue_minor: 42_821_600 * days, currency: 'CNY', orders: 106 * days, buyers: 88 * days, new_people: 61 * days, merged_people: 19 * days,
    events_per_day: Array.from({ length: days }, (_, i) => ({ day: d.iso(d.NOW - (days - 1 - i) * d.DAY).slice(0, 10), events: Math.round(19_000 + 6000 * Math.sin(i / 1.1) + r.next() * 5000 + i * 90), quarantined: r.int(4, 60) + (i === days - 6 ? 359 : 0) })),
    touchpoints: d.sources.filter((s) => s.state === 'active').map((s) => ({ source_id: s.id, name: s.name, kind: s.kind, events: s.counts.events, people: s.counts.people, last_at: s.counts.last_at })),
    top_channels: d.report('linear', 'channel').rows.slice(0, 8).map(({ key, label, revenue_minor, conversions }) => ({ key, label, revenue_minor, conversions })),
    attention: [{ code: 'quarantine_open', count: 412, link: '/plan?tab=quarantine' }, { code: 'reviews_open', count: 5, link: '/identity' }, { code: 'silent_sources', count: 3, link: '/sources' }, { code: 'dead_jobs', count: 6, link: '/settings/jobs' }],
    compare: { revenue_minor: 39_021_600 * days, orders: 110 * days, buyers: 83 * days, new_people: 52 * days },
  };
};

const creditReport = ({ query }) => {
  const model = query.get('model') ?? 'linear';
  const by = query.get('by') ?? 'channel';
  return { conversion: query.get('conversion') ?? 'order', model, lookback_days: Number(query.get('lookback_days') ?? 30), by, from: query.get('from') ?? d.iso(d.NOW - 90 * d.DAY), to: query.get('to') ?? d.iso(d.NOW), as_of: d.iso(d.NOW), identity_version: 41, currency: 'CNY', ...d.report(model, by), elapsed_ms: 184.2, events_scanned: 524_310 };
};
const paths = () => ({
  length: [[1, 820], [2, 705], [3, 560], [4, 391], [5, 270], [6, 173], [7, 118], [8, 77], [9, 48], [10, 28]].map(([touches, conversions]) => ({ touches, conversions })),
  lag_days: [640, 388, 301, 240, 196, 171, 150, 141, 120, 98, 92, 80, 77, 61, 58, 40, 38, 31, 30, 22, 20].map((conversions, days) => ({ days, conversions })),
  top: [['xiaohongshu', 'search_organic', 'tmall'], ['douyin_ads', 'mini_program'], ['wechat_oa', 'mini_program', 'store'], ['search_paid'], ['email', 'direct'], ['douyin_ads', 'xiaohongshu', 'search_paid', 'store'], ['store'], ['sms', 'mini_program'], ['xiaohongshu', 'store'], ['search_organic', 'email', 'direct']].map((path, i) => ({ path, conversions: 312 - i * 27, revenue_minor: 12_430_000 - i * 1_103_000 })),
  cross: { online_to_store: { buyers: 642, of: 1103, share: 0.582 }, store_to_online: { buyers: 281, of: 1771, share: 0.1587 } },
});

const snippet = ({ params: [id] }) => {
  const key = find(d.sources, id)?.write_keys[0].key ?? 'wk_…';
  return {
    web: `<script async src="https://data.example.cn/tag.js" data-key="${key}"></script>\n<script>\n  window.tl = window.tl || [];\n  tl.push(['page']);\n  tl.push(['track', 'Product Viewed', { sku: 'SKU-101', price: 368 }]);\n</script>`,
    node: `import { Analytics } from '@segment/analytics-node';\n\nconst analytics = new Analytics({\n  writeKey: '${key}',\n  host: 'https://data.example.cn',\n});\n\nanalytics.track({\n  userId: 'M0001234',\n  event: 'Order Completed',\n  properties: { order_id: 'SO88001', revenue: 398, currency: 'CNY' },\n});`,
    python: `import segment.analytics as analytics\n\nanalytics.write_key = '${key}'\nanalytics.host = 'https://data.example.cn'\nanalytics.track('M0001234', 'Order Completed', {'order_id': 'SO88001', 'revenue': 398})`,
    browser: `import { AnalyticsBrowser } from '@segment/analytics-next';\n\nexport const analytics = AnalyticsBrowser.load(\n  { writeKey: '${key}', cdnURL: 'https://data.example.cn' },\n  { integrations: { 'Segment.io': { apiHost: 'data.example.cn/v1', protocol: 'https' } } },\n);`,
    rudder: `const Analytics = require('@rudderstack/rudder-sdk-node');\nconst client = new Analytics('${key}', { dataPlaneUrl: 'https://data.example.cn' });`,
    posthog: `import { PostHog } from 'posthog-node';\nconst client = new PostHog('${key}', { host: 'https://data.example.cn' });`,
    jitsu: `import { jitsuAnalytics } from '@jitsu/js';\nconst jitsu = jitsuAnalytics({ host: 'https://data.example.cn', writeKey: '${key}' });`,
    curl: `curl https://data.example.cn/v1/batch \\\n  -u ${key}: -H 'content-type: application/json' \\\n  -d '{"batch":[{"type":"track","userId":"M0001234","event":"Store Visited"}]}'`,
    sensors: `const SensorsAnalytics = require('sa-sdk-node');\nconst sa = new SensorsAnalytics();\nsa.submitTo('https://data.example.cn/sa?project=default&token=${key}');`,
    snowplow: `import { newTracker } from '@snowplow/node-tracker';\nconst tracker = newTracker({ namespace: 'shop', appId: '${key}' }, { endpoint: 'https://data.example.cn' });`,
    webhook: `POST https://data.example.cn/hook/${id}\nX-Signature: sha256=HMAC_SHA256(secret, timestamp + "." + body)\nX-Timestamp: 1767000000`,
  };
};

const unmerge = ({ params: [id], body }) => ({ persons: [id, d.id('per', 9500)], events_moved: 14 * (body.identifiers?.length ?? 1), affected: { events: 14 * (body.identifiers?.length ?? 1), traits: 3, consents: 1, conversions: 1 } });
const at = (path) => new RegExp(`^/api${path.replace(/\{\w+\}/g, '([^/]+)')}$`);
// Done at the fourth look; below zero: stopped.
let simulated = 0;
const simulation = () => ({ id: d.id('job', 6), state: simulated < 0 ? 'stopped' : simulated < 4 ? 'running' : 'done', done: Math.max(simulated, 0) * 16_430, total: 65_720, ...(simulated === 4 && { result: { split: d.people.slice(2, 6).map((p) => ({ person_id: p.id, into: [p.identifiers.slice(0, 1), p.identifiers.slice(1)] })), joined: [{ person_ids: [d.people[7].id, d.people[8].id] }], counts: { people_before: 19_846, people_after: 19_861, split: 16, joined: 1, events_affected: 812 }, sample_limit: 50 } }) });
const G = (path, answer) => ['GET', at(path), answer];
const W = (method, path, answer) => [method, at(path), answer];

export const routes = [
  G('/setup', () => ({ needs_owner: state.needsOwner, product_version: '0.1.0', demo: true })),
  W('POST', '/setup', () => { state.needsOwner = false; state.signedIn = true; return { created: session() }; }),
  G('/session', () => (state.signedIn ? session() : problem(401, 'signed_out', 'no session'))),
  W('POST', '/session', ({ body }) => { if (body.password === 'wrong') return problem(401, 'bad_credentials', 'wrong e-mail or password'); state.signedIn = true; return session(); }),
  W('DELETE', '/session', () => { state.signedIn = false; }),
  W('PATCH', '/me', ({ body }) => Object.assign(me, body.name ? { name: body.name } : {}, body.locale ? { locale: body.locale } : {})),
  G('/status', () => ({ events: 512_873, people: 19_846, anonymous_people: 8031, quarantined: 412, sealed_events: 498_220, hot_events: 14_653, sources: 15, version: '0.1.0', database: 'sqlite', uptime_s: 91_820, seal_lag_s: 42, follower: { lag_s: 0, failing_s: 0, skipped: 0 }, ingest: { events_per_s_1m: 1642.4, p99_ms: 7.8 }, demo: process.env.MOCK_DEMO ? { state: 'loading', done: 312_000, total: 520_000 } : { state: 'ready', done: 520_000, total: 520_000 }, jobs: { ready: 2, leased: 1, dead: 0 } })),
  G('/overview', overview),
  G('/sources', ({ query }) => page(d.sources, query)),
  W('POST', '/sources', ({ body }) => { const made = { ...structuredClone(d.sources[0]), id: d.id('src', 90 + d.sources.length), name: body.name, kind: body.kind, counts: { events: 0, people: 0, quarantined_open: 0, warnings_24h: 0, last_at: null } }; d.sources.push(made); return { created: made }; }),
  G('/sources/{id}', ({ params: [id] }) => or404(find(d.sources, id), 'source')),
  W('PATCH', '/sources/{id}', ({ params: [id], body }) => { const s = find(d.sources, id); Object.assign(s, body, { settings: { ...s.settings, ...body.settings } }); return s; }),
  W('DELETE', '/sources/{id}', ({ params: [id] }) => { d.sources.splice(d.sources.findIndex((s) => s.id === id), 1); }),
  W('POST', '/sources/{id}/rotate', ({ params: [id], body }) => { const s = find(d.sources, id); s.write_keys[0].expires_at = d.iso(Date.now() + body.grace_hours * 3.6e6); s.write_keys.unshift({ id: d.id('wk', 77), key: 'wk_n3wk3y8vj2m1x0q7Zp', created_at: d.iso(Date.now()), expires_at: null }); return s; }),
  G('/sources/{id}/snippet', snippet),
  G('/sources/{id}/warnings', ({ query }) => page([['unplanned_property', 'properties.cuopon is not in the plan; did you mean coupon?'], ['clock_skew', 'device clock is 43 min ahead'], ['phone_invalid', 'traits.phone "12345" is no phone number']].map(([code, detail], i) => ({ at: d.iso(d.NOW - i * 3.1e6), code, detail, count: 3 * (i + 1), first_at: d.iso(d.NOW - 9e7) })), query)),
  G('/plan', () => plan),
  W('PUT', '/plan/events/{name}', ({ params: [name], body }) => { let e = plan.events.find((x) => x.name === name); if (!e) { e = { name, builtin: false, seen_30d: 0 }; plan.events.unshift(e); plan.unplanned = plan.unplanned.filter((u) => u.name !== name); } return Object.assign(e, body, { updated_at: d.iso(Date.now()) }); }),
  W('DELETE', '/plan/events/{name}', ({ params: [name] }) => { plan.events = plan.events.filter((e) => e.name !== name || e.builtin); }),
  G('/plan/events/{name}/properties', () => [{ name: 'order_id', types: { string: 4021 }, examples: ['SO8812001', 'SO8812002'] }, { name: 'revenue', types: { number: 3988, string: 33 }, examples: [398, '398.00'] }, { name: 'coupon', types: { string: 902 }, examples: ['SPRING'] }]),
  G('/quarantine/groups', () => quarantine.groups),
  G('/quarantine', ({ query }) => page(quarantine.items.filter((q) => (!query.get('reason') || q.reason === query.get('reason')) && (!query.get('source_id') || q.source_id === query.get('source_id')) && (!query.get('state') || q.state === query.get('state'))), query)),
  W('POST', '/quarantine/preview', ({ body }) => quarantine.items.slice(0, 6).map((q) => ({ id: q.id, before: q.raw, after: quarantine.apply(q.raw, body.fix.ops), verdict: body.fix.ops.length ? 'accepted' : 'quarantined' }))),
  W('POST', '/quarantine/replay', () => ({ accepted: 341, corrected: 12, duplicate: 2, quarantined: 4, errors: [] })),
  W('POST', '/quarantine/discard', () => ({ discarded: 17 })),
  G('/fixes', () => fixes), W('DELETE', '/fixes/{id}', () => undefined),
  G('/people', peopleList),
  G('/people/{id}', ({ params: [id] }) => or404(person(id), 'person')),
  G('/people/{id}/timeline', timeline),
  G('/people/{id}/traits/{name}/history', ({ params: [id, name] }) => person(id).trait_details.filter((t) => t.name === name).flatMap((t) => [{ value: t.value, event_at: t.event_at, source_name: t.source_name, identifier: 'phone' }, ...t.others.map((o) => ({ ...o, identifier: null }))])),
  W('PUT', '/people/{id}/traits', ({ params: [id] }) => person(id)), W('PUT', '/people/{id}/stage', ({ params: [id], body }) => Object.assign(person(id), { stage: body.stage ?? 'active', stage_source: body.stage ? 'manual' : 'computed' })),
  W('POST', '/people/{id}/tags', ({ params: [id], body }) => { person(id).tags.push({ name: body.tag, by: me.name, at: d.iso(Date.now()) }); return person(id); }),
  W('DELETE', '/people/{id}/tags/{tag}', ({ params: [id, tag] }) => { const p = person(id); p.tags = p.tags.filter((t) => t.name !== tag); }),
  G('/tags', () => d.TAGS.map((name, i) => ({ name, count: 320 - i * 31 }))),
  G('/people/{id}/explain', ({ params: [id] }) => d.explain(person(id))),
  W('POST', '/people/{id}/unmerge', unmerge), W('POST', '/people/{id}/merge', ({ params: [id] }) => ({ person_id: id })), W('POST', '/people/{id}/cannot-link', () => undefined),
  W('POST', '/people/{id}/consents', ({ params: [id], body }) => { const c = { id: d.id('cns', 88), ...body, given_at: d.iso(Date.now()), received_at: d.iso(Date.now()), expires_at: null, source_name: '控制台', identifier: null }; person(id).consents.unshift(c); return { created: c }; }),
  W('POST', '/privacy/erase', () => privacy[0]), W('POST', '/privacy/export', () => privacy[1]), W('POST', '/privacy/suppress', () => undefined), G('/privacy/requests', ({ query }) => page(privacy, query)), G('/privacy/requests/{id}', ({ params: [id] }) => or404(find(privacy, id), 'request')),
  G('/identity/rules', () => identityRules), W('PUT', '/identity/rules', () => ({ version: 5, job_id: d.id('job', 5) })),
  W('POST', '/identity/rules/simulations', () => { simulated = 0; return simulation(); }), W('DELETE', '/identity/rules/simulations/{id}', () => { simulated = -1; }),
  G('/identity/rules/simulations/{id}', () => { if (simulated >= 0) simulated = Math.min(simulated + 1, 4); return simulation(); }),
  W('POST', '/identity/simulator', ({ body }) => ({ persons: [{ id: 'per_1', identifiers: [{ namespace: 'anonymous_id', value: 'a1' }, { namespace: 'user_id', value: 'u1' }, { namespace: 'phone', value: '+8613912345678' }] }, { id: 'per_2', identifiers: [{ namespace: 'user_id', value: 'u2' }] }], decisions: body.events.map((_, event) => ({ event, line: { namespace: event ? 'user_id' : 'anonymous_id', value: event ? 'u1' : 'a1' }, reason: ['new_person', 'attached', 'merged', 'refused_limit'][event % 4], merges: event === 2 ? ['per_3'] : [], dropped: [] })) })),
  G('/identity/reviews', ({ query }) => page(d.reviews.filter((r) => (!query.get('state') || r.state === query.get('state')) && (!query.get('kind') || r.kind === query.get('kind'))), query)),
  W('POST', '/identity/reviews/{id}', ({ params: [id], body }) => Object.assign(find(d.reviews, id), { state: 'done', decision: body.decision, decided_by: me.name })),
  G('/identity/suspended', ({ query }) => page([{ identifier_id: 'idn_1', namespace: 'device_id', value: '9C1F-77AA-STORE-TABLET', persons_24h: 31, since: d.iso(d.NOW - 7.2e6), reason: 'more than 10 strong persons in 24 h' }, { identifier_id: 'idn_2', namespace: 'phone', value: '+8613800138009', persons_24h: 14, since: d.iso(d.NOW - 9.1e7), reason: 'more than 10 strong persons in 24 h' }], query)), W('POST', '/identity/suspended/{id}', () => undefined),
  G('/identity/blocked', () => ({ built_in: ['anonymous', 'guest', 'undefined', 'null', '0', '-1', '[object Object]', '13800138000', '12345678901', '9774d56d682e549c', '02:00:00:00:00:00', 'test@test.com', '{{user_id}}', '${id}'], custom: [{ id: 'blk_1', namespace: 'phone', kind: 'exact', value: '+862161234567', created_at: d.iso(d.NOW - 40 * d.DAY), hits: 212 }, { id: 'blk_2', namespace: null, kind: 'regex', value: '^staff-', created_at: d.iso(d.NOW - 11 * d.DAY), hits: 19 }] })),
  W('POST', '/identity/blocked', ({ body }) => ({ created: { id: 'blk_9', created_at: d.iso(Date.now()), hits: 0, ...body } })), W('DELETE', '/identity/blocked/{id}', () => undefined),
  G('/touch/rules', () => touchRules), W('PUT', '/touch/rules', ({ body }) => Object.assign(touchRules, { rules: body.rules, version: touchRules.version + 1, defaults: false })),
  W('POST', '/touch/rules/test', ({ body }) => [body.url?.includes('utm_medium=cpc') ? { channel: 'search_paid', campaign: '双11预热', touchpoint: null, kind: 'ad_click', rule_id: 'search-ads' } : { channel: 'referral', campaign: null, touchpoint: null, kind: 'referral', rule_id: null }]),
  G('/touch/unclassified', () => [{ signature: { referrer_host: 'smzdm.com', source_kind: 'web' }, events: 812, last_at: d.iso(d.NOW - 4e6) }, { signature: { utm_source: 'kol-lily', utm_medium: 'live' }, events: 240, last_at: d.iso(d.NOW - 9e6) }]),
  G('/credit/conversions', () => conversions), W('POST', '/credit/conversions', ({ body }) => { const made = { id: d.id('cnv', 9), currency: 'CNY', default: false, filter: null, refund_event: null, ...body }; conversions.push(made); return { created: made }; }), W('PATCH', '/credit/conversions/{id}', ({ params: [id], body }) => Object.assign(find(conversions, id), body)), W('DELETE', '/credit/conversions/{id}', () => undefined),
  G('/credit/report', creditReport), G('/credit/paths', paths), G('/credit/people', ({ query }) => page(d.people.filter((p) => p.orders > 1), query)),
  G('/credit/spend', ({ query }) => page(spend, query)), W('POST', '/credit/spend', ({ body }) => { spend.unshift(body); return { created: body }; }), W('DELETE', '/credit/spend', () => undefined),
  G('/imports', ({ query }) => page(imports, query)), W('POST', '/imports', ({ query }) => { const made = { ...imports[1], id: d.id('imp', 50 + imports.length), file_name: query.get('file_name'), state: 'draft', rows_done: 0, accepted: 0, started_at: null }; imports.unshift(made); return { created: { ...made, guess } }; }),
  G('/imports/mappings', () => mappings), G('/imports/{id}', ({ params: [id] }) => or404(find(imports, id), 'import')), G('/imports/{id}/draft', () => guess), W('POST', '/imports/{id}/dry-run', () => dryRun),
  W('POST', '/imports/{id}/start', ({ params: [id] }) => Object.assign(find(imports, id), { state: 'running', started_at: d.iso(Date.now()) })), W('POST', '/imports/{id}/pause', ({ params: [id] }) => Object.assign(find(imports, id), { state: 'paused' })), W('POST', '/imports/{id}/resume', ({ params: [id] }) => Object.assign(find(imports, id), { state: 'running' })), W('POST', '/imports/{id}/cancel', ({ params: [id] }) => Object.assign(find(imports, id), { state: 'cancelled' })),
  G('/users', () => users), W('POST', '/users', ({ body }) => { const u = { id: d.id('usr', 20), locale: 'zh-CN', disabled: false, created_at: d.iso(Date.now()), last_seen_at: null, ...body }; users.push(u); return { created: u }; }), W('PATCH', '/users/{id}', ({ params: [id], body }) => Object.assign(find(users, id), body)), W('DELETE', '/users/{id}', () => undefined),
  G('/api-keys', () => keys), W('POST', '/api-keys', ({ body }) => ({ created: { ...keys[0], ...body, id: d.id('key', 9), key: 'tl_5b1c7e0f92aa4dbe8f3d2c1a0e9b7d66' } })), W('DELETE', '/api-keys/{id}', ({ params: [id] }) => { find(keys, id).revoked_at = d.iso(Date.now()); }),
  G('/audit', ({ query }) => page(audit, query)), G('/settings', () => settings), G('/lake', () => lake), W('POST', '/lake/{verb}', () => ({ job_id: d.id('job', 12) })), G('/jobs', ({ query }) => page(jobs.filter((j) => !query.get('state') || j.state === query.get('state')), query)), W('POST', '/jobs/{id}/requeue', ({ params: [id] }) => Object.assign(find(jobs, id), { state: 'ready' })),
];
