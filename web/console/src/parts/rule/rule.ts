// The audience language as the builder edits it: the tree of `GET /api/audiences/schema`. Pure functions on it; a tree is
// never changed in place.

export type Value = string | number | boolean;
export type Test = Partial<{
  eq: Value; ne: Value; in: Value[]; not_in: Value[];
  gt: number; gte: number; lt: number; lte: number; between: [number, number];
  contains: string; starts_with: string; ends_with: string; matches: string; exists: boolean;
  before: string; after: string; within_last: string; older_than: string; within_next: string;
  anniversary: { from_days: number; to_days: number };
}>;
export type TestOp = keyof Test;
export type NamedTest = { name: string; test: Test };
export type Filter = { field: NamedTest } | { product: NamedTest[] } | { all: Filter[] } | { any: Filter[] } | { none: Filter[] };
export type Events = { event: string; where?: Filter[] };
export type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year';
export type Window = 'ever' | { last: string } | { between: [string, string] } | { calendar: { unit: Unit; back?: number } } | { newest: number };
/** The measures of a field; the others stand alone. */
export const FIELD_MEASURES = ['sum', 'average', 'min', 'max', 'distinct', 'most_frequent', 'first', 'last'] as const;
export const BARE_MEASURES = ['count', 'first_at', 'last_at', 'days_since_last', 'days_since_first'] as const;
export type FieldMeasure = (typeof FIELD_MEASURES)[number];
export type BareMeasure = (typeof BARE_MEASURES)[number];
export type Measure = BareMeasure | { [M in FieldMeasure]?: string };
export type Behaviour = Events & { window?: Window; measure?: Measure; test?: Test };
export type Step = Events & { within?: string; absent?: boolean };
export type Sequence = { steps: Step[]; window?: Window };
export type GroupKind = 'all' | 'any' | 'none';
export type Condition =
  | { trait: NamedTest } | { computed: NamedTest } | { tag: string } | { stage: string[] }
  | { consent: { purpose: string; channel: string; state: 'granted' | 'refused' | 'unknown' } }
  | { contactable: { purpose: string; channel: string } }
  | { identifier: { namespace: string; verified?: boolean; test?: Test } }
  | { audience: string } | { list: string } | { did: Behaviour } | { sequence: Sequence };
export type Group = { all: Rule[] } | { any: Rule[] } | { none: Rule[] };
export type Rule = Group | Condition;
export type Definition = { zone: string; rule: Rule };

export const GROUPS: readonly GroupKind[] = ['all', 'any', 'none'];
export const CONDITIONS = ['did', 'sequence', 'trait', 'computed', 'tag', 'stage', 'contactable', 'consent', 'identifier', 'audience', 'list'] as const;
export type ConditionKind = (typeof CONDITIONS)[number];

/** The one key of an object of one key: what kind it is. */
export const kindOf = <T extends object>(tagged: T): string => Object.keys(tagged)[0] ?? '';

export const groupKind = (rule: Rule): GroupKind | null => GROUPS.find((kind) => kind in rule) ?? null;
export const children = (group: Rule): Rule[] => (group as Record<string, Rule[]>)[kindOf(group)] ?? [];
export const group = (kind: GroupKind, rules: Rule[]): Rule => ({ [kind]: rules }) as Group;

/** A rule whose outermost part is a group: what the builder shows. */
export const asGroup = (rule: Rule): Rule => (groupKind(rule) ? rule : group('all', [rule]));

/** A new condition, as plain as it can be. */
export const blank = (kind: ConditionKind): Condition => {
  switch (kind) {
    case 'did': return { did: { event: 'Order Completed', window: { last: '30d' } } };
    case 'sequence': return { sequence: { steps: [{ event: 'Product Added' }, { event: 'Order Completed', within: '1d', absent: true }], window: { last: '7d' } } };
    case 'trait': return { trait: { name: 'city', test: { eq: '' } } };
    case 'computed': return { computed: { name: '', test: { gte: 0 } } };
    case 'tag': return { tag: '' };
    case 'stage': return { stage: ['customer'] };
    case 'contactable': return { contactable: { purpose: 'marketing', channel: 'sms' } };
    case 'consent': return { consent: { purpose: 'marketing', channel: 'email', state: 'granted' } };
    case 'identifier': return { identifier: { namespace: 'phone' } };
    case 'audience': return { audience: '' };
    case 'list': return { list: '' };
  }
};

