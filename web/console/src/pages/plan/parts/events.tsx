import { PlusOutlined } from '@ant-design/icons';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Plan, PlanEvent } from '@/api/types';
import { useSession } from '@/app/session';
import { useFormat } from '@/i18n/format';
import { useEventName } from '@/parts/event';
import { Panel } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { usePlan } from '../queries';
import { Schema } from './schema';

const Unplanned = ({ rows, plan }: { rows: Plan['unplanned']; plan: (name: string) => void }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  if (rows.length === 0) return null;
  return (
    <Panel title={t('plan.unplanned')} flush>
      <ul className="rows">
        {rows.map((row) => (
          <li key={row.name} className="row wrap" style={{ padding: '9px 16px', gap: '4px 12px' }}>
            <span className="grow" style={{ flexBasis: 200 }}>
              <strong>{row.name}</strong> <span className="muted small">{row.sources.join(', ')}</span>
              {row.suggestion && (
                <span className="small" style={{ display: 'block' }}>
                  {t('plan.meant')} <b>{row.suggestion}</b>
                </span>
              )}
            </span>
            <span className="num muted small">{t('overview.events', { count: row.count, n: format.number(row.count) })}</span>
            {row.suggestion && <Link to="/plan" search={{ tab: 'quarantine', name: row.name }}>{t('plan.rename_fix')}</Link>}
            {can('write') && <Button size="small" onClick={() => plan(row.name)}>{t('plan.add_to_plan')}</Button>}
          </li>
        ))}
      </ul>
    </Panel>
  );
};

const fresh = (name: string): PlanEvent => ({ name, builtin: false, schema: { type: 'object', properties: {}, required: [] }, description: '', updated_at: null, seen_30d: 0 });

const Browser = ({ plan }: { plan: Plan }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const eventName = useEventName();
  const { can } = useSession();
  const { event: chosen } = useSearch({ from: '/shell/plan' });
  const navigate = useNavigate({ from: '/plan' });
  const [filter, setFilter] = useState('');
  const [draft, setDraft] = useState<PlanEvent | null>(null);
  const choose = (name: string) => {
    setDraft(null);
    void navigate({ search: (old) => ({ ...old, event: name }), replace: true });
  };
  const shown = plan.events.filter((e) => `${e.name} ${eventName('track', e.name)}`.toLowerCase().includes(filter.toLowerCase()));
  const open = draft ?? plan.events.find((e) => e.name === chosen) ?? null;
  return (
    <div className="stack">
      <Unplanned rows={plan.unplanned} plan={(name) => setDraft(fresh(name))} />
      <div className="two-pane">
        <Panel title={t('plan.events', { version: plan.version })} flush tools={can('write') && <Button size="small" icon={<PlusOutlined />} onClick={() => setDraft(fresh(''))}>{t('action.new')}</Button>}>
          <div style={{ padding: '0 16px 8px' }}>
            <Input size="small" allowClear placeholder={t('plan.filter')} aria-label={t('plan.filter')} value={filter} onChange={(e) => setFilter(e.target.value)} />
          </div>
          <div className="rows" style={{ maxHeight: 620, overflowY: 'auto' }}>
            {shown.map((e) => (
              <button key={e.name} type="button" className="list-btn" aria-current={open?.name === e.name ? 'true' : undefined} onClick={() => choose(e.name)}>
                <span className="grow">
                  <span className="ellipsis" style={{ display: 'block' }}>{e.name}</span>
                  <span className="muted small">{eventName('track', e.name) !== e.name && `${eventName('track', e.name)} · `}{e.builtin ? t('plan.builtin') : t('plan.own')}</span>
                </span>
                <span className="num muted small" title={t('plan.seen_30d')}>{format.short(e.seen_30d)}</span>
              </button>
            ))}
          </div>
        </Panel>
        {open ? <Schema key={open.name || 'new'} event={open} isNew={draft !== null} saved={choose} /> : <section className="card"><Empty title={t('plan.choose')} text={t('plan.choose_text')} /></section>}
      </div>
    </div>
  );
};

export const Events = () => {
  const plan = usePlan();
  return <Loaded query={plan} rows={10}>{(data) => <Browser plan={data} />}</Loaded>;
};
