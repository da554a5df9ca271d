// Invented tracking plan, quarantine and imports.
import { DAY, id, iso, NOW, rng, sources } from './data.mjs';

const str = { type: 'string' };
const num = { type: 'number' };
const schema = (properties, required) => ({ type: 'object', properties, required });
const PLANNED = [
  ['Order Completed', schema({ order_id: str, revenue: num, currency: { type: 'string', enum: ['CNY', 'USD', 'EUR'] }, coupon: str, products: { type: 'array', items: schema({ sku: str, name: str, price: num, quantity: { type: 'integer' } }, ['sku']) } }, ['order_id', 'revenue']), '支付成功的订单', true, 4021],
  ['Order Refunded', schema({ order_id: str, total: num }, ['order_id']), '退款完成', true, 188],
  ['Product Viewed', schema({ sku: str, name: str, price: num }, ['sku']), '查看商品', true, 88_120],
  ['Product Added', schema({ sku: str, quantity: { type: 'integer' } }, ['sku']), '加入购物车', true, 19_332],
  ['Products Searched', schema({ query: str }, ['query']), '站内搜索', true, 14_100],
  ['Coupon Redeemed', schema({ coupon: str, store_id: str }, ['coupon']), '门店核销优惠券', false, 902],
  ['Store Visited', schema({ store_id: str, cashier: str }, ['store_id']), '进店扫码', false, 6110],
  ['Skin Test Finished', schema({ result: str, score: { type: 'integer' } }, ['result']), '小程序肤质测试完成', false, 1230],
];
export const plan = {
  version: 17,
  events: PLANNED.map(([name, s, description, builtin, seen_30d], i) => ({ name, schema: s, description, builtin, seen_30d, updated_at: iso(NOW - i * 4 * DAY) })),
  unplanned: [{ name: 'Order Complete', count: 359, suggestion: 'Order Completed', sources: ['物流回传'] }, { name: 'coupon_used', count: 41, suggestion: 'Coupon Redeemed', sources: ['微信小程序'] }, { name: 'Live Room Entered', count: 2210, suggestion: null, sources: ['抖音广告', '小红书内容'] }],
};

const REASONS = [['wrong_type', 'Order Completed', 13, 359, 'properties.revenue: "398.00" is a string, the plan wants a number'], ['missing_required', 'Coupon Redeemed', 2, 41, 'properties.coupon is required'], ['too_old', 'Store Visited', 4, 7, 'timestamp is 412 days old, the source accepts 30'], ['no_identifier', 'Product Viewed', 1, 3, 'neither userId nor anonymousId'], ['over_limit', 'Ticket Opened', 12, 2, 'the event has 41 KB, the limit is 32 KB']];
const r = rng('quarantine');
const item = (n, [reason, event_name, s, , detail]) => ({
  id: id('qua', n), received_at: iso(NOW - r.int(1, 40) * 3_600_000), source_id: sources[s].id, source_name: sources[s].name, reason, detail, event_name,
  raw: { type: 'track', event: event_name, userId: `M00${r.int(10000, 99999)}`, timestamp: iso(NOW - r.int(1, 90) * 3_600_000), messageId: `m-${r.int(1e7, 9e7).toString(36)}`, properties: { order_id: `SO${r.int(1e6, 9e6)}`, revenue: `${r.int(60, 900)}.00`, currency: 'RMB', cuopon: 'SPRING' } },
  state: 'open', replayed_at: null,
});
const items = REASONS.flatMap((reason, k) => Array.from({ length: Math.min(reason[3], 60) }, (_, n) => item(k * 100 + n, reason)));
const change = (raw, op) => {
  const event = structuredClone(raw);
  const [room, key] = (op.path ?? '').split('.');
  const at = event[room];
  if (op.op === 'rename_event') event.event = op.to;
  if (!at || !(key in at)) {
    if (op.op === 'set_default' && at) at[key] = op.value;
    return event;
  }
  if (op.op === 'cast') at[key] = op.type === 'number' ? Number(at[key]) : String(at[key]);
  if (op.op === 'drop') delete at[key];
  if (op.op === 'map_value') at[key] = op.map?.[at[key]] ?? at[key];
  if (op.op === 'rename') {
    at[op.to.split('.').pop()] = at[key];
    delete at[key];
  }
  return event;
};
export const quarantine = {
  items,
  groups: REASONS.map((reason) => {
    const [name, event_name, s, count, sample_detail] = reason;
    return { reason: name, event_name, source_id: sources[s].id, source_name: sources[s].name, count, first_at: iso(NOW - 6 * DAY), last_at: iso(NOW - 600_000), sample_detail, samples: items.filter((x) => x.reason === name).slice(0, 3) };
  }),
  apply: (raw, ops) => ops.reduce(change, raw),
};
export const fixes = [{ id: id('fix', 1), version: 2, name: '物流金额转数字', source_id: sources[13].id, filter: { reason: 'wrong_type', event_name: 'Order Completed' }, ops: [{ op: 'cast', path: 'properties.revenue', type: 'number' }, { op: 'map_value', path: 'properties.currency', map: { RMB: 'CNY' } }], active: true, created_at: iso(NOW - 30 * DAY), applied: 1204 }];

