// The rule table: how a visit becomes a channel, a campaign and a touchpoint. The first rule that holds decides.
import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TouchRule } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { stopFocus } from '@/parts/roving';
import { Loaded } from '@/parts/states';
import { useTouchRules, useTouchRulesPut, useUnclassified } from '../queries';
import { RuleEditor } from './rule-editor';
import { RuleRow, type RuleDo } from './rule-row';
import { RuleTest } from './rule-test';

const blank = (when: TouchRule['when'] = []): TouchRule => ({ id: `rule-${Date.now().toString(36)}`, enabled: true, when, then: {} });

const Unclassified = ({ take }: { take: (rule: TouchRule) => void }) => {
  const { t } = useTranslation();
  const label = useLabel();
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
                <span className="grow mono ellipsis">{fields(row.signature).map(([k, v]) => `${label('touch_field', k)}=${v}`).join('  ')}</span>
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
  const list = useRef<HTMLOListElement>(null);
  const [moved, setMoved] = useState<{ id: string; by: -1 | 1 } | null>(null);
  // The focus goes along with a rule that is moved, so that it can be moved on.
  useEffect(() => {
    if (moved) stopFocus(list.current?.querySelector(`[data-rule="${CSS.escape(moved.id)}"]`), moved.by < 0 ? 'up' : 'down');
  }, [moved]);
  const move = (at: number, by: -1 | 1) => {
    const next = [...rules];
    const [taken] = next.splice(at, 1);
    if (!taken) return;
    next.splice(at + by, 0, taken);
    setRules(next);
    setMoved({ id: taken.id, by });
  };
  const acts = (rule: TouchRule, at: number): RuleDo => ({
    enable: (enabled) => setRules(rules.map((r) => (r.id === rule.id ? { ...r, enabled } : r))),
    move: (by) => move(at, by),
    edit: () => setEditing(rule),
    remove: () => setRules(rules.filter((r) => r.id !== rule.id)),
  });
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
        {put.error && <ProblemNote error={put.error} banner />}
        <p id="rules-keys" className="sr">{t('rules.keys')}</p>
        <ol className="rows" ref={list}>
          {rules.map((rule, i) => (
            <RuleRow key={rule.id} rule={rule} n={i + 1} last={i === rules.length - 1} write={write} act={acts(rule, i)} />
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
