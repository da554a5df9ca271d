import { Alert, App, AutoComplete, Button, Input, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import type { Import, ImportGuess } from '@/api/types';
import { useFormat } from '@/i18n/format';
import { Panel } from '@/parts/page';
import { Original } from '@/parts/said';
import { useMappings } from '@/pages/imports/queries';
import { ProblemNote } from '@/parts/problem';
import { columnsRead, columnsWrite } from '../mapping';
import { useDryRun, useStart } from '../queries';
import { DryRunView } from './dry-run';

const SPEND_TARGETS = ['date', 'channel', 'campaign', 'impressions', 'clicks', 'cost', 'currency'];
const TARGETS = ['timestamp', 'event', 'type', 'message_id', 'user_id', 'anonymous_id', 'traits.phone', 'traits.email', 'identifiers.member_no', 'identifiers.unionid', 'identifiers.openid', 'traits.name', 'traits.gender', 'traits.birthday', 'traits.city', 'properties.order_id', 'properties.revenue', 'properties.currency', 'products.sku', 'products.name', 'products.price', 'products.quantity', 'properties.coupon', 'properties.store_id', 'context.campaign.source', 'context.page.url'];

const Rows = ({ guess, text, change }: { guess: ImportGuess; text: string; change: (text: string) => void }) => {
  const { t } = useTranslation();
  const { columns, kind, error } = columnsRead(text);
  const targets = kind === 'ad_spend' ? SPEND_TARGETS : TARGETS;
  if (error) return <Alert type="error" showIcon title={t('mapping.broken')} description={<Original text={error} />} style={{ margin: 16 }} />;
  if (!columns) return <Alert type="info" showIcon title={t('mapping.text_only')} style={{ margin: 16 }} />;
  const set = (name: string, target: string) => {
    const next = { ...columns };
    if (target.trim() === '') delete next[name];
    else next[name] = target.trim();
    change(columnsWrite(text, next));
  };
  return (
    <div className="rows">
      {guess.columns.map((column) => (
        <div key={column.name} className="map-row">
          <strong className="ellipsis" title={column.name}>{column.name}</strong>
          <span className="sample mono">{column.sample.filter(Boolean).join(' · ') || '—'}</span>
          <span className="muted" aria-hidden="true">→</span>
          <AutoComplete allowClear className="mono" value={columns[column.name] ?? ''} options={targets.map((value) => ({ value }))} showSearch={{ filterOption: (q, o) => String(o?.value ?? '').includes(q) }} onChange={(v: string | undefined) => set(column.name, v ?? '')} placeholder={t('mapping.left_out')} aria-label={t('mapping.target', { column: column.name })} />
        </div>
      ))}
    </div>
  );
};

export const Editor = ({ row, guess }: { row: Import; guess: ImportGuess }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const { message } = App.useApp();
  const [text, setText] = useState(guess.toml);
  const [view, setView] = useState<'table' | 'text'>('table');
  const [source, setSource] = useState<string | null>(row.source_id ?? null);
  const sources = $api.useQuery('get', '/api/sources');
  const shipped = useMappings();
  const dry = useDryRun();
  const start = useStart();
  const at = { params: { path: { id: row.id } } };
  const change = (next: string) => {
    setText(next);
    dry.reset();
  };
  const broken = columnsRead(text).error !== null;
  const go = () => start.mutate({ ...at, body: { mapping: text, source_id: source } }, { onSuccess: () => void message.success(t('import.started')) });
  return (
    <div className="stack">
      <Panel
        flush
        title={t('mapping.title')}
        tools={
          <>
            <span className="muted small">{[guess.encoding, guess.delimiter && t('mapping.delimiter', { d: guess.delimiter === '\t' ? 'Tab' : guess.delimiter }), t('mapping.columns', { count: guess.columns.length, n: format.number(guess.columns.length) })].filter(Boolean).join(' · ')}</span>
            <Select size="small" placeholder={t('mapping.shipped')} aria-label={t('mapping.shipped')} value={null} options={[{ value: '', label: t('mapping.guessed') }, ...(shipped.data ?? []).map((m) => ({ value: m.name, label: m.name }))]} onChange={(name: string | null) => change(shipped.data?.find((m) => m.name === name)?.toml ?? guess.toml)} style={{ width: 160 }} popupMatchSelectWidth={false} />
            <Segmented size="small" value={view} onChange={setView} options={[{ value: 'table', label: t('credit.as_table') }, { value: 'text', label: 'TOML' }]} />
          </>
        }
      >
        {view === 'table' ? (
          <Rows guess={guess} text={text} change={change} />
        ) : (
          <div style={{ padding: '4px 16px 16px' }}>
            <Input.TextArea className="mono" spellCheck={false} autoSize={{ minRows: 14, maxRows: 32 }} value={text} onChange={(e) => change(e.target.value)} aria-label={t('mapping.title')} status={broken ? 'error' : undefined} />
          </div>
        )}
      </Panel>
      <div className="row wrap">
        <Button onClick={() => dry.mutate({ ...at, body: { mapping: text } })} loading={dry.isPending} disabled={broken}>{t('import.dry_run')}</Button>
        <span className="push" />
        <Select allowClear showSearch={{ optionFilterProp: 'label' }} value={source ?? undefined} placeholder={t('import.source')} aria-label={t('import.source')} onChange={(v?: string) => setSource(v ?? null)} options={(sources.data?.items ?? []).map((s) => ({ value: s.id, label: s.name }))} style={{ width: 200 }} />
        <Button type="primary" onClick={go} loading={start.isPending} disabled={broken}>{t('import.start')}</Button>
      </div>
      {dry.error && <ProblemNote error={dry.error} />}
      {dry.data && <DryRunView data={dry.data} />}
    </div>
  );
};
