// The rules of identity. A change is always tried on the whole history first; only then can it be applied.
import { Alert, App, Button, Input, InputNumber, Segmented, Select, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IdentityRules } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { json } from '@/parts/bits';
import { useJsonRead } from '@/parts/json';
import { Field, Panel } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { Loaded } from '@/parts/states';
import { isMoving, useRules, useRulesPut, useSimulation, useSimulationBegin, useSimulationStop } from '../queries';
import { Simulation } from './simulation';

type Json = Record<string, unknown>;
const isObject = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x);
const objects = (x: unknown): Json[] => (Array.isArray(x) ? x.filter(isObject) : []);
const number = (x: unknown): number | null => (typeof x === 'number' ? x : null);
const STRENGTHS = ['person', 'account', 'device', 'browser', 'hint'];
const CAPS = ['identifiers', 'merges', 'merges_per_day', 'joins_per_day'];

const Namespaces = ({ rules, change, disabled }: { rules: Json; change: (rules: Json) => void; disabled: boolean }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const list = objects(rules['namespaces']);
  const put = (at: number, part: Json) => change({ ...rules, namespaces: list.map((n, i) => (i === at ? { ...n, ...part } : n)) });
  const limit = (n: Json) => (isObject(n['max_per_person']) ? n['max_per_person'] : {});
  const setLimit = (at: number, n: Json, part: Json) => {
    const next = { ...limit(n), ...part };
    put(at, { max_per_person: number(next['n']) === null ? undefined : Object.fromEntries(Object.entries(next).filter(([, v]) => v !== null)) });
  };
  const cell = (name: string, value: number | null, set: (v: number | null) => void, of: string) => (
    <InputNumber size="small" min={0} disabled={disabled} value={value} onChange={set} placeholder="∞" style={{ width: 76 }} aria-label={`${of}: ${name}`} />
  );
  return (
    <Table
      size="small"
      rowKey="i"
      pagination={false}
      scroll={{ x: 720 }}
      dataSource={list.map((n, i) => ({ n, i, name: String(n['name']) }))}
      columns={[
        { title: t('id_rules.namespace'), key: 'name', fixed: 'left', width: 150, render: (_, { name }) => <span title={name}>{label('namespace', name)}</span> },
        { title: t('id_rules.priority'), key: 'priority', render: (_, { n, i, name }) => cell(t('id_rules.priority'), number(n['priority']), (v) => put(i, { priority: v ?? 0 }), label('namespace', name)) },
        { title: t('id_rules.strength'), key: 'strength', render: (_, { n, i, name }) => <Select size="small" disabled={disabled} value={String(n['strength'])} options={STRENGTHS.map((value) => ({ value, label: label('strength', value) }))} onChange={(strength) => put(i, { strength })} style={{ width: 128 }} aria-label={`${label('namespace', name)}: ${t('id_rules.strength')}`} /> },
        { title: t('id_rules.per_person'), key: 'limit', render: (_, { n, i, name }) => cell(t('id_rules.per_person'), number(limit(n)['n']), (v) => setLimit(i, n, { n: v }), label('namespace', name)) },
        { title: t('id_rules.window'), key: 'window', render: (_, { n, i, name }) => cell(t('id_rules.window'), number(limit(n)['window_days']), (v) => setLimit(i, n, { window_days: v }), label('namespace', name)) },
        { title: t('id_rules.owners'), key: 'owners', render: (_, { n, i, name }) => cell(t('id_rules.owners'), number(n['max_owners']), (v) => put(i, { max_owners: v ?? undefined }), label('namespace', name)) },
      ]}
    />
  );
};

const Caps = ({ rules, change, disabled }: { rules: Json; change: (rules: Json) => void; disabled: boolean }) => {
  const label = useLabel();
  const caps = isObject(rules['caps']) ? rules['caps'] : {};
  return (
    <div className="row wrap" style={{ gap: 16 }}>
      {CAPS.map((cap) => (
        <Field key={cap} label={label('cap', cap)} id={`cap-${cap}`}>
          <InputNumber id={`cap-${cap}`} size="small" min={0} disabled={disabled} value={number(caps[cap])} onChange={(v) => change({ ...rules, caps: { ...caps, [cap]: v ?? 0 } })} style={{ width: 110 }} />
        </Field>
      ))}
    </div>
  );
};

