// Invented, repeatable data of a cosmetics and home retailer for working on the console without a server.
// A development tool only: nothing of this is built into `dist/`.

export const rng = (seed) => {
  let s = 2166136261;
  for (const c of String(seed)) s = Math.imul(s ^ c.codePointAt(0), 16777619);
  const next = () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { next, int: (a, b) => a + Math.floor(next() * (b - a + 1)), pick: (list) => list[Math.floor(next() * list.length)], chance: (p) => next() < p };
};

export const NOW = Math.floor(Date.now() / 60000) * 60000;
export const DAY = 86_400_000;
export const iso = (ms) => new Date(ms).toISOString();
const pad = (n, w) => String(n).padStart(w, '0');
export const id = (prefix, n) => `${prefix}_${(0x1f3a5000 + n * 7919).toString(36)}${pad(n, 4)}`;

const SOURCES = [
  ['官方商城', 'web', 214_890, 0], ['澄物 App', 'app', 126_530, 3], ['微信小程序', 'mini_program', 148_212, 41], ['天猫旗舰店', 'marketplace', 22_408, 0],
  ['门店收银 · 上海', 'pos', 18_233, 7], ['门店收银 · 成都', 'pos', 9_120, 0], ['抖音广告', 'ads', 31_877, 0], ['小红书内容', 'social', 17_300, 0],
  ['百度搜索广告', 'ads', 12_046, 0], ['微信公众号', 'social', 26_518, 0], ['会员邮件', 'email', 41_002, 0], ['短信', 'sms', 15_870, 0],
  ['客服工单', 'service', 6_431, 2], ['物流回传', 'webhook', 20_145, 359], ['订单历史导入', 'import', 8_772, 0],
];
export const sources = SOURCES.map(([name, kind, events, bad], i) => ({
  id: id('src', i + 1), name, kind, state: i === 8 ? 'disabled' : 'active',
  write_keys: [{ id: id('wk', i), key: `wk_${rng(name).int(1e8, 9e8).toString(36)}${rng(kind + i).int(1e8, 9e8).toString(36)}q7Zp`, created_at: iso(NOW - 400 * DAY), expires_at: null }],
  settings: {
    verified: ['pos', 'server', 'marketplace'].includes(kind), default_region: 'CN', default_currency: 'CNY', time_zone: 'Asia/Shanghai', stitching: kind === 'pos' ? 'session' : 'session', kiosk: kind === 'pos',
    plan_mode: kind === 'webhook' ? 'quarantine' : 'warn', plan_rules: { unknown_event: 'warn', unknown_property: 'pass', wrong_type: kind === 'webhook' ? 'quarantine' : 'warn', missing_required: 'warn' },
    acceptance_days: 30, ip: 'truncate', webhook: kind === 'webhook' ? { secret_hint: '…9f2c', mapping: { event: '$.type', user_id: '$.buyer.id' } } : null,
  },
  counts: { events, people: Math.round(events / 9), quarantined_open: bad, warnings_24h: bad * 3, last_at: iso(NOW - i * i * 41_000 - 4000) },
  created_at: iso(NOW - (540 - i * 9) * DAY),
}));

const FAMILY = '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕'.split('');
const GIVEN = '梓涵 雨桐 欣怡 子轩 浩然 诗涵 思远 嘉怡 俊杰 佳琪 晓彤 一诺 明轩 静怡 婉清 若曦 志强 丽娜 文博 雪梅 海燕 建国 秀英 芷若 语嫣 泽宇 宇航 可馨 安琪 书瑶'.split(' ');
const WEST = ['Emma Clarke', 'Lucas Meyer', 'Sofia Rossi', 'Noah Tan', 'Chloe Dubois', 'Aarav Singh'];
export const STAGES = ['visitor', 'lead', 'customer', 'repeat', 'lapsed'];
export const TAGS = ['高潜', '敏感肌', '家居爱好', '会员日', '门店常客', '企微好友', 'VIP', '送礼'];
export const CHANNELS = [
  ['douyin_ads', 'Douyin ads', '抖音广告', true, true], ['xiaohongshu', 'Xiaohongshu content', '小红书内容', true, false], ['search_paid', 'Paid search', '付费搜索', true, true], ['search_organic', 'Organic search', '自然搜索', true, false],
  ['wechat_oa', 'WeChat official account', '微信公众号', true, false], ['mini_program', 'Mini-program', '小程序', true, false], ['email', 'E-mail', '邮件', true, false], ['sms', 'SMS', '短信', true, false],
  ['tmall', 'Tmall', '天猫', true, false], ['store', 'Stores', '门店', false, false], ['service', 'Service desk', '客服', true, false], ['direct', 'Direct', '直接访问', true, false], ['referral', 'Referral', '外部链接', true, false],
].map(([key, en, zh, online, paid]) => ({ key, label: { en, 'zh-CN': zh }, online, paid }));
export const channelLabel = (key) => CHANNELS.find((c) => c.key === key)?.label['zh-CN'] ?? key;
const CAMPAIGNS = ['双11预热', '618大促', '春日焕新', '会员日', '新品首发·玫瑰精华', '七夕礼盒', '家居香氛节'];
export const PRODUCTS = [['玫瑰精华油 30ml', 36800], ['氨基酸洁面乳', 12800], ['保湿修护面霜', 29900], ['雪松香薰蜡烛', 18900], ['亚麻四件套', 89900], ['陶瓷马克杯', 6900], ['舒缓面膜 5片', 9900], ['防晒乳 SPF50', 15900], ['檀木香薰机', 45900], ['手工羊毛毯', 69900]];

