// A computed trait: a measure of events, a formula over other traits, or cases with a value each.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { App, Button, Drawer, Input, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ComputedTrait } from '@/api/types';
import { KEY } from '@/parts/key';
import { Field } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { MeasureField, WindowField } from '@/parts/rule/behaviour-field';
import { RuleBuilder } from '@/parts/rule/builder';
import { EventsField } from '@/parts/rule/events-field';
import { asGroup, blank, group, whole, type Events, type Measure, type Rule, type Window } from '@/parts/rule/rule';
import { useVocabulary } from '@/parts/rule/vocabulary';
import '@/parts/rule/rule.css';
import { useComputedPut } from '../queries';

type MeasureOf = Events & { window?: Window; measure?: Measure };
type Case = { when: Rule; value: unknown };
type Computation = { measure: MeasureOf } | { formula: string } | { cases: { cases: Case[]; otherwise?: unknown } };

const EXAMPLE = 'computed.revenue_365d / computed.orders_365d';
const KINDS = ['measure', 'formula', 'cases'] as const;
const fresh = (kind: (typeof KINDS)[number]): Computation =>
  kind === 'measure' ? { measure: { event: 'Order Completed', measure: { sum: 'value' }, window: { last: '365d' } } } : kind === 'formula' ? { formula: '' } : { cases: { cases: [{ when: group('all', [blank('did')]), value: '' }] } };

/** Numbers stay numbers; everything else is text. */
const literal = (text: string): unknown => (/^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text);
const shown = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

const MeasureOfField = ({ value, change }: { value: MeasureOf; change: (next: MeasureOf) => void }) => {
  const { t } = useTranslation();
  const vocabulary = useVocabulary();
  return (
    <div className="stack tight">
      <div className="rule-line"><MeasureField value={value.measure} change={(measure) => change({ ...value, measure })} fields={vocabulary.fields(value.event)} /></div>
      <div className="rule-line">
        <span className="rule-word">{t('rule.event')}</span>
        <EventsField
          events={value}
          change={(events) => {
            change({ ...value, where: undefined, ...events });
          }}
          vocabulary={vocabulary}
        />
      </div>
      <div className="rule-line"><WindowField newest value={value.window} change={(window) => change({ ...value, window })} /></div>
    </div>
  );
};

const CasesField = ({ value, change }: { value: { cases: Case[]; otherwise?: unknown }; change: (next: { cases: Case[]; otherwise?: unknown }) => void }) => {
  const { t } = useTranslation();
  const put = (at: number, part: Partial<Case>) => change({ ...value, cases: value.cases.map((c, i) => (i === at ? { ...c, ...part } : c)) });
  return (
    <div className="stack">
      {value.cases.map((c, i) => (
        <section key={i} className="card" style={{ padding: 12 }}>
          <div className="row" style={{ marginBottom: 8 }}>
            <span className="rule-word">{t('computed.case', { n: i + 1 })}</span>
            <Input value={shown(c.value)} onChange={(e) => put(i, { value: literal(e.target.value) })} aria-label={t('computed.case_value', { n: i + 1 })} style={{ width: 200 }} />
            <Button type="text" className="push" icon={<DeleteOutlined />} onClick={() => change({ ...value, cases: value.cases.filter((_, k) => k !== i) })} aria-label={t('computed.remove_case', { n: i + 1 })} />
          </div>
          <RuleBuilder rule={asGroup(c.when)} change={(when) => put(i, { when })} />
        </section>
      ))}
      <div className="row wrap">
        <Button size="small" icon={<PlusOutlined />} onClick={() => change({ ...value, cases: [...value.cases, { when: group('all', [blank('did')]), value: '' }] })}>{t('computed.add_case')}</Button>
        <span className="rule-word">{t('computed.otherwise')}</span>
        <Input value={shown(value.otherwise)} onChange={(e) => change(e.target.value === '' ? { cases: value.cases } : { ...value, otherwise: literal(e.target.value) })} aria-label={t('computed.otherwise')} style={{ width: 160 }} />
      </div>
    </div>
  );
};

const complete = (c: Computation): boolean => ('formula' in c ? c.formula.trim() !== '' : 'measure' in c ? c.measure.event.trim() !== '' : c.cases.cases.length > 0 && c.cases.cases.every((x) => whole(x.when)));

export const ComputedEditor = ({ trait, hide }: { trait: ComputedTrait | null; hide: () => void }) => {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const put = useComputedPut();
  const newest = trait?.next ?? trait?.live ?? null;
  const [computation, setComputation] = useState<Computation>(() => (newest ? (newest.computation as unknown as Computation) : fresh('measure')));
  const [key, setKey] = useState(trait?.key ?? '');
  const [name, setName] = useState(trait?.name ?? '');
  const [description, setDescription] = useState(trait?.description ?? '');
  const kind = KINDS.find((k) => k in computation) ?? 'measure';
  const save = () =>
    put.mutate(
      { params: { path: { key } }, body: { name, description, computation: computation as unknown as Record<string, never>, ...(newest ? { zone: newest.zone } : {}) } },
      {
        onSuccess: () => {
          void message.success(t('computed.saved'));
          hide();
        },
      },
    );
  return (
    <Drawer
      open
      onClose={hide}
      size={760}
      title={trait ? trait.name : t('computed.add')}
      footer={<div className="row"><span className="push" /><Button onClick={hide}>{t('action.cancel')}</Button><Button type="primary" disabled={!complete(computation) || !KEY.test(key)} loading={put.isPending} onClick={save}>{t('action.save')}</Button></div>}
    >
      <div className="stack">
        <div className="grid cols-2">
          <Field label={t('audience.name')} id="computed-name"><Input id="computed-name" value={name} onChange={(e) => setName(e.target.value)} /></Field>
          <Field label={t('audience.key')} id="computed-key" hint={t('audience.key_hint')}><Input id="computed-key" className="mono" value={key} disabled={trait !== null} onChange={(e) => setKey(e.target.value)} /></Field>
        </div>
        <Field label={t('audience.description')} id="computed-description"><Input id="computed-description" value={description} onChange={(e) => setDescription(e.target.value)} /></Field>
        <Segmented value={kind} onChange={(next) => setComputation(fresh(next))} options={KINDS.map((value) => ({ value, label: t(`computed_kind.${value}`) }))} />
        {'measure' in computation && <MeasureOfField value={computation.measure} change={(measure) => setComputation({ measure })} />}
        {'formula' in computation && (
          <Field label={t('computed.formula')} id="computed-formula" hint={t('computed.formula_hint')}>
            <Input.TextArea id="computed-formula" className="rule-text" autoSize={{ minRows: 2 }} value={computation.formula} onChange={(e) => setComputation({ formula: e.target.value })} placeholder={EXAMPLE} />
          </Field>
        )}
        {'cases' in computation && <CasesField value={computation.cases} change={(cases) => setComputation({ cases })} />}
        {put.error ? <ProblemNote error={put.error} /> : null}
      </div>
    </Drawer>
  );
};
