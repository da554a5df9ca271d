// The rule table: how a visit becomes a channel, a campaign and a touchpoint. The first rule that holds decides.
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import { Alert, Button, Popconfirm, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOf } from '@/api/client';
import type { TouchRule } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { ChannelName, useChannels } from '@/parts/channel';
import { Panel } from '@/parts/page';
import { Loaded } from '@/parts/states';
import { useTouchRules, useTouchRulesPut, useUnclassified } from '../queries';
import { RuleEditor } from './rule-editor';
import { RuleTest } from './rule-test';

const When = ({ rule }: { rule: TouchRule }) => {
  const { t } = useTranslation();
  const label = useLabel();
  if (rule.when.length === 0) return <span className="muted">{t('rules.always')}</span>;
  return (
    <span className="cond">
      {rule.when.map((c, i) => (
        <span key={i}>
          <span className="muted">{i > 0 ? `${t('rules.and')} ` : ''}{label('touch_field', c.field)} {label('touch_op', c.op)} </span>
          <span className="mono">{(c.values ?? []).join(', ')}</span>
        </span>
      ))}
      {rule.note && <span className="muted small">— {rule.note}</span>}
    </span>
  );
};

const Then = ({ rule }: { rule: TouchRule }) => {
  const { t } = useTranslation();
  const channels = useChannels();
  if (rule.then.ignore) return <span className="chip">{t('rules.ignore')}</span>;
  const rest = [rule.then.campaign, rule.then.touchpoint].filter(Boolean).join(' › ');
  return (
    <span className="cond">
      <ChannelName channel={rule.then.channel ?? ''} channels={channels} />
      {rest && <span className="mono muted">{rest}</span>}
    </span>
  );
};

const blank = (when: TouchRule['when'] = []): TouchRule => ({ id: `rule-${Date.now().toString(36)}`, enabled: true, when, then: {} });

const Unclassified = ({ take }: { take: (rule: TouchRule) => void }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useUnclassified();
  const fields = (signature: Record<string, unknown>) => Object.entries(signature).filter(([, v]) => typeof v === 'string' && v !== '') as [TouchRule['when'][number]['field'], string][];
  return (
    <Panel title={t('rules.unclassified')} flush>
      <Loaded query={list} rows={3} empty={(rows) => (rows.length === 0 ? <p className="row muted" style={{ padding: '0 16px 16px' }}><i className="dot good" /> {t('rules.all_classified')}</p> : null)}>
        {(rows) => (
          <ul className="rows">
            {rows.map((row, i) => (
              <li key={i} className="row wrap" style={{ padding: '8px 16px' }}>
                <span className="grow mono ellipsis">{fields(row.signature).map(([k, v]) => `${k}=${v}`).join('  ')}</span>
                <span className="muted small nowrap">{t('overview.events', { count: row.events, n: format.number(row.events) })} · <Ago at={row.last_at} /></span>
                <Button size="small" onClick={() => take(blank(fields(row.signature).map(([field, value]) => ({ field, op: 'equals', values: [value] }))))}>{t('rules.make')}</Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
};

const Table = ({ saved, version }: { saved: TouchRule[]; version: number }) => {
  const { t } = useTranslation();
  const { can } = useSession();
  const put = useTouchRulesPut();
  const [rules, setRules] = useState(saved);
  const [editing, setEditing] = useState<TouchRule | null>(null);
  const changed = JSON.stringify(rules) !== JSON.stringify(saved);
  const write = can('write');
  const move = (at: number, by: number) => {
    const next = [...rules];
    const [taken] = next.splice(at, 1);
    if (taken) next.splice(at + by, 0, taken);
    setRules(next);
  };
  const keep = (rule: TouchRule) => {
    setRules(rules.some((r) => r.id === rule.id) ? rules.map((r) => (r.id === rule.id ? rule : r)) : [rule, ...rules]);
    setEditing(null);
  };
  return (
    <div className="stack">
      <Panel
        flush
        title={t('rules.title', { version })}
        tools={
          write && (
            <>
              {changed && <Button size="small" onClick={() => setRules(saved)}>{t('action.discard')}</Button>}
              <Button size="small" type="primary" disabled={!changed} loading={put.isPending} onClick={() => put.mutate({ body: { rules } })}>{t('rules.save')}</Button>
              <Button size="small" icon={<PlusOutlined />} onClick={() => setEditing(blank())}>{t('rules.add')}</Button>
            </>
          )
        }
      >
        {put.error && <Alert type="error" banner title={problemOf(put.error).detail} />}
        <ol className="rows">
          {rules.map((rule, i) => (
            <li key={rule.id} className={`rule-row ${rule.enabled === false ? 'off' : ''}`}>
              <span className="muted num">{i + 1}</span>
              <Switch size="small" checked={rule.enabled !== false} disabled={!write} aria-label={t('rules.enabled', { id: rule.id })} onChange={(enabled) => setRules(rules.map((r) => (r.id === rule.id ? { ...r, enabled } : r)))} />
              <When rule={rule} />
              <span className="muted" aria-hidden="true">→</span>
              <Then rule={rule} />
              {write && (
                <span className="row" style={{ gap: 0 }}>
                  <Button size="small" type="text" icon={<ArrowUpOutlined />} disabled={i === 0} onClick={() => move(i, -1)} aria-label={t('rules.up', { id: rule.id })} />
                  <Button size="small" type="text" icon={<ArrowDownOutlined />} disabled={i === rules.length - 1} onClick={() => move(i, 1)} aria-label={t('rules.down', { id: rule.id })} />
                  <Button size="small" type="text" icon={<EditOutlined />} onClick={() => setEditing(rule)} aria-label={t('rules.edit', { id: rule.id })} />
                  <Popconfirm title={t('rules.remove')} onConfirm={() => setRules(rules.filter((r) => r.id !== rule.id))}>
                    <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('rules.remove_named', { id: rule.id })} />
                  </Popconfirm>
                </span>
              )}
            </li>
          ))}
        </ol>
      </Panel>
      <RuleTest rules={rules} />
      <Unclassified take={setEditing} />
      {editing && <RuleEditor rule={editing} keep={keep} hide={() => setEditing(null)} />}
    </div>
  );
};

export const Rules = () => {
  const rules = useTouchRules();
  return <Loaded query={rules} rows={10}>{(data) => <Table key={data.version} saved={data.rules} version={data.version} />}</Loaded>;
};