export const people = Array.from({ length: 184 }, (_, n) => {
  const r = rng(`person${n}`);
  const anonymous = n % 9 === 8;
  const name = anonymous ? '' : n % 23 === 11 ? r.pick(WEST) : r.pick(FAMILY) + r.pick(GIVEN);
  const phone = `+861${r.pick(['38', '39', '52', '86', '77'])}${pad(r.int(0, 99_999_999), 8)}`;
  const orders = anonymous ? 0 : Math.max(0, Math.round((r.next() ** 2) * 14) - 1);
  const revenue = Array.from({ length: orders }, () => r.pick(PRODUCTS)[1] * r.int(1, 3)).reduce((a, b) => a + b, 0);
  const stage = anonymous ? 'visitor' : orders === 0 ? 'lead' : r.chance(0.14) ? 'lapsed' : orders === 1 ? 'customer' : 'repeat';
  const identifiers = anonymous
    ? [{ namespace: 'anonymous_id', value: `a${r.int(1e9, 9e9).toString(36)}-${r.int(1e9, 9e9).toString(36)}` }]
    : [
        { namespace: 'phone', value: phone },
        ...(orders > 1 ? [{ namespace: 'member_no', value: `M${pad(r.int(1, 999_999), 7)}` }] : []),
        ...(r.chance(0.6) ? [{ namespace: 'email', value: `${r.pick(['lan', 'mu', 'yi', 'chen', 'nova', 'rain'])}${r.int(10, 9999)}@${r.pick(['qq.com', '163.com', 'outlook.com'])}` }] : []),
        ...(r.chance(0.7) ? [{ namespace: 'unionid', value: `oX${r.int(1e9, 9e9).toString(36)}${r.int(1e9, 9e9).toString(36)}` }] : []),
      ];
  const first = NOW - r.int(20, 520) * DAY;
  return {
    id: id('per', n + 1), display_name: name, identifiers, stage, tags: anonymous ? [] : TAGS.filter(() => r.chance(0.16)), first_seen_at: iso(first), last_seen_at: iso(NOW - Math.round(r.next() ** 3 * 90 * DAY) - r.int(1, 5e6)),
    orders, revenue_minor: revenue, currency: 'CNY', channels: CHANNELS.filter(() => r.chance(0.3)).map((c) => c.key).slice(0, 5),
  };
}).sort((a, b) => (a.last_seen_at < b.last_seen_at ? 1 : -1));

const src = (kind) => sources.find((s) => s.kind === kind);
const EVENTS = [
  ['page', '', 'web'], ['page', '', 'web'], ['track', 'Product Viewed', 'web'], ['track', 'Product Viewed', 'mini_program'], ['track', 'Product Added', 'app'], ['track', 'Products Searched', 'web'], ['screen', 'Home', 'app'],
  ['track', 'Email Opened', 'email'], ['track', 'Email Link Clicked', 'email'], ['track', 'SMS Delivered', 'sms'], ['track', 'Order Completed', 'web'], ['track', 'Order Completed', 'pos'], ['track', 'Order Completed', 'marketplace'],
  ['track', 'Store Visited', 'pos'], ['track', 'Ad Clicked', 'ads'], ['track', 'Note Liked', 'social'], ['identify', '', 'app'], ['track', 'Ticket Opened', 'service'], ['track', 'Shipment Delivered', 'webhook'], ['track', 'Order Refunded', 'web'], ['track', 'Coupon Redeemed', 'pos'],
];
const TOUCH = { ads: 'douyin_ads', social: 'xiaohongshu', email: 'email', sms: 'sms', pos: 'store', marketplace: 'tmall', mini_program: 'mini_program', web: 'search_paid', service: 'service' };

