// What somebody did: events, what is measured of them, what the measure must be, and when. And one thing after another.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { AutoComplete, Button, Checkbox, Input, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '@/i18n';
import { EventsField } from './events-field';
import { BARE_MEASURES, FIELD_MEASURES, kindOf, measureGives, NUMBER_OPS, TEXT_OPS, TIME_OPS, type Behaviour, type Events, type FieldMeasure, type Measure, type Sequence, type Step, type Unit, type Window } from './rule';
import { SpanField, TestField } from './test-field';
import type { Vocabulary } from './vocabulary';

const WINDOWS = ['ever', 'last', 'calendar', 'between', 'newest'] as const;
const UNITS: readonly Unit[] = ['day', 'week', 'month', 'quarter', 'year'];
const today = (shift: number): string => new Date(Date.now() + shift * 86_400_000).toISOString().slice(0, 10);

const freshWindow = (kind: string): Window => {
  switch (kind) {
    case 'last': return { last: '30d' };
    case 'calendar': return { calendar: { unit: 'month' } };
    case 'between': return { between: [today(-30), today(0)] };
    case 'newest': return { newest: 3 };
    default: return 'ever';
  }
};

export const WindowField = ({ value = 'ever', change, newest }: { value?: Window; change: (window: Window) => void; newest?: boolean }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const kind = typeof value === 'string' ? value : kindOf(value);
  return (
    <>
      <Select value={kind} options={WINDOWS.filter((w) => newest || w !== 'newest').map((w) => ({ value: w as string, label: label('rule_window', w) }))} onChange={(next) => change(freshWindow(next))} aria-label={t('rule.window')} popupMatchSelectWidth={false} />
      {typeof value === 'object' && 'last' in value && <SpanField value={value.last} change={(last) => change({ last })} label={t('rule.window')} />}
      {typeof value === 'object' && 'newest' in value && <InputNumber min={1} max={100} precision={0} value={value.newest} onChange={(n) => change({ newest: n ?? 1 })} aria-label={t('rule.newest')} style={{ width: 76 }} />}
      {typeof value === 'object' && 'calendar' in value && (
        <span className="rule-span">
          <Select value={value.calendar.back ?? 0} options={[0, 1].map((n) => ({ value: n, label: label('rule_back', String(n)) }))} onChange={(back) => change({ calendar: { ...value.calendar, back } })} aria-label={t('rule.back')} popupMatchSelectWidth={false} />
          <Select value={value.calendar.unit} options={UNITS.map((u) => ({ value: u, label: label('rule_calendar', u) }))} onChange={(unit) => change({ calendar: { ...value.calendar, unit } })} aria-label={t('rule.unit')} popupMatchSelectWidth={false} />
        </span>
      )}
      {typeof value === 'object' && 'between' in value && (
        <span className="rule-span">
          {[0, 1].map((i) => (
            <Input key={i} type="date" value={value.between[i]} onChange={(e) => change({ between: i === 0 ? [e.target.value, value.between[1]] : [value.between[0], e.target.value] })} aria-label={t(i === 0 ? 'rule.from' : 'rule.to')} style={{ width: 140 }} />
          ))}
        </span>
      )}
    </>
  );
};

/** A measure, and the field it is of. */
export const MeasureField = ({ value = 'count', change, fields }: { value?: Measure; change: (measure: Measure) => void; fields: { value: string; label: string }[] }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const kind = typeof value === 'string' ? value : kindOf(value);
  const of = typeof value === 'string' ? 'value' : (value[kind as FieldMeasure] ?? 'value');
  return (
    <>
      <Select
        value={kind}
        options={[...BARE_MEASURES, ...FIELD_MEASURES].map((m) => ({ value: m as string, label: label('rule_measure', m) }))}
        onChange={(next) => change(FIELD_MEASURES.some((m) => m === next) ? { [next as FieldMeasure]: of } : (next as Measure))}
        aria-label={t('rule.measure')}
        popupMatchSelectWidth={false}
      />
      {typeof value === 'object' && (
        <AutoComplete className="rule-name" value={of} options={fields} showSearch={{ filterOption: (text, o) => `${o?.value} ${String(o?.label)}`.toLowerCase().includes(text.toLowerCase()) }} onChange={(field: string) => change({ [kind as FieldMeasure]: field })} aria-label={t('rule.field')} popupMatchSelectWidth={false} />
      )}
    </>
  );
};