const imp = (n, file_name, state, rows_total, rows_done, more = {}) => ({ id: id('imp', n), file_name, format: file_name.split('.').pop(), kind: 'events', state, rows_total, rows_done, accepted: Math.round(rows_done * 0.98), duplicates: Math.round(rows_done * 0.012), quarantined: Math.round(rows_done * 0.006), rejected: Math.round(rows_done * 0.002), rate: state === 'running' ? 18_420 : 0, remaining_s: state === 'running' ? 21 : null, started_at: state === 'draft' ? null : iso(NOW - n * DAY), finished_at: state === 'done' ? iso(NOW - n * DAY + 96_000) : null, error: null, mapping_name: 'orders', source_id: sources[14].id, ...more });
export const imports = [
  imp(1, '2025-订单明细.csv', 'running', 1_067_371, 684_200), imp(2, '会员资料_GB18030.csv', 'draft', null, 0), imp(3, 'clickstream_ecom.parquet', 'done', 885_129, 885_129), imp(4, '抖音投放_10月.csv', 'done', 310, 310, { kind: 'ad_spend' }), imp(5, '门店小票.jsonl.zst', 'paused', 92_000, 41_300), imp(6, 'tmall_orders.tsv', 'failed', 51_200, 1200, { error: 'line 1201: column 7 (paid_at) is no date in the pattern %Y-%m-%d %H:%M:%S' }),
];
const COLUMNS = [['订单号', ['SO1001', 'SO1002', 'SO1003'], 'properties.order_id'], ['会员号', ['M0001234', 'M0008812', ''], 'identifiers.member_no'], ['手机', ['138 0013 9988', '13912345678', '86-18600001111'], 'identifiers.phone'], ['姓名', ['王雨桐', '李思远', '张嘉怡'], 'traits.name'], ['支付时间', ['2025-10-21 14:02:11', '2025-10-21 14:06:59', '2025-10-21 14:09:40'], 'timestamp'], ['实付金额', ['398.00', '1,299.00', '89.90'], 'properties.revenue'], ['门店', ['SH-012', 'SH-012', 'CD-003'], 'properties.store_id'], ['备注', ['', '送礼', ''], null]];
export const guess = {
  toml: `# 订单明细 → Order Completed\nencoding = "gb18030"\ndelimiter = ","\n\n[event]\ntype = "track"\nname = "Order Completed"\ntime_zone = "Asia/Shanghai"\n\n[columns]\n${COLUMNS.filter((c) => c[2]).map(([name, , target]) => `"${name}" = "${target}"`).join('\n')}\n`,
  mapping: { event: { type: 'track', name: 'Order Completed' }, columns: Object.fromEntries(COLUMNS.filter((c) => c[2]).map(([name, , target]) => [name, target])) },
  encoding: 'gb18030', delimiter: ',', columns: COLUMNS.map(([name, sample, g]) => ({ name, sample, guess: g })),
};
export const mappings = [{ name: 'online_retail', description: 'Orders become Order Completed with products, cancellations become Order Refunded', toml: guess.toml }, { name: 'clickstream_ecom', description: 'Page and product events', toml: guess.toml }, { name: 'ad_spend', description: 'Date, channel, campaign, impressions, clicks, cost, currency', toml: guess.toml }];
export const dryRun = {
  rows: [0, 1, 2].map((n) => ({ line: n + 2, events: [{ type: 'track', event: 'Order Completed', timestamp: '2025-10-21T06:02:11Z', properties: { order_id: `SO100${n + 1}`, revenue: [398, 1299, 89.9][n], currency: 'CNY', store_id: 'SH-012' } }], error: null })).concat([{ line: 5, events: [], error: '支付时间: "昨天" is no date' }]),
  people: [{ identifiers: [{ namespace: 'member_no', value: 'M0001234' }, { namespace: 'phone', value: '+8613800139988' }], traits: { name: '王雨桐' } }, { identifiers: [{ namespace: 'member_no', value: 'M0008812' }, { namespace: 'phone', value: '+8613912345678' }], traits: { name: '李思远' } }, { identifiers: [{ namespace: 'phone', value: '+8618600001111' }], traits: { name: '张嘉怡' } }],
  errors: [{ line: 5, column: '支付时间', message: '"昨天" is no date; the pattern is %Y-%m-%d %H:%M:%S' }],
};