export const timeline = (person) => {
  const r = rng(`line${person.id}`);
  const count = 30 + r.int(0, 90);
  let at = new Date(person.last_seen_at).getTime();
  return Array.from({ length: count }, (_, n) => {
    const [kind, name, source_kind] = r.pick(EVENTS);
    const source = src(source_kind);
    const [product, price] = r.pick(PRODUCTS);
    const quantity = r.int(1, 3);
    const order = name.startsWith('Order') || name.startsWith('Shipment');
    const value = name === 'Order Completed' ? price * quantity : name === 'Order Refunded' ? -price : null;
    const event_at = iso(at);
    at -= r.chance(0.6) ? r.int(30_000, 900_000) : r.int(1, 9) * DAY * 0.6;
    const path = r.pick(['/', '/skincare', '/home', '/p/rose-oil', '/cart', '/membership']);
    const properties = kind === 'page' ? { path, title: product, url: `https://shop.example${path}` } : kind === 'identify' ? {} : order
      ? { order_id: `SO${r.int(1e7, 9e7)}`, revenue: (value ?? 0) / 100, currency: 'CNY', products: [{ name: product, price: price / 100, quantity }], ...(source_kind === 'pos' ? { store_id: 'SH-012', cashier: '1107' } : {}) }
      : name.startsWith('Product') ? { name: product, price: price / 100, sku: `SKU-${r.int(100, 999)}` } : name.startsWith('Products') ? { query: r.pick(['精华', '香薰', '礼盒']) } : { campaign: r.pick(CAMPAIGNS) };
    const channel = TOUCH[source_kind];
    const line = r.pick(person.identifiers);
    return {
      id: id('evt', n + person.identifiers[0].value.length * 31), event_at, received_at: iso(new Date(event_at).getTime() + r.int(80, 4000)), kind, name, title: name || kind, source_id: source.id, source_name: source.name, source_kind,
      touch: channel && (source_kind !== 'web' || r.chance(0.4)) ? { channel, campaign: r.chance(0.6) ? r.pick(CAMPAIGNS) : null, touchpoint: source_kind === 'pos' ? '上海静安店' : null } : null,
      value_minor: value, currency: value === null ? null : 'CNY', order_id: properties.order_id ?? null, properties, context: { ip: '101.83.0.0', locale: 'zh-CN', library: { name: 'analytics.js', version: '1.84.0' } },
      traits: kind === 'identify' ? { name: person.display_name, city: '上海' } : {}, line, corrections: r.chance(0.08) ? [{ field: 'traits.phone', raw: '138 0013 9988', rule: 'phone_e164' }] : [], replayed: r.chance(0.02), sealed: n > 20,
    };
  });
};

export const reviewFor = (n, kind, a, b) => ({
  id: id('rev', n), kind, at: iso(NOW - n * 3.7e7), persons: [a, b].filter(Boolean).map((p) => ({ id: p.id, display_name: p.display_name, identifiers: p.identifiers, traits: { name: p.display_name, city: n % 2 ? '上海' : '成都', birthday: `19${80 + (n % 19)}-0${1 + (n % 9)}-12`, gender: n % 2 ? 'F' : 'M' }, last_seen_at: p.last_seen_at })),
  identifiers: [a.identifiers[0]], reason: { refused_merge: 'user_id limit 1 would be exceeded', family_phone: 'one phone, two memberships with different names and birthdays', contested: 'phone already owned by a verified member', suspended: 'seen on 14 strong persons in 24 h', equal_rank: 'device_id is claimed by two people of equal rank' }[kind],
  event_id: id('evt', n), state: n > 5 ? 'done' : 'open', decided_by: n > 5 ? '林晓' : null, decision: n > 5 ? 'keep_apart' : null,
});
export const reviews = [['family_phone', 3, 7], ['refused_merge', 12, 14], ['refused_merge', 20, 31], ['equal_rank', 41, 42], ['suspended', 50, 51], ['contested', 60, 61], ['family_phone', 70, 71], ['refused_merge', 80, 83]].map(([kind, a, b], i) => reviewFor(i + 1, kind, people[a], people[b]));