export const TEXT_OPS: readonly TestOp[] = ['eq', 'ne', 'in', 'not_in', 'contains', 'starts_with', 'ends_with', 'matches'];
export const NUMBER_OPS: readonly TestOp[] = ['gte', 'lte', 'gt', 'lt', 'between'];
export const TIME_OPS: readonly TestOp[] = ['before', 'after', 'within_last', 'older_than', 'within_next', 'anniversary'];
export const ALL_OPS: readonly TestOp[] = [...TEXT_OPS, ...NUMBER_OPS, ...TIME_OPS, 'exists'];

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '');
const numeric = (value: unknown): number => (Number.isFinite(Number(value)) ? Number(value) : 0);

/** The same test with another comparison; what was typed is kept as far as it fits. */
export const withOp = (test: Test, op: TestOp): Test => {
  const old: unknown = Object.values(test)[0];
  const first: unknown = Array.isArray(old) ? old[0] : old;
  switch (op) {
    case 'eq': case 'ne': return { [op]: text(first) };
    case 'in': case 'not_in': return { [op]: Array.isArray(old) ? old.map(text) : text(first) === '' ? [] : [text(first)] };
    case 'gt': case 'gte': case 'lt': case 'lte': return { [op]: numeric(first) };
    case 'between': return { between: [numeric(first), numeric(Array.isArray(old) ? old[1] : first)] };
    case 'contains': case 'starts_with': case 'ends_with': case 'matches': return { [op]: text(first) };
    case 'exists': return { exists: true };
    case 'before': case 'after': return { [op]: /^\d{4}-/.test(text(first)) ? text(first) : '2026-01-01' };
    case 'within_last': case 'older_than': case 'within_next': return { [op]: /^\d+[smhdw]$/.test(text(first)) ? text(first) : '30d' };
    case 'anniversary': return { anniversary: { from_days: 0, to_days: 7 } };
  }
};

/** Whether the measure gives a number, an instant, or a value of any kind. */
export const measureGives = (measure: Measure): 'number' | 'instant' | 'value' => {
  const kind = typeof measure === 'string' ? measure : kindOf(measure);
  if (kind === 'first_at' || kind === 'last_at') return 'instant';
  if (kind === 'min' || kind === 'max' || kind === 'first' || kind === 'last' || kind === 'most_frequent') return 'value';
  return 'number';
};

const namedWhole = (named: NamedTest): boolean => named.name.trim() !== '' && testWhole(named.test);

export const testWhole = (test: Test): boolean => {
  const value: unknown = Object.values(test)[0];
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== '';
};

const filterWhole = (filter: Filter): boolean => {
  if ('field' in filter) return namedWhole(filter.field);
  if ('product' in filter) return filter.product.length > 0 && filter.product.every(namedWhole);
  return ('any' in filter ? filter.any : 'all' in filter ? filter.all : filter.none).every(filterWhole);
};

const eventsWhole = (events: Events): boolean => events.event.trim() !== '' && (events.where ?? []).every(filterWhole);

/** Whether nothing is left blank, so that it can be sent. */
export const whole = (rule: Rule): boolean => {
  if (groupKind(rule)) return children(rule).every(whole);
  const condition = rule as Condition;
  if ('trait' in condition) return namedWhole(condition.trait);
  if ('computed' in condition) return namedWhole(condition.computed);
  if ('tag' in condition) return condition.tag.trim() !== '';
  if ('stage' in condition) return condition.stage.length > 0;
  if ('audience' in condition) return condition.audience !== '';
  if ('list' in condition) return condition.list !== '';
  if ('did' in condition) return eventsWhole(condition.did) && (condition.did.test === undefined || testWhole(condition.did.test));
  if ('sequence' in condition) return condition.sequence.steps.length > 1 && condition.sequence.steps.every(eventsWhole);
  return true;
};