const opsOf = (measure: Measure) => {
  switch (measureGives(measure)) {
    case 'number': return [...NUMBER_OPS, 'eq'] as const;
    case 'instant': return [...TIME_OPS.filter((op) => op !== 'anniversary'), 'exists'] as const;
    case 'value': return [...TEXT_OPS, ...NUMBER_OPS, 'exists'] as const;
  }
};

export const BehaviourField = ({ value, change, vocabulary }: { value: Behaviour; change: (next: Behaviour) => void; vocabulary: Vocabulary }) => {
  const { t } = useTranslation();
  const measure = value.measure ?? 'count';
  const measured = (next: Measure) => {
    // A test of a number says nothing of an instant.
    const same = measureGives(next) === measureGives(measure);
    const test = same ? value.test : measureGives(next) === 'instant' ? { within_last: '30d' } : measureGives(next) === 'value' ? { exists: true } : { gte: 1 };
    change({ ...value, measure: next, test });
  };
  return (
    <div className="rule-parts">
      <div className="rule-line">
        <span className="rule-word">{t('rule.did')}</span>
        <EventsField events={value} change={(events) => change({ ...value, where: undefined, ...events })} vocabulary={vocabulary} />
      </div>
      <div className="rule-line">
        <MeasureField value={measure} change={measured} fields={vocabulary.fields(value.event)} />
        <TestField test={value.test ?? { gte: 1 }} change={(test) => change({ ...value, test })} ops={opsOf(measure)} />
        <WindowField newest value={value.window} change={(window) => change({ ...value, window })} />
      </div>
    </div>
  );
};

export const SequenceField = ({ value, change, vocabulary }: { value: Sequence; change: (next: Sequence) => void; vocabulary: Vocabulary }) => {
  const { t } = useTranslation();
  const last = value.steps.length - 1;
  const put = (at: number, step: Step) => change({ ...value, steps: value.steps.map((s, i) => (i === at ? step : s)) });
  const events = (step: Step, next: Events): Step => ({ ...next, ...(step.within ? { within: step.within } : {}), ...(step.absent ? { absent: true } : {}) });
  const limited = (step: Step, within: string | undefined): Step => {
    return { ...step, within };
  };
  const absent = (step: Step, on: boolean): Step => {
    return on ? { ...step, within: step.within ?? '1d', absent: true } : { ...step, absent: undefined };
  };
  return (
    <div className="rule-parts">
      {value.steps.map((step, i) => (
        <div key={i} className="rule-line rule-step">
          <span className="rule-word">{i === 0 ? t('rule.first') : step.absent ? t('rule.then_not') : t('rule.then')}</span>
          <EventsField events={step} change={(next) => put(i, events(step, next))} vocabulary={vocabulary} label={t('rule.step', { n: i + 1 })} />
          {i > 0 && (
            <span className="rule-span">
              <Checkbox checked={step.within !== undefined} disabled={step.absent} onChange={(e) => put(i, limited(step, e.target.checked ? '1d' : undefined))}>{t('rule.within')}</Checkbox>
              {step.within && <SpanField value={step.within} change={(within) => put(i, { ...step, within })} label={t('rule.within')} />}
            </span>
          )}
          {i > 0 && i === last && <Checkbox checked={step.absent ?? false} onChange={(e) => put(i, absent(step, e.target.checked))}>{t('rule.absent')}</Checkbox>}
          {value.steps.length > 2 && <Button type="text" size="small" icon={<DeleteOutlined />} onClick={() => change({ ...value, steps: value.steps.filter((_, k) => k !== i) })} aria-label={t('rule.remove_step', { n: i + 1 })} />}
        </div>
      ))}
      <div className="rule-line">
        <Button size="small" type="text" icon={<PlusOutlined />} disabled={value.steps[last]?.absent || value.steps.length >= 8} onClick={() => change({ ...value, steps: [...value.steps, { event: 'Order Completed' }] })}>
          {t('rule.add_step')}
        </Button>
        <span className="muted small">{t('rule.first_within')}</span>
        <WindowField value={value.window} change={(window) => change({ ...value, window })} />
      </div>
    </div>
  );
};