export const personFull = (row) => {
  const r = rng(`full${row.id}`);
  const line = timeline(row);
  const strong = row.display_name !== '';
  const extra = [{ namespace: 'anonymous_id', value: `b7${r.int(1e9, 9e9).toString(36)}-web` }, ...(strong ? [{ namespace: 'device_id', value: `${r.int(1e9, 9e9).toString(16).toUpperCase()}-${r.int(1e9, 9e9).toString(16).toUpperCase()}` }, { namespace: 'openid:wx12ab', value: `o6_${r.int(1e9, 9e9).toString(36)}${r.int(1e9, 9e9).toString(36)}` }] : [])];
  const identifiers = [...row.identifiers, ...extra].map((x, n) => ({
    id: id('idn', n + 1), ...x, verified: ['phone', 'member_no', 'unionid'].includes(x.namespace), primary: n === 0, status: x.namespace === 'device_id' && r.chance(0.4) ? 'shared' : n === 5 ? 'ended' : 'active', first_seen_at: iso(NOW - (400 - n * 40) * DAY), last_seen_at: iso(NOW - n * 3 * DAY), ended_at: n === 5 ? iso(NOW - 20 * DAY) : null, source_name: r.pick(sources).name, generation: 1,
  }));
  const trait = (name, value, rule = 'last', others = []) => ({ name, value, event_at: iso(NOW - r.int(1, 200) * DAY), source_id: sources[1].id, source_name: r.pick(sources).name, identifier_id: identifiers[0].id, rule, others });
  const details = strong
    ? [trait('name', row.display_name, 'verified_source', [{ value: `${row.display_name.slice(0, 1)}女士`, event_at: iso(NOW - 300 * DAY), source_name: '天猫旗舰店' }]), trait('gender', r.pick(['女', '男'])), trait('birthday', `19${r.int(75, 99)}-0${r.int(1, 9)}-1${r.int(0, 9)}`, 'first'), trait('city', r.pick(['上海', '成都', '杭州', '广州', '北京']), 'last', [{ value: '苏州', event_at: iso(NOW - 260 * DAY), source_name: '微信小程序' }]), trait('phone', row.identifiers[0].value), trait('skin_type', r.pick(['干性', '油性', '敏感', '混合'])), trait('member_tier', r.pick(['银卡', '金卡', '黑卡'])), trait('points', r.int(120, 8800)), trait('favorite_category', r.pick(['护肤', '香氛', '家纺']))]
    : [trait('city', '上海')];
  const contact = [];
  const consents = [];
  for (const [n, [purpose, channel, action]] of [['marketing', 'sms', 'grant'], ['marketing', 'email', r.chance(0.5) ? 'withdraw' : 'grant'], ['marketing', 'wechat', 'grant'], ['marketing', 'phone', null], ['service', 'sms', 'grant'], ['personalisation', 'any', r.chance(0.3) ? 'deny' : 'grant']].entries()) {
    if (!strong && n > 1) break;
    const record = action && { id: id('cns', n), purpose, channel, action, legal_basis: 'consent', notice_version: '2026-03', evidence: { method: n === 0 ? 'checkbox' : 'button', url: 'https://shop.example/register', ip: '101.83.0.0' }, given_at: iso(NOW - (90 + n * 14) * DAY), received_at: iso(NOW - (90 + n * 14) * DAY), expires_at: n === 2 ? iso(NOW + 200 * DAY) : null, source_name: r.pick(['门店收银 · 上海', '微信小程序', '官方商城']), identifier: row.identifiers[0] };
    if (record) consents.push(record);
    contact.push({ purpose, channel, allowed: action === 'grant', reason: action === 'grant' ? 'granted' : action === 'withdraw' ? 'withdrawn' : action === 'deny' ? 'denied' : 'no_record', record_id: record?.id ?? null });
  }
  const orders = line.filter((e) => e.name === 'Order Completed').length;
  const household = strong && r.chance(0.35) ? { id: id('hh', 3), name: '静安区 · 同址', members: [people[4], people[9]].map((p) => ({ id: p.id, display_name: p.display_name })) } : null;
  return {
    id: row.id, aliases: strong ? [id('per', 9001)] : [], display_name: row.display_name, stage: row.stage, stage_source: 'computed', created_at: row.first_seen_at, first_seen_at: row.first_seen_at, last_seen_at: row.last_seen_at, household, identifiers,
    traits: Object.fromEntries(details.map((d) => [d.name, d.value])), trait_details: details, tags: row.tags.map((name) => ({ name, by: '林晓', at: iso(NOW - 12 * DAY) })), contact, consents,
    totals: { events: line.length, orders, revenue_minor: line.reduce((s, e) => s + (e.value_minor ?? 0), 0), currency: 'CNY', first_touch: { channel: 'xiaohongshu', campaign: '新品首发·玫瑰精华', at: row.first_seen_at }, last_touch: { channel: 'wechat_oa', campaign: null, at: row.last_seen_at }, channels: CHANNELS.slice(0, 6).map((c, n) => ({ key: c.key, events: 60 - n * 9 })) },
    review: strong && r.chance(0.3) ? [reviews[0]] : [], currency: 'CNY',
  };
};