const Applied = ({ progress }: { progress: NonNullable<IdentityRules['progress']> }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const values = { version: progress.version, done: format.number(progress.done), total: format.number(progress.total), moved: format.number(progress.moved) };
  return <Alert type={progress.finished ? 'success' : 'info'} showIcon title={t(progress.finished ? 'id_rules.progress_done' : 'id_rules.progress', values)} />;
};

const Editor = ({ saved }: { saved: IdentityRules }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const { message } = App.useApp();
  const { can } = useSession();
  const begin = useSimulationBegin();
  const stop = useSimulationStop();
  const simulation = useSimulation(begin.data?.id);
  // Until the first look at it, it is as it was begun.
  const at = begin.data && (simulation.data ?? begin.data);
  const moving = isMoving(at?.state) && !simulation.error;
  const put = useRulesPut();
  const [rules, setRules] = useState<Json>(saved.rules as Json);
  const [view, setView] = useState<'form' | 'json'>('form');
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const jsonRead = useJsonRead();
  const [note, setNote] = useState('');
  const write = can('admin');
  const changed = JSON.stringify(rules) !== JSON.stringify(saved.rules);
  const change = (next: Json) => {
    setRules(next);
    if (at && moving) stop.mutate({ params: { path: { id: at.id } } });
    begin.reset();
  };
  const type = (value: string) => {
    setText(value);
    const read = jsonRead(value, isObject, t('plan.not_object'));
    if (read.value) change(read.value);
    setWrong(read.wrong);
  };
  const apply = () => put.mutate({ body: { rules, note } }, { onSuccess: ({ job_id }) => void message.success(t('id_rules.applying', { job: job_id })) });
  const show = (next: 'form' | 'json') => {
    if (next === 'json') setText(json(rules));
    setView(next);
  };
  return (
    <div className="stack">
      <Panel flush title={t('rules.title', { version: saved.version })} tools={<Segmented size="small" value={view} onChange={show} options={[{ value: 'form', label: t('plan.as_form') }, { value: 'json', label: 'JSON' }]} />}>
        {view === 'form' ? (
          <>
            <Namespaces rules={rules} change={change} disabled={!write} />
            <div style={{ padding: 16 }}><Caps rules={rules} change={change} disabled={!write} /></div>
          </>
        ) : (
          <div style={{ padding: '4px 16px 16px' }}>
            <Input.TextArea className="mono" spellCheck={false} autoSize={{ minRows: 16, maxRows: 34 }} value={text} onChange={(e) => type(e.target.value)} disabled={!write} aria-label={t('identity.tab_rules')} status={wrong ? 'error' : undefined} />
            {wrong && <Alert type="error" showIcon title={wrong} style={{ marginTop: 8 }} />}
          </div>
        )}
      </Panel>
      {write && (
        <div className="row wrap">
          <Button type={at?.result ? 'default' : 'primary'} disabled={!changed || wrong !== null} loading={begin.isPending || moving} onClick={() => begin.mutate({ body: { rules } })}>{t('id_rules.simulate')}</Button>
          {changed && <Button onClick={() => change(saved.rules as Json)}>{t('action.discard')}</Button>}
          <span className="muted small">{changed ? t('id_rules.simulate_first') : t('id_rules.unchanged')}</span>
        </div>
      )}
      {(begin.error ?? simulation.error) && <ProblemNote error={begin.error ?? simulation.error} />}
      {at && !simulation.error && <Simulation at={at} />}
      {at?.result && (
        <Panel>
          <div className="row wrap" style={{ alignItems: 'flex-end' }}>
            <div className="grow" style={{ maxWidth: 420 }}><Field label={t('id_rules.note')} id="rules-note"><Input id="rules-note" value={note} onChange={(e) => setNote(e.target.value)} /></Field></div>
            <Button type="primary" danger disabled={note.trim() === ''} loading={put.isPending} onClick={apply}>{t('id_rules.apply')}</Button>
          </div>
        </Panel>
      )}
      {saved.progress && <Applied progress={saved.progress} />}
      <Panel title={t('id_rules.history')}>
        <ol className="stack tight">
          {saved.history.map((h) => (
            <li key={h.version} className="small"><b>v{h.version}</b> {h.note} <span className="muted">· {h.actor} · {format.dateTime(h.at)}</span></li>
          ))}
        </ol>
      </Panel>
    </div>
  );
};

export const Rules = () => {
  const rules = useRules();
  return <Loaded query={rules} rows={10}>{(data) => <Editor key={data.version} saved={data} />}</Loaded>;
};
