// Invented rules, spend, settings and the like.
import { CAMPAIGNS, CHANNELS, DAY, id, iso, NOW, rng } from './data.mjs';

const rule = (n, name, match, channel, kind = 'click', more = {}) => ({ id: id('trl', n), name, ...match, channel, kind, enabled: true, ...more });
export const touchRules = {
  version: 12, defaults: false, channels: CHANNELS,
  rules: [
    rule(1, '抖音点击', { click_id: 'clickid' }, 'douyin_ads'), rule(2, '抖音 UTM', { utm_source: 'douyin', utm_medium: 'cpc' }, 'douyin_ads'), rule(3, '搜索广告', { utm_medium: 'cpc|ppc|sem' }, 'search_paid'), rule(4, '百度自然搜索', { referrer_host: 'baidu.com' }, 'search_organic', 'visit'), rule(5, '小红书', { referrer_host: 'xiaohongshu.com|xhslink.com' }, 'xiaohongshu', 'visit'),
    rule(6, '邮件点击', { event: 'Email Link Clicked' }, 'email'), rule(7, '短信链接', { utm_source: 'sms' }, 'sms'), rule(8, '公众号', { source_kind: 'social', event: 'Article Opened' }, 'wechat_oa', 'visit'), rule(9, '进店', { event: 'Store Visited' }, 'store', 'visit'), rule(10, '天猫', { source_kind: 'marketplace' }, 'tmall', 'visit', { enabled: false }),
  ],
};
export const conversions = [
  { id: id('cnv', 1), name: '支付订单', key: 'order', event: 'Order Completed', filter: null, value: 'revenue', count: 'every', dedupe: 'order_id', refund_event: 'Order Refunded', currency: 'CNY', default: true },
  { id: id('cnv', 2), name: '首单', key: 'first_order', event: 'Order Completed', filter: { all: [{ path: 'properties.revenue', op: 'gt', value: 0 }] }, value: 'revenue', count: 'once_per_person', dedupe: 'order_id', refund_event: 'Order Refunded', currency: 'CNY', default: false },
  { id: id('cnv', 3), name: '注册会员', key: 'signup', event: 'Signed Up', filter: null, value: 'none', count: 'once_per_person', dedupe: 'none', refund_event: null, currency: 'CNY', default: false },
];
const r = rng('spend');
export const spend = Array.from({ length: 90 }, (_, n) => ({ id: id('spd', n), date: iso(NOW - Math.floor(n / 3) * DAY).slice(0, 10), channel: ['douyin_ads', 'search_paid', 'xiaohongshu'][n % 3], campaign: CAMPAIGNS[n % CAMPAIGNS.length], impressions: r.int(20_000, 400_000), clicks: r.int(300, 9000), cost_minor: r.int(90_000, 900_000), currency: 'CNY', import_id: n % 4 ? id('imp', 4) : null }));
const ns = (name, priority, limit, strength) => ({ namespace: name, priority, limit, window_days: limit === 1 ? null : 90, strength, unique: limit === 1 });
export const identityRules = {
  version: 4,
  rules: { namespaces: [ns('user_id', 1, 1, 'strong'), ns('member_no', 2, 1, 'strong'), ns('unionid', 3, 1, 'strong'), ns('phone', 4, 3, 'strong'), ns('email', 5, 5, 'strong'), ns('openid', 6, 20, 'medium'), ns('device_id', 7, 10, 'weak'), ns('anonymous_id', 8, 50, 'weak')], caps: { identifiers_per_person: 500, merges_ever: 100, merges_per_day: 20 }, suspend: { strong_persons: 10, window_hours: 24 } },
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
