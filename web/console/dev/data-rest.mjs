// Invented rules, spend, settings and the like.
import { CAMPAIGNS, CHANNELS, DAY, id, iso, NOW, rng } from './data.mjs';

const rule = (rid, note, when, then, enabled = true) => ({ id: rid, enabled, note, when: Object.entries(when).map(([field, values]) => ({ field, op: values === true ? 'present' : 'equals', values: values === true ? [] : [values].flat() })), then });
export const touchRules = {
  version: 12, defaults: false, channels: CHANNELS,
  rules: [
    rule('douyin-click', '巨量引擎点击', { click_id: ['clickid', 'ttclid'] }, { channel: 'douyin_ads', campaign: '{utm_campaign|campaign}' }), rule('douyin-utm', '', { utm_source: 'douyin', utm_medium: ['cpc', 'feed'] }, { channel: 'douyin_ads', campaign: '{utm_campaign}' }),
    rule('search-ads', '百度、必应、谷歌竞价', { utm_medium: ['cpc', 'ppc', 'sem'] }, { channel: 'search_paid', campaign: '{utm_campaign}', touchpoint: '{utm_term}' }), rule('search-organic', '', { referrer_host: ['baidu.com', 'google.*', 'bing.com', 'sogou.com'] }, { channel: 'search_organic', touchpoint: '{referrer_host}' }),
    rule('xiaohongshu', '', { referrer_host: ['xiaohongshu.com', 'xhslink.com'] }, { channel: 'xiaohongshu', touchpoint: '{touchpoint}' }), rule('email-click', '', { event: 'Email Link Clicked' }, { channel: 'email', campaign: '{campaign}' }), rule('sms-link', '', { utm_source: 'sms' }, { channel: 'sms', campaign: '{utm_campaign}' }),
    rule('store-visit', '', { event: 'Store Visited' }, { channel: 'store', touchpoint: '{touchpoint}', kind: 'store_visit' }), rule('payment-pages', '支付页不是触点', { referrer_host: ['alipay.com', 'wx.tenpay.com'] }, { ignore: true }), rule('tmall', '', { source_kind: 'marketplace' }, { channel: 'tmall' }, false),
  ],
};
export const conversions = [
  { id: id('cnv', 1), name: '支付订单', key: 'order', event: 'Order Completed', filter: null, value: 'revenue', count: 'every', dedupe: 'order_id', refund_event: 'Order Refunded', currency: 'CNY', default: true },
  { id: id('cnv', 2), name: '首单', key: 'first_order', event: 'Order Completed', filter: { all: [{ path: 'properties.revenue', op: 'gt', value: 0 }] }, value: 'revenue', count: 'once_per_person', dedupe: 'order_id', refund_event: 'Order Refunded', currency: 'CNY', default: false },
  { id: id('cnv', 3), name: '注册会员', key: 'signup', event: 'Signed Up', filter: null, value: 'none', count: 'once_per_person', dedupe: 'none', refund_event: null, currency: 'CNY', default: false },
];
const r = rng('spend');
export const spend = Array.from({ length: 90 }, (_, n) => ({ id: id('spd', n), date: iso(NOW - Math.floor(n / 3) * DAY).slice(0, 10), channel: ['douyin_ads', 'search_paid', 'xiaohongshu'][n % 3], campaign: CAMPAIGNS[n % CAMPAIGNS.length], impressions: r.int(20_000, 400_000), clicks: r.int(300, 9000), cost_minor: r.int(90_000, 900_000), currency: 'CNY', import_id: n % 4 ? id('imp', 4) : null }));
const ns = (name, priority, strength, n, window_days) => ({ name, priority, strength, scope: 'global', max_per_person: n ? { n, ...(window_days ? { window_days } : {}) } : undefined, max_owners: ['person', 'account'].includes(strength) ? 1 : undefined, on_limit: 'refuse', needs_verification: ['member_no', 'phone', 'email', 'unionid', 'external_userid', 'openid', 'buyer_id', '*'].includes(name), takeover: name === 'phone', normaliser: 'text' });
export const identityRules = {
  version: 4,
  rules: { version: 4, namespaces: [ns('user_id', 1, 'person', 1), ns('member_no', 2, 'person', 1), ns('unionid', 3, 'account', 1), ns('phone', 4, 'account', 3, 365), ns('email', 5, 'account', 5), ns('openid', 6, 'account', 20), ns('device_id', 7, 'device', 10, 90), ns('anonymous_id', 8, 'browser', 50, 90)], unknown: ns('*', 7, 'account', 5), blocked: { values: [], patterns: [] }, caps: { identifiers: 500, merges: 100, merges_per_day: 20, joins_per_day: 10 }, session_minutes: 30 },
  history: [[4, '手机上限 5 → 3'], [3, '加入会员号'], [2, '设备改为弱标识'], [1, '默认规则']].map(([version, note]) => ({ version, at: iso(NOW - (5 - version) * 31 * DAY), actor: version > 1 ? '林晓' : 'system', note })),
};
export const users = [['林晓', 'owner', 'lin.xiao'], ['Emma Clarke', 'analyst', 'emma'], ['陈思远', 'marketer', 'chen.siyuan'], ['赵静怡', 'admin', 'zhao.jy'], ['Noah Tan', 'viewer', 'noah']].map(([name, role, mail], n) => ({ id: id('usr', n + 1), email: `${mail}@chengwu.example`, name, role, locale: n % 2 ? 'en' : 'zh-CN', disabled: n === 4, created_at: iso(NOW - (300 - n * 20) * DAY), last_seen_at: n === 4 ? null : iso(NOW - n * n * 5.1e6) }));
export const keys = [['数据仓库同步', ['read', 'export'], 3], ['CRM 写入', ['read', 'write'], 1], ['旧脚本', ['read'], null]].map(([name, scopes, used], n) => ({ id: id('key', n + 1), name, scopes, hint: `tl_…${['7d66', 'a01f', '99c2'][n]}`, created_at: iso(NOW - (120 + n) * DAY), last_used_at: used ? iso(NOW - used * 3.3e6) : null, revoked_at: n === 2 ? iso(NOW - 9 * DAY) : null }));
const ACTIONS = ['person.unmerge', 'source.rotate', 'session.start', 'identity_rules.put', 'privacy.erase', 'api_key.create', 'person.reveal', 'import.start', 'conversion.patch'];
export const audit = Array.from({ length: 120 }, (_, n) => ({ at: iso(NOW - n * 2.9e6), actor: users[n % 4].name, action: ACTIONS[n % ACTIONS.length], object: id(['per', 'src', 'usr', 'idr', 'prv', 'key', 'per', 'imp', 'cnv'][n % 9], n), detail: { ip: '101.83.0.0', note: n % 3 ? undefined : '按顾客要求' } }));
export const settings = { server: { listen: '0.0.0.0:8080', public_url: 'https://data.example.cn' }, store: { database_url: 'sqlite:///var/lib/throughline/store.db', fsync: true }, lake: { url: 'file:///var/lib/throughline/lake', seal_after_s: 60, seal_after_events: 50_000 }, collect: { max_event_bytes: 32_768, max_batch_bytes: 512_000, queue_bytes: 67_108_864 }, secrets: { field_key: '••••••••', session_key: '••••••••' }, log: { level: 'info', format: 'json' } };
export const lake = { url: 'file:///var/lib/throughline/lake', files: 214, rows: 498_220, bytes: 38_221_004, hot_events: 14_653, months: Array.from({ length: 18 }, (_, n) => ({ month: iso(NOW - (17 - n) * 30.4 * DAY).slice(0, 7), files: 8 + (n % 7), rows: 19_000 + n * 1100 + ((n * 3701) % 6000), bytes: 1_900_000 + n * 90_000 })), overrides: 1204, last_seal_at: iso(NOW - 42_000), next_seal_at: iso(NOW + 18_000) };
export const jobs = [['lake.seal', 'done', 1, null], ['identity.refold', 'leased', 1, null], ['import.run', 'leased', 1, null], ['lake.compact', 'ready', 0, null], ['webhook.deliver', 'dead', 10, 'connect: connection refused (10 tries)'], ['privacy.erase', 'done', 1, null]].map(([kind, state, attempts, last_error], n) => ({ id: id('job', n + 1), kind, state, attempts, max_attempts: 10, run_at: iso(NOW - n * 1.3e6), last_error, created_at: iso(NOW - n * 1.4e6) }));
const PLACES = [['store.person', 1], ['store.identifier', 6], ['store.evidence', 11], ['store.hot_event', 4], ['lake.2026-03', 31], ['lake.2026-04', 12], ['search_index', 9], ['quarantine', 0], ['backup', 1]];
export const privacy = [
  { id: id('prv', 1), kind: 'erase', state: 'done', created_at: iso(NOW - 3 * DAY), done_at: iso(NOW - 3 * DAY + 41_000), receipt: { tombstones: 6, lines: PLACES.map(([place, found], n) => ({ place, found, removed: place === 'store.evidence' ? 0 : found, restricted: place === 'store.evidence' ? found : 0, at: iso(NOW - 3 * DAY + n * 4000), checksum: `sha256:${rng(place).int(1e9, 9e9).toString(16)}…`, state: place === 'backup' ? 'open' : 'closed' })) } },
  { id: id('prv', 2), kind: 'export', state: 'done', created_at: iso(NOW - 8 * DAY), done_at: iso(NOW - 8 * DAY + 9000), receipt: null },
  { id: id('prv', 3), kind: 'erase', state: 'running', created_at: iso(NOW - 20_000), done_at: null, receipt: null },
];