export const explain = (person) => {
  const [a, ...rest] = person.identifiers;
  const ref = (x) => ({ namespace: x.namespace, value: x.value });
  const KINDS = ['assert', 'bind', 'assert', 'must_link'];
  return {
    edges: rest.map((b, n) => ({ a: ref(n > 2 ? rest[n - 2] : a), b: ref(b), evidence: Array.from({ length: 1 + (n % 3) }, (_, k) => ({ seq: String(48211 + n * 17 + k), at: iso(NOW - (200 - n * 20 - k) * DAY), kind: KINDS[n % 4], event_id: id('evt', n * 3 + k), source_name: sources[(n + k) % sources.length].name, rule_version: 4, note: null, actor: null })) })),
    refused: person.review.length > 0 ? [{ at: iso(NOW - 9 * DAY), a: ref(a), b: { namespace: 'phone', value: '+8613912345678' }, reason: 'user_id limit 1 would be exceeded' }] : [],
    slices: person.identifiers.filter((x) => x.status === 'shared').map((x) => ({ identifier: ref(x), from_at: iso(NOW - 30 * DAY), to_at: iso(NOW - 29.6 * DAY), person_id: person.id })),
    merges: person.aliases.map((old) => ({ at: iso(NOW - 140 * DAY), kept: person.id, absorbed: old, cause: 'identify from 微信小程序 carried phone and unionid' })),
  };
};

const SHARE = [0.19, 0.12, 0.13, 0.09, 0.12, 0.08, 0.07, 0.04, 0.07, 0.06, 0.01, 0.01, 0.01];
export const MODELS = ['first', 'last', 'last_non_direct', 'linear', 'time_decay', 'position'];
export const report = (model, by) => {
  const total = 1_284_650_00;
  const buyers = 2874;
  const weights = (m) => {
    const r = rng(`model${m}`);
    const raw = CHANNELS.map((c, i) => SHARE[i] * (0.55 + r.next() * 0.9) * (m === 'first' && c.paid ? 1.5 : 1) * (m === 'last' && !c.paid ? 1.4 : 1));
    const sum = raw.reduce((a, b) => a + b, 0) / 0.946;
    return raw.map((x) => x / sum);
  };
  const split = (m) => Object.fromEntries(CHANNELS.map((c, i) => [c.key, Math.floor(total * weights(m)[i])]));
  const COST = { douyin_ads: 58_200_00, search_paid: 31_400_00, email: 1_900_00, sms: 4_300_00, xiaohongshu: 22_000_00 };
  let rows = CHANNELS.map((c) => {
    const revenue = split(model)[c.key];
    const conversions = (revenue / total) * 3190;
    const cost = COST[c.key] ?? null;
    return { key: c.key, label: c.label['zh-CN'], channel: c.key, campaign: null, touches: Math.round(conversions * 9.2), conversions, revenue_minor: revenue, cost_minor: cost, impressions: cost ? cost * 3 : 0, clicks: cost ? Math.round(cost / 210) : 0, cac_minor: cost ? Math.round(cost / conversions) : null, roas: cost ? revenue / cost : null, assisted_conversions: conversions * 0.7, share: revenue / total };
  });
  if (by !== 'channel') rows = rows.flatMap((row) => CAMPAIGNS.slice(0, 3).map((campaign, i) => ({ ...row, key: `${row.key}/${campaign}`, label: `${row.label} · ${by === 'campaign' ? campaign : ['落地页', '直播间', '门店海报'][i]}`, campaign, conversions: row.conversions * [0.5, 0.3, 0.2][i], revenue_minor: Math.floor(row.revenue_minor * [0.5, 0.3, 0.2][i]), touches: Math.round(row.touches * [0.5, 0.3, 0.2][i]), share: row.share * [0.5, 0.3, 0.2][i], cost_minor: row.cost_minor && Math.round(row.cost_minor / 3), roas: row.roas })));
  rows.sort((a, b) => b.revenue_minor - a.revenue_minor);
  const credited = rows.reduce((s, x) => s + x.revenue_minor, 0);
  return { rows, total: { conversions: 3190, revenue_minor: total, buyers }, unattributed: { conversions: 172, revenue_minor: total - credited, share: (total - credited) / total }, all_models: Object.fromEntries(MODELS.map((m) => [m, split(m)])) };
};
export { CAMPAIGNS };
