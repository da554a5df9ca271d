// One comparison with its value: the end of nearly every condition.
import { AutoComplete, Input, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '@/i18n';
import { kindOf, withOp, type Test, type TestOp, type Value } from './rule';
import type { Option } from './vocabulary';

const SPAN = /^(\d+)([smhdw])$/;
const SPAN_UNITS = ['m', 'h', 'd', 'w'] as const;

/** A length of time: a number and its unit. */
export const SpanField = ({ value, change, label: name }: { value: string; change: (span: string) => void; label: string }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const [, n = '30', unit = 'd'] = SPAN.exec(value) ?? [];
  return (
    <span className="rule-span">
      <InputNumber min={1} max={36_500} precision={0} value={Number(n)} onChange={(next) => change(`${next ?? 1}${unit}`)} aria-label={name} style={{ width: 76 }} />
      <Select value={unit} options={SPAN_UNITS.map((u) => ({ value: u, label: label('rule_unit', u) }))} onChange={(next) => change(`${n}${next}`)} aria-label={t('rule.unit')} popupMatchSelectWidth={false} />
    </span>
  );
};

const typed = (text: string): Value => (text === 'true' ? true : text === 'false' ? false : text);

type Props = { test: Test; change: (test: Test) => void; ops: readonly TestOp[]; values?: Option[] };

const Operand = ({ test, change, values = [] }: Omit<Props, 'ops'>) => {
  const { t } = useTranslation();
  const op = kindOf(test) as TestOp;
  const name = t('rule.value');
  switch (op) {
    case 'in': case 'not_in':
      return <Select mode="tags" className="rule-wide" value={(test[op] ?? []).map(String)} options={values} onChange={(list: string[]) => change({ [op]: list.map(typed) })} tokenSeparators={[',', '\uff0c']} aria-label={name} placeholder={name} />;
    case 'gt': case 'gte': case 'lt': case 'lte':
      return <InputNumber value={test[op]} onChange={(n) => change({ [op]: n ?? 0 })} aria-label={name} style={{ width: 110 }} />;
    case 'between': {
      const [low, high] = test.between ?? [0, 0];
      return (
        <span className="rule-span">
          <InputNumber value={low} onChange={(n) => change({ between: [n ?? 0, high] })} aria-label={t('rule.from')} style={{ width: 96 }} />
          <span className="muted">–</span>
          <InputNumber value={high} onChange={(n) => change({ between: [low, n ?? 0] })} aria-label={t('rule.to')} style={{ width: 96 }} />
        </span>
      );
    }
    case 'exists':
      return <span />;
    case 'before': case 'after':
      return <Input type="date" value={String(test[op] ?? '').slice(0, 10)} onChange={(e) => change({ [op]: e.target.value })} aria-label={name} style={{ width: 150 }} />;
    case 'within_last': case 'older_than': case 'within_next':
      return <SpanField value={test[op] ?? '30d'} change={(span) => change({ [op]: span })} label={name} />;
    case 'anniversary': {
      const { from_days, to_days } = test.anniversary ?? { from_days: 0, to_days: 7 };
      return (
        <span className="rule-span">
          <InputNumber value={from_days} precision={0} min={-180} max={180} onChange={(n) => change({ anniversary: { from_days: n ?? 0, to_days } })} aria-label={t('rule.days_from')} style={{ width: 72 }} />
          <span className="muted">–</span>
          <InputNumber value={to_days} precision={0} min={-180} max={180} onChange={(n) => change({ anniversary: { from_days, to_days: n ?? 0 } })} aria-label={t('rule.days_to')} style={{ width: 72 }} />
          <span className="muted small nowrap">{t('rule.days_from_today')}</span>
        </span>
      );
    }
    default: {
      const value = String(test[op] ?? '');
      const set = (text: string) => change({ [op]: op === 'eq' || op === 'ne' ? typed(text) : text });
      return values.length > 0 && op !== 'matches' ? (
        <AutoComplete className="rule-wide" value={value} options={values} showSearch={{ filterOption: (text, o) => `${o?.value} ${String(o?.label)}`.toLowerCase().includes(text.toLowerCase()) }} onChange={set} aria-label={name} placeholder={name} />
      ) : (
        <Input className="rule-wide" value={value} onChange={(e) => set(e.target.value)} aria-label={name} placeholder={name} />
      );
    }
  }
};

/** `exists: false` is offered as a comparison of its own: people look for “is missing”. */
const MISSING = 'missing';

export const TestField = ({ test, change, ops, values }: Props) => {
  const { t } = useTranslation();
  const label = useLabel();
  const op = kindOf(test) as TestOp;
  const shown = op === 'exists' && test.exists === false ? MISSING : op;
  const offered = ops.includes('exists') ? [...ops, MISSING] : ops;
  return (
    <>
      <Select
        value={shown}
        options={offered.map((o) => ({ value: o as string, label: label('rule_op', o) }))}
        onChange={(next: string) => change(next === MISSING ? { exists: false } : withOp(test, next as TestOp))}
        aria-label={t('rule.op')}
        popupMatchSelectWidth={false}
      />
      <Operand test={test} change={change} values={values} />
    </>
  );
};
